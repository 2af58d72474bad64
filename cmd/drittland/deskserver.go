package main

// The desk of an archive on a server: what terms hold is read when they have changed, by who looks and by workers, and kept in tables.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// onServer reports whether the archive is on a server.
func (d *reviewDesk) onServer() bool { return archive.OnServer(d.dir) }

// inTables gives the tables of an archive on a server to f.
func (d *reviewDesk) inTables(ctx context.Context, f func(*shelf.Tables) error) error {
	var db *pg.DB
	if d.store.held != nil {
		db = d.store.held.Server()
	} else {
		c, done, err := d.store.connect(d.store.options(true))
		if err != nil {
			return err
		}
		defer done()
		db = c.DB()
	}
	t, err := shelf.In(ctx, db, shelf.Made{Program: program(), Law: d.lawOn(d.today())})
	if err != nil {
		return err
	}
	t.Titles, t.Services, t.Found, t.Today = titled, d.listed, d.found, d.today()
	return f(t)
}

// titled are the checks whose titles have a word.
func titled(w *locale.Words, word string) (out []string) {
	set, err := rules.Builtin()
	if err != nil {
		return nil
	}
	for i := range set.Checks {
		c := &set.Checks[i]
		if strings.Contains(strings.ToLower(c.ID+" "+set.Text(c, w.Language()).Title), word) {
			out = append(out, c.ID)
		}
	}
	return out
}

// atATime is how many terms a round takes up before it looks again what is to be read.
const atATime = 64

// gatherOnServer reads the terms that have changed. Those that cannot be read, or that others read right now, are left.
func (d *reviewDesk) gatherOnServer(ctx context.Context) error {
	if err := d.store.read(ctx, func(*archive.Archive) error { return nil }); err != nil { // what was captured is read first
		return err
	}
	return d.inTables(ctx, func(t *shelf.Tables) error {
		var left []snapshots.Terms
		var failed []error
		for {
			behind, all, err := t.Behind(ctx)
			if err != nil {
				return err
			}
			d.mu.Lock()
			d.read, d.total, d.left = all-behind, all, behind
			d.mu.Unlock()
			if behind == 0 {
				return nil
			}
			n, err := d.readSome(ctx, t, atATime, &left)
			if err != nil && len(failed) < 3 {
				failed = append(failed, err)
			}
			if n == 0 || errors.Is(err, shelf.ErrDenied) || ctx.Err() != nil {
				return errors.Join(failed...)
			}
		}
	})
}

// readSome reads some terms that have changed, but for those in left, to which it adds what was not read. It gives how many it took up, and why some could not be read.
func (d *reviewDesk) readSome(ctx context.Context, t *shelf.Tables, most int, left *[]snapshots.Terms) (n int, err error) {
	if err := d.passBy(ctx, t); err != nil {
		return 0, err
	}
	list, err := t.Pending(ctx, most, *left)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, terms := range list {
		done, err := t.Fill(ctx, terms, d.readTerms)
		if errors.Is(err, shelf.ErrDenied) {
			return n, fmt.Errorf("what has changed since is not shown: %w", err)
		}
		if err != nil && len(failed) < 3 {
			failed = append(failed, err)
		}
		if n++; !done {
			*left = append(*left, terms)
		}
		d.mu.Lock()
		if done && d.read < d.total {
			d.read++
		}
		d.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return n, err
		}
	}
	return n, errors.Join(errors.Join(failed...), t.Tidy(ctx, d.today().String()))
}

// readNow reads some terms at once, so that what was just recorded is shown. It is no failure if that cannot be done: they are marked.
func (d *reviewDesk) readNow(ctx context.Context, terms ...snapshots.Terms) {
	_ = d.inTables(ctx, func(t *shelf.Tables) error {
		todo, err := t.Among(ctx, terms)
		for _, x := range todo {
			_, wrong := t.Fill(ctx, x, d.readTerms)
			err = errors.Join(err, wrong)
		}
		return err
	})
}

// passBy notes which terms a new day of the law does not touch.
func (d *reviewDesk) passBy(ctx context.Context, t *shelf.Tables) error {
	since, err := t.Laws(ctx)
	if err != nil {
		return err
	}
	today := d.today()
	for _, day := range since {
		about, known := turnsOn(d.engine.LawDays(), day, today)
		if !known {
			continue
		}
		if _, err := t.PassBy(ctx, day, about); err != nil && !errors.Is(err, shelf.ErrDenied) {
			return err
		}
	}
	return nil
}

// turnsOn are the countries and tools that the law has changed after one day and up to another; known is false if a check itself has changed.
func turnsOn(days []law.Date, after, until law.Date) (about []string, known bool) {
	in := func(d law.Date) bool { return !d.IsZero() && after.Before(d) && !until.Before(d) }
	explained := map[law.Date]bool{}
	note := func(name string, dates ...law.Date) {
		for _, d := range dates {
			if in(d) {
				about, explained[d] = append(about, name), true
			}
		}
	}
	file := law.Default()
	for _, r := range file.Adequacy {
		note(r.Country, r.From, r.Ended)
	}
	for _, r := range file.Members {
		note(r.Country, r.From, r.Ended)
	}
	for _, r := range file.Tools {
		note(r.ID, r.From, r.Closed, r.Ended)
	}
	set, err := rules.Builtin()
	if err != nil {
		return nil, false
	}
	for i := range set.Checks {
		if slices.ContainsFunc(daysOfCheck(&set.Checks[i]), in) {
			return nil, false
		}
	}
	for _, d := range days {
		if in(d) && !explained[d] {
			return nil, false
		}
	}
	return about, true
}

// daysOfCheck are the days on which a check begins and ends, and on which its level changes.
func daysOfCheck(c *rules.Check) (out []law.Date) {
	add := func(s string, days int) {
		if d, err := law.ParseDate(s); err == nil {
			out = append(out, d.AddDays(days))
		}
	}
	add(c.From, 0)
	add(c.Until, 1)
	for _, l := range c.Levels {
		add(l.Until, 1)
	}
	return out
}

// A termsState is what is read of terms before anything is compared.
type termsState struct {
	declared  *snapshots.Declaration
	history   *history
	decisions []snapshots.Decision
	mark      []byte
}

// readState reads it; nil if the archive does not hold the terms.
func readState(a *archive.Archive, terms snapshots.Terms) (*termsState, error) {
	held, err := a.Holds(terms)
	if err != nil || !held {
		return nil, err
	}
	x := &termsState{}
	switch got, err := a.Declaration(terms); {
	case err == nil:
		x.declared = &got
	case !errors.Is(err, archive.ErrNotFound):
		return nil, err
	}
	if x.history, err = readHistory(a, terms); err != nil {
		return nil, err
	}
	if x.decisions, err = gathered(a.Decisions(terms)); err != nil {
		return nil, err
	}
	tellings, err := gathered(a.Tellings(terms))
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, line := range x.history.lines() {
		fmt.Fprintf(sum, "line %q\n", line.Variant)
		for _, v := range line.Versions {
			fmt.Fprintln(sum, v.ID)
		}
		for _, v := range line.All {
			fmt.Fprintln(sum, v.ID, v.RefusedAs)
		}
	}
	for i := range x.decisions {
		fmt.Fprintln(sum, x.decisions[i].ID)
	}
	err = json.NewEncoder(sum).Encode(tellings)
	x.mark = sum.Sum(nil)
	return x, err
}

// A keptSum is what lists tell of some terms, as it is kept.
type keptSum struct {
	Tracked tracked      `json:"tracked"`
	Listed  review.Track `json:"listed"`
	Flows   []flowLine   `json:"flows,omitempty"`
}

// readTerms reads terms for the tables. What is marked as it was is not compared again.
func (d *reviewDesk) readTerms(ctx context.Context, terms snapshots.Terms, kept *shelf.Kept) (*shelf.Reading, error) {
	var x *termsState
	var sum *termsSum
	same := false
	err := d.store.look(func(a *archive.Archive) (err error) {
		if x, err = readState(a, terms); err != nil || x == nil {
			return err
		}
		if kept != nil && bytes.Equal(kept.Mark, x.mark) {
			var old keptSum
			if same = json.Unmarshal(kept.Data, &old) == nil; same {
				if sum, err = d.sumOf(a, x.history, nil, x.declared); err == nil {
					sum.flows, sum.listed.Last = old.Flows, old.Listed.Last
				}
			}
		}
		return err
	})
	if err != nil || x == nil {
		return nil, err
	}
	out := &shelf.Reading{Mark: x.mark, Same: same}
	if !same {
		h, rows, err := d.inTurns(ctx, terms)
		if err != nil {
			return nil, err
		}
		var lines []deskLine
		if lines, sum, err = d.gatherRows(h, rows, x.declared); err != nil {
			return nil, err
		}
		if err := d.readInto(out, h, rows, lines); err != nil {
			return nil, err
		}
	}
	out.Sum, err = d.keptSum(sum)
	return out, err
}

// keptSum is what lists tell of terms, for the tables.
func (d *reviewDesk) keptSum(x *termsSum) (shelf.Sum, error) {
	b, err := json.Marshal(keptSum{x.tracked, x.listed, x.flows})
	out := shelf.Sum{Failing: x.listed.Trouble != nil, Verified: x.Verified, Changed: x.listed.Last.Date, Data: b}
	since := x.Verified
	if since.IsZero() {
		since = x.Added
	}
	if x.listed.Declared && !since.IsZero() {
		out.Alarm = since.Add(max(staleDays*24*time.Hour, 2*interval(x.Declaration, d.env.Now())))
	}
	return out, err
}
