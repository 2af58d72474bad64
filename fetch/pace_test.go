package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// turns answers with each handler in turn, and with the last from then on.
func turns(n *atomic.Int64, list ...http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := int(n.Add(1)) - 1
		list[min(i, len(list)-1)](w, r)
	}
}

func TestRetries(t *testing.T) {
	now := newClock().Now()
	for _, c := range []struct {
		name     string
		answers  []http.HandlerFunc
		requests int64
		slept    []time.Duration
		kind     Kind
		after    time.Duration
	}{
		{"recovers", []http.HandlerFunc{status(503), page("x")}, 2, []time.Duration{time.Second}, "", 0},
		{"backs off further", []http.HandlerFunc{status(500), status(502), page("x")}, 3, []time.Duration{time.Second, 2 * time.Second}, "", 0},
		{"seconds", []http.HandlerFunc{status(429, "Retry-After", "20"), page("x")}, 2, []time.Duration{21 * time.Second}, "", 0},
		{"date", []http.HandlerFunc{status(503, "Retry-After", now.Add(30*time.Second).Format(http.TimeFormat)), page("x")}, 2, []time.Duration{31500 * time.Millisecond}, "", 0},
		{"longer than we wait", []http.HandlerFunc{status(429, "Retry-After", "3600"), page("x")}, 1, nil, Transient, time.Hour},
		{"nonsense", []http.HandlerFunc{status(429, "Retry-After", "soon"), page("x")}, 2, []time.Duration{time.Second}, "", 0},
		{"absurd", []http.HandlerFunc{status(429, "Retry-After", "9223372036854775807"), page("x")}, 1, nil, Transient, 24 * time.Hour},
		{"gives up", []http.HandlerFunc{status(503)}, 3, []time.Duration{time.Second, 2 * time.Second}, Transient, 0},
		{"for good", []http.HandlerFunc{status(404)}, 1, nil, NotFound, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n atomic.Int64
			s := serve(t, map[string]http.HandlerFunc{"/": turns(&n, c.answers...), "/robots.txt": status(404)})
			client, k := newClient(Options{})
			got, err := client.Get(context.Background(), Request{URL: s.URL})
			if c.kind == "" && err != nil || c.kind != "" && !errors.Is(err, c.kind) {
				t.Errorf("err %v, want %q", err, c.kind)
			}
			var f *Failure
			if errors.As(err, &f) && f.RetryAfter != c.after {
				t.Errorf("retry after %s, want %s", f.RetryAfter, c.after)
			}
			if d := cmp.Diff(c.slept, k.slept); d != "" || n.Load() != c.requests {
				t.Errorf("%d requests, want %d; slept (-want +got):\n%s", n.Load(), c.requests, d)
			}
			if got == nil || len(got.Exchanges) != 1 {
				t.Errorf("the capture holds repeated attempts: %+v", got)
			}
		})
	}
}

func TestHostIsLeftAlone(t *testing.T) {
	var n atomic.Int64
	s := serve(t, map[string]http.HandlerFunc{"/": turns(&n, status(503, "Retry-After", "600"), page("x")), "/robots.txt": status(404)})
	c, k := newClient(Options{})
	for _, path := range []string{"/a", "/b"} {
		_, err := c.Get(context.Background(), Request{URL: s.URL + path})
		var f *Failure
		if !errors.As(err, &f) || f.Kind != Transient || f.RetryAfter != 10*time.Minute || !strings.Contains(err.Error(), "10m0s") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if n.Load() != 1 {
		t.Errorf("%d requests to a host that asked to be left alone", n.Load())
	}
	k.now = k.now.Add(10 * time.Minute)
	if _, err := c.Get(context.Background(), Request{URL: s.URL + "/c"}); err != nil {
		t.Error(err)
	}
}

func TestOneRequestAtATime(t *testing.T) {
	var now, most atomic.Int64
	s := serve(t, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
		page("x")(w, r)
	}})
	c, _ := newClient(Options{})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if _, err := c.Get(context.Background(), Request{URL: fmt.Sprintf("%s/%d", s.URL, i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if most.Load() != 1 {
		t.Errorf("%d requests at a time", most.Load())
	}
}

func TestDelayBetweenRequests(t *testing.T) {
	c, k := newClient(Options{Delay: 3 * time.Second})
	at := func(raw string) *url.URL {
		u, f := c.address(raw)
		if f != nil {
			t.Fatal(f)
		}
		return u
	}
	ask := func(raw string) {
		h := c.enter(at(raw))
		defer c.leave(h)
		if f := c.wait(context.Background(), h, at(raw)); f != nil {
			t.Fatal(f)
		}
		c.done(h, k.Now(), 0)
	}
	ask("https://clipzy.example/a")
	ask("http://clipzy.example/b") // the same host
	ask("https://nordlicht.example/a")
	c.slow(context.Background(), at("https://clipzy.example/"), 10*time.Second)
	ask("https://clipzy.example/c")
	ask("https://clipzy.example/d")
	c.slow(context.Background(), at("https://clipzy.example/"), 1000*time.Hour)
	ask("https://clipzy.example/e")
	ask("http://127.0.0.1/a")
	ask("http://127.0.0.1/b")
	want := []time.Duration{3 * time.Second, 10 * time.Second, 10 * time.Second, time.Minute}
	if d := cmp.Diff(want, k.slept); d != "" {
		t.Errorf("slept (-want +got):\n%s", d)
	}
}

func TestBudget(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": status(404)})
	c, _ := newClient(Options{Budget: 3})
	for i := range 4 {
		_, err := c.Get(context.Background(), Request{URL: fmt.Sprintf("%s/%d", s.URL, i)})
		if i < 2 && err != nil || i >= 2 && (!errors.Is(err, ErrBudget) || !errors.Is(err, Transient)) {
			t.Errorf("request %d: %v", i, err)
		}
	}
}

func TestHostsAreForgotten(t *testing.T) {
	c, k := newClient(Options{})
	for i := range 2 * maxHosts {
		u := &url.URL{Scheme: "https", Host: fmt.Sprintf("h%d.example", i)}
		c.leave(c.enter(u))
		c.robotsOf(u.String())
		k.now = k.now.Add(time.Second)
	}
	if len(c.hosts) > maxHosts || len(c.robots) > maxHosts {
		t.Errorf("%d hosts and %d robots.txt are remembered", len(c.hosts), len(c.robots))
	}
}
