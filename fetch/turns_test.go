package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// shelved shares what is read.
type shelved struct {
	said map[string]RobotsSaid
	age  time.Duration
	err  error
}

func (s *shelved) Robots(_ context.Context, address string, read func() RobotsSaid) (RobotsSaid, time.Duration, error) {
	if s.err != nil {
		return RobotsSaid{}, 0, s.err
	}
	if x, ok := s.said[address]; ok {
		return x, s.age, nil
	}
	x := read()
	if x.Holds > 0 {
		s.said[address] = x
	}
	return x, 0, nil
}

func TestRobotsAreShared(t *testing.T) {
	asked := 0
	say := func(body http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { asked++; body(w, r) }
	}
	for name, c := range map[string]struct {
		robots http.HandlerFunc
		want   error // of all clients
		asked  int   // by three of them
		holds  time.Duration
	}{
		"none":     {status(404), nil, 1, robotsAge},
		"rules":    {page("User-agent: *\nDisallow: /priv"), ErrRobots, 1, robotsAge},
		"bytes":    {page("User-agent: *\nDisallow: /\xff\nAllow: /"), nil, 1, robotsAge},
		"an error": {status(503), Transient, 1, robotsRetry},
		"long":     {page("User-agent: *\n" + strings.Repeat("Allow: /privacy/"+strings.Repeat("x", 900)+"\n", 100)), nil, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			asked = 0
			shelf := &shelved{said: map[string]RobotsSaid{}}
			for range 3 {
				client := through(t, nil, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": say(c.robots)})
				client.opt.Robots, client.opt.Retries = shelf, 0
				if _, err := client.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"}); !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
			}
			if asked != c.asked || c.holds > 0 && shelf.said["http://clipzy.example/robots.txt"].Holds != c.holds {
				t.Errorf("asked %d times, %+v", asked, shelf.said)
			}
		})
	}
}

// What was read by another holds from then on, and not from when it was heard of; that nobody knows is not held against the host.
func TestSharedRobotsHold(t *testing.T) {
	shelf := &shelved{said: map[string]RobotsSaid{"http://clipzy.example/robots.txt": {Rules: []byte("user-agent: *\ndisallow: /\n")}}, age: robotsAge - time.Minute}
	client := through(t, nil, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": status(404)})
	client.opt.Robots = shelf
	now := time.Now()
	client.opt.Now = func() time.Time { return now }
	get := func(want error) {
		t.Helper()
		if _, err := client.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"}); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	get(ErrRobots)
	clear(shelf.said)
	get(ErrRobots)
	now = now.Add(2 * time.Minute)
	shelf.err = &Busy{For: time.Second}
	get(ErrTurn)
	shelf.err = nil
	get(nil)
}
