package analyze

// Recipients: well-known companies that get data, and the third countries that their seats imply.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/rules/recipients"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// recipients records the companies with a seat outside the EEA that sentence n says get data, where it does not say
// where they are. A seat is weaker than a place: nothing is recorded where the sentence names a country, keeps the
// data in the EEA or denies the flow, nor of a company beside which one of its group in the EEA is named.
func (c *collector) recipients(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	gets := c.receives(s) && !fl.denied && len(fl.named) == 0
	writes := s.own.has(k.Controller) && !gets
	if s.heading() || !writes && !gets {
		return
	}
	found := recipients.Default().Find(c.quote(s), s.words, nil)
	for _, m := range found {
		if (writes || c.isWe(s, m)) && !slices.Contains(c.houses, m.Row.Group) {
			c.houses = append(c.houses, m.Row.Group)
		}
	}
	if writes || len(found) == 0 || c.locates(s) {
		return
	}
	var seen []*recipients.Row
	for _, m := range found {
		if slices.Contains(seen, m.Row) || m.Row.EEA() {
			continue
		}
		seen = append(seen, m.Row)
		if inGroup(found, m.Row.Group) {
			continue
		}
		role := RoleRecipient
		if s.near(m.First, 12, 6, k.Store, k.Server) {
			role = RoleStorage
		}
		c.add(FactRecipient, n, s.span, "recipient", m.Name, "group", m.Row.Group, "country", m.Row.Country, "form", string(m.Row.Form), "role", role)
	}
}

// isWe tells the company that the text calls we: "Pixelfern Inc. (“we”, “us”)".
func (c *collector) isWe(s *sentence, m recipients.Match) bool {
	after := strings.TrimLeft(c.quote(s)[s.words[m.End-1].End:], ". ,")
	return strings.HasPrefix(after, "(") && s.near(m.End, 0, 2, c.e.c.We)
}

// receives reports whether a sentence, or an entry of a list of recipients, can say who gets data, and is not about
// the reader's own doings, a law or the source of the data.
func (c *collector) receives(s *sentence) bool {
	k := &c.e.c
	if s.own.any(k.Deny, k.LawChoice, k.Complaint, k.OtherSource, k.Definition) || s.own.has(k.UserDoes) && !s.own.any(k.We, k.Provider, k.ThirdParty, k.Group) {
		return false
	}
	if s.own.any(k.Transfer, k.Send, k.Share, k.Store, k.Server, k.Process, k.AccessFrom, k.Provider, k.ProviderIs, k.SubProcessor) {
		return true
	}
	kind := c.doc.Blocks[s.block].Kind
	return (kind == snapshots.Item || kind == snapshots.Cell) && s.context.any(k.SubProcessor, k.Provider, k.ThirdParty, k.Share, k.Transfer, k.Send)
}

// locates reports whether the sentence says itself where the recipients or the data are.
func (c *collector) locates(s *sentence) bool {
	k := &c.e.c
	if s.own.has(k.EEA) && !s.own.has(k.ThirdCountry) {
		return true
	}
	for _, p := range c.places(s) {
		if !p.Framework && (p.Kind != places.Adjective || c.describesCompany(s, p)) {
			return true
		}
	}
	return false
}

// inGroup reports whether one of the recipients is a company of the group in the EEA.
func inGroup(found []recipients.Match, group string) bool {
	for _, m := range found {
		if m.Row.Group == group && m.Row.Form == recipients.Entity && m.Row.EEA() {
			return true
		}
	}
	return false
}

// seats settles what recipients imply. Companies of the writer's own group, and those whose country the text names as
// a destination, tell nothing new. The others make implied destinations of a text that states no transfer itself; one
// that does state transfers has its own words on where they go, or leaves that open, and a seat must not seem to fill
// the gap.
func (c *collector) seats() {
	named, states, title := map[string]bool{}, false, c.title()
	for _, f := range c.facts {
		states = states || f.Kind == FactTransfer
		if f.Kind == FactDestination && f.Attr["kind"] != "implied" {
			named[f.Attr["country"]] = true
		}
	}
	c.facts = slices.DeleteFunc(c.facts, func(f Fact) bool {
		return f.Kind == FactRecipient && (named[f.Attr["country"]] || slices.Contains(c.houses, f.Attr["group"]) || strings.Contains(title, folded(f.Attr["group"])))
	})
	if states {
		return
	}
	for _, f := range slices.Clone(c.facts) {
		if f.Kind == FactRecipient {
			c.add(FactDestination, f.Sentence, f.Span, "country", f.Attr["country"], "kind", "implied", "role", f.Attr["role"], "recipient", f.Attr["recipient"])
		}
	}
}

// title is what the text calls itself, folded.
func (c *collector) title() string {
	title := c.doc.Title
	if len(c.doc.Blocks) > 0 && c.doc.Blocks[0].Kind == snapshots.Heading {
		title += " " + c.doc.Quote(c.doc.Blocks[0].Span)
	}
	return folded(title)
}

// folded is the words of s, folded, with a space on either side of each.
func folded(s string) string {
	b := []byte{' '}
	for _, w := range text.Words(s) {
		b = append(append(b, text.Fold(s[w.Start:w.End])...), ' ')
	}
	return string(b)
}
