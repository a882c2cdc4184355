package tap

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// headerHolder brings a Header method that stays native: it gives its HeaderMap, which is the client's own header.
type headerHolder struct{ *httptest.ResponseRecorder }

// primaryWriter passes the primary's answer on to the client, and keeps what is recorded.
type primaryWriter struct {
	headerHolder
	leg *leg
}

// WriteHeader notes the answer as it is before anything outside of us changes it.
func (w *primaryWriter) WriteHeader(status int) {
	l := w.leg
	header := l.recorder.HeaderMap
	rest := l.lengths[header.Get("Content-Length")]
	if rest == 0 || status < l.least {
		writeHeadOddly(l, status)
		return
	}
	l.status = status
	l.least = never
	l.rest = rest
	l.firstMicros = int64(time.Since(l.start)) / 1000
	l.headers = header.Clone()
	l.headCount = len(header)
	for name := range header {
		if !l.plain[name] {
			l.headers = cleaned(l, l.headers, true)
			break
		}
	}
	l.inner.WriteHeader(status)
	l.late.Reset(headDelay)
}

// writeHeadOddly is for informational answers, and for those of a new length, of none, or with headers that are not the
// primary's.
func writeHeadOddly(l *leg, status int) {
	if status < 200 || l.status != 0 {
		l.inner.WriteHeader(status)
		return
	}
	header := l.recorder.HeaderMap
	text := header.Get("Content-Length")
	length, err := strconv.Atoi(text)
	if err == nil && length > 0 {
		if len(l.lengths) >= mostLengths {
			l.lengths = map[string]int{}
		}
		l.lengths[text] = length
		l.rest = length
	}
	l.status = status
	l.least = never
	l.firstMicros = int64(time.Since(l.start)) / 1000
	l.headers = cleaned(l, withoutBefore(header.Clone(), l.before), true)
	if l.settings.exposeID {
		header["X-Understudy-Id"] = []string{l.id}
	}
	l.headCount = len(header)
	l.isOdd = l.isOdd || l.before != nil || err != nil || length == 0 || l.settings.exposeID
	l.inner.WriteHeader(status)
	if l.rest > 0 {
		l.late.Reset(headDelay)
	} else if err != nil && status != http.StatusNoContent && status != http.StatusNotModified {
		flush(l)
	}
}

// withoutBefore leaves what the primary itself said: outer middlewares may have set headers before it was asked.
func withoutBefore(header http.Header, before http.Header) http.Header {
	for name, earlier := range before {
		if len(header[name]) <= len(earlier) {
			delete(header, name)
		} else {
			header[name] = header[name][len(earlier):]
		}
	}
	return header
}

// Write passes a body on; most come in one piece.
func (w *primaryWriter) Write(part []byte) (int, error) {
	l := w.leg
	l.tee.Write(part)
	if len(part) != l.rest || !l.late.Stop() {
		return writePart(l, part)
	}
	l.rest = -1
	return l.inner.Write(part)
}

// writePart passes a part of a body on, at once: an interpreted writer hides Flush from Traefik, which cannot ask for it.
func writePart(l *leg, part []byte) (int, error) {
	if l.status == 0 {
		l.writer.WriteHeader(http.StatusOK)
	}
	if !l.isParted {
		if l.rest > 0 {
			stopLate(l)
		}
		l.isParted = true
		l.isOdd = true
		l.announced = l.rest
		l.rest = -1
	}
	l.written += len(part)
	count, err := l.inner.Write(part)
	if err == nil && l.written != l.announced {
		flush(l)
	}
	return count, err
}

// headDelay is Traefik's: an answer's head waits that long for its body to come along.
const headDelay = 100 * time.Millisecond

// flushLate runs in a goroutine of its own.
func flushLate(l *leg) {
	defer func() {
		if failure := recover(); failure != nil {
			complain(fmt.Sprint("a head could not be flushed: ", failure))
		}
	}()
	l.lateLock.Lock()
	defer l.lateLock.Unlock()
	if !l.hasBody {
		flush(l)
	}
}

// stopLate makes sure that no flush is under way or to come. A leg whose flush has begun is not used again.
func stopLate(l *leg) {
	if l.late.Stop() {
		return
	}
	l.lateLock.Lock()
	l.hasBody = true
	l.lateLock.Unlock()
	l.legs = &sync.Pool{}
}

func flush(l *leg) {
	if l.control == nil {
		l.control = http.NewResponseController(l.inner)
	}
	l.control.Flush()
}

// Flush and WriteString are for handlers that see this type as it is, which Traefik's do not.
func (w *primaryWriter) Flush() { flush(w.leg) }

func (w *primaryWriter) WriteString(text string) (int, error) { return w.Write([]byte(text)) }
