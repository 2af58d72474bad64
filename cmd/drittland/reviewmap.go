package main

// The desk, flows: where texts let data go, on a day. Of each line is kept from which version on it says what.

import (
	"context"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A flowLine is where a line of terms let data go over time.
type flowLine struct {
	at    review.Where // the number does not count
	steps []flowStep   // by day; each stands until the next
}

// A flowStep is a version from which on a text says something else of destinations than before.
type flowStep struct {
	from   law.Date
	number int
	places []flowPlace
	vague  bool
}

// A flowPlace is one destination, with the version since which the text has it in these roles.
type flowPlace struct {
	country, kind, quote string
	roles                []string
	since                int
	day                  law.Date
}

// placeRunes bounds the quote that is kept of a destination.
const placeRunes = 200

// flowLines gather where the lines of a history let data go. Captures that seem to have failed say nothing.
func flowLines(h *history, rows []row) []flowLine {
	var out []flowLine
	for _, line := range h.lines() {
		l := flowLine{at: review.Where{Terms: h.Terms, Line: line.Variant}}
		for i := range rows {
			if r := &rows[i]; r.ofVersion() && r.Line == line.Variant && r.Loss == "" && !r.Waits && r.Transfers != nil {
				l.add(r)
			}
		}
		if len(l.steps) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// add takes up the next version, if it says something else.
func (l *flowLine) add(r *row) {
	s := flowStep{from: law.DateOf(r.Date), number: r.Number, vague: r.Transfers.Vague}
	var before *flowStep
	if n := len(l.steps); n > 0 {
		before = &l.steps[n-1]
	}
	same := before != nil && before.vague == s.vague && len(before.places) == len(r.Transfers.Destinations)
	for i := range r.Transfers.Destinations {
		p := newFlowPlace(&r.Transfers.Destinations[i], &s)
		if j := before.index(&p); j >= 0 {
			p = before.places[j]
		} else {
			same = false
		}
		s.places = append(s.places, p)
	}
	if !same {
		l.steps = append(l.steps, s)
	}
}

func newFlowPlace(d *analyze.Destination, s *flowStep) flowPlace {
	p := flowPlace{country: d.Country, kind: d.Kind, roles: slices.Clone(d.Roles), since: s.number, day: s.from}
	slices.Sort(p.roles)
	switch {
	case d.Recipient != "":
		p.quote = excerpt(d.Recipient, placeRunes)
	case d.Source != "":
		p.quote = excerpt(d.Source, placeRunes)
	default:
		p.quote = excerpt(d.Quote, placeRunes)
	}
	return p
}

// index finds a destination that is the same but for its words; -1 if there is none.
func (s *flowStep) index(p *flowPlace) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.places, func(o flowPlace) bool {
		return o.country == p.country && o.kind == p.kind && slices.Equal(o.roles, p.roles)
	})
}

// on is what the line says on a day; nil before its first version.
func (l *flowLine) on(day law.Date) *flowStep {
	for i := range slices.Backward(l.steps) {
		if !day.Before(l.steps[i].from) {
			return &l.steps[i]
		}
	}
	return nil
}

// Flows gives where data go on a day.
func (d *reviewDesk) Flows(ctx context.Context, service string, on law.Date) (*review.Flows, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &review.Flows{On: on, Read: d.read, Total: d.total}
	var lines []*flowLine
	for terms, x := range d.sums {
		if len(x.flows) > 0 {
			f.Names = append(f.Names, terms.Service)
		}
		for i := range x.flows {
			if service == "" || terms.Service == service {
				lines = append(lines, &x.flows[i])
			}
		}
	}
	slices.SortFunc(f.Names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	f.Names = slices.Compact(f.Names)
	f.Days = daysOf(lines, d.today())
	standing := map[snapshots.Terms]bool{}
	for _, l := range lines {
		s := l.on(on)
		if s == nil {
			continue
		}
		standing[l.at.Terms] = true
		at := l.at
		if at.Number = s.number; s.vague {
			f.Vague = append(f.Vague, at)
		}
		for i := range s.places {
			p := &s.places[i]
			at.Number = p.since
			f.Flows = append(f.Flows, review.Flow{At: at, Since: p.day, Country: p.country, Standing: law.StandingOf(p.country, on), Kind: p.kind, Roles: p.roles, Quote: p.quote})
		}
	}
	f.Texts = len(standing)
	return f, nil
}

// maxDays bounds the days of a map; the days on which texts changed are thinned out to them.
const maxDays = 1000

// daysOf are the days on which lines said something else than before, or the standing of one of their destinations changed, oldest
// first; today is the last.
func daysOf(lines []*flowLine, today law.Date) []law.Date {
	days, countries := map[law.Date]bool{today: true}, map[string]bool{}
	first := today
	for _, l := range lines {
		for i := range l.steps {
			days[l.steps[i].from] = true
			if l.steps[i].from.Before(first) {
				first = l.steps[i].from
			}
			for j := range l.steps[i].places {
				countries[l.steps[i].places[j].country] = true
			}
		}
	}
	file := law.Default()
	add := func(country string, list ...law.Date) {
		for _, day := range list {
			if countries[country] && !day.IsZero() && first.Before(day) && day.Before(today) {
				days[day] = true
			}
		}
	}
	for i := range file.Adequacy {
		add(file.Adequacy[i].Country, file.Adequacy[i].From, file.Adequacy[i].Ended)
	}
	for i := range file.Members {
		add(file.Members[i].Country, file.Members[i].From, file.Members[i].Ended)
	}
	out := make([]law.Date, 0, len(days))
	for day := range days {
		out = append(out, day)
	}
	slices.SortFunc(out, law.Date.Compare)
	if len(out) <= maxDays {
		return out
	}
	thin := make([]law.Date, maxDays)
	for i := range thin {
		thin[i] = out[i*(len(out)-1)/(maxDays-1)]
	}
	return thin
}
