package analyze

// Legal bases: whether a text ties them to the purposes that they are for.

import (
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// bases records whether legal bases are listed, three or more in a sentence or a section, and whether any is tied to a
// purpose: in a sentence or row that gives both, or by sections that each give the basis for what they are about.
func (c *collector) bases() {
	sections, named := map[int]int{}, map[int]bool{} // with a legal basis, and with those words
	listed, mapped := false, false
	for i := range c.facts {
		f := c.facts[i]
		if f.Kind != FactItem || f.Attr["id"] != "legal_basis" {
			continue
		}
		k, s := &c.e.c, &c.sentences[f.Sentence]
		if !s.own.any(k.LegalBasis, k.BasisStated) && !s.context.has(k.LegalBasis) {
			continue // a ground beside words for processing alone: too weak to count
		}
		sections[f.Section]++
		if s.own.has(k.LegalBasis) {
			named[f.Section] = true
		}
		if !listed && (sections[f.Section] == 3 || c.grounds(f.Sentence) > 2) {
			listed = true
			c.add(FactMention, f.Sentence, f.Span, "what", "basis_listed")
		}
		if !mapped && (len(named) == 3 || c.mapped(f.Sentence)) {
			mapped = true
			c.add(FactMention, f.Sentence, f.Span, "what", "basis_mapped")
		}
	}
}

// grounds is the number of grounds that sentence n gives.
func (c *collector) grounds(n int) int {
	k, s := &c.e.c, &c.sentences[n]
	count, end := 0, 0
	for _, h := range s.hits {
		switch h.Concept {
		case k.LegalGround, k.Contract, k.LegitInt, k.Consent:
			if h.First >= end {
				count++
			}
			end = max(end, h.End)
		}
	}
	return count
}

// mapped reports whether sentence n ties a ground other than legitimate interests, which name an aim in any case, to a
// purpose: words for one outside the words for the ground, or an item that sets the two apart by a sign.
func (c *collector) mapped(n int) bool {
	k, s := &c.e.c, &c.sentences[n]
	quote, kind := c.quote(s), c.doc.Blocks[s.block].Kind
	var grounds, purposes []rules.Hit
	for _, h := range s.hits {
		switch h.Concept {
		case k.LegalGround, k.Contract, k.Art6f, k.Consent:
			if !s.overlaps(h, k.LegitInt) {
				grounds = append(grounds, h)
			}
		case k.Purpose, k.PurposeGiven:
			if !s.overlaps(h, k.LegalGround, k.Contract, k.LegitInt) {
				purposes = append(purposes, h)
			}
		}
	}
	for _, g := range grounds {
		for _, p := range purposes {
			if gap(g, p) > 1 {
				return true
			}
		}
		before := quote[:s.words[g.First].Start]
		if kind == snapshots.Cell && strings.Contains(before, "\t") || kind == snapshots.Item && g.First > 1 && strings.ContainsAny(before, "–—:(") {
			return true
		}
	}
	return false
}
