package tap

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// primaryTap sits on the mirroring service: it names the exchange and records the answer that the client gets.
type primaryTap struct {
	next   http.Handler
	legs   *sync.Pool
	target []string
}

func newPrimaryTap(next http.Handler, s *settings) http.Handler {
	t := onePrimaryTap(next, s, s.expects, false)
	if s.keepPpm == million && s.controlPpm == 0 && !s.isSticky && s.graphQLBytes == 0 {
		return t
	}
	return newDrawingTap(t, s)
}

func onePrimaryTap(next http.Handler, s *settings, expects []string, isControlled bool) *primaryTap {
	t := &primaryTap{next: next, target: s.shadowTarget}
	t.legs = &sync.Pool{New: func() interface{} { return newPrimaryLeg(t, s, expects, isControlled) }}
	return t
}

func newPrimaryLeg(t *primaryTap, s *settings, expects []string, isControlled bool) *leg {
	l := newLeg(s, t.legs)
	l.expects = expects
	l.pairs = len(expects)
	l.isControlled = isControlled
	if !s.keepsBodies.Load() {
		l.bodiless = safeMethods
	}
	forgetNames(l)
	l.late = time.AfterFunc(time.Hour, func() { flushLate(l) })
	l.late.Stop()
	l.writer = &primaryWriter{headerHolder: headerHolder{l.recorder}, leg: l}
	return l
}

var (
	yes = []string{"true"}
	one = []string{"1"}
	// safeMethods are those of requests that may be passed on once more.
	safeMethods map[string]bool = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true}
	// nowhere refuses every byte: writing a header to it without the familiar names tells whether there are others.
	nowhere = closedPipe()
	// isAbroad says that local time is not UTC.
	isAbroad bool = time.Now().Format("Z07:00") != "Z"
)

func closedPipe() *io.PipeWriter {
	reader, writer := io.Pipe()
	reader.CloseWithError(errors.New("unfamiliar"))
	return writer
}

// ServeHTTP passes a request on. What every request goes through stands here in one piece: see doc.go.
func (t *primaryTap) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	l := t.legs.Get().(*leg)
	header := req.Header
	if header.WriteSubset(nowhere, l.familiar) != nil && isUpgrade(l, req) {
		passUpgrade(t, l, rw, req)
		return
	}
	start := time.Now()
	if isAbroad {
		start = start.UTC()
	}
	millis := start.UnixMilli()
	l.count++
	id := fmt.Sprintf("%08x-%04x-7%03x%s", millis>>16, millis&0xffff, l.count&0xfff, l.tail)
	ids := []string{id}
	header["X-Understudy-Id"] = ids
	if header["X-Request-Id"] == nil {
		header["X-Request-Id"] = ids
	}
	header["X-Shadowing-Enabled"] = yes
	header["X-Shadow-Target"] = t.target
	answerHeader := rw.Header()
	if len(answerHeader) != l.emptyBefore {
		noteBefore(l, answerHeader)
	}
	l.id = id
	l.start = start
	*l.view = *req
	l.inner = rw
	l.recorder.HeaderMap = answerHeader
	if req.ContentLength == 0 && l.bodiless[req.Method] {
		req.Body = nil
	}
	defer leavePrimary(t, l)
	t.next.ServeHTTP(l.writer, req)
	l.completed = true
	if len(answerHeader) != l.headCount {
		// Something came after the head.
		l.isOdd = true
	}
	if !l.clean[req.RequestURI] || req.Context().Err() != nil {
		describe(l, req)
	}
	finish(l)
	l.finished = true
}

// noteBefore keeps the headers that others set before the primary was asked. Traefik itself sets an empty Content-Type.
func noteBefore(l *leg, header http.Header) {
	for _, values := range header {
		if len(values) > 0 {
			l.before = header.Clone()
			l.least = never
			return
		}
	}
	l.emptyBefore = len(header)
}

// isUpgrade looks at headers that are new to a leg, or that only we may set: those are taken away. True is for a
// request that asks for another protocol, and for a copy that came in again, which keeps its headers.
func isUpgrade(l *leg, req *http.Request) bool {
	if isCopy(l, req) {
		return true
	}
	header := req.Header
	if len(header) > mostHeaders {
		for _, name := range oursAmongMany(header) {
			delete(header, name)
		}
	} else {
		for name := range header {
			if !l.familiar[name] && kindOf(l, name) == ours {
				delete(header, name)
			}
		}
	}
	return header["Upgrade"] != nil
}

// oursAmongMany finds the names by native code: a client may send a hundred thousand headers.
func oursAmongMany(header http.Header) []string {
	var text strings.Builder
	header.Write(&text)
	names := oursPattern.FindAllString(text.String(), -1)
	for i := 0; i < len(names); i++ {
		names[i] = strings.TrimSuffix(names[i], ":")
	}
	return names
}

// passUpgrade serves a request that speaks another protocol from here on. It gets no id, so no copy of it is recorded,
// and nothing is expected to follow.
func passUpgrade(t *primaryTap, l *leg, rw http.ResponseWriter, req *http.Request) {
	if isCopy(l, req) {
		passCopy(l, t.next, rw, req)
		return
	}
	l.start = time.Now().UTC()
	l.count++
	millis := l.start.UnixMilli()
	l.id = fmt.Sprintf("%08x-%04x-7%03x%s", millis>>16, millis&0xffff, l.count&0xfff, l.tail)
	*l.view = *req
	l.status = http.StatusSwitchingProtocols
	describe(l, req)
	expects, pairs := l.expects, l.pairs
	l.expects = []string{}
	l.pairs = 0
	l.firstMicros = 0
	l.totalMicros = 0
	skip(l, skippedUpgrade)
	l.expects = expects
	l.pairs = pairs
	l.legs.Put(l)
	t.next.ServeHTTP(rw, req)
}

// describe corrects what the record says about the request where it is not as simple as most are.
func describe(l *leg, req *http.Request) {
	header := req.Header
	if !l.clean[req.RequestURI] {
		cleanAddress(l)
	}
	if len(header) > mostHeaders {
		l.view.Header = cleaned(l, header, false)
	} else {
		for _, name := range l.delicate {
			if header[name] != nil {
				// In a copy: the mirrors get the headers as they are.
				l.view.Header = cleaned(l, header.Clone(), false)
				break
			}
		}
	}
	if req.Context().Err() != nil {
		l.record.ClientEnded = true
		l.isOdd = true
	}
}

// leavePrimary runs whatever happened. Only a leg whose request came to its end may serve another one.
func leavePrimary(t *primaryTap, l *leg) {
	if l.finished {
		l.finished = false
		l.legs.Put(l)
		return
	}
	if needsRecovery(l) {
		afterRecovery(t, l, recover())
	}
}
