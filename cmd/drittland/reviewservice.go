package main

// The desk, services: the list of all terms, and one of them with its history, what it says now, and how its source stands.

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A termsSum is what lists and the map tell of some terms.
type termsSum struct {
	tracked // the declaration is empty if they are not declared
	listed  review.Track
	flows   []flowLine
}

// staleDays is for how many days a text may go unseen before that is an alarm.
const staleDays = 7

// declared are the declarations by terms.
func (d *reviewDesk) declared() (map[snapshots.Terms]*snapshots.Declaration, error) {
	out := map[snapshots.Terms]*snapshots.Declaration{}
	err := d.store.look(func(a *archive.Archive) error {
		list, err := a.Declarations()
		for i := range list {
			out[snapshots.Terms{Service: list[i].Service, Type: list[i].TermsType}] = &list[i]
		}
		return err
	})
	return out, err
}

// sumOf reads what lists tell of some terms. They may be declared or not.
func (d *reviewDesk) sumOf(a *archive.Archive, h *history, rows []row, declared *snapshots.Declaration) (*termsSum, error) {
	x := &termsSum{tracked: tracked{Versions: len(h.Versions), Others: h.byOthers(), Verified: h.Verified}, flows: flowLines(h, rows)}
	if declared != nil {
		_, st, err := d.store.standing(a, *declared)
		if err != nil {
			return nil, err
		}
		x.Declaration, x.Failing, x.Moved, x.Notes = *declared, st.Trouble, st.Moved, st.Notes
	}
	x.listed = review.Track{Terms: h.Terms, Declared: declared != nil && declared.Removed.IsZero(), Versions: x.Versions, Others: x.Others, Verified: x.Verified, Moved: x.Moved}
	for _, v := range h.Variants {
		x.listed.Variants += len(v.Versions)
	}
	if t := x.Failing; t != nil {
		x.listed.Trouble = &review.Trouble{Since: t.Since, At: t.At, Times: t.Times, Kind: t.Kind, Why: t.Why, Again: t.Again}
	}
	for i := range rows {
		if r := &rows[i]; r.Number > 0 && (r.Class != "" && r.Class != string(diff.None) || r.Cause != snapshots.TermsCh && r.Cause != snapshots.Reading) {
			x.listed.Last = review.Step{At: r.where(), Date: r.Date, Cause: r.Cause, Class: r.Class, Alert: r.Alert}
		}
	}
	return x, nil
}

// await waits until the archive is read, as long as visitors wait for that.
func (d *reviewDesk) await(ctx context.Context) error {
	busy := d.refresh()
	if busy == nil {
		return nil
	}
	select {
	case <-busy:
	case <-time.After(queuePatience - time.Since(d.since())):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Services lists what was gathered.
func (d *reviewDesk) Services(ctx context.Context, f review.TrackFilter, page int) (*review.Services, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	if d.onServer() {
		return d.servicesOnServer(ctx, f, page)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []review.Track
	for terms, x := range d.sums {
		all = append(all, d.track(terms, x))
	}
	out := review.ListTracks(all, f, page)
	out.Read, out.Total, out.Trouble = d.read, d.total, slices.Clone(d.trouble)
	return out, nil
}

// track is what the list tells of some terms now. The caller holds the lock.
func (d *reviewDesk) track(terms snapshots.Terms, x *termsSum) review.Track {
	t := x.listed
	if t.Declared {
		t.Stale = x.stale(d.env.Now(), staleDays)
	}
	t.Waiting = map[rules.Level]int{}
	for i := range d.lines[terms] {
		for _, it := range d.lines[terms][i].judged(d.today()) {
			if it.Waits() {
				t.Waiting[it.Level]++
			}
		}
	}
	return t
}

// Service puts some terms of a service together.
func (d *reviewDesk) Service(ctx context.Context, terms snapshots.Terms, lang string) (*review.Service, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	out := &review.Service{}
	var sum *termsSum
	var err error
	if d.onServer() {
		out.Tracks, sum, err = d.tracksOnServer(ctx, &terms)
	} else {
		out.Tracks, sum, err = d.tracksOf(ctx, &terms)
	}
	if err != nil {
		return nil, err
	}
	if sum == nil {
		return nil, review.ErrNotFound
	}
	out.Terms, out.Notes = terms, sum.Notes
	for _, s := range sum.Sources {
		out.Sources = append(out.Sources, s.URL)
	}
	h, rows, err := d.store.timeline(ctx, d.engine, terms.Service, terms.Type)
	if err != nil {
		return nil, err
	}
	lines, err := d.linesOf(h, rows)
	if err != nil {
		return nil, err
	}
	out.Rows = d.told(lines, rows, lang)
	err = d.store.look(func(a *archive.Archive) error {
		for _, line := range h.lines() {
			l, err := d.lineNow(a, line, d.engine.In(lang))
			if err != nil {
				return err
			}
			if l != nil {
				out.Lines = append(out.Lines, *l)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	out.Variants, err = d.variantsNow(ctx, rows, lang)
	return out, err
}

// tracksOf gives the terms of a service, of which it sets the type if none is named, and what lists tell of these; nil if there are none.
func (d *reviewDesk) tracksOf(ctx context.Context, terms *snapshots.Terms) (out []review.Track, sum *termsSum, err error) {
	asked := func(t snapshots.Terms) bool {
		return t.Service == terms.Service && (t.Type == terms.Type || terms.Type == "")
	}
	if err := d.know(ctx, asked); err != nil {
		return nil, nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for t, x := range d.sums {
		if t.Service == terms.Service {
			out = append(out, d.track(t, x))
		}
	}
	slices.SortFunc(out, func(a, b review.Track) int { return strings.Compare(a.Terms.Type, b.Terms.Type) })
	if terms.Type == "" {
		terms.Type = foremost(out)
	}
	return out, d.sums[*terms], nil
}

// linesOf gives what can be decided on in terms whose history was read: as it was gathered, or as it is now on a server.
func (d *reviewDesk) linesOf(h *history, rows []row) ([]deskLine, error) {
	if d.onServer() {
		lines, _, err := d.gatherRows(h, rows, nil)
		return lines, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines[h.Terms]), nil
}

// foremost is the type of the terms that a visitor means who names none.
func foremost(list []review.Track) string {
	for i := range list {
		if list[i].Terms.Type == defaultType {
			return defaultType
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Terms.Type
}

// told are rows as the page of a service shows them, the newest first.
func (d *reviewDesk) told(lines []deskLine, rows []row, lang string) []review.Step {
	w := locale.For(lang)
	d.mu.Lock()
	defer d.mu.Unlock()
	joined := map[string]*desk.Desk{}
	keys := map[string]string{} // of changes that are in the queue, by fingerprint and line
	for i := range lines {
		l := &lines[i]
		joined[l.key.variant] = desk.Join(l.decisions, l.stands, d.today())
		for j := range l.items {
			keys[l.items[j].Fingerprint+l.key.variant] = l.items[j].Key()
		}
	}
	dates := map[string]string{} // of each variant, as they were told last
	out := make([]review.Step, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if list := datesOfRow(w, r); list != "" && list == dates[r.Variant] {
			r.Dates = nil
		} else if list != "" {
			dates[r.Variant] = list
		}
		s := review.Step{At: r.where(), Version: r.Version, Date: r.Date, Cause: r.Cause, Class: r.Class, Alert: r.Alert, Refused: r.Refused, Variant: r.Variant, Language: r.Language,
			Others: r.Source.Others, Waits: r.Waits, Text: r.ofVersion(), Notes: rowLines(w, r)}
		if r.Number > 0 && joined[r.Line] != nil {
			s.About = keys[r.fingerprint()+r.Line]
			if st := stateAt(joined[r.Line], r.fingerprint()); st.Decision != nil || s.About != "" {
				s.State = &st
			}
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

// lineNow is what the last version of a line says; nil if it has none.
func (d *reviewDesk) lineNow(a *archive.Archive, h *history, engine *analyze.Engine) (*review.Line, error) {
	n := len(h.Versions)
	if n == 0 {
		return nil, nil
	}
	v := h.Versions[n-1]
	s, err := newSubject(a, engine, v)
	if err != nil {
		return nil, err
	}
	l := &review.Line{At: review.Where{Terms: h.Terms, Line: h.Variant, Number: n}, Date: v.Date, Report: engine.Report(s.facts, analyze.Dates{AsOf: s.day, Today: d.today()})}
	for _, x := range v.Annexes {
		y := review.Annex{URL: x.URL, Problem: x.Problem, Gone: x.Gone}
		if got, err := a.Snapshot(x.Snapshot); err == nil && x.Snapshot != "" {
			y.At = got.At
		}
		l.Annexes = append(l.Annexes, y)
	}
	return l, nil
}

// variantsNow are the texts that are served side by side, none if there is only one.
func (d *reviewDesk) variantsNow(ctx context.Context, rows []row, lang string) ([]review.Variant, error) {
	list := variantsOf(rows)
	if len(list) < 2 {
		return nil, nil
	}
	if err := d.store.compareVariants(ctx, d.engine, list); err != nil {
		return nil, err
	}
	var out []review.Variant
	for _, x := range list {
		line, _, _ := strings.Cut(x.Number, ":")
		if !x.Apart {
			line = ""
		}
		out = append(out, review.Variant{Name: x.Name, Line: line, Language: x.Language, Versions: x.Versions, First: x.First, Last: x.Last, Words: x.Words, Differs: factLines(locale.For(lang), x.Against)})
	}
	return out, nil
}

// Timeline draws up the history of a line.
func (d *reviewDesk) Timeline(ctx context.Context, at review.Where, lang string) (*report.Timeline, error) {
	h, rows, err := d.store.timeline(ctx, d.engine, at.Terms.Service, at.Terms.Type)
	var coded *coded
	if errors.As(err, &coded) && coded.code == exitUsage {
		return nil, review.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	line := h.lineOf(at.Line)
	if line == nil || len(line.Versions) == 0 || h.Terms != at.Terms {
		return nil, review.ErrNotFound
	}
	rec, err := d.store.record(ctx, line, rows)
	if err != nil {
		return nil, err
	}
	return report.NewTimeline(locale.For(lang), rec), nil
}
