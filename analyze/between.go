package analyze

// Between two days: what the law changed, so that a text is judged otherwise.

import (
	"slices"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// A LawChange is one change of the law between the two days of a report.
type LawChange struct {
	Date       law.Date `json:"date"`
	About      string   `json:"about"`      // country, tool or check
	Instrument string   `json:"instrument"` // "" for a check
	Change     string   `json:"change"`     // begins, ends, closes to new use, or rises
}

// The changes of the law.
const (
	Begins = "begins"
	Ends   = "ends"
	Closes = "closes"
	Rises  = "rises" // the level of a check
)

// between gives the changes of the law, oldest first, that bear on what a check found: on the countries and tools of
// the facts, or else of their sentences, and if there are none on the check itself.
func between(h *hit, f *Facts, d Dates) []LawChange {
	b := &changes{after: d.AsOf, until: d.Today}
	if d.Today.Before(d.AsOf) {
		b.after, b.until = d.Today, d.AsOf
	}
	facts := slices.Concat(h.facts, sameSentence(f, h.facts))
	for _, g := range facts { // a tool says more than its country
		if t, ok := law.ToolByID(g.Attr["id"]); ok && g.Kind == FactTool {
			b.add(t.From, t.ID, t.Instrument, Begins)
			if t.Closed != t.Ended {
				b.add(t.Closed, t.ID, t.Instrument, Closes)
			}
			b.add(t.Ended, t.ID, t.Instrument, Ends)
		}
	}
	for _, g := range facts {
		for _, r := range law.Default().Adequacy {
			if r.Country == g.Attr["country"] {
				b.add(r.From, r.Country, r.Instrument, Begins)
				b.add(r.Ended, r.Country, r.Instrument, Ends)
			}
		}
	}
	if len(b.list) == 0 {
		b.check(h.check)
	}
	slices.SortStableFunc(b.list, func(a, b LawChange) int { return a.Date.Compare(b.Date) })
	return b.list
}

// changes are those after one day up to another.
type changes struct {
	after, until law.Date
	list         []LawChange
}

func (b *changes) add(on law.Date, about, instrument, change string) {
	c := LawChange{on, about, instrument, change}
	same := func(o LawChange) bool {
		return o == c || o.Instrument == c.Instrument && o.Instrument != "" && o.Change == c.Change
	}
	if !on.IsZero() && b.after.Before(on) && !b.until.Before(on) && !slices.ContainsFunc(b.list, same) {
		b.list = append(b.list, c)
	}
}

// check adds the days on which a check begins and ends, and on which its level changes.
func (b *changes) check(c *rules.Check) {
	if on, err := law.ParseDate(c.From); err == nil {
		b.add(on, c.ID, "", Begins)
	}
	if on, err := law.ParseDate(c.Until); err == nil {
		b.add(on.AddDays(1), c.ID, "", Ends)
	}
	for _, l := range c.Levels {
		if on, err := law.ParseDate(l.Until); err == nil {
			b.add(on.AddDays(1), c.ID, "", Rises)
		}
	}
}

// LawDays are the days on which the law that the checks know changed, oldest first.
func (e *Engine) LawDays() []law.Date {
	out := []law.Date{gdpr}
	add := func(days ...law.Date) {
		for _, d := range days {
			if !d.IsZero() {
				out = append(out, d)
			}
		}
	}
	for _, r := range law.Default().Adequacy {
		add(r.From, r.Ended)
	}
	for _, m := range law.Default().Members {
		add(m.From, m.Ended)
	}
	for _, t := range law.Default().Tools {
		add(t.From, t.Closed, t.Ended)
	}
	for i := range e.set.Checks {
		all := changes{after: law.Date{Year: 1}, until: law.Date{Year: 9999}}
		all.check(&e.set.Checks[i])
		for _, c := range all.list {
			add(c.Date)
		}
	}
	slices.SortFunc(out, law.Date.Compare)
	return slices.Compact(out)
}

// LawChange gives the findings that appeared and those that were resolved because the law changed on a day.
func (e *Engine) LawChange(f *Facts, on law.Date) (appeared, resolved []Finding) {
	before := on.AddDays(-1)
	r := e.Report(f, Dates{AsOf: before, Today: on})
	for _, x := range r.Findings {
		if x.Today == "none" {
			resolved = append(resolved, x)
		} else if now := rules.Level(x.Today); now.Rank() > x.Level.Rank() {
			x.Level, x.AsOf = now, on
			appeared = append(appeared, x)
		}
	}
	return append(appeared, r.Later...), resolved
}
