// A service for label tests: it answers with who it is and what it was asked, and can be made slow or broken.
package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	name, port := os.Getenv("NAME"), os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	// The engine's health check runs this same binary: there is no shell in the image.
	if len(os.Args) > 1 && os.Args[1] == "healthcheck" {
		answer, err := http.Get("http://127.0.0.1:" + port + "/health")
		if err != nil || answer.StatusCode != http.StatusOK {
			os.Exit(1)
		}
		return
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(0)
	}()
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if ms, err := strconv.Atoi(query.Get("sleepMs")); err == nil {
			time.Sleep(time.Duration(ms) * time.Millisecond)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Served-By", name)
		if status, err := strconv.Atoi(query.Get("status")); err == nil && status >= 200 && status < 600 {
			w.WriteHeader(status)
		}
		if bytes, err := strconv.Atoi(query.Get("bytes")); err == nil && bytes >= 0 && bytes <= 1<<20 {
			_ = json.NewEncoder(w).Encode(map[string]any{"text": strings.Repeat("0123456789", bytes/10)})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"name": name, "method": r.Method, "host": r.Host, "uri": r.RequestURI, "headers": r.Header,
		})
	})
	if err := http.ListenAndServe(":"+port, nil); err != nil {
		panic(err)
	}
}
