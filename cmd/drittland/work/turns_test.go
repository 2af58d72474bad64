package work

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch"
)

func TestTurns(t *testing.T) {
	address := database(t)
	ctx := context.Background()
	a, b := open(t, address).NewWorker(options("a")).Turns(time.Minute), open(t, address).NewWorker(options("b")).Turns(time.Minute)
	a.Patience, b.Patience = 300*time.Millisecond, 300*time.Millisecond
	give, err := a.Take(ctx, "clipzy.example")
	if err != nil {
		t.Fatal(err)
	}
	var busy *fetch.Busy
	if _, err := b.Take(ctx, "clipzy.example"); !errors.As(err, &busy) {
		t.Fatalf("two at a time: %v", err)
	}
	if d, err := b.Busy(ctx, "clipzy.example"); err != nil || d == 0 {
		t.Errorf("busy for %s, %v", d, err)
	}
	give(200 * time.Millisecond)
	began := time.Now()
	give, err = b.Take(ctx, "clipzy.example")
	if err != nil || time.Since(began) < 150*time.Millisecond {
		t.Fatalf("taken %s after, %v", time.Since(began), err)
	}
	give(0)
	if err := b.Slow(ctx, "clipzy.example", time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Take(ctx, "clipzy.example"); !errors.As(err, &busy) || busy.For < 50*time.Second {
		t.Errorf("the pause that robots.txt asks for is not kept: %v", err)
	}
	if d, err := a.Busy(ctx, "other.example"); err != nil || d != 0 {
		t.Errorf("busy for %s, %v", d, err)
	}
	ok, err := a.Alone(ctx, "duty", time.Minute, func(ctx context.Context) error {
		ok, err := b.Alone(ctx, "duty", time.Minute, func(context.Context) error { return nil })
		if ok {
			t.Error("two do a duty")
		}
		return err
	})
	if !ok || err != nil {
		t.Error(ok, err)
	}
	lapsed := b.q.NewWorker(options("c")).Turns(time.Millisecond)
	if _, err := lapsed.Take(ctx, "slow.example"); err != nil {
		t.Fatal(err)
	}
	if give, err = b.Take(ctx, "slow.example"); err != nil {
		t.Errorf("a lease that ended keeps the host: %v", err)
	} else {
		give(0)
	}
}

func TestFiles(t *testing.T) {
	address := database(t)
	f, g := open(t, address).Files(), open(t, address).Files()
	for name, data := range map[string]string{"outbox/a": "1", "outbox/b": "2", "outbox/.new/c": "3", "watch": ""} {
		if err := f.Write(name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Rename("outbox/a", "outbox/b"); err != nil {
		t.Fatal(err)
	}
	names, err := g.Names("outbox")
	if err != nil || !slices.Equal(names, []string{"b"}) {
		t.Errorf("%q, %v", names, err)
	}
	if b, err := g.Read("outbox/b", 100); err != nil || string(b) != "1" {
		t.Errorf("%q, %v", b, err)
	}
	if there, err := g.Has("outbox"); !there || err != nil {
		t.Error(there, err)
	}
	if there, err := g.Has("out"); there || err != nil {
		t.Error(there, err)
	}
	if _, err := g.Read("outbox/a", 100); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := f.Rename("outbox/a", "outbox/b"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := errors.Join(f.Remove("outbox/b"), f.Remove("outbox/b")); err != nil {
		t.Error(err)
	}
	unlock, ok, err := f.Lock(context.Background(), "outbox/put.lock", 0)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, ok, err := g.Lock(context.Background(), "outbox/put.lock", 50*time.Millisecond); ok || err != nil {
		t.Errorf("two have a lock: %v, %v", ok, err)
	}
	unlock()
	if unlock, ok, err = g.Lock(context.Background(), "outbox/put.lock", 0); !ok || err != nil {
		t.Errorf("a lock that was given back is held: %v, %v", ok, err)
	} else {
		unlock()
	}
}

// What one worker has read of a robots.txt, others need not read; of several at a time one reads.
func TestRobotsAreReadOnce(t *testing.T) {
	address, ctx := database(t), context.Background()
	const robots = "https://clipzy.example/robots.txt"
	var read atomic.Int64
	var wg sync.WaitGroup
	for i := range 4 {
		turns := open(t, address).NewWorker(options(fmt.Sprint("w", i))).Turns(time.Minute)
		for range 3 {
			wg.Go(func() {
				said, _, err := turns.Robots(ctx, robots, func() fetch.RobotsSaid {
					read.Add(1)
					time.Sleep(100 * time.Millisecond)
					return fetch.RobotsSaid{Rules: []byte("user-agent: *\ndisallow: /\xff\n"), Holds: time.Hour}
				})
				if err != nil || string(said.Rules) != "user-agent: *\ndisallow: /\xff\n" {
					t.Errorf("%q, %v", said.Rules, err)
				}
			})
		}
	}
	wg.Wait()
	if read.Load() != 1 {
		t.Errorf("read %d times", read.Load())
	}
	a := open(t, address).NewWorker(options("a")).Turns(time.Minute)
	again := func(want int64, address string, said fetch.RobotsSaid) {
		t.Helper()
		read.Store(0)
		for range 2 {
			if _, _, err := a.Robots(ctx, address, func() fetch.RobotsSaid { read.Add(1); return said }); err != nil {
				t.Error(err)
			}
		}
		if read.Load() != want {
			t.Errorf("%s: read %d times, not %d", address[:min(40, len(address))], read.Load(), want)
		}
	}
	if _, err := a.q.pool.Exec(ctx, "update robots set until = now()"); err != nil {
		t.Fatal(err)
	}
	again(1, robots, fetch.RobotsSaid{Kind: fetch.Transient, Why: "status 503", Holds: time.Hour})
	again(2, "https://other.example/robots.txt", fetch.RobotsSaid{Kind: fetch.Transient})
	again(2, "https://"+strings.Repeat("x", 400)+".example/robots.txt", fetch.RobotsSaid{Holds: time.Hour})
	again(2, "https://large.example/robots.txt", fetch.RobotsSaid{Rules: make([]byte, mostSaid), Holds: time.Hour})
	if _, err := a.q.pool.Exec(ctx, "update robots set said = 'x'"); err != nil {
		t.Fatal(err)
	}
	again(1, robots, fetch.RobotsSaid{Holds: 1000 * time.Hour})
	n := 0
	if err := a.q.pool.QueryRow(ctx, "select count(*) from robots where until < now() + interval '25 hours'").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, err := a.q.pool.Exec(ctx, "update robots set until = now() - interval '1 second'"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.q.Forget(ctx), a.q.pool.QueryRow(ctx, "select count(*) from robots").Scan(&n)); err != nil || n != 0 {
		t.Errorf("%d rows are left, %v", n, err)
	}
	if ok, err := a.Alone(ctx, "robots:"+robots, time.Minute, func(ctx context.Context) error {
		b := open(t, address).NewWorker(options("b")).Turns(time.Minute)
		b.Patience = 100 * time.Millisecond
		_, _, err := b.Robots(ctx, robots, func() fetch.RobotsSaid { t.Error("two read at a time"); return fetch.RobotsSaid{} })
		var busy *fetch.Busy
		if !errors.As(err, &busy) {
			t.Errorf("%v is not that another reads", err)
		}
		return nil
	}); !ok || err != nil {
		t.Error(ok, err)
	}
}
