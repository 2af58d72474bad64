package main

// What a run spent its time on.

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// longRun is how long a run takes that says what took how long.
const longRun = time.Minute

// took is the time that the parts of a run took.
type took struct{ capture, read time.Duration }

// slowest are the sources that took longest, at most n, the longest first.
func slowest(results []*result, n int) []*result {
	list := slices.Clone(results)
	slices.SortStableFunc(list, func(a, b *result) int { return int(min(max(b.Took-a.Took, -1), 1)) })
	return list[:min(n, len(list))]
}

// hostTimes are how long the hosts took whose sources took longest together, at most n, with their sources.
func hostTimes(results []*result, n int) (list []hostTime) {
	for _, res := range results {
		host := res.Terms.Service
		if u, err := url.Parse(res.URL); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		}
		i := slices.IndexFunc(list, func(h hostTime) bool { return h.host == host })
		if i < 0 {
			i, list = len(list), append(list, hostTime{host: host})
		}
		list[i].took, list[i].sources = list[i].took+res.Took, list[i].sources+1
	}
	slices.SortStableFunc(list, func(a, b hostTime) int { return int(min(max(b.took-a.took, -1), 1)) })
	return list[:min(n, len(list))]
}

// A hostTime is how long the sources of a host took, which are asked for one after the other.
type hostTime struct {
	host    string
	took    time.Duration
	sources int
}

// summary says what took how long.
func (t took) summary(results []*result) string {
	var long, hosts []string
	for _, res := range slowest(results, 3) {
		long = append(long, fmt.Sprintf("%s %s", res.Terms, seconds(res.Took)))
	}
	for _, h := range hostTimes(results, 3) {
		hosts = append(hosts, fmt.Sprintf("%s %s (%s)", h.host, seconds(h.took), amount(h.sources, "source", "sources")))
	}
	return fmt.Sprintf("%s in %s: capturing %s, reading %s; sources that took longest: %s; hosts: %s", amount(len(results), "source", "sources"),
		seconds(t.capture+t.read), seconds(t.capture), seconds(t.read), strings.Join(long, ", "), strings.Join(hosts, ", "))
}

// seconds is a time to a tenth of a second.
func seconds(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }
