// This file holds the servers and the clock of the tests.

package fetch

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A clock moves only when somebody sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)} }

func (k *clock) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *clock) sleep(ctx context.Context, d time.Duration) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d > 0 {
		k.slept = append(k.slept, d)
		k.now = k.now.Add(d)
	}
	return ctx.Err()
}

// newClient makes a client for the loopback servers of a test, with its own clock and no jitter.
func newClient(o Options) (*Client, *clock) {
	k := newClock()
	o.AllowLoopback, o.Now = true, k.Now
	c := New(o)
	c.sleep, c.rand = k.sleep, func() float64 { return 0.5 }
	return c, k
}

// serve answers each path with its handler; robots.txt is missing unless there is one.
func serve(t *testing.T, paths map[string]http.HandlerFunc) *httptest.Server {
	mux := http.NewServeMux()
	for p, h := range paths {
		mux.HandleFunc(p, h)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		if code != http.StatusNoContent {
			_, _ = io.WriteString(w, "status page")
		}
	}
}

func page(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = io.WriteString(w, body)
	}
}

// raw answers each request with exact bytes by its path, and gives what it was sent. The connection
// is closed after the answer.
func raw(t *testing.T, answers map[string]string) (address string, requests func() []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var mu sync.Mutex
	var got []string
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			br := bufio.NewReader(conn)
			var head strings.Builder
			for !strings.HasSuffix(head.String(), "\r\n\r\n") {
				b, err := br.ReadByte()
				if err != nil {
					break
				}
				head.WriteByte(b)
			}
			path := strings.Split(head.String()+"  ", " ")[1]
			mu.Lock()
			got = append(got, head.String())
			mu.Unlock()
			answer, ok := answers[path]
			if !ok {
				answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
			}
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String(), func() []string { mu.Lock(); defer mu.Unlock(); return got }
}
