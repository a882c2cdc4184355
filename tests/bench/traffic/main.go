// Cheap traffic for the benches, so that the machine's time goes to what is measured: `serve` answers 1 KiB of JSON
// and plays both versions; `load` sends a number of requests at a rate over a few connections. JSON on stdout.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail("expected serve or load")
	}
	switch os.Args[1] {
	case "serve":
		serve()
	case "load":
		load(os.Args[2:])
	default:
		fail("expected serve or load, not " + os.Args[1])
	}
}

func serve() {
	body := []byte(`{"page":1,"pad":"` + strings.Repeat("x", 1024-19) + `"}`)
	handler := http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		header := response.Header()
		header["Content-Type"] = []string{"application/json; charset=utf-8"}
		header["Content-Length"] = []string{fmt.Sprint(len(body))}
		header["Cache-Control"] = []string{"no-store"}
		response.Write(body)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err.Error())
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		// The parent holds our standard input open; when it is gone so are we.
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fail(http.Serve(listener, handler).Error())
}

func load(arguments []string) {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	url := flags.String("url", "", "address to call, on loopback")
	requests := flags.Int64("n", 1000, "requests")
	rate := flags.Float64("rate", 0, "requests a second; 0: as fast as they are answered")
	connections := flags.Int("c", 32, "connections")
	flags.Parse(arguments)
	if !strings.HasPrefix(*url, "http://127.0.0.1:") {
		fail("only loopback is loaded: " + *url)
	}
	client := &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: *connections, DisableCompression: true},
	}
	var taken, failed atomic.Int64
	var group sync.WaitGroup
	started := time.Now()
	for worker := 0; worker < *connections; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				number := taken.Add(1)
				if number > *requests {
					return
				}
				if *rate > 0 {
					time.Sleep(time.Until(started.Add(time.Duration(float64(number) / *rate * float64(time.Second)))))
				}
				if !one(client, *url) {
					failed.Add(1)
				}
			}
		}()
	}
	group.Wait()
	seconds := time.Since(started).Seconds()
	// Traefik mirrors no request whose client is gone: closing at once would take the last ones away from the shadow.
	time.Sleep(time.Second)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"requests": *requests, "failed": failed.Load(), "seconds": seconds})
}

func one(client *http.Client, url string) bool {
	response, err := client.Get(url)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil && response.StatusCode == http.StatusOK
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "traffic: "+message)
	os.Exit(1)
}
