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
	At    review.Where `json:"at"`    // the number does not count
	Steps []flowStep   `json:"steps"` // by day; each stands until the next
}

// A flowStep is a version from which on a text says something else of destinations than before.
type flowStep struct {
	From   law.Date    `json:"from"`
	Number int         `json:"number"`
	Places []flowPlace `json:"places"`
	Vague  bool        `json:"vague,omitempty"`
}

// A flowPlace is one destination, with the version since which the text has it in these roles.
type flowPlace struct {
	Country string   `json:"country"`
	Kind    string   `json:"kind"`
	Quote   string   `json:"quote"`
	Roles   []string `json:"roles"`
	Since   int      `json:"since"`
	Day     law.Date `json:"day"`
}

// placeRunes bounds the quote that is kept of a destination.
const placeRunes = 200

// flowLines gather where the lines of a history let data go. Captures that seem to have failed say nothing.
func flowLines(h *history, rows []row) []flowLine {
	var out []flowLine
	for _, line := range h.lines() {
		l := flowLine{At: review.Where{Terms: h.Terms, Line: line.Variant}}
		for i := range rows {
			if r := &rows[i]; r.ofVersion() && r.Line == line.Variant && r.Loss == "" && !r.Waits && r.Transfers != nil {
				l.add(r)
			}
		}
		if len(l.Steps) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// add takes up the next version, if it says something else.
func (l *flowLine) add(r *row) {
	s := flowStep{From: law.DateOf(r.Date), Number: r.Number, Vague: r.Transfers.Vague}
	var before *flowStep
	if n := len(l.Steps); n > 0 {
		before = &l.Steps[n-1]
	}
	same := before != nil && before.Vague == s.Vague && len(before.Places) == len(r.Transfers.Destinations)
	for i := range r.Transfers.Destinations {
		p := newFlowPlace(&r.Transfers.Destinations[i], &s)
		if j := before.index(&p); j >= 0 {
			p = before.Places[j]
		} else {
			same = false
		}
		s.Places = append(s.Places, p)
	}
	if !same {
		l.Steps = append(l.Steps, s)
	}
}

func newFlowPlace(d *analyze.Destination, s *flowStep) flowPlace {
	p := flowPlace{Country: d.Country, Kind: d.Kind, Roles: slices.Clone(d.Roles), Since: s.Number, Day: s.From}
	slices.Sort(p.Roles)
	switch {
	case d.Recipient != "":
		p.Quote = excerpt(d.Recipient, placeRunes)
	case d.Source != "":
		p.Quote = excerpt(d.Source, placeRunes)
	default:
		p.Quote = excerpt(d.Quote, placeRunes)
	}
	return p
}

// index finds a destination that is the same but for its words; -1 if there is none.
func (s *flowStep) index(p *flowPlace) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.Places, func(o flowPlace) bool {
		return o.Country == p.Country && o.Kind == p.Kind && slices.Equal(o.Roles, p.Roles)
	})
}

// on is what the line says on a day; nil before its first version.
func (l *flowLine) on(day law.Date) *flowStep {
	for i := range slices.Backward(l.Steps) {
		if !day.Before(l.Steps[i].From) {
			return &l.Steps[i]
		}
	}
	return nil
}

// Flows gives where data go on a day.
func (d *reviewDesk) Flows(ctx context.Context, service string, on law.Date) (*review.Flows, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	if d.onServer() {
		return d.flowsOnServer(ctx, service, on)
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
	fillFlows(f, lines, d.today())
	return f, nil
}

// fillFlows gathers where data go by some lines on the day of f.
func fillFlows(f *review.Flows, lines []*flowLine, today law.Date) {
	on := f.On
	slices.SortFunc(f.Names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	f.Names = slices.Compact(f.Names)
	f.Days = daysOf(lines, today)
	standing := map[snapshots.Terms]bool{}
	for _, l := range lines {
		s := l.on(on)
		if s == nil {
			continue
		}
		standing[l.At.Terms] = true
		at := l.At
		if at.Number = s.Number; s.Vague {
			f.Vague = append(f.Vague, at)
		}
		for i := range s.Places {
			p := &s.Places[i]
			at.Number = p.Since
			f.Flows = append(f.Flows, review.Flow{At: at, Since: p.Day, Country: p.Country, Standing: law.StandingOf(p.Country, on), Kind: p.Kind, Roles: p.Roles, Quote: p.Quote})
		}
	}
	f.Texts = len(standing)
}

// maxDays bounds the days of a map; the days on which texts changed are thinned out to them.
const maxDays = 1000

// daysOf are the days on which lines said something else than before, or the standing of one of their destinations changed, oldest
// first; today is the last.
func daysOf(lines []*flowLine, today law.Date) []law.Date {
	days, countries := map[law.Date]bool{today: true}, map[string]bool{}
	first := today
	for _, l := range lines {
		for i := range l.Steps {
			days[l.Steps[i].From] = true
			if l.Steps[i].From.Before(first) {
				first = l.Steps[i].From
			}
			for j := range l.Steps[i].Places {
				countries[l.Steps[i].Places[j].Country] = true
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
