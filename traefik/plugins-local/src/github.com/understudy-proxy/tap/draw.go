package tap

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// drawingTap draws by lot which requests a primary's tap keeps, and which of those also go to the control.
type drawingTap struct {
	settings   *settings
	plain      *primaryTap
	controlled *primaryTap
	allowance  *allowance
	isLearning *atomic.Bool
	// isProven says that a request without any body came through, so that one that is not kept may go so, too.
	isProven *atomic.Bool
}

func newDrawingTap(t *primaryTap, s *settings) *drawingTap {
	return &drawingTap{
		settings: s, plain: t, controlled: onePrimaryTap(t.next, s, s.expectsControl, true),
		allowance: s.allowance, isLearning: s.allowance.isLearning, isProven: &atomic.Bool{},
	}
}

// ServeHTTP passes a request that is not kept on without an id: the mirrors' taps then know that it is not meant.
func (t *drawingTap) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	s := t.settings
	if s.isSticky {
		delete(req.Header, "X-Understudy-Lane")
	}
	if s.keepPpm < million && rand.IntN(million) >= s.keepPpm ||
		s.graphQLBytes > 0 && req.Method == http.MethodPost && !readsOnly(req, s.graphQLBytes) {
		passUnkept(t, rw, req)
		return
	}
	// Only what changes nothing may reach the primary twice.
	ppm := s.controlPpm
	if ppm > 0 && (t.isLearning.Load() || rand.IntN(million) < ppm) && safeMethods[req.Method] && allow(t.allowance, time.Now()) {
		req.Header["X-Understudy-Control"] = one
		t.controlled.ServeHTTP(rw, req)
	} else {
		t.plain.ServeHTTP(rw, req)
	}
	if req.Body == nil {
		t.isProven.Store(true)
	}
}

// passUnkept takes from a request what clients may not send, and the empty body that Traefik would make a buffer for.
func passUnkept(t *drawingTap, rw http.ResponseWriter, req *http.Request) {
	l := t.plain.legs.Get().(*leg)
	if req.Header.WriteSubset(nowhere, l.familiar) != nil && isUpgrade(l, req) && isCopy(l, req) {
		passCopy(l, t.plain.next, rw, req)
		return
	}
	t.plain.legs.Put(l)
	if req.ContentLength == 0 && safeMethods[req.Method] && t.isProven.Load() && !t.settings.keepsBodies.Load() {
		req.Body = nil
	}
	t.plain.next.ServeHTTP(rw, req)
}
