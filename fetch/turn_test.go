package fetch

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestTurn(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": page("User-agent: *\nDisallow: /private")})
	c, k := newClient(Options{})
	u, f := c.address(s.URL)
	if f != nil {
		t.Fatal(f)
	}
	h := c.enter(u) // as if the host were not this machine
	h.delay = 7 * time.Second
	c.leave(h)
	done, err := c.Turn(context.Background(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{7 * time.Second}; !slices.Equal(k.slept, want) {
		t.Errorf("slept %v behind robots.txt, want %v", k.slept, want)
	}
	if err := c.Permitted(context.Background(), s.URL+"/other"); err != nil {
		t.Errorf("permitted while the host is taken: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Get(ctx, Request{URL: s.URL}); !errors.Is(err, Transient) {
		t.Errorf("fetched while the host was taken: %v", err)
	}
	done()
	if _, err := c.Get(context.Background(), Request{URL: s.URL}); err != nil {
		t.Error(err)
	}
	if len(k.slept) != 2 {
		t.Errorf("slept %v: no delay behind a turn", k.slept)
	}
}

func TestTurnsThatAreNone(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": page("User-agent: drittland\nDisallow: /private")})
	c, _ := newClient(Options{})
	for address, want := range map[string]error{s.URL + "/private/x": ErrRobots, "ftp://clipzy.example/": WrongScheme, "https://me:secret@clipzy.example/": BadAddress} {
		if _, err := c.Turn(context.Background(), address); !errors.Is(err, want) {
			t.Errorf("turn %s: %v", address, err)
		}
		if err := c.Permitted(context.Background(), address); !errors.Is(err, want) {
			t.Errorf("permitted %s: %v", address, err)
		}
	}
	spent, _ := newClient(Options{Budget: 2})
	for i, want := range []error{nil, ErrBudget} { // robots.txt counts, too
		done, err := spent.Turn(context.Background(), s.URL)
		if !errors.Is(err, want) {
			t.Errorf("turn %d: %v", i, err)
		}
		if err == nil {
			done()
		}
	}
}
