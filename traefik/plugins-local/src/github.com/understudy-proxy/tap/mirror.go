package tap

import (
	"bufio"
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// mirrorTap sits before a shadow or the control: it records an answer that nobody else reads.
type mirrorTap struct {
	next         http.Handler
	legs         *sync.Pool
	guard        *guard
	inFlight     *atomic.Int64
	mostInFlight int64
	timeout      time.Duration
	hop          []string
}

// mostRemotes is how many clients' addresses a leg remembers.
const mostRemotes = 100

func newMirrorTap(next http.Handler, s *settings) http.Handler {
	rate, most, breakAt := boundsOf(s.guard)
	t := &mirrorTap{
		next:         next,
		guard:        s.guard,
		inFlight:     s.guard.inFlight,
		mostInFlight: most,
		timeout:      s.timeout,
		hop:          s.hop,
	}
	t.legs = &sync.Pool{New: func() interface{} { return newMirrorLeg(s, t.legs) }}
	choosy := &choosyTap{
		mirror: t, isControl: s.side == "control", hasRate: rate > 0, hasBreaker: breakAt > 0,
		pausedUntil: s.guard.pausedUntil,
	}
	if s.credentialsFile != "" {
		choosy.credentials = &credentials{file: s.credentialsFile}
	}
	if choosy.isControl || choosy.hasRate || choosy.hasBreaker || choosy.credentials != nil {
		return choosy
	}
	return t
}

func newMirrorLeg(s *settings, legs *sync.Pool) *leg {
	l := newLeg(s, legs)
	l.record.Request.Headers = &noHeaders
	l.answer.Headers = &l.recorder.HeaderMap
	l.leave = func() { leaveMirror(l) }
	l.writer = &mirrorWriter{Writer: l.tee, headerHolder: headerHolder{l.recorder}, leg: l}
	return l
}

var (
	noHeaders  = http.Header{}
	exchangeID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// ServeHTTP sends a copy on, unless the primary's tap did not mark it or the guard says no.
func (t *mirrorTap) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	header := req.Header
	id := header.Get("X-Understudy-Id")
	if !exchangeID.MatchString(id) {
		return
	}
	if t.inFlight.Add(1) > t.mostInFlight {
		t.inFlight.Add(-1)
		shed(t, req, skippedInFlight)
		return
	}
	l := t.legs.Get().(*leg)
	start := time.Now()
	if isAbroad {
		start = start.UTC()
	}
	original := req.RequestURI
	remote := l.remotes[req.RemoteAddr]
	l.id = id
	l.start = start
	*l.view = *req
	if !l.clean[original] || header["X-Forwarded-Prefix"] != nil {
		original = cleanAddress(l)
	}
	if remote == nil {
		remote = noteRemote(l, req)
	}
	delete(header, "X-Shadowing-Enabled")
	delete(header, "X-Shadow-Target")
	delete(header, "X-Understudy-Control")
	header["X-Shadow-Request"] = yes
	header["X-Understudy-Hop"] = t.hop
	header["X-Original-Host"] = []string{req.Host}
	header["X-Original-Uri"] = []string{original}
	header["X-Original-Method"] = []string{req.Method}
	header["X-Original-Remote-Addr"] = remote
	header["X-Original-Forwarded-For"] = l.forwarded[req.RemoteAddr]
	header["X-Original-User-Agent"] = header["User-Agent"]
	if header["X-Forwarded-For"] != nil {
		addForwarded(header)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), t.timeout)
	l.cancel = cancel
	if req.Body == nil {
		req.Body = http.NoBody
	}
	answerHeader := http.Header{}
	l.recorder.HeaderMap = answerHeader
	defer l.leave()
	t.next.ServeHTTP(l.writer, req.WithContext(ctx))
	l.completed = true
	for name := range answerHeader {
		if !l.plain[name] {
			l.recorder.HeaderMap = cleaned(l, answerHeader, true)
			break
		}
	}
	if l.status < 200 || l.status >= 499 {
		failed(l, ctx)
	} else {
		finish(l)
	}
	l.finished = true
}

// noteRemote remembers what the headers say of a client's address.
func noteRemote(l *leg, req *http.Request) []string {
	if len(l.remotes) >= mostRemotes {
		l.remotes = map[string][]string{}
		l.forwarded = map[string][]string{}
	}
	remote := []string{req.RemoteAddr}
	client := req.RemoteAddr
	if at := strings.LastIndex(client, ":"); at > 0 {
		client = strings.Trim(client[:at], "[]")
	}
	l.remotes[req.RemoteAddr] = remote
	l.forwarded[req.RemoteAddr] = []string{client}
	return remote
}

// addForwarded makes X-Original-Forwarded-For what the primary's service gets: Traefik adds the client to what came in.
func addForwarded(header http.Header) {
	all := append(append([]string{}, header["X-Forwarded-For"]...), header["X-Original-Forwarded-For"]...)
	header["X-Original-Forwarded-For"] = []string{strings.Join(all, ", ")}
}

// failed is for answers that may be Traefik's, about a copy whose time was over.
func failed(l *leg, ctx context.Context) {
	if l.status < 200 {
		// A handler that came back without a word: a server would then say 200.
		l.status = http.StatusOK
	}
	if ctx.Err() == nil {
		if l.status == loopStatus && l.recorder.HeaderMap["X-Understudy-Refused"] != nil {
			l.totalMicros = int64(time.Since(l.start)) / 1000
			countFailure(l)
			skip(l, skippedLoop)
			return
		}
		if l.status >= 500 {
			countFailure(l)
		}
		// A handler may answer without a word about its status, which means 200.
		l.isOdd = l.isOdd || l.status == 0
		finish(l)
		return
	}
	l.totalMicros = int64(time.Since(l.start)) / 1000
	countFailure(l)
	skip(l, skippedTimeout)
}

// mirrorWriter keeps a copy's answer. Its Write and Header are native: nobody waits for the answer. Traefik's own
// writer for mirrors forgets headers.
type mirrorWriter struct {
	*bufio.Writer
	headerHolder
	leg *leg
}

// WriteHeader notes the answer's status and when it came. Informational answers are not it.
func (w *mirrorWriter) WriteHeader(status int) {
	l := w.leg
	if l.status < 200 {
		l.status = status
		l.firstMicros = int64(time.Since(l.start)) / 1000
	}
}

// leaveMirror runs whatever happened. Only a leg whose copy came to its end may serve another one.
func leaveMirror(l *leg) {
	l.guard.inFlight.Add(-1)
	l.guard.ended.Add(1)
	l.cancel()
	if l.finished {
		l.finished = false
		l.legs.Put(l)
	} else if !l.completed {
		abandonMirror(l)
	}
}

// abandonMirror records a copy whose answer broke off.
func abandonMirror(l *leg) {
	reason := skippedAborted
	if l.status == 0 {
		reason = skippedPanic
	}
	if time.Since(l.start) >= l.settings.timeout {
		reason = skippedTimeout
	}
	l.totalMicros = int64(time.Since(l.start)) / 1000
	countFailure(l)
	skip(l, reason)
}
