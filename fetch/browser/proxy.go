package browser

// This file is the browser's only way to the network: a proxy that looks names up itself, connects to
// public addresses only, and counts what passes. Where the user has a proxy, that one looks the names up;
// what it must not be asked for is for Options.Upstream to say.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

var errTooMuch = errors.New("the page loads too much")

// A proxy serves one page. It is stopped by the end of its context.
type proxy struct {
	ctx   context.Context
	guard *ssrf.Guardian
	up    Upstream // nil for none
	local uint16   // port of this machine that may be asked, for tests; 0 for none
	addr  string   // where it listens
	left  atomic.Int64
	srv   *http.Server
	trip  *http.Transport // directly
	relay *http.Transport // through the user's proxy

	mu      sync.Mutex
	known   map[string]bool  // hosts with their ports that the page may ask
	refused map[string]error // hosts that it was kept from, at most maxRefused
}

const (
	maxRefused = 100
	dialTime   = 15 * time.Second
)

// An Upstream knows the proxy of the user, as fetch.Client does.
type Upstream interface {
	// Via is the proxy for an address, nil for none. An error says that it must not be asked for.
	Via(address string) (*url.URL, error)
	// Tunnel connects through it to the server of an https address.
	Tunnel(ctx context.Context, via *url.URL, address string) (net.Conn, error)
}

// startProxy listens on this machine until ctx ends.
func startProxy(ctx context.Context, local uint16, maxBytes int64, up Upstream) (*proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	p := &proxy{ctx: ctx, guard: ssrf.New(ssrf.WithPorts(80, 443)), up: up, local: local, addr: l.Addr().String(), known: map[string]bool{}, refused: map[string]error{}}
	p.left.Store(maxBytes)
	p.trip = &http.Transport{DialContext: p.dial, DisableCompression: true, MaxIdleConnsPerHost: 2, ResponseHeaderTimeout: 30 * time.Second,
		MaxResponseHeaderBytes: 256 << 10}
	p.relay = p.trip.Clone()
	p.relay.DialContext = p.dialUpstream
	p.relay.Proxy = func(r *http.Request) (*url.URL, error) { return p.via(r.URL.String()) }
	p.srv = &http.Server{Handler: p, ReadHeaderTimeout: 30 * time.Second}
	go func() { _ = p.srv.Serve(l) }() // ends with stop
	return p, nil
}

func (p *proxy) stop() {
	p.srv.Close()
	p.trip.CloseIdleConnections()
	p.relay.CloseIdleConnections()
}

// via is the user's proxy for an address, nil for none.
func (p *proxy) via(address string) (*url.URL, error) {
	if p.up == nil {
		return nil, nil
	}
	return p.up.Via(address)
}

// allow lets the page ask a host, given with its port.
func (p *proxy) allow(hostport string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[hostport] = true
}

func (p *proxy) isKnown(hostport string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[hostport]
}

// refuse notes why a host was not asked.
func (p *proxy) refuse(hostport string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.refused) < maxRefused {
		p.refused[hostport] = err
	}
}

// whyNot is why a host was not asked, nil if it was.
func (p *proxy) whyNot(hostport string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused[hostport]
}

// dial connects to a host and counts what comes from it.
func (p *proxy) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	d := net.Dialer{Control: p.control, Timeout: dialTime}
	conn, err := d.DialContext(ctx, network, hostport)
	if err != nil {
		p.refuse(hostport, err)
		return nil, err
	}
	return p.count(conn), nil
}

// dialUpstream connects to the user's proxy, which is the user's choice, wherever it is.
func (p *proxy) dialUpstream(ctx context.Context, network, hostport string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, hostport)
	if err != nil {
		return nil, err
	}
	return p.count(conn), nil
}

// count counts what passes over a connection, and ends it with the page.
func (p *proxy) count(conn net.Conn) net.Conn {
	context.AfterFunc(p.ctx, func() { conn.Close() })
	return &counted{conn, &p.left}
}

// reach connects to a host for a tunnel, directly or through the user's proxy.
func (p *proxy) reach(hostport string) (net.Conn, error) {
	address := "https://" + hostport + "/"
	via, err := p.via(address)
	if err == nil && via == nil {
		return p.dial(p.ctx, "tcp", hostport)
	}
	var conn net.Conn
	if err == nil {
		ctx, cancel := context.WithTimeout(p.ctx, 2*dialTime)
		defer cancel()
		conn, err = p.up.Tunnel(ctx, via, address)
	}
	if err != nil {
		p.refuse(hostport, err)
		return nil, err
	}
	return p.count(conn), nil
}

// control refuses addresses that are not public, after the name was looked up.
func (p *proxy) control(network, address string, conn syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err == nil && p.local != 0 && to.Port() == p.local && to.Addr().Unmap().IsLoopback() {
		return nil
	}
	return p.guard.Safe(network, address, conn)
}

// ServeHTTP passes on one request, or breaks the connection: the browser would take an answer for the page's.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hostport := r.Host
	if r.Method != http.MethodConnect {
		hostport = withPort(r.URL)
	}
	if !p.isKnown(hostport) {
		panic(http.ErrAbortHandler)
	}
	if r.Method == http.MethodConnect {
		p.tunnel(w, hostport)
		return
	}
	if r.URL.Scheme != "http" {
		panic(http.ErrAbortHandler)
	}
	p.forward(w, r)
}

// forward passes on a plain request.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	for _, name := range []string{"Proxy-Connection", "Proxy-Authorization", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade"} {
		out.Header.Del(name)
	}
	resp, err := p.send(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Trailer", "Upgrade"} {
		resp.Header.Del(name)
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	to := &flushing{w, http.NewResponseController(w)}
	if _, err := io.Copy(to, resp.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// send sends a plain request, directly or to the user's proxy.
func (p *proxy) send(r *http.Request) (*http.Response, error) {
	via, err := p.via(r.URL.String())
	if err == nil && via == nil {
		return p.trip.RoundTrip(r)
	}
	var resp *http.Response
	if err == nil {
		resp, err = p.relay.RoundTrip(r)
	}
	if err == nil && resp.StatusCode == http.StatusProxyAuthRequired { // the browser would take it for ours
		err = errors.Join(errors.New("proxy: it asks who we are: status 407"), resp.Body.Close())
	}
	if err != nil {
		p.refuse(withPort(r.URL), err)
		return nil, err
	}
	return resp, nil
}

// flushing sends on what it gets at once: pages wait for pieces of a body.
type flushing struct {
	w io.Writer
	c *http.ResponseController
}

func (f *flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	return n, errors.Join(err, f.c.Flush())
}

// tunnel connects the browser with a host, for TLS and WebSockets.
func (p *proxy) tunnel(w http.ResponseWriter, hostport string) {
	there, err := p.reach(hostport)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer here.Close()
	defer context.AfterFunc(p.ctx, func() { here.Close() })()
	if _, err := here.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(there, buffered) // whichever side ends, ends both
		there.Close()
		close(done)
	}()
	_, _ = io.Copy(here, there)
	here.Close()
	<-done
}

// counted takes what passes from a budget that all connections share, and ends when it is used up.
type counted struct {
	net.Conn
	left *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	if c.left.Load() <= 0 {
		return 0, errTooMuch
	}
	n, err := c.Conn.Read(b)
	c.left.Add(-int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	if c.left.Add(-int64(len(b))) <= 0 {
		return 0, errTooMuch
	}
	return c.Conn.Write(b)
}
