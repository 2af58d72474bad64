package main

// How sources stand, of an archive on a server: in a table beside it, which all who ask what is due bring up to date.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/drittland/drittland/cmd/drittland/sources"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// A known is what is known of a source besides when it is due, as a row of the table holds it.
type known struct {
	Versions int       `json:"versions"`
	Others   int       `json:"third_party,omitempty"`
	Verified time.Time `json:"verified,omitzero"`
	Trouble  *trouble  `json:"failing,omitempty"`
	Moved    string    `json:"moved,omitempty"`
	Notes    []string  `json:"notes,omitempty"`
}

// staleTurn is how many marks of what was recorded are taken at a time.
const staleTurn = 2000

// freshen brings the table up to date for as long as there is time; a zero time stands for however long it takes. It says whether
// the table is up to date. A user of the database who may only read is archive.ErrReadOnly.
func (s *store) freshen(ctx context.Context, a *archive.Archive, until time.Time) (fresh bool, err error) {
	table, zone, told, read := sources.In(a.Server()), s.scheduleZone(nil), time.Now(), 0
	for until.IsZero() || time.Now().Before(until) {
		marks, err := table.Stale(ctx, zone.String(), staleTurn)
		if err != nil || len(marks) == 0 {
			return err == nil, err
		}
		rows, err := s.rowsOf(ctx, a, zone, marks)
		if err == nil {
			err = table.Keep(ctx, marks, rows)
		}
		if errors.Is(err, sources.ErrDenied) {
			return false, fmt.Errorf("%w: %w", archive.ErrReadOnly, err)
		}
		if err != nil {
			return false, err
		}
		if read += len(marks); until.IsZero() && time.Since(told) > 5*time.Second {
			told = time.Now()
			s.say("%d sources were read again, to see what is due", read)
		}
	}
	return false, nil
}

// rowsOf works out the rows of terms.
func (s *store) rowsOf(ctx context.Context, a *archive.Archive, zone *time.Location, marks []sources.Mark) (map[snapshots.Terms]sources.Row, error) {
	out := map[snapshots.Terms]sources.Row{}
	var mu sync.Mutex
	var failed error
	inParallel(ctx, marks, func(m sources.Mark) {
		d, err := a.Declaration(m.Terms)
		if errors.Is(err, archive.ErrNotFound) || m.Terms == (snapshots.Terms{}) {
			return // nobody tracks it
		}
		var row sources.Row
		if err == nil {
			row, err = s.rowOf(a, d, zone)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, pg.ErrUnreachable) {
			s.say("how a source stands cannot be read, and it is tried again in an hour: %s", err)
			row, err = s.unread(d, err), nil
		}
		mu.Lock()
		defer mu.Unlock()
		out[m.Terms], failed = row, errors.Join(failed, err)
	})
	return out, errors.Join(failed, ctx.Err())
}

// unread is the row of a declaration whose history cannot be read. It holds up no other, and is worked out anew when something is recorded of it.
func (s *store) unread(d snapshots.Declaration, why error) sources.Row {
	now := s.env.Now().UTC()
	b, _ := json.Marshal(known{Trouble: &trouble{Since: now, At: now, Times: 1, Kind: "not readable", Why: why.Error()}}) // of strings and times
	return sources.Row{Terms: snapshots.Terms{Service: d.Service, Type: d.TermsType}, Removed: !d.Removed.IsZero(), Next: now.Add(firstPause), Apart: true, Tried: now, Failing: true, Standing: b}
}

// rowOf works out the row of a declaration.
func (s *store) rowOf(a *archive.Archive, d snapshots.Declaration, zone *time.Location) (sources.Row, error) {
	h, st, err := s.standing(a, d)
	if err != nil {
		return sources.Row{}, fmt.Errorf("%s: %w", h.Terms, err)
	}
	b, err := json.Marshal(known{len(h.Versions), h.byOthers(), h.Verified, st.Trouble, st.Moved, st.Notes})
	row := sources.Row{Terms: h.Terms, Removed: !d.Removed.IsZero(), Next: st.next(d, zone), Apart: st.between(d), Slack: st.slack(d),
		Tried: st.last(), Verified: h.Verified, Failing: st.Trouble != nil, Standing: b}
	if d.Schedule != "" {
		row.Zone = zone.String()
	}
	return row, err
}

// freshTurn is how long a duty of a worker reads sources before it puts what is due into the queue.
const freshTurn = 20 * time.Second

// freshened has the table brought up to date, for as long as there is time; see freshen. In a folder there is none.
func (s *store) freshened(ctx context.Context, until time.Time) (fresh bool, err error) {
	if !archive.OnServer(s.dir) {
		return true, nil
	}
	err = s.read(ctx, func(a *archive.Archive) (err error) { fresh, err = s.freshen(ctx, a, until); return err })
	return fresh, err
}

// dueOnServer gives the declarations that are due by the table, a part at a time.
func (s *store) dueOnServer(ctx context.Context, a *archive.Archive, p pick, f func([]candidate) error) error {
	table := sources.In(a.Server())
	if some, err := table.Any(ctx); err != nil {
		return err
	} else if !some {
		return errNothingTracked
	}
	now := s.env.Now()
	var part []candidate
	err := table.Due(ctx, sources.Wish{Now: now, Early: p.early, Apart: p.between}, func(declaration []byte, tried, next time.Time) error {
		c := candidate{tried: tried.UTC(), since: next.UTC()}
		if err := json.Unmarshal(declaration, &c.Declaration); err != nil {
			return fmt.Errorf("%w: a declaration: %w", archive.ErrDamaged, err)
		}
		if c.since.After(now) {
			c.since = now
		}
		if part = append(part, c); len(part) < staleTurn {
			return nil
		}
		defer func() { part = nil }()
		return f(part)
	})
	if err == nil && len(part) > 0 {
		err = f(part)
	}
	return err
}

// wakeOnServer is wake by the table.
func (s *store) wakeOnServer(ctx context.Context, a *archive.Archive) (first time.Time, tracked int, err error) {
	if _, err = s.freshen(ctx, a, time.Time{}); err != nil {
		return first, 0, err
	}
	return sources.In(a.Server()).Wake(ctx)
}

// knownOnServer gives what the table holds of sources, those left out of which something was recorded since.
func (s *store) knownOnServer(ctx context.Context, a *archive.Archive) (map[snapshots.Terms]known, error) {
	table, out := sources.In(a.Server()), map[snapshots.Terms]known{}
	err := table.All(ctx, func(terms snapshots.Terms, standing []byte) error {
		var k known
		err := json.Unmarshal(standing, &k)
		out[terms] = k
		return err
	})
	if err != nil {
		return nil, err
	}
	stale, err := table.AllStale(ctx)
	for t := range stale {
		delete(out, t)
	}
	return out, err
}

// doubtful says of which sources it has to be read how they stood at a time: of the others all was well.
func (s *store) doubtful(ctx context.Context, a *archive.Archive, days int, until time.Time) (func(snapshots.Terms) bool, error) {
	table := sources.In(a.Server())
	terms, err := table.Doubtful(ctx, until, time.Duration(days)*24*time.Hour)
	if err != nil {
		return nil, err
	}
	stale, err := table.AllStale(ctx)
	return func(t snapshots.Terms) bool { return terms[t] || stale[t] }, err
}
