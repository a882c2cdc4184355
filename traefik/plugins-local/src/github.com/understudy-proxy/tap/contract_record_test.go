package tap

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// keysOf gives the keys of a JSON object in the order they stand in.
func keysOf(t *testing.T, object string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	decoder.Token()
	keys := []string{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(keys, " ")
}

func TestRecordKeysStandInTheirOrder(t *testing.T) {
	primary := tapOf(t, configOf("record-keys", "primary"), sayOK)
	ask(primary, get("/a?b=<c>&d"))
	line := linesOf(t, "record-keys", 1)[0]
	if got := keysOf(t, line); got != "v id route side variant expects at request response timing" {
		t.Errorf("keys %s", got)
	}
	if !regexp.MustCompile(`^\{"v":1,"id":"[0-9a-f-]{36}","route":"record-keys","side":"primary","variant":"","expects":\["shadow"\],"at":"`).MatchString(line) {
		t.Errorf("labels of %s", line)
	}
	parts := map[string]json.RawMessage{}
	json.Unmarshal([]byte(line), &parts)
	if got := keysOf(t, string(parts["request"])); got != "method uri host headers" {
		t.Errorf("keys of request: %s", got)
	}
	if got := keysOf(t, string(parts["response"])); got != "status headers body bodyEncoding bodyBytes bodyHash truncated" {
		t.Errorf("keys of response: %s", got)
	}
	if got := keysOf(t, string(parts["timing"])); got != "firstByteMicros totalMicros" {
		t.Errorf("keys of timing: %s", got)
	}
	if !strings.Contains(line, `/a?b=<c>&d`) {
		t.Errorf("the address is escaped for HTML: %s", line)
	}
	at := strings.Trim(string(parts["at"]), `"`)
	when, err := time.Parse(time.RFC3339, at)
	if err != nil || !strings.HasSuffix(at, "Z") || time.Since(when) > time.Minute || time.Since(when) < 0 {
		t.Errorf("at %s", at)
	}
}

func TestRecordOfAMirrorHasNoRequestHeaders(t *testing.T) {
	shadow := tapOf(t, configOf("record-mirror", "shadow"), sayOK)
	ask(shadow, copyOf("/a", anID))
	one := recordsOf(t, "record-mirror", 1)[0]
	if one.ID != anID || one.Side != "shadow" || one.Variant != "shadow" || one.Expects == nil || len(one.Expects) != 0 {
		t.Errorf("labels %+v", one)
	}
	if one.Request.Headers == nil || len(one.Request.Headers) != 0 || one.Response == nil || one.Response.Body != "ok" {
		t.Errorf("recorded %+v", one)
	}
}

func TestRecordSkippedAndClientEndedStandAfterTheAnswer(t *testing.T) {
	upgrade := get("/")
	upgrade.Header.Set("Upgrade", "h2c")
	ask(tapOf(t, configOf("record-skipped", "primary"), sayOK), upgrade)
	if got := keysOf(t, linesOf(t, "record-skipped", 1)[0]); got != "v id route side variant expects at request skipped timing" {
		t.Errorf("keys %s", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := tapOf(t, configOf("record-ended", "primary"), func(rw http.ResponseWriter, req *http.Request) {
		cancel()
		sayOK(rw, req)
	})
	ask(ended, get("/").WithContext(ctx))
	if got := keysOf(t, linesOf(t, "record-ended", 1)[0]); got != "v id route side variant expects at request response clientEnded timing" {
		t.Errorf("keys %s", got)
	}
	// The next request of the same leg did not end.
	ask(ended, get("/next"))
	if recordsOf(t, "record-ended", 2)[1].ClientEnded {
		t.Error("clientEnded stays for the next request")
	}
}

func TestRecordBodies(t *testing.T) {
	binary := []byte{0, 1, 2, 0xff, 0xfe}
	long := bytes.Repeat([]byte("long "), 10000)
	cases := []struct {
		name string
		body []byte
		kept int
	}{
		{"empty", []byte{}, 0},
		{"text", []byte(`{"ü":"<&>"}`), 12},
		{"binary", binary, 5},
		{"small", bytes.Repeat([]byte("s"), 8192), 8192},
		{"above-small", bytes.Repeat([]byte("s"), 8193), 8193},
		{"long", long, 20000},
		{"after-long", []byte("short again"), 11},
	}
	for _, side := range []string{"primary", "shadow"} {
		config := configOf("record-bodies-"+side, side)
		config.CaptureBytes = 20000
		var body []byte
		handler := tapOf(t, config, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/plain")
			for at := 0; at < len(body); at += 7000 {
				end := at + 7000
				if end > len(body) {
					end = len(body)
				}
				rw.Write(body[at:end])
			}
		})
		for i, each := range cases {
			body = each.body
			answer := ask(handler, copyOf("/"+each.name, anID))
			if side == "primary" && !bytes.Equal(answer.Body.Bytes(), body) {
				t.Errorf("%s: the client got %d bytes, expected %d", each.name, answer.Body.Len(), len(body))
			}
			one := recordsOf(t, config.Route, i+1)[i]
			got := one.Response
			kept := []byte(got.Body)
			if got.BodyEncoding == "base64" {
				kept, _ = base64.StdEncoding.DecodeString(got.Body)
			}
			if got.Status != 200 || !bytes.Equal(kept, body[:each.kept]) || got.BodyBytes != len(body) || got.Truncated != (each.kept < len(body)) {
				t.Errorf("%s %s: %d bytes kept of %d, encoding %s, truncated %v", side, each.name, len(kept), got.BodyBytes, got.BodyEncoding, got.Truncated)
			}
			mac := hmac.New(sha256.New, processKey)
			mac.Write(body)
			wanted := hex.EncodeToString(mac.Sum(nil))
			if len(body) == 0 {
				wanted = ""
			}
			if got.BodyHash != wanted {
				t.Errorf("%s %s: hash %q", side, each.name, got.BodyHash)
			}
		}
	}
}

func TestRecordPutsTheStrippedPrefixBack(t *testing.T) {
	req := get("/tickets?page=1")
	req.Header.Set("X-Forwarded-Prefix", "/api")
	ask(tapOf(t, configOf("record-prefix", "primary"), sayOK), req)
	if one := recordsOf(t, "record-prefix", 1)[0]; one.Request.URI != "/api/tickets?page=1" {
		t.Errorf("uri %q", one.Request.URI)
	}
}
