package config

// This file reads which time stamp authorities are asked.

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/snapshots/stamp"
)

const (
	maxAuthorities = 20
	// DefaultStampTimeout is how long one request to an authority may take.
	DefaultStampTimeout = 20 * time.Second
)

// Timestamps say which authorities are asked for time stamps, in their order.
type Timestamps struct {
	Timeout     time.Duration // for one request
	Authorities []Authority
}

// An Authority gives time stamps (RFC 3161).
type Authority struct {
	Name        string
	URL         string
	Roots       string        // file with the certificates at which its chain must end, as written
	Policy      string        // wanted; "" for any
	Qualified   bool          // under Art. 42 of Regulation (EU) No 910/2014, as whoever wrote the file says
	MinInterval time.Duration // between two requests
}

var authorityName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,59}$`)

// ReadTimestamps reads a file about time stamps. The error is of type Problems.
func ReadTimestamps(file string, source []byte) (*Timestamps, error) {
	r := newReader(file, source)
	root := r.parse(source)
	if root == nil {
		return nil, r.err()
	}
	t := &Timestamps{Timeout: DefaultStampTimeout}
	r.fields(root, "the file about time stamps", map[string]func(*yaml.Node){
		"timeout": func(n *yaml.Node) { t.Timeout = r.duration(n, "timeout", time.Second, 2*time.Minute) },
		"authorities": func(n *yaml.Node) {
			r.list(n, maxAuthorities, func(n *yaml.Node) {
				a := r.authority(n)
				if slices.ContainsFunc(t.Authorities, func(o Authority) bool { return o.Name == a.Name }) {
					r.wrong(n, "there are two authorities called %q", a.Name)
				}
				t.Authorities = append(t.Authorities, a)
			})
		},
	})
	if len(t.Authorities) == 0 {
		r.wrong(root, "no authorities: name at least one; 'drittland evidence authorities' prints an example")
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return t, nil
}

func (r *reader) authority(n *yaml.Node) Authority {
	var a Authority
	r.fields(n, "an authority", map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) {
			if a.Name = r.text(n); a.Name != "" && !authorityName.MatchString(a.Name) {
				r.wrong(n, "name: expected up to 60 of a-z, 0-9, dot, dash and underscore")
			}
		},
		"url":   func(n *yaml.Node) { a.URL = r.endpoint(n) },
		"roots": func(n *yaml.Node) { a.Roots = r.text(n) },
		"policy": func(n *yaml.Node) {
			a.Policy = r.text(n)
			if _, err := stamp.ParsePolicy(a.Policy); a.Policy != "" && err != nil {
				r.wrong(n, "policy: %v", err)
			}
		},
		"qualified": func(n *yaml.Node) {
			if n.Decode(&a.Qualified) != nil || n.Tag != "!!bool" {
				r.wrong(n, "qualified: expected true or false")
			}
		},
		"min_interval": func(n *yaml.Node) { a.MinInterval = r.duration(n, "min_interval", 0, 31*24*time.Hour) },
	})
	for _, must := range []struct{ value, what string }{{a.Name, "name"}, {a.URL, "url"}, {a.Roots, "roots"}} {
		if must.value == "" {
			r.wrong(n, "an authority without %s", must.what)
		}
	}
	return a
}

func (r *reader) duration(n *yaml.Node, what string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(r.text(n))
	if err != nil || d < least || d > most {
		r.wrong(n, "%s: expected a time from %s to %s, such as 20s", what, least, most)
	}
	return d
}

// endpoint is the address of an authority. http is enough: what comes back is signed.
func (r *reader) endpoint(n *yaml.Node) string {
	s := r.text(n)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(s) > maxLength:
		r.wrong(n, "url: expected an address such as https://tsa.example.org/tsr")
	case u.User != nil:
		r.wrong(n, "url: a user name and a password belong into the environment; 'drittland evidence stamp --help' names the variables")
	}
	return s
}

// Sealed reports whether a password may be sent to the authority: over TLS, or to this machine.
func (a Authority) Sealed() bool {
	u, err := url.Parse(a.URL)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || ip != nil && ip.IsLoopback()
}
