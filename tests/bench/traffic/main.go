// Cheap traffic for the benches, so that the machine's time goes to what is measured: `serve` answers 1 KiB of JSON
// and plays both versions; `load` sends a number of requests at a rate over a few connections. JSON on stdout.
package main

import (
	"bufio"
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
	body := `{"page":1,"pad":"` + strings.Repeat("x", 1024-19) + `"}`
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\nContent-Length: " +
		fmt.Sprint(len(body)) + "\r\nDate: "
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
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail(err.Error())
		}
		go answer(connection, head, "\r\n\r\n"+body)
	}
}

// answer serves one connection. net/http's server would take three times as much of the machine.
func answer(connection net.Conn, head string, rest string) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	var out []byte
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		out = append(append(out[:0], head...), time.Now().UTC().Format(http.TimeFormat)...)
		if _, err := connection.Write(append(out, rest...)); err != nil || request.Close {
			return
		}
	}
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
	host, path, _ := strings.Cut(strings.TrimPrefix(*url, "http://"), "/")
	asked := []byte("GET /" + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: traffic\r\n\r\n")
	var taken, failed atomic.Int64
	var group sync.WaitGroup
	started := time.Now()
	for worker := 0; worker < *connections; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			c := &client{host: host, asked: asked}
			for {
				number := taken.Add(1)
				if number > *requests {
					return
				}
				if *rate > 0 {
					time.Sleep(time.Until(started.Add(time.Duration(float64(number) / *rate * float64(time.Second)))))
				}
				if !c.one() {
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

// client asks the same again and again over one connection. net/http's client would take three times as much.
type client struct {
	host       string
	asked      []byte
	connection net.Conn
	reader     *bufio.Reader
}

func (c *client) one() bool {
	if c.connection == nil {
		connection, err := net.Dial("tcp", c.host)
		if err != nil {
			return false
		}
		c.connection = connection
		c.reader = bufio.NewReader(connection)
	}
	c.connection.SetDeadline(time.Now().Add(20 * time.Second))
	status, isLast, err := c.ask()
	if err != nil || isLast {
		c.close()
	}
	return err == nil && status == http.StatusOK
}

func (c *client) ask() (status int, isLast bool, err error) {
	if _, err := c.connection.Write(c.asked); err != nil {
		return 0, true, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, true, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Close, err
}

func (c *client) close() {
	if c.connection != nil {
		c.connection.Close()
		c.connection = nil
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "traffic: "+message)
	os.Exit(1)
}
