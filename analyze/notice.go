package analyze

// The notice: which pieces of information of Art. 13 and 14 GDPR a text gives.

import (
	"strconv"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// item is a rules.Item with its concepts resolved.
type item struct {
	id       string
	evidence []evidence
}

type evidence struct {
	all, any, none, under mask
	near                  int  // words within which those of all and one of any begin; 0 if anywhere in the sentence
	topic                 bool // it shows what the sentence is about, and does not give the item
}

func compileItems(set *rules.Set) []item {
	var out []item
	for _, it := range set.Items {
		ci := item{id: it.ID}
		for _, ev := range it.Evidence {
			ci.evidence = append(ci.evidence, evidence{of(set, ev.All), of(set, ev.Any), of(set, ev.None), of(set, ev.Under), ev.Near, ev.Topic})
		}
		out = append(out, ci)
	}
	return out
}

func of(set *rules.Set, names []string) (m mask) {
	for _, n := range names {
		m.add(set.Concept(n))
	}
	return m
}

func (m *mask) empty() bool { return *m == mask{} }

func (m *mask) covers(o *mask) bool {
	for i := range m {
		if o[i]&^m[i] != 0 {
			return false
		}
	}
	return true
}

func (m *mask) meets(o *mask) bool {
	for i := range m {
		if m[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

// holds reports whether the evidence is in a sentence.
func (ev *evidence) holds(s *sentence) bool {
	return s.own.covers(&ev.all) && (ev.any.empty() || s.own.meets(&ev.any)) && !s.own.meets(&ev.none) &&
		(ev.under.empty() || s.context.meets(&ev.under)) && (ev.near == 0 || ev.close(s))
}

// close reports whether a stretch of near words has the beginning of a hit of each concept of all, and of one of any.
func (ev *evidence) close(s *sentence) bool {
	want := ev.all.union(ev.any)
	for i, first := range s.hits {
		if !want.has(first.Concept) {
			continue
		}
		var have mask
		for _, h := range s.hits[i:] { // in the order of their first words
			if h.First >= first.First+ev.near {
				break
			}
			have.add(h.Concept)
		}
		if have.covers(&ev.all) && (ev.any.empty() || have.meets(&ev.any)) {
			return true
		}
	}
	return false
}

// mentions records words that make an item due: who relies on consent must speak of its withdrawal.
func (c *collector) mentions(n int) {
	k, s := &c.e.c, &c.sentences[n]
	for _, m := range [...]struct {
		what    string
		concept rules.Concept
	}{{"dpo", k.DPO}, {"consent", k.Consent}, {"contract", k.Contract}, {"art6f", k.Art6f}, {"automated", k.Automated},
		{"automated_logic", k.AutoLogic}, {"automated_denied", k.AutoDenied}, {"other_source", k.OtherSource}, {"change_notice", k.ChangeNotice}, {"eea", k.EEA}, {"eea", k.GDPR}, {"special", k.Special}, {"children", k.Children}} {
		denied := s.own.has(k.Deny) && (m.concept == k.DPO || m.concept == k.Children) // "no officer", "not for children"
		if s.own.has(m.concept) && !denied {
			c.add(FactMention, n, s.span, "what", m.what)
		}
	}
	if s.own.has(k.Retain) || s.context.has(k.Retain) {
		if s.own.has(k.AsNecessary) {
			c.add(FactMention, n, s.span, "what", "as_necessary")
		}
		if s.own.has(k.NumberPeriod) {
			c.add(FactMention, n, s.span, "what", "period")
		}
	}
	if s.own.any(k.Controller, k.Name, k.Named, k.Operated) || s.own.has(k.Contact) && !s.own.any(k.DPO, k.Authorities, k.Complaint) {
		c.seat(n)
	}
}

// topOfText is the number of sentences at the top of a text, where its writer is presented.
const topOfText = 30

// seat records where a sentence on the controller, or on how to reach it, places it: in a third country, if it names no
// place in the EEA.
func (c *collector) seat(n int) {
	k, s := &c.e.c, &c.sentences[n]
	if s.own.any(k.Transfer, k.Provider, k.ThirdParty, k.Server, k.ThirdCountry, k.OtherCountry) {
		return
	}
	country := ""
	for _, p := range c.places(s) {
		if !third(p.Country) {
			c.add(FactEstablished, n, s.span, "country", p.Country)
			return
		}
		home := besideEEA[p.Country] && s.besideHome(s.wordAt(p.Start), k) // "the EEA, the UK or Switzerland": the readers
		if country == "" && !p.Framework && !home && p.Kind != places.Adjective {
			country = p.Country
		}
	}
	writer := s.own.any(k.Controller, k.Name, k.Named) || s.own.has(k.Operated) && n < topOfText
	if country != "" && writer && s.own.any(k.Seat, k.Locate, k.CompanyForm) {
		c.add(FactSeat, n, s.span, "country", country)
	}
}

// notice records the items that the text gives, each at every sentence that gives it. What speaks of an item without
// giving it, or gives it to people outside the EEA alone, is kept apart as its topic: it informs nobody of a right under
// the GDPR.
func (c *collector) notice() {
	for n := range c.sentences {
		s := &c.sentences[n]
		if !s.foreign {
			c.mentions(n)
		}
		if s.heading() || c.defines(s) { // a heading, or the meaning of a word, gives nothing by itself
			continue
		}
		for i := range c.e.items {
			it := &c.e.items[i]
			if rank := it.rank(s); rank >= 0 {
				kind := FactItem
				if s.foreign || it.evidence[rank].topic {
					kind = FactTopic
				}
				c.add(kind, n, s.span, "id", it.id, "rank", strconv.Itoa(rank))
			}
		}
	}
	for _, f := range c.facts {
		if f.Kind == FactTransfer && f.URL == "" {
			c.add(FactItem, f.Sentence, snapshots.Span{Start: f.Span.Start, End: f.Span.End}, "id", "third_country_transfers", "rank", "0")
		}
	}
}

// rank is which entry of the evidence holds for a sentence, -1 if none does.
func (it *item) rank(s *sentence) int {
	for i := range it.evidence {
		if it.evidence[i].holds(s) {
			return i
		}
	}
	return -1
}
