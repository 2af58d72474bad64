package review

// Limits: how often somebody may try to log in, or to do anything else.

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimited bounds how many handles or addresses are remembered.
const maxLimited = 10_000

// A Limit is how often something may be done under each of many names. It is safe for concurrent use.
type Limit struct {
	Every time.Duration // one more after this
	Burst int

	mu  sync.Mutex
	all map[string]*limited
}

// A limited is what is known of one name.
type limited struct {
	rate *rate.Limiter
	seen time.Time
	told bool // of its being refused
}

// Allow takes one turn. If there is none left, first says whether that is new.
func (l *Limit) Allow(name string, now time.Time) (ok, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.all[name]
	if x == nil {
		if l.all == nil {
			l.all = map[string]*limited{}
		}
		if len(l.all) >= maxLimited {
			l.forget(now)
		}
		x = &limited{rate: rate.NewLimiter(rate.Every(l.Every), l.Burst)}
		l.all[name] = x
	}
	x.seen = now
	ok = x.rate.AllowN(now, 1)
	first = !ok && !x.told
	x.told = !ok
	return ok, first
}

// Spent reports whether there is no turn left. It takes none.
func (l *Limit) Spent(name string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.all[name]
	return x != nil && x.rate.TokensAt(now) < 1
}

// forget drops the names that have all turns again; if there are none, the one that was not seen for longest.
func (l *Limit) forget(now time.Time) {
	oldest, n := "", len(l.all)
	for name, x := range l.all {
		if x.rate.TokensAt(now) >= float64(l.Burst) {
			delete(l.all, name)
			continue
		}
		if o := l.all[oldest]; o == nil || x.seen.Before(o.seen) {
			oldest = name
		}
	}
	if len(l.all) == n {
		delete(l.all, oldest)
	}
}

// Network is the name under which an address is limited: of IPv6 the network, as one has addresses without end.
func Network(a netip.Addr) string {
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
