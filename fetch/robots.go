// This file asks robots.txt (RFC 9309) before a page is fetched.

package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

const (
	robotsBytes     = 512 << 10      // of a robots.txt that are read
	robotsRedirects = 5              // that are followed to it
	robotsAge       = 24 * time.Hour // for which it holds
	robotsRetry     = 5 * time.Minute
)

// robots is what is known of one origin's robots.txt.
type robots struct {
	lock  chan struct{} // full while somebody reads or fetches
	rules *robotstxt.RobotsData
	fail  *Failure // why there are no rules
	at    time.Time
}

// permitted asks the robots.txt of the address's origin. A host that cannot say now is asked later.
func (c *Client) permitted(ctx context.Context, u *url.URL) *Failure {
	origin := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	e := c.robotsOf(origin.String())
	select {
	case e.lock <- struct{}{}:
		defer func() { <-e.lock }()
	case <-ctx.Done():
		return ofError(ctx, u.String(), ctx.Err())
	}
	age := c.opt.Now().Sub(e.at)
	if e.rules == nil && (e.fail == nil || age >= robotsRetry) || e.rules != nil && age >= robotsAge {
		c.learn(ctx, e, origin)
	}
	if f := e.fail; f != nil {
		if ctx.Err() != nil || errors.Is(f, ErrBudget) || errors.Is(f, ErrTurn) {
			e.fail = nil // says nothing about the host
		}
		return &Failure{Kind: f.Kind, URL: u.String(), RetryAfter: f.RetryAfter, Err: fmt.Errorf("its robots.txt cannot be read: %w", f)}
	}
	group := e.rules.FindGroup(c.product())
	c.slow(ctx, u, group.CrawlDelay)
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if !e.rules.TestAgent(path, c.product()) {
		return fail(Blocked, u.String(), fmt.Errorf("%w for %s", ErrRobots, c.product()))
	}
	return nil
}

func (c *Client) robotsOf(origin string) *robots {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.robots[origin]
	if e == nil {
		if len(c.robots) >= maxHosts {
			clear(c.robots) // a cache: they are fetched again when asked for
		}
		e = &robots{lock: make(chan struct{}, 1)}
		c.robots[origin] = e
	}
	return e
}

// product is the name by which robots.txt may call the client.
func (c *Client) product() string {
	name, _, _ := strings.Cut(c.opt.UserAgent, " ")
	name, _, _ = strings.Cut(name, "/")
	return strings.ToLower(name)
}

// RobotsSaid is what a client has read of a robots.txt: its rules, or why there are none.
type RobotsSaid struct {
	Rules []byte        `json:"rules,omitempty"`
	Kind  Kind          `json:"kind,omitempty"` // of the failure
	Why   string        `json:"why,omitempty"`
	Holds time.Duration `json:"-"` // 0 if it is not for others
}

// Robots share what clients have read of robots.txt files.
type Robots interface {
	// Robots gives what a client has read of the robots.txt at an address, and how long ago. If none has, or it holds no longer, it is what read gives, which
	// one client at a time is in for an address. If another takes long it is a *Busy error; any other error says that nobody knows.
	Robots(ctx context.Context, address string, read func() RobotsSaid) (said RobotsSaid, age time.Duration, err error)
}

// mostShared is how large rules are that others need not read again, in bytes; maxWhy is that of a reason.
const (
	mostShared = 64 << 10
	maxWhy     = 300
)

// learn reads the robots.txt of an origin, or what another client has read of it.
func (c *Client) learn(ctx context.Context, e *robots, u *url.URL) {
	var text []byte
	read := func() (said RobotsSaid) {
		text, e.fail = c.fetchRobots(ctx, u)
		switch f := e.fail; {
		case f == nil && len(text) <= mostShared:
			said = RobotsSaid{Rules: text, Holds: robotsAge}
		case f != nil && ctx.Err() == nil && !errors.Is(f, ErrBudget) && !errors.Is(f, ErrTurn):
			said = RobotsSaid{Kind: f.Kind, Why: strings.ToValidUTF8(fmt.Sprintf("%.*s", maxWhy, f.Error()), ""), Holds: robotsRetry}
		}
		return said
	}
	e.rules, e.fail = nil, nil
	if c.opt.Robots == nil || c.loopback(u) {
		read()
		e.at = c.opt.Now()
	} else {
		here := false
		said, age, err := c.opt.Robots.Robots(ctx, u.String(), func() RobotsSaid { here = true; return read() })
		e.at = c.opt.Now().Add(-age)
		switch {
		case here: // whatever became of what it said
		case err != nil:
			e.fail = c.notInTurn(ctx, u, err)
		case said.Kind != "":
			e.fail = &Failure{Kind: said.Kind, URL: u.String(), Err: errors.New(said.Why)}
		default:
			text = said.Rules
		}
	}
	if e.fail != nil {
		return
	}
	var err error
	if e.rules, err = robotstxt.FromBytes(text); err != nil {
		e.rules, e.fail = nil, fail(Broken, u.String(), err)
	}
}

// fetchRobots reads the rules. A host without robots.txt allows everything; one that answers with a
// server's error or 429, or not at all, has not answered.
func (c *Client) fetchRobots(ctx context.Context, u *url.URL) (text []byte, f *Failure) {
	for hop := range robotsRedirects + 1 {
		r, f := c.politely(ctx, &ask{url: u})
		if f != nil && (f.Kind == Transient || hop == 0 && r == nil) {
			return nil, f
		}
		if f != nil {
			return nil, nil
		}
		next, f := c.redirect(u, r)
		if f != nil {
			return nil, nil
		}
		if next != nil {
			u = next
			continue
		}
		body, f := c.decoded(r)
		if f != nil {
			return nil, f
		}
		return tidyRobots(body), nil
	}
	return nil, nil
}

func parseRobots(b []byte) (*robotstxt.RobotsData, error) { return robotstxt.FromBytes(tidyRobots(b)) }

// tidyRobots keeps the lines of a robots.txt that are rules, in a form that the parser takes: it
// gives up a whole file for one bad line, reads "Disallow: *" as nothing, and compares the names of
// agents with their versions.
func tidyRobots(b []byte) []byte {
	b = bytes.TrimPrefix(b[:min(len(b), robotsBytes)], []byte("\ufeff"))
	var out bytes.Buffer
	agents := false
	for line := range strings.FieldsFuncSeq(string(b), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, ":")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "user-agent", "useragent":
			value, _, _ = strings.Cut(value, "/")
			if value = strings.TrimSpace(value); value == "" {
				continue
			}
			key, agents = "user-agent", true
		case "allow", "disallow":
			if value == "" { // an empty rule forbids nothing, but ends the list of agents
				key, value = "allow", "/"
			}
			if strings.Trim(value, "*") == "" {
				value = "/"
			}
		case "crawl-delay", "crawldelay":
			if d, err := strconv.ParseFloat(value, 64); err != nil || !(d >= 0 && d <= 1e6) {
				continue
			}
			key = "crawl-delay"
		default:
			continue
		}
		if agents {
			fmt.Fprintf(&out, "%s: %s\n", key, strings.Join(strings.Fields(value), "%20"))
		}
	}
	return out.Bytes()
}
