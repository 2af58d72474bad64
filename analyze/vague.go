package analyze

// Vague destinations: places that a sentence describes and does not name.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// vague finds a destination that is described but not named: the first to which data go, or else the first.
func (c *collector) vague(s *sentence, fl *flow) {
	k := &c.e.c
	first := rules.Hit{}
	for _, kind := range [][]rules.Concept{{k.ThirdCountry}, {k.OtherCountry, k.World}} {
		for _, h := range s.hits {
			if (h.Concept != kind[0] && h.Concept != kind[len(kind)-1]) || s.overlaps(h, k.UserDoes, k.Audience, k.LawChoice) || s.ofUnion(h, k) || s.comesFrom(h, k) || s.addressed(h, k) {
				continue
			}
			if !fl.isV {
				first, fl.isV = h, true
			}
			if fl.vague = h; c.vagueFlow(s, fl) {
				return
			}
		}
	}
	if fl.vague = first; !fl.isV && s.own.has(k.Outside) {
		c.outsideNamed(s, fl)
	}
}

// outsideNamed finds "outside of Canada": a place outside another third country is no named one.
func (c *collector) outsideNamed(s *sentence, fl *flow) {
	k := &c.e.c
	for _, p := range c.places(s) {
		w := s.wordAt(p.Start)
		for _, h := range s.hits {
			if h.Concept == k.Outside && h.End == w && third(p.Country) && !s.overlaps(h, k.UserDoes, k.Audience, k.LawChoice) && !s.addressed(h, k) {
				fl.vague, fl.isV = rules.Hit{Concept: k.OtherCountry, First: h.First, End: s.wordAt(p.End-1) + 1}, true
				return
			}
		}
	}
}

// maxAsking bounds the words between "requests from" and the place of the authorities that make them.
const maxAsking = 8

// comesFrom tells "we receive data from other countries", where h is those countries, and "requests from courts around
// the world".
func (s *sentence) comesFrom(h rules.Hit, k *concepts) bool {
	for _, o := range s.hits {
		if o.Concept != k.Origin || o.End > h.First || s.overlaps(o, k.AccessFrom) {
			continue
		}
		between := h.First - o.End
		if between == 0 || between <= maxAsking && s.near(o.End, 0, 0, k.Authority, k.Authorities) && !s.near(o.End, 0, between-1, k.Transfer, k.Send, k.Share, k.Store, k.Server, k.Process) {
			return true
		}
	}
	return false
}

// addressed tells "for users located outside the EU" at the beginning of a sentence, where h is the place.
func (s *sentence) addressed(h rules.Hit, k *concepts) bool {
	for _, o := range s.hits {
		if o.Concept == k.Audience && o.First <= 2 && o.End == h.First && !s.near(o.First, 0, o.End-o.First-1, k.Transfer, k.Send, k.Store) {
			return true
		}
	}
	return false
}

// explainedByName tells "outside the EEA (USA)" and "in the USA or Canada, that is, outside the EEA": the place is
// named. "Outside the EEA, including the USA" leaves others open.
func (c *collector) explainedByName(s *sentence, fl *flow) bool {
	if fl.vague.Concept != c.e.c.ThirdCountry || s.own.has(c.e.c.OtherCountry) {
		return false
	}
	quote := c.quote(s)
	for _, p := range fl.named {
		first, last := s.wordAt(p.Start), s.wordAt(p.End-1)
		if d := first - fl.vague.End; d >= 0 && d <= 3 {
			between := quote[s.words[fl.vague.End-1].End:p.Start]
			if strings.ContainsAny(between, "(:") && !abbreviates(between) {
				return true
			}
		}
		if d := fl.vague.First - last - 1; d >= 0 && d <= 2 && strings.ContainsAny(quote[p.End:s.words[fl.vague.First].Start], ",;–-") {
			return true
		}
	}
	return false
}

// abbreviates reports whether a stretch of text holds words of one letter, as in "e. g.".
func abbreviates(stretch string) bool {
	for _, w := range text.Words(stretch) {
		if utf8.RuneCountInString(stretch[w.Start:w.End]) == 1 {
			return true
		}
	}
	return false
}

// isLabel tells paragraphs that are headings by their look: a few words without an end, such as "Transfers outside the EEA".
func (c *collector) isLabel(s *sentence) bool {
	block := c.doc.Blocks[s.block]
	numbered := s.span.Start - block.Span.Start // "IV. Transfers outside the EEA"
	if block.Kind != snapshots.Paragraph || block.Span.End != s.span.End || numbered > 6 || len(s.words) > 9 || len(s.links) > 0 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(c.quote(s))
	return unicode.IsLetter(last) || last == ':'
}

// ofUnion tells "other countries of the European Union" from countries outside it.
func (s *sentence) ofUnion(h rules.Hit, k *concepts) bool {
	if h.Concept != k.OtherCountry {
		return false
	}
	for _, o := range s.hits {
		if o.Concept == k.EEA && o.First >= h.First && o.First <= h.End+3 && !s.within(o, k.ThirdCountry) && !s.within(o, k.Commission) && s.words[h.First].Start < s.words[o.First].Start && !s.near(h.End, 0, 3, k.ThirdCountry) {
			return true
		}
	}
	return false
}

// vagueFlow tells whether a vague place is where data go rather than where something else is.
func (c *collector) vagueFlow(s *sentence, fl *flow) bool {
	k := &c.e.c
	if fl.vague.Concept != k.ThirdCountry && s.near(0, 0, 0, k.List) && len(s.words) < 25 && !s.own.any(k.Share, k.Send, k.Store, k.Server, k.Process) {
		return false // "see the section on transfers around the world"
	}
	switch {
	case s.near(fl.vague.First, 24, 8, k.Transfer, k.Server, k.AccessFrom, k.Remote):
		return s.own.any(k.Data, k.We, k.Provider, k.Group, k.ThirdParty) || s.context.any(k.Transfer, k.IntlHeading)
	case s.own.any(k.Send, k.Store, k.Share, k.Process, k.Access) && s.own.has(k.Data) &&
		(s.own.has(k.ThirdCountry) || s.near(fl.vague.First, 10, 3, k.Send, k.Store, k.Share, k.Process, k.Access)):
		return true
	case s.own.has(k.Locate) && s.own.any(k.Group, k.Staff, k.Provider, k.ThirdParty):
		return true
	case s.own.has(k.ThirdCountry):
		return s.context.any(k.Transfer, k.IntlHeading) || s.own.any(k.SCC, k.BCR)
	}
	return false
}
