package law

// The questions one can ask of a File.

import (
	"slices"
)

// StandingOf is the standing of a destination (ISO 3166-1 alpha-2, or "EPO") on a day. Where several
// decisions are in force, the one without a condition wins. A code that the data do not know is None.
func (f *File) StandingOf(country string, on Date) Standing {
	if f.InEEA(country, on) {
		return EEA
	}
	standing, country := None, code(country)
	for i := range f.Adequacy {
		r := &f.Adequacy[i]
		switch {
		case r.Country != country || on.Before(r.From):
		case !on.in(r.From, r.Ended):
			if standing == None && r.Kind == Decision { // an interim rule that ended leaves no lapsed decision
				standing = Lapsed
			}
		case r.Standing == Adequate:
			return Adequate
		default:
			standing = Conditional
		}
	}
	return standing
}

// Rows are the adequacy rows that explain StandingOf: those in force on the day or, if there are none, those
// that had ended by then, in the order of the table. An EEA country and a country without a decision have none.
func (f *File) Rows(country string, on Date) []Row {
	if f.InEEA(country, on) {
		return nil
	}
	var now, before []Row
	for _, r := range f.Adequacy {
		switch {
		case r.Country != code(country) || on.Before(r.From):
		case on.in(r.From, r.Ended):
			now = append(now, r)
		default:
			before = append(before, r)
		}
	}
	if now != nil {
		return now
	}
	return before
}

// InEEA reports whether EU data protection law applied in the country as a part of the EEA on a day. The United
// Kingdom left on 2020-01-31; see Third for the time until its adequacy decision.
func (f *File) InEEA(country string, on Date) bool {
	country = code(country)
	return slices.ContainsFunc(f.Members, func(m Member) bool {
		return m.Country == country && on.in(m.From, m.Ended)
	})
}

// Third reports whether the country was a third country on a day: neither in the EEA nor, like the United Kingdom
// in the transition period and under the bridge, treated as if it were. Adequate countries are third countries.
func (f *File) Third(country string, on Date) bool {
	if f.InEEA(country, on) {
		return false
	}
	country = code(country)
	return !slices.ContainsFunc(f.Adequacy, func(r Row) bool {
		return r.Country == country && r.Kind == Interim && on.in(r.From, r.Ended)
	})
}

// Tool is the status of a transfer tool on a day: Unknown if the data do not hold it.
func (f *File) Tool(id string, on Date) Status {
	t, ok := f.ToolByID(id)
	switch {
	case !ok:
		return Unknown
	case on.Before(t.From):
		return NotYet
	case !t.Ended.IsZero() && !on.Before(t.Ended):
		return Ended
	case !t.Closed.IsZero() && !on.Before(t.Closed):
		return Old
	}
	return InForce
}

// ToolByID is the row of a transfer tool.
func (f *File) ToolByID(id string) (ToolRow, bool) {
	i := slices.IndexFunc(f.Tools, func(t ToolRow) bool { return t.ID == id })
	if i < 0 {
		return ToolRow{}, false
	}
	return f.Tools[i], true
}

// Events are the timeline entries up to and including a day, oldest first, about one country, one tool or one kind
// of tool ("scc"); all of them if about is "".
func (f *File) Events(about string, until Date) []Event {
	names := []string{about}
	for _, t := range f.Tools {
		if t.Kind == about {
			names = append(names, t.ID)
		}
	}
	var out []Event
	for _, e := range f.Timeline {
		named := about == "" || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(e.About, n) })
		if named && !until.Before(e.Date) {
			out = append(out, e)
		}
	}
	return out
}

// Regime is a body of data protection law.
type Regime string

// The regimes of EU data protection law.
const (
	Before9546 Regime = ""         // before the Directive had to be applied
	Directive  Regime = "95/46"    // Directive 95/46/EC, until 2018-05-24
	GDPR       Regime = "2016/679" // the GDPR, from 2018-05-25
)

// RegimeOn is the regime that applied in the EU on a day. In the EEA EFTA states the GDPR followed on 2018-07-20.
func RegimeOn(on Date) Regime {
	switch {
	case !on.Before(Date{2018, 5, 25}):
		return GDPR
	case !on.Before(Date{1998, 10, 24}):
		return Directive
	}
	return Before9546
}
