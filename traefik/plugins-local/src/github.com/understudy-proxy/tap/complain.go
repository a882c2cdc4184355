package tap

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"sync"
)

const mostComplaints = 100

var (
	complained     = map[string]bool{}
	complainedLock sync.Mutex
	processKey     = randomBytes(32)
)

// complain writes a line to Traefik's log, each line once a process. It never carries traffic.
func complain(line string) {
	complainedLock.Lock()
	known := complained[line] || len(complained) >= mostComplaints
	complained[line] = true
	complainedLock.Unlock()
	if !known {
		os.Stderr.WriteString("understudy tap: " + line + "\n")
	}
}

func randomBytes(count int) []byte {
	bytes := make([]byte, count)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return bytes
}

func randomHex(bytes int) string { return hex.EncodeToString(randomBytes(bytes)) }
