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
			l.items = append(l.items, changeItem(r))
		}
	}
	n := h.standing(rows)
	for i := range findings {
		f, last := &findings[i], h.Versions[n]
		r := cmp.Or(since[f.Fingerprint], byLaw[f.ID], &row{Number: n + 1, Terms: h.Terms, Line: h.Variant, Date: last.Date, Version: last.ID})
		l.stands = append(l.stands, f.Fingerprint)
		l.items = append(l.items, findingItem(r, f, last.Language))
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
	said := *r
	x.Say = func(w *locale.Words) (string, []string) { return changeTitle(w, &said), factLines(w, said.Facts) }
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
	id, title, quote := f.ID, f.Title, f.Quote
	x.Say = func(w *locale.Words) (string, []string) {
		var lines []string
		if quote != "" {
			lines = append(lines, "“"+excerpt(quote, 160)+"”")
		}
		return id + " " + checkTitle(w, id, title), lines
	}
	return x
}
