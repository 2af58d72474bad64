package main

// What is read of terms, as the tables of a server keep it, and back.

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A keptItem is what is shown of an item, beside what it is found by.
type keptItem struct {
	Fingerprint string               `json:"fingerprint"`
	Version     string               `json:"version"`
	Checks      []string             `json:"checks,omitempty"`
	Class       string               `json:"class,omitempty"`
	Cause       snapshots.Cause      `json:"cause,omitempty"`
	Facts       []analyze.FactChange `json:"facts,omitempty"`
	Quote       string               `json:"quote,omitempty"`
	Decision    *snapshots.Decision  `json:"decision,omitempty"`
	Lapsed      string               `json:"lapsed,omitempty"` // why
	wording
}

// readInto puts what was read of terms into a reading.
func (d *reviewDesk) readInto(out *shelf.Reading, h *history, rows []row, lines []deskLine) error {
	out.About = []string{}
	for i := range lines {
		l := &lines[i]
		for j, x := range l.judged(d.today()) {
			item, err := newTableItem(&x, &l.more[j])
			if err != nil {
				return err
			}
			out.Items = append(out.Items, item)
		}
		for j := range l.decisions {
			b, err := json.Marshal(&l.decisions[j])
			if err != nil {
				return err
			}
			out.Decisions = append(out.Decisions, shelf.Decision{Line: l.key.variant, Fingerprint: l.decisions[j].Fingerprint, At: l.decisions[j].At, Data: b})
		}
		if l.apart { // the law judges another text
			out.About = nil
		} else if out.About != nil {
			out.About = append(out.About, l.about...)
		}
	}
	slices.Sort(out.About)
	out.About = slices.Compact(out.About)
	out.Rows = tableRows(h, rows)
	return nil
}

// newTableItem is an item as it is kept.
func newTableItem(x *review.Item, more *wording) (shelf.Item, error) {
	b, err := json.Marshal(keptItem{x.Fingerprint, x.Version, x.Checks, x.Class, x.Cause, x.Facts, x.Quote, x.Decision, x.Why, *more})
	out := shelf.Item{Line: x.At.Line, Key: x.Key(), Kind: x.Kind, State: x.Is, Waits: x.Waits(), Level: x.Level, Date: x.Date, Place: x.Place, Number: x.At.Number, Check: x.Check, Language: x.Language,
		Articles: x.Articles, Countries: x.Countries, Data: b}
	if x.Is == review.Decided {
		out.Until = x.Decision.Until
	}
	words := slices.Concat([]string{x.At.Terms.Service, x.At.Terms.Type, x.Check, x.Quote}, x.Checks)
	if x.Kind == snapshots.AboutChange {
		out.Said = map[string]string{}
		for _, lang := range locale.Languages() {
			title, lines := x.Say(locale.For(lang))
			out.Said[lang] = strings.ToLower(strings.Join(append(lines, title), "\n"))
		}
	} else {
		title, lines := x.Say(locale.For("en"))
		words = append(words, lines...)
		if set, err := rules.Builtin(); err == nil {
			if _, known := set.CheckByID(x.Check); !known { // its title is in no list
				words = append(words, title)
			}
		}
	}
	out.Words = strings.ToLower(strings.Join(words, "\n"))
	return out, err
}

// shownItem is an item that was kept.
func shownItem(t *shelf.Item) (review.Item, error) {
	var k keptItem
	err := json.Unmarshal(t.Data, &k)
	x := review.Item{Kind: t.Kind, At: review.Where{Terms: t.Terms, Line: t.Line, Number: t.Number}, Fingerprint: k.Fingerprint, Version: k.Version, Date: t.Date, Level: t.Level, Check: t.Check, Checks: k.Checks,
		Articles: t.Articles, Countries: t.Countries, Language: t.Language, Class: k.Class, Cause: k.Cause, Facts: k.Facts, Quote: k.Quote, Place: t.Place,
		State: review.State{Is: t.State, Decision: k.Decision, Why: k.Lapsed}}
	if x.Is == review.Lapsed && x.Why == "" { // its day came since it was kept
		x.Why = dayCame
	}
	x.Say = itemWords(&x, &k.wording)
	return x, err
}

func shownItems(list []shelf.Item) ([]review.Item, error) {
	var out []review.Item
	for i := range list {
		x, err := shownItem(&list[i])
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// tableRows are the rows of a history, as far as digests and alerts ask for them.
func tableRows(h *history, rows []row) []shelf.Row {
	place := map[string]int{}
	for i, line := range h.lines() {
		place[line.Variant] = i
	}
	var out []shelf.Row
	last := map[[2]string]int{} // by line and language: the text that stands
	for i := range rows {
		r := &rows[i]
		if r.Number == 0 {
			continue
		}
		x := shelf.Row{Line: r.Line, LinePlace: place[r.Line], Number: r.Number, Version: r.Version, Date: r.Date, Cause: string(r.Cause), Language: r.Language,
			Tells: r.tells(), Alert: r.alerts(), Stands: r.ofVersion() && r.Loss == "", About: []string{}}
		if x.Stands {
			if k, ok := last[[2]string{r.Line, r.Language}]; ok {
				out[k].Until = r.Date
			}
			last[[2]string{r.Line, r.Language}] = len(out)
			x.About, x.Ahead = reliedOn(r.Transfers), announcedBy(r.Dates)
		}
		out = append(out, x)
	}
	return out
}

// tells reports whether a digest of its time tells of a row.
func (r *row) tells() bool { return r.Alert || r.Cause == snapshots.First && r.Variant == "" }

// alerts reports whether somebody is told at once of a row.
func (r *row) alerts() bool { return r.Alert && r.Number > 0 && r.Cause != snapshots.First && !r.Waits }

// reliedOn are the countries and tools that a text relies on, as relies has it.
func reliedOn(t *analyze.Transfers) []string {
	out := []string{}
	if t == nil {
		return out
	}
	for i := range t.Destinations {
		out = append(out, t.Destinations[i].Country)
	}
	for i := range t.Tools {
		out = append(out, t.Tools[i].ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// announcedBy is the last day that the dates of a text are about.
func announcedBy(x *analyze.StatedDates) (day string) {
	if x == nil {
		return ""
	}
	if x.Effective != nil {
		day = x.Effective.Day
	}
	if x.Next != nil {
		day = max(day, x.Next.Day)
	}
	return day
}
