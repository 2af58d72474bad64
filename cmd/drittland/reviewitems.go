package main

// The desk, what can be decided on: the alerts of a line, and the findings that stand in its last text.

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
)

// fill gathers the items of a line: its alerts, and the findings that stand.
func (l *deskLine) fill(h *history, rows []row, findings []analyze.Finding) {
	l.stands = prints(rows, h.Variant)
	since := map[string]*row{} // by fingerprint: the row from which on the words stood
	byLaw := map[string]*row{} // by check: the row with which the law brought it
	for i := range rows {
		r := &rows[i]
		if r.Line != h.Variant || r.Number == 0 || r.Loss != "" || r.Waits {
			continue
		}
		if r.ofVersion() {
			stands := map[string]*row{}
			for _, f := range r.Has {
				stands[f] = cmp.Or(since[f], r)
			}
			since = stands
		} else {
			for _, id := range r.Appeared {
				byLaw[id] = r
			}
		}
		if r.Alert {
			l.add(changeItem(r), wording{Law: r.Law, Again: r.Again, Why: r.Why})
		}
	}
	n := h.standing(rows)
	for i := range findings {
		f, last := &findings[i], h.Versions[n]
		r := cmp.Or(since[f.Fingerprint], byLaw[f.ID], &row{Number: n + 1, Terms: h.Terms, Line: h.Variant, Date: last.Date, Version: last.ID})
		l.stands = append(l.stands, f.Fingerprint)
		l.add(findingItem(r, f, last.Language), wording{Title: f.Title})
	}
}

// A wording is what is said of an item beside what it holds.
type wording struct {
	Law   []analyze.LawChange `json:"law,omitempty"` // of a change
	Again bool                `json:"again,omitempty"`
	Why   string              `json:"why,omitempty"`
	Title string              `json:"title,omitempty"` // of a finding
}

// add takes up an item, which is told apart from others by its place.
func (l *deskLine) add(x review.Item, s wording) {
	x.Place, x.Say = len(l.items), itemWords(&x, &s)
	l.items, l.more = append(l.items, x), append(l.more, s)
}

// itemWords puts an item in words.
func itemWords(x *review.Item, s *wording) func(*locale.Words) (string, []string) {
	if x.Kind == snapshots.AboutChange {
		r, facts := row{Cause: x.Cause, Class: x.Class, Law: s.Law, Again: s.Again, Why: s.Why}, x.Facts
		return func(w *locale.Words) (string, []string) { return changeTitle(w, &r), factLines(w, facts) }
	}
	id, title, quote := x.Check, s.Title, x.Quote
	return func(w *locale.Words) (string, []string) {
		var lines []string
		if quote != "" {
			lines = append(lines, "“"+excerpt(quote, 160)+"”")
		}
		return id + " " + checkTitle(w, id, title), lines
	}
}

// where is the version of a row.
func (r *row) where() review.Where {
	return review.Where{Terms: r.Terms, Line: r.Line, Number: r.Number}
}

// fingerprint names what a row tells: its change, or what the law or a new reading brought to light.
func (r *row) fingerprint() string {
	if r.ofVersion() && r.Fingerprint != "" {
		return r.Fingerprint
	}
	parts := []string{string(r.Cause), r.Line, string(r.Text), strings.Join(r.Appeared, " "), strings.Join(r.Resolved, " ")}
	if r.Cause == snapshots.Law {
		parts = append(parts, r.Date.Format(time.DateOnly))
	}
	return string(snapshots.HashOf([]byte(strings.Join(parts, "\x00")))[:24])
}

func changeItem(r *row) review.Item {
	x := review.Item{Kind: snapshots.AboutChange, At: r.where(), Fingerprint: r.fingerprint(), Version: r.Version, Date: r.Date, Checks: r.Appeared, Language: r.Language,
		Class: r.Class, Cause: r.Cause, Facts: r.Facts, Quote: quoteOf(r), Level: levelOf(r), Articles: articlesOf(r.Appeared)}
	for _, f := range r.Facts {
		if f.What == "destination" && !slices.Contains(x.Countries, f.Value) {
			x.Countries = append(x.Countries, f.Value)
		}
	}
	slices.Sort(x.Countries)
	return x
}

// changeTitle is what a change is called in a list.
func changeTitle(w *locale.Words, r *row) string {
	switch {
	case r.Cause == snapshots.Law:
		return report.LawBetween(w, r.Law)
	case r.Again:
		return w.Tell(r.Why)
	}
	return w.F("Change: %s", report.ClassIn(w, r.Class))
}

func findingItem(r *row, f *analyze.Finding, language string) review.Item {
	x := review.Item{Kind: snapshots.AboutFinding, At: r.where(), Fingerprint: f.Fingerprint, Version: r.Version, Date: r.Date, Level: f.Level, Check: f.ID, Articles: f.Articles, Language: language, Quote: f.Quote}
	if r.Transfers != nil {
		for _, d := range r.Transfers.Destinations {
			if d.Start < f.End && f.Start < d.End && !slices.Contains(x.Countries, d.Country) {
				x.Countries = append(x.Countries, d.Country)
			}
		}
	}
	return x
}
