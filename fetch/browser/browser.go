// Package browser reads pages with Chromium, for those that are built by scripts. It is the only
// package that knows a browser.
//
// Each page gets a browser of its own with a new profile, which is thrown away afterwards. The
// browser reaches the network only through a proxy in this process (proxy.go): Chromium resolves
// names by itself, so a check of addresses before its requests would say nothing about where they
// go in the end. The proxy looks names up, refuses addresses that are not public when it connects,
// and knows only hosts that a request of the page was let through to (traffic.go), so that nothing
// the browser wants for itself gets out either. Where the user has a proxy, that one looks
// names up, and keeps away from private addresses; what can be told without looking up, addresses in
// figures, local names and other ports, is refused here before it is asked.
//
// This file holds the browser and its limits.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
)

// ErrMissing says that there is no Chromium on this machine.
var ErrMissing = errors.New("no Chromium was found")

// ErrStart says that a Chromium is there and does not start.
var ErrStart = errors.New("the browser does not start")

// Options of a Browser. A field that is zero has the default named beside it.
type Options struct {
	Program       string           // path or name: looked for under the usual names
	UserAgent     string           // added to that of the browser: "drittland (+https://github.com/drittland/drittland)"
	Total         time.Duration    // for one page, with start and evidence: 2 minutes
	Settle        time.Duration    // until the text must have come to rest: 20 seconds
	MaxRequests   int              // of one page: 500
	MaxBytes      int64            // that one page may load and send, as they pass over the network: 48 MiB
	MaxHTML       int              // bytes of the document: 16 MiB
	MaxHeight     int              // of the screenshot in pixels: 20,000
	MaxEvidence   int              // bytes of the screenshot, and of the PDF: 24 MiB
	Parallel      int              // browsers at a time: 2
	AllowLoopback bool             // also pages of this machine; what they load from it must come from the same port
	Now           func() time.Time // time.Now

	// Upstream knows the proxy through which the browser is to ask; nil for none.
	Upstream Upstream

	// Permit is asked before the page leads on to another one; nil means that it may.
	Permit func(ctx context.Context, address string) error

	flags map[string]any // of Chromium beside those of every page; for tests
}

func (o Options) withDefaults() Options {
	or(&o.UserAgent, "drittland (+https://github.com/drittland/drittland)")
	or(&o.Total, 2*time.Minute)
	or(&o.Settle, 20*time.Second)
	or(&o.MaxRequests, 500)
	or(&o.MaxBytes, 48<<20)
	or(&o.MaxHTML, 16<<20)
	or(&o.MaxHeight, 20_000)
	or(&o.MaxEvidence, 24<<20)
	or(&o.Parallel, 2)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Permit == nil {
		o.Permit = func(context.Context, string) error { return nil }
	}
	return o
}

// or sets a zero value to its default.
func or[T comparable](v *T, preset T) {
	var zero T
	if *v == zero {
		*v = preset
	}
}

// A Browser renders pages. It is safe for concurrent use.
type Browser struct {
	opt   Options
	slots chan struct{} // full while as many browsers run as may
}

// New makes a browser. Nothing is started before the first page.
func New(o Options) *Browser {
	o = o.withDefaults()
	return &Browser{opt: o, slots: make(chan struct{}, o.Parallel)}
}

// A Request asks for one page.
type Request struct {
	URL  string
	Lang string // wanted language, such as "de"; empty for English
	UTF8 bool   // the document is UTF-8, whatever the server declares or leaves out

	offline bool // nothing is asked of a server
}

// Render reads one page. An error is a *fetch.Failure about the page, or wraps ErrMissing or ErrStart.
// When it returns, the browser is gone, with all its processes and files.
func (b *Browser) Render(ctx context.Context, req Request) (*snapshots.Rendering, error) {
	program, err := b.program()
	if err != nil {
		return nil, err
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return nil, &fetch.Failure{Kind: fetch.Transient, URL: req.URL, Err: ctx.Err()}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, b.opt.Total, fmt.Errorf("the browser was not done within %s: %w", b.opt.Total, context.DeadlineExceeded))
	defer cancel()
	s, err := b.start(ctx, program, req)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	r, err := s.render()
	if err != nil {
		return nil, s.failure(err)
	}
	return r, nil
}

// Unsandboxed is why Chromium runs without its sandbox; empty if it has one.
func (b *Browser) Unsandboxed() string {
	if os.Getuid() == 0 {
		return "it is run by root, for whom Chromium has none"
	}
	return ""
}

// program is the path of the Chromium to run.
func (b *Browser) program() (string, error) {
	names := programs[runtime.GOOS]
	if names == nil {
		names = programs["linux"]
	}
	if b.opt.Program != "" {
		names = []string{b.opt.Program}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if b.opt.Program != "" {
		return "", fmt.Errorf("%w: there is no program %s", ErrMissing, b.opt.Program)
	}
	return "", ErrMissing
}

// programs are the names under which Chromium and its kin are installed, by operating system.
var programs = map[string][]string{
	"linux": {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/snap/bin/chromium", "chromium-headless-shell",
		"headless-shell", "microsoft-edge"},
	"darwin": {"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "chromium"},
	"windows": {"chrome", "chromium", `C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
		"msedge", `C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`},
}
