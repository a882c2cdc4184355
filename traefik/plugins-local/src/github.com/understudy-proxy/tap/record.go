package tap

import (
	"net/http"
	"time"
)

// record is one side of one exchange as ingest reads it. The order of the fields is part of the format: the labels
// come first, so that a batch can be cut and labelled without being parsed (see collector/core/tap-record.ts).
// A record is bound to its leg once: what differs from request to request is pointed at, not copied.
type record struct {
	V           int        `json:"v"`
	ID          *string    `json:"id"`
	Route       string     `json:"route"`
	Side        string     `json:"side"`
	Variant     string     `json:"variant"`
	Expects     *[]string  `json:"expects"`
	At          *time.Time `json:"at"`
	Request     request    `json:"request"`
	Response    *answer    `json:"response,omitempty"`
	Skipped     string     `json:"skipped,omitempty"`
	ClientEnded bool       `json:"clientEnded,omitempty"`
	Timing      timing     `json:"timing"`
}

type request struct {
	Method *string `json:"method"`
	URI    *string `json:"uri"`
	Host   *string `json:"host"`
	// Headers are those of the primary's request; a copy's are left out, they say nothing more.
	Headers *http.Header `json:"headers"`
}

type answer struct {
	Status       *int         `json:"status"`
	Headers      *http.Header `json:"headers"`
	Body         *string      `json:"body"`
	BodyEncoding string       `json:"bodyEncoding"`
	BodyBytes    *int         `json:"bodyBytes"`
	BodyHash     *string      `json:"bodyHash"`
	Truncated    bool         `json:"truncated"`
	// Trailers came after the body, announced or not.
	Trailers http.Header `json:"trailers,omitempty"`
}

type timing struct {
	FirstByteMicros *int64 `json:"firstByteMicros"`
	TotalMicros     *int64 `json:"totalMicros"`
}

// Why a side was not captured.
const (
	skippedRate     = "shed-rate"
	skippedInFlight = "shed-inflight"
	skippedBreaker  = "shed-breaker"
	skippedLoop     = "loop"
	skippedTimeout  = "timeout"
	skippedUpgrade  = "upgrade"
	skippedAborted  = "aborted"
	skippedPanic    = "panic"
)

const timeFormat = "2006-01-02T15:04:05.000000Z07:00"
