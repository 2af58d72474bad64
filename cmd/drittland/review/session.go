package review

// Sessions: who logged in, for how long. They live in memory alone, under the hash of what the cookie holds.

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// How long a session lasts, and how many there are.
const (
	idleSession  = 2 * time.Hour
	wholeSession = 12 * time.Hour

	maxSessions    = 2000
	maxSessionsFor = 20 // of one account
)

// A session is one log-in.
type session struct {
	account     Account // as it was then: another role or password ends the session
	begun, seen time.Time
}

func (s *session) over(now time.Time) bool {
	return now.Sub(s.seen) > idleSession || now.Sub(s.begun) > wholeSession
}

type sessionKey [sha256.Size]byte

// sessions are all that last.
type sessions struct {
	mu  sync.Mutex
	all map[sessionKey]*session
}

// begin starts a session and gives its id, 256 random bits.
func (s *sessions) begin(a *Account, now time.Time) string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	id := base64.RawURLEncoding.EncodeToString(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[sessionKey]*session{}
	}
	for k, x := range s.all {
		if x.over(now) {
			delete(s.all, k)
		}
	}
	s.bound(maxSessionsFor, func(x *session) bool { return x.account.Handle == a.Handle })
	s.bound(maxSessions, func(*session) bool { return true })
	s.all[sha256.Sum256([]byte(id))] = &session{account: *a, begun: now, seen: now}
	return id
}

// bound leaves room for one more among some sessions: the one that was not seen for longest goes.
func (s *sessions) bound(n int, among func(*session) bool) {
	var oldest sessionKey
	count := 0
	for k, x := range s.all {
		if !among(x) {
			continue
		}
		if count++; count == 1 || x.seen.Before(s.all[oldest].seen) {
			oldest = k
		}
	}
	if count >= n {
		delete(s.all, oldest)
	}
}

// of is the account of a session that lasts.
func (s *sessions) of(id string, now time.Time) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := sha256.Sum256([]byte(id))
	x := s.all[k]
	if x == nil {
		return Account{}, false
	}
	if x.over(now) {
		delete(s.all, k)
		return Account{}, false
	}
	x.seen = now
	return x.account, true
}

// end ends a session.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(id)))
}

// keep ends the sessions of accounts that are not as they were.
func (s *sessions) keep(a *Accounts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, x := range s.all {
		if now := a.Find(x.account.Handle); now == nil || now.Disabled || *now != x.account {
			delete(s.all, k)
		}
	}
}
