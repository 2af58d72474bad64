package main

// The desk: what the review pages show, out of the archive. What can be decided on is gathered in the background and kept; a
// change is put together when somebody opens it.

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A reviewDesk is an archive as the review pages see it.
type reviewDesk struct {
	*store
	engine *analyze.Engine
	finder *finder
	listed int // on a server, services that the queue lists with counts; 0 for the default
	found  int // likewise, items with some words that it counts

	mu      sync.Mutex
	lines   map[snapshots.Terms][]deskLine // what was gathered, by terms
	sums    map[snapshots.Terms]*termsSum  // likewise
	read    int                            // terms gathered in this round
	total   int
	left    int // on a server, terms that the last round did not read: others read them, or they cannot be read
	trouble []string
	seen    string        // state of the archive that was gathered
	again   time.Time     // from when on a round begins though the archive is the same; zero for none
	busy    chan struct{} // closed when the round that runs is over; nil if none does
	began   time.Time     // when it began
}

// A deskLine is what can be decided on in one line of history.
type deskLine struct {
	key       lineKey
	items     []review.Item // without their states
	more      []wording     // what else is said of each
	stands    []string      // fingerprints of what stands
	about     []string      // countries and tools that the text which stands speaks of
	apart     bool          // that is not the last one
	decisions []snapshots.Decision
}

func newReviewDesk(s *store, engine *analyze.Engine) *reviewDesk {
	return &reviewDesk{store: s, engine: engine, finder: newFinder(s), lines: map[snapshots.Terms][]deskLine{}, sums: map[snapshots.Terms]*termsSum{}}
}

// queuePatience is how long a visitor waits for the archive to be read before part of it is shown.
const queuePatience = 2 * time.Second

// lookAtRest is how long after a round that left something the next one begins.
const lookAtRest = 5 * time.Second

// everything gives what was gathered; if the archive has changed since, it is gathered anew meanwhile.
func (d *reviewDesk) everything(ctx context.Context) (*review.All, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	q := &review.All{Read: d.read, Total: d.total, Trouble: slices.Clone(d.trouble)}
	for _, lines := range d.lines {
		for i := range lines {
			q.Items = append(q.Items, lines[i].judged(d.today())...)
		}
	}
	return q, nil
}

// since is when the last round began.
func (d *reviewDesk) since() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.began
}

// judged are the items of a line with their states.
func (l *deskLine) judged(day law.Date) []review.Item {
	joined := desk.Join(l.decisions, l.stands, day)
	gone := map[string]*snapshots.Decision{} // by check: the last decision whose words went
	for _, m := range joined.Matters() {
		if last := m.Last(); m.State == desk.LapsedWords && last.About == snapshots.AboutFinding {
			gone[last.Check] = &last
		}
	}
	out := slices.Clone(l.items)
	for i := range out {
		x := &out[i]
		x.State = stateAt(joined, x.Fingerprint)
		if last := gone[x.Check]; x.Decision == nil && x.Kind == snapshots.AboutFinding && last != nil {
			x.State = review.State{Is: review.Lapsed, Decision: last, Why: wordsWent}
		}
	}
	return out
}

// Why decisions lapse.
const (
	wordsWent = "the words that it was made on have changed"
	dayCame   = "its last day is over"
)

// stateAt is how the thing with a fingerprint stands.
func stateAt(joined *desk.Desk, fingerprint string) review.State {
	var last *snapshots.Decision
	if list := joined.On(fingerprint); len(list) > 0 {
		last = &list[len(list)-1]
	}
	switch joined.State(fingerprint) {
	case desk.Decided:
		return review.State{Is: review.Decided, Decision: last}
	case desk.LapsedDate:
		return review.State{Is: review.Lapsed, Decision: last, Why: dayCame}
	case desk.LapsedWords:
		return review.State{Is: review.Lapsed, Decision: last, Why: wordsWent}
	}
	return review.State{Is: review.Open, Decision: last}
}

// refresh begins to gather if the archive is another than when it was gathered last. It gives a channel that is closed when
// that is done, nil if nothing is to be done.
func (d *reviewDesk) refresh() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.state()
	if d.busy != nil || d.seen == now && (d.again.IsZero() || time.Now().Before(d.again)) {
		return d.busy
	}
	busy := make(chan struct{})
	d.busy, d.began = busy, time.Now()
	go func() {
		gather := d.gather
		if d.onServer() {
			gather = d.gatherOnServer
		}
		err := gather(context.Background())
		d.mu.Lock()
		defer d.mu.Unlock()
		d.trouble, d.again = nil, time.Time{}
		if err != nil {
			d.trouble = []string{err.Error()}
		}
		if d.onServer() && (err != nil || d.left > 0) { // the server was away, or others read: that does not change the archive
			d.again = time.Now().Add(lookAtRest)
		}
		d.seen, d.busy = d.state(), nil
		close(busy)
	}()
	return busy
}

// state tells one state of the archive, and one day, from another.
func (d *reviewDesk) state() string {
	mark, err := d.moment()
	if err != nil {
		return err.Error()
	}
	return mark + " " + d.today().String()
}

// gather reads all terms. What was gathered of one stands until it was read again.
func (d *reviewDesk) gather(ctx context.Context) error {
	var all []snapshots.Terms
	if err := d.store.read(ctx, func(a *archive.Archive) (err error) { all, err = a.Terms(); return err }); err != nil {
		return err
	}
	d.mu.Lock()
	d.read, d.total = 0, len(all)
	for t := range d.lines {
		if !slices.Contains(all, t) {
			delete(d.lines, t)
			delete(d.sums, t)
		}
	}
	d.mu.Unlock()
	declared, err := d.declared()
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range all {
		lines, sum, err := d.gatherTerms(ctx, t, declared[t])
		if err != nil {
			failed = append(failed, err)
		}
		d.mu.Lock()
		d.read++
		if err == nil {
			d.lines[t], d.sums[t] = lines, sum
		}
		d.mu.Unlock()
	}
	if len(failed) > 3 {
		failed = failed[:3]
	}
	return errors.Join(failed...)
}

// know gathers terms that a visitor asks for before their turn has come.
func (d *reviewDesk) know(ctx context.Context, asked func(snapshots.Terms) bool) error {
	var all []snapshots.Terms
	if err := d.store.read(ctx, func(a *archive.Archive) (err error) { all, err = a.Terms(); return err }); err != nil {
		return err
	}
	d.mu.Lock()
	todo := slices.DeleteFunc(all, func(t snapshots.Terms) bool { return !asked(t) || d.sums[t] != nil })
	d.mu.Unlock()
	if len(todo) == 0 {
		return nil
	}
	declared, err := d.declared()
	if err != nil {
		return err
	}
	for _, t := range todo {
		lines, sum, err := d.gatherTerms(ctx, t, declared[t])
		if err != nil {
			return err
		}
		d.mu.Lock()
		d.lines[t], d.sums[t] = lines, sum
		d.mu.Unlock()
	}
	return nil
}

// gatherTerms reads what can be decided on in some terms, and what lists tell of them. They may be declared or not.
func (d *reviewDesk) gatherTerms(ctx context.Context, terms snapshots.Terms, declared *snapshots.Declaration) (out []deskLine, sum *termsSum, err error) {
	h, rows, err := d.inTurns(ctx, terms)
	if err != nil {
		return nil, nil, err
	}
	return d.gatherRows(h, rows, declared)
}

// gatherRows is gatherTerms of a history that was read.
func (d *reviewDesk) gatherRows(h *history, rows []row, declared *snapshots.Declaration) (out []deskLine, sum *termsSum, err error) {
	var fresh []standingFindings
	err = d.store.look(func(a *archive.Archive) error {
		decisions, err := gathered(a.Decisions(h.Terms))
		if err != nil {
			return err
		}
		for _, line := range h.lines() {
			l := deskLine{key: lineKey{line.Terms, line.Variant}, decisions: desk.OfVariant(decisions, line.Variant)}
			standing, isFresh, err := d.standingFindings(a, line, rows)
			if err != nil {
				return err
			}
			if isFresh {
				fresh = append(fresh, standing)
			}
			l.fill(line, rows, standing.Findings)
			l.about, l.apart = standing.About, len(line.Versions) > 0 && line.Versions[len(line.Versions)-1].ID != standing.Version
			out = append(out, l)
		}
		sum, err = d.sumOf(a, h, rows, declared)
		return err
	})
	if err == nil && len(fresh) > 0 {
		d.keepStanding(fresh)
	}
	return out, sum, err
}

// inTurns gives the rows of some terms. A long history is read in turns: between them the archive is free for whoever decides or
// captures, and what was compared is kept.
func (d *reviewDesk) inTurns(ctx context.Context, terms snapshots.Terms) (h *history, rows []row, err error) {
	for turn := time.Second; ; {
		before := d.state()
		part, cancel := context.WithTimeout(ctx, turn)
		h, rows, err = d.store.timeline(part, d.engine, terms.Service, terms.Type)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return h, rows, err
		}
		switch {
		case d.state() == before: // nothing could be kept: it takes longer
			turn = min(2*turn, time.Minute)
		case turn < longTurn: // each turn begins with what is not kept
			turn += turn / 2
		}
		time.Sleep(breath)
	}
}

// longTurn is how long turns become of themselves.
const longTurn = 4 * time.Second

// breath is for how long the archive is free between turns: other processes ask for it every 50 ms.
const breath = 120 * time.Millisecond

func gathered[T any](seq iter.Seq2[T, error]) (out []T, err error) {
	for x, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// Decide records a decision, and what is known of its line is brought up to date at once.
func (d *reviewDesk) Decide(ctx context.Context, x snapshots.Decision) (got snapshots.Decision, err error) {
	var decisions []snapshots.Decision
	err = d.store.write(func(a *archive.Archive) error {
		var err error
		if got, err = a.PutDecision(x); err != nil {
			return err
		}
		decisions, err = gathered(a.Decisions(x.Terms))
		return err
	})
	var revised *archive.ErrRevised
	if errors.As(err, &revised) {
		return got, &review.Conflict{Decision: revised.Last}
	}
	if err != nil {
		return got, err
	}
	if d.onServer() {
		d.readNow(ctx, x.Terms)
		return got, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.lines[x.Terms] {
		l := &d.lines[x.Terms][i]
		l.decisions = desk.OfVariant(decisions, l.key.variant)
	}
	if d.busy == nil {
		d.seen = d.state()
	}
	return got, nil
}
