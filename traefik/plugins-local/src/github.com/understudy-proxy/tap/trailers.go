package tap

import (
	"net/http"
	"net/textproto"
	"strings"
)

// Trailers stand among an answer's headers once it is over: under their own names where a Trailer header announced
// them, else under names that begin with http.TrailerPrefix. All of this runs for answers that have some.

// takeLate takes what was added to the primary's answer after its head. The client's header itself stays as it is.
func takeLate(l *leg) {
	header := l.recorder.HeaderMap
	if header["Trailer"] != nil || len(header) != l.headCount {
		cleaned(l, withoutBefore(header.Clone(), l.before), true)
	}
}

// takeAnnounced takes the trailers that a header's Trailer names, as far as they have come.
func takeAnnounced(l *leg, header http.Header, isAnswer bool) {
	l.isOdd = l.isOdd || isAnswer
	for _, name := range strings.SplitN(strings.Join(header["Trailer"], ","), ",", mostHeaders) {
		name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		if header[name] != nil && name != "Trailer" {
			takeTrailer(l, header, name, isAnswer)
		}
	}
}

// takeTrailer moves one of them from the headers to the record's trailers, its secrets hidden as a header's are.
func takeTrailer(l *leg, header http.Header, key string, isAnswer bool) {
	values := header[key]
	delete(header, key)
	if !isAnswer {
		return
	}
	l.isOdd = true
	if l.answer.Trailers == nil {
		l.answer.Trailers = http.Header{}
	}
	name := strings.TrimPrefix(key, http.TrailerPrefix)
	l.answer.Trailers[name] = values
	if kind := kindOf(l, name); kind == secret || kind == address || kind == ours {
		hideIn(l.settings.redactor, l.answer.Trailers, name, kind)
	}
}
