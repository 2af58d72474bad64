package browser

// This file loads a page, waits until it has come to rest, opens its closed sections and reads it.

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"code.dny.dev/ssrf"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
)

const (
	rest       = 700 * time.Millisecond // for which a text must not change
	restShort  = 3 * time.Second        // the same for a text of few words: more may be on the way
	restBusy   = 4 * time.Second        // the same while requests are still under way
	fewWords   = 80
	netRest    = 500 * time.Millisecond // without a request
	look       = 150 * time.Millisecond // between two looks
	screens    = 25                     // that a page is scrolled down at most
	rounds     = 3                      // in which closed sections are opened: one may hold others
	maxOpened  = 300                    // sections
	settleOpen = 5 * time.Second        // after each round
	callLimit  = 20 * time.Second       // for one question to the page
)

//go:embed page.js
var script string

// A world is where our own script runs in the document that is loaded.
type world struct{ id cdpruntime.ExecutionContextID }

// A state is what a page looks like at a moment.
type state struct {
	Ready    string `json:"ready"`
	Text     int    `json:"text"`     // length of the visible text
	Words    int    `json:"words"`    // of it
	Elements int    `json:"elements"` // of the document
	Height   int    `json:"height"`   // of the page in pixels
	URL      string `json:"url"`
	Page     string `json:"page"` // URL without what leads within the page
}

func (s state) same(o state) bool {
	return s.Text == o.Text && s.Elements == o.Elements && s.Ready == o.Ready && s.Page == o.Page
}

// render reads the page from its address to its evidence.
func (s *session) render() (*snapshots.Rendering, error) {
	if err := s.navigate(); err != nil {
		return nil, err
	}
	if _, err := s.settle(s.opt.Settle); err != nil {
		return nil, err
	}
	if err := s.scroll(); err != nil {
		return nil, err
	}
	s.traffic.freeze()
	status, media, stopped := s.traffic.document()
	if stopped != nil {
		var f *fetch.Failure
		if errors.As(stopped, &f) {
			return nil, f // the page is one that leads on to another
		}
		s.note("the page %v; that was not followed", stopped)
	}
	if media != "text/html" && media != "application/xhtml+xml" {
		return nil, &fetch.Failure{Kind: fetch.Broken, URL: s.req.URL, Status: status, Err: fmt.Errorf("a browser shows no page of type %q", media)}
	}
	html, at, err := s.read()
	if err != nil {
		return nil, err
	}
	r := &snapshots.Rendering{Browser: s.name, URL: at.URL, At: s.opt.Now().UTC(), Status: status, HTML: []byte(html)}
	s.evidence(r)
	s.tellRefused()
	r.Notes = s.notes
	return r, nil
}

func (s *session) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// navigate loads the document. Only its head must have come when it returns.
func (s *session) navigate() error {
	ctx, cancel := context.WithTimeoutCause(s.ctx, s.opt.Total/2, errors.New("the page does not answer"))
	defer cancel()
	got, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: s.req.URL})
	status, _, stopped := s.traffic.document()
	fail := func(kind fetch.Kind, err error) error {
		return &fetch.Failure{Kind: kind, URL: s.req.URL, Status: status, Err: err}
	}
	u, _ := url.Parse(s.req.URL)
	switch {
	case err != nil && s.outer.Err() == nil && ctx.Err() != nil:
		return fail(fetch.Transient, context.Cause(ctx))
	case err != nil:
		return err
	case got.IsDownload:
		return fail(fetch.Broken, errors.New("a browser stores the file rather than showing it"))
	case got.ErrorText == "":
		return nil
	case stopped != nil:
		return stopped
	}
	why := s.proxy.whyNot(withPort(u))
	var f *fetch.Failure
	switch {
	case errors.As(why, &f):
		return f
	case errors.Is(why, ssrf.ErrProhibitedIP), errors.Is(why, ssrf.ErrProhibitedNetwork):
		return fail(fetch.PrivateAddress, why)
	case errors.Is(why, ssrf.ErrProhibitedPort):
		return fail(fetch.BadAddress, why)
	case why != nil:
		return fail(fetch.Transient, why)
	case strings.HasPrefix(got.ErrorText, "net::ERR_CERT_"), strings.HasPrefix(got.ErrorText, "net::ERR_SSL_"):
		return fail(fetch.Broken, fmt.Errorf("in the browser: %s", got.ErrorText))
	}
	return fail(fetch.Transient, fmt.Errorf("in the browser: %s", got.ErrorText))
}

// settle waits until the text of the page has come to rest, at most for limit. It gives the state of the page.
func (s *session) settle(limit time.Duration) (state, error) {
	var last state
	start := time.Now()
	since := start
	for {
		now, err := ask[state](s, "state()")
		if err != nil {
			return last, err
		}
		if !now.same(last) {
			last, since = now, time.Now()
		}
		quiet := time.Since(since)
		need := rest
		if now.Words < fewWords {
			need = restShort
		}
		switch {
		case now.Ready != "loading" && quiet >= need && s.traffic.idle() >= netRest,
			now.Words >= fewWords && quiet >= restBusy:
			return last, nil
		case time.Since(start) >= limit:
			s.note("the text of the page had not come to rest after %s; it was read as it stood", limit)
			return last, nil
		}
		if err := sleep(s.ctx, look); err != nil {
			return last, err
		}
	}
}

// scroll shows the page from top to bottom, for what is loaded only when it comes into view.
func (s *session) scroll() error {
	type place struct {
		Top    float64 `json:"top"`
		Height int     `json:"height"`
	}
	before, err := ask[state](s, "state()")
	if err != nil || before.Height <= height {
		return err
	}
	step := max(height, before.Height/screens)
	for i := 1; i <= screens; i++ {
		at, err := ask[place](s, fmt.Sprintf("scroll(%d)", i*step))
		if err != nil {
			return err
		}
		if err := sleep(s.ctx, look); err != nil {
			return err
		}
		if int(at.Top)+height >= at.Height {
			break
		}
		if i == screens {
			s.note("the page goes on and on; it was read as far as %d screens down", i)
		}
	}
	if _, err := s.settle(settleOpen); err != nil {
		return err
	}
	_, err = ask[place](s, "scroll(0)")
	return err
}

// read opens the closed sections and gives the HTML of the page. If that leads elsewhere, or text is lost by it, the page
// is taken as it was before.
func (s *session) read() (string, state, error) {
	closed, err := ask[state](s, "state()")
	if err != nil {
		return "", closed, err
	}
	before, err := s.html()
	if err != nil {
		return "", closed, err
	}
	opened, at, err := s.open()
	switch {
	case s.outer.Err() != nil:
		return "", closed, err
	case opened == 0 && err == nil:
		return before, closed, nil
	case err != nil, at.Page != closed.Page, at.Text < closed.Text*4/5:
		s.note("its closed sections could not be opened without losing text; they stayed closed")
		return before, closed, nil
	}
	after, err := s.html()
	return after, at, err
}

// open opens closed sections, and those within them. It gives how many there were.
func (s *session) open() (opened int, at state, err error) {
	for range rounds {
		n, err := ask[int](s, fmt.Sprintf("open(%d)", maxOpened-opened))
		if err != nil {
			return opened, at, err
		}
		if n == 0 {
			break
		}
		opened += n
		if at, err = s.settle(settleOpen); err != nil {
			return opened, at, err
		}
	}
	if opened >= maxOpened {
		s.note("only the first %d closed sections were opened", maxOpened)
	}
	return opened, at, nil
}

// html is the document as it stands.
func (s *session) html() (string, error) {
	text, err := ask[*string](s, fmt.Sprintf("html(%d)", s.opt.MaxHTML))
	if err != nil {
		return "", err
	}
	if text == nil || len(*text) > s.opt.MaxHTML {
		return "", &fetch.Failure{Kind: fetch.TooBig, URL: s.req.URL, Err: fmt.Errorf("the document in the browser: more than %d bytes", s.opt.MaxHTML)}
	}
	if !utf8.ValidString(*text) {
		return "", errors.New("the document is not UTF-8")
	}
	return *text, nil
}

// ask calls a function of our script in the page. A document that has just made place for another is asked again.
func ask[T any](s *session, what string) (T, error) {
	var zero T
	ctx, cancel := context.WithTimeoutCause(s.ctx, callLimit, errors.New("the page keeps the browser too busy to answer"))
	defer cancel()
	var err error
	for range 5 {
		var raw []byte
		if raw, err = s.evaluate(ctx, "("+script+")."+what); err == nil {
			var v T
			if err := json.Unmarshal(raw, &v); err != nil {
				return zero, fmt.Errorf("ask the page for %.20s: %w", what, err)
			}
			return v, nil
		}
		s.world.id = 0
		if sleep(ctx, look) != nil {
			return zero, context.Cause(ctx)
		}
	}
	return zero, fmt.Errorf("ask the page for %.20s: %w", what, err)
}

// evaluate runs an expression in our world and gives its value as JSON.
func (s *session) evaluate(ctx context.Context, expression string) ([]byte, error) {
	yes := true
	if s.world.id == 0 {
		made, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: s.frame, WorldName: "drittland"})
		if err != nil {
			return nil, err
		}
		s.world.id = made.ExecutionContextID
	}
	got, err := chromedp.Call(ctx, cdpruntime.Evaluate, cdpruntime.EvaluateParams{Expression: expression, ContextID: s.world.id, ReturnByValue: &yes, AwaitPromise: &yes})
	switch {
	case err != nil:
		return nil, err
	case got.ExceptionDetails != nil:
		what := got.ExceptionDetails.Text
		if e := got.ExceptionDetails.Exception; e != nil {
			what = e.Description
		}
		return nil, fmt.Errorf("%.300s", what)
	}
	return got.Result.Value, nil
}

// tellRefused notes what the page was kept from.
func (s *session) tellRefused() {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	private := 0
	for _, err := range s.proxy.refused {
		if errors.Is(err, fetch.PrivateAddress) || errors.Is(err, fetch.BadAddress) || errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork) || errors.Is(err, ssrf.ErrProhibitedPort) {
			private++
		}
	}
	if private > 0 {
		s.note("the page asked for %d hosts or ports that are not of the public web; they were refused", private)
	}
	if s.proxy.left.Load() <= 0 {
		s.note("the page loads or sends more than %d bytes; the rest was refused", s.opt.MaxBytes)
	}
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	if s.traffic.overflow {
		s.note("the page makes more than %d requests; the rest were refused", s.opt.MaxRequests)
	}
}

// sleep waits for d or the end of the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
