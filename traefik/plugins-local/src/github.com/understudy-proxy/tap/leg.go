package tap

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// leg is what a request needs on its way through a tap. It is made once and used for many requests, one at a time, and
// so holds no more than one of them. Its fields stand in one flat struct, and plain functions take it as an argument:
// embedded fields and methods are what an interpreter is slow at.
type leg struct {
	settings *settings
	legs     *sync.Pool
	queue    *queue
	totals   *routeTotals
	// writer is what the service behind us writes to. Making it costs more than using it.
	writer http.ResponseWriter
	// leave is what has to run when a copy ends, however it ends.
	leave func()

	// What the record points at.
	record      *record
	answer      *answer
	id          string
	view        *http.Request
	expects     []string
	pairs       int
	start       time.Time
	status      int
	headers     http.Header
	text        string
	bodyBytes   int
	bodyHash    string
	firstMicros int64
	totalMicros int64

	// recorder brings a Header method that stays native: it gives its HeaderMap, which is the answer's header.
	recorder *httptest.ResponseRecorder
	mac      hash.Hash
	// tee takes the body natively, into small. What does not fit goes on to body, and past captureBytes only to mac.
	tee    *bufio.Writer
	sink   io.Writer
	small  []byte
	body   *bytes.Buffer
	isLong bool
	isOver bool

	// completed says that the handler behind us came back without a panic, finished that the record is queued.
	completed bool
	finished  bool
	// isOdd says that something was not as usual: the record is finished with care, and the leg is reset.
	isOdd bool

	// kinds is what this leg has learned about the names of headers: plain ones can be recorded as they are, delicate
	// ones not, familiar ones may come from a client.
	kinds    map[string]int
	plain    map[string]bool
	delicate []string
	familiar map[string]bool
	// clean are addresses that hold no secret.
	clean map[string]bool
	// tail is the end of this leg's exchange ids, count what tells them apart within a millisecond.
	tail  string
	count int

	// The primary's side: the client's writer, the headers that were set before the primary was asked, and what flushes
	// an answer that has to reach the client bit by bit. announced is its Content-Length, -1 without one.
	inner  http.ResponseWriter
	before http.Header
	// emptyBefore is how many headers without a value are there before every answer.
	emptyBefore int
	// headCount is how many headers the head had; more at the end are trailers.
	headCount int
	control   *http.ResponseController
	announced int
	written   int
	isParted  bool
	// rest is what Content-Length says is to come, where it comes in one piece; lengths are those that were seen.
	rest    int
	lengths map[string]int
	// late flushes a head whose body is a while in coming, as Traefik would; lateLock keeps it and the body apart.
	late     *time.Timer
	lateLock sync.Mutex
	hasBody  bool
	// least is the lowest status that needs no closer look.
	least int
	// bodiless are the methods of requests that are passed on without any body, where they have an empty one. Traefik's
	// mirroring then spares a buffer of maxBodySize, which costs it more than all of the tap does.
	bodiless map[string]bool
	// isControlled says that this leg's requests also go to the control.
	isControlled bool

	// A mirror's side.
	guard  *guard
	cancel context.CancelFunc
	// remotes are addresses of clients that were seen, each as a header's values, forwarded what follows from them.
	remotes   map[string][]string
	forwarded map[string][]string
}

const (
	mostKinds   = 250
	mostLengths = 500
	// Below leastFinal an answer is informational; no status reaches never.
	leastFinal    = 200
	never         = 1000
	mostClean     = 100
	longestCached = 200
	// smallBody is what tee takes: longer bodies are not encoded under the queue's lock.
	smallBody  = 8 * 1024
	keptBuffer = 64 * 1024
)

func newLeg(s *settings, legs *sync.Pool) *leg {
	l := &leg{
		settings: s,
		legs:     legs,
		queue:    s.queue,
		totals:   s.totals,
		guard:    s.guard,
		view:     &http.Request{},
		expects:  []string{},
		lengths:  map[string]int{},
		recorder: httptest.NewRecorder(),
		body:     &bytes.Buffer{},
		mac:      hmac.New(sha256.New, s.redactor.key),
		clean:    map[string]bool{},

		remotes:   map[string][]string{},
		forwarded: map[string][]string{},
		tail:      newTail(),
	}
	l.sink = &overflow{leg: l}
	l.tee = bufio.NewWriterSize(l.sink, smallBody)
	l.small = l.tee.AvailableBuffer()[:smallBody]
	l.answer = &answer{
		Status: &l.status, Headers: &l.headers,
		Body: &l.text, BodyEncoding: "utf8", BodyBytes: &l.bodyBytes, BodyHash: &l.bodyHash,
	}
	l.record = &record{
		V: 1, ID: &l.id, Route: s.route, Side: s.side, Variant: s.variant, Expects: &l.expects, At: &l.start,
		Request:  request{Method: &l.view.Method, URI: &l.view.RequestURI, Host: &l.view.Host, Headers: &l.view.Header},
		Response: l.answer,
		Timing:   timing{FirstByteMicros: &l.firstMicros, TotalMicros: &l.totalMicros},
	}
	forgetNames(l)
	reset(l)
	return l
}

// newTail gives the end of a UUIDv7: the variant and 60 random bits. Time and count stand before it.
func newTail() string {
	hex := randomHex(8)
	return "-8" + hex[:3] + "-" + hex[3:15]
}

func forgetNames(l *leg) {
	l.kinds = map[string]int{}
	l.plain = map[string]bool{}
	l.familiar = map[string]bool{}
	l.delicate = nil
	if l.isControlled {
		l.familiar["X-Understudy-Control"] = true
	}
}

// kindOf classifies a header by its name and remembers it.
func kindOf(l *leg, name string) int {
	kind := l.kinds[name]
	if kind != unknown {
		return kind
	}
	kind = headerKind(l.settings.redactor, name)
	if len(name) > longestCached {
		return kind
	}
	if len(l.kinds) >= mostKinds {
		forgetNames(l)
	}
	l.kinds[name] = kind
	if kind == plain {
		l.plain[name] = true
	} else {
		// No address is clean any more, so every request is described with care.
		l.delicate = append(l.delicate, name)
		l.clean = map[string]bool{}
	}
	if kind == plain || kind == secret || kind == address {
		l.familiar[name] = true
	}
	return kind
}

// reset takes away what an unusual request left.
func reset(l *leg) {
	l.isOdd = l.settings.captureBytes < smallBody
	l.isOver = false
	l.completed = false
	l.isLong = false
	l.least = leastFinal
	if l.settings.exposeID {
		l.least = never
	}
	l.rest = -1
	l.written = 0
	l.isParted = false
	l.announced = -1
	l.before = nil
	l.control = nil
	l.status = 0
	l.text = ""
	l.answer.BodyEncoding = "utf8"
	l.answer.Truncated = false
	l.answer.Trailers = nil
	l.record.Response = l.answer
	l.record.Skipped = ""
	l.record.ClientEnded = false
	l.body.Reset()
	if l.body.Cap() > keptBuffer {
		l.body = &bytes.Buffer{}
	}
	l.tee.Reset(l.sink)
	l.mac.Reset()
}

// overflow takes what does not fit into small.
type overflow struct{ leg *leg }

func (o *overflow) Write(part []byte) (int, error) {
	l := o.leg
	l.isLong = true
	l.isOdd = true
	if l.isOver {
		l.bodyBytes += len(part)
		l.mac.Write(part)
		return len(part), nil
	}
	room := l.settings.captureBytes - l.body.Len()
	if len(part) <= room {
		l.body.Write(part)
		return len(part), nil
	}
	l.isOver = true
	l.body.Write(part[:room])
	l.mac.Write(l.body.Bytes())
	l.mac.Write(part[room:])
	l.bodyBytes = l.body.Len() + len(part) - room
	return len(part), nil
}
