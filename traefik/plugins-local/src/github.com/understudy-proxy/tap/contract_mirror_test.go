package tap

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestMirrorSetsTheHeadersOfACopy(t *testing.T) {
	var got http.Header
	handler := tapOf(t, configOf("mirror-headers", "shadow"), func(rw http.ResponseWriter, req *http.Request) {
		got = req.Header.Clone()
		sayOK(rw, req)
	})
	req := copyOf("/a?token=t", anID)
	req.Host = "shop.example"
	req.Header.Set("X-Forwarded-Prefix", "/api")
	req.Header.Set("X-Forwarded-For", "10.1.1.1")
	req.Header.Set("X-Shadowing-Enabled", "true")
	req.Header.Set("X-Shadow-Target", "shop-next")
	req.Header.Set("X-Understudy-Control", "1")
	req.RemoteAddr = "192.0.2.7:1234"
	ask(handler, req)
	wanted := map[string]string{
		"X-Shadow-Request": "true", "X-Original-Host": "shop.example", "X-Original-Uri": "/api/a?token=t",
		"X-Original-Method": "GET", "X-Original-Remote-Addr": "192.0.2.7:1234",
		"X-Original-Forwarded-For": "10.1.1.1, 192.0.2.7", "X-Original-User-Agent": "contract/1", "X-Understudy-Id": anID,
		"X-Shadowing-Enabled": "", "X-Shadow-Target": "", "X-Understudy-Control": "",
	}
	for name, value := range wanted {
		if got.Get(name) != value {
			t.Errorf("%s is %q, expected %q", name, got.Get(name), value)
		}
	}
}

func TestMirrorPassesOnlyWhatThePrimaryMarked(t *testing.T) {
	calls := 0
	counting := func(rw http.ResponseWriter, req *http.Request) {
		calls++
		sayOK(rw, req)
	}
	shadow := tapOf(t, configOf("mirror-marked", "shadow"), counting)
	control := tapOf(t, configOf("mirror-marked", "control"), counting)
	ask(shadow, get("/"))
	ask(shadow, copyOf("/", "not-an-id"))
	ask(shadow, copyOf("/", "01890A5D-AC96-7F3C-8C2E-0123456789AB"))
	ask(control, get("/"))
	ask(control, copyOf("/", anID))
	if calls != 0 {
		t.Fatalf("%d requests without a mark went on", calls)
	}
	marked := copyOf("/", anID)
	marked.Header.Set("X-Understudy-Control", "1")
	ask(control, marked)
	ask(shadow, copyOf("/", anID))
	if calls != 2 {
		t.Fatalf("%d calls, expected 2", calls)
	}
	found := recordsOf(t, "mirror-marked", 2)
	if found[0].Side != "control" || found[0].Variant != "control" || found[1].Side != "shadow" {
		t.Fatalf("records %+v", found)
	}
}

func TestMirrorGuardBoundsTheRate(t *testing.T) {
	config := configOf("guard-rate", "shadow")
	config.GuardRate, config.GuardBurst = 0.01, 3
	calls := 0
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		calls++
		sayOK(rw, req)
	})
	for i := 0; i < 10; i++ {
		ask(handler, copyOf("/", anID))
	}
	shedRecords := 0
	for _, one := range recordsOf(t, "guard-rate", 10) {
		if one.Skipped == "shed-rate" && one.Response == nil {
			shedRecords++
		}
	}
	if calls != 3 || shedRecords != 7 {
		t.Fatalf("%d calls, %d shed, expected 3 and 7", calls, shedRecords)
	}
}

func TestMirrorGuardFillsUpToItsBurstAndNoFurther(t *testing.T) {
	now := time.Now()
	g := &guard{rate: 10, burst: 5, tokens: 0, filled: now}
	if take(g, now.Add(50*time.Millisecond)) || !take(g, now.Add(150*time.Millisecond)) {
		t.Error("a tenth of a second is one token")
	}
	later := now.Add(time.Hour)
	taken := 0
	for i := 0; i < 20; i++ {
		if take(g, later) {
			taken++
		}
	}
	if taken != 5 {
		t.Errorf("%d tokens after an hour, expected the burst of 5", taken)
	}
	if take(g, later.Add(-time.Minute)) {
		t.Error("a clock that goes back gives a token")
	}
}

func TestMirrorGuardBoundsWhatIsInFlightAcrossReloads(t *testing.T) {
	config := configOf("guard-inflight", "shadow")
	config.GuardInFlight = 2
	release := make(chan bool)
	arrived := make(chan bool, 10)
	hang := func(rw http.ResponseWriter, req *http.Request) {
		arrived <- true
		<-release
		sayOK(rw, req)
	}
	first := tapOf(t, config, hang)
	var group sync.WaitGroup
	for i := 0; i < 2; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			ask(first, copyOf("/", anID))
		}()
	}
	<-arrived
	<-arrived
	ask(first, copyOf("/third", anID))
	ask(tapOf(t, config, hang), copyOf("/reloaded", anID))
	for _, one := range recordsOf(t, "guard-inflight", 2) {
		if one.Skipped != "shed-inflight" {
			t.Errorf("skipped %q", one.Skipped)
		}
	}
	close(release)
	group.Wait()
	ask(first, copyOf("/again", anID))
	found := recordsOf(t, "guard-inflight", 5)
	if found[4].Skipped != "" || found[4].Response == nil {
		t.Errorf("after the others ended: %+v", found[4])
	}
}

func TestMirrorEndsWhatTakesTooLong(t *testing.T) {
	config := configOf("mirror-timeout", "shadow")
	config.TimeoutMs = 30
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		<-req.Context().Done()
		rw.WriteHeader(http.StatusGatewayTimeout)
	})
	ask(handler, copyOf("/", anID))
	if one := recordsOf(t, "mirror-timeout", 1)[0]; one.Skipped != "timeout" || one.Timing.TotalMicros < 30000 {
		t.Fatalf("recorded %+v", one)
	}
}

func TestMirrorPanicsAreRecordedAndFreeTheirPlace(t *testing.T) {
	config := configOf("mirror-panic", "shadow")
	config.GuardInFlight = 1
	for i := 0; i < 2; i++ {
		handler := tapOf(t, config, func(rw http.ResponseWriter, _ *http.Request) {
			if i == 1 {
				rw.Write([]byte("half"))
			}
			panic("shadow")
		})
		panicOf(handler, nil, copyOf("/", anID))
	}
	found := recordsOf(t, "mirror-panic", 2)
	if found[0].Skipped != "panic" || found[1].Skipped != "panic" && found[1].Skipped != "aborted" {
		t.Fatalf("recorded %q and %q", found[0].Skipped, found[1].Skipped)
	}
}
