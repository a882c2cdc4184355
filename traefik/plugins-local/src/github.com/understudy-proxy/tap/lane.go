package tap

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
)

// laneTap stands before the choice between the mirrored branch and the plain one, where the share goes by user. A hash of
// the user's key says who is in, so whoever is in at one share is in at every greater one; what has no key is drawn by
// lot. It is as short as it can be, because requests that are not sampled pass it, too.
type laneTap struct {
	next    http.Handler
	header  string
	cookie  string
	salt    string
	keepPpm int
}

func newLaneTap(next http.Handler, config *Config) http.Handler {
	return &laneTap{
		next:   next,
		header: http.CanonicalHeaderKey(config.StickyHeader),
		cookie: config.StickyCookie,
		// Whoever is in on one route should not be in on all.
		salt:    config.Route + "\n",
		keepPpm: config.KeepPpm,
	}
}

func (t *laneTap) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	key := ""
	if t.header != "" {
		if values := req.Header[t.header]; values != nil {
			key = values[0]
		}
	} else if cookie, err := req.Cookie(t.cookie); err == nil {
		key = cookie.Value
	}
	number := 0
	if key == "" {
		number = rand.IntN(million)
	} else {
		sum := sha256.Sum256([]byte(t.salt + key))
		number = int(binary.BigEndian.Uint64(sum[:8]) % million)
	}
	if number < t.keepPpm {
		req.Header["X-Understudy-Lane"] = one
	} else {
		delete(req.Header, "X-Understudy-Lane")
	}
	t.next.ServeHTTP(rw, req)
}
