package tap

import (
	"net/http"
	"sync/atomic"
	"time"
)

// choosyTap is a mirrorTap that asks more before it sends a copy on: for the control's mark, or for the guard's leave.
type choosyTap struct {
	mirror      *mirrorTap
	isControl   bool
	hasRate     bool
	hasBreaker  bool
	pausedUntil *atomic.Int64
	credentials *credentials
}

func (t *choosyTap) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	if req.Header["X-Understudy-Id"] == nil || t.isControl && req.Header["X-Understudy-Control"] == nil {
		return
	}
	if t.hasBreaker && time.Now().UnixNano() < t.pausedUntil.Load() {
		shed(t.mirror, req, skippedBreaker)
		return
	}
	if t.hasRate && !take(t.mirror.guard, time.Now()) {
		shed(t.mirror, req, skippedRate)
		return
	}
	if t.credentials != nil {
		t.credentials.replaceIn(req.Header)
	}
	t.mirror.ServeHTTP(rw, req)
}

// shed records a copy that the guard did not send on.
func shed(t *mirrorTap, req *http.Request, reason string) {
	id := req.Header.Get("X-Understudy-Id")
	if !exchangeID.MatchString(id) {
		return
	}
	l := t.legs.Get().(*leg)
	l.id = id
	l.start = time.Now().UTC()
	*l.view = *req
	cleanAddress(l)
	l.firstMicros = 0
	l.totalMicros = 0
	skip(l, reason)
	l.queue.mu.Lock()
	if l.totals.Shed == nil {
		l.totals.Shed = map[string]int{}
	}
	l.totals.Shed[reason]++
	l.queue.changed = true
	l.queue.mu.Unlock()
	t.legs.Put(l)
}
