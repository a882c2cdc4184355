package tap

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// allowance bounds what a route's control is given: everything while its noise is still to be learned, a part drawn by
// lot afterwards, and in either case no more than a rate. It lives as long as the process, so that a reload of Traefik's
// configuration does not begin the learning again; a new generation does.
type allowance struct {
	isLearning *atomic.Bool

	mu         sync.Mutex
	generation string
	given      int
	toLearn    int
	rate       float64
	tokens     float64
	// need is how many tokens the next request waits for, 1 to 2: a constant would always take the same of several
	// kinds of request that alternate strictly.
	need   float64
	filled time.Time
}

var (
	allowances     = map[string]*allowance{}
	allowancesLock sync.Mutex
)

// allowanceFor gives the one allowance of a route, with the newest bounds.
func allowanceFor(config *Config) *allowance {
	allowancesLock.Lock()
	defer allowancesLock.Unlock()
	found := allowances[config.Route]
	if found == nil {
		if len(allowances) >= mostGuards {
			allowances = map[string]*allowance{}
		}
		found = &allowance{
			isLearning: &atomic.Bool{}, generation: config.Generation, tokens: 3, need: 1 + rand.Float64(), filled: time.Now(),
		}
		allowances[config.Route] = found
	}
	found.mu.Lock()
	defer found.mu.Unlock()
	if found.generation != config.Generation {
		found.generation = config.Generation
		found.given = 0
	}
	found.toLearn = config.ControlLearn
	found.rate = config.ControlRate
	found.isLearning.Store(found.given < found.toLearn)
	return found
}

// allow asks for one request to the control. In any time t it says yes at most rate × t + 3 times.
func allow(a *allowance, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rate > 0 {
		if elapsed := now.Sub(a.filled).Seconds(); elapsed > 0 {
			a.tokens = math.Min(3, a.tokens+elapsed*a.rate)
			a.filled = now
		}
		if a.tokens < a.need {
			return false
		}
		a.tokens--
		a.need = 1 + rand.Float64()
	}
	a.given++
	if a.given >= a.toLearn {
		a.isLearning.Store(false)
	}
	return true
}
