// This file keeps the client polite: one request at a time for a host, a pause between them, and
// away for as long as the host asks. The retries are made here and not by a library because they
// must wait in the queue of their host, count against the budget, and follow a clock of the tests.

package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxHosts      = 10_000         // remembered at a time
	maxCrawlDelay = time.Minute    // of a robots.txt
	firstBackoff  = time.Second    // doubled with each attempt
	maxRetryAfter = 24 * time.Hour // that a host can ask for
)

// Turns order the requests of several clients to one host: one at a time, with the pause that the host wants between them.
type Turns interface {
	// Take waits until no other client asks the host and its pause is over. done gives the host back, once, and says for how long it is to be left
	// alone. A host that is not free soon is a *Busy error; any other error says that nobody knows.
	Take(ctx context.Context, host string) (done func(pause time.Duration), err error)
	// Slow says that the host wants a pause of at least so long between any two requests.
	Slow(ctx context.Context, host string, pause time.Duration) error
}

// Busy says that a host is not free.
type Busy struct{ For time.Duration }

func (b *Busy) Error() string { return "busy for " + b.For.Round(time.Second).String() }

// A host is what is remembered of one host name.
type host struct {
	slot  chan struct{}             // full while a request is under way
	users int                       // of the slot and in its queue; guarded by Client.mu
	given func(pause time.Duration) // gives the turn back, while the slot is full; nil without Turns

	// Guarded by Client.mu.
	delay time.Duration // between requests
	next  time.Time     // when the delay is over
	until time.Time     // when the host may be asked again
}

// enter joins the queue of a host; leave it again.
func (c *Client) enter(u *url.URL) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hosts[u.Hostname()]
	if h == nil {
		c.forget()
		h = &host{slot: make(chan struct{}, 1)}
		if !c.loopback(u) {
			h.delay = max(c.opt.Delay, 0)
		}
		c.hosts[u.Hostname()] = h
	}
	h.users++
	return h
}

func (c *Client) leave(h *host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.users--
}

// forget makes room: hosts that nobody waits for and that ask for nothing are dropped.
func (c *Client) forget() {
	if len(c.hosts) < maxHosts {
		return
	}
	now := c.opt.Now()
	for name, h := range c.hosts {
		if h.users == 0 && now.After(h.next) && now.After(h.until) {
			delete(c.hosts, name)
		}
	}
}

// politely fetches one address in its turn, again after a transient failure. It gives the response
// also with a failure that a status stands for.
func (c *Client) politely(ctx context.Context, a *ask) (*response, *Failure) {
	u := a.url
	h := c.enter(u)
	defer c.leave(h)
	for attempt := 0; ; attempt++ {
		if f := c.wait(ctx, h, u); f != nil {
			return nil, f
		}
		r, f := c.exchange(ctx, a)
		now := c.opt.Now()
		if r != nil {
			if f = ofStatus(u.String(), r.status, a.since != nil); f != nil && f.Kind == Transient {
				f.RetryAfter = retryAfter(r.header, now)
			}
		}
		again := f != nil && f.Kind == Transient && attempt < c.opt.Retries && ctx.Err() == nil
		pause := time.Duration(0)
		if f != nil {
			pause = f.RetryAfter
		}
		if wait := c.backoff(attempt, pause); again && wait <= c.opt.MaxWait {
			pause = wait
		} else {
			again = false
		}
		c.done(h, now, pause)
		if !again {
			return r, f
		}
	}
}

// wait takes the slot of the host when it is free and the host may be asked.
func (c *Client) wait(ctx context.Context, h *host, u *url.URL) *Failure {
	select {
	case h.slot <- struct{}{}:
	case <-ctx.Done():
		return ofError(ctx, u.String(), ctx.Err())
	}
	c.mu.Lock()
	now := c.opt.Now()
	delay, pause := h.next.Sub(now), h.until.Sub(now)
	c.mu.Unlock()
	f := &Failure{Kind: Transient, URL: u.String()}
	switch {
	case pause > c.opt.MaxWait:
		f.RetryAfter = pause
	case c.sent.Add(1) > int64(c.opt.Budget) && c.opt.Budget > 0:
		c.sent.Add(-1) // it is not sent
		f.Err = ErrBudget
	default:
		err := c.sleep(ctx, max(delay, pause))
		if err != nil {
			f = ofError(ctx, u.String(), err)
			break
		}
		if f = c.turn(ctx, h, u); f == nil {
			return nil
		}
		c.sent.Add(-1)
	}
	<-h.slot
	return f
}

// turn takes the turn of the client among others.
func (c *Client) turn(ctx context.Context, h *host, u *url.URL) *Failure {
	if c.opt.Turns == nil || c.loopback(u) {
		return nil
	}
	done, err := c.opt.Turns.Take(ctx, u.Hostname())
	if err == nil {
		h.given = done
		return nil
	}
	return c.notInTurn(ctx, u, err)
}

// notInTurn is the failure to get a turn, which says nothing about the host.
func (c *Client) notInTurn(ctx context.Context, u *url.URL, err error) *Failure {
	if ctx.Err() != nil {
		return ofError(ctx, u.String(), err)
	}
	f := &Failure{Kind: Transient, URL: u.String(), Err: fmt.Errorf("%w: %w", ErrTurn, err)}
	var busy *Busy
	if errors.As(err, &busy) {
		f.RetryAfter = busy.For
	}
	return f
}

// done gives the slot back and notes when the host may be asked again.
func (c *Client) done(h *host, now time.Time, pause time.Duration) {
	c.mu.Lock()
	h.next = now.Add(h.delay)
	if until := now.Add(pause); pause > 0 && until.After(h.until) {
		h.until = until
	}
	given, delay := h.given, max(h.delay, pause)
	h.given = nil
	c.mu.Unlock()
	if given != nil {
		given(delay)
	}
	<-h.slot
}

// slow makes the delay of a host at least d, as its robots.txt asks.
func (c *Client) slow(ctx context.Context, u *url.URL, d time.Duration) {
	if d <= 0 || c.loopback(u) {
		return
	}
	h := c.enter(u)
	defer c.leave(h)
	c.mu.Lock()
	d = min(d, maxCrawlDelay)
	slower := d > h.delay
	h.next = h.next.Add(max(d-h.delay, 0))
	h.delay = max(h.delay, d)
	c.mu.Unlock()
	if slower && c.opt.Turns != nil {
		_ = c.opt.Turns.Slow(ctx, u.Hostname(), d) // the next turn is given back with this pause in any case
	}
}

// backoff is how long to wait before the next attempt: what the host asks for, or else a time that
// doubles; with jitter, so that many clients do not come back at once.
func (c *Client) backoff(attempt int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked + time.Duration(c.rand()*float64(asked)/10)
	}
	d := firstBackoff << min(attempt, 10)
	return d/2 + time.Duration(c.rand()*float64(d))
}

// retryAfter reads the header of that name, seconds or a date; 0 without one.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// sleep waits for d or the end of the context.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
