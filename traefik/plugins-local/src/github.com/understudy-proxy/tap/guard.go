package tap

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// guard keeps a shadow or control from being given too much. It lives as long as the process: a reload of Traefik's
// configuration must not forget what is in flight.
type guard struct {
	inFlight *atomic.Int64
	// ended counts what was sent and is over; pausedUntil is when the breaker closes again, in Unix nanoseconds.
	ended       *atomic.Int64
	pausedUntil *atomic.Int64

	mu     sync.Mutex
	rate   float64
	burst  float64
	tokens float64
	filled time.Time
	most   int64

	breakAt     float64
	pause       time.Duration
	windowSince time.Time
	endedBefore int64
	failures    int
}

const mostGuards = 10000

var (
	guards     = map[string]*guard{}
	guardsLock sync.Mutex
)

// guardFor gives the one guard of a route's variant, with the newest bounds.
func guardFor(config *Config, variant string) *guard {
	if variant == "" {
		return nil
	}
	key := config.Route + " " + variant
	guardsLock.Lock()
	defer guardsLock.Unlock()
	found := guards[key]
	if found == nil {
		if len(guards) >= mostGuards {
			guards = map[string]*guard{}
		}
		found = &guard{inFlight: &atomic.Int64{}, ended: &atomic.Int64{}, pausedUntil: &atomic.Int64{}}
		guards[key] = found
	}
	setBounds(found, config.GuardRate, config.GuardBurst, config.GuardInFlight)
	setBreaker(found, config.BreakAtPercent, time.Duration(config.PauseMs)*time.Millisecond)
	return found
}

func setBounds(g *guard, rate float64, burst int, inFlight int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if burst < 1 {
		burst = int(math.Ceil(rate))
	}
	if inFlight < 1 {
		inFlight = defaultGuardInFlight
	}
	g.most = int64(inFlight)
	if g.rate == rate && g.burst == float64(burst) {
		return
	}
	// One by one: under Yaegi a tuple with a conversion in it assigns zeros.
	g.rate = rate
	g.burst = float64(burst)
	g.tokens = g.burst
	g.filled = time.Now()
}

// boundsOf gives the rate, how many copies may be in flight, and past which part of failures there is a pause.
func boundsOf(g *guard) (float64, int64, float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rate, g.most, g.breakAt
}

func setBreaker(g *guard, breakAt float64, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.breakAt = breakAt
	g.pause = pause
	if breakAt <= 0 {
		g.pausedUntil.Store(0)
	}
}

// take asks for one request's worth of the rate.
func take(g *guard, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if elapsed := now.Sub(g.filled).Seconds(); elapsed > 0 {
		g.tokens = math.Min(g.burst, g.tokens+elapsed*g.rate)
	}
	g.filled = now
	if g.tokens < 1 {
		return false
	}
	g.tokens--
	return true
}
