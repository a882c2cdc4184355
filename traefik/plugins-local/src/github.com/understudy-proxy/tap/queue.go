package tap

import (
	"bytes"
	"encoding/json"
	"sync"
)

// The queue between the requests and the sender. Past its bound the newest record is dropped and counted. What is
// queued is bytes without pointers, which costs the garbage collector nothing.
const (
	// A batch is closed at batchBytes: some 250 records of an answer of 1 KiB, never more than 2,000.
	batchBytes        = 512 * 1024
	mostQueuedRecords = 10000
	// Heap may grow to twice what is kept, so this bounds the tap at 64 MiB.
	mostQueuedBytes = 30 * 1024 * 1024
	// Ingest takes lines of 3 MiB.
	mostLineBytes = 2500 * 1024
	mostRoutes    = 1000
	mostSpare     = 4
)

// batch is a run of lines with consecutive sequence numbers.
type batch struct {
	lines   *bytes.Buffer
	records int
	first   int
	// isPart says that another batch shares the buffer.
	isPart bool
}

// routeTotals count in expected pairs: what a primary's record says will follow.
type routeTotals struct {
	Tapped  int            `json:"tapped"`
	Dropped map[string]int `json:"dropped"`
}

type totals struct {
	Seen    int            `json:"seen"`
	Shipped int            `json:"shipped"`
	Queued  int            `json:"queued"`
	Dropped map[string]int `json:"dropped"`
}

type batchHeader struct {
	V     int        `json:"v"`
	Batch batchFacts `json:"batch"`
}

type batchFacts struct {
	Instance      string                  `json:"instance"`
	StartedAt     string                  `json:"startedAt"`
	FirstSequence int                     `json:"firstSequence"`
	Records       int                     `json:"records"`
	Totals        totals                  `json:"totals"`
	Routes        map[string]*routeTotals `json:"routes"`
}

// queue holds the open batch, the full ones behind it, and the counters: seen = shipped + dropped + queued, always.
type queue struct {
	mu sync.Mutex
	// lines and records are the open batch. It takes lines until it reaches limit, which is 0 where nothing more fits.
	lines   *bytes.Buffer
	json    *json.Encoder
	records int
	limit   int
	full    []*batch
	// spare are buffers of batches that were sent.
	spare []*bytes.Buffer
	// queuedBytes and queuedRecords count the full batches and the one being sent.
	queuedBytes   int
	queuedRecords int
	next          int
	facts         batchFacts
	// changed says that ingest has not been told the counters as they are.
	changed bool
	wake    chan bool
}

func newQueue(instance string, startedAt string) *queue {
	q := &queue{
		next: 1,
		facts: batchFacts{
			Instance:  instance,
			StartedAt: startedAt,
			Totals:    totals{Dropped: map[string]int{}},
			Routes:    map[string]*routeTotals{},
		},
		wake: make(chan bool, 1),
	}
	open(q)
	return q
}

// open begins a new batch.
func open(q *queue) {
	if last := len(q.spare) - 1; last >= 0 {
		q.lines = q.spare[last]
		q.spare = q.spare[:last]
	} else {
		q.lines = &bytes.Buffer{}
	}
	q.json = json.NewEncoder(q.lines)
	q.json.SetEscapeHTML(false)
	q.records = 0
	q.limit = batchBytes
	if q.queuedRecords+2000 > mostQueuedRecords || q.queuedBytes+2*batchBytes > mostQueuedBytes {
		q.limit = 0
	}
}

// totalsOf gives the counters of a route; past the bound all further routes share one entry.
func (q *queue) totalsOf(route string) *routeTotals {
	q.mu.Lock()
	defer q.mu.Unlock()
	found := q.facts.Routes[route]
	if found == nil && len(q.facts.Routes) >= mostRoutes {
		route = "other"
		found = q.facts.Routes[route]
	}
	if found == nil {
		found = &routeTotals{Dropped: map[string]int{}}
		q.facts.Routes[route] = found
	}
	return found
}

// makeRoom closes the open batch, which is full, for a leg that has a record. Without room the record is dropped.
func makeRoom(q *queue, l *leg) bool {
	if q.records > 0 {
		seal(q)
	} else {
		open(q)
	}
	if q.limit == 0 {
		drop(q, "queue-full", 1, len(l.expects), l.totals)
		return false
	}
	return true
}

// seal closes the open batch and wakes the sender.
func seal(q *queue) {
	q.full = append(q.full, &batch{lines: q.lines, records: q.records, first: q.next})
	q.next += q.records
	q.queuedRecords += q.records
	q.queuedBytes += q.lines.Cap()
	open(q)
	select {
	case q.wake <- true:
	default:
	}
}

// drop counts records that are given up; totals may be nil where no route is known.
func drop(q *queue, reason string, records int, pairs int, totals *routeTotals) {
	q.facts.Totals.Dropped[reason] += records
	if totals != nil && pairs > 0 {
		totals.Dropped[reason] += pairs
	}
	q.changed = true
}

// takeBatch gives the oldest full batch, and the open one where alsoOpen says so; nil when there is none. It stays
// counted as queued until it is settled.
func takeBatch(q *queue, alsoOpen bool) *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.records > 0 && alsoOpen {
		seal(q)
	}
	if len(q.full) == 0 {
		return nil
	}
	oldest := q.full[0]
	q.full[0] = nil
	q.full = q.full[1:]
	return oldest
}

// head gives the first line of a batch, with the counters as they are now.
func (q *queue) head(b *batch) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	facts := q.facts
	facts.FirstSequence = q.next
	if b != nil {
		facts.FirstSequence = b.first
		facts.Records = b.records
	}
	facts.Totals.Queued = q.queuedRecords + q.records
	facts.Totals.Seen = facts.Totals.Shipped + facts.Totals.Queued
	for _, count := range facts.Totals.Dropped {
		facts.Totals.Seen += count
	}
	q.changed = false
	line, err := json.Marshal(batchHeader{V: 1, Batch: facts})
	if err != nil {
		complain("the batch header cannot be written: " + err.Error())
	}
	return append(line, '\n')
}

// settle takes a batch out of the count of what is queued: shipped when reason is empty, else dropped.
func (q *queue) settle(b *batch, reason string) {
	var pairs []routePairs
	if reason != "" {
		pairs = pairsOf(b.lines.Bytes())
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queuedRecords -= b.records
	q.queuedBytes -= b.lines.Cap()
	q.changed = true
	if reason == "" {
		q.facts.Totals.Shipped += b.records
		recycle(q, b)
		return
	}
	drop(q, reason, b.records, 0, nil)
	for _, each := range pairs {
		totals := q.facts.Routes[each.route]
		if totals == nil {
			totals = q.facts.Routes["other"]
		}
		if totals != nil {
			totals.Dropped[reason] += each.pairs
		}
	}
}

// recycle keeps a buffer for another batch.
func recycle(q *queue, b *batch) {
	if len(q.spare) < mostSpare && b.lines.Cap() <= 2*batchBytes && !b.isPart {
		b.lines.Reset()
		q.spare = append(q.spare, b.lines)
	}
}

// routePairs is how many pairs a record of a primary expects.
type routePairs struct {
	route string
	pairs int
}

// pairsOf reads from lines that are given up what would have followed. It is slow, and needed only then.
func pairsOf(lines []byte) []routePairs {
	var found []routePairs
	decoder := json.NewDecoder(bytes.NewReader(lines))
	for decoder.More() {
		var line struct {
			Route   string   `json:"route"`
			Expects []string `json:"expects"`
		}
		if err := decoder.Decode(&line); err != nil {
			return found
		}
		if len(line.Expects) > 0 {
			found = append(found, routePairs{route: line.Route, pairs: len(line.Expects)})
		}
	}
	return found
}
