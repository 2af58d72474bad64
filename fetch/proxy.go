// This file goes through a proxy. The proxy looks up the names: which address a name stands for, and
// whether that is a public one, is then the proxy's to say. What can be seen without looking up, an
// address in figures or a name that is never public, is refused here as without a proxy.

package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/proxy"
)

const maxConnect = 64 << 10 // bytes of a proxy's answer to CONNECT

// localNames end the names that are looked up within a network and never on the public internet.
var localNames = []string{"localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain", "corp", "private"}

// proxyFor is the proxy through which an address is fetched, nil for none.
func (c *Client) proxyFor(u *url.URL) (*url.URL, error) {
	if c.opt.Proxy == nil {
		return nil, nil
	}
	via, err := c.opt.Proxy(u)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	if via == nil {
		return nil, nil
	}
	return via, c.public(u)
}

// public refuses an address that a proxy must not be asked for.
func (c *Client) public(u *url.URL) error {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		network := "tcp4"
		if ip.Unmap().Is6() {
			network = "tcp6"
		}
		if c.loopback(u) {
			return nil
		}
		_, port, _ := net.SplitHostPort(hostPort(u))
		return c.guard.Safe(network, net.JoinHostPort(ip.Unmap().String(), port), nil)
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == name || last[:min(1, len(last))] == "" || last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("%w: %s is no name on the public internet", errPrivateName, shorten(name)) // 2130706433 and 0x7f.1 are ways to write addresses
	}
	for _, end := range localNames {
		if name == end || strings.HasSuffix(name, "."+end) {
			return fmt.Errorf("%w: %s is no name on the public internet", errPrivateName, shorten(name))
		}
	}
	return nil
}

var errPrivateName = errors.New("private name")

// throughProxy connects to a proxy, and through it to the server where the proxy is not to read along.
func (c *Client) throughProxy(ctx context.Context, via, u *url.URL) (*wire, error) {
	if via.Scheme == "socks5" || via.Scheme == "socks5h" {
		return throughSocks(ctx, via, u)
	}
	if via.Scheme != "http" && via.Scheme != "https" {
		return nil, fmt.Errorf("proxy: %q is none of http, https and socks5", shorten(via.Scheme))
	}
	bare, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", hostPort(via)) // the user's choice, wherever it is
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	w := &wire{bare: bare, conn: bare, credentials: credentials(via)}
	if via.Scheme == "https" {
		sec := tls.Client(bare, &tls.Config{ServerName: via.Hostname(), RootCAs: c.opt.RootCAs, MinVersion: tls.VersionTLS12})
		if err := sec.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("proxy: tls: %w", err), bare.Close())
		}
		w.conn = sec
	}
	if u.Scheme == "http" {
		w.absolute = true
		return w, nil
	}
	if err := tunnel(ctx, w, hostPort(u), c.opt.UserAgent); err != nil {
		return nil, errors.Join(fmt.Errorf("proxy: %w", err), bare.Close())
	}
	return w, nil
}

func throughSocks(ctx context.Context, via, u *url.URL) (*wire, error) {
	via = &url.URL{Scheme: "socks5", Host: hostPort(via), User: via.User}
	d, err := proxy.FromURL(via, &net.Dialer{KeepAlive: -1})
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	dialer, ok := d.(proxy.ContextDialer)
	if !ok {
		return nil, errors.New("proxy: it cannot be given up")
	}
	conn, err := dialer.DialContext(ctx, "tcp", hostPort(u))
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return &wire{bare: conn, conn: conn}, nil
}

func credentials(via *url.URL) string {
	if via.User == nil {
		return ""
	}
	password, _ := via.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(via.User.Username()+":"+password))
}

// tunnel asks a proxy to connect to the server.
func tunnel(ctx context.Context, w *wire, to, agent string) error {
	stop := context.AfterFunc(ctx, func() { w.bare.Close() })
	defer stop()
	ask := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nUser-Agent: " + agent + "\r\n"
	if w.credentials != "" {
		ask += "Proxy-Authorization: " + w.credentials + "\r\n"
	}
	if _, err := io.WriteString(w.conn, ask+"\r\n"); err != nil {
		return err
	}
	br := bufio.NewReader(&tape{r: w.conn, left: maxConnect})
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect}) //nolint:bodyclose // a tunnel has none
	if err != nil {
		return fmt.Errorf("read its answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return proxyRefusal(resp.StatusCode)
	}
	if br.Buffered() > 0 {
		return errors.New("it sent more than its answer")
	}
	return nil
}

// A proxyRefusal is the status by which a proxy refuses to connect.
type proxyRefusal int

func (p proxyRefusal) Error() string {
	return strings.TrimRight(fmt.Sprintf("it refuses to connect: status %d %s", int(p), http.StatusText(int(p))), " ")
}
