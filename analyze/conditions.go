package analyze

// Conditions: the questions of the rules put to facts. Facts are found by kind and place, and the answer to a question
// about a place is remembered, so that the work grows with the number of facts and not with its square.

import "github.com/drittland/drittland/rules"

// questions are put to one set of facts.
type questions struct {
	facts map[place][]*Fact // in text order
	known map[asked]bool    // answers about partners
}

// A place is where facts of a kind are looked for: in the whole text (same is ""), a section or a sentence.
type place struct {
	kind, same, url string
	index           int
}

// asked is a question about the partners of a fact: the same for all facts of a place that agree in the attributes
// which must match.
type asked struct {
	c     *rules.Condition
	at    place
	match string
}

func newQuestions(all []Fact) *questions {
	q := &questions{facts: map[place][]*Fact{}, known: map[asked]bool{}}
	for i := range all {
		f := &all[i]
		for _, same := range []string{"", "section", "sentence"} {
			at := placeOf(f.Kind, same, f)
			q.facts[at] = append(q.facts[at], f)
		}
	}
	return q
}

// placeOf is where partners of a kind stand as near to f as same asks.
func placeOf(kind, same string, f *Fact) place {
	switch same {
	case "sentence":
		return place{kind, same, f.URL, f.Sentence}
	case "section":
		return place{kind, same, f.URL, f.Section}
	}
	return place{kind: kind}
}

// holds puts a condition to the facts. near is the fact that a partner must stand near to, or nil. The
// facts given back are those that the first fact condition selected; for a partner none are given.
func (q *questions) holds(c *rules.Condition, near *Fact) ([]*Fact, bool) {
	switch {
	case c.Not != nil:
		_, ok := q.holds(c.Not, near)
		return nil, !ok
	case len(c.All) > 0:
		var first []*Fact
		for i := range c.All {
			found, ok := q.holds(&c.All[i], near)
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
			if f, ok := q.holds(&c.Any[i], near); ok {
				found, any = append(found, f...), true
			}
		}
		return found, any
	case near != nil:
		return nil, q.partner(c, near)
	}
	var found []*Fact
	for _, f := range q.facts[place{kind: c.Fact}] {
		if q.fits(c, f) {
			found = append(found, f)
		}
	}
	return found, len(found) > 0
}

// partner reports whether near has a partner as the condition asks for.
func (q *questions) partner(c *rules.Condition, near *Fact) bool {
	key := asked{c: c, at: placeOf(c.Fact, c.Same, near)}
	for _, attr := range c.Match {
		key.match += near.Attr[attr] + "\x00"
	}
	answer, ok := q.known[key]
	if ok {
		return answer
	}
	for _, f := range q.facts[key.at] {
		if matches(c, f, near) && q.fits(c, f) {
			answer = true
			break
		}
	}
	q.known[key] = answer
	return answer
}

func matches(c *rules.Condition, f, near *Fact) bool {
	for _, attr := range c.Match {
		if f.Attr[attr] != near.Attr[attr] {
			return false
		}
	}
	return true
}

// fits reports whether a fact has the attributes of a condition and the partners that it asks for.
func (q *questions) fits(c *rules.Condition, f *Fact) bool {
	for attr, values := range c.Where {
		if !values.Fits(f.Attr[attr]) {
			return false
		}
	}
	for i := range c.With {
		if _, ok := q.holds(&c.With[i], f); !ok {
			return false
		}
	}
	for i := range c.Without {
		if _, ok := q.holds(&c.Without[i], f); ok {
			return false
		}
	}
	return true
}
