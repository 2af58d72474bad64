// This file does one exchange: it connects, writes the request, and records the response as received.

package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/drittland/drittland/snapshots"
)

const maxURL = 8 << 10 // bytes of an address

// A response is one exchange and what was understood of it.
type response struct {
	exchange snapshots.Exchange
	status   int
	header   http.Header
	body     []byte // transfer encoding removed, content encoding not
}

// An ask is one request to make.
type ask struct {
	url   *url.URL
	lang  string
	since *snapshots.Validator // what to ask for changes of, nil for the whole page
}

// address reads and checks an address that shall be fetched. Names are turned to their ASCII form.
func (c *Client) address(raw string) (*url.URL, *Failure) {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxURL {
		return nil, fail(BadAddress, withoutUser(raw), fmt.Errorf("%d bytes long, at most %d", len(raw), maxURL))
	}
	u, err := url.Parse(raw)
	raw = withoutUser(raw)
	if err != nil {
		return nil, fail(BadAddress, raw, errors.Unwrap(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fail(WrongScheme, raw, fmt.Errorf("%q is neither http nor https", u.Scheme))
	}
	name, port := strings.ToLower(u.Hostname()), u.Port()
	if u.Opaque != "" || name == "" || strings.Contains(name, "%") {
		return nil, fail(BadAddress, raw, errors.New("it names no host"))
	}
	if u.User != nil {
		return nil, fail(BadAddress, raw, errors.New("an address with a user name or password is not public"))
	}
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	} else if name, err = asciiName(name); err != nil {
		return nil, fail(BadAddress, raw, fmt.Errorf("host name: %w", err))
	}
	if u.Host = name; port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		if port != "80" && port != "443" && !c.loopback(u) {
			return nil, fail(BadAddress, raw, fmt.Errorf("port %s is not one of web pages", port))
		}
		u.Host += ":" + port
	}
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// withoutUser drops what may be a password from an address that is going to be shown.
func withoutUser(raw string) string {
	start := strings.Index(raw, "//")
	if end := strings.LastIndexByte(raw, '@'); start >= 0 && end > start {
		return raw[:start+2] + raw[end+1:]
	}
	return raw
}

// asciiName is a host name as DNS has it.
func asciiName(name string) (string, error) {
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return name, nil // with underscores, if it has them
	}
	return idna.Lookup.ToASCII(name)
}

// loopback reports whether the address names this machine and that is allowed.
func (c *Client) loopback(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return c.opt.AllowLoopback && (err == nil && ip.Unmap().IsLoopback() || u.Hostname() == "localhost")
}

// exchange sends one request and reads its response to the end. Where a server speaks nothing but
// HTTP/2, it is asked again in that.
func (c *Client) exchange(ctx context.Context, a *ask) (*response, *Failure) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.opt.Timeout, fmt.Errorf("no whole answer within %s: %w", c.opt.Timeout, context.DeadlineExceeded))
	defer cancel()
	r, f := c.attempt(ctx, a, h1)
	if a.url.Scheme != "https" {
		return r, f
	}
	if f != nil && refusesProtocol(f) {
		return c.attempt(ctx, a, h2)
	}
	if r != nil && r.status == http.StatusHTTPVersionNotSupported {
		if again, g := c.attempt(ctx, a, h2); g == nil {
			return again, nil
		}
	}
	return r, f
}

// attempt sends a request over a connection of its own, in one protocol.
func (c *Client) attempt(ctx context.Context, a *ask, protocol string) (*response, *Failure) {
	at := a.url.String()
	r := &response{exchange: snapshots.Exchange{URL: at, Protocol: protocol, Program: c.opt.Program, Clock: clockState()}}
	began := c.opt.Now()
	w, err := c.connect(ctx, a.url, protocol, &r.exchange)
	if err != nil {
		return nil, ofError(ctx, at, err)
	}
	defer w.bare.Close()
	defer context.AfterFunc(ctx, func() { w.bare.Close() })()
	r.exchange.Started = c.opt.Now().UTC()
	if protocol == h2 {
		err = c.exchangeH2(w.conn, a, r)
	} else {
		err = c.exchangeH1(w, a, r)
	}
	if err != nil {
		return nil, ofError(ctx, at, err)
	}
	r.exchange.Ended = c.opt.Now().UTC()
	r.exchange.Timing.Total = r.exchange.Ended.Sub(began)
	return r, nil
}

// exchangeH1 speaks HTTP/1.1. The credentials for a proxy are sent and not recorded.
func (c *Client) exchangeH1(w *wire, a *ask, r *response) error {
	req := c.request(a)
	var raw bytes.Buffer
	write := req.Write
	if w.absolute {
		write = req.WriteProxy
	}
	if err := write(&raw); err != nil {
		return err
	}
	r.exchange.Request = raw.Bytes()
	sent := r.exchange.Request
	if w.absolute && w.credentials != "" {
		head, rest, _ := bytes.Cut(sent, []byte("\r\n"))
		sent = slices.Concat(head, []byte("\r\nProxy-Authorization: "+w.credentials+"\r\n"), rest)
	}
	if _, err := w.conn.Write(sent); err != nil {
		return err
	}
	return c.receive(w.conn, req, r)
}

// request makes the request.
func (c *Client) request(a *ask) *http.Request {
	req := &http.Request{Method: http.MethodGet, URL: a.url, Host: a.url.Host, Close: true, Header: http.Header{}}
	for _, f := range c.fields(a) {
		req.Header.Set(f[0], f[1])
	}
	return req
}

// fields are the headers of a request beside Host, names and values.
func (c *Client) fields(a *ask) [][2]string {
	out := [][2]string{
		{"User-Agent", c.opt.UserAgent},
		{"Accept", "text/html, application/xhtml+xml, application/pdf;q=0.9, text/*;q=0.8, */*;q=0.5"},
		{"Accept-Encoding", "gzip"},
		{"Accept-Language", language(a.lang)},
	}
	if v := a.since; v != nil && v.ETag != "" {
		out = append(out, [2]string{"If-None-Match", v.ETag})
	}
	if v := a.since; v != nil && v.LastModified != "" {
		out = append(out, [2]string{"If-Modified-Since", v.LastModified})
	}
	return out
}

// language is the header Accept-Language for a wanted language.
func language(lang string) string {
	if lang == "" {
		return "*"
	}
	return lang + ", *;q=0.1"
}

// A tape keeps all that is read through it, up to a limit that can be raised.
type tape struct {
	r     io.Reader
	kept  []byte
	left  int64  // bytes that may still be read
	cut   bool   // the connection ended
	first func() // called with the first byte, if set
}

func (t *tape) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, errLimit
	}
	n, err := t.r.Read(p[:min(int64(len(p)), t.left)])
	if n > 0 && t.first != nil {
		t.first()
		t.first = nil
	}
	t.kept = append(t.kept, p[:n]...)
	t.left -= int64(n)
	t.cut = t.cut || err == io.EOF
	return n, err
}

// receive reads one response. Interim responses (1xx) are passed over and not recorded, nor is
// anything that a server sends after the end of its response.
func (c *Client) receive(conn net.Conn, req *http.Request, r *response) error {
	t := &tape{r: conn, left: c.opt.MaxHeader, first: func() { c.firstByte(r) }}
	br := bufio.NewReader(t)
	if err := conn.SetReadDeadline(time.Now().Add(c.opt.HeaderTimeout)); err != nil {
		return err
	}
	if first, err := br.Peek(1); err == nil && first[0] == 0 {
		return errHTTP2 // it begins with a SETTINGS frame (RFC 9113, 3.4) whatever it was asked
	}
	start := 0
	var resp *http.Response
	for interim := 0; resp == nil || resp.StatusCode < 200; interim++ {
		if interim > 5 {
			return errors.New("too many interim responses")
		}
		start = len(t.kept) - br.Buffered()
		var err error
		resp, err = http.ReadResponse(br, req) //nolint:bodyclose // read to its end below; it holds nothing to close
		switch {
		case err != nil && t.left <= 0:
			return fmt.Errorf("header: %w: %d bytes", errLimit, c.opt.MaxHeader)
		case err != nil && t.cut: // half a line is not the server's mistake
			return fmt.Errorf("the connection ended within the header: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return fmt.Errorf("read the header of the response: %w", err)
		}
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil { // the whole exchange has its own limit
		return err
	}
	tooBig := fmt.Errorf("body: %w: %d bytes as received", errLimit, c.opt.MaxWire)
	if resp.ContentLength > c.opt.MaxWire {
		return tooBig
	}
	t.left = c.opt.MaxWire + c.opt.MaxHeader // the framing of chunks counts, too
	var err error
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, c.opt.MaxWire+1))
	if int64(len(r.body)) > c.opt.MaxWire || errors.Is(err, errLimit) {
		return tooBig
	}
	if err != nil {
		return fmt.Errorf("read the body of the response: %w", err)
	}
	r.status, r.header = resp.StatusCode, resp.Header
	r.exchange.Response = slices.Clone(t.kept[start : len(t.kept)-br.Buffered()])
	return nil
}

// firstByte notes when a response began.
func (c *Client) firstByte(r *response) {
	r.exchange.Timing.FirstByte = c.opt.Now().Sub(r.exchange.Started)
}

// decoded is the body of a response without its content encoding.
func (c *Client) decoded(r *response) ([]byte, *Failure) {
	at := r.exchange.URL
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.header.Values("Content-Encoding"), ",")))
	tooBig := fmt.Errorf("body: %w: %d bytes after decompression", errLimit, c.opt.MaxBody)
	switch {
	case len(r.body) == 0, encoding == "", encoding == "identity":
		if int64(len(r.body)) > c.opt.MaxBody {
			return nil, &Failure{Kind: TooBig, URL: at, Status: r.status, Err: tooBig}
		}
		return r.body, nil
	case encoding != "gzip" && encoding != "x-gzip":
		return nil, &Failure{Kind: Broken, URL: at, Status: r.status, Err: fmt.Errorf("content encoding %q was not asked for", shorten(encoding))}
	}
	body, err := unzip(r.body, c.opt.MaxBody)
	switch {
	case int64(len(body)) > c.opt.MaxBody:
		return nil, &Failure{Kind: TooBig, URL: at, Status: r.status, Err: tooBig}
	case err != nil:
		return nil, &Failure{Kind: Broken, URL: at, Status: r.status, Err: fmt.Errorf("decompress: %w", err)}
	}
	return body, nil
}

// unzip decompresses at most one byte more than the limit. It passes over bytes behind the last
// whole member, as browsers do.
func unzip(b []byte, limit int64) (body []byte, err error) {
	from := bytes.NewReader(b)
	zr, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	for err == nil && int64(len(body)) <= limit {
		zr.Multistream(false)
		var part []byte
		if part, err = io.ReadAll(io.LimitReader(zr, limit+1-int64(len(body)))); err != nil {
			return nil, err
		}
		body = append(body, part...)
		err = zr.Reset(from)
	}
	return body, nil
}
