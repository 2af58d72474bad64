package main

// How commands reach the web: the limits that a user may set, and the proxy of the environment.

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/net/http/httpproxy"

	"github.com/drittland/drittland/fetch"
)

// fullAfter is how long we take a server's word that a page has not changed; then it is asked for whole again.
const fullAfter = 30 * 24 * time.Hour

const limits = "LIMITS"

// limitFlags are the flags of what a fetch may take. Their defaults are those of fetch.Options.
func limitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{Name: "delay", Category: limits, Value: 2 * time.Second, Usage: "`TIME` between two requests to one server; more where its robots.txt asks for it"},
		&cli.DurationFlag{Name: "timeout", Category: limits, Value: time.Minute, Usage: "longest `TIME` for one request and its answer"},
		&cli.DurationFlag{Name: "page-timeout", Category: limits, Value: 5 * time.Minute, Usage: "longest `TIME` for one page with its waits, redirects and retries"},
		&cli.DurationFlag{Name: "max-wait", Category: limits, Value: time.Minute, Usage: "longest `TIME` to wait for a server that asks for patience; beyond it the page is due again when the server says"},
		&cli.IntFlag{Name: "retries", Category: limits, Value: 2, Usage: "at most `N` further attempts after a failure that may pass"},
		&cli.IntFlag{Name: "max-redirects", Category: limits, Value: 10, Usage: "follow at most `N` redirects"},
		&cli.IntFlag{Name: "max-download", Category: limits, Value: 16, Usage: "at most `MB` of one page as sent"},
		&cli.IntFlag{Name: "max-page", Category: limits, Value: 32, Usage: "at most `MB` of one page after decompression (up to 64)"},
		&cli.StringFlag{Name: "contact", Category: limits, Usage: "`ADDRESS` of a page or a mailbox at which servers can reach you, sent with each request"},
	}
}

// webOptions are the options of a client as the flags and the environment say.
func (t *tool) webOptions(c *cli.Context) (fetch.Options, error) {
	o := fetch.Options{Now: t.env.Now, Program: "drittland " + version(), Proxy: t.proxy(), AllowLoopback: t.env.Loopback, Delay: c.Duration("delay"), Timeout: c.Duration("timeout"),
		Total: c.Duration("page-timeout"), MaxWait: c.Duration("max-wait"), Retries: c.Int("retries"), MaxRedirects: c.Int("max-redirects"),
		MaxWire: int64(c.Int("max-download")) << 20, MaxBody: int64(c.Int("max-page")) << 20}
	for name, d := range map[string]time.Duration{"timeout": o.Timeout, "page-timeout": o.Total, "max-wait": o.MaxWait} {
		if d <= 0 || d > 24*time.Hour {
			return o, fmt.Errorf("--%s %s: expected a time above 0 and up to 24h", name, d)
		}
	}
	for name, n := range map[string]int{"max-download": c.Int("max-download"), "max-page": c.Int("max-page")} {
		if n < 1 || n > 64 {
			return o, fmt.Errorf("--%s %d: expected 1 to 64", name, n)
		}
	}
	if o.Delay < 0 || o.Delay > time.Hour {
		return o, fmt.Errorf("--delay %s: expected a time up to 1h", o.Delay)
	}
	for name, n := range map[string]*int{"retries": &o.Retries, "max-redirects": &o.MaxRedirects} {
		if *n < 0 || *n > 50 {
			return o, fmt.Errorf("--%s %d: expected 0 to 50", name, *n)
		}
		if *n == 0 {
			*n = -1 // fetch takes 0 for its default
		}
	}
	if o.Delay == 0 {
		o.Delay = -1
	}
	var err error
	o.UserAgent, err = userAgent(c.String("contact"))
	return o, err
}

// userAgent names the program and whom to write to.
func userAgent(contact string) (string, error) {
	if len(contact) > 200 || strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("();,", r) }) {
		return "", errors.New("--contact: expected an address such as https://example.org/about or mail@example.org")
	}
	if contact == "" {
		return "", nil
	}
	return "drittland (+https://github.com/drittland/drittland; " + contact + ")", nil
}

// proxy is the proxy that the environment names for an address: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, also in lower case. This
// machine is always asked directly.
func (t *tool) proxy() func(*url.URL) (*url.URL, error) {
	get := func(name string) string {
		if v := t.env.Getenv(name); v != "" {
			return v
		}
		return t.env.Getenv(strings.ToLower(name))
	}
	config := httpproxy.Config{HTTPProxy: get("HTTP_PROXY"), HTTPSProxy: get("HTTPS_PROXY"), NoProxy: get("NO_PROXY"),
		CGI: t.env.Getenv("REQUEST_METHOD") != ""}
	if config.HTTPProxy == "" && config.HTTPSProxy == "" {
		return nil
	}
	return config.ProxyFunc()
}
