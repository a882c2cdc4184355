package tap

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The contract tests use New and ServeHTTP as Traefik does, and read what arrives at an ingest of their own. A test
// has a route of its own; all share one address, because a process has few.

// ingestDouble answers each path with a status and keeps what was posted to it.
type ingestDouble struct {
	url    string
	mu     sync.Mutex
	status map[string]int
	bodies map[string][]string
}

var ingest = startIngest()

func startIngest() *ingestDouble {
	d := &ingestDouble{status: map[string]int{}, bodies: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		d.mu.Lock()
		d.bodies[req.URL.Path] = append(d.bodies[req.URL.Path], string(body))
		status := d.status[req.URL.Path]
		d.mu.Unlock()
		if status == 0 {
			status = http.StatusAccepted
		}
		rw.WriteHeader(status)
	}))
	d.url = server.URL
	return d
}

func (d *ingestDouble) answer(path string, status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status[path] = status
}

func (d *ingestDouble) posted(path string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.bodies[path]...)
}

type seenAnswer struct {
	Status       int
	Headers      http.Header
	Body         string
	BodyEncoding string
	BodyBytes    int
	BodyHash     string
	Truncated    bool
	Trailers     http.Header
}

type seenRecord struct {
	V       int
	ID      string
	Route   string
	Side    string
	Variant string
	Expects []string
	At      string
	Request struct {
		Method  string
		URI     string
		Host    string
		Headers http.Header
	}
	Response    *seenAnswer
	Skipped     string
	ClientEnded bool
	Timing      struct {
		FirstByteMicros int64
		TotalMicros     int64
	}
}

// linesOf gives a route's records as they were posted, once there are as many as wanted.
func linesOf(t *testing.T, route string, wanted int) []string {
	t.Helper()
	var found []string
	waitFor(t, fmt.Sprintf("%d records of %s", wanted, route), func() bool {
		found = nil
		for _, body := range ingest.posted("/v1/taps") {
			for _, line := range strings.Split(body, "\n")[1:] {
				if strings.Contains(line, `"route":"`+route+`"`) {
					found = append(found, line)
				}
			}
		}
		return len(found) >= wanted
	})
	if len(found) > wanted {
		t.Fatalf("route %s has %d records, expected %d", route, len(found), wanted)
	}
	return found
}

func recordsOf(t *testing.T, route string, wanted int) []seenRecord {
	t.Helper()
	var found []seenRecord
	for _, line := range linesOf(t, route, wanted) {
		var one seenRecord
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		found = append(found, one)
	}
	return found
}

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func configOf(route string, side string) *Config {
	config := CreateConfig()
	config.Route = route
	config.Side = side
	config.IngestURL = ingest.url + "/v1/taps"
	if side == "primary" {
		config.Expects = []string{"shadow"}
	}
	if side == "shadow" {
		config.Variant = "shadow"
	}
	return config
}

func tapOf(t *testing.T, config *Config, next http.HandlerFunc) http.Handler {
	t.Helper()
	handler, err := New(context.Background(), next, config, "contract")
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// ask gives the answer that a client gets through a tap.
func ask(handler http.Handler, req *http.Request) *httptest.ResponseRecorder {
	rw := httptest.NewRecorder()
	handler.ServeHTTP(rw, req)
	return rw
}

func get(target string) *http.Request {
	req := httptest.NewRequest(http.MethodGet, target, nil)
	req.Header.Set("User-Agent", "contract/1")
	return req
}

// copyOf is a request as Traefik's mirroring hands it to a shadow's tap.
func copyOf(target string, id string) *http.Request {
	req := get(target)
	req.Header.Set("X-Understudy-Id", id)
	return req
}

const anID = "01890a5d-ac96-7f3c-8c2e-0123456789ab"

// sayOK is a variable because Yaegi cannot pass a declared function where a handler is wanted.
var sayOK = func(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain")
	rw.Header().Set("Content-Length", "2")
	rw.WriteHeader(http.StatusOK)
	io.Copy(rw, bytes.NewReader([]byte("ok")))
}
