package tap

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// GraphQL queries over POST, told from mutations. If in doubt it is no query. All that grows with the body is done by
// native code.

var (
	graphQLNoise = regexp.MustCompile(`"""(?:[^"\\]|\\"""|\\|"[^"]|""[^"])*"""|"(?:[^"\\\n\r]|\\.)*"|#[^\n\r]*`)
	graphQLQuery = regexp.MustCompile(`^[\s,\x{FEFF}]*(?:query\b|fragment\b|\{)`)
	// A selection's field may be named so, too, and stand behind a brace: then it is taken for what it is not.
	graphQLWrite = regexp.MustCompile(`\}[\s,\x{FEFF}]*(?:mutation|subscription)\b`)
)

// readsOnly reads a POST's body and puts it back. True is for GraphQL whose every operation is a query.
func readsOnly(req *http.Request, most int) bool {
	header := req.Header
	if req.Body == nil || req.ContentLength > int64(most) || header["Content-Encoding"] != nil || strings.Contains(req.URL.RawQuery, "query") {
		return false
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, int64(most)+1))
	req.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), req.Body))
	if err != nil || len(body) > most {
		return false
	}
	kind := strings.ToLower(strings.TrimSpace(strings.Split(header.Get("Content-Type"), ";")[0]))
	if kind == "application/graphql" {
		return isQuery(string(body))
	}
	if kind != "application/json" {
		return false
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		return areQueries(body)
	}
	return holdsQuery(body)
}

func areQueries(body []byte) bool {
	var all []json.RawMessage
	if json.Unmarshal(body, &all) != nil || len(all) == 0 || len(all) > 20 {
		return false
	}
	for i := 0; i < len(all); i++ {
		if !holdsQuery(all[i]) {
			return false
		}
	}
	return true
}

// holdsQuery reads `{"query": …}`. A key that is there twice may be read in two ways, so it is refused.
func holdsQuery(body []byte) bool {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	var dense, again bytes.Buffer
	encoder := json.NewEncoder(&again)
	encoder.SetEscapeHTML(false)
	if json.Compact(&dense, body) != nil || encoder.Encode(fields) != nil || dense.Len()+1 != again.Len() {
		return false
	}
	text := ""
	return json.Unmarshal(fields["query"], &text) == nil && isQuery(text)
}

func isQuery(text string) bool {
	bare := graphQLNoise.ReplaceAllString(text, " ")
	return !strings.Contains(bare, `"`) && graphQLQuery.MatchString(bare) && !graphQLWrite.MatchString(bare)
}
