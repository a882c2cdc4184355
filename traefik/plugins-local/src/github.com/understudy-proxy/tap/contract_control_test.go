package tap

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// controlled sends requests through a primary's tap and counts those that were marked for the control.
func controlled(t *testing.T, config *Config, requests ...*http.Request) int {
	t.Helper()
	marked := 0
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Control") != "" {
			marked++
		}
		sayOK(rw, req)
	})
	for _, req := range requests {
		ask(handler, req)
	}
	return marked
}

func gets(count int) []*http.Request {
	requests := []*http.Request{}
	for i := 0; i < count; i++ {
		requests = append(requests, get("/"))
	}
	return requests
}

func TestControlGetsAllUntilItHasLearned(t *testing.T) {
	config := configOf("control-learns", "primary")
	config.ControlPpm, config.ControlLearn, config.ControlRate = 1, 30, 0
	if marked := controlled(t, config, gets(20)...); marked != 20 {
		t.Errorf("%d of the first 20 went to the control", marked)
	}
	// A reload of the configuration does not begin again.
	if marked := controlled(t, config, gets(50)...); marked != 10 {
		t.Errorf("%d of the next 50 went to the control, expected the 10 that were missing", marked)
	}
	config.Generation = "shop v2"
	if marked := controlled(t, config, gets(50)...); marked != 30 {
		t.Errorf("%d of 50 of a new generation went to the control, expected 30", marked)
	}
}

func TestControlGetsNoWrites(t *testing.T) {
	config := configOf("control-writes", "primary")
	config.ControlPpm, config.ControlRate = million, 0
	requests := []*http.Request{}
	for _, method := range []string{"GET", "POST", "HEAD", "PUT", "OPTIONS", "PATCH", "DELETE", "QUERY"} {
		req := get("/")
		req.Method = method
		requests = append(requests, req)
	}
	if marked := controlled(t, config, requests...); marked != 3 {
		t.Errorf("%d of 8 methods went to the control, expected GET, HEAD and OPTIONS", marked)
	}
	for _, one := range recordsOf(t, "control-writes", 8) {
		expects := strings.Join(one.Expects, " ")
		if isSafe := one.Request.Method == "GET" || one.Request.Method == "HEAD" || one.Request.Method == "OPTIONS"; isSafe != (expects == "shadow control") {
			t.Errorf("a %s expects %q", one.Request.Method, expects)
		}
	}
}

func TestControlIsBoundedWhileItLearns(t *testing.T) {
	config := configOf("control-rate", "primary")
	config.ControlPpm, config.ControlRate = million, 0.001
	if marked := controlled(t, config, gets(100)...); marked < 1 || marked > 3 {
		t.Errorf("%d of 100 went to the control at one request in a quarter of an hour", marked)
	}
}

// At 5 a second, and requests of two kinds that alternate strictly, each kind gets half, and no more than 5 a second go.
func TestControlTakesEachOfTwoKinds(t *testing.T) {
	for _, gap := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 100 * time.Millisecond, 170 * time.Millisecond} {
		config := configOf("control-kinds", "primary")
		config.ControlRate, config.ControlLearn = 5, million
		a := allowanceFor(config)
		now := time.Now()
		a.tokens, a.filled = 0, now
		// Enough for 600 requests to the control each, at any gap.
		steps := int(120 * time.Second / gap)
		kinds := []int{0, 0}
		for i := 0; i < steps; i++ {
			now = now.Add(gap)
			if allow(a, now) {
				kinds[i%2]++
			}
		}
		if kinds[0]+kinds[1] > 603 || kinds[0]+kinds[1] < 595 {
			t.Errorf("%d requests in 120 s at a gap of %v, expected 600", kinds[0]+kinds[1], gap)
		}
		if kinds[0] < 200 || kinds[1] < 200 {
			t.Errorf("%v of two kinds at a gap of %v", kinds, gap)
		}
	}
}
