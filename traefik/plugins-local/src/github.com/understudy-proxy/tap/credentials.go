package tap

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// credentials are what a shadow gets in place of the client's Authorization, from a file that may be replaced.
type credentials struct {
	file string

	mu     sync.Mutex
	read   time.Time
	values []string
}

const credentialsLast = 10 * time.Second

// replaceIn sets the header; without anything in the file the shadow gets none.
func (c *credentials) replaceIn(header http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.read) > credentialsLast {
		c.read = now
		content, err := os.ReadFile(c.file)
		text := strings.TrimSpace(string(content))
		c.values = nil
		if err == nil && text != "" && !strings.ContainsAny(text, "\r\n") {
			c.values = []string{text}
		} else {
			complain("credentialsFile " + c.file + " holds no single line: the shadow gets no Authorization until it does")
		}
	}
	if c.values == nil {
		delete(header, "Authorization")
	} else {
		header["Authorization"] = c.values
	}
}
