// This file says in how many ways a fetch can fail.

package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/http2"
)

// A Kind is a class of failure that a caller may act on. It is an error itself, so that
// errors.Is(err, fetch.Gone) holds for a Failure of that kind.
type Kind string

// The kinds of failure.
const (
	NotFound       Kind = "not found"         // status 404, or no such host
	Gone           Kind = "gone"              // status 410
	Moved          Kind = "moved"             // redirects that lead to no page
	Blocked        Kind = "blocked"           // 403, 451, other refusals to serve us, or robots.txt
	Transient      Kind = "not available now" // 408, 425, 429, 5xx, no connection, too slow: try again later
	TooBig         Kind = "too big"           // over a limit of Options
	PrivateAddress Kind = "private address"   // the host, or the target of a redirect, is not on the public internet
	WrongScheme    Kind = "wrong scheme"      // neither http nor https
	BadAddress     Kind = "bad address"       // no address of a public web page: no host, a password, another port
	Broken         Kind = "broken"            // an answer that cannot be trusted or read: certificate, encoding, not HTTP
)

func (k Kind) Error() string { return string(k) }

// Reasons that a Failure may wrap.
var (
	ErrRobots = errors.New("robots.txt does not allow it")
	ErrBudget = errors.New("the budget of requests is used up")
	ErrTurn   = errors.New("others ask its host") // or nobody could say whether they do: says nothing about the host
)

// A Failure is why a page could not be fetched.
type Failure struct {
	Kind       Kind
	URL        string        // that failed: the asked one, or one that it redirects to
	Status     int           // of the response; 0 without one
	RetryAfter time.Duration // how long the host asks to be left alone, 0 if it does not say
	Err        error         // what lies beneath; nil if the status says it all
}

func (f *Failure) Error() string {
	s := fmt.Sprintf("fetch %s: %s", shorten(f.URL), f.Kind)
	if f.Status != 0 {
		s += strings.TrimRight(fmt.Sprintf(": status %d %s", f.Status, http.StatusText(f.Status)), " ")
	}
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	if f.RetryAfter > 0 {
		s += fmt.Sprintf(" (the host asks to come back in %s)", f.RetryAfter.Round(time.Second))
	}
	return s
}

// Unwrap gives the error beneath.
func (f *Failure) Unwrap() error { return f.Err }

// Is reports whether target is the kind of the failure.
func (f *Failure) Is(target error) bool { return target == error(f.Kind) }

func fail(k Kind, url string, err error) *Failure { return &Failure{Kind: k, URL: url, Err: err} }

// shorten keeps hostile text from flooding a message, and its control characters out of it.
func shorten(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

var errLimit = errors.New("limit reached")

// ofError classes what went wrong on the way to a response.
func ofError(ctx context.Context, url string, err error) *Failure {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var network net.Error
	var refusal proxyRefusal
	var stream http2.StreamError
	switch {
	case errors.As(err, &refusal) && (refusal == http.StatusProxyAuthRequired || refusal < 500):
		return fail(Broken, url, err)
	case errors.As(err, &refusal), errors.As(err, &stream):
		return fail(Transient, url, err)
	case errors.Is(err, errPrivateName), errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return fail(PrivateAddress, url, err)
	case errors.Is(err, ssrf.ErrProhibitedPort):
		return fail(BadAddress, url, err)
	case ctx.Err() != nil: // the connection was closed for it
		return fail(Transient, url, fmt.Errorf("gave up: %w", context.Cause(ctx)))
	case errors.As(err, &dns) && dns.IsNotFound:
		return fail(NotFound, url, err)
	case errors.As(err, &cert), alerted(err) != nil, errors.As(err, &record):
		return fail(Broken, url, err)
	case errors.Is(err, errLimit):
		return fail(TooBig, url, err)
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return fail(Transient, url, err)
	default:
		return fail(Broken, url, err)
	}
}

// ofStatus classes a status that is neither a page nor a redirect; nil for those, and for "not modified" where
// that was asked for.
func ofStatus(url string, status int, conditional bool) *Failure {
	f := &Failure{URL: url, Status: status}
	switch {
	case status == http.StatusOK, status == http.StatusNonAuthoritativeInfo, isRedirect(status):
		return nil
	case status == http.StatusNotModified && conditional:
		return nil
	case status == http.StatusNotFound:
		f.Kind = NotFound
	case status == http.StatusGone:
		f.Kind = Gone
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500 && status < 600:
		f.Kind = Transient
	case status >= 400 && status < 500:
		f.Kind = Blocked
	default:
		f.Kind, f.Err = Broken, errors.New("the answer carries no page")
	}
	return f
}
