package objects

// This file reads from the environment how a bucket is reached, and makes the client.

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/net/http/httpproxy"
)

// An access is the server of a bucket, and who is asking. It is never printed.
type access struct {
	host   string // with the port, where one is given
	plain  bool   // HTTP, not HTTPS
	own    bool   // not Amazon's server
	region string

	id, secret, token string
}

var (
	regionForm = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	hostForm   = regexp.MustCompile(`^[A-Za-z0-9.-]{1,253}$`)
)

// accessFrom reads the environment. No value of it is in an error.
func accessFrom(getenv func(string) string) (access, error) {
	a := access{region: getenv("AWS_REGION"), id: getenv("AWS_ACCESS_KEY_ID"), secret: getenv("AWS_SECRET_ACCESS_KEY"), token: getenv("AWS_SESSION_TOKEN")}
	if a.id == "" || a.secret == "" {
		return access{}, fmt.Errorf("%w: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ErrCredentials)
	}
	for name, v := range map[string]string{"AWS_ACCESS_KEY_ID": a.id, "AWS_SECRET_ACCESS_KEY": a.secret, "AWS_SESSION_TOKEN": a.token} {
		if len(v) > 4096 || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return access{}, fmt.Errorf("%w: %s holds a space or a character that no key has", ErrCredentials, name)
		}
	}
	name := "AWS_ENDPOINT_URL_S3"
	endpoint := getenv(name)
	if endpoint == "" {
		name = "AWS_ENDPOINT_URL"
		endpoint = getenv(name)
	}
	if endpoint != "" {
		a.own = true
		if a.region == "" {
			a.region = "us-east-1" // what such servers go by when they have no regions
		}
		if err := a.endpoint(name, endpoint); err != nil {
			return access{}, err
		}
	} else {
		a.host = "s3.amazonaws.com"
	}
	switch {
	case a.region == "":
		return access{}, fmt.Errorf("%w: set AWS_REGION to the region of the bucket, or AWS_ENDPOINT_URL to the address of a server other than Amazon's", ErrAddress)
	case !regionForm.MatchString(a.region):
		return access{}, fmt.Errorf("%w: AWS_REGION holds no name of a region, such as eu-central-1", ErrAddress)
	}
	return a, nil
}

// endpoint reads the address of a server from the variable called name.
func (a *access) endpoint(name, s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return fmt.Errorf("%w: %s has to be the address of a server and no more, such as https://objects.example:9000", ErrAddress, name)
	}
	if h := u.Hostname(); net.ParseIP(h) == nil && !hostForm.MatchString(h) {
		return fmt.Errorf("%w: %s has no host", ErrAddress, name)
	}
	a.host, a.plain = u.Host, u.Scheme == "http"
	return nil
}

// client makes a client that keeps to limits, follows no redirect, and goes through the proxy of the environment, if there is one.
func (a access) client(getenv func(string) string, l limits) (*minio.Core, error) {
	proxy := (&httpproxy.Config{HTTPProxy: getenv("HTTP_PROXY"), HTTPSProxy: getenv("HTTPS_PROXY"), NoProxy: getenv("NO_PROXY")}).ProxyFunc()
	lookup := minio.BucketLookupAuto
	if a.own {
		lookup = minio.BucketLookupPath
	}
	return minio.NewCore(a.host, &minio.Options{
		Creds:  credentials.NewStaticV4(a.id, a.secret, a.token),
		Secure: !a.plain, Region: a.region, BucketLookup: lookup, MaxRetries: l.tries,
		Transport: capped{&http.Transport{
			Proxy:                 func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
			DialContext:           (&net.Dialer{Timeout: min(l.header, 10*time.Second), KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   min(l.header, 10*time.Second),
			ResponseHeaderTimeout: l.header,
			IdleConnTimeout:       time.Minute,
			MaxIdleConns:          64,
			MaxIdleConnsPerHost:   64,
			DisableCompression:    true, // a part of an object is a part of its bytes
		}},
	})
}

// capped ends an answer that is no part of an object where none goes on.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err == nil && (r.Header.Get("Range") == "" || res.StatusCode >= 300) {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxReply), res.Body}
	}
	return res, err
}

// clean makes what a server or a library says fit for a message: short, without what does not print, and without credentials.
func (a access) clean(s string) string {
	for _, secret := range []string{a.secret, a.token, a.id} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "…")
		}
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
