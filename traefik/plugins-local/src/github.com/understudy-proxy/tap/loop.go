package tap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// A copy carries a mark that only proxies with our key can set: its route and a hash. One that comes in again on the same
// route went round in a circle, because a shadow's target leads back to the proxy, and is refused. On another route a
// shadow asks a service of its own and handed on all headers: that is served, and not mirrored.

const loopStatus = http.StatusLoopDetected

// hopMark gives the end of a mark.
func hopMark(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("understudy hop"))
	return " " + hex.EncodeToString(mac.Sum(nil)[:16])
}

func isCopy(l *leg, req *http.Request) bool {
	hop := req.Header.Get("X-Understudy-Hop")
	return hop != "" && strings.HasSuffix(hop, l.settings.hopMark)
}

// passCopy serves a copy that came in again, or refuses it. The tap that sent it reads the header, and records why.
func passCopy(l *leg, next http.Handler, rw http.ResponseWriter, req *http.Request) {
	s := l.settings
	hop := req.Header.Get("X-Understudy-Hop")
	if hop == s.hop[0] {
		l.legs.Put(l)
		complain("route " + s.route + ": a copy for a shadow came in again and is refused: the shadow's target leads back to this proxy")
		rw.Header()["X-Understudy-Refused"] = []string{skippedLoop}
		http.Error(rw, "understudy: a request for a shadow came in again", loopStatus)
		return
	}
	delete(req.Header, "X-Understudy-Hop")
	isUpgrade(l, req)
	l.legs.Put(l)
	next.ServeHTTP(rw, req)
}
