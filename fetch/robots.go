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
		e.rules, e.fail = c.fetchRobots(ctx, origin)
		e.at = c.opt.Now()
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

// fetchRobots reads the rules. A host without robots.txt allows everything; one that answers with a
// server's error or 429, or not at all, has not answered.
func (c *Client) fetchRobots(ctx context.Context, u *url.URL) (*robotstxt.RobotsData, *Failure) {
	none, err := robotstxt.FromBytes(nil)
	if err != nil {
		return nil, fail(Broken, u.String(), err)
	}
	for hop := range robotsRedirects + 1 {
		r, f := c.politely(ctx, &ask{url: u})
		if f != nil && (f.Kind == Transient || hop == 0 && r == nil) {
			return nil, f
		}
		if f != nil {
			return none, nil
		}
		next, f := c.redirect(u, r)
		if f != nil {
			return none, nil
		}
		if next != nil {
			u = next
			continue
		}
		body, f := c.decoded(r)
		if f != nil {
			return nil, f
		}
		rules, err := parseRobots(body)
		if err != nil {
			return nil, fail(Broken, u.String(), err)
		}
		return rules, nil
	}
	return none, nil
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
