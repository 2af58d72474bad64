package main

// Gathering a digest: the quoted words of a change, the days of the law with the texts that rely on what changes, and what could not
// be verified.

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// Bounds on what a digest quotes.
const (
	maxQuotes  = 3   // changes of a version
	quoteRunes = 320 // of each
)

// quotesOf quotes the changes of a comparison that its facts and findings are about, else the largest ones, before and after.
func quotesOf(x *analyze.Comparison) (before, after []string) {
	before, after = []string{}, []string{}
	if x == nil || x.Redline == nil {
		return before, after
	}
	picked := slices.DeleteFunc(slices.Clone(x.Redline.Changes), func(c diff.Change) bool { return !c.Edited() })
	weight := func(c *diff.Change) int {
		n := 0
		for _, f := range x.FactsChanged {
			if f.Source == "" && (f.Op == "added" && meet(c.New, f.Start, f.End) || f.Op == "removed" && meet(c.Old, f.Start, f.End)) {
				n++
			}
		}
		for i := range x.Appeared {
			if f := &x.Appeared[i]; meet(c.New, f.Start, f.End) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(picked, func(a, b diff.Change) int {
		return cmp.Or(weight(&b)-weight(&a), b.Old.Len()+b.New.Len()-a.Old.Len()-a.New.Len())
	})
	picked = picked[:min(len(picked), maxQuotes)]
	if len(picked) > 0 && weight(&picked[0]) > 0 { // what the facts are about is quoted; the rest stands in the redline
		picked = slices.DeleteFunc(picked, func(c diff.Change) bool { return weight(&c) == 0 })
	}
	slices.SortFunc(picked, func(a, b diff.Change) int { return a.Number - b.Number })
	for i := range picked {
		c := &picked[i]
		before, after = append(before, changedWords(x.Redline, c, true)), append(after, changedWords(x.Redline, c, false))
	}
	return before, after
}

func meet(s snapshots.Span, start, end int) bool { return s.Start < end && start < s.End }

// changedWords is the text of one side of a change, from a little before the first word that changed.
func changedWords(r *diff.Redline, c *diff.Change, old bool) string {
	doc, span := r.New, c.New
	if old {
		doc, span = r.Old, c.Old
	}
	if span.Len() == 0 {
		return ""
	}
	text := doc.Quote(span)
	if len([]rune(text)) <= quoteRunes {
		return report.Line(text)
	}
	first := span.Start
	for _, e := range c.Words {
		if e.Op == diff.Equal {
			continue
		}
		if first = e.New.Start; old {
			first = e.Old.Start
		}
		break
	}
	lead := strings.LastIndex(text[:max(0, min(first-span.Start, len(text)))], ". ")
	if lead > 0 {
		text = "… " + text[lead+2:]
	}
	return excerpt(text, quoteRunes)
}

// lawDays tells of the days of the law in the time and ahead of it, with the texts that rely on what changes, which are not quiet then.
func (g *digestGatherer) lawDays(told map[string]bool) {
	for _, d := range g.lawAhead() {
		for _, t := range g.last {
			if relies(t.transfers, d.about) {
				d.Relying, told[t.ref.Terms.Service] = append(d.Relying, t.ref), true
			}
		}
		if len(d.Relying) > 0 && !slices.ContainsFunc(g.out.Law, func(y digest.LawDay) bool { return y.Date == d.Date && y.About == d.About && y.What == d.What }) {
			g.out.Law = append(g.out.Law, d.LawDay)
		}
	}
	slices.SortStableFunc(g.out.Law, func(a, b digest.LawDay) int { return strings.Compare(a.Date.String(), b.Date.String()) })
}

// A dayAhead is a day of the law with the countries and tools that it is about.
type dayAhead struct {
	digest.LawDay
	about []string
}

// lawAhead are the days of the law in the time and ahead of it.
func (g *digestGatherer) lawAhead() (out []dayAhead) {
	end := law.DateOf(g.until.In(g.zone)).AddDays(g.ahead)
	first := law.DateOf(g.from.In(g.zone))
	today := law.DateOf(g.until.In(g.zone))
	add := func(day law.Date, about []string, instrument, what, source string, verified bool) {
		if day.IsZero() || day.Before(first) || end.Before(day) {
			return
		}
		x := digest.LawDay{Date: day, About: strings.Join(about, " "), Instrument: instrument, What: what, Source: source, Verified: verified, Relying: []digest.Ref{}}
		for x.Ahead = 0; today.AddDays(x.Ahead).Before(day); x.Ahead++ {
		}
		out = append(out, dayAhead{x, about})
	}
	file := law.Default()
	for _, r := range file.Adequacy {
		add(r.From, []string{r.Country}, r.Instrument, "begins", r.Source, r.Verified)
		add(r.Ended, []string{r.Country}, r.Instrument, "ends", r.Source, r.Verified)
	}
	for _, r := range file.Tools {
		add(r.From, []string{r.ID}, r.Instrument, "begins", r.Source, r.Verified)
		add(r.Closed, []string{r.ID}, r.Instrument, "closed", r.Source, r.Verified)
		add(r.Ended, []string{r.ID}, r.Instrument, "ends", r.Source, r.Verified)
	}
	for _, e := range file.Timeline {
		if e.Kind != "enforcement" && e.Kind != "decision" { // adequacy decisions and clauses stand in the tables above
			add(e.Date, e.About, e.Ref, e.Kind, e.Source, e.Verified)
		}
	}
	return out
}

// relies reports whether a text names one of some countries as a destination, or one of some tools.
func relies(t *analyze.Transfers, about []string) bool {
	if t == nil {
		return false
	}
	for _, a := range about {
		if slices.ContainsFunc(t.Destinations, func(d analyze.Destination) bool { return d.Country == a }) ||
			slices.ContainsFunc(t.Tools, func(x analyze.Tool) bool { return x.ID == a }) {
			return true
		}
	}
	return false
}

// unverified tells what could not be had at the end of the time.
func (g *digestGatherer) unverified(ctx context.Context, told map[string]bool) error {
	list, err := g.unverifiedOnes(ctx)
	for i := range list {
		x := &list[i]
		if !g.wants(snapshots.Terms{Service: x.Service, Type: x.TermsType}) {
			continue
		}
		u := digest.Unverified{Terms: snapshots.Terms{Service: x.Service, Type: x.TermsType}, URL: x.Sources[0].URL, Since: x.Verified, Verified: x.Verified, Alarm: x.Stale}
		if u.Since.IsZero() {
			u.Since = x.Added
		}
		if f := x.Failing; f != nil {
			u.Since, u.Kind, u.Why = f.Since, f.Kind, f.Why
		}
		g.out.Unverified, told[x.Service] = append(g.out.Unverified, u), true
	}
	return err
}

// sort puts everything in the order in which it is told.
func (g *digestGatherer) sort() {
	o := g.out
	slices.SortStableFunc(o.Findings, func(a, b digest.Found) int {
		return cmp.Or(b.Level.Rank()-a.Level.Rank(), strings.Compare(a.Terms.Service, b.Terms.Service), a.Ref.Date.Compare(b.Ref.Date), strings.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(o.Facts, func(a, b digest.Change) int {
		return cmp.Or(strings.Compare(a.Terms.Service, b.Terms.Service), a.Date.Compare(b.Date))
	})
	slices.SortStableFunc(o.Decisions, func(a, b digest.Decision) int { return a.Decision.At.Compare(b.Decision.At) })
	slices.SortStableFunc(o.Unverified, func(a, b digest.Unverified) int {
		return cmp.Or(b.Alarm-a.Alarm, a.Since.Compare(b.Since), strings.Compare(a.Terms.Service, b.Terms.Service))
	})
}
