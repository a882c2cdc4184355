package tap

import (
	"strconv"
	"time"
)

// The guard's breaker: a shadow of which too many copies fail (5xx, no answer in time, none at all) is left alone for a
// while. What ends well is only counted; the rest is thought about when something fails.

const (
	breakerWindow = 30 * time.Second
	// breakerLeast is how many copies have to end within a window before their failures say anything.
	breakerLeast = 20
)

// countFailure is for a copy that has not left its tap yet.
func countFailure(l *leg) {
	g := l.guard
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.breakAt <= 0 || now.UnixNano() < g.pausedUntil.Load() {
		return
	}
	if now.Sub(g.windowSince) > breakerWindow {
		// A window begins at a failure, which would weigh too much in it.
		g.windowSince = now
		g.endedBefore = g.ended.Load() + 1
		g.failures = 0
		return
	}
	g.failures++
	ended := int(g.ended.Load()-g.endedBefore) + 1
	if ended < breakerLeast || float64(g.failures)*100 <= g.breakAt*float64(ended) {
		return
	}
	g.pausedUntil.Store(now.Add(g.pause).UnixNano())
	complain("route " + l.settings.route + ": " + strconv.Itoa(g.failures) + " of " + strconv.Itoa(ended) + " requests to " +
		l.settings.variant + " failed: it gets none until " + now.Add(g.pause).UTC().Format(time.RFC3339))
	g.windowSince = time.Time{}
}
