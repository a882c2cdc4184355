package tap

import (
	"bytes"
	"encoding/json"
	"sync"
)

// The queue between the requests and the sender. Past its bound the newest record is dropped and counted.
const (
	// A batch is closed at batchBytes: some 250 records of an answer of 1 KiB, never more than 1,000. Its last record may
	// take it somewhat further, a very long one past its buffer.
	batchBytes  = 500 * 1024
	bufferBytes = 512 * 1024
	// All buffers together are 24 MiB. The heap may grow to twice what is kept, so this holds the tap to 64 MiB.
	mostBatches = 48
	// No batch is opened past 9,000 records, so that 10,000 is the most.
	mostQueuedRecords = 9000
	// Ingest takes lines of 3 MiB.
	mostLineBytes = 2500 * 1024
	mostRoutes    = 1000
)

var newline = []byte{'\n'}

// batch is a run of lines with consecutive sequence numbers.
type batch struct {
	lines   *bytes.Buffer
	records int
	first   int
	// home is the memory that it was laid out in, to be used again.
	home []byte
	// pairs are what its records expect to follow.
	pairs []routePairs
}

type batchHeader struct {
	V     int        `json:"v"`
	Batch batchFacts `json:"batch"`
}

type batchFacts struct {
	Instance      string `json:"instance"`
	StartedAt     string `json:"startedAt"`
	FirstSequence int    `json:"firstSequence"`
	Records       int    `json:"records"`
	Totals        totals `json:"totals"`
	// Pairs are those of this batch by route: what is queued no more once it is taken.
	Pairs  map[string]int          `json:"pairs"`
	Routes map[string]*routeTotals `json:"routes"`
}

// queue holds the open batch, the full ones behind it, and the counters: seen = shipped + dropped + queued, always.
type queue struct {
	mu sync.Mutex
	// lines is the open batch. It takes more until it reaches limit, which is 0 where no batch can be opened.
	lines *bytes.Buffer
	json  *json.Encoder
	limit int
	full  []*batch
	// home is the open batch's memory, spare is that of batches to come.
	home  []byte
	spare [][]byte
	// queuedRecords counts the full batches and the one being sent.
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
	q.spare = layOutBuffers()
	open(q)
	return q
}

// layOutBuffers takes the memory of the whole queue at once. It is touched only as far as it is needed, and spares the
// garbage collector what growing and dropping buffers would cost.
func layOutBuffers() [][]byte {
	arena := make([]byte, mostBatches*bufferBytes)
	spare := make([][]byte, mostBatches)
	for i := 0; i < mostBatches; i++ {
		at := i * bufferBytes
		spare[i] = arena[at : at : at+bufferBytes]
	}
	return spare
}

// open begins a new batch, where there is memory for it and not too much waits.
func open(q *queue) {
	last := len(q.spare) - 1
	if last < 0 || q.queuedRecords >= mostQueuedRecords {
		q.lines = &bytes.Buffer{}
		q.home = nil
		q.limit = 0
	} else {
		q.home = q.spare[last]
		q.spare = q.spare[:last]
		q.lines = bytes.NewBuffer(q.home)
		q.limit = batchBytes
	}
	q.json = json.NewEncoder(q.lines)
	q.json.SetEscapeHTML(false)
}

// makeRoom closes the open batch, which is full, for a leg that has a record. Without room the record is dropped.
func makeRoom(q *queue, l *leg) bool {
	if q.lines.Len() > 0 {
		seal(q)
	} else {
		open(q)
	}
	if q.limit == 0 {
		dropOne(q, l, "queue-full")
		return false
	}
	return true
}

// seal closes the open batch and wakes the sender.
func seal(q *queue) {
	records := bytes.Count(q.lines.Bytes(), newline)
	q.full = append(q.full, &batch{lines: q.lines, records: records, first: q.next, home: q.home, pairs: openPairs(q)})
	q.next += records
	q.queuedRecords += records
	open(q)
	select {
	case q.wake <- true:
	default:
	}
}

// takeBatch gives the oldest full batch, and the open one where alsoOpen says so; nil when there is none. It stays
// counted as queued until it is settled.
func takeBatch(q *queue, alsoOpen bool) *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lines.Len() > 0 && alsoOpen {
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
	noteOpen(q)
	facts := q.facts
	facts.FirstSequence = q.next
	facts.Pairs = map[string]int{}
	if b != nil {
		facts.FirstSequence = b.first
		facts.Records = b.records
		for _, each := range b.pairs {
			facts.Pairs[each.totals.Name] += each.pairs
		}
	}
	facts.Totals.Queued = q.queuedRecords + bytes.Count(q.lines.Bytes(), newline)
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
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queuedRecords -= b.records
	if b.home != nil {
		q.spare = append(q.spare, b.home)
	}
	q.changed = true
	for _, each := range b.pairs {
		each.totals.Queued -= each.pairs
	}
	if reason == "" {
		q.facts.Totals.Shipped += b.records
		return
	}
	q.facts.Totals.Dropped[reason] += b.records
	for _, each := range b.pairs {
		each.totals.Dropped[reason] += each.pairs
	}
}
