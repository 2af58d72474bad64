package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// listed is Turns that notes what it is asked for.
type listed struct {
	t    *testing.T
	said []string
	busy error
	held bool
}

func (l *listed) Take(_ context.Context, host string) (func(time.Duration), error) {
	if l.busy != nil {
		return nil, l.busy
	}
	if l.held {
		l.t.Error("a second turn while the first is held")
	}
	l.held = true
	l.said = append(l.said, "take "+host)
	return func(pause time.Duration) {
		l.held = false
		l.said = append(l.said, fmt.Sprintf("give %s", pause))
	}, nil
}

func (l *listed) Slow(_ context.Context, _ string, pause time.Duration) error {
	l.said = append(l.said, fmt.Sprintf("slow %s", pause))
	return nil
}

// through asks a server on this machine for addresses of the web, as a proxy.
func through(t *testing.T, turns Turns, paths map[string]http.HandlerFunc) *Client {
	s := serve(t, paths)
	proxy, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(Options{Turns: turns, Proxy: func(*url.URL) (*url.URL, error) { return proxy, nil }})
	return c
}

func TestTurnsAreTaken(t *testing.T) {
	l := &listed{t: t}
	c := through(t, l, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": page("User-agent: *\nCrawl-delay: 9"), "/late": status(503, "Retry-After", "600")})
	if _, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/late"}); !errors.Is(err, Transient) || errors.Is(err, ErrTurn) {
		t.Fatal(err)
	}
	want := []string{"take clipzy.example", "give 2s", "slow 9s", "take clipzy.example", "give 9s", "take clipzy.example", "give 10m0s"}
	if !slices.Equal(l.said, want) {
		t.Errorf("%q, want %q", l.said, want)
	}
}

func TestTurnsThatAreRefused(t *testing.T) {
	l := &listed{t: t, busy: &Busy{For: 40 * time.Second}}
	c := through(t, l, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": status(404)})
	_, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"})
	var f *Failure
	if !errors.Is(err, ErrTurn) || !errors.As(err, &f) || c.Sent() != 0 {
		t.Fatalf("%v after %d requests", err, c.Sent())
	}
	var busy *Busy
	if !errors.As(err, &busy) || busy.For != 40*time.Second {
		t.Errorf("%v does not say for how long", err)
	}
	l.busy = nil
	if _, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"}); err != nil {
		t.Errorf("what was said of robots.txt is held against the host: %v", err)
	}
}
