package tap

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const canary = "canary5ecret"

func TestRedactHeadersByNameInAnyCase(t *testing.T) {
	r := newRedactor([]byte("key"), []string{"X-Tenant"}, nil)
	secretNames := []string{
		"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Api-Key", "X-Auth-Token", "X-Csrf-Token",
		"X-Xsrf-Token", "X-Amz-Security-Token", "X-Session-Id", "My-Password", "X-Client-Secret", "X-Jwt-Assertion",
		"X-Goog-Iap-Jwt-Assertion", "X-Credentials", "X-SSO", "X-Saml-Response", "X-Pwd", "X-Tenant", "SID",
	}
	for _, name := range secretNames {
		for _, spelt := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if headerKind(r, spelt) != secret {
				t.Errorf("%s is not secret", spelt)
			}
		}
	}
	for _, name := range []string{"Accept", "Content-Type", "Author", "X-Author", "Etag", "Date", "User-Agent", "X-Tenants"} {
		if headerKind(r, name) != plain {
			t.Errorf("%s is of kind %d", name, headerKind(r, name))
		}
	}
}

func TestRedactEqualValuesGiveEqualHashes(t *testing.T) {
	r := newRedactor([]byte("key"), nil, nil)
	other := newRedactor([]byte("other key"), nil, nil)
	if hide(r, "a") != hide(r, "a") || hide(r, "a") == hide(r, "b") || hide(r, "a") == hide(other, "a") {
		t.Error("hashes do not tell equal from different values")
	}
	if got := hide(r, canary); !strings.HasPrefix(got, "hmac:") || len(got) != 21 || strings.Contains(got, canary) {
		t.Errorf("a secret became %q", got)
	}
}

func TestRedactQueries(t *testing.T) {
	r := newRedactor([]byte("key"), nil, []string{"patient"})
	secrets := []string{
		"/a?token=" + canary, "/a?TOKEN=" + canary, "/a?access_token=" + canary + "&page=2", "/a?page=2&password=" + canary,
		"/a?x=1;api_key=" + canary, "/a?to%6ben=" + canary, "/a?%74oken=" + canary, "/a?to%256ben=" + canary, "/a?signature=" + canary,
		"/a?sig=" + canary, "/a?X-Amz-Credential=" + canary, "/a?X-Goog-Signature=" + canary, "/a?AWSAccessKeyId=" + canary,
		"/a?patient=" + canary, "/a?PATIENT=" + canary, "/a?pat%69ent=" + canary, "/a?user[password]=" + canary,
		"/a?next=%2Fb%3Ftoken%3D" + canary, "/a?filter=%7B%22token%22%3A%22" + canary + "%22%7D", "/a#access_token=" + canary,
		"http://user:" + canary + "@host/a", "/a?to+ken=1&csrf_token=" + canary, "/a;sid=" + canary, "/a?token=" + canary + "=",
		"/a?%zz&token=" + canary, "/a?token=%zz" + canary, "/a?" + strings.Repeat("p=1&", 200) + "token=" + canary,
	}
	for _, text := range secrets {
		got := withoutSecrets(r, text)
		if strings.Contains(got, canary) {
			t.Errorf("%s became %s", text, got)
		}
		if again := withoutSecrets(r, text); again != got {
			t.Errorf("%s became %s, then %s", text, got, again)
		}
	}
	for _, text := range []string{"/a", "/a?page=2&sort=name", "/tokens/1?page=2", "/a?author=me", "/a?b&c=", "/a?q=%zz", "/a?q=a+b%20c"} {
		if got := withoutSecrets(r, text); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestRedactRecordsHoldNothingInClear(t *testing.T) {
	config := configOf("redact-records", "primary")
	config.RedactHeaders, config.RedactQuery = []string{"x-Patient"}, []string{"birth"}
	var got http.Header
	handler := tapOf(t, config, func(rw http.ResponseWriter, req *http.Request) {
		got = req.Header.Clone()
		rw.Header().Set("Set-Cookie", "session="+canary+"; HttpOnly")
		rw.Header().Set("Location", "https://me:"+canary+"@host/cb?code=1&token="+canary)
		rw.Header().Set("Refresh", "0; url=/a?token="+canary)
		rw.Header().Set("X-Patient", canary)
		rw.Header().Set("Content-Length", "2")
		rw.WriteHeader(302)
		rw.Write([]byte("ok"))
	})
	// The second request finds what a leg has learned.
	for round := 0; round < 3; round++ {
		req := get("/a?birth=" + canary + "&access_token=" + url.QueryEscape("x/"+canary))
		req.Header.Set("Authorization", "Bearer "+canary)
		req.Header.Set("Cookie", "a=1; session="+canary)
		req.Header.Set("Referer", "http://host/?token="+canary)
		req.Header.Set("X-Api-Key", canary)
		req.Header.Set("X-Patient", canary)
		answer := ask(handler, req)
		if got.Get("Authorization") != "Bearer "+canary || answer.Header().Get("X-Patient") != canary {
			t.Fatal("a secret is hidden from the service or the client")
		}
	}
	lines := linesOf(t, "redact-records", 3)
	for _, line := range lines {
		if strings.Contains(line, canary) {
			t.Errorf("in clear: %s", line)
		}
		if strings.Count(line, "hmac:") < 10 {
			t.Errorf("hidden values are gone instead of hashed: %s", line)
		}
	}
	first := recordsOf(t, "redact-records", 3)
	if first[0].Request.Headers.Get("X-Api-Key") != first[2].Request.Headers.Get("X-Api-Key") {
		t.Error("equal values have different hashes")
	}
}

func TestRedactSkippedAndShedRecordsToo(t *testing.T) {
	upgrade := get("/a?token=" + canary)
	upgrade.Header.Set("Upgrade", "websocket")
	upgrade.Header.Set("Cookie", canary)
	ask(tapOf(t, configOf("redact-skipped", "primary"), sayOK), upgrade)
	config := configOf("redact-skipped", "shadow")
	config.GuardRate, config.GuardBurst = 0.001, 1
	shadow := tapOf(t, config, sayOK)
	ask(shadow, copyOf("/a?token="+canary, anID))
	ask(shadow, copyOf("/a?token="+canary, anID))
	for _, line := range linesOf(t, "redact-skipped", 3) {
		if strings.Contains(line, canary) {
			t.Errorf("in clear: %s", line)
		}
	}
}

func FuzzRedactQuery(f *testing.F) {
	for _, seed := range []string{"a=1", "x%3D1", "&&;;##", "%", "%zz=%", "a[b]=c", "+", "u@h://"} {
		f.Add(seed)
	}
	r := newRedactor([]byte("key"), nil, []string{"patient"})
	f.Fuzz(func(t *testing.T, noise string) {
		if strings.Contains(noise, canary) {
			t.Skip()
		}
		for _, name := range []string{"token", "PassWord", "pa%74ient"} {
			for _, text := range []string{"/a?" + noise + "&" + name + "=" + canary, "/a?" + name + "=" + canary + "&" + noise} {
				if got := withoutSecrets(r, text); strings.Contains(got, canary) {
					t.Errorf("%q became %q", text, got)
				}
			}
		}
	})
}

// A proxy of a thousand routes makes thousands of taps at every reload; what weighs is there once.
func TestRedactorIsSharedByTapsOfOneKeyAndNames(t *testing.T) {
	one := redactorFor([]byte("key"), []string{"X-A"}, []string{"q"})
	if redactorFor([]byte("key"), []string{"X-A"}, []string{"q"}) != one {
		t.Fatal("the same key and names give another redactor")
	}
	for _, other := range []*redactor{
		redactorFor([]byte("yek"), []string{"X-A"}, []string{"q"}),
		redactorFor([]byte("key"), []string{"X-A", "q"}, nil),
		redactorFor([]byte("key"), []string{"X-B"}, []string{"q"}),
	} {
		if other == one {
			t.Fatal("another key or other names give the same redactor")
		}
	}
	for i := 0; i < 3*mostRedactors; i++ {
		redactorFor([]byte{byte(i), byte(i >> 8)}, nil, nil)
	}
	if len(redactors) > mostRedactors {
		t.Fatalf("%d redactors are kept", len(redactors))
	}
}
