// This file connects: directly to a public address, or through a proxy that resolves the name itself.

package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"github.com/drittland/drittland/snapshots"
)

// The protocols, by their names in TLS (ALPN) and in the records. HTTP/1.1 goes first, because what it
// sends can be kept byte by byte.
const (
	h1 = "http/1.1"
	h2 = "h2"
)

// noProtocol is the alert by which a server says that it speaks none of the protocols offered (RFC 7301).
const noProtocol tls.AlertError = 120

// errHTTP2 says that a server answers in HTTP/2 what was asked in HTTP/1.1.
var errHTTP2 = errors.New("the server speaks HTTP/2 only")

func refusesProtocol(f *Failure) bool {
	op := alerted(f.Err)
	return op != nil && op.Err.Error() == noProtocol.Error() || errors.Is(f.Err, errHTTP2)
}

// alerted is the error by which a server ends a handshake with an alert, nil if err is another one.
func alerted(err error) *net.OpError {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // crypto/tls says so
		return op
	}
	return nil
}

// A wire is an open connection to a server.
type wire struct {
	bare        net.Conn // below TLS, which can be closed from another goroutine without waiting
	conn        net.Conn
	absolute    bool   // a proxy reads the requests and wants whole addresses
	credentials string // for that proxy
}

// control refuses connections to addresses that are not public, after the name was looked up.
func (c *Client) control(network, address string, conn syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); c.opt.AllowLoopback && err == nil && to.Addr().Unmap().IsLoopback() {
		return nil
	}
	return c.guard.Safe(network, address, conn)
}

// connect dials and, for https, shakes hands. It notes in e what it met.
func (c *Client) connect(ctx context.Context, u *url.URL, protocol string, e *snapshots.Exchange) (*wire, error) {
	w, err := c.reach(ctx, u, e)
	if err != nil || u.Scheme == "http" {
		return w, err
	}
	began := c.opt.Now()
	sec := tls.Client(w.conn, &tls.Config{
		ServerName: u.Hostname(), RootCAs: c.opt.RootCAs, NextProtos: []string{protocol}, MinVersion: tls.VersionTLS12,
	})
	if err := sec.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("tls: %w", err), w.bare.Close())
	}
	state := sec.ConnectionState()
	if protocol == h2 && state.NegotiatedProtocol != h2 {
		return nil, errors.Join(errors.New("tls: the server does not speak HTTP/2"), w.bare.Close())
	}
	e.Timing.TLS = c.opt.Now().Sub(began)
	e.TLS = strings.ToLower(strings.Replace(tls.VersionName(state.Version), "TLS ", "tls/", 1))
	e.Cipher = tls.CipherSuiteName(state.CipherSuite)
	e.TLSChain = pemChain(state.PeerCertificates)
	w.conn = sec
	return w, nil
}

// maxAddresses is how many addresses of a name are recorded.
const maxAddresses = 16

// reach opens a connection on which the server, or a proxy for it, can be spoken to.
func (c *Client) reach(ctx context.Context, u *url.URL, e *snapshots.Exchange) (*wire, error) {
	began := c.opt.Now()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{DNSDone: func(info httptrace.DNSDoneInfo) {
		e.Timing.DNS = c.opt.Now().Sub(began)
		for _, a := range info.Addrs[:min(len(info.Addrs), maxAddresses)] {
			e.DNS = append(e.DNS, a.IP.String())
		}
	}})
	w, err := c.dial(ctx, u, e)
	if err != nil {
		return nil, err
	}
	e.Timing.Connect = c.opt.Now().Sub(began) - e.Timing.DNS
	return w, nil
}

func (c *Client) dial(ctx context.Context, u *url.URL, e *snapshots.Exchange) (*wire, error) {
	via, err := c.proxyFor(u)
	if err != nil {
		return nil, err
	}
	if via != nil {
		e.Proxy = via.Scheme
		return c.throughProxy(ctx, via, u)
	}
	dialer := net.Dialer{Control: c.control, KeepAlive: -1}
	conn, err := dialer.DialContext(ctx, "tcp", hostPort(u))
	if err != nil {
		return nil, err
	}
	if to, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
		e.RemoteIP = to.Addr().Unmap().String()
	}
	return &wire{bare: conn, conn: conn}, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func pemChain(chain []*x509.Certificate) (out []byte) {
	for _, cert := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return out
}
