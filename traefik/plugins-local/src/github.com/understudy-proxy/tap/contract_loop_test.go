package tap

import (
	"net/http"
	"testing"
)

// through sends a request that a shadow's tap sent on to a primary's tap, and gives what came of it.
func through(t *testing.T, from string, config *Config, copied *http.Request) (int, int) {
	t.Helper()
	calls := 0
	primary := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		calls++
		if req.Header.Get("X-Understudy-Id") != "" || req.Header.Get("X-Understudy-Hop") != "" || req.Header.Get("X-Shadow-Request") != "" {
			t.Errorf("%s gets %v", config.Route, req.Header)
		}
		sayOK(rw, req)
	})
	shadow := tapOf(t, configOf(from, "shadow"), func(rw http.ResponseWriter, req *http.Request) {
		primary.ServeHTTP(rw, req)
	})
	ask(shadow, copied)
	one := recordsOf(t, from, 1)[0]
	if one.Response != nil {
		return calls, one.Response.Status
	}
	if one.Skipped != "loop" {
		t.Errorf("recorded as %q", one.Skipped)
	}
	return calls, 0
}

func TestLoopIsRefusedAndRecorded(t *testing.T) {
	if calls, status := through(t, "loop", configOf("loop", "primary"), copyOf("/", anID)); calls != 0 || status != 0 {
		t.Errorf("%d calls, status %d", calls, status)
	}
	unkept := configOf("loop-unkept", "primary")
	unkept.KeepPpm = 0
	if calls, status := through(t, "loop-unkept", unkept, copyOf("/", anID)); calls != 0 || status != 0 {
		t.Errorf("%d calls, status %d where nothing is kept", calls, status)
	}
}

func TestLoopOfAnotherRouteIsServedAndNotMirrored(t *testing.T) {
	for _, keep := range []int{million, 0} {
		config := configOf("loop-other", "primary")
		config.KeepPpm = keep
		from := map[int]string{million: "loop-from", 0: "loop-from-unkept"}[keep]
		if calls, status := through(t, from, config, copyOf("/", anID)); calls != 1 || status != 200 {
			t.Errorf("%d calls, status %d", calls, status)
		}
	}
}

func TestLoopMarksOfClientsAreNothing(t *testing.T) {
	for _, mark := range []string{"loop-client", "loop-client 0123456789abcdef0123456789abcdef", " ", ""} {
		calls := 0
		handler := tapOf(t, configOf("loop-client", "primary"), func(rw http.ResponseWriter, req *http.Request) {
			calls++
			if req.Header["X-Understudy-Hop"] != nil {
				t.Errorf("the mark %q reaches the primary", mark)
			}
			sayOK(rw, req)
		})
		req := get("/")
		req.Header.Set("X-Understudy-Hop", mark)
		req.Header.Set("X-Shadow-Request", "true")
		if got := ask(handler, req); got.Code != 200 || calls != 1 {
			t.Errorf("a client's mark %q gets %d", mark, got.Code)
		}
	}
}
