package fetch

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRobots(t *testing.T) {
	for _, c := range []struct {
		name, robots, path string
		allowed            bool
	}{
		{"nothing said", "", "/privacy", true},
		{"all forbidden", "User-agent: *\nDisallow: /", "/privacy", false},
		{"all forbidden with a star", "User-agent: *\nDisallow: *", "/privacy", false},
		{"another forbidden", "User-agent: other\nDisallow: /", "/privacy", true},
		{"by name", "User-agent: *\nAllow: /\n\nUser-agent: Drittland/2.0\nDisallow: /privacy", "/privacy", false},
		{"own group replaces the star", "User-agent: *\nDisallow: /\n\nUser-agent: drittland\nDisallow:\n", "/privacy", true},
		{"empty rule ends a group", "User-agent: drittland\nDisallow:\nUser-agent: *\nDisallow: /", "/privacy", true},
		{"longest rule", "User-agent: *\nDisallow: /legal\nAllow: /legal/privacy", "/legal/privacy", true},
		{"query", "User-agent: *\nDisallow: /*?lang=", "/privacy?lang=de", false},
		{"mark and windows lines", "\ufeffUser-agent: *\r\nDisallow: /privacy\r\n", "/privacy", false},
		{"one bad line", "Disallow: /x\nUser-agent: *\nCrawl-delay: soon\nDisallow: /privacy # why not\nnonsense", "/privacy", false},
		{"a page of html", "<!doctype html><title>Not found</title>\n<p style=\"color: red\">Disallow: /", "/privacy", true},
		{"binary", "\x00\xff\xfe\nUser-agent\x00: *\nDisallow: /", "/privacy", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": page(c.robots)})
			client, _ := newClient(Options{UserAgent: "Drittland/1.0 (+https://drittland.example)"})
			got, err := client.Get(context.Background(), Request{URL: s.URL + c.path})
			if c.allowed && err != nil {
				t.Error(err)
			}
			if !c.allowed && (!errors.Is(err, Blocked) || !errors.Is(err, ErrRobots) || got != nil || !strings.Contains(err.Error(), "drittland")) {
				t.Errorf("err %v, want it blocked", err)
			}
		})
	}
}

func TestRobotsAnswers(t *testing.T) {
	forbid := page("User-agent: *\nDisallow: /privacy")
	for _, c := range []struct {
		name   string
		robots http.HandlerFunc
		want   Kind // empty: allowed
	}{
		{"missing", status(404), ""},
		{"refused", status(403), ""},
		{"gone", status(410), ""},
		{"too many requests", status(429), Transient},
		{"server error", status(500), Transient},
		{"moved", status(301, "Location", "/rules"), Blocked},
		{"moved for ever", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery+"x", http.StatusFound)
		}, ""},
		{"moved to a private address", status(302, "Location", "http://10.0.0.1/"), ""},
		{"moved out of the web", status(302, "Location", "gopher://x/"), ""},
		{"unreadable", status(200, "Content-Encoding", "br"), Broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": c.robots, "/rules": forbid})
			client, _ := newClient(Options{Retries: -1})
			_, err := client.Get(context.Background(), Request{URL: s.URL + "/privacy"})
			if c.want == "" && err != nil || c.want != "" && !errors.Is(err, c.want) {
				t.Errorf("err %v, want %q", err, c.want)
			}
		})
	}
}

func TestRobotsOfRedirectTargets(t *testing.T) {
	target := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": page("User-agent: *\nDisallow: /")})
	s := serve(t, map[string]http.HandlerFunc{"/": status(302, "Location", target.URL+"/privacy"), "/robots.txt": status(404)})
	c, _ := newClient(Options{})
	got, err := c.Get(context.Background(), Request{URL: s.URL})
	if !errors.Is(err, ErrRobots) || got == nil || len(got.Exchanges) != 1 {
		t.Errorf("err %v, want the target's robots.txt respected", err)
	}
}

func TestRobotsAreAskedOnce(t *testing.T) {
	var n atomic.Int64
	s := serve(t, map[string]http.HandlerFunc{"/": page("x"), "/robots.txt": turns(&n, status(404), status(503), page("User-agent: *\nDisallow: /"))})
	c, k := newClient(Options{Retries: -1})
	for _, step := range []struct {
		later time.Duration
		asked int64
		want  Kind
	}{
		{0, 1, ""},
		{time.Hour, 1, ""},
		{24 * time.Hour, 2, Transient},
		{time.Minute, 2, Transient}, // not asked again so soon
		{5 * time.Minute, 3, Blocked},
		{time.Hour, 3, Blocked},
	} {
		k.now = k.now.Add(step.later)
		_, err := c.Get(context.Background(), Request{URL: s.URL + "/privacy"})
		if step.want == "" && err != nil || step.want != "" && !errors.Is(err, step.want) || n.Load() != step.asked {
			t.Errorf("after %s: %v, asked %d times; want %q, %d", step.later, err, n.Load(), step.want, step.asked)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /*.pdf$\nCrawl-delay: 1e9\nAllow: /a b"))
	f.Add([]byte("\xef\xbb\xbfuser-agent:drittland/1\r\rdisallow:***\nSitemap: x"))
	f.Add([]byte("User-agent: \xff\nDisallow: \\*$$^("))
	f.Fuzz(func(t *testing.T, b []byte) {
		tidy := tidyRobots(b)
		if again := tidyRobots(tidy); string(again) != string(tidy) {
			t.Errorf("tidied %q, then %q", tidy, again)
		}
		if _, err := parseRobots(b); err != nil {
			t.Errorf("tidied %q is not accepted: %v", tidy, err)
		}
	})
}
