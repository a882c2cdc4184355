package tap

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// primaryTap sits on the mirroring service: it names the exchange and records the answer that the client gets.
type primaryTap struct {
	next http.Handler
	legs *sync.Pool
	// draws says that not every request is kept, or that some also go to the control.
	draws  bool
	target []string
}

func newPrimaryTap(next http.Handler, s *settings) *primaryTap {
	t := &primaryTap{next: next, draws: s.keepPpm < million || s.controlPpm > 0, target: s.shadowTarget}
	t.legs = &sync.Pool{New: func() interface{} { return newPrimaryLeg(s, t.legs) }}
	return t
}

func newPrimaryLeg(s *settings, legs *sync.Pool) *leg {
	l := newLeg(s, legs)
	l.leave = func() { leavePrimary(l) }
	l.writer = &primaryWriter{headerHolder: headerHolder{l.recorder}, leg: l}
	return l
}

var (
	yes = []string{"true"}
	one = []string{"1"}
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
	if t.draws && !keeps(l, header) {
		passUnkept(t, l, rw, req)
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
	l.id = id
	l.start = start
	*l.view = *req
	l.inner = rw
	answerHeader := rw.Header()
	l.recorder.HeaderMap = answerHeader
	if len(answerHeader) > 0 {
		l.before = answerHeader.Clone()
		l.isSimple = false
	}
	defer l.leave()
	t.next.ServeHTTP(l.writer, req)
	l.completed = true
	if l.isDelicate || l.status == 0 || !l.clean[req.RequestURI] || header["X-Forwarded-Prefix"] != nil || req.Context().Err() != nil {
		describe(l, req)
	}
	finish(l)
	l.finished = true
}

// isUpgrade looks at headers that are new to a leg, or that only we may set: those are taken away. True is for a
// request that asks for another protocol.
func isUpgrade(l *leg, req *http.Request) bool {
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
	l.start = time.Now().UTC()
	l.count++
	millis := l.start.UnixMilli()
	l.id = fmt.Sprintf("%08x-%04x-7%03x%s", millis>>16, millis&0xffff, l.count&0xfff, l.tail)
	*l.view = *req
	l.status = http.StatusSwitchingProtocols
	describe(l, req)
	l.expects = []string{}
	l.firstMicros = 0
	l.totalMicros = 0
	skip(l, skippedUpgrade)
	l.legs.Put(l)
	t.next.ServeHTTP(rw, req)
}

// keeps draws by lot whether a request is kept, and whether it also goes to the control.
func keeps(l *leg, header http.Header) bool {
	s := l.settings
	if s.keepPpm < million && rand.IntN(million) >= s.keepPpm {
		return false
	}
	l.expects = s.expects
	if s.controlPpm > 0 && rand.IntN(million) < s.controlPpm {
		l.expects = s.expectsControl
		header["X-Understudy-Control"] = one
	}
	return true
}

// passUnkept serves a request without an id: the mirrors' taps then know that it is not meant.
func passUnkept(t *primaryTap, l *leg, rw http.ResponseWriter, req *http.Request) {
	l.legs.Put(l)
	t.next.ServeHTTP(rw, req)
}

// describe corrects what the record says about the request where it is not as simple as most are.
func describe(l *leg, req *http.Request) {
	header := req.Header
	if !l.clean[req.RequestURI] || header["X-Forwarded-Prefix"] != nil {
		cleanAddress(l)
	}
	if len(header) > mostHeaders {
		l.view.Header = cleaned(l, header)
	} else {
		for _, name := range l.delicate {
			if header[name] != nil {
				// In a copy: the mirrors get the headers as they are.
				l.view.Header = cleaned(l, header.Clone())
				break
			}
		}
	}
	if req.Context().Err() != nil {
		l.record.ClientEnded = true
		l.isOdd = true
	}
	if l.status == 0 {
		// A handler that came back without a word: the server then says 200.
		l.status = http.StatusOK
		l.headers = cleaned(l, l.recorder.HeaderMap.Clone())
	}
}

// leavePrimary runs whatever happened. Only a leg whose request came to its end may serve another one.
func leavePrimary(l *leg) {
	if l.finished {
		l.finished = false
		l.legs.Put(l)
		return
	}
	if l.completed {
		complain(fmt.Sprint("an exchange could not be recorded: ", recover()))
		return
	}
	abandonPrimary(l)
}

// abandonPrimary records an exchange whose answer broke off. The panic goes on to Traefik, which ends the client's
// connection as it would without us.
func abandonPrimary(l *leg) {
	reason := skippedAborted
	if l.status == 0 {
		reason = skippedPanic
		l.status = http.StatusOK
	}
	l.totalMicros = int64(time.Since(l.start)) / 1000
	describe(l, l.view)
	skip(l, reason)
}
