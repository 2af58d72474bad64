package main

// The review pages in a real browser: read, decide with the keyboard, and what becomes of a decision.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
)

// A tab is one page in the browser. It notes what the page asks for and complains of.
type tab struct {
	t    *testing.T
	ctx  context.Context
	host string

	mu    sync.Mutex
	wrong []string
}

func openTab(t *testing.T, address string) *tab {
	t.Helper()
	needsChromium(t)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, ctx: ctx, host: u.Host}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, log.Enable, struct{}{}); return err },
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
	} {
		if err := enable(); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// hear notes errors in the console, and requests to other hosts.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.wrong = append(b.wrong, "console: "+e.Entry.Text)
		}
	case *cdpruntime.EventExceptionThrown:
		b.wrong = append(b.wrong, "script: "+e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Host != b.host && u.Scheme != "data" {
			b.wrong = append(b.wrong, "asks for "+e.Request.URL)
		}
	}
}

// clean wants that the page complained of nothing.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		b.t.Error(w)
	}
}

func (b *tab) open(path string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Navigate("http://"+b.host+path)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) eval(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// until waits until an expression is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	for range 200 {
		s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
		if err == nil && s == "true" { // a page that goes away gives an error
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("never: %s\n%s", expression, b.eval("location.href + '\\n' + document.body.innerText"))
}

// keys presses keys, once the script of the page listens.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.until(`document.readyState == 'complete' && document.documentElement.classList.contains('js')`)
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatal(err)
	}
}

// enter opens the first entry of a list with the keyboard.
func (b *tab) enter() {
	b.t.Helper()
	b.keys("j")
	b.until(`document.activeElement.matches('[data-stop]')`)
	b.keys("\r")
}

// accessible wants that axe-core finds nothing wrong with the page, light and dark, at a width in pixels.
func (b *tab) accessible(where string, width int64) {
	b.t.Helper()
	script, err := os.ReadFile(filepath.Join(readers(b.t), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("(()=>{"+string(script)+"\n;return 'ok'})()")); err != nil {
		b.t.Fatal(err)
	}
	b.eval("scrollTo(0, 0)") // what has scrolled half under the bar can be scrolled out again
	for _, scheme := range []string{"dark", "light"} {
		b.scheme(scheme)
		b.checked(fmt.Sprintf("%s, %s, %d pixels", where, scheme, width))
	}
	if wide := b.eval("document.documentElement.scrollWidth > innerWidth"); wide == "true" {
		b.t.Errorf("%s: wider than %d pixels", where, width)
	}
}

// checked wants that axe-core, which the page has, finds nothing wrong with it as it is.
func (b *tab) checked(where string) {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run({runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 300) + ' ' + n.failureSummary)}))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var list []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(got), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range list {
		b.t.Errorf("%s: %s (%s)\n  %s", where, v.Help, v.ID, strings.Join(v.Nodes, "\n  "))
	}
}

// picture keeps a picture of the page where DRITTLAND_TEST_PICTURES says, to be looked at.
func (b *tab) picture(name string, widths ...int64) {
	b.t.Helper()
	to := os.Getenv("DRITTLAND_TEST_PICTURES")
	for _, w := range widths {
		if to == "" {
			return
		}
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(w, 900)); err != nil {
			b.t.Fatal(err)
		}
		png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, fmt.Sprintf("%s-%d.png", name, w)), png, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reviewOf serves the review pages of a user's archive.
func reviewOf(t *testing.T, u *user, change ...func(*review.Options)) *httptest.Server {
	t.Helper()
	tl := &tool{words: locale.For("en"), env: environment{Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return u.now }, Getenv: func(string) string { return "" }}}
	engine, err := tl.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &store{tool: tl, dir: filepath.Join(u.home, ".local/share/drittland/archive")}
	options := review.Options{Now: tl.env.Now, Handle: "mk", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	for _, f := range change {
		f(&options)
	}
	srv := httptest.NewServer(review.New(newReviewDesk(s, engine), options))
	t.Cleanup(srv.Close)
	return srv
}

// published is a policy of Clipzy that can be changed, captured twice: the second version sends data abroad.
func published(t *testing.T) (u *user, publish func(country string)) {
	t.Helper()
	var country atomic.Value
	country.Store("Ireland")
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, policyOf(country.Load().(string)))
	}))
	t.Cleanup(web.Close)
	u = &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	publish = func(c string) {
		country.Store(c)
		u.does(exitOK, "run", "--all")
	}
	u.does(exitOK, "track", "add", "Clipzy", web.URL+"/privacy", "--lang", "en")
	publish("Ireland")
	publish("India")
	return u, publish
}

func TestReviewInBrowser(t *testing.T) {
	u, publish := published(t)
	srv := reviewOf(t, u)
	b := openTab(t, srv.URL)
	b.open("/")
	b.until(`document.querySelectorAll('[data-stop]').length > 1`)
	all := b.eval(`document.querySelectorAll('[data-stop]').length`)

	b.eval(`document.querySelector('select[name=kind]').value = 'change', document.querySelector('select[name=kind]').dispatchEvent(new Event('change')), 1`)
	b.until(`location.search.includes('kind=change') && document.querySelectorAll('[data-stop]').length == 1`)
	b.enter()
	b.until(`location.pathname == '/change' && document.querySelector('.redline ins') != null`)
	for _, want := range []string{"India", "Ireland", "GDPR 13(1)(f)", "sha-256", "127.0.0.1", "Decide"} {
		if !strings.Contains(strings.ToLower(b.eval("document.body.innerText")), strings.ToLower(want)) {
			t.Errorf("the change page lacks %q", want)
		}
	}
	b.keys("j")
	b.until(`document.activeElement.id.startsWith('change-')`)
	b.keys("?")
	b.until(`document.querySelector('#help').open`)
	b.keys("?")
	b.until(`!document.querySelector('#help').open`)
	b.keys("d")
	b.until(`document.activeElement.type == 'submit' && document.querySelector('input[value="not relevant"]').checked`)
	b.keys("\r")
	b.until(`document.querySelector('[role=status]') != null && document.body.innerText.includes('not relevant, mk')`)

	// What was decided holds when everything is read again, and the command line knows it.
	u.does(exitOK, "archive", "rebuild")
	u.sees(u.does(exitOK, "decisions", "Clipzy"), "not relevant", "mk")
	b.open("/?state=decided")
	b.until(`document.querySelectorAll('[data-stop]').length > 1`)
	decided := b.eval(`document.querySelectorAll('[data-stop]').length`)
	b.open("/")
	if left := b.eval(`document.querySelectorAll('[data-stop]').length`); left >= all {
		t.Errorf("%s of %s still wait, %s are decided", left, all, decided)
	}

	// When the words change, decisions on them lapse.
	publish("Singapore")
	b.open("/?state=lapsed")
	b.until(`(document.querySelectorAll('[data-stop]').length > 0) || (location.reload(), false)`)
	b.until(`document.querySelector('.state.lapsed') != null && document.querySelector('.state.lapsed').innerText.includes('not relevant')`)
	b.enter()
	b.until(`location.pathname == '/change' && location.search.includes('v=3')`)
	b.clean()
}

func TestReviewAccessible(t *testing.T) {
	u, _ := published(t)
	srv := reviewOf(t, u)
	readers(t)
	b := openTab(t, srv.URL)
	at := "?s=Clipzy&t=" + url.QueryEscape(defaultType)
	for name, path := range map[string]string{"queue": "/", "change": "/change" + at + "&v=2", "first": "/change" + at + "&v=1", "empty": "/?country=XX", "search": "/search?q=data", "decided": "/?done=1&state=all"} {
		b.open(path)
		b.picture(name, 360, 1000, 1600)
		for _, width := range []int64{360, 1280} {
			b.accessible(name, width)
		}
	}
	b.clean()

	b.open("/change" + at + "&v=2")
	u.does(exitOK, "decide", "Clipzy@2", "--change", "--as", "escalated", "--by", "jo", "--note", "<b>mine</b>")
	b.keys("d")
	b.until(`document.activeElement.type == 'submit'`)
	b.keys("\r")
	b.until(`document.body.innerText.includes('Somebody else decided in between') && document.body.innerText.includes('<b>mine</b>')`)
	b.accessible("clash", 360)
	for name, path := range map[string]string{"trouble": "/nowhere", "mistake": "/search?q=%22"} {
		b.open(path)
		b.accessible(name, 360)
	}
}

// TestKeysKeepThePlace decides on entry after entry with the keyboard: the focus is never lost.
func TestKeysKeepThePlace(t *testing.T) {
	u, _ := published(t)
	b := openTab(t, reviewOf(t, u).URL)
	stop := func(n int) string {
		return fmt.Sprintf(`[...document.querySelectorAll('[data-stop]')].indexOf(document.activeElement) == %d`, n)
	}
	b.open("/?sort=service")
	b.keys("j")
	b.until(stop(0))
	b.keys("j")
	b.until(stop(1))
	before := b.eval(`document.querySelectorAll('[data-stop]').length`)
	next := b.eval(`document.querySelectorAll('[data-stop]')[1].innerText`)

	// What a key chose is let go where nothing was decided.
	b.keys("a")
	b.until(`document.activeElement.type == 'submit' && document.querySelectorAll('[name=item]:checked').length == 1`)
	b.keys("k")
	b.until(stop(0))
	b.keys("m")
	b.until(`document.activeElement.matches('textarea')`)
	b.keys("known" + kb.Escape)
	b.until(stop(0))
	b.keys("d")
	b.until(`document.activeElement.type == 'submit' && document.querySelectorAll('[name=item]:checked').length == 1`)
	b.keys("\r")
	b.until(fmt.Sprintf(`document.querySelectorAll('[data-stop]').length == %s - 1`, before))
	b.until(stop(0))
	if got := b.eval(`document.activeElement.innerText`); got != next {
		t.Errorf("the focus is on %q, want %q", got, next)
	}
	b.keys("/")
	b.until(`document.activeElement.type == 'search'`)

	// On a page of a change each dialog closes, and / leads to the search.
	b.open("/change?s=Clipzy&t=" + url.QueryEscape(defaultType) + "&v=2")
	b.keys("?")
	b.until(`document.querySelector('#help').open`)
	b.keys(kb.Escape)
	b.until(`!document.querySelector('#help').open`)
	b.eval(`document.querySelector('#redline-side').click(), 1`)
	b.keys("j")
	b.until(`document.activeElement.id == 'change-1'`)
	b.keys("/")
	b.until(`location.pathname == '/search' && document.activeElement.id == 'words'`)
	b.clean()
}
