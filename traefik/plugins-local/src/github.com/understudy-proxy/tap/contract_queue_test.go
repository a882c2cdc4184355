package tap

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// headsOf reads the first line of each batch that was posted to a path.
func headsOf(t *testing.T, path string) []batchFacts {
	t.Helper()
	var found []batchFacts
	for _, body := range ingest.posted(path) {
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		var head batchHeader
		if err := json.Unmarshal([]byte(lines[0]), &head); err != nil {
			t.Fatalf("%v in %s", err, lines[0])
		}
		if head.V != 1 || head.Batch.Records != len(lines)-1 {
			t.Fatalf("the head says %d records, %d follow", head.Batch.Records, len(lines)-1)
		}
		found = append(found, head.Batch)
	}
	return found
}

func droppedOf(facts batchFacts) int {
	sum := 0
	for _, count := range facts.Totals.Dropped {
		sum += count
	}
	return sum
}

func TestQueueIsBoundedAndItsCountersAddUp(t *testing.T) {
	path := "/refuses"
	ingest.answer(path, http.StatusServiceUnavailable)
	config := configOf("queue-full", "primary")
	config.IngestURL = ingest.url + path
	handler := tapOf(t, config, sayOK)
	const requests = 13000
	for i := 0; i < requests; i++ {
		if got := ask(handler, get("/")); got.Body.String() != "ok" {
			t.Fatal("a full queue reaches the client")
		}
	}
	waitFor(t, "a batch to be refused", func() bool { return len(ingest.posted(path)) > 0 })
	ingest.answer(path, http.StatusAccepted)
	waitFor(t, "the queue to be empty", func() bool {
		heads := headsOf(t, path)
		last := heads[len(heads)-1]
		return last.Totals.Queued == 0 && last.Totals.Seen == requests
	})
	heads := headsOf(t, path)
	for _, head := range heads {
		if head.Totals.Seen != head.Totals.Shipped+head.Totals.Queued+droppedOf(head) {
			t.Fatalf("seen ≠ shipped + queued + dropped: %+v", head.Totals)
		}
		if head.Totals.Queued > 10000 {
			t.Fatalf("%d records wait", head.Totals.Queued)
		}
	}
	for _, head := range heads {
		route := head.Routes["queue-full"]
		// Every record expects one pair here.
		if route.Queued != head.Totals.Queued || head.Pairs["queue-full"] != head.Records || route.Tapped != head.Totals.Seen {
			t.Fatalf("in pairs %+v and %v of the batch, in records %+v and %d", route, head.Pairs, head.Totals, head.Records)
		}
	}
	last := heads[len(heads)-1]
	if last.Totals.Dropped["queue-full"] < requests-10000 || last.Totals.Shipped+last.Totals.Dropped["queue-full"] != requests {
		t.Fatalf("in the end %+v", last.Totals)
	}
	route := last.Routes["queue-full"]
	if route == nil || route.Tapped != requests || route.Dropped["queue-full"] != last.Totals.Dropped["queue-full"] {
		t.Fatalf("the route counts %+v, the queue %+v", route, last.Totals)
	}
}

func TestQueueGivesUpWhatIngestRejects(t *testing.T) {
	for path, status := range map[string]int{"rejected": 422, "unauthorised": 401} {
		ingest.answer("/"+path, status)
		config := configOf("queue-"+path, "primary")
		config.IngestURL = ingest.url + "/" + path
		ask(tapOf(t, config, sayOK), get("/"))
		waitFor(t, "the report of what was given up", func() bool {
			heads := headsOf(t, "/"+path)
			if len(heads) == 0 {
				return false
			}
			last := heads[len(heads)-1]
			return last.Totals.Dropped[path] == 1 && last.Routes["queue-"+path].Dropped[path] == 1 && last.Totals.Queued == 0
		})
	}
}

func TestQueueHalvesABatchThatIsTooLarge(t *testing.T) {
	path := "/too-large"
	ingest.answer(path, http.StatusRequestEntityTooLarge)
	config := configOf("queue-large", "primary")
	config.IngestURL = ingest.url + path
	handler := tapOf(t, config, sayOK)
	for i := 0; i < 5; i++ {
		ask(handler, get("/"))
	}
	waitFor(t, "every record to be tried alone", func() bool {
		heads := headsOf(t, path)
		return len(heads) > 0 && heads[len(heads)-1].Totals.Dropped["too-large"] == 5
	})
	for _, head := range headsOf(t, path) {
		if head.Pairs["queue-large"] != head.Records {
			t.Fatalf("%d records expect %v", head.Records, head.Pairs)
		}
	}
	waitFor(t, "nothing to be queued", func() bool {
		heads := headsOf(t, path)
		route := heads[len(heads)-1].Routes["queue-large"]
		return route.Queued == 0 && route.Dropped["too-large"] == 5 && route.Tapped == 5
	})
}

func TestQueueNumbersFollowEachOther(t *testing.T) {
	path := "/numbers"
	config := configOf("queue-numbers", "primary")
	config.IngestURL = ingest.url + path
	handler := tapOf(t, config, sayOK)
	for i := 0; i < 3000; i++ {
		ask(handler, get("/"))
	}
	shipped := func() int {
		sum := 0
		for _, head := range headsOf(t, path) {
			sum += head.Records
		}
		return sum
	}
	waitFor(t, "all records", func() bool { return shipped() == 3000 })
	next := 1
	for _, head := range headsOf(t, path) {
		if head.Records > 0 && head.FirstSequence != next {
			t.Fatalf("a batch begins at %d, expected %d", head.FirstSequence, next)
		}
		next += head.Records
		if head.Records > 2000 || head.Instance == "" || head.Instance != headsOf(t, path)[0].Instance {
			t.Fatalf("head %+v", head)
		}
	}
}

// What a copy says is of no pair, so only what primaries expect is counted, by each route for itself.
func TestQueueCountsThePairsOfEachRoute(t *testing.T) {
	path := "/pairs"
	ingest.answer(path, http.StatusServiceUnavailable)
	both := configOf("pairs-both", "primary")
	both.Expects = []string{"shadow", "shadow-b"}
	both.IngestURL = ingest.url + path
	one := configOf("pairs-one", "primary")
	one.IngestURL = both.IngestURL
	shadow := configOf("pairs-one", "shadow")
	shadow.IngestURL = both.IngestURL
	for i := 0; i < 3; i++ {
		ask(tapOf(t, both, sayOK), get("/"))
		ask(tapOf(t, one, sayOK), get("/"))
		ask(tapOf(t, shadow, sayOK), copyOf("/", anID))
	}
	upgrade := get("/")
	upgrade.Header.Set("Upgrade", "websocket")
	ask(tapOf(t, one, sayOK), upgrade)
	waitFor(t, "the counters in a refused batch", func() bool {
		for _, head := range headsOf(t, path) {
			if head.Totals.Queued == 10 {
				return head.Routes["pairs-both"].Queued == 6 && head.Routes["pairs-one"].Queued == 3
			}
		}
		return false
	})
	ingest.answer(path, http.StatusAccepted)
	waitFor(t, "nothing to be queued", func() bool {
		heads := headsOf(t, path)
		last := heads[len(heads)-1]
		two := last.Routes["pairs-both"]
		return last.Totals.Shipped == 10 && two.Queued == 0 && two.Tapped == 6 && last.Routes["pairs-one"].Tapped == 3
	})
}

func TestUpgradeLeavesWhatIsExpectedOfTheNextRequest(t *testing.T) {
	handler := tapOf(t, configOf("after-upgrade", "primary"), sayOK)
	for i := 0; i < 4; i++ {
		req := get("/")
		if i%2 == 0 {
			req.Header.Set("Upgrade", "websocket")
		}
		ask(handler, req)
	}
	for at, one := range recordsOf(t, "after-upgrade", 4) {
		if len(one.Expects) != at%2 {
			t.Fatalf("record %d expects %v", at, one.Expects)
		}
	}
}
