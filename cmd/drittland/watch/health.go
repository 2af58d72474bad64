package watch

// How it stands: what health and metrics are made of. No address of a person is in it.

import (
	"fmt"
	"sync"
	"time"
)

// When something is told to whoever asks for health.
const (
	lateRun    = time.Hour      // after a run was due
	longRun    = 12 * time.Hour // that a run may take
	slowLoop   = 15 * time.Minute
	longWait   = 24 * time.Hour     // of a message
	longAway   = time.Hour          // that a place may be in trouble
	afterLoss  = 24 * time.Hour     // for which a message that was given up is told of
	shortAway  = time.Minute        // that the database of workers may be
	setBack    = time.Minute        // that the clock may be behind
	longLag    = 6 * time.Hour      // that a job may wait for a worker
	longMute   = 6 * time.Hour      // that the second reader may not answer
	longUnread = 7 * 24 * time.Hour // that a new version may wait for a second reading
)

// A Run is what a run did.
type Run struct {
	Began, Ended                             time.Time
	Sources, First, Changed, Failed, Waiting int           // Waiting: left for the next run
	Captured, Read                           time.Duration // time that capturing and reading took
	Trouble                                  string        // what kept it from ending
}

// Counts are what happened since the program was started.
type Counts struct {
	Runs, RunsFailed, Sources, SourcesFailed int
	Digests, Alerts                          int            // messages made
	Sent                                     map[string]int // by kind
	Abandoned                                int
}

// A Standing is how it stands at one time.
type Standing struct {
	Version   string
	Started   time.Time
	Turned    time.Time // when what is due was looked at last
	Capturing time.Time // since when a run goes on; zero if none does
	Run       Run       // the last one
	RunDue    time.Time // when a run was or is due next
	Tracked   int
	Alarms    []string // texts that were not seen for too long, in words
	Waiting   int      // messages in the outbox
	Oldest    time.Time
	Away      map[string]time.Time // places that take no message, since when
	GivenUp   time.Time            // when a message was given up last
	Settings  string               // what is wrong with the settings; "" if nothing is
	Behind    time.Duration        // by which the clock went back
	Queue     *Queue               // of a worker; nil for a watch
	Counts
}

// A Queue is how the jobs stand that workers share.
type Queue struct {
	Workers int                      // that live
	Dead    int                      // jobs that were given up in the last day
	Jobs    map[[2]string]int        // by queue and state
	Lag     map[string]time.Duration // by queue: for how long the oldest job could have been begun
	Done    map[[2]string]int        // by this worker, by kind and result
	DeadOf  map[string]int           // the dead, by class
	Due     time.Duration            // for how long the source that waits longest for its capture is due
	Taken   int                      // how often jobs were taken over from workers that had died
	Away    time.Time                // since when the database cannot be asked, and all else is as it was then; zero if it can
	Second  *SecondReader            // of this worker; nil if it has none
}

// Lost is a queue that cannot be asked at now, as it was when it could be.
func (q *Queue) Lost(now time.Time) *Queue {
	if q == nil {
		q = &Queue{}
	}
	lost := *q
	if lost.Away.IsZero() {
		lost.Away = now
	}
	return &lost
}

// A SecondReader is how the second reader of workers stands.
type SecondReader struct {
	Host, Model string
	Day         string         // UTC, such as 2026-11-23
	Tokens      int            // that all workers took on this day
	Cost        float64        // of them
	Currency    string         // "" where there is no price
	MostTokens  int            // of a day; 0 for no bound
	MostCost    float64        // likewise
	UsedUp      bool           // the budget of the day
	Away        time.Duration  // for which the endpoint fails; 0 if it answers
	Why         string         // it failed the last time
	Waits       time.Duration  // of the new version that waits longest to be read
	Calls       map[string]int // of this worker, by what became of them
	In, Out     int            // tokens that they took
	Paid        float64
}

// Reasons are why it does not stand well at now; none if it does.
func (s *Standing) Reasons(now time.Time) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	if s.Capturing.IsZero() && now.Sub(s.Turned) > slowLoop {
		say("nothing was done since %s", at(s.Turned))
	}
	switch {
	case !s.Capturing.IsZero():
		if now.Sub(s.Capturing) > longRun {
			say("a run goes on since %s", at(s.Capturing))
		}
	case !s.RunDue.IsZero() && now.Sub(s.RunDue) > lateRun:
		say("a run was due at %s", at(s.RunDue))
	}
	if s.Run.Trouble != "" {
		say("the last run, at %s, did not end well", at(s.Run.Began))
	}
	if s.Waiting > 0 && now.Sub(s.Oldest) > longWait {
		say("messages wait in the outbox since %s (%d)", at(s.Oldest), s.Waiting)
	}
	for _, place := range sorted(s.Away) {
		if since := s.Away[place]; now.Sub(since) > longAway {
			say("%s takes no message since %s", place, at(since))
		}
	}
	if !s.GivenUp.IsZero() && now.Sub(s.GivenUp) < afterLoss {
		say("a message was given up at %s", at(s.GivenUp))
	}
	for _, a := range s.Alarms {
		say("alarm: %s", a)
	}
	if s.Queue != nil {
		if away := s.Queue.Away; !away.IsZero() && now.Sub(away) > shortAway {
			say("the database does not answer since %s", at(away))
		}
		for _, name := range sorted(s.Queue.Lag) {
			if lag := s.Queue.Lag[name]; lag > longLag {
				say("jobs of the queue %s wait since %s", name, at(now.Add(-lag)))
			}
		}
		if x := s.Queue.Second; x != nil && x.Away > longMute {
			say("the second reader does not answer since %s: %s", at(now.Add(-x.Away)), x.Why)
		}
		if x := s.Queue.Second; x != nil && x.UsedUp && x.Waits > longUnread {
			say("versions wait for a second reading since %s, and the budget of the day is used up", at(now.Add(-x.Waits)))
		}
	}
	if s.Settings != "" {
		say("the settings cannot be read; those of before hold")
	}
	if s.Behind > setBack {
		say("the clock is %s behind what it showed before", s.Behind.Round(time.Second))
	}
	return out
}

// Notes are what whoever asks for health may want to know, though it stands well.
func (s *Standing) Notes(now time.Time) (out []string) {
	if s.Queue == nil || s.Queue.Second == nil {
		return nil
	}
	x := s.Queue.Second
	if x.Away > 0 && x.Away <= longMute {
		out = append(out, fmt.Sprintf("the second reader does not answer since %s: %s", now.Add(-x.Away).UTC().Format(time.RFC3339), x.Why))
	}
	if x.UsedUp {
		out = append(out, fmt.Sprintf("the budget of the second reader for %s is used up; what is left waits for the next day", x.Day))
	}
	return out
}

// A Board holds how it stands, for one who writes and many who read.
type Board struct {
	mu sync.Mutex
	s  Standing
}

// Change alters how it stands.
func (b *Board) Change(f func(*Standing)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.s.Sent == nil {
		b.s.Sent, b.s.Away = map[string]int{}, map[string]time.Time{}
	}
	f(&b.s)
}

// Look gives how it stands to f, which keeps nothing of it.
func (b *Board) Look(f func(*Standing)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.s)
}
