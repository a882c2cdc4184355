package tap

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGraphQLQueriesAreToldFromMutations(t *testing.T) {
	config := configOf("graphql", "primary")
	config.GraphqlBytes = 2000
	isKept := false
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		isKept = req.Header.Get("X-Understudy-Id") != ""
		if req.Body != nil {
			body, _ := io.ReadAll(req.Body)
			rw.Write(body)
		}
	})
	long := strings.Repeat("x", 3000)
	cases := []struct {
		body string
		keep bool
	}{
		{`{"query":"{ a }"}`, true},
		{`{"query":"query A($id: ID = \"}mutation\") { a(id: $id) }","variables":{"query":"mutation"},"operationName":"A"}`, true},
		{`{"query":" # mutation\n fragment F on T { a } query { ...F }"}`, true},
		{`{"query":"query { mutation subscription { plan } }"}`, true},
		{`{"query":"query { a(text: \"\"\"} mutation { b } \"\"\") }"}`, true},
		{` [ {"query":"{ a }"}, {"query":"query { b }"} ]`, true},
		{"{\"query\":\"\\ufeff, query { a }\"}", true},
		{`{"query":"{ a(text: \"<&>\") }"}`, true},
		{`{"query":"mutation { a }"}`, false},
		{`{"query":"query A { a } mutation B { b }","operationName":"B"}`, false},
		{`{"query":"query A { a },\n# comment \"\n mutation B { b }","operationName":"B"}`, false},
		{`{"query":"query A { a } # \"\n mutation B { b(x: \"\") }"}`, false},
		{`{"query":"subscription { a }"}`, false},
		{`{"query":"query { a { b } mutation }"}`, false},
		{`{"query":"{ a }","query":"mutation { a }"}`, false},
		{`{"query":"{ a }","qu\u0065ry":"mutation { a }"}`, false},
		{`{"query":"mutation { a }","Query":"{ a }"}`, false},
		{`[{"query":"{ a }"},{"query":"mutation { a }"}]`, false},
		{`[]`, false},
		{`{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}`, false},
		{`{"query":5}`, false},
		{`{"query":"{ a(text: \"unclosed) }"}`, false},
		{`{"query":"{ a }"} {"query":"mutation { a }"}`, false},
		{`{"query":"{ a }","x":"` + long + `"}`, false},
		{`query=mutation`, false},
		{``, false},
	}
	for _, one := range cases {
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(one.body))
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		if got := ask(handler, req); got.Body.String() != one.body {
			t.Errorf("the primary got %q of %q", got.Body.String(), one.body)
		}
		if isKept != one.keep {
			t.Errorf("kept %v: %s", isKept, one.body)
		}
	}
	for kind, keep := range map[string]bool{"application/graphql": true, "text/plain": false, "": false} {
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader("query { a }"))
		req.Header.Set("Content-Type", kind)
		ask(handler, req)
		if isKept != keep {
			t.Errorf("kept %v as %q", isKept, kind)
		}
	}
	inURL := httptest.NewRequest(http.MethodPost, "/graphql?query=mutation{a}", strings.NewReader(`{"query":"{ a }"}`))
	inURL.Header.Set("Content-Type", "application/json")
	ask(handler, inURL)
	if isKept {
		t.Error("kept where the address holds a query too")
	}
	ask(handler, get("/graphql"))
	if !isKept {
		t.Error("a GET is not kept")
	}
}
