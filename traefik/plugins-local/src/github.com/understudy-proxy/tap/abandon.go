package tap

import (
	"fmt"
	"net/http"
	"time"
)

// needsRecovery is for an exchange that was not recorded. A panic of the handler behind us goes on to Traefik, which
// ends the client's connection as it would without us. One of our own is ours to stop, and one that came before any
// answer may be our doing.
func needsRecovery(l *leg) bool {
	if l.completed || l.status == 0 && l.view.ContentLength == 0 && l.bodiless[l.view.Method] {
		return true
	}
	reason := skippedAborted
	if l.status == 0 {
		reason = skippedPanic
	}
	if l.rest > 0 {
		stopLate(l)
	}
	recordAbandoned(l, reason)
	return false
}

// afterRecovery goes on after a panic that was stopped. Some middlewares panic where a request has no body at all: then
// it is passed on once more, as it came, and so are all from then on.
func afterRecovery(t *primaryTap, l *leg, failure interface{}) {
	if l.completed {
		complain(fmt.Sprint("an exchange could not be recorded: ", failure))
		return
	}
	l.settings.keepsBodies.Store(true)
	l.bodiless = nil
	complain(fmt.Sprint("a handler behind the tap panicked; it gets empty bodies from now on: ", failure))
	req := l.view.WithContext(l.view.Context())
	req.Body = http.NoBody
	isOver := false
	defer func() {
		if !isOver {
			recordAbandoned(l, skippedPanic)
		}
	}()
	t.next.ServeHTTP(l.writer, req)
	isOver = true
	describe(l, req)
	finish(l)
}

func recordAbandoned(l *leg, reason string) {
	l.totalMicros = int64(time.Since(l.start)) / 1000
	describe(l, l.view)
	skip(l, reason)
}

// implicitHead is for a handler that came back without a word: the server then says 200.
func implicitHead(l *leg) {
	l.status = http.StatusOK
	l.firstMicros = l.totalMicros
	l.headCount = len(l.recorder.HeaderMap)
	l.headers = cleaned(l, l.recorder.HeaderMap.Clone(), true)
}
