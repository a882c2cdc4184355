package tap

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// Config is what a middleware's `plugin.understudy` holds. Route, side and ingestUrl are needed, all else has defaults.
type Config struct {
	Route string `json:"route,omitempty"`
	// Side is primary, shadow or control, or lane: what decides by user before the primary's tap is reached.
	Side string `json:"side,omitempty"`
	// Variant is the shadow's name on side shadow.
	Variant string `json:"variant,omitempty"`
	// Expects names the variants that follow (side primary).
	Expects []string `json:"expects,omitempty"`
	// KeepPpm is the part of what the primary's tap sees that it keeps, in millionths, at random.
	KeepPpm int `json:"keepPpm,omitempty"`
	// ControlPpm is the part of what is kept that also goes to the control: GET, HEAD and OPTIONS alone.
	ControlPpm int `json:"controlPpm,omitempty"`
	// ControlLearn is how many requests of a Generation go to the control before ControlPpm holds.
	ControlLearn int `json:"controlLearn,omitempty"`
	// ControlRate bounds the requests a second to the control; 0 is no bound.
	ControlRate float64 `json:"controlRate,omitempty"`
	// Generation is any text that changes with the versions of either side.
	Generation string `json:"generation,omitempty"`
	// StickyHeader or StickyCookie holds the user's key where a side lane does the drawing (sides lane and primary).
	StickyHeader string `json:"stickyHeader,omitempty"`
	StickyCookie string `json:"stickyCookie,omitempty"`
	// GraphqlBytes is the longest body of a POST that is read to tell GraphQL queries, which alone are kept; 0: none is.
	GraphqlBytes int `json:"graphqlBytes,omitempty"`
	// ExposeID puts the exchange id into the client's answer.
	ExposeID bool `json:"exposeId,omitempty"`
	// ShadowTarget is the text of X-Shadow-Target on the primary's request.
	ShadowTarget string `json:"shadowTarget,omitempty"`
	IngestURL    string `json:"ingestUrl,omitempty"`
	TokenFile    string `json:"tokenFile,omitempty"`
	HmacKeyFile  string `json:"hmacKeyFile,omitempty"`
	// CaptureBytes is how much of a body is kept.
	CaptureBytes int `json:"captureBytes,omitempty"`
	// GuardRate and GuardBurst bound the requests a second to a shadow or control; a rate of 0 is no bound.
	GuardRate  float64 `json:"guardRate,omitempty"`
	GuardBurst int     `json:"guardBurst,omitempty"`
	// GuardInFlight bounds the requests that a shadow or control works on at a time.
	GuardInFlight int `json:"guardInFlight,omitempty"`
	// BreakAtPercent is the part of failing requests past which a shadow or control gets none for PauseMs; 0 is no limit.
	BreakAtPercent float64 `json:"breakAtPercent,omitempty"`
	PauseMs        int     `json:"pauseMs,omitempty"`
	// CredentialsFile holds what a shadow gets as Authorization in place of the client's.
	CredentialsFile string `json:"credentialsFile,omitempty"`
	// TimeoutMs ends a request to a shadow or control.
	TimeoutMs int `json:"timeoutMs,omitempty"`
	// RedactHeaders and RedactQuery name secrets beside the ones in redact.go.
	RedactHeaders []string `json:"redactHeaders,omitempty"`
	RedactQuery   []string `json:"redactQuery,omitempty"`
}

const (
	million              = 1000000
	defaultIngestURL     = "http://127.0.0.1:8082/v1/taps"
	defaultCaptureBytes  = 256 * 1024
	mostCaptureBytes     = 1024 * 1024
	defaultControlLearn  = 250
	defaultControlRate   = 5
	defaultGuardInFlight = 50
	defaultPauseMs       = 60000
	defaultTimeoutMs     = 5000
)

// CreateConfig gives the defaults; Traefik calls it before it reads a middleware's own values.
func CreateConfig() *Config {
	return &Config{
		KeepPpm:       million,
		ControlLearn:  defaultControlLearn,
		ControlRate:   defaultControlRate,
		IngestURL:     defaultIngestURL,
		CaptureBytes:  defaultCaptureBytes,
		GuardInFlight: defaultGuardInFlight,
		PauseMs:       defaultPauseMs,
		TimeoutMs:     defaultTimeoutMs,
	}
}

// What ingest reads from a line without parsing it: see collector/ingest/cut-batch.ts.
var (
	routeName   = regexp.MustCompile(`^[\w.@/-]{1,200}$`)
	variantName = regexp.MustCompile(`^[\w.-]{1,100}$`)
)

// settings are a Config that was checked, and what its files held.
type settings struct {
	route, side, variant string
	expects              []string
	expectsControl       []string
	keepPpm, controlPpm  int
	allowance            *allowance
	isSticky             bool
	graphQLBytes         int
	exposeID             bool
	shadowTarget         []string
	captureBytes         int
	timeout              time.Duration
	redactor             *redactor
	queue                *queue
	totals               *routeTotals
	guard                *guard
	hop                  []string
	hopMark              string
	credentialsFile      string
	// keepsBodies says that some middleware behind the tap cannot do without an empty body.
	keepsBodies *atomic.Bool
}

func newSettings(config *Config) (*settings, error) {
	if problem := problemOf(config); problem != "" {
		return nil, fmt.Errorf("understudy tap: %s", problem)
	}
	isPrimary := config.Side == "primary"
	variant := config.Variant
	if isPrimary {
		variant = ""
	} else if config.Side == "control" {
		variant = "control"
	}
	outlet := outletFor(config.IngestURL, config.TokenFile)
	key := hmacKey(config.HmacKeyFile)
	var control *allowance
	if isPrimary {
		control = allowanceFor(config)
	}
	return &settings{
		route:          config.Route,
		side:           config.Side,
		variant:        variant,
		expects:        append([]string{}, config.Expects...),
		expectsControl: append(append([]string{}, config.Expects...), "control"),
		keepPpm:        config.KeepPpm,
		controlPpm:     config.ControlPpm,
		allowance:      control,
		isSticky:       config.StickyHeader != "" || config.StickyCookie != "",
		graphQLBytes:   config.GraphqlBytes,
		exposeID:       config.ExposeID,
		shadowTarget:   []string{config.ShadowTarget},
		captureBytes:   config.CaptureBytes,
		timeout:        time.Duration(config.TimeoutMs) * time.Millisecond,
		redactor:       redactorFor(key, config.RedactHeaders, config.RedactQuery),
		queue:          outlet.queue,
		totals:         outlet.queue.totalsOf(config.Route),
		guard:          guardFor(config, variant),
		hop:            []string{config.Route + hopMark(key)},
		hopMark:        hopMark(key),
		keepsBodies:    &atomic.Bool{},

		credentialsFile: config.CredentialsFile,
	}, nil
}

func problemOf(config *Config) string {
	if !routeName.MatchString(config.Route) {
		return fmt.Sprintf("route %q: expected 1 to 200 letters, digits, _ . @ / or -", config.Route)
	}
	switch config.Side {
	case "primary", "control":
	case "lane":
		if (config.StickyHeader == "") == (config.StickyCookie == "") {
			return "side lane: expected either stickyHeader or stickyCookie"
		}
	case "shadow":
		if !variantName.MatchString(config.Variant) || config.Variant == "control" {
			return fmt.Sprintf("variant %q: expected the shadow's name, 1 to 100 letters, digits, _ . or -, not control", config.Variant)
		}
	default:
		return fmt.Sprintf("side %q: expected primary, shadow, control or lane", config.Side)
	}
	for _, variant := range config.Expects {
		if !variantName.MatchString(variant) || variant == "control" {
			return fmt.Sprintf("expects %q: expected shadows' names", variant)
		}
	}
	address, err := url.Parse(config.IngestURL)
	if err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Host == "" {
		return fmt.Sprintf("ingestUrl %q: expected http://host:port/v1/taps", config.IngestURL)
	}
	if config.KeepPpm < 0 || config.KeepPpm > million || config.ControlPpm < 0 || config.ControlPpm > million {
		return fmt.Sprintf("keepPpm %d, controlPpm %d: expected 0 to 1000000", config.KeepPpm, config.ControlPpm)
	}
	if config.ControlLearn < 0 || config.ControlRate < 0 {
		return fmt.Sprintf("controlLearn %d, controlRate %v: expected no negative number", config.ControlLearn, config.ControlRate)
	}
	if config.CaptureBytes < 0 || config.CaptureBytes > mostCaptureBytes {
		return fmt.Sprintf("captureBytes %d: expected 0 to %d", config.CaptureBytes, mostCaptureBytes)
	}
	if config.GuardRate < 0 || config.GuardBurst < 0 || config.GuardInFlight < 0 {
		return "guardRate, guardBurst and guardInFlight: expected no negative number"
	}
	if config.BreakAtPercent < 0 || config.BreakAtPercent > 100 || config.PauseMs < 1 || config.GraphqlBytes < 0 || config.GraphqlBytes > mostCaptureBytes {
		return fmt.Sprintf("breakAtPercent %v, pauseMs %d, graphqlBytes %d: expected 0 to 100, 1 or more, 0 to %d",
			config.BreakAtPercent, config.PauseMs, config.GraphqlBytes, mostCaptureBytes)
	}
	if config.TimeoutMs < 1 || config.TimeoutMs > 600000 {
		return fmt.Sprintf("timeoutMs %d: expected 1 to 600000", config.TimeoutMs)
	}
	return ""
}

// hmacKey reads the key that every proxy shares. Without one a random key of this process is used: hashes are then
// comparable inside one proxy only, and nothing is ever shipped in clear.
func hmacKey(file string) []byte {
	if file != "" {
		content, err := os.ReadFile(file)
		key := strings.TrimSpace(string(content))
		if err == nil && key != "" {
			return []byte(key)
		}
		complain("hmacKeyFile " + file + " holds no key: hashing with a random key of this process until it does")
	}
	return processKey
}

// New is called by Traefik for each router that uses the middleware, again at every change of the configuration.
func New(_ context.Context, next http.Handler, config *Config, _ string) (http.Handler, error) {
	if config.Side == "lane" && problemOf(config) == "" {
		return newLaneTap(next, config), nil
	}
	settings, err := newSettings(config)
	if err != nil {
		return nil, err
	}
	if config.Side == "primary" {
		return newPrimaryTap(next, settings), nil
	}
	return newMirrorTap(next, settings), nil
}
