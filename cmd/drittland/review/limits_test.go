package review

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestTooManyLogIns(t *testing.T) {
	o := newOffice(t, nil)
	for i := range burstByAddress {
		if r := o.tries("rob", "wrong"); r.StatusCode != http.StatusForbidden {
			t.Fatalf("attempt %d: %d", i+1, r.StatusCode)
		}
	}
	for range 5 {
		r := o.tries("rob", rightPassword)
		if s := body(r); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" || !strings.Contains(s, "too many attempts") {
			t.Fatalf("%d %s", r.StatusCode, s)
		}
	}
	if o.compared != burstByAddress {
		t.Errorf("%d passwords compared", o.compared)
	}
	if l := o.lines(); len(l) != 2+burstByAddress || l[len(l)-1] != "|127.0.0.1|too many log-ins|" {
		t.Errorf("the log holds %q", l)
	}
	o.from = "192.0.2.7:1" // one address keeps nobody out
	o.logsIn("rob")
	o.from, o.now = "127.0.0.1:1", o.now.Add(everyByAddress)
	o.logsIn("rob")

	o = newOffice(t, nil)
	for i := range burstByHandle {
		o.from = fmt.Sprintf("192.0.2.%d:1", i)
		o.tries("Rob", "wrong") // a handle in any case
	}
	o.from = "192.0.2.200:1"
	if r := o.tries("rob", rightPassword); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("guessed at from everywhere: %d", r.StatusCode)
	}
	o.logsIn("rea")
	o.from = "[2001:db8::1]:1"
	for i := range burstByAddress {
		o.from = fmt.Sprintf("[2001:db8::%x]:1", i+1)
		o.tries("x y", "wrong")
	}
	if r := o.tries("rea", rightPassword); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("from one network of IPv6: %d", r.StatusCode)
	}
	o.from = "[2001:db8:0:1::1]:1"
	o.logsIn("rea")
}

func TestLimitsAreBounded(t *testing.T) {
	l := Limit{Every: time.Hour, Burst: 2}
	now := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	for i := range maxLimited + 100 {
		now = now.Add(time.Millisecond)
		l.Allow("kept", now)
		l.Allow(fmt.Sprint(i), now)
	}
	if len(l.all) != maxLimited {
		t.Errorf("%d names", len(l.all))
	}
	if ok, _ := l.Allow("kept", now); ok {
		t.Error("who tries on is forgotten")
	}
	now = now.Add(3 * time.Hour)
	if ok, _ := l.Allow("new", now); !ok || len(l.all) != 1 {
		t.Errorf("%d names, of which one counts", len(l.all))
	}
}

func TestAddresses(t *testing.T) {
	for _, x := range []struct {
		behind     bool
		from, said string
		want       string
	}{
		{false, "192.0.2.1:1", "198.51.100.1", "192.0.2.1"},
		{false, "127.0.0.1:1", "198.51.100.1", "127.0.0.1"},
		{true, "127.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{true, "[::1]:1", "198.51.100.1", "198.51.100.1"},
		{true, "10.0.0.5:1", "198.51.100.1", "198.51.100.1"},
		{true, "[::ffff:10.0.0.5]:1", "2001:db8::1", "2001:db8::1"},
		{true, "10.0.0.6:1", "198.51.100.1", "10.0.0.6"},
		{true, "127.0.0.1:1", "203.0.113.9, 198.51.100.1", "198.51.100.1"}, // what the visitor made up stands before
		{true, "127.0.0.1:1", "198.51.100.1, 10.0.0.5", "198.51.100.1"},
		{true, "127.0.0.1:1", "nonsense", "127.0.0.1"},
		{true, "127.0.0.1:1", "", "127.0.0.1"},
		{true, "127.0.0.1:1", strings.Repeat("10.0.0.5,", 10000) + "10.0.0.5", "10.0.0.5"},
		{true, "127.0.0.1:1", "fe80::1%eth0\n", "fe80::1"},
		{false, "@", "198.51.100.1", "invalid IP"},
	} {
		g := &Gate{opts: GateOptions{Behind: x.behind, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}}}
		r := &http.Request{RemoteAddr: x.from, Header: http.Header{"X-Forwarded-For": {x.said}}}
		if got := g.address(r).String(); got != x.want {
			t.Errorf("%+.80v: %s", x, got)
		}
		w := httptest.NewRecorder()
		Behind("https://review.example.org", g.opts.Proxies, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		in := strings.HasPrefix(x.from, "127.") || strings.HasPrefix(x.from, "[::") || strings.HasPrefix(x.from, "10.0.0.5")
		if ok := w.Code == http.StatusOK; ok != in {
			t.Errorf("%s past the proxy: %d", x.from, w.Code)
		}
	}
}
