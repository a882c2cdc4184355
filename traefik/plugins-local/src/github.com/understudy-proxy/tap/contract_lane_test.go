package tap

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// sampledUsers gives which of the first count users a lane lets in.
func sampledUsers(t *testing.T, route string, keepPpm int, count int, isCookie bool) map[int]bool {
	t.Helper()
	config := configOf(route, "lane")
	config.KeepPpm = keepPpm
	if isCookie {
		config.StickyCookie = "sid"
	} else {
		config.StickyHeader = "x-user"
	}
	in := map[int]bool{}
	user := 0
	handler := tapOf(t, config, func(_ http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Lane") == "1" {
			in[user] = true
		}
	})
	for user = 0; user < count; user++ {
		req := get("/")
		req.Header.Set("X-Understudy-Lane", "1")
		if isCookie {
			req.Header.Set("Cookie", fmt.Sprintf("theme=dark; sid=user-%d", user))
		} else {
			req.Header.Set("X-User", fmt.Sprintf("user-%d", user))
		}
		ask(handler, req)
	}
	return in
}

func TestLaneTakesAShareOfUsersAndKeepsThem(t *testing.T) {
	few := sampledUsers(t, "lane", 100000, 2000, false)
	many := sampledUsers(t, "lane", 500000, 2000, false)
	byCookie := sampledUsers(t, "lane", 100000, 2000, true)
	elsewhere := sampledUsers(t, "lane-2", 100000, 2000, false)
	// Five standard deviations.
	if len(few) < 133 || len(few) > 267 || len(many) < 888 || len(many) > 1112 {
		t.Fatalf("%d and %d of 2000 users", len(few), len(many))
	}
	same := 0
	for user := range few {
		if !many[user] || !byCookie[user] {
			t.Fatalf("user %d is in at a tenth, but not at a half or not by cookie", user)
		}
		if elsewhere[user] {
			same++
		}
	}
	if same > len(few)/2 {
		t.Errorf("%d of %d users are in on another route too", same, len(few))
	}
}

func TestLaneDrawsForWhoHasNoKey(t *testing.T) {
	config := configOf("lane-nobody", "lane")
	config.KeepPpm, config.StickyCookie = 300000, "sid"
	in := 0
	handler := tapOf(t, config, func(_ http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Lane") != "" {
			in++
		}
	})
	for i := 0; i < 2000; i++ {
		req := get("/")
		req.Header.Set("X-Understudy-Lane", "1")
		ask(handler, req)
	}
	if in < 498 || in > 702 {
		t.Fatalf("%d of 2000 requests without a key", in)
	}
}

func TestPrimaryTakesTheLaneAway(t *testing.T) {
	config := configOf("lane-primary", "primary")
	config.StickyHeader = "X-User"
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Lane") != "" || req.Header.Get("X-Understudy-Id") == "" {
			t.Errorf("the primary gets %v", req.Header)
		}
		sayOK(rw, req)
	})
	for i := 0; i < 3; i++ {
		req := get("/")
		req.Header.Set("X-Understudy-Lane", "1")
		ask(handler, req)
	}
	if one := recordsOf(t, "lane-primary", 3)[2]; one.Request.Headers["X-Understudy-Lane"] != nil {
		t.Errorf("the record holds the lane")
	}
}

func TestLaneNeedsOneKey(t *testing.T) {
	config := configOf("lane-none", "lane")
	for _, names := range []string{"", "X-User sid"} {
		config.StickyHeader, config.StickyCookie, _ = strings.Cut(names, " ")
		if _, err := New(nil, http.HandlerFunc(sayOK), config, "contract"); err == nil {
			t.Errorf("a lane with the keys %q is taken", names)
		}
	}
}
