// This file keeps the client polite: one request at a time for a host, a pause between them, and
// away for as long as the host asks. The retries are made here and not by a library because they
// must wait in the queue of their host, count against the budget, and follow a clock of the tests.

package fetch

import (
	"context"
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

// A host is what is remembered of one host name.
type host struct {
	slot  chan struct{} // full while a request is under way
	users int           // of the slot and in its queue; guarded by Client.mu

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
		if err == nil {
			return nil
		}
		f = ofError(ctx, u.String(), err)
	}
	<-h.slot
	return f
}

// done gives the slot back and notes when the host may be asked again.
func (c *Client) done(h *host, now time.Time, pause time.Duration) {
	c.mu.Lock()
	h.next = now.Add(h.delay)
	if until := now.Add(pause); pause > 0 && until.After(h.until) {
		h.until = until
	}
	c.mu.Unlock()
	<-h.slot
}

// slow makes the delay of a host at least d, as its robots.txt asks.
func (c *Client) slow(u *url.URL, d time.Duration) {
	if d <= 0 || c.loopback(u) {
		return
	}
	h := c.enter(u)
	defer c.leave(h)
	c.mu.Lock()
	defer c.mu.Unlock()
	d = min(d, maxCrawlDelay)
	h.next = h.next.Add(max(d-h.delay, 0))
	h.delay = max(h.delay, d)
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
