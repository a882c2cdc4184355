package tap

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// finish makes what was kept the record's answer, and queues the record.
func finish(l *leg) {
	body := l.small[:l.tee.Buffered()]
	l.totalMicros = int64(time.Since(l.start)) / 1000
	if l.isOdd || len(body) == 0 || !utf8.Valid(body) {
		finishOddly(l)
		return
	}
	l.text = string(body)
	l.bodyBytes = len(body)
	l.mac.Write(body)
	l.bodyHash = hex.EncodeToString(l.mac.Sum(nil))
	l.mac.Reset()
	l.tee.Reset(l.sink)
	q := l.queue
	q.mu.Lock()
	if q.lines.Len() < q.limit || makeRoom(q, l) {
		q.json.Encode(l.record)
	}
	l.totals.Open += l.pairs
	q.mu.Unlock()
	l.status = 0
	l.least = leastFinal
	l.completed = false
}

// finishOddly is for bodies that are empty, long, binary or cut, and for legs that have to be reset.
func finishOddly(l *leg) {
	if l.status == 0 {
		implicitHead(l)
	}
	if l.rest > 0 {
		stopLate(l)
	}
	if l.inner != nil {
		takeLate(l)
	}
	body := l.small[:l.tee.Buffered()]
	if l.isLong || len(body) > l.settings.captureBytes {
		l.tee.Flush()
		body = l.body.Bytes()
	}
	if !l.isOver {
		l.bodyBytes = len(body)
		l.mac.Write(body)
	}
	l.bodyHash = ""
	if l.bodyBytes > 0 {
		l.bodyHash = hex.EncodeToString(l.mac.Sum(nil))
	}
	if utf8.Valid(body) {
		l.text = string(body)
	} else {
		l.text = base64.StdEncoding.EncodeToString(body)
		l.answer.BodyEncoding = "base64"
	}
	l.answer.Truncated = l.isOver
	enqueue(l)
	reset(l)
}

// skip queues a record that says why it has no answer.
func skip(l *leg, reason string) {
	l.record.Response = nil
	l.record.Skipped = reason
	enqueue(l)
	reset(l)
}

// enqueue writes the record aside, where it may be long, and puts it at the end of the open batch.
func enqueue(l *leg) {
	line := &bytes.Buffer{}
	encoder := json.NewEncoder(line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l.record); err != nil {
		complain("a record cannot be written: " + err.Error())
		return
	}
	q := l.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if line.Len() > mostLineBytes {
		dropOne(q, l, "too-large")
	} else if q.lines.Len()+line.Len() < q.limit || makeRoom(q, l) {
		line.WriteTo(q.lines)
	}
	l.totals.Open += l.pairs
}

// cleaned hides the secrets in a header that is ours to change, and takes out what came after the body. An answer's
// trailers have a place of their own in the record, a request's have none.
func cleaned(l *leg, header http.Header, isAnswer bool) http.Header {
	if len(header) > mostHeaders {
		return http.Header{"X-Understudy-Omitted": []string{strconv.Itoa(len(header)) + " headers"}}
	}
	if header["Trailer"] != nil {
		takeAnnounced(l, header, isAnswer)
	}
	for name := range header {
		switch kind := kindOf(l, name); kind {
		case secret, address, ours:
			hideIn(l.settings.redactor, header, name, kind)
		case trailer:
			takeTrailer(l, header, name, isAnswer)
		}
	}
	return header
}

// cleanAddress puts back what Traefik stripped from the address, and hides the secrets in what is recorded. It gives
// the address with them.
func cleanAddress(l *leg) string {
	raw := l.view.RequestURI
	original := strings.Join(l.view.Header["X-Forwarded-Prefix"], "") + raw
	uri := withoutSecrets(l.settings.redactor, original)
	if uri == raw && len(raw) <= longestCached && len(l.delicate) == 0 {
		if len(l.clean) >= mostClean {
			l.clean = map[string]bool{}
		}
		l.clean[raw] = true
	}
	l.view.RequestURI = uri
	return original
}
