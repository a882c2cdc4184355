package tap

import (
	"bytes"
	"encoding/json"
)

// What the tap counts: records for the queue as a whole, expected pairs for each route.

// routePairs are expected pairs of a route.
type routePairs struct {
	totals *routeTotals
	pairs  int
}

// routeTotals count in expected pairs: what a primary's record says will follow. Queued is what this process would take
// with it if it were killed now.
type routeTotals struct {
	Tapped  int            `json:"tapped"`
	Queued  int            `json:"queued"`
	Dropped map[string]int `json:"dropped"`
	// Shed counts what the guard did not send on, in records: each is one, and says so.
	Shed map[string]int `json:"shed,omitempty"`
	// Open are the pairs of the open batch, as every request counts them; Noted of them are in Tapped and Queued already.
	Open  int    `json:"-"`
	Noted int    `json:"-"`
	Name  string `json:"-"`
}

type totals struct {
	Seen    int            `json:"seen"`
	Shipped int            `json:"shipped"`
	Queued  int            `json:"queued"`
	Dropped map[string]int `json:"dropped"`
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
		found = &routeTotals{Dropped: map[string]int{}, Name: route}
		q.facts.Routes[route] = found
	}
	return found
}

// openPairs gives the pairs of the open batch, which is closed with it.
func openPairs(q *queue) []routePairs {
	noteOpen(q)
	var found []routePairs
	for _, totals := range q.facts.Routes {
		if totals.Open != 0 {
			found = append(found, routePairs{totals: totals, pairs: totals.Open})
			totals.Open = 0
			totals.Noted = 0
		}
	}
	return found
}

// noteOpen brings the counters up to what the open batch holds.
func noteOpen(q *queue) {
	for _, totals := range q.facts.Routes {
		if totals.Open != totals.Noted {
			more := totals.Open - totals.Noted
			totals.Tapped += more
			totals.Queued += more
			totals.Noted = totals.Open
		}
	}
}

// dropOne counts a record that never came into the queue. Its pairs are counted into the open batch by whoever calls.
func dropOne(q *queue, l *leg, reason string) {
	q.facts.Totals.Dropped[reason]++
	if l.pairs > 0 {
		l.totals.Tapped += l.pairs
		l.totals.Dropped[reason] += l.pairs
		l.totals.Open -= l.pairs
	}
	q.changed = true
}

// pairsOf reads from lines what their records expect to follow. It is slow, and needed only for a batch that is halved.
func (q *queue) pairsOf(lines []byte) []routePairs {
	var found []routePairs
	decoder := json.NewDecoder(bytes.NewReader(lines))
	for decoder.More() {
		var line struct {
			Route   string   `json:"route"`
			Expects []string `json:"expects"`
		}
		if err := decoder.Decode(&line); err != nil {
			complain("a queued record cannot be read: " + err.Error())
			return found
		}
		if len(line.Expects) > 0 {
			found = append(found, routePairs{totals: q.totalsOf(line.Route), pairs: len(line.Expects)})
		}
	}
	return found
}

// halves cuts a batch of two or more records in two.
func (q *queue) halves(b *batch) (*batch, *batch) {
	lines := b.lines.Bytes()
	half := b.records / 2
	at := 0
	for i := 0; i < half; i++ {
		at += bytes.IndexByte(lines[at:], '\n') + 1
	}
	first := &batch{lines: bytes.NewBuffer(lines[:at]), records: half, first: b.first, pairs: q.pairsOf(lines[:at])}
	second := &batch{lines: bytes.NewBuffer(lines[at:]), records: b.records - half, first: b.first + half, home: b.home}
	second.pairs = q.pairsOf(lines[at:])
	return first, second
}
