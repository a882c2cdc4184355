package tap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How batches reach ingest: one goroutine for each address, which lives as long as the process.
const (
	sendEvery     = 100 * time.Millisecond
	reportEvery   = time.Second
	firstWait     = 100 * time.Millisecond
	longestWait   = 5 * time.Second
	longestAdvice = 30 * time.Second
	mostOutlets   = 16
	mostAnswer    = 64 * 1024
)

// outlet is an ingest address with its queue and its sender.
type outlet struct {
	url       string
	tokenFile string
	queue     *queue
	client    *http.Client
	reported  time.Time
	// current is the batch that is being delivered.
	current *batch
}

var (
	outlets     = map[string]*outlet{}
	outletsLock sync.Mutex
)

// outletFor gives the one outlet of an address, whatever the number of instances.
func outletFor(url string, tokenFile string) *outlet {
	outletsLock.Lock()
	defer outletsLock.Unlock()
	key := url + " " + tokenFile
	found := outlets[key]
	if found != nil {
		return found
	}
	if len(outlets) >= mostOutlets {
		complain("more than 16 ingest addresses in one process: records for " + url + " go to another one")
		for _, other := range outlets {
			return other
		}
	}
	found = &outlet{url: url, tokenFile: tokenFile, queue: newQueue(instanceName(), time.Now().UTC().Format(timeFormat))}
	found.client = newClient()
	outlets[key] = found
	go found.run()
	return found
}

func instanceName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	if len(host) > 100 {
		host = host[:100]
	}
	return host + "-" + randomHex(8)
}

func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{
		Timeout: 30 * time.Second,
		// A redirect is no answer of ingest's.
		CheckRedirect: func(_ *http.Request, _ []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        60 * time.Second,
			ResponseHeaderTimeout:  10 * time.Second,
			MaxResponseHeaderBytes: mostAnswer,
			DisableCompression:     true,
			WriteBufferSize:        64 * 1024,
		},
	}
}

// run sends until the process ends. It looks ten times a second: a batch is full sooner or that old at most.
func (o *outlet) run() {
	ticker := time.NewTicker(sendEvery)
	for {
		isTick := false
		select {
		case <-o.queue.wake:
		case <-ticker.C:
			isTick = true
		}
		o.drain(isTick)
	}
}

// drain sends what is queued, and the counters when they changed without a record.
func (o *outlet) drain(alsoOpen bool) {
	defer func() {
		if failure := recover(); failure != nil {
			complain(fmt.Sprint("the sender failed: ", failure))
			if o.current != nil {
				o.queue.settle(o.current, "sender-failed")
				o.current = nil
			}
		}
	}()
	for {
		next := takeBatch(o.queue, alsoOpen)
		if next == nil {
			break
		}
		o.deliver(next)
		// What came in meanwhile waits for the next tick.
		alsoOpen = false
	}
	o.queue.mu.Lock()
	changed := o.queue.changed
	o.queue.mu.Unlock()
	if changed && time.Since(o.reported) > reportEvery {
		o.reported = time.Now()
		status, _, err := o.post(o.queue.head(nil), nil)
		if err != nil || status != http.StatusAccepted {
			o.queue.mu.Lock()
			o.queue.changed = true
			o.queue.mu.Unlock()
		}
	}
}

// deliver posts a batch until ingest has taken or refused it.
func (o *outlet) deliver(b *batch) {
	o.current = b
	wait := firstWait
	for {
		status, advice, err := o.post(o.queue.head(b), b)
		switch status {
		case http.StatusAccepted:
			o.settle(b, "")
			return
		case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
			o.giveUp(b, "rejected", status)
			return
		case http.StatusUnauthorized, http.StatusForbidden:
			o.giveUp(b, "unauthorised", status)
			return
		case http.StatusRequestEntityTooLarge:
			if b.records > 1 {
				first, second := o.queue.halves(b)
				o.deliver(first)
				o.deliver(second)
				return
			}
			o.giveUp(b, "too-large", status)
			return
		}
		if err != nil {
			complain("ingest at " + o.url + " cannot be reached: records wait, at most 10000")
		} else {
			complain("ingest at " + o.url + " answered " + strconv.Itoa(status) + ": records wait, at most 10000")
		}
		if advice > 0 {
			time.Sleep(advice)
		} else {
			time.Sleep(wait)
		}
		wait = wait * 2
		if wait > longestWait {
			wait = longestWait
		}
	}
}

func (o *outlet) settle(b *batch, reason string) {
	o.current = nil
	o.queue.settle(b, reason)
}

func (o *outlet) giveUp(b *batch, reason string, status int) {
	complain("ingest at " + o.url + " refused a batch with " + strconv.Itoa(status) + ": dropped as " + reason)
	o.settle(b, reason)
}

// post gives ingest's status and how long it asks us to wait; b is nil for a report of the counters alone.
func (o *outlet) post(head []byte, b *batch) (int, time.Duration, error) {
	body := io.Reader(bytes.NewReader(head))
	length := len(head)
	if b != nil {
		body = io.MultiReader(body, bytes.NewReader(b.lines.Bytes()))
		length += b.lines.Len()
	}
	request, err := http.NewRequest(http.MethodPost, o.url, body)
	if err != nil {
		return 0, 0, err
	}
	request.ContentLength = int64(length)
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("User-Agent", "understudy-tap")
	if token := o.token(); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return 0, 0, err
	}
	io.CopyN(io.Discard, response.Body, mostAnswer)
	response.Body.Close()
	return response.StatusCode, adviceOf(response.Header.Get("Retry-After"), time.Now()), nil
}

// token is read for every batch: it may be replaced while we run.
func (o *outlet) token() string {
	if o.tokenFile == "" {
		return ""
	}
	content, err := os.ReadFile(o.tokenFile)
	if err != nil {
		complain("tokenFile " + o.tokenFile + " cannot be read")
	}
	return strings.TrimSpace(string(content))
}

// adviceOf reads Retry-After, in seconds or as a date.
func adviceOf(text string, now time.Time) time.Duration {
	if text == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	}
	if wait < 0 {
		return 0
	}
	if wait > longestAdvice {
		return longestAdvice
	}
	return wait
}
