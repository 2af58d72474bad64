package analyze

// Checks: the conditions of the rules put to the facts of a text, as of a date.

import (
	"slices"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// gdpr is the first day of the GDPR: checks without a date of their own begin there.
var gdpr = law.Date{Year: 2018, Month: 5, Day: 25}

// On is a copy of the facts with what the law of a day says of each destination and tool. Countries that
// were in the EEA, or treated so, on that day are no destinations.
func (f *Facts) On(day law.Date) *Facts {
	out := &Facts{Document: f.Document, Seen: f.Seen, All: make([]Fact, 0, len(f.All))}
	for _, x := range f.All {
		if x.Kind == FactDestination || x.Kind == FactRecipient || x.Kind == FactClaim || x.Kind == FactSeat {
			standing := law.StandingOf(x.Attr["country"], day)
			if standing == law.EEA {
				continue
			}
			x.Attr = with(x.Attr, "standing", string(standing))
		}
		if x.Kind == FactTool {
			if st := law.Tool(x.Attr["id"], day); st != law.Unknown {
				x.Attr = with(x.Attr, "status", string(st))
			}
		}
		out.All = append(out.All, x)
	}
	return out
}

func with(m map[string]string, key, value string) map[string]string {
	c := make(map[string]string, len(m)+1)
	for k, v := range m {
		c[k] = v
	}
	c[key] = value
	return c
}

// judge puts the checks to facts that were made for a day, and gives those that found something.
func (e *Engine) judge(f *Facts, day law.Date, versions bool) []hit {
	var out []hit
	q := newQuestions(f.All)
	for i := range e.set.Checks {
		c := &e.set.Checks[i]
		if c.Versions != versions || !inForce(c.From, c.Until, day, gdpr) {
			continue
		}
		found, ok := q.holds(&c.When, nil)
		if !ok {
			continue
		}
		out = append(out, hit{check: c, facts: found, level: q.level(c, day)})
	}
	return slices.DeleteFunc(out, func(h hit) bool { return yields(&h, out) })
}

// hit is a check that found something.
type hit struct {
	check *rules.Check
	facts []*Fact // that the check is about, in text order; none where something is absent
	level rules.Level
}

func inForce(from, until string, day, first law.Date) bool {
	start := first
	if from != "" {
		start, _ = law.ParseDate(from) // dates of packs are validated when they are loaded
	}
	if day.Before(start) {
		return false
	}
	if until == "" {
		return true
	}
	end, _ := law.ParseDate(until)
	return !end.Before(day)
}

func (q *questions) level(c *rules.Check, day law.Date) rules.Level {
	for _, lc := range c.Levels {
		if !inForce(lc.From, lc.Until, day, law.Date{}) {
			continue
		}
		if lc.When == nil {
			return lc.Level
		}
		if _, ok := q.holds(lc.When, nil); ok {
			return lc.Level
		}
	}
	return c.Level
}

// yields reports whether a check that h gives way to found one of its sentences.
func yields(h *hit, all []hit) bool {
	for _, o := range all {
		if !slices.Contains(h.check.YieldsTo, o.check.ID) {
			continue
		}
		taken := map[int]bool{}
		for _, f := range o.facts {
			taken[f.Sentence] = true
		}
		for _, f := range h.facts {
			if f.Sentence >= 0 && taken[f.Sentence] {
				return true
			}
		}
	}
	return false
}
