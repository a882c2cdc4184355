package tap

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestConfigErrorsNameTheSettingAndTheValue(t *testing.T) {
	cases := []struct {
		setting string
		change  func(c *Config)
	}{
		{`route ""`, func(c *Config) { c.Route = "" }},
		{`route "a b"`, func(c *Config) { c.Route = "a b" }},
		{`route "a\"b"`, func(c *Config) { c.Route = `a"b` }},
		{`route "` + strings.Repeat("r", 201), func(c *Config) { c.Route = strings.Repeat("r", 201) }},
		{`side ""`, func(c *Config) { c.Side = "" }},
		{`side "Primary"`, func(c *Config) { c.Side = "Primary" }},
		{`variant ""`, func(c *Config) { c.Side, c.Variant = "shadow", "" }},
		{`variant "control"`, func(c *Config) { c.Side, c.Variant = "shadow", "control" }},
		{`variant "a/b"`, func(c *Config) { c.Side, c.Variant = "shadow", "a/b" }},
		{`expects "control"`, func(c *Config) { c.Expects = []string{"shadow", "control"} }},
		{`expects ""`, func(c *Config) { c.Expects = []string{""} }},
		{`ingestUrl ""`, func(c *Config) { c.IngestURL = "" }},
		{`ingestUrl "ftp://x/"`, func(c *Config) { c.IngestURL = "ftp://x/" }},
		{`ingestUrl "127.0.0.1:8082"`, func(c *Config) { c.IngestURL = "127.0.0.1:8082" }},
		{`keepPpm -1`, func(c *Config) { c.KeepPpm = -1 }},
		{`keepPpm 1000001`, func(c *Config) { c.KeepPpm = million + 1 }},
		{`controlPpm 1000001`, func(c *Config) { c.ControlPpm = million + 1 }},
		{`captureBytes -1`, func(c *Config) { c.CaptureBytes = -1 }},
		{`captureBytes 1048577`, func(c *Config) { c.CaptureBytes = 1024*1024 + 1 }},
		{`guardRate`, func(c *Config) { c.GuardRate = -1 }},
		{`guardBurst`, func(c *Config) { c.GuardBurst = -1 }},
		{`guardInFlight`, func(c *Config) { c.GuardInFlight = -1 }},
		{`timeoutMs 0`, func(c *Config) { c.TimeoutMs = 0 }},
		{`timeoutMs 600001`, func(c *Config) { c.TimeoutMs = 600001 }},
	}
	for _, each := range cases {
		config := configOf("config", "primary")
		each.change(config)
		handler, err := New(context.Background(), http.HandlerFunc(sayOK), config, "contract")
		if err == nil || handler != nil {
			t.Errorf("%s: expected an error and no handler", each.setting)
		} else if !strings.HasPrefix(err.Error(), "understudy tap: ") || !strings.Contains(err.Error(), each.setting) {
			t.Errorf("%s: the error says %q", each.setting, err.Error())
		}
	}
}

func TestConfigDefaultsNeedRouteAndSideOnly(t *testing.T) {
	config := CreateConfig()
	config.Route, config.Side = "shop@file/1.x_-", "control"
	if problem := problemOf(config); problem != "" {
		t.Fatal(problem)
	}
	if config.KeepPpm != million || config.CaptureBytes != 256*1024 || config.TimeoutMs != 5000 || config.GuardInFlight != 50 {
		t.Fatalf("other defaults: %+v", *config)
	}
}

func TestConfigWithoutAReadableKeyStillHidesSecrets(t *testing.T) {
	if key := hmacKey("/nowhere/key"); len(key) != 32 {
		t.Fatalf("expected this process's own key of 32 bytes, got %d", len(key))
	}
}
