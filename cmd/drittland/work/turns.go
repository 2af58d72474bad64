package work

// This file says whose turn it is: of all workers on all machines one at a time asks a host, reads some terms, does a duty. A turn is a lease in
// the database, by its clock, and ends with the worker that holds it.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/fetch"
)

// Turns are the turns of one worker.
type Turns struct {
	q        *Queue
	holder   string
	owed     *debts
	Lease    time.Duration // of a host: longer than any request takes
	Patience time.Duration // that a request waits for its turn before its job gives its place to another
	Least    time.Duration // between two requests to a host, whatever robots.txt says
}

const (
	soon     = 20 * time.Millisecond  // after which a turn that somebody has is asked for again
	soonMost = 300 * time.Millisecond // at most
)

func hostName(host string) string { return "host:" + host }

// Take is that of fetch.Turns.
func (t *Turns) Take(ctx context.Context, host string) (done func(time.Duration), err error) {
	pause := soon
	for began := time.Now(); ; {
		ok, err := t.take(ctx, hostName(host), t.Lease)
		if err != nil {
			return nil, err
		}
		if ok {
			return func(pause time.Duration) { t.give(hostName(host), max(pause, t.Least)) }, nil
		}
		wait, held, err := t.wait(ctx, host)
		if err != nil {
			return nil, err
		}
		left := t.Patience - time.Since(began)
		if left <= 0 || !held && wait > left {
			return nil, &fetch.Busy{For: max(wait, time.Second)}
		}
		if held {
			wait, pause = pause+rand.N(pause), min(2*pause, soonMost)
		}
		if err := rest(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(max(d, time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take takes a turn if it is free.
func (t *Turns) take(ctx context.Context, name string, lease time.Duration) (bool, error) {
	tag, err := t.q.pool.Exec(ctx, `insert into turns (name, holder, until, next_at) values ($1, $2, now() + $3, now())
		on conflict (name) do update set holder = excluded.holder, until = excluded.until
		where (turns.holder is null or turns.until + turns.pause <= now()) and turns.next_at <= now()`, name, t.holder, lease)
	if err != nil {
		return false, fmt.Errorf("take a turn: %w", err)
	}
	ok := tag.RowsAffected() > 0
	if ok { // the lease of the turn that is owed has ended
		t.owed.forget(name)
	}
	return ok, nil
}

// wait is how long a host is not free, as far as that is known, and whether somebody asks it now.
func (t *Turns) wait(ctx context.Context, host string) (wait time.Duration, held bool, err error) {
	err = t.q.pool.QueryRow(ctx, `select greatest(next_at - now(), interval '0'), holder is not null and until + pause > now() from turns where name = $1`, hostName(host)).Scan(&wait, &held)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look at a turn: %w", err)
	}
	return wait, held, nil
}

// giveTime is how long giving a turn back may take.
const giveTime = 5 * time.Second

// give gives a turn back. It does nothing if the lease has ended and another has the turn.
func (t *Turns) give(name string, pause time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), giveTime)
	defer cancel()
	if err := t.q.release(ctx, name, t.holder, pause); err != nil {
		t.owed.add(name, pause)
	}
}

func (q *Queue) release(ctx context.Context, name, holder string, pause time.Duration) error {
	_, err := q.pool.Exec(ctx, `update turns set holder = null, until = null, next_at = now() + greatest($3, pause) where name = $1 and holder = $2`, name, holder, pause)
	return err
}

// debts are turns that could not be given back, since the database was away. The worker gives them back when it tells again that it lives: the lease of some
// is long.
type debts struct {
	mu  sync.Mutex
	all map[string]time.Duration
}

func (d *debts) add(name string, pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[name] = pause
}

func (d *debts) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, name)
}

// pay gives back what is owed.
func (d *debts) pay(ctx context.Context, q *Queue, holder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, pause := range d.all {
		if err := q.release(ctx, name, holder, pause); err != nil {
			return err
		}
		delete(d.all, name)
	}
	return nil
}

// Slow is that of fetch.Turns.
func (t *Turns) Slow(ctx context.Context, host string, pause time.Duration) error {
	_, err := t.q.pool.Exec(ctx, `update turns set next_at = next_at + greatest($2 - greatest(pause, $3), interval '0'), pause = greatest(pause, $2) where name = $1`,
		hostName(host), pause, t.Least)
	return err
}

// Busy is how long a host is not free; 0 if it is.
func (t *Turns) Busy(ctx context.Context, host string) (time.Duration, error) {
	wait, held, err := t.wait(ctx, host)
	if held {
		wait = max(wait, time.Second)
	}
	return wait, err
}

// Alone calls f while no other worker does something of the same name; ok is false if one does. lease is how long f takes at most.
func (t *Turns) Alone(ctx context.Context, name string, lease time.Duration, f func(context.Context) error) (ok bool, err error) {
	if ok, err = t.take(ctx, name, lease); err != nil || !ok {
		return ok, err
	}
	defer t.give(name, 0)
	ctx, cancel := context.WithTimeout(ctx, lease)
	defer cancel()
	return true, f(ctx)
}
