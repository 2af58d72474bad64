package main

// Workers as processes of their own, on a PostgreSQL of their own, at a web that notes how it is asked.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// A workBench is an archive on a server, and workers that are processes.
type workBench struct {
	*watchBench
	server  *pgtest.Server
	address string
	objects string
	flags   []string // of each worker
	procs   []*workProcess
}

// A workProcess is a worker.
type workProcess struct {
	*exec.Cmd
	log  lockedBuffer
	done chan struct{}
}

// A lockedBuffer is one that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorkBench(t *testing.T, settings string) *workBench {
	t.Helper()
	server, err := pgtest.New()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip("PostgreSQL is not installed: apt install postgresql")
	}
	if err != nil {
		t.Fatalf("start PostgreSQL (apt install postgresql): %v", err)
	}
	t.Cleanup(server.Close)
	b := &workBench{watchBench: newWatchBench(t, settings), server: server}
	b.address = server.Database(t)
	b.objects = "file://" + filepath.Join(b.dir, "objects")
	if err := os.Mkdir(filepath.Join(b.dir, "objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.CreateShared(context.Background(), b.address, archive.Options{Objects: b.objects}); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "DRITTLAND_ARCHIVE="+b.address)
	b.flags = []string{"worker", "-n", "4", "--lease", "3s", "--stop", "5s", "--retries", "0", "--render", "never", "--timeout", "2s"}
	t.Cleanup(func() {
		for _, p := range b.procs {
			_ = p.Process.Kill()
			<-p.done
		}
	})
	return b
}

// use opens the archive.
func (b *workBench) use(f func(*archive.Archive) error) {
	b.t.Helper()
	a, err := archive.Open(b.address, archive.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := errors.Join(f(a), a.Close()); err != nil {
		b.t.Fatal(err)
	}
}

// start starts a worker.
func (b *workBench) start() *workProcess {
	return b.startAt(time.Now().UTC().Format(time.RFC3339), "")
}

// startAt starts a worker at a time, which ends as by kill -9 at a step.
func (b *workBench) startAt(now, kill string, args ...string) *workProcess {
	b.t.Helper()
	p := &workProcess{Cmd: b.command(now, kill, append(append([]string{}, b.flags...), args...)...), done: make(chan struct{})}
	p.Stderr = &p.log
	if err := p.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() { defer close(p.done); _ = p.Wait() }()
	b.procs = append(b.procs, p)
	return p
}

// logs are what all workers said.
func (b *workBench) logs() string {
	var s strings.Builder
	for _, p := range b.procs {
		log := p.log.String()
		fmt.Fprintf(&s, "--- %d\n%s", p.Process.Pid, log[max(0, len(log)-4000):])
	}
	return s.String()
}

// ask gives one number of the database, -1 while it cannot be had.
func (b *workBench) ask(sql string, args ...any) int {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, b.address)
	if err != nil {
		return -1
	}
	defer c.Close(ctx)
	n := -1
	if _, err = c.Exec(ctx, "set search_path = drittland"); err == nil {
		err = c.QueryRow(ctx, sql, args...).Scan(&n)
	}
	if err != nil {
		return -1
	}
	return n
}

func (b *workBench) until(what string, most time.Duration, f func() bool) {
	b.t.Helper()
	for end := time.Now().Add(most); !f(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			_, jobs, _ := b.run(time.Now().UTC().Format(time.RFC3339), "", "jobs", "--format", "json")
			b.t.Fatalf("%s: not within %s\n%s%s", what, most, b.logs(), jobs)
		}
	}
}

// toDo is how many captures and derivations are still to be done.
func (b *workBench) toDo() int {
	return b.ask("select count(*) from river_job where kind in ('capture', 'derive') and state in ('available', 'running', 'retryable', 'scheduled', 'pending')")
}

// A hostWeb is a web of many hosts, behind a proxy, that notes how each is asked.
type hostWeb struct {
	politeWeb
	pages  map[string]int // requests for each page
	robots map[string]int // requests for the robots.txt of each host
}

func (w *hostWeb) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	if r.URL.Path == "/robots.txt" {
		w.robots[r.Host]++
	} else {
		w.pages[r.URL.Path]++
	}
	w.mu.Unlock()
	w.politeWeb.ServeHTTP(out, r)
}

func newHostWeb(t *testing.T, b *workBench, delay time.Duration) *hostWeb {
	w := &hostWeb{politeWeb: politeWeb{now: map[string]int{}, ended: map[string]time.Time{}, delay: delay}, pages: map[string]int{}, robots: map[string]int{}}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	b.env = append(b.env, "HTTP_PROXY=http://127.0.0.1:"+port)
	b.flags = append(b.flags, "--delay", delay.String())
	return w
}

// track declares policies, spread over hosts.
func (b *workBench) track(policies, hosts int) {
	b.t.Helper()
	b.use(func(a *archive.Archive) error {
		for i := range policies {
			err := a.PutDeclaration(snapshots.Declaration{Service: fmt.Sprintf("S%05d", i), TermsType: "Privacy Policy", Added: time.Now(),
				Sources: []snapshots.Source{{URL: fmt.Sprintf("http://h%d.example/s%05d", i%hosts, i)}}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// TestManyWorkers has four workers capture policies, five to a host, while workers are killed and PostgreSQL goes down twice. DRITTLAND_TEST_WORKERS=2000 makes
// it as many hosts.
func TestManyWorkers(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	if testing.Short() {
		t.Skip("takes a minute")
	}
	hosts := 60
	if s := os.Getenv("DRITTLAND_TEST_WORKERS"); s != "" {
		if _, err := fmt.Sscan(s, &hosts); err != nil {
			t.Fatal(err)
		}
	}
	n, most := 5*hosts, 3*time.Minute+time.Duration(hosts)*time.Second
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\n")
	web := newHostWeb(t, b, 50*time.Millisecond)
	b.track(n, hosts)
	began := time.Now()
	for range 4 {
		b.start()
	}
	captured := func() int { return b.ask("select count(*) from kv_versions") }
	kills, restarts := 0, 0
	for at := 1; at <= 5; at++ {
		b.until(fmt.Sprintf("%d of 6 parts", at), most, func() bool { return captured() >= at*n/6 })
		if at == 2 || at == 4 {
			b.server.Stop(true)
			if err := b.server.Start(); err != nil {
				t.Fatal(err)
			}
			restarts++
			continue
		}
		p := b.procs[len(b.procs)-1-rand.IntN(4)]
		_ = p.Process.Kill() // or it has ended
		<-p.done
		kills++
		b.start()
	}
	b.until("all is done", most, func() bool { return captured() >= n && b.toDo() == 0 })
	t.Logf("%d policies of %d hosts in %s with 4 workers, %d killed, PostgreSQL down %d times: %d requests", n, hosts, time.Since(began).Round(time.Second), kills, restarts, web.asked)
	b.checkOnce(web, n, 4*(kills+4*restarts))
}

// checkOnce checks that each policy was captured and read once, that few pages were asked for again, and that no host was pressed.
func (b *workBench) checkOnce(web *hostWeb, n, again int) {
	b.t.Helper()
	web.mu.Lock()
	if web.most > 1 || web.rushed > 0 {
		b.t.Errorf("%d requests at once to one host, %d within the delay", web.most, web.rushed)
	}
	more := 0
	for _, times := range web.pages {
		more += times - 1
	}
	if len(web.pages) != n || more > again {
		b.t.Errorf("%d pages of %d were asked for, %d requests too many", len(web.pages), n, more)
	}
	web.mu.Unlock()
	b.use(func(a *archive.Archive) error {
		terms, err := a.Terms()
		if err != nil || len(terms) != n {
			b.t.Errorf("%d terms, want %d: %v", len(terms), n, err)
		}
		for _, x := range terms {
			s, v := 0, 0
			for _, err := range a.Snapshots(x) {
				if err != nil {
					return err
				}
				s++
			}
			for y, err := range a.Versions(x) {
				if err != nil {
					return err
				}
				if holdsText(y) {
					v++
				}
			}
			if s != 1 || v != 1 {
				b.t.Errorf("%s: %d snapshots, %d texts", x, s, v)
			}
		}
		problems, err := a.Check(context.Background(), nil)
		if len(problems) > 0 {
			b.t.Errorf("the archive is damaged: %v", problems)
		}
		return err
	})
	if b.t.Failed() {
		b.t.Log(b.logs())
	}
}

// TestRobotsOnce has four workers capture policies, six to a host: each host is asked once for its robots.txt. What was gathered for searching is found.
func TestRobotsOnce(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\n")
	web := newHostWeb(t, b, 50*time.Millisecond)
	const hosts, n = 8, 48
	b.track(n, hosts)
	for range 4 {
		b.start()
	}
	b.until("all is done", 2*time.Minute, func() bool { return b.ask("select count(*) from kv_versions") >= n && b.toDo() == 0 })
	b.until("all is gathered", 3*time.Minute, func() bool {
		return b.ask("select count(*) from search_terms") == n && b.ask("select count(*) from search_stale") == 0
	})
	b.until("the objects are tidied", time.Minute, func() bool {
		return b.ask("select count(*) from river_job where kind = 'tidy' and state = 'completed'") == 1
	})
	web.mu.Lock()
	for host, times := range web.robots {
		if times != 1 {
			t.Errorf("%s was asked %d times for its robots.txt", host, times)
		}
	}
	if len(web.robots) != hosts {
		t.Errorf("%d hosts of %d were asked for a robots.txt", len(web.robots), hosts)
	}
	web.mu.Unlock()
	b.checkOnce(web, n, 0)
}

// TestThroughput measures how much one, two and four workers do, where no host keeps them waiting. DRITTLAND_TEST_THROUGHPUT=1000 measures with so many policies.
func TestThroughput(t *testing.T) {
	n := 0
	if s := os.Getenv("DRITTLAND_TEST_THROUGHPUT"); s == "" {
		t.Skip("for measuring: DRITTLAND_TEST_THROUGHPUT is not set")
	} else if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 2, 4} {
		b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\n")
		b.flags = append(b.flags, "-n", "1") // one worker of more fills a small machine
		web := newHostWeb(t, b, time.Millisecond)
		b.track(n, n)
		began := time.Now()
		for range workers {
			b.start()
		}
		b.until("all is done", 10*time.Minute, func() bool { return b.ask("select count(*) from kv_versions") >= n && b.toDo() == 0 })
		took := time.Since(began)
		mb := 0
		for _, p := range b.procs {
			if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid)); err == nil {
				if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
					kb := 0
					_, _ = fmt.Sscan(rest, &kb) // 0 if it is not there
					mb = max(mb, kb>>10)
				}
			}
			_ = p.Process.Kill()
		}
		t.Logf("%d workers: %d policies in %s, %.1f a second; %d MB at most", workers, n, took.Round(100*time.Millisecond), float64(n)/took.Seconds(), mb)
		b.checkOnce(web, n, 0)
	}
}

// TestWorkerEnds sends SIGTERM to a worker that is in the middle of its jobs: it ends by itself, and the next one goes on.
func TestWorkerEnds(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\n")
	web := newHostWeb(t, b, 300*time.Millisecond)
	b.track(12, 2)
	p := b.start()
	b.until("it works", time.Minute, func() bool { return b.ask("select count(*) from kv_versions") > 0 })
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if code := p.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.log.String())
	}
	if left, running := b.toDo(), b.ask("select count(*) from river_job where state = 'running'"); left == 0 || running != 0 {
		t.Errorf("%d jobs are left, %d of them run", left, running)
	}
	b.start()
	b.until("the next one does the rest", time.Minute, func() bool { return b.toDo() == 0 })
	b.checkOnce(web, 12, 4)
}
