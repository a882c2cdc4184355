package tap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// redactor knows which headers and parameters are secret, and what takes their place: `hmac:` and 16 hex digits, equal
// for equal values, so that a change stays visible. What comes here may be hostile and long: the work that grows with
// it is done by native code in linear time.
type redactor struct {
	key     []byte
	headers map[string]bool
	query   map[string]bool
	// maybe finds any listed name in a decoded text, and too much besides: no match is certain.
	maybe *regexp.Regexp
	// nested finds a listed name in a parameter's value, where a query or JSON stands in it.
	nested *regexp.Regexp
}

// A header's kind is what its name says about its value. The zero value says that nobody has looked yet.
const (
	unknown = iota
	plain
	secret
	// address values are URLs, which may hold secrets.
	address
	// ours are the request headers that only a tap may set.
	ours
	// upgrade asks for another protocol: nothing for a tap.
	upgrade
	// trailer came after the body, unannounced. trailers is the header that announces them.
	trailer
	trailers
)

const (
	// Past these, headers or parameters are left out or hidden as a whole instead of one by one.
	mostHeaders    = 200
	mostParameters = 100
)

// A name with one of these in it is secret; between the letters of the long ones - and _ do not count. The folding of
// regular expressions also knows ſ and the Kelvin sign. `author` alone is no secret.
var (
	longSnippets   = []string{"secret", "session", "password", "passwd", "bearer", "credential", "identity", "cookie"}
	secretSnippets = `token|pwd|key|jwt|sso|saml|csrf|xsrf|sid|auth(?:o?$|[^o]|o[^r]|ori[sz])|` + spacedOut(longSnippets)
	secretName     = regexp.MustCompile(`(?i)` + secretSnippets)

	secretParameters = map[string]bool{"awsaccesskeyid": true, "signature": true, "sig": true, "x-goog-signature": true}
	addressHeaders   = map[string]bool{
		"x-forwarded-prefix": true, "content-location": true, "link": true, "location": true, "referer": true, "refresh": true,
		"x-forwarded-uri": true, "x-http-url-override": true, "x-rewrite-url": true,
	}
	oursPattern = regexp.MustCompile(`(?im)^(?:x[-_.](?:understudy|shadow|shadowing|original)[-_.][^:\r\n]*|x[-_.]canary[-_.](?:backend|weight))(?::|$)`)

	decodePercent = percentDecoder()
	userInfo      = regexp.MustCompile(`://[^/?#\s]*@`)
)

func spacedOut(words []string) string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = strings.Join(strings.Split(word, ""), "[-_ ]*")
	}
	return strings.Join(out, "|")
}

// percentDecoder decodes what can be decoded and leaves the rest, as lenient services do.
func percentDecoder() *strings.Replacer {
	digits := "0123456789abcdefABCDEF"
	pairs := []string{"+", " "}
	for i := 0; i < len(digits); i++ {
		for j := 0; j < len(digits); j++ {
			code := digits[i:i+1] + digits[j:j+1]
			value, _ := hex.DecodeString(code)
			pairs = append(pairs, "%"+code, string(value))
		}
	}
	return strings.NewReplacer(pairs...)
}

const mostRedactors = 100

var (
	redactors     = map[string]*redactor{}
	redactorsLock sync.Mutex
)

// redactorFor gives the one redactor of a key and names: its patterns weigh some 50 KiB, and a proxy of a thousand routes
// makes thousands of taps at every change of its configuration.
func redactorFor(key []byte, headers []string, query []string) *redactor {
	redactorsLock.Lock()
	defer redactorsLock.Unlock()
	name := fmt.Sprintf("%x %q %q", key, headers, query)
	found := redactors[name]
	if found == nil {
		if len(redactors) >= mostRedactors {
			redactors = map[string]*redactor{}
		}
		found = newRedactor(key, headers, query)
		redactors[name] = found
	}
	return found
}

func newRedactor(key []byte, headers []string, query []string) *redactor {
	r := &redactor{key: key, headers: map[string]bool{}, query: map[string]bool{}}
	for _, name := range headers {
		r.headers[strings.ToLower(name)] = true
	}
	listed := secretSnippets + `|sig`
	for _, name := range query {
		r.query[strings.ToLower(name)] = true
		listed += `|` + regexp.QuoteMeta(name)
	}
	r.maybe = regexp.MustCompile(`(?i)` + listed)
	r.nested = regexp.MustCompile(`(?i)(?:` + listed + `)[^?&;#=:,]*[=:]`)
	return r
}

// hide gives what stands for a secret value.
func hide(r *redactor, value string) string {
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(value))
	return "hmac:" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// headerKind tells about a header by its name, in whatever case it came.
func headerKind(r *redactor, name string) int {
	lower := strings.ToLower(name)
	if oursPattern.MatchString(lower) {
		return ours
	}
	if addressHeaders[lower] {
		return address
	}
	if lower == "upgrade" {
		return upgrade
	}
	if strings.HasPrefix(lower, "trailer:") {
		return trailer
	}
	if lower == "trailer" {
		return trailers
	}
	if r.headers[lower] || secretName.MatchString(lower) {
		return secret
	}
	return plain
}

// hideIn replaces a header's values by what may be seen of them.
func hideIn(r *redactor, header http.Header, name string, kind int) {
	values := header[name]
	seen := make([]string, len(values))
	for i := 0; i < len(values); i++ {
		if kind == secret {
			seen[i] = hide(r, values[i])
		} else {
			seen[i] = addressOf(r, values[i])
		}
	}
	header[name] = seen
}

// addressOf gives a URL, or any text with URLs in it, without user names and without the values of secret parameters.
func addressOf(r *redactor, text string) string {
	if !strings.ContainsAny(text, "=@") {
		return text
	}
	text = userInfo.ReplaceAllString(text, "://")
	if !r.maybe.MatchString(unescaped(text)) {
		return text
	}
	return parametersOf(r, text)
}

// parametersOf hides the values of secret parameters, wherever `name=value` stands between separators.
func parametersOf(r *redactor, text string) string {
	if strings.Count(text, "=") > mostParameters {
		return withoutQuery(r, text)
	}
	var out strings.Builder
	for text != "" {
		end := strings.IndexAny(text, "?;&#")
		part := text
		if end >= 0 {
			part = text[:end]
		}
		equals := strings.Index(part, "=")
		if equals >= 0 && equals+1 < len(part) && isSecretPair(r, part[:equals], part[equals+1:]) {
			part = part[:equals+1] + hide(r, part[equals+1:])
		}
		out.WriteString(part)
		if end < 0 {
			break
		}
		out.WriteString(text[end : end+1])
		text = text[end+1:]
	}
	return out.String()
}

// withoutQuery hides all that follows the first separator.
func withoutQuery(r *redactor, text string) string {
	at := strings.IndexAny(text, "?;&#=")
	return text[:at+1] + hide(r, text[at+1:])
}

// isSecretPair looks at a parameter as services read it: decoded, and with the names inside its value.
func isSecretPair(r *redactor, name string, value string) bool {
	lower := strings.ToLower(unescaped(name))
	return secretParameters[lower] || r.query[lower] || secretName.MatchString(lower) || r.nested.MatchString(unescaped(value))
}

// unescaped undoes percent-encoding, up to three times over.
func unescaped(text string) string {
	for round := 0; round < 3; round++ {
		if !strings.ContainsAny(text, "%+") {
			return text
		}
		next, err := url.QueryUnescape(text)
		if err != nil {
			next = decodePercent.Replace(text)
		}
		text = next
	}
	return text
}

// withoutSecrets gives a request's path and query as the client sent them, without secrets.
func withoutSecrets(r *redactor, text string) string {
	if strings.HasPrefix(text, "/") && !strings.ContainsAny(text, "=@") {
		return text
	}
	return addressOf(r, text)
}
