package llm

// Sending: one request over HTTP, tried again after a failure that may pass.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// maxBody bounds an answer of the server, bytes.
const maxBody = 1 << 20

// firstPause is that after the first failure; each further one is twice as long.
const firstPause = 500 * time.Millisecond

var (
	errTooLong   = fmt.Errorf("the server answered with more than %d bytes", maxBody)
	errElsewhere = errors.New("the server redirects to another host")
)

// A sender is what go-openai sends with. It keeps to the host of the endpoint.
type sender struct {
	client *http.Client
	limits Limits
	now    func() time.Time
	wait   func(context.Context, time.Duration) error
	rest   atomic.Int64 // for which the server wanted to be left alone when it said so last, a time.Duration
}

func (r *Reader) sender(l Limits) *sender {
	client := http.Client{Transport: Transport(l.Parallel)}
	if r.HTTP != nil {
		client = *r.HTTP
	}
	others := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme:
			return errElsewhere
		case others != nil:
			return others(req, via)
		case len(via) > 3:
			return errors.New("the server redirects too often")
		}
		return nil
	}
	s := &sender{client: &client, limits: l, now: r.Now, wait: r.Wait}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wait == nil {
		s.wait = pause
	}
	return s
}

// reachable is how long a connection may take to be made. A machine that is there answers at once, however long its model thinks.
const reachable = 10 * time.Second

// Transport is one for so many questions at a time, which asks no proxy and waits for a connection much shorter than for an answer.
func Transport(parallel int) *http.Transport {
	return &http.Transport{DialContext: (&net.Dialer{Timeout: reachable}).DialContext, TLSHandshakeTimeout: reachable,
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: parallel, IdleConnTimeout: time.Minute}
}

// close lets go of connections of a client of its own.
func (s *sender) close(own bool) {
	if own {
		s.client.CloseIdleConnections()
	}
}

// pause waits, or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Do sends a request and gives the answer with its whole body. It tries again where no connection could be had or kept,
// and after 429 and 5xx, waits as long as the server asks for, and gives the last answer if nothing helps.
func (s *sender) Do(req *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		resp, err := s.once(req)
		s.rest.Store(int64(s.asked(resp)))
		if try >= s.limits.Retries || !passes(req.Context(), resp, err) {
			return resp, err
		}
		d := firstPause << min(try, 16)
		if resp != nil && resp.Header.Get("Retry-After") != "" {
			d = s.after(resp.Header.Get("Retry-After"), d)
		}
		if d > s.limits.Pause {
			return resp, err
		}
		if s.wait(req.Context(), d) != nil {
			return nil, req.Context().Err()
		}
	}
}

// asked is for how long the server wants to be left alone, 0 if it does not say.
func (s *sender) asked(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	return s.after(resp.Header.Get("Retry-After"), 0)
}

// once sends a request and reads the whole answer.
func (s *sender) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), s.limits.Timeout)
	defer cancel()
	again := req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
	}
	resp, err := s.client.Do(again)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxBody:
		return nil, errTooLong
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, nil
}

// passes reports whether a failure may pass by itself. A server that is too slow stays so: it is not asked again.
func passes(ctx context.Context, resp *http.Response, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		return !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errTooLong) && !errors.Is(err, errElsewhere)
	}
	return resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
}

// after reads a Retry-After header: seconds or a date. One that cannot be read is d.
func (s *sender) after(header string, d time.Duration) time.Duration {
	header = strings.TrimSpace(header)
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(s.now()), 0)
	}
	return d
}
