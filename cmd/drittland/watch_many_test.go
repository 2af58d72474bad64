package main

// Many declarations: what they take, and whether each server is left in peace.

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A politeWeb notes how each host is asked.
type politeWeb struct {
	mu     sync.Mutex
	now    map[string]int       // requests under way, by host
	ended  map[string]time.Time // the last answer
	most   int                  // at a time, of one host
	rushed int                  // requests that came too early
	asked  int
	delay  time.Duration
}

func (p *politeWeb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.now[r.Host]++
	p.most = max(p.most, p.now[r.Host])
	if last, ok := p.ended[r.Host]; ok && time.Since(last) < p.delay*8/10 {
		p.rushed++
	}
	p.asked++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.now[r.Host]--
		p.ended[r.Host] = time.Now()
	}()
	if r.URL.Path == "/robots.txt" {
		http.NotFound(w, r)
		return
	}
	time.Sleep(5 * time.Millisecond) // an answer takes time, so that two at once would be seen
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html><html lang=en><title>Privacy Policy</title><main><h1>Privacy Policy of %s</h1>", r.URL.Path)
	for i := range 60 {
		fmt.Fprintf(w, "<h2>%d. Your data</h2><p>We store your personal data of kind %d on servers in Ireland for %d days, and you may object at any time.</p>", i, i, i+7)
	}
	fmt.Fprint(w, "<p>We transfer your personal data to the United States on the basis of standard contractual clauses.</p></main></html>")
}

// TestManyDeclarations runs declarations, five to a host, three times. DRITTLAND_TEST_MANY=1000 makes it a thousand.
func TestManyDeclarations(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	n := 300
	if s := os.Getenv("DRITTLAND_TEST_MANY"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			t.Fatal(err)
		}
	}
	web := &politeWeb{now: map[string]int{}, ended: map[string]time.Time{}, delay: 50 * time.Millisecond}
	srv := httptest.NewServer(web)
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	b := newWatchBench(t, "capture: {schedule: daily, jitter: 0s, render: never, jobs: 16}\nlists:\n  - {name: legal, to: [ana@example.org]}\n")
	b.env = append(b.env, "HTTP_PROXY=http://127.0.0.1:"+port)
	for i := range n {
		b.write(fmt.Sprintf("tracked/s%04d.yaml", i), fmt.Sprintf("service: S%04d\nurl: http://h%d.example/s%04d\n", i, i%max(1, n/5), i))
	}
	b.must("2026-11-16T07:00:00Z", exitOK, "track", "import", filepath.Join(b.dir, "tracked"))
	for i, now := range []string{"2026-11-16T08:00:00Z", "2026-11-17T08:00:00Z", "2026-11-23T08:00:00Z"} {
		began := time.Now()
		c := b.command(now, "", "watch", "--once", "--delay", web.delay.String())
		out := new(strings.Builder)
		c.Stderr = out
		mb, err := peak(c)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(out.String(), fmt.Sprintf("captured sources=%d", n)) || !strings.Contains(out.String(), "longest=") || !strings.Contains(out.String(), "hosts=") {
			t.Errorf("run %d:\n%s", i+1, out)
		}
		t.Logf("run %d: %d declarations in %s, %d MB at most, %d requests\n%s", i+1, n, time.Since(began).Round(time.Second), mb, web.asked, out)
		if most := 100 + n/40; mb > most { // hardly more for ten times as many
			t.Errorf("run %d: %d MB, where %d are the bound", i+1, mb, most)
		}
	}
	if web.most > 1 || web.rushed > 0 {
		t.Errorf("%d requests at once to one host, %d within the delay", web.most, web.rushed)
	}
	if len(b.post.got()) != 1 {
		t.Errorf("mails: %q", b.subjects())
	}
}

// peak runs a program and gives the most memory that it held, in MB; 0 where the system does not tell. What wait tells of a child would
// count the memory of this process, too, which it was split off from.
func peak(c *exec.Cmd) (mb int, err error) {
	if err := c.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	for {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid)); err == nil {
			if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
				var kb int
				if _, err := fmt.Sscan(rest, &kb); err == nil {
					mb = max(mb, kb>>10)
				}
			}
		}
		select {
		case err := <-done:
			return mb, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}
