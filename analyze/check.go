package analyze

// Checks: the conditions of the rules put to the facts of a text, as of a date.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// gdpr is the first day of the GDPR: checks without a date of their own begin there.
var gdpr = law.Date{Year: 2018, Month: 5, Day: 25}

// On is a copy of the facts with what the law of a day says of each destination and tool. Countries that
// were in the EEA, or treated so, on that day are no destinations.
func (f *Facts) On(day law.Date) *Facts {
	out := &Facts{Document: f.Document, All: make([]Fact, 0, len(f.All))}
	for _, x := range f.All {
		if x.Kind == FactDestination || x.Kind == FactClaim || x.Kind == FactSeat {
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
	for i := range e.set.Checks {
		c := &e.set.Checks[i]
		if c.Versions != versions || !inForce(c.From, c.Until, day, gdpr) {
			continue
		}
		found, ok := holds(&c.When, f.All, nil)
		if !ok {
			continue
		}
		out = append(out, hit{check: c, facts: found, level: level(c, f.All, day)})
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

func level(c *rules.Check, all []Fact, day law.Date) rules.Level {
	for _, lc := range c.Levels {
		if !inForce(lc.From, lc.Until, day, law.Date{}) {
			continue
		}
		if lc.When == nil {
			return lc.Level
		}
		if _, ok := holds(lc.When, all, nil); ok {
			return lc.Level
		}
	}
	return c.Level
}

// yields reports whether a check that h gives way to found the same sentence.
func yields(h *hit, all []hit) bool {
	for _, o := range all {
		if !slices.Contains(h.check.YieldsTo, o.check.ID) {
			continue
		}
		for _, a := range h.facts {
			for _, b := range o.facts {
				if a.Span.Overlaps(b.Span) {
					return true
				}
			}
		}
	}
	return false
}

// holds puts a condition to the facts. near is the fact that a partner must stand near to, or nil. The
// facts given back are those that the first fact condition selected.
func holds(c *rules.Condition, all []Fact, near *Fact) ([]*Fact, bool) {
	switch {
	case c.Not != nil:
		_, ok := holds(c.Not, all, near)
		return nil, !ok
	case len(c.All) > 0:
		var first []*Fact
		for i := range c.All {
			found, ok := holds(&c.All[i], all, near)
			if !ok {
				return nil, false
			}
			if first == nil {
				first = found
			}
		}
		return first, true
	case len(c.Any) > 0:
		var found []*Fact
		any := false
		for i := range c.Any {
			if f, ok := holds(&c.Any[i], all, near); ok {
				found, any = append(found, f...), true
			}
		}
		return found, any
	}
	return selects(c, all, near)
}

func selects(c *rules.Condition, all []Fact, near *Fact) ([]*Fact, bool) {
	var found []*Fact
	for i := range all {
		f := &all[i]
		if f.Kind == c.Fact && fits(c.Where, f) && isNear(c, f, near) && partners(c, all, f) {
			found = append(found, f)
		}
	}
	return found, len(found) > 0
}

func fits(where map[string]rules.Values, f *Fact) bool {
	for attr, values := range where {
		if !values.Fits(f.Attr[attr]) {
			return false
		}
	}
	return true
}

func isNear(c *rules.Condition, f, near *Fact) bool {
	if near == nil {
		return true
	}
	for _, attr := range c.Match {
		if f.Attr[attr] != near.Attr[attr] {
			return false
		}
	}
	switch c.Same {
	case "sentence":
		return f.Sentence == near.Sentence && f.URL == near.URL
	case "section":
		return f.Section == near.Section && f.URL == near.URL
	}
	return true
}

func partners(c *rules.Condition, all []Fact, f *Fact) bool {
	for i := range c.With {
		if _, ok := holds(&c.With[i], all, f); !ok {
			return false
		}
	}
	for i := range c.Without {
		if _, ok := holds(&c.Without[i], all, f); ok {
			return false
		}
	}
	return true
}

// fingerprint identifies a finding by its check and the words it is about, so that a decision on it
// holds while the words stand, wherever they move.
func fingerprint(id, quote string) string {
	var b strings.Builder
	b.WriteString(id)
	for _, w := range wordsOf(quote) {
		b.WriteByte(' ')
		b.WriteString(fold(quote[w.Start:w.End]))
	}
	return string(snapshots.HashOf([]byte(b.String()))[:24])
}
