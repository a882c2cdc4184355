package tap

import (
	"net/http"
	"os"
	"testing"
)

func breakerOf(route string, pauseMs int) *Config {
	config := configOf(route, "shadow")
	config.BreakAtPercent, config.PauseMs = 50, pauseMs
	return config
}

func TestBreakerPausesAShadowThatFailsAndTriesAgain(t *testing.T) {
	status, calls := 500, 0
	// Longer than any machine takes for the requests that are to meet it.
	handler := tapOf(t, breakerOf("breaker", 3000), func(rw http.ResponseWriter, req *http.Request) {
		calls++
		rw.WriteHeader(status)
	})
	for i := 0; i < 60; i++ {
		ask(handler, copyOf("/", anID))
	}
	if calls != 21 {
		t.Fatalf("%d of 60 failing requests were sent, expected 21", calls)
	}
	for _, one := range recordsOf(t, "breaker", 60)[21:] {
		if one.Skipped != "shed-breaker" || one.Response != nil {
			t.Fatalf("recorded %+v", one)
		}
	}
	status = 200
	waitFor(t, "the pause to end", func() bool {
		ask(handler, copyOf("/", anID))
		return calls > 21
	})
	for i := 0; i < 59; i++ {
		ask(handler, copyOf("/", anID))
	}
	if calls != 81 {
		t.Fatalf("%d requests were sent, expected all 60 after the pause", calls-21)
	}
}

func TestBreakerBearsWhatFailsLessThanHalf(t *testing.T) {
	calls := 0
	handler := tapOf(t, breakerOf("breaker-half", 60000), func(rw http.ResponseWriter, req *http.Request) {
		calls++
		if calls%2 == 0 {
			rw.WriteHeader(503)
		} else {
			sayOK(rw, req)
		}
	})
	for i := 0; i < 200; i++ {
		ask(handler, copyOf("/", anID))
	}
	if calls != 200 {
		t.Fatalf("%d of 200 requests were sent", calls)
	}
}

func TestBreakerCountsWhatComesTooLate(t *testing.T) {
	config := breakerOf("breaker-late", 60000)
	config.TimeoutMs = 1
	calls := 0
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		calls++
		<-req.Context().Done()
	})
	for i := 0; i < 40; i++ {
		ask(handler, copyOf("/", anID))
	}
	if calls != 21 {
		t.Fatalf("%d of 40 requests were sent, expected 21", calls)
	}
}

func TestCredentialsComeFromTheFile(t *testing.T) {
	file := t.TempDir() + "/credentials"
	os.WriteFile(file, []byte("Bearer of-the-shadow\n"), 0o600)
	for name, wanted := range map[string]string{file: "Bearer of-the-shadow", file + ".gone": ""} {
		config := configOf("credentials", "shadow")
		config.CredentialsFile = name
		got := "never asked"
		handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
			got = req.Header.Get("Authorization")
			sayOK(rw, req)
		})
		req := copyOf("/", anID)
		req.Header.Set("Authorization", "Bearer of-the-client")
		ask(handler, req)
		if got != wanted {
			t.Errorf("the shadow gets %q, expected %q", got, wanted)
		}
	}
}

func TestShedRequestsAreCountedByReason(t *testing.T) {
	config := configOf("shed-counts", "shadow")
	config.GuardRate, config.GuardBurst = 0.01, 1
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) { sayOK(rw, req) })
	for i := 0; i < 5; i++ {
		ask(handler, copyOf("/", anID))
	}
	queue := outletFor(config.IngestURL, "").queue
	queue.mu.Lock()
	defer queue.mu.Unlock()
	if shed := queue.facts.Routes["shed-counts"].Shed["shed-rate"]; shed != 4 {
		t.Errorf("%d counted as shed, expected 4", shed)
	}
}
