package main

// Where 'drittland review' may be reached, and by whom. On another address than this machine's own, only with accounts, and only
// encrypted.

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/review"
)

func listenFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "listen", Value: defaultReview, Usage: "serve on this `ADDRESS` (port 0: any free one); other machines reach it only with accounts, and TLS or a reverse proxy"},
		accountsFlag(),
		&cli.StringFlag{Name: "audit", Usage: "`FILE` of the audit log, with accounts (default: audit.jsonl beside them)"},
		&cli.StringSliceFlag{Name: "host", Usage: "`NAME` under which browsers may ask for it, beside those of the certificate; give it once for each"},
	}, encryptionFlags()...)
}

// encryptionFlags say how what is served is encrypted.
func encryptionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the certificate and its chain, PEM; read again when it is renewed"},
		&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with its key, PEM"},
		&cli.StringFlag{Name: "behind-proxy", Usage: "`ORIGIN` of a reverse proxy that encrypts, such as https://review.example.org; it must set X-Forwarded-For"},
		&cli.StringSliceFlag{Name: "proxy-address", Usage: "`ADDRESS` or network of that proxy, if it is on another machine; give it once for each"},
	}
}

// A place is where the pages are served.
type place struct {
	address string
	hosts   []string       // names for it, beside those of this machine
	origin  string         // of the reverse proxy, "" for none
	proxies []netip.Prefix // where that is, beside this machine
	tls     *tls.Config    // nil for none
	gate    *review.Gate   // nil where nobody logs in
}

// place is what the flags say, if that is safe.
func (t *tool) place(c *cli.Context) (*place, error) {
	p := &place{address: c.String("listen")}
	host, _, err := net.SplitHostPort(p.address)
	if err != nil {
		return nil, usage(fmt.Errorf("--listen %s: %w", p.address, err), commandName(c))
	}
	accounts, named := t.accountsFile(c)
	if _, err := os.Stat(accounts); errors.Is(err, fs.ErrNotExist) && !named {
		accounts = ""
	}
	if err := p.proxy(c); err != nil {
		return nil, err
	}
	if err := p.certificate(c); err != nil {
		return nil, err
	}
	if err := p.names(c, host); err != nil {
		return nil, err
	}
	if err := p.safe(loopback(host), accounts); err != nil {
		return nil, err
	}
	switch {
	case accounts == "" && c.String("audit") != "":
		return nil, usage(errors.New("--audit goes with accounts"), commandName(c))
	case accounts == "":
		return p, nil
	case c.String("by") != "":
		return nil, &coded{errors.New("--by says nothing where people log in: decisions are recorded under their handles"), exitUsage, "leave it out"}
	}
	audit := c.String("audit")
	if audit == "" {
		audit = filepath.Join(filepath.Dir(accounts), "audit.jsonl")
	}
	p.gate, err = review.NewGate(review.GateOptions{Accounts: accounts, Audit: audit, Secure: p.tls != nil || p.origin != "", Behind: p.origin != "", Proxies: p.proxies,
		Now: t.env.Now, Log: slog.New(slog.NewTextHandler(t.env.Stderr, nil))})
	return p, accountsTold(err)
}

// safe says why a place is not, and what to do.
func (p *place) safe(loopback bool, accounts string) error {
	if (!loopback || p.origin != "") && accounts == "" {
		return &coded{fmt.Errorf("--listen %s: others than you could ask for the pages, and nobody would have to log in", p.address), exitUsage,
			"make accounts with 'drittland review account add HANDLE', or listen on 127.0.0.1"}
	}
	if err := p.encrypted(loopback, "passwords would pass through the network as they are typed"); err != nil {
		return err
	}
	if !loopback && len(p.hosts) == 0 {
		return &coded{fmt.Errorf("--listen %s: there is no name under which browsers may ask for it", p.address), exitUsage, "give --host NAME"}
	}
	return nil
}

// encrypted says why what is secret would not be, and what to do.
func (p *place) encrypted(loopback bool, why string) error {
	switch {
	case !loopback && p.tls == nil && p.origin == "":
		return &coded{fmt.Errorf("--listen %s: %s", p.address, why), exitUsage,
			"give --tls-cert and --tls-key; or listen on 127.0.0.1, with a reverse proxy that encrypts and --behind-proxy https://NAME"}
	case !loopback && p.tls == nil && len(p.proxies) == 0:
		return &coded{fmt.Errorf("--listen %s: others could ask past the reverse proxy", p.address), exitUsage,
			"listen on 127.0.0.1 if the proxy is on this machine, or name its address with --proxy-address"}
	}
	return nil
}

// proxy reads what is said of a reverse proxy.
func (p *place) proxy(c *cli.Context) error {
	said := c.String("behind-proxy")
	if said == "" {
		if len(c.StringSlice("proxy-address")) > 0 {
			return usage(errors.New("--proxy-address goes with --behind-proxy"), commandName(c))
		}
		return nil
	}
	u, err := url.Parse(said)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return usage(fmt.Errorf("--behind-proxy %s: expected https:// and a name, such as https://review.example.org", said), commandName(c))
	}
	p.origin, p.hosts = "https://"+strings.TrimSuffix(strings.ToLower(u.Host), ":443"), []string{strings.ToLower(u.Hostname())} // as browsers say it
	for _, s := range c.StringSlice("proxy-address") {
		network, err := netip.ParsePrefix(s)
		if a, e := netip.ParseAddr(s); e == nil {
			network, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || network.Bits() == 0 {
			return usage(fmt.Errorf("--proxy-address %s: expected an address or a network, such as 10.0.0.5 or 172.18.0.0/16", s), commandName(c))
		}
		p.proxies = append(p.proxies, network)
	}
	return nil
}

// names gathers under which names the place may be asked for.
func (p *place) names(c *cli.Context, host string) error {
	for _, s := range c.StringSlice("host") {
		name := strings.ToLower(strings.Trim(s, "[]"))
		if _, err := netip.ParseAddr(name); err != nil && (name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "") {
			return usage(fmt.Errorf("--host %s: expected a name without port, such as review.example.org", s), commandName(c))
		}
		p.hosts = append(p.hosts, name)
	}
	if a, err := netip.ParseAddr(host); err == nil && !a.IsUnspecified() {
		p.hosts = append(p.hosts, a.String())
	} else if host != "" && err != nil {
		p.hosts = append(p.hosts, strings.ToLower(host))
	}
	return nil
}

// certificate reads the certificate, and gathers the names that it is for.
func (p *place) certificate(c *cli.Context) error {
	x := &certificate{cert: c.String("tls-cert"), key: c.String("tls-key")}
	switch {
	case x.cert == "" && x.key == "":
		return nil
	case x.cert == "" || x.key == "":
		return usage(errors.New("--tls-cert and --tls-key go together"), commandName(c))
	}
	now, err := x.get(nil)
	if err != nil {
		return &coded{err, exitFailed, "both are PEM files: the certificate with its chain, and the key that belongs to it, without a password"}
	}
	p.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: x.get}
	for _, name := range now.Leaf.DNSNames {
		if !strings.Contains(name, "*") {
			p.hosts = append(p.hosts, strings.ToLower(name))
		}
	}
	for _, ip := range now.Leaf.IPAddresses {
		p.hosts = append(p.hosts, ip.String())
	}
	return nil
}

// guard is the gate for a server; nil where nobody logs in.
func (p *place) guard() review.Guard {
	if p.gate == nil {
		return nil
	}
	return p.gate
}

// front puts before the pages what the place asks for.
func (p *place) front(h http.Handler) http.Handler {
	if p.origin == "" {
		return h
	}
	return review.Behind(p.origin, p.proxies, h)
}

// url is where people find the pages that are served at an address.
func (p *place) url(at net.Addr) string {
	if p.origin != "" {
		return p.origin + "/"
	}
	scheme := "http"
	if p.tls != nil {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(at.String())
	if a, err := netip.ParseAddr(host); err == nil && !a.IsLoopback() && len(p.hosts) > 0 {
		host = p.hosts[0]
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/"
}

// A certificate is read from its files, and again when they have changed.
type certificate struct {
	cert, key string

	mu   sync.Mutex
	read []os.FileInfo
	now  *tls.Certificate
}

// get is the certificate. If the files cannot be read any more, or do not belong together yet, it is the last one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var files []os.FileInfo
	for _, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil && c.now == nil {
			return nil, err
		}
		files = append(files, info)
	}
	same := func(a, b os.FileInfo) bool {
		return a != nil && b != nil && os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
	}
	if c.now != nil && slices.EqualFunc(files, c.read, same) {
		return c.now, nil
	}
	got, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case err == nil:
		c.now, c.read = &got, files
	case c.now == nil:
		return nil, fmt.Errorf("--tls-cert %s: %w", c.cert, err)
	}
	return c.now, nil
}
