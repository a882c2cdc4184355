package tap

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sayWithTrailers answers as Traefik's proxy does: those that a Trailer header announced under their own names, all
// others with a prefix.
func sayWithTrailers(announced string, trailers map[string]string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		if announced != "" {
			rw.Header().Set("Trailer", announced)
		}
		rw.WriteHeader(http.StatusOK)
		io.WriteString(rw, "body")
		for name, value := range trailers {
			rw.Header().Add(name, value)
		}
	}
}

func TestTrailersStandInTheRecord(t *testing.T) {
	cases := []struct {
		name      string
		announced string
		trailers  map[string]string
		wanted    string
	}{
		{"announced", "X-Sum, grpc-status", map[string]string{"X-Sum": "42", "Grpc-Status": "0"}, "map[Grpc-Status:[0] X-Sum:[42]]"},
		{"unannounced", "", map[string]string{"Trailer:Grpc-Status": "13"}, "map[Grpc-Status:[13]]"},
		{"both", "X-Sum", map[string]string{"Trailer:X-Sum": "42", "Trailer:X-More": "1"}, "map[X-More:[1] X-Sum:[42]]"},
		{"announced in vain", "X-Sum", nil, "map[]"},
		{"none", "", nil, "map[]"},
	}
	for _, side := range []string{"primary", "shadow"} {
		route := "trailers-" + side
		for i, each := range cases {
			handler := tapOf(t, configOf(route, side), sayWithTrailers(each.announced, each.trailers))
			ask(handler, copyOf("/", anID))
			one := recordsOf(t, route, i+1)[i].Response
			if got := fmt.Sprint(one.Trailers); got != each.wanted {
				t.Errorf("%s %s: trailers %s, expected %s", side, each.name, got, each.wanted)
			}
			if one.Body != "body" || one.Headers.Get("Content-Type") != "text/plain" {
				t.Errorf("%s %s: recorded %+v", side, each.name, one)
			}
			for name := range one.Headers {
				if strings.HasPrefix(name, "Trailer:") || name == "X-Sum" || name == "Grpc-Status" {
					t.Errorf("%s %s: a trailer stands among the headers: %v", side, each.name, one.Headers)
				}
			}
		}
	}
}

// Over HTTP/2 an answer with a length may have trailers too. The next answer of the same leg has none.
func TestTrailersOfAnAnswerWithItsLength(t *testing.T) {
	late := ""
	for _, side := range []string{"primary", "shadow"} {
		handler := tapOf(t, configOf("trailers-length-"+side, side), func(rw http.ResponseWriter, req *http.Request) {
			sayOK(rw, req)
			if late != "" {
				rw.Header().Set(late, "1")
			}
		})
		for i, name := range []string{"", http.TrailerPrefix + "X-Sum", ""} {
			late = name
			ask(handler, copyOf("/", anID))
			one := recordsOf(t, "trailers-length-"+side, i+1)[i].Response
			wanted := ""
			if name != "" {
				wanted = "1"
			}
			if got := one.Trailers.Get("X-Sum"); got != wanted || one.Body != "ok" {
				t.Errorf("%s, answer %d: trailer %q, body %q", side, i, got, one.Body)
			}
		}
	}
}

func TestTrailersReachTheClientAndHideTheirSecretsInTheRecord(t *testing.T) {
	trailers := map[string]string{"X-Session-Token": "planted-1", "Location": "/a?token=planted-2", "X-Sum": "42"}
	hidden := ""
	for _, side := range []string{"primary", "shadow"} {
		route := "trailers-secret-" + side
		handler := tapOf(t, configOf(route, side), sayWithTrailers("X-Session-Token, Location, X-Sum", trailers))
		if side == "primary" {
			server := httptest.NewServer(handler)
			answer, err := http.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, answer.Body)
			server.Close()
			for name, value := range trailers {
				if answer.Trailer.Get(name) != value {
					t.Errorf("the client got the trailers %v", answer.Trailer)
				}
			}
		} else {
			ask(handler, copyOf("/", anID))
		}
		line := linesOf(t, route, 1)[0]
		one := recordsOf(t, route, 1)[0].Response
		if strings.Contains(line, "planted") || one.Trailers.Get("X-Sum") != "42" {
			t.Errorf("%s: recorded %s", side, line)
		}
		secret := one.Trailers.Get("X-Session-Token")
		if !strings.HasPrefix(secret, "hmac:") || hidden != "" && secret != hidden {
			t.Errorf("%s: the secret is recorded as %q, on the other side as %q", side, secret, hidden)
		}
		hidden = secret
	}
}

func TestTrailersAreBounded(t *testing.T) {
	names := make([]string, 1000)
	for i := 0; i < len(names); i++ {
		names[i] = fmt.Sprintf("X-T-%d", i)
	}
	many := map[string]string{}
	for _, name := range names[:150] {
		many[name] = "v"
	}
	for _, side := range []string{"primary", "shadow"} {
		handler := tapOf(t, configOf("trailers-many-"+side, side), sayWithTrailers(strings.Join(names, ","), many))
		ask(handler, copyOf("/", anID))
		if one := recordsOf(t, "trailers-many-"+side, 1)[0].Response; len(one.Trailers) != 150 {
			t.Errorf("%s: %d trailers, expected 150", side, len(one.Trailers))
		}
		for i := 150; i < len(names); i++ {
			many[names[i]] = "v"
		}
		ask(handler, copyOf("/", anID))
		if one := recordsOf(t, "trailers-many-"+side, 2)[1].Response; len(one.Trailers) != 0 {
			t.Errorf("%s: %d trailers of a thousand", side, len(one.Trailers))
		}
		many = map[string]string{}
		for _, name := range names[:150] {
			many[name] = "v"
		}
	}
}
