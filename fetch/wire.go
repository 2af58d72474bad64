// This file does one exchange: it connects, writes the request, and records the response as received.

package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
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

// control refuses connections to addresses that are not public, after the name was looked up.
func (c *Client) control(network, address string, conn syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); c.opt.AllowLoopback && err == nil && to.Addr().Unmap().IsLoopback() {
		return nil
	}
	return c.guard.Safe(network, address, conn)
}

// connect dials and, for https, shakes hands. It notes in e what it met. The first connection is
// the bare one below TLS, which can be closed from another goroutine without waiting.
func (c *Client) connect(ctx context.Context, u *url.URL, e *snapshots.Exchange) (bare, conn net.Conn, err error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dialer := net.Dialer{Control: c.control, KeepAlive: -1}
	if bare, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port)); err != nil {
		return nil, nil, err
	}
	if to, err := netip.ParseAddrPort(bare.RemoteAddr().String()); err == nil {
		e.RemoteIP = to.Addr().Unmap().String()
	}
	if u.Scheme == "http" {
		return bare, bare, nil
	}
	sec := tls.Client(bare, &tls.Config{
		ServerName: u.Hostname(), RootCAs: c.opt.RootCAs, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
	})
	if err = sec.HandshakeContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("tls: %w", err), bare.Close())
	}
	state := sec.ConnectionState()
	e.TLS = strings.ToLower(strings.Replace(tls.VersionName(state.Version), "TLS ", "tls/", 1))
	e.TLSChain = pemChain(state.PeerCertificates)
	return bare, sec, nil
}

func pemChain(chain []*x509.Certificate) (out []byte) {
	for _, cert := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return out
}

// exchange sends one request and reads its response to the end.
func (c *Client) exchange(ctx context.Context, u *url.URL, lang string) (*response, *Failure) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.opt.Timeout, fmt.Errorf("no whole answer within %s: %w", c.opt.Timeout, context.DeadlineExceeded))
	defer cancel()
	at := u.String()
	r := &response{exchange: snapshots.Exchange{URL: at, Protocol: "http/1.1"}}
	req, raw, err := c.request(u, lang)
	if err != nil {
		return nil, fail(BadAddress, at, err)
	}
	r.exchange.Request = raw
	bare, conn, err := c.connect(ctx, u, &r.exchange)
	if err != nil {
		return nil, ofError(ctx, at, err)
	}
	defer bare.Close()
	defer context.AfterFunc(ctx, func() { bare.Close() })()
	r.exchange.Started = c.opt.Now().UTC()
	if _, err := conn.Write(raw); err != nil {
		return nil, ofError(ctx, at, err)
	}
	if err := c.receive(conn, req, r); err != nil {
		return nil, ofError(ctx, at, err)
	}
	r.exchange.Ended = c.opt.Now().UTC()
	return r, nil
}

// request makes the request and its exact bytes.
func (c *Client) request(u *url.URL, lang string) (*http.Request, []byte, error) {
	language := "*"
	if lang != "" {
		language = lang + ", *;q=0.1"
	}
	req := &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Close: true, Header: http.Header{
		"User-Agent":      {c.opt.UserAgent},
		"Accept":          {"text/html, application/xhtml+xml, application/pdf;q=0.9, text/*;q=0.8, */*;q=0.5"},
		"Accept-Encoding": {"gzip"},
		"Accept-Language": {language},
	}}
	var raw bytes.Buffer
	err := req.Write(&raw)
	return req, raw.Bytes(), err
}

// A tape keeps all that is read through it, up to a limit that can be raised.
type tape struct {
	r    io.Reader
	kept []byte
	left int64 // bytes that may still be read
	cut  bool  // the connection ended
}

func (t *tape) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, errLimit
	}
	n, err := t.r.Read(p[:min(int64(len(p)), t.left)])
	t.kept = append(t.kept, p[:n]...)
	t.left -= int64(n)
	t.cut = t.cut || err == io.EOF
	return n, err
}

// receive reads one response. Interim responses (1xx) are passed over and not recorded, nor is
// anything that a server sends after the end of its response.
func (c *Client) receive(conn net.Conn, req *http.Request, r *response) error {
	t := &tape{r: conn, left: c.opt.MaxHeader}
	br := bufio.NewReader(t)
	if err := conn.SetReadDeadline(time.Now().Add(c.opt.HeaderTimeout)); err != nil {
		return err
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
