package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/browser"
	"github.com/drittland/drittland/snapshots"
)

// stubWeb answers every request with one capture; fakeBrowser shows every page as one rendering.
type stubWeb struct {
	got   *snapshots.Capture
	err   error
	turns int
}

func (w *stubWeb) Get(context.Context, fetch.Request) (*snapshots.Capture, error) {
	if w.got == nil {
		return nil, w.err
	}
	c := *w.got
	return &c, w.err
}

func (w *stubWeb) Sent() int { return 0 }

func (w *stubWeb) Turn(context.Context, string) (func(), error) {
	w.turns++
	return func() { w.turns-- }, nil
}

type fakeBrowser struct {
	r     *snapshots.Rendering
	err   error
	asked []browser.Request
}

func (b *fakeBrowser) Render(_ context.Context, r browser.Request) (*snapshots.Rendering, error) {
	b.asked = append(b.asked, r)
	return b.r, b.err
}

func (b *fakeBrowser) Unsandboxed() string { return "" }

const (
	clause = "We transfer your personal data to our servers in India, where they are kept for as long as you use the service. "
	app    = `<html lang="de"><title>Clipzy</title><body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="/app.js"></script></body></html>`
	full   = "<html lang=en><title>Clipzy</title><main><h1>Privacy policy</h1><p>" + clause + "</p></main></html>"
)

func TestWhenABrowserIsNeeded(t *testing.T) {
	long := strings.Repeat("<p>"+clause+"</p>", 12)
	failed := func(k fetch.Kind, status int, err error) error {
		return &fetch.Failure{Kind: k, Status: status, URL: "https://clipzy.example/", Err: err}
	}
	for _, x := range []struct {
		name, body, media string
		err               error
		auto, always      bool // whether a browser reads it
	}{
		{"a text", full, "text/html", nil, false, true},
		{"a shell", app, "text/html", nil, true, true},
		{"a shell of no type", app, "", nil, true, true},
		{"nothing", "<html><body></body></html>", "text/html", nil, true, true},
		{"a bot wall", "<title>Just a moment...</title><h1>Verify you are human</h1>", "text/html", nil, true, true},
		{"a log-in", `<h1>Clipzy</h1><form><input type="password"></form><script></script>`, "text/html", nil, false, true},
		{"a beginning", `<main id="app"><p>` + clause + "</p></main>", "text/html", nil, true, true},
		{"a long text in a mount", `<main id="app">` + long + "</main>", "text/html", nil, false, true},
		{"a PDF", "%PDF-1.4", "application/pdf", nil, false, false},
		{"a PDF of no type", "%PDF-1.4", "", nil, false, false},
		{"a plain text", clause, "text/plain", nil, false, false},
		{"forbidden", "<h1>Forbidden</h1>", "text/html", failed(fetch.Blocked, 403, nil), true, true},
		{"to be paid", "<h1>Pay</h1>", "text/html", failed(fetch.Blocked, 402, nil), false, false},
		{"not found", "<h1>Not found</h1>", "text/html", failed(fetch.NotFound, 404, nil), false, false},
		{"too many requests", "<h1>Wait</h1>", "text/html", failed(fetch.Transient, 429, nil), false, false},
		{"robots.txt", "", "", failed(fetch.Blocked, 0, fetch.ErrRobots), false, false},
		{"no answer", "", "", failed(fetch.Transient, 0, nil), false, false},
	} {
		for mode, want := range map[string]bool{"": x.auto, renderAuto: x.auto, renderAlways: x.always, renderNever: false} {
			web := &stubWeb{err: x.err, got: &snapshots.Capture{Body: []byte(x.body), MediaType: x.media, FinalURL: "https://clipzy.example/x", Status: 200}}
			if x.body == "" {
				web.got = nil
			}
			chromium := &fakeBrowser{r: &snapshots.Rendering{Browser: "Chromium 1", URL: "https://clipzy.example/y", Status: 200, HTML: []byte("<html lang=en>" + long + "</html>")}}
			var notes []string
			p := &pages{web: web, browser: chromium, say: t.Logf}
			got, err := p.of(snapshots.Source{Render: mode}, func(n string) { notes = append(notes, n) }).Get(context.Background(), fetch.Request{URL: "https://clipzy.example/"})
			rendered := got != nil && got.Rendering != nil
			if rendered != want || len(chromium.asked) > 0 != want || web.turns != 0 {
				t.Errorf("%s, %q: read with a browser: %t, want %t", x.name, mode, rendered, want)
			}
			if want && (err != nil || got.FinalURL != "https://clipzy.example/y" || string(got.Body) != string(chromium.r.HTML) || len(notes) != 1 || !strings.Contains(notes[0], "Chromium 1")) {
				t.Errorf("%s, %q: %v, notes %q", x.name, mode, err, notes)
			}
			if !want && !errors.Is(err, x.err) {
				t.Errorf("%s, %q: %v", x.name, mode, err)
			}
		}
	}
}

func TestWhenABrowserDoesNotHelp(t *testing.T) {
	shown := func(status int, html string) *fakeBrowser {
		return &fakeBrowser{r: &snapshots.Rendering{Browser: "Chromium 1", URL: "https://clipzy.example/", Status: status, HTML: []byte(html)}}
	}
	begun := `<main id="app"><p>` + clause + "</p></main>"
	for _, x := range []struct {
		name, mode, body string
		b                *fakeBrowser
		note             string // "" for none
		captured         bool   // the plain page
	}{
		{"none there", "", app, &fakeBrowser{err: browser.ErrMissing}, "apt-get install chromium", true},
		{"none there, always", renderAlways, full, &fakeBrowser{err: browser.ErrMissing}, "", false},
		{"refused as well", "", app, shown(403, "<h1>Forbidden</h1>"), "status 403", true},
		{"no more than without", "", begun, shown(200, "<p>"+clause+"</p>"), "", true},
		{"less than without", "", begun, shown(200, "<h1>Please log in</h1>"), "", true},
	} {
		var notes []string
		p := &pages{web: &stubWeb{got: &snapshots.Capture{Body: []byte(x.body), MediaType: "text/html", Status: 200}}, browser: x.b, say: t.Logf}
		got, err := p.of(snapshots.Source{Render: x.mode}, func(n string) { notes = append(notes, n) }).Get(context.Background(), fetch.Request{URL: "https://clipzy.example/"})
		if (got != nil) != x.captured || (err == nil) != x.captured || got != nil && got.Rendering != nil {
			t.Errorf("%s: %+v, %v", x.name, got, err)
		}
		if said := strings.Join(notes, "\n"); (said != "") != (x.note != "") || !strings.Contains(said, x.note) {
			t.Errorf("%s: notes %q", x.name, notes)
		}
	}
}

// What was fetched when the user broke it off is no capture: read without a browser it would be another text.
func TestInterruptedRendering(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &fakeBrowser{err: context.Canceled}
	p := &pages{web: &stubWeb{got: &snapshots.Capture{Body: []byte(app), MediaType: "text/html", Status: 200}}, browser: b, say: t.Logf}
	got, err := p.of(snapshots.Source{}, func(n string) { t.Error(n) }).Get(ctx, fetch.Request{})
	if got != nil || !errors.Is(err, context.Canceled) || len(b.asked) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLanguageOfThePageIsAskedFor(t *testing.T) {
	for lang, want := range map[string]string{"": "de", "fr": "fr"} {
		b := &fakeBrowser{err: browser.ErrMissing}
		p := &pages{web: &stubWeb{got: &snapshots.Capture{Body: []byte(app), MediaType: "text/html", Status: 200}}, browser: b, say: t.Logf}
		_, _ = p.of(snapshots.Source{}, func(string) {}).Get(context.Background(), fetch.Request{Lang: lang})
		if len(b.asked) != 1 || b.asked[0].Lang != want {
			t.Errorf("%q: asked %+v", lang, b.asked)
		}
	}
}

// needsChromium ends a test where there is no Chromium.
func needsChromium(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs Chromium: apt-get install chromium")
		}
		t.Skip("needs Chromium: apt-get install chromium")
	}
}

// A user runs one command after another on the same machine.
type user struct {
	t    *testing.T
	home string
	now  time.Time
	env  map[string]string
}

// does runs a command an hour after the one before it, wants its exit code and gives what it printed.
func (u *user) does(code int, args ...string) string {
	u.t.Helper()
	u.now = u.now.Add(time.Hour)
	var out bytes.Buffer
	got := run(context.Background(), append([]string{"drittland"}, args...), environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Loopback: true,
		Now: func() time.Time { return u.now },
		Getenv: func(name string) string {
			if name == "HOME" {
				return u.home
			}
			return u.env[name]
		}})
	if got != code {
		u.t.Fatalf("%q: exit code %d, want %d\n%s", args, got, code, out.String())
	}
	return out.String()
}

// sees wants some words in what a command printed.
func (u *user) sees(out string, words ...string) {
	u.t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			u.t.Fatalf("%q is not in\n%s", w, out)
		}
	}
}

// TestRenderedPages goes through the commands with a page that scripts build, in a real Chromium.
func TestRenderedPages(t *testing.T) {
	needsChromium(t)
	var country atomic.Value
	country.Store("India")
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		text := strings.ReplaceAll(clause, "India", country.Load().(string)) + "You may ask us for access to your data, and you may object to their use at any time; write to privacy@clipzy.example for both."
		switch r.URL.Path {
		case "/privacy":
			fmt.Fprint(w, app)
		case "/app.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, "document.getElementById('root').innerHTML = `<main><h1>Privacy policy</h1><p>%s</p></main>`", text)
		case "/both": // the scripts change nothing in this one
			fmt.Fprintf(w, "<html lang=en><title>Clipzy</title><main><h1>Privacy policy</h1><p>%s</p></main></html>", text)
		case "/wall":
			if !strings.Contains(r.UserAgent(), "Chrome/") {
				w.WriteHeader(http.StatusForbidden)
			}
			fmt.Fprint(w, full)
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}

	u.sees(u.does(exitFindings, "check", "--lang", "en", web.URL+"/privacy"), "India (IN)", "/privacy was read with Chromium 1", "a shell that waits for JavaScript")
	u.sees(u.does(exitFindings, "check", web.URL+"/wall"), "India (IN)", "refuses a plain reader with status 403")
	u.sees(u.does(exitUnreadable, "check", "--render", "never", web.URL+"/privacy"), "a shell that waits for JavaScript")
	u.sees(u.does(exitUnreadable, "check", "--render", "always", web.URL+"/gone"), "not found")

	u.does(exitOK, "track", "add", "Clipzy", web.URL+"/privacy", "--lang", "en")
	u.sees(u.does(exitOK, "run"), "first version", "was read with Chromium 1")
	u.sees(u.does(exitOK, "show", "Clipzy"), "rendered: Chromium 1", "reader: drittland-extract/", "+rendered", "servers in India")
	country.Store("Singapore")
	u.sees(u.does(exitOK, "run", "--all"), "version 2")
	u.sees(u.does(exitOK, "show", "Clipzy", "2"), "cause: terms", "Singapore")
	u.sees(u.does(exitUnreadable, "run", "--all", "--render", "never"), "a shell that waits for JavaScript")

	u.does(exitOK, "track", "add", "Both", web.URL+"/both", "--render", "never")
	u.sees(u.does(exitOK, "track", "show", "Both"), "render         never")
	u.sees(u.does(exitOK, "run", "Both"), "first version")
	u.sees(u.does(exitOK, "run", "Both", "--render", "always"), "unchanged since", "was read with Chromium 1")
	country.Store("India")
	u.sees(u.does(exitOK, "run", "Both", "--render", "always"), "version 2")
	u.sees(u.does(exitOK, "show", "Both", "2"), "cause: reading", "+rendered", "servers in India")

	u.does(exitOK, "archive", "check")
	u.does(exitOK, "archive", "rebuild")
	u.sees(u.does(exitOK, "show", "Clipzy", "2"), "rendered: Chromium 1", "Singapore")
	u.does(exitOK, "archive", "check")
}

func TestWithoutChromium(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/plain":
			fmt.Fprint(w, full)
		case "/app":
			fmt.Fprint(w, app)
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{"DRITTLAND_CHROMIUM": filepath.Join(t.TempDir(), "none")}}
	out := u.does(exitFindings, "check", web.URL+"/plain")
	if u.sees(out, "India (IN)"); strings.Contains(out, "browser") {
		t.Errorf("speaks of a browser that is not needed:\n%s", out)
	}
	u.sees(u.does(exitUnreadable, "check", web.URL+"/app"), "needs a browser", "no Chromium was found", "apt-get install chromium", "DRITTLAND_CHROMIUM", "a shell that waits for JavaScript")
	u.sees(u.does(exitUnreadable, "check", "--render", "always", web.URL+"/plain"), "no Chromium was found", "hint: install Chromium")
	u.sees(u.does(exitUsage, "check", "--render", "often", web.URL+"/plain"), "--render often: expected auto, always or never")
	u.sees(u.does(exitUsage, "track", "add", "Clipzy", web.URL+"/plain", "--render", "often"), "expected auto, always or never")
	u.does(exitOK, "track", "add", "Clipzy", web.URL+"/app")
	u.does(exitOK, "track", "add", "Pixelfern", web.URL+"/plain")
	u.sees(u.does(exitUsage, "run", "--render", "often"), "expected auto, always or never")
	u.sees(u.does(exitUnreadable, "run"), "Pixelfern  Privacy Policy  first version", "apt-get install chromium", "the capture is kept")
}
