package main

// Rendering: which pages are read with a browser, how that is asked for, and how it is told.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/browser"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

// When a browser reads a page.
const (
	renderAuto   = "auto"   // if it cannot be read without, or refuses a plain reader
	renderAlways = "always" // if it is a page
	renderNever  = "never"
)

func renderFlag(value, usage string) cli.Flag {
	return &cli.StringFlag{Name: "render", Value: value, Usage: usage}
}

func knownRender(mode string) error {
	if !slices.Contains([]string{renderAuto, renderAlways, renderNever}, mode) {
		return fmt.Errorf("--render %s: expected auto, always or never", mode)
	}
	return nil
}

// A renderer reads pages as a browser shows them.
type renderer interface {
	Render(ctx context.Context, r browser.Request) (*snapshots.Rendering, error)
	Unsandboxed() string
}

// A politeFetcher lets a browser ask in its stead, in the turn of the host.
type politeFetcher interface {
	fetcher
	Turn(ctx context.Context, address string) (done func(), err error)
	Sent() int
}

// pages gets pages: plainly, and then with a browser where that is needed.
type pages struct {
	web     politeFetcher
	browser renderer
	mode    string // for all pages; empty if each source says
	say     func(format string, args ...any)
	bare    sync.Once // says that the browser has no sandbox
}

// newPages makes the fetcher of a command.
func (t *tool) newPages(mode string, o fetch.Options) *pages {
	web := fetch.New(o)
	chromium := browser.New(browser.Options{Program: t.env.Getenv("DRITTLAND_CHROMIUM"), Now: t.env.Now, AllowLoopback: o.AllowLoopback,
		Upstream: web, Permit: web.Permitted})
	return &pages{web: web, browser: chromium, mode: mode, say: t.say}
}

// of is the fetcher of a source. It tells note, in words for a person, what is not in the capture.
func (p *pages) of(src snapshots.Source, note func(string)) fetcher {
	s := &sourcePages{pages: p, source: src, mode: src.Render, note: note}
	if p.mode != "" {
		s.mode = p.mode
	}
	if s.mode == "" {
		s.mode = renderAuto
	}
	return s
}

// sourcePages gets the pages of one source.
type sourcePages struct {
	*pages
	source snapshots.Source
	mode   string
	note   func(string)
}

// Get fetches a page as fetch.Client does. If a browser read it, the capture holds what it saw beside the plain exchanges.
func (s *sourcePages) Get(ctx context.Context, req fetch.Request) (*snapshots.Capture, error) {
	got, err := s.web.Get(ctx, req)
	plain, why := s.judge(got, err)
	if why == "" {
		return got, err
	}
	r, failure := s.render(ctx, got, req.Lang)
	switch {
	case ctx.Err() != nil: // what was fetched is half of what was to be had
		return nil, ctx.Err()
	case failure != nil && s.mode == renderAlways: // read plainly it would be another text
		return nil, failure
	case failure != nil:
		s.note(fmt.Sprintf("%s needs a browser (%s): %v%s", req.URL, why, failure, hintBehind(failure)))
		return got, err
	case r.Status != http.StatusOK && r.Status != http.StatusNonAuthoritativeInfo:
		s.note(fmt.Sprintf("%s refuses a browser as well: status %d", req.URL, r.Status))
		return got, err
	case plain > 0 && s.mode != renderAlways && s.words(r) <= plain:
		return got, err // the scripts add nothing to the text
	}
	got.Use(r)
	s.note(fmt.Sprintf("%s was read with %s: %s", req.URL, r.Browser, why))
	for _, n := range r.Notes {
		s.note(req.URL + ": " + n)
	}
	return got, nil
}

// judge says why a page is to be read with a browser, "" if it is not, and how many words can be read without.
func (s *sourcePages) judge(got *snapshots.Capture, err error) (plain int, why string) {
	var f *fetch.Failure
	switch {
	case s.mode == renderNever || got == nil || got.Revisits != "": // a page that has not changed has no body here
		return 0, ""
	case errors.As(err, &f):
		if f.Kind == fetch.Blocked && refusesReaders(f.Status) {
			return 0, fmt.Sprintf("the server refuses a plain reader with status %d", f.Status)
		}
		return 0, ""
	case err != nil || !isHTML(got):
		return 0, ""
	case s.mode == renderAlways:
		return 0, "as asked"
	}
	doc, err := s.extract(extract.Input{Body: got.Body, MediaType: got.MediaType, Charset: got.Charset, BaseURL: got.FinalURL})
	var wall extract.ErrNotPolicy
	switch {
	case errors.Is(err, extract.ErrEmpty):
		return 0, "it holds no text without its scripts"
	case errors.As(err, &wall) && slices.ContainsFunc(mayYield, func(begin string) bool { return strings.HasPrefix(wall.Reason, begin) }):
		return 0, "it is " + wall.Reason
	case err == nil && doc.Words() < thin && builtByScripts.Match(got.Body):
		return doc.Words(), fmt.Sprintf("it holds %d words without its scripts", doc.Words())
	}
	return 0, ""
}

// refusesReaders tells statuses by which servers turn programs away that they take for no browser. A page for which one has
// to log in (401) or that the law forbids (451) refuses a browser, too, and who asks for patience (429) shall have it.
func refusesReaders(status int) bool {
	return status == http.StatusForbidden || status == http.StatusBadRequest || status == http.StatusMethodNotAllowed || status == http.StatusNotAcceptable
}

// mayYield are the beginnings of the reasons for which a page is no policy that may not hold for a browser. A log-in and a
// consent wall stand before every reader.
var mayYield = []string{"a shell that waits for JavaScript", "a bot wall", "a redirection to", "an access refusal"}

// thin is the number of words below which a page that scripts have a part in is read with a browser.
const thin = 150

var (
	builtByScripts = regexp.MustCompile(`(?i)id=["']?(?:root|app|__next|__nuxt|___gatsby|react-root|app-root|main-app)\b|<app-root|<noscript[^>]*>[^<]*javascript`)
	htmlLanguage   = regexp.MustCompile(`(?i)<html[^>]{0,400}\slang=["']?([a-z]{2,3})\b`)
)

// isHTML tells what a browser shows as a page from PDF, pictures and the like.
func isHTML(got *snapshots.Capture) bool {
	media := got.MediaType
	if media == "" || media == "application/octet-stream" {
		media, _, _ = strings.Cut(http.DetectContentType(got.Body), ";")
	}
	return media == "text/html" || media == "application/xhtml+xml"
}

func (s *sourcePages) extract(in extract.Input) (*snapshots.Document, error) {
	return extract.Read(asDeclared(in, s.source), extract.Options{})
}

// words is the number of words that can be read in a rendering, 0 if it cannot be read.
func (s *sourcePages) words(r *snapshots.Rendering) int {
	doc, err := s.extract(extract.Input{Body: r.HTML, MediaType: "text/html", Charset: "utf-8", BaseURL: r.URL, Rendered: true})
	if err != nil {
		return 0
	}
	return doc.Words()
}

// render reads with a browser what was fetched, in the turn of its host.
func (s *sourcePages) render(ctx context.Context, got *snapshots.Capture, lang string) (*snapshots.Rendering, error) {
	if m := htmlLanguage.FindSubmatch(got.Body[:min(len(got.Body), 4096)]); lang == "" && m != nil {
		lang = string(m[1])
	}
	done, err := s.web.Turn(ctx, got.FinalURL)
	if err != nil {
		return nil, err
	}
	defer done()
	r, err := s.browser.Render(ctx, browser.Request{URL: got.FinalURL, Lang: lang, UTF8: utf8.Valid(got.Body)})
	if why := s.browser.Unsandboxed(); err == nil && why != "" {
		s.bare.Do(func() { s.say("the browser runs without its sandbox: %s", why) })
	}
	return r, err
}
