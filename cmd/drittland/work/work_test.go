package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// TestMain is a worker process, too: one that a test can kill.
func TestMain(m *testing.M) {
	if address := os.Getenv("DRITTLAND_WORK_CHILD"); address != "" {
		child(address)
		return
	}
	os.Exit(pgtest.Run(m))
}

// A ping is a job that does what its test wants.
type ping struct {
	N int `json:"n" river:"unique"`
}

func (ping) Kind() string { return "ping" }
func (ping) options() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDerive, MaxAttempts: 5, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

func database(t *testing.T) string {
	t.Helper()
	address := pgtest.Need(t).Database(t)
	db, err := pg.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

func open(t *testing.T, address string) *Queue {
	t.Helper()
	q, err := Open(context.Background(), address, 12)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	if err := q.LayOut(context.Background()); err != nil {
		t.Fatal(err)
	}
	return q
}

func options(id string) Options {
	return Options{ID: id, Machine: "m", Version: "test", Queues: []string{QueueDerive}, Slots: 4, Lease: 3 * time.Second, Stop: time.Second, Log: quiet}
}

// start runs a worker until the test ends or stop is called.
func start(t *testing.T, w *Worker) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	return stop
}

// until waits for something to come true.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func count(t *testing.T, q *Queue, states ...string) int {
	t.Helper()
	list, err := q.List(context.Background(), Wish{States: states, Kinds: []string{"ping"}, Most: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestJobsAreDoneOnce(t *testing.T) {
	address := database(t)
	q := open(t, address)
	if err := q.There(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // of a job that waits no second one is made
		if _, err := q.Put(context.Background(), ping{0}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, q); n != 1 {
		t.Errorf("%d jobs of two that are the same", n)
	}
	var mu sync.Mutex
	done := map[int]int{}
	for i := range 3 {
		w := open(t, address).NewWorker(options(fmt.Sprint("w", i)))
		On(w, time.Minute, func(_ context.Context, _ Job, p ping) ([]Args, error) {
			mu.Lock()
			defer mu.Unlock()
			done[p.N]++
			if p.N < 100 {
				return []Args{ping{p.N + 1000}}, nil // put in the moment in which this one ends
			}
			return nil, nil
		})
		start(t, w)
	}
	var jobs []Args
	for i := range 99 {
		jobs = append(jobs, ping{i + 1})
	}
	if fresh, err := q.Put(context.Background(), jobs...); err != nil || fresh != 99 {
		t.Fatalf("%d fresh, %v", fresh, err)
	}
	until(t, "all are done", func() bool { return count(t, q, "completed") == 200 })
	for n, times := range done {
		if times != 1 {
			t.Errorf("job %d was done %d times", n, times)
		}
	}
}

func TestFailures(t *testing.T) {
	address := database(t)
	q := open(t, address)
	w := open(t, address).NewWorker(options("w"))
	var again atomic.Int64
	On(w, time.Minute, func(_ context.Context, j Job, p ping) ([]Args, error) {
		switch p.N {
		case 1:
			return nil, &Failure{Class: "gone", Final: true, Err: errors.New("the page is no more")}
		case 2:
			return nil, &Failure{Class: "not available now", Err: errors.New("status 503"), After: time.Hour}
		case 3:
			if !j.Again {
				return nil, &Later{}
			}
			again.Add(1)
		case 4:
			return nil, errors.New("who knows")
		}
		return nil, nil
	})
	start(t, w)
	if _, err := q.Put(context.Background(), ping{1}, ping{2}, ping{3}, ping{4}); err != nil {
		t.Fatal(err)
	}
	until(t, "all are tried", func() bool {
		return count(t, q, Dead...) == 1 && count(t, q, "retryable") == 2 && count(t, q, "completed") == 1
	})
	if again.Load() != 1 {
		t.Errorf("what was put off was done again %d times", again.Load())
	}
	dead, err := q.List(context.Background(), Wish{States: Dead, Most: 10})
	if err != nil || len(dead) != 1 || !strings.Contains(dead[0].Why, "gone: the page is no more") || dead[0].Worker != "w" {
		t.Fatalf("%+v, %v", dead, err)
	}
	late, err := q.List(context.Background(), Wish{States: []string{"retryable"}, Most: 10})
	if err != nil || time.Until(late[1].Due) < 50*time.Minute || time.Until(late[0].Due) > 2*time.Minute {
		t.Errorf("back-off: %+v, %v", late, err)
	}
	if n := w.Counts()[Outcome{"ping", "failed"}]; n != 3 {
		t.Errorf("%d failures counted", n)
	}
	if _, err := q.Put(context.Background(), ping{1}); err != nil {
		t.Fatal(err)
	}
	until(t, "it is dead again", func() bool { return count(t, q, Dead...) == 2 })
	if _, err := q.Retry(context.Background(), dead[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := q.Retry(context.Background(), 1<<40); !errors.Is(err, ErrUnknown) {
		t.Errorf("retry of nothing: %v", err)
	}
	if e, err := q.Cancel(context.Background(), late[0].ID); err != nil || e.State != "cancelled" || e.Why == "" {
		t.Errorf("cancelled: %+v, %v", e, err)
	}
}

func TestGracefulStop(t *testing.T) {
	address := database(t)
	q := open(t, address)
	w := open(t, address).NewWorker(options("w"))
	var begun atomic.Int64
	On(w, time.Minute, func(ctx context.Context, _ Job, p ping) ([]Args, error) {
		begun.Add(1)
		d := 300 * time.Millisecond
		if p.N == 2 {
			d = time.Minute
		}
		return nil, rest(ctx, d)
	})
	stop := start(t, w)
	if _, err := q.Put(context.Background(), ping{1}, ping{2}); err != nil {
		t.Fatal(err)
	}
	until(t, "both run", func() bool { return begun.Load() == 2 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if n, m := count(t, q, "completed"), count(t, q, "available"); n != 1 || m != 1 {
		t.Errorf("%d done and %d given back, want one of each", n, m)
	}
	left, err := q.List(context.Background(), Wish{States: []string{"available"}, Most: 1})
	if err != nil || left[0].Attempt != 0 || left[0].Why != "" {
		t.Errorf("what was given back counts as tried: %+v, %v", left, err)
	}
}

// child is a worker that notes in a table what it begins and ends.
func child(address string) {
	q, err := Open(context.Background(), address, 12)
	if err != nil {
		panic(err)
	}
	o := options(os.Getenv("DRITTLAND_WORK_ID"))
	o.Queues, o.Log = []string{QueueCapture, QueueDerive}, slog.New(slog.NewTextHandler(os.Stderr, nil))
	w := q.NewWorker(o)
	turns := w.Turns(time.Minute)
	On(w, time.Minute, func(ctx context.Context, _ Job, p ping) ([]Args, error) {
		give, err := turns.Take(ctx, fmt.Sprintf("h%d.example", p.N%3))
		if err != nil {
			return nil, &Later{In: time.Second}
		}
		defer give(0)
		_, err = q.pool.Exec(ctx, "insert into done values ($1, clock_timestamp())", p.N)
		_ = rest(ctx, 30*time.Millisecond)
		return nil, err
	})
	On(w, time.Minute, func(ctx context.Context, _ Job, _ Schedule) ([]Args, error) {
		_, err := q.pool.Exec(ctx, "insert into duty values ($1, clock_timestamp())", o.ID)
		return nil, err
	})
	if err := w.Run(context.Background()); err != nil {
		panic(err)
	}
}

// TestKilledWorkers kills processes, that which does the duties among them, while they work: what they had is done by others, and the duty goes on.
func TestKilledWorkers(t *testing.T) {
	address := database(t)
	q := open(t, address)
	if _, err := q.pool.Exec(context.Background(), "create table done (n int, at timestamptz); create table duty (id text, at timestamptz)"); err != nil {
		t.Fatal(err)
	}
	procs := map[string]*exec.Cmd{}
	for i := range 3 {
		id := fmt.Sprint("p", i)
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "DRITTLAND_WORK_CHILD="+address, "DRITTLAND_WORK_ID="+id)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		procs[id] = c
		t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	}
	var jobs []Args
	for i := range 300 {
		jobs = append(jobs, ping{i})
	}
	if _, err := q.Put(context.Background(), jobs...); err != nil {
		t.Fatal(err)
	}
	leader := ""
	until(t, "a duty is done, and some jobs", func() bool {
		_ = q.pool.QueryRow(context.Background(), "select id from duty order by at limit 1").Scan(&leader)
		return leader != "" && count(t, q, "completed") > 10
	})
	if err := procs[leader].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "the others do all", func() bool { return count(t, q, "completed") == 300 })
	var n, odd int
	err := q.pool.QueryRow(context.Background(), `select count(distinct n), count(*) filter (where again and not exists
		(select from river_job where kind = 'ping' and (args->>'n')::int = n and metadata ? 'rescued')) from (select n, row_number() over (partition by n) > 1 as again from done) x`).Scan(&n, &odd)
	if err != nil || n != 300 || odd > 0 {
		t.Errorf("%d done, %d of them twice though nobody was killed who did them, %v", n, odd, err)
	}
	until(t, "another does the duty", func() bool {
		var other string
		_ = q.pool.QueryRow(context.Background(), "select id from duty where id <> $1 limit 1", leader).Scan(&other)
		return other != ""
	})
	var crowded int // duties within one period
	err = q.pool.QueryRow(context.Background(), "select count(*) from (select floor(extract(epoch from created_at) / 10) from river_job where kind = 'schedule' group by 1 having count(*) > 1) x").Scan(&crowded)
	if err != nil || crowded > 0 {
		t.Errorf("%d periods have more than one duty, %v", crowded, err)
	}
	s, err := q.Standing(context.Background())
	if err != nil || s.Workers != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestPausedWorker: a worker of which nothing was heard for too long ends, and says nothing of jobs that others do now.
func TestPausedWorker(t *testing.T) {
	address := database(t)
	q := open(t, address)
	w := open(t, address).NewWorker(options("w"))
	begun := make(chan bool)
	On(w, time.Minute, func(ctx context.Context, _ Job, _ ping) ([]Args, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	if _, err := q.Put(context.Background(), ping{1}); err != nil {
		t.Fatal(err)
	}
	<-begun
	if _, err := q.pool.Exec(context.Background(), "delete from workers"); err != nil { // as others do
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	if n := count(t, q, "running"); n != 1 {
		t.Error("a worker that was given up said what became of its job")
	}
}

// TestOverhead measures what the queue takes for a job that does nothing. DRITTLAND_TEST_JOBS says of how many.
func TestOverhead(t *testing.T) {
	n := 200
	if s := os.Getenv("DRITTLAND_TEST_JOBS"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			t.Fatal(err)
		}
	}
	address := database(t)
	q := open(t, address)
	var jobs []Args
	for i := range n {
		jobs = append(jobs, ping{i})
	}
	began := time.Now()
	if _, err := q.Put(context.Background(), jobs...); err != nil {
		t.Fatal(err)
	}
	put := time.Since(began)
	w := open(t, address).NewWorker(options("w"))
	On(w, time.Minute, func(context.Context, Job, ping) ([]Args, error) { return nil, nil })
	began = time.Now()
	start(t, w)
	until(t, "all are done", func() bool { return count(t, q, "completed") == min(n, 10_000) })
	t.Logf("%d empty jobs, 4 at a time: put in %s, done in %s, %s each", n, put, time.Since(began), (put+time.Since(began))/time.Duration(n))
}
