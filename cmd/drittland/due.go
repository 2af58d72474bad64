package main

// Which sources are due, and how each of them stands: when its text was seen last, and since when and why it cannot be had.

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/warc"
)

const firstPause = time.Hour // before a source that could not be had is due again; doubled with each failure

// A standing is how a source stands.
type standing struct {
	Tried   time.Time // when it was captured last, or the attempt was made
	Got     time.Time // when a page was received last
	Moved   string    // where the page has moved for good, by the last capture
	Trouble *trouble  // nil if the last capture gave the text
	Notes   []string  // on how the text was read last
}

// A trouble is why a source cannot be verified.
type trouble struct {
	Since time.Time `json:"since"` // of the first failure after the text was seen last
	Kind  string    `json:"kind"`  // of the last failure
	Why   string    `json:"why"`
	At    time.Time `json:"at"`             // of the last failure
	Times int       `json:"times"`          // failures in a row
	Again time.Time `json:"again,omitzero"` // before which the server asks not to be asked
}

func (x *trouble) add(at time.Time, kind, why string, again time.Time) {
	if x.Times == 0 {
		x.Since = at
	}
	x.At, x.Kind, x.Why, x.Again = at, kind, why, again
	x.Times++
}

// standing reads how the source of a declaration stands, and the history of its terms.
func (t *tool) standing(a *archive.Archive, d snapshots.Declaration) (h *history, st standing, err error) {
	return t.standingBefore(a, d, time.Time{})
}

// standingBefore is standing by what was captured before a time; the zero time stands for all.
func (t *tool) standingBefore(a *archive.Archive, d snapshots.Declaration, until time.Time) (h *history, st standing, err error) {
	if h, err = historyBefore(a, snapshots.Terms{Service: d.Service, Type: d.TermsType}, until); err != nil {
		return h, st, err
	}
	var last snapshots.Snapshot
	ours := func(url string) bool {
		return slices.ContainsFunc(d.Sources, func(src snapshots.Source) bool { return src.URL == url })
	}
	for s, err := range a.Snapshots(h.Terms) {
		if err != nil {
			return h, st, err
		}
		if s.AnnexOf != "" || s.Origin != nil || s.ThirdParty != nil || !ours(s.URL) || later(s.At, until) {
			continue
		}
		last = s
		if st.Tried = s.At; isPage(s) {
			st.Got = s.At
		}
	}
	trouble, err := troubles(a, h, ours, until)
	if err != nil {
		return h, st, err
	}
	if trouble.Times > 0 {
		st.Trouble = trouble
	}
	if last.FinalURL != last.URL {
		st.Moved, err = movedTo(a, last)
	}
	st.Notes = h.Notes
	return h, st, err
}

// later reports whether a time is not before another, which may be zero for none.
func later(t, until time.Time) bool { return !until.IsZero() && !t.Before(until) }

// troubles gathers what went wrong since the text was seen last, before a time: captures that failed, and pages that were refused.
func troubles(a *archive.Archive, h *history, ours func(string) bool, until time.Time) (*trouble, error) {
	type failure struct {
		at, again time.Time
		kind, why string
	}
	var all []failure
	told := map[string]bool{} // snapshots of which an attempt tells
	for x, err := range a.Attempts(h.Terms) {
		if err != nil {
			return nil, err
		}
		if ours(x.URL) && x.At.After(h.Verified) && !later(x.At, until) { // of a further page, too, which is captured as annexes are
			all = append(all, failure{x.At, x.Again, x.Kind, x.Why})
			told[x.Snapshot], told[x.AnnexOf] = x.Snapshot != "", x.AnnexOf != ""
		}
	}
	for _, v := range h.All {
		if v.Refused != "" && v.RefusedAs != asErased && v.Origin == nil && !v.Others && v.Date.After(h.Verified) && !told[v.Snapshot] {
			kind := v.RefusedAs
			if kind == "" {
				kind = asNotPolicy
			}
			all = append(all, failure{at: v.Date, kind: kind, why: v.Refused})
		}
	}
	for _, v := range h.Strays {
		if !v.Others && v.Date.After(h.Verified) {
			all = append(all, failure{at: v.Date, kind: asLanguage, why: strayed(v)})
		}
	}
	slices.SortStableFunc(all, func(a, b failure) int { return a.at.Compare(b.at) })
	out := new(trouble)
	for _, f := range all {
		out.add(f.at, f.kind, f.why, f.again)
	}
	return out, nil
}

// movedTo is where the page of a snapshot has moved for good.
func movedTo(a *archive.Archive, s snapshots.Snapshot) (string, error) {
	records, err := a.Records(s)
	if errors.Is(err, archive.ErrErased) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var got snapshots.Capture
	for _, r := range records {
		if r.Type() == "response" || r.Type() == "revisit" {
			got.Exchanges = append(got.Exchanges, snapshots.Exchange{URL: warc.Bare(r.Header.Get("WARC-Target-URI")), Response: r.Block})
		}
	}
	return fetch.MovedTo(&got), nil
}

// interval is the time after which a declaration is due again; of a schedule, the time between its next two slots.
func interval(d snapshots.Declaration, now time.Time) time.Duration {
	if d.Schedule != "" {
		if s, err := config.ParseSchedule(d.Schedule, time.UTC); err == nil {
			next := s.Next(now)
			return s.Next(next).Sub(next)
		}
	}
	if d.Every > 0 {
		return d.Every
	}
	return defaultEvery
}

// next is when a source is due: as often as declared or in the next slot of its schedule, which is read in a zone, and after a
// failure soon, then ever later, and never before the server wishes. The pauses differ a little from source to source, so that
// not all come back at once.
func (st *standing) next(d snapshots.Declaration, zone *time.Location) time.Time {
	every := interval(d, st.last())
	if st.Trouble == nil {
		s, err := config.ParseSchedule(d.Schedule, zone)
		switch {
		case d.Schedule == "" || err != nil: // of a later release; every is the default
			return st.Got.Add(every)
		case st.Got.IsZero():
			return st.Got
		}
		return s.Next(st.Got)
	}
	pause := min(every, firstPause<<min(st.Trouble.Times-1, 10))
	jitter := fnv.New32a()
	_, _ = jitter.Write([]byte(d.Service + "\x00" + d.TermsType)) // never fails
	pause += pause / 1000 * time.Duration(jitter.Sum32()%100)
	due := st.last().Add(pause)
	if st.Trouble.Again.After(due) {
		return st.Trouble.Again
	}
	return due
}

// last is when the source was tried last, whatever came of it.
func (st *standing) last() time.Time {
	if st.Trouble != nil && st.Trouble.At.After(st.Tried) {
		return st.Trouble.At
	}
	return st.Tried
}

// A pick says which declarations a run captures.
type pick struct {
	names   []string // of services, whether due or not; none for what is due of all
	all     bool     // also what is not due
	between bool     // only what does not wait for a run of all: what has a schedule of its own, or could not be had
	zone    *time.Location
	walk    bool          // read the history of each declaration, wherever the archive is
	early   time.Duration // also what is due so much later, if it does not fail: a daily run comes a little less than a day after the last one
}

// between reports whether a source does not wait for a run of all.
func (st *standing) between(d snapshots.Declaration) bool {
	return d.Schedule != "" || st.Trouble != nil
}

// slack is by how much earlier than it is due a source may be captured at most: never before half of its time has passed.
func (st *standing) slack(d snapshots.Declaration) time.Duration {
	if st.between(d) {
		return 0
	}
	return interval(d, st.Got) / 2
}

// scheduleZone is the zone in which the schedules of declarations are read: that of the settings, and UTC on a server, so that all machines mean the same slot,
// whatever their settings say.
func (s *store) scheduleZone(zone *time.Location) *time.Location {
	if archive.OnServer(s.dir) {
		return time.UTC
	}
	return zone
}

// wake is when the first source is due that does not wait for a run of all, the zero time if there is none, and how many texts are tracked.
func (s *store) wake(ctx context.Context, zone *time.Location) (first time.Time, tracked int, err error) {
	zone = s.scheduleZone(zone)
	err = s.read(ctx, func(a *archive.Archive) (err error) {
		if a.Server() != nil {
			if first, tracked, err = s.wakeOnServer(ctx, a); !errors.Is(err, archive.ErrReadOnly) {
				return err
			}
		}
		list, err := a.Declarations()
		if err != nil {
			return err
		}
		for _, d := range list {
			if !d.Removed.IsZero() {
				continue
			}
			tracked++
			_, st, err := s.standing(a, d)
			if err != nil {
				return err
			}
			if next := st.next(d, zone); st.between(d) && (first.IsZero() || next.Before(first)) {
				first = next
			}
		}
		return nil
	})
	return first, tracked, err
}

// pickOf is what the arguments of run ask for. The zone of schedules is that of the settings; if these cannot be read, that is
// said, and it is UTC.
func (s *store) pickOf(c *cli.Context) pick {
	p := pick{names: c.Args().Slice(), all: c.Bool("all"), zone: time.UTC}
	set, err := s.settings(c)
	if err != nil {
		s.say("the schedules of what is tracked are read in UTC: %v", err)
		return p
	}
	p.zone = set.Zone()
	return p
}

// due are the declarations that a run captures, those first that were tried longest ago.
func (s *store) due(ctx context.Context, p pick) ([]snapshots.Declaration, error) {
	list, err := s.dueSince(ctx, p)
	var out []snapshots.Declaration
	for _, c := range list {
		out = append(out, c.Declaration)
	}
	return out, err
}

// A candidate is a declaration that is to be captured.
type candidate struct {
	snapshots.Declaration
	tried time.Time
	since time.Time // when it became due, and not after now
}

var errNothingTracked = &coded{errors.New("nothing is tracked yet"), exitFailed, "'drittland track add SERVICE URL' begins"}

// dueSince are the declarations that are due, those first that were tried longest ago.
func (s *store) dueSince(ctx context.Context, p pick) (out []candidate, err error) {
	if len(p.names) == 0 && !p.all {
		_, err = s.freshened(ctx, time.Time{})
	}
	if p.walk = errors.Is(err, archive.ErrReadOnly); err == nil || p.walk {
		err = s.dueEach(ctx, p, func(part []candidate) error { out = append(out, part...); return nil })
	}
	return out, err
}

// dueEach gives the declarations that are due, those first that were tried longest ago, to f: many of them in parts. On a server it goes by what freshened has read.
func (s *store) dueEach(ctx context.Context, p pick, f func([]candidate) error) error {
	return s.read(ctx, func(a *archive.Archive) error {
		if a.Server() != nil && len(p.names) == 0 && !p.all && !p.walk {
			return s.dueOnServer(ctx, a, p, f)
		}
		list, err := s.dueOf(a, p)
		if err == nil && len(list) > 0 {
			err = f(list)
		}
		return err
	})
}

// dueOf reads the history of each declaration.
func (s *store) dueOf(a *archive.Archive, p pick) (out []candidate, err error) {
	list, err := a.Declarations()
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(d snapshots.Declaration) bool { return !d.Removed.IsZero() })
	for _, name := range p.names {
		if !slices.ContainsFunc(list, func(d snapshots.Declaration) bool { return strings.EqualFold(d.Service, name) }) {
			return nil, notTracked(name)
		}
	}
	if len(list) == 0 {
		return nil, errNothingTracked
	}
	for _, d := range list {
		asked := slices.ContainsFunc(p.names, func(name string) bool { return strings.EqualFold(d.Service, name) })
		if len(p.names) > 0 && !asked {
			continue
		}
		_, st, err := s.standing(a, d)
		if err != nil {
			return nil, err
		}
		if p.between && !st.between(d) {
			continue
		}
		now, next := s.env.Now(), st.next(d, s.scheduleZone(p.zone))
		if p.all || asked || !next.After(now.Add(min(p.early, st.slack(d)))) {
			if next.After(now) {
				next = now
			}
			out = append(out, candidate{d, st.last(), next})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return a.tried.Compare(b.tried) })
	return out, nil
}
