package report

// The dates of the law on a timeline: the GDPR, the frameworks and sets of clauses, and the adequacy of the countries that
// the text names.

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// A TimelineLaw is one date of the law.
type TimelineLaw struct {
	Date        law.Date `json:"date"`
	Label       string   `json:"label"`
	About       []string `json:"about"`       // countries and tools by ID; empty for the GDPR
	Change      string   `json:"change"`      // begins, ends, or closes to new use
	Instruments []string `json:"instruments"` // those that it is about
}

// at is the beginning of the day, UTC.
func (x *TimelineLaw) at() time.Time {
	return time.Date(x.Date.Year, x.Date.Month, x.Date.Day, 0, 0, 0, 0, time.UTC)
}

// lawDates are the dates of the law from one day to another that bear on transfers to some countries.
func lawDates(l *locale.Words, countries []string, from, until law.Date) []TimelineLaw {
	out := []TimelineLaw{}
	add := func(x TimelineLaw) {
		if !x.Date.IsZero() && !x.Date.Before(from) && !until.Before(x.Date) {
			out = append(out, x)
		}
	}
	add(TimelineLaw{law.Date{Year: 2018, Month: time.May, Day: 25}, l.T("GDPR applies"), []string{}, analyze.Begins, []string{"Regulation (EU) 2016/679"}}) // Art. 99(2)
	toolDates(l, add)
	for _, c := range countries {
		adequacyDates(l, c, add)
	}
	slices.SortStableFunc(out, func(a, b TimelineLaw) int {
		return cmp.Or(a.Date.Compare(b.Date), strings.Compare(a.Label, b.Label))
	})
	return out
}

// frameworks are the frameworks with the United States by short names.
var frameworks = map[string]string{"safe_harbour": "Safe Harbour", "privacy_shield": "Privacy Shield", "dpf": "Data Privacy Framework"}

// toolDates adds the dates of frameworks and of sets of standard contractual clauses. Sets that change on one day share a date.
func toolDates(l *locale.Words, add func(TimelineLaw)) {
	type change struct {
		on   law.Date
		what string
	}
	sets, order := map[change][]law.ToolRow{}, []change{}
	for _, r := range law.Default().Tools {
		days := []change{{r.From, analyze.Begins}, {r.Ended, analyze.Ends}}
		if r.Closed != r.Ended {
			days = append(days, change{r.Closed, analyze.Closes})
		}
		for _, d := range days {
			switch r.Kind {
			case "framework":
				add(TimelineLaw{d.on, lawLabel(l, word(l, frameworks, r.ID), d.what) + judgment(r.ID, d.on), []string{r.ID}, d.what, []string{r.Instrument}})
			case "scc":
				if sets[d] == nil {
					order = append(order, d)
				}
				sets[d] = append(sets[d], r)
			}
		}
	}
	for _, d := range order {
		x := TimelineLaw{Date: d.on, Change: d.what, About: []string{}, Instruments: []string{}}
		for _, r := range sets[d] {
			x.About, x.Instruments = append(x.About, r.ID), append(x.Instruments, r.Instrument)
		}
		name := l.F("SCC %s", x.About[0])
		if len(x.About) > 1 {
			name = l.T("old SCC")
		}
		x.Label = lawLabel(l, name, d.what)
		add(x)
	}
}

// judgment is the number of a judgment on a tool on a day, in brackets; "" if there was none.
func judgment(tool string, on law.Date) string {
	for _, e := range law.Events(tool, on) {
		if e.Kind == "judgment" && e.Date == on {
			return " (" + Line(e.Ref) + ")"
		}
	}
	return ""
}

// lawLabel says in a few words what happened to a tool.
func lawLabel(l *locale.Words, name, change string) string {
	switch change {
	case analyze.Begins:
		return l.F("%s in force", name)
	case analyze.Closes:
		return l.F("%s: no new use", name)
	}
	return l.F("%s ended", name)
}

// adequacyDates adds when a country left the EEA, and when adequacy decisions on it came and lapsed. Decisions that follow each
// other without a break count as one, and those of frameworks are told under their names.
func adequacyDates(l *locale.Words, country string, add func(TimelineLaw)) {
	name := Line(places.DisplayName(country, l.Language()))
	for _, m := range law.Default().Members {
		if m.Country == country && !m.Ended.IsZero() && !law.InEEA(country, m.Ended) {
			add(TimelineLaw{m.Ended, l.F("%s: leaves the EEA", name), []string{country}, analyze.Ends, []string{}})
		}
	}
	decided := func(on law.Date) bool {
		return slices.ContainsFunc(law.Rows(country, on), func(r law.Row) bool {
			return r.Kind == law.Decision && !on.Before(r.From) && (r.Ended.IsZero() || on.Before(r.Ended))
		})
	}
	for _, r := range law.Default().Adequacy {
		framework := slices.ContainsFunc(law.Default().Tools, func(t law.ToolRow) bool { return t.Kind == "framework" && t.Instrument == r.Instrument })
		if r.Country != country || r.Kind != law.Decision || framework {
			continue
		}
		if !decided(r.From.AddDays(-1)) {
			add(TimelineLaw{r.From, l.F("%s: adequacy decision", name), []string{country}, analyze.Begins, []string{r.Instrument}})
		}
		if !r.Ended.IsZero() && !decided(r.Ended) && !law.InEEA(country, r.Ended) {
			add(TimelineLaw{r.Ended, l.F("%s: adequacy decision lapsed", name), []string{country}, analyze.Ends, []string{r.Instrument}})
		}
	}
}
