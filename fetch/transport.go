// This file connects for what is no page of a service: the questions to a time stamp authority.

package fetch

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"

	"code.dny.dev/ssrf"
)

// Transport makes HTTP requests that reach public addresses only, on any port, directly or through the proxy of the options, as a
// Client does. Of the options it takes AllowLoopback, Proxy, RootCAs, HeaderTimeout and MaxHeader.
func Transport(o Options) http.RoundTripper {
	c := New(o)
	c.guard = ssrf.New(ssrf.WithAnyPort())
	to := func(d *net.Dialer, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
		d.Timeout, d.KeepAlive = 30*time.Second, -1
		t := &http.Transport{DialContext: d.DialContext, Proxy: proxy, DisableCompression: true, DisableKeepAlives: true,
			ResponseHeaderTimeout: c.opt.HeaderTimeout, MaxResponseHeaderBytes: c.opt.MaxHeader, TLSHandshakeTimeout: 30 * time.Second}
		t.TLSClientConfig = &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12}
		return t
	}
	via := func(r *http.Request) (*url.URL, error) { return c.proxyFor(r.URL) }
	return &transport{c, to(&net.Dialer{Control: c.control}, nil), to(&net.Dialer{}, via)}
}

type transport struct {
	client         *Client
	direct, behind http.RoundTripper // the proxy itself may be anywhere
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	via, err := t.client.proxyFor(r.URL)
	if err != nil {
		return nil, err
	}
	if via == nil {
		return t.direct.RoundTrip(r)
	}
	return t.behind.RoundTrip(r)
}
