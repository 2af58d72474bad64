// Package fetch gets published terms from the web: byte-exact, politely, within limits, and never
// from a private address.
//
// The package speaks HTTP/1.1 itself, over net and crypto/tls, with the readers of net/http: an
// http.Transport hides where a response ends, so that an exact record could hold bytes beyond it.
// HTTP/1.1 is offered first; HTTP/2 is for servers that speak nothing else, and then the heads of the
// record are reconstructed. Cookies are not kept, not even from one redirect to the next.
//
// Through a proxy (Options.Proxy) the proxy looks up the names, and what the private-address guard can
// see is less: addresses in figures and names that are never public are refused as ever, a public name
// that the proxy's network resolves to a private address is the proxy's to refuse.
//
// This file holds the client and the chain from the asked address to the final one.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"

	"github.com/drittland/drittland/snapshots"
)

// Options of a Client. A field that is zero has the default named beside it.
type Options struct {
	UserAgent     string                           // product, version and contact: "drittland (+https://github.com/drittland/drittland)"; its first word is the name in robots.txt
	Total         time.Duration                    // for one Get with its waits, redirects and retries: 5 minutes
	Timeout       time.Duration                    // for one exchange, from the look-up of the name to the last byte: 1 minute
	HeaderTimeout time.Duration                    // from the request to the end of the response's header: 30 seconds
	MaxHeader     int64                            // bytes of a response's header: 256 KiB
	MaxWire       int64                            // bytes of a body as received: 16 MiB
	MaxBody       int64                            // bytes of a body after decompression: 32 MiB
	MaxRedirects  int                              // 10; negative for none
	Retries       int                              // further attempts after a transient failure: 2; negative for none
	MaxWait       time.Duration                    // longest wait for a host that asks to come back later: 1 minute
	Delay         time.Duration                    // between the end of a request and the next to the same host: 2 seconds; negative for none
	Budget        int                              // requests in the client's life, redirects, retries and robots.txt included; 0 for no bound
	AllowLoopback bool                             // also fetch from this machine, on any port and without delay; for tests and demonstrations
	Proxy         func(*url.URL) (*url.URL, error) // the proxy for an address, http, https or socks5, nil for none; no proxy
	RootCAs       *x509.CertPool                   // authorities of certificates: those of the system
	Program       string                           // name and version of the program, for the record; "drittland"
	Now           func() time.Time                 // time.Now
	Turns         Turns                            // keeps several clients out of each other's way; nil for a client that is alone
	Robots        Robots                           // shares what several clients read of robots.txt; nil for a client that reads all by itself
}

func (o Options) withDefaults() Options {
	or(&o.UserAgent, "drittland (+https://github.com/drittland/drittland)")
	or(&o.Program, "drittland")
	or(&o.Total, 5*time.Minute)
	or(&o.Timeout, time.Minute)
	or(&o.HeaderTimeout, 30*time.Second)
	or(&o.MaxHeader, 256<<10)
	or(&o.MaxWire, 16<<20)
	or(&o.MaxBody, 32<<20)
	or(&o.MaxRedirects, 10)
	or(&o.Retries, 2)
	or(&o.MaxWait, time.Minute)
	or(&o.Delay, 2*time.Second)
	if o.Now == nil {
		o.Now = time.Now
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

// A Client fetches. It remembers each host's robots.txt, pace and wishes; use one for a whole run.
// It is safe for concurrent use.
type Client struct {
	opt   Options
	guard *ssrf.Guardian
	sent  atomic.Int64                                     // requests
	sleep func(ctx context.Context, d time.Duration) error // replaced in tests
	rand  func() float64                                   // replaced in tests

	mu     sync.Mutex
	hosts  map[string]*host
	robots map[string]*robots
}

// New makes a client.
func New(o Options) *Client {
	return &Client{
		opt: o.withDefaults(), guard: ssrf.New(ssrf.WithPorts(80, 443)), sleep: sleep, rand: rand.Float64,
		hosts: map[string]*host{}, robots: map[string]*robots{},
	}
}

// Sent is how many requests the client has sent, redirects, retries and robots.txt included.
func (c *Client) Sent() int { return int(c.sent.Load()) }

// A Request asks for one page.
type Request struct {
	Terms   snapshots.Terms
	AnnexOf string // address of the policy that refers to the page, as in snapshots.Capture; empty for the policy itself
	URL     string
	Lang    string // wanted language, such as "de"; empty for none in particular

	// Since, if set, asks for the page only if it has changed since. The condition goes to the address that
	// gave the page, in the language that it was asked in, and nowhere else.
	Since *snapshots.Validator
}

// Get fetches a page and follows its redirects. An error is a *Failure. The capture then holds what
// was received all the same (a 404 is evidence too) and is nil if nothing was. Its exchanges are
// the chain of redirects; attempts that were repeated and robots.txt are not in it. A page that has not
// changed since req.Since comes with the status 304, without a body.
func (c *Client) Get(ctx context.Context, req Request) (*snapshots.Capture, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Total)
	defer cancel()
	got := &snapshots.Capture{Terms: req.Terms, AnnexOf: req.AnnexOf, URL: req.URL}
	f := c.follow(ctx, req, got)
	if len(got.Exchanges) == 0 {
		got = nil
	}
	if f != nil {
		return got, f
	}
	return got, nil
}

// follow fetches the asked address and those it redirects to into got.
func (c *Client) follow(ctx context.Context, req Request, got *snapshots.Capture) *Failure {
	u, f := c.address(req.URL)
	if f != nil {
		return f
	}
	seen := map[string]bool{}
	for {
		at := u.String()
		if seen[at] {
			return fail(Moved, at, errors.New("its redirects go round in a circle, as they do for a reader without cookies"))
		}
		if seen[at] = true; len(seen) > max(c.opt.MaxRedirects, 0)+1 {
			return fail(Moved, req.URL, fmt.Errorf("more than %d redirects", max(c.opt.MaxRedirects, 0)))
		}
		if f := c.permitted(ctx, u); f != nil {
			return f
		}
		a := &ask{url: u, lang: req.Lang}
		if v := req.Since; v != nil && v.URL == at && v.Language == language(req.Lang) && (v.ETag != "" || v.LastModified != "") {
			a.since = v
		}
		r, f := c.politely(ctx, a)
		if r != nil && f == nil && r.status == http.StatusNotModified {
			got.Revisits = req.Since.Snapshot
		}
		if r != nil {
			if e := c.keep(got, r); f == nil {
				f = e
			}
		}
		if f != nil {
			return f
		}
		next, f := c.redirect(u, r)
		if f != nil || next == nil {
			return f
		}
		u = next
	}
}

// keep adds a response to the capture as its last exchange.
func (c *Client) keep(got *snapshots.Capture, r *response) *Failure {
	if len(got.Exchanges) == 0 {
		got.At = r.exchange.Started
	}
	got.Exchanges = append(got.Exchanges, r.exchange)
	got.FinalURL, got.Status = r.exchange.URL, r.status
	got.MediaType, got.Charset = mediaType(r.header.Get("Content-Type"))
	var f *Failure
	got.Body, f = c.decoded(r)
	if isRedirect(r.status) {
		return nil // nobody reads the body of a redirect
	}
	return f
}

// mediaType reads a Content-Type.
func mediaType(s string) (media, charset string) {
	media, params, err := mime.ParseMediaType(s)
	if err != nil { // what stands before the parameters is better than nothing
		media, _, _ = strings.Cut(s, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	return media, strings.ToLower(params["charset"])
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect is the address that a response leads to, or nil for a page.
func (c *Client) redirect(from *url.URL, r *response) (*url.URL, *Failure) {
	if !isRedirect(r.status) {
		return nil, nil
	}
	location := r.header.Get("Location")
	if location == "" {
		return nil, &Failure{Kind: Moved, URL: from.String(), Status: r.status, Err: errors.New("the redirect does not say where to")}
	}
	to, err := from.Parse(location)
	if err != nil {
		return nil, &Failure{Kind: Moved, URL: from.String(), Status: r.status, Err: fmt.Errorf("the redirect leads to no address: %q", shorten(location))}
	}
	return c.address(to.String())
}

// MovedTo is the address that a page has moved to for good, as far as its redirects from the asked
// address on are permanent (301 and 308); empty if the first is not.
func MovedTo(got *snapshots.Capture) string {
	to := ""
	for i, e := range got.Exchanges {
		head := e.Response[:min(len(e.Response), len("HTTP/1.1 301"))]
		_, status, _ := strings.Cut(string(head), " ")
		if status != "301" && status != "308" || i+1 == len(got.Exchanges) {
			break
		}
		to = got.Exchanges[i+1].URL
	}
	return to
}
