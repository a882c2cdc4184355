package tap

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestPrimaryPassesTheAnswerOnAsItIs(t *testing.T) {
	handler := tapOf(t, configOf("primary-answer", "primary"), func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Add("Set-Cookie", "a=1")
		rw.Header().Add("Set-Cookie", "b=2")
		rw.Header().Set("X-Own", "yes")
		rw.WriteHeader(http.StatusTeapot)
		rw.Write([]byte("short "))
		rw.Write([]byte("and stout"))
	})
	got := ask(handler, get("/pot?x=1"))
	if got.Code != http.StatusTeapot || got.Body.String() != "short and stout" {
		t.Fatalf("the client got %d %q", got.Code, got.Body.String())
	}
	if cookies := got.Header()["Set-Cookie"]; len(cookies) != 2 || cookies[0] != "a=1" || cookies[1] != "b=2" {
		t.Fatalf("the client got the cookies %q", cookies)
	}
	if got.Header().Get("X-Understudy-Id") != "" {
		t.Fatal("the client sees the exchange id without exposeId")
	}
	one := recordsOf(t, "primary-answer", 1)[0]
	if one.Response == nil || one.Response.Status != http.StatusTeapot || one.Response.Body != "short and stout" {
		t.Fatalf("recorded %+v", one.Response)
	}
}

func TestPrimaryRemovesWhatOnlyWeMaySet(t *testing.T) {
	var got http.Header
	handler := tapOf(t, configOf("primary-own", "primary"), func(rw http.ResponseWriter, req *http.Request) {
		got = req.Header.Clone()
		sayOK(rw, req)
	})
	names := []string{
		"X-Understudy-Id", "X-Understudy-Control", "X-Understudy-Anything", "X-Shadow-Request", "X-Shadow-Target",
		"X-Shadow-Else", "X-Shadowing-Enabled", "X-Original-Host", "X-Original-Uri", "X-Original-Remote-Addr",
		"X-Original-Foo", "X-Canary-Backend", "X-Canary-Weight", "x-understudy-lower", "X_Shadow_Request",
	}
	// Twice: the first request teaches a leg the names, the second uses what it learned.
	for round := 0; round < 2; round++ {
		req := get("/")
		for _, name := range names {
			req.Header[name] = []string{"forged"}
		}
		req.Header["X-Canary-Feature"] = []string{"kept"}
		ask(handler, req)
		for name, values := range got {
			if strings.Join(values, "") == "forged" {
				t.Errorf("round %d: the primary got the client's own %s", round, name)
			}
		}
		if got.Get("X-Canary-Feature") != "kept" || got.Get("User-Agent") != "contract/1" {
			t.Errorf("round %d: other headers are gone: %v", round, got)
		}
	}
	for _, one := range recordsOf(t, "primary-own", 2) {
		if one.Request.Headers.Get("X-Understudy-Control") != "" {
			t.Error("the record names a mark of the control that the client forged")
		}
	}
}

func TestPrimaryRemovesThemAmongVeryManyHeaders(t *testing.T) {
	var got http.Header
	handler := tapOf(t, configOf("primary-many", "primary"), func(rw http.ResponseWriter, req *http.Request) {
		got = req.Header.Clone()
		sayOK(rw, req)
	})
	req := get("/")
	for i := 0; i < 300; i++ {
		req.Header["X-Many-"+strings.Repeat("n", i)] = []string{"v"}
	}
	req.Header["X-Original-Host"] = []string{"forged"}
	req.Header["X-Understudy-Control"] = []string{"forged"}
	ask(handler, req)
	if got["X-Original-Host"] != nil || got["X-Understudy-Control"] != nil || len(got) < 300 {
		t.Fatalf("%d headers, forged ones among them: %v %v", len(got), got["X-Original-Host"], got["X-Understudy-Control"])
	}
	recordsOf(t, "primary-many", 1)
}

func TestPrimaryMarksTheRequestForItsMirrors(t *testing.T) {
	config := configOf("primary-marks", "primary")
	config.ShadowTarget = "shop-next"
	config.ExposeID = true
	var got http.Header
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		got = req.Header.Clone()
		sayOK(rw, req)
	})
	answer := ask(handler, get("/"))
	id := got.Get("X-Understudy-Id")
	if !exchangeID.MatchString(id) || got.Get("X-Request-Id") != id {
		t.Fatalf("id %q, request id %q", id, got.Get("X-Request-Id"))
	}
	if got.Get("X-Shadowing-Enabled") != "true" || got.Get("X-Shadow-Target") != "shop-next" {
		t.Fatalf("marks %v", got)
	}
	if answer.Header().Get("X-Understudy-Id") != id {
		t.Fatal("exposeId does not show the id to the client")
	}
	req := get("/")
	req.Header.Set("X-Request-Id", "mine")
	ask(handler, req)
	if got.Get("X-Request-Id") != "mine" {
		t.Fatal("the client's own request id is lost")
	}
}

func TestPrimaryIDsAreUniqueOverConcurrentRequests(t *testing.T) {
	handler := tapOf(t, configOf("primary-ids", "primary"), sayOK)
	var mu sync.Mutex
	ids := map[string]bool{}
	counting := tapOf(t, configOf("primary-ids", "primary"), func(rw http.ResponseWriter, req *http.Request) {
		mu.Lock()
		ids[req.Header.Get("X-Understudy-Id")] = true
		mu.Unlock()
		sayOK(rw, req)
	})
	var group sync.WaitGroup
	for worker := 0; worker < 16; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 100; i++ {
				ask(handler, get("/other"))
				ask(counting, get("/"))
			}
		}()
	}
	group.Wait()
	if len(ids) != 1600 {
		t.Fatalf("%d ids for 1600 requests", len(ids))
	}
	all := map[string]bool{}
	for _, one := range recordsOf(t, "primary-ids", 3200) {
		if !exchangeID.MatchString(one.ID) {
			t.Fatalf("%q is no UUIDv7 in lower case", one.ID)
		}
		all[one.ID] = true
	}
	if len(all) != 3200 {
		t.Fatalf("%d ids in 3200 records", len(all))
	}
}

func TestPrimaryKeepsItsPart(t *testing.T) {
	config := configOf("primary-keep", "primary")
	config.KeepPpm, config.ControlPpm = 300000, 500000
	config.ControlLearn, config.ControlRate = 0, 0
	kept, marked := 0, 0
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Id") != "" {
			kept++
			if req.Header.Get("X-Understudy-Control") != "" {
				marked++
			}
		} else if req.Header.Get("X-Understudy-Control") != "" || req.Header.Get("X-Shadow-Request") != "" {
			t.Error("a request that is not kept carries a mark")
		}
		sayOK(rw, req)
	})
	for i := 0; i < 2000; i++ {
		req := get("/")
		req.Header.Set("X-Understudy-Id", anID)
		req.Header.Set("X-Understudy-Control", "1")
		req.Header.Set("X-Shadow-Request", "true")
		if got := ask(handler, req); got.Code != http.StatusOK || got.Body.String() != "ok" {
			t.Fatalf("the client got %d %q", got.Code, got.Body.String())
		}
	}
	// Seven standard deviations.
	if kept < 457 || kept > 743 || marked < kept/2-90 || marked > kept/2+90 {
		t.Fatalf("kept %d of 2000, marked %d for the control", kept, marked)
	}
	expecting := 0
	for _, one := range recordsOf(t, "primary-keep", kept) {
		if strings.Join(one.Expects, " ") == "shadow control" {
			expecting++
		} else if strings.Join(one.Expects, " ") != "shadow" {
			t.Fatalf("expects %q", one.Expects)
		}
	}
	if expecting != marked {
		t.Fatalf("%d records expect the control, %d requests were marked", expecting, marked)
	}
}

func TestPrimaryKeepsNothingAtZero(t *testing.T) {
	config := configOf("primary-none", "primary")
	config.KeepPpm = 0
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Understudy-Id") != "" {
			t.Error("a request that is not kept has an id")
		}
		sayOK(rw, req)
	})
	for i := 0; i < 50; i++ {
		ask(handler, get("/"))
	}
	ask(tapOf(t, configOf("primary-none", "primary"), sayOK), get("/last"))
	recordsOf(t, "primary-none", 1)
}

// panicOf gives what a request's handling panics with, as text: Yaegi cannot compare what it recovers.
func panicOf(handler http.Handler, rw http.ResponseWriter, req *http.Request) (failure string) {
	defer func() { failure = fmt.Sprint(recover()) }()
	handler.ServeHTTP(rw, req)
	return ""
}

func TestPrimaryPanicsGoOnAndAreRecorded(t *testing.T) {
	before := tapOf(t, configOf("primary-panic", "primary"), func(_ http.ResponseWriter, _ *http.Request) {
		panic("before any answer")
	})
	req := httptest.NewRequest(http.MethodPost, "/panic", strings.NewReader("with a body"))
	if failure := panicOf(before, httptest.NewRecorder(), req); failure != "before any answer" {
		t.Errorf("a panic before the answer became %q", failure)
	}
	if failure := panicOf(before, httptest.NewRecorder(), get("/panic")); failure != "before any answer" {
		t.Errorf("a panic of a request without a body became %q", failure)
	}
	during := tapOf(t, configOf("primary-panic", "primary"), func(rw http.ResponseWriter, _ *http.Request) {
		rw.Write([]byte("half of"))
		panic(http.ErrAbortHandler)
	})
	rw := httptest.NewRecorder()
	if failure := panicOf(during, rw, get("/abort")); failure != http.ErrAbortHandler.Error() || rw.Body.String() != "half of" {
		t.Errorf("an aborted answer became %q, %q", failure, rw.Body.String())
	}
	reasons := []string{}
	for _, one := range recordsOf(t, "primary-panic", 3) {
		reasons = append(reasons, one.Skipped)
		if one.Response != nil {
			t.Error("an answer that broke off is recorded as one")
		}
	}
	if strings.Join(reasons, " ") != "panic panic aborted" {
		t.Errorf("reasons %q", reasons)
	}
	// The tap goes on after it.
	after := tapOf(t, configOf("primary-panic-after", "primary"), sayOK)
	if got := ask(after, get("/")); got.Body.String() != "ok" {
		t.Errorf("afterwards %q", got.Body.String())
	}
}

func TestPrimarySkipsUpgrades(t *testing.T) {
	var id string
	handler := tapOf(t, configOf("primary-upgrade", "primary"), func(rw http.ResponseWriter, req *http.Request) {
		id = req.Header.Get("X-Understudy-Id")
		sayOK(rw, req)
	})
	req := get("/socket")
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	ask(handler, req)
	one := recordsOf(t, "primary-upgrade", 1)[0]
	if one.Skipped != "upgrade" || len(one.Expects) != 0 || one.Response != nil || id != "" {
		t.Fatalf("recorded %+v, the service got the id %q", one, id)
	}
}
