package analyze

// Destinations: the third countries that a text names, what happens there, and who can see data from there.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// The roles of a destination.
const (
	RoleStorage     = "storage"
	RoleRemote      = "remote_access"
	RoleRecipient   = "recipient"
	RoleSupport     = "support"
	RoleUnspecified = "unspecified"
)

// destinations records the countries that sentence n names as places where data go.
func (c *collector) destinations(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if fl.denied || len(fl.named) == 0 {
		return
	}
	// goods are sent abroad too: sending counts with data, somebody who gets them, or below a heading on transfers
	sends := s.own.any(k.Data, k.CompanyForm, k.Provider, k.ThirdParty, k.Group, k.Adequacy) || s.context.any(k.IntlHeading, k.Transfer)
	moving := s.own.has(k.Send) && sends || s.own.any(k.Transfer, k.Share, k.Store, k.Server, k.AccessFrom, k.Remote, k.Support) ||
		s.own.has(k.Access) && s.own.any(k.Staff, k.Group, k.Provider, k.ThirdParty)
	others := s.own.any(k.ProviderIs, k.Provider, k.Group, k.ThirdParty, k.Staff, k.SubProcessor)
	kind := c.doc.Blocks[s.block].Kind
	listed := (kind == snapshots.Item || kind == snapshots.Cell || len(s.words) < 12) && !s.own.any(k.SCC, k.Adequacy, k.Commission) && (s.context.any(k.Transfer, k.SubProcessor, k.IntlHeading) ||
		s.context.any(k.Provider, k.ThirdParty, k.Group) && s.context.any(k.Share, k.Countries, k.Locate, k.Store))
	company := s.own.has(k.CompanyForm) && !s.own.has(k.Seat)
	processed := (s.own.has(k.Data) || len(s.words) < 12) && c.processedThere(s, fl.named)
	if !moving && !listed && !processed && !(others && (s.own.has(k.Locate) || company)) && !(company && s.own.has(k.ProviderIs)) {
		return
	}
	var countries []string
	for _, p := range fl.named {
		if !listed && !c.linked(s, fl.named, p) {
			continue
		}
		role := c.role(s, fl.named, p)
		if slices.Contains(countries, p.Country+role) {
			continue
		}
		countries = append(countries, p.Country+role)
		c.add(FactDestination, n, s.span, "country", p.Country, "kind", "named", "role", role)
	}
	if len(countries) > 0 && (!c.onlyAddress(s, fl.named) || c.sentOn(n)) {
		fl.states = true
		c.transfer(n, fl, "named")
	}
}

// onlyAddress reports whether the places stand in the postal address of a recipient ("a service of Clipzy Inc., 12 Harbor
// Street, San Francisco, CA 94107, USA") and the sentence says of no data that they go there.
func (c *collector) onlyAddress(s *sentence, named []places.Match) bool {
	k := &c.e.c
	if s.own.any(k.Transfer, k.Send, k.Store, k.Server, k.AccessFrom, k.Remote) {
		return false
	}
	for _, h := range s.hits {
		if h.Concept == k.Share && !s.startsAt(h.First, k.Process) { // "we share with", not "we use the services of"
			return false
		}
	}
	return !slices.ContainsFunc(named, func(p places.Match) bool { return !c.numbered(s, s.wordAt(p.Start)) })
}

// linked reports whether words for a flow or for who has the data stand near place p.
func (c *collector) linked(s *sentence, named []places.Match, p places.Match) bool {
	k := &c.e.c
	first, last := s.enumeration(named, p)
	cs := []rules.Concept{k.Transfer, k.Send, k.Share, k.Store, k.Server, k.AccessFrom, k.Access, k.Remote, k.Support, k.Process, k.ProviderIs, k.Provider, k.Group, k.ThirdParty, k.Staff, k.SubProcessor, k.CompanyForm, k.ThirdCountry, k.OtherCountry, k.Adequacy, k.AdequacyNot, k.Locate}
	return s.near(first, 12, 0, cs...) || s.near(last, 0, 8, cs...)
}

// sentOn reports whether one of the sentences after n says that the data go to the recipient that n gives the address of.
func (c *collector) sentOn(n int) bool {
	k := &c.e.c
	for m := n + 1; m < len(c.sentences) && m <= n+4 && c.sentences[m].section == c.sentences[n].section; m++ {
		if s := &c.sentences[m]; s.own.any(k.Transfer, k.Send, k.Server) && s.own.has(k.Data) {
			return len(c.places(s)) == 0 && !s.own.any(k.EEA, k.Deny)
		}
	}
	return false
}

// processedThere reports whether processing stands before one of the places, or after it at the end of the
// sentence, where some languages put the verb.
func (c *collector) processedThere(s *sentence, named []places.Match) bool {
	k := &c.e.c
	for _, p := range named {
		if w := s.wordAt(p.Start); s.near(w, 6, 0, k.Process) || s.near(w, 0, 4, k.Process) && s.near(len(s.words), 3, 0, k.Process) {
			return true
		}
	}
	return false
}

// namesCountry tells names of countries from adjectives and from places within countries.
func namesCountry(p places.Match) bool {
	return p.Kind != places.Adjective && p.Kind != places.City && p.Kind != places.Region
}

// role tells what happens at place p: storing and remote access are told from the words near the place, or
// near the enumeration that it stands in, before those of the rest of the sentence.
func (c *collector) role(s *sentence, named []places.Match, p places.Match) string {
	k := &c.e.c
	first, last := s.enumeration(named, p)
	near := func(before, after int, cs ...rules.Concept) bool {
		return s.near(first, before, 0, cs...) || s.near(last, 0, after, cs...)
	}
	switch {
	case near(14, 10, k.AccessFrom, k.Remote) && !near(4, 0, k.Server):
		return RoleRemote
	case near(16, 6, k.Store, k.Server):
		return RoleStorage
	case s.own.has(k.Access) && s.own.any(k.Staff) && near(14, 8, k.Access):
		return RoleRemote
	case s.own.has(k.Support) && near(10, 6, k.Support):
		return RoleSupport
	case s.own.any(k.Transfer, k.Send, k.Share, k.Provider, k.Group, k.ThirdParty, k.ProviderIs, k.CompanyForm):
		return RoleRecipient
	case s.context.any(k.Server, k.Store):
		return RoleStorage
	case s.context.any(k.Transfer, k.Share, k.Provider, k.ThirdParty, k.SubProcessor, k.Group):
		return RoleRecipient
	}
	return RoleUnspecified
}

// enumeration is the range of words, first to last, of the run of places that p stands in ("Canada, Israel and Japan").
func (s *sentence) enumeration(named []places.Match, p places.Match) (first, last int) {
	first, last = s.wordAt(p.Start), s.wordAt(p.Start)
	for grown := true; grown; {
		grown = false
		for _, o := range named {
			w, end := s.wordAt(o.Start), s.wordAt(o.End-1)
			if w < first && first-end <= 3 {
				first, grown = w, true
			}
			if end > last && w-last <= 3 {
				last, grown = end, true
			}
		}
	}
	return first, last
}

// remoteAccess records that somebody outside the EEA can see the data.
func (c *collector) remoteAccess(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if fl.denied || !fl.isV && len(fl.named) == 0 {
		return
	}
	who := ""
	switch {
	case s.own.has(k.Group):
		who = "group"
	case s.own.has(k.Staff):
		who = "staff"
	case s.own.any(k.Provider, k.SubProcessor):
		who = "provider"
	case s.own.has(k.ThirdParty):
		who = "third_party"
	}
	from := false // and not the readers themselves ("if you access the site from abroad")
	for _, h := range s.hits {
		from = from || h.Concept == k.AccessFrom && !s.overlaps(h, k.UserDoes, k.Audience)
	}
	named := "no"
	for _, p := range fl.named {
		if c.role(s, fl.named, p) == RoleRemote {
			named = "yes"
		}
	}
	far := s.own.has(k.Remote) && s.own.has(k.Access) || from
	inside := who != "" && s.own.has(k.Access) && (named == "yes" || s.own.any(k.Locate, k.ThirdCountry))
	if !far && !inside || s.own.has(k.UserDoes) && who == "" {
		return
	}
	if len(fl.named) > 0 && named == "no" && !fl.isV {
		return
	}
	f := c.add(FactRemote, n, s.span, "who", who, "named", named)
	if h, ok := s.first(k.Support); ok {
		f.Attr["for"] = c.doc.Quote(s.hitSpan(h))
	}
	if !fl.states {
		fl.states = true
		c.transfer(n, fl, "vague")
		c.add(FactVague, n, s.span, "world", yes(s.own.has(k.World)))
	}
}

// lists records pages behind links that hold the countries or recipients.
func (c *collector) lists(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if len(s.links) == 0 || !fl.states && !s.own.any(k.Transfer, k.SubProcessor, k.Countries) {
		return
	}
	for _, l := range s.links {
		if !isPage(l.Target) || isLegalText(l.Target) {
			continue
		}
		words := c.doc.Quote(l.Span)
		label := s.concepts(words)
		if label.any(k.SCC, k.Adequacy, k.Commission, k.SCCWeak, k.DPF, k.Shield, k.BCR, k.Safeguards) {
			continue
		}
		before := s.wordAt(l.Span.Start - s.span.Start)
		names := s.own.any(k.List, k.Here) && (label.any(k.SubProcessor, k.Countries) || label.any(k.Here) && s.own.has(k.SubProcessor))
		points := (label.any(k.Here, k.List, k.SubProcessor, k.Countries, k.Group) || s.near(before, 4, 1, k.List, k.Here)) && fl.states &&
			s.own.any(k.Countries, k.SubProcessor, k.Group, k.Provider, k.ThirdParty, k.Server, k.OtherCountry, k.ThirdCountry)
		if names || points {
			c.add(FactList, n, s.span, "url", l.Target, "access", yes(s.own.has(k.Remote) || s.own.has(k.AccessFrom)))
		}
	}
}

// concepts are those of a part of the sentence by itself.
func (s *sentence) concepts(part string) mask {
	var m mask
	words := text.Words(part)
	for _, h := range s.tongue.m.Scan(part, words, nil) {
		m.add(h.Concept)
	}
	return m
}

// isPage tells links to other pages from links within the page, e-mail and telephone links.
func isPage(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") || strings.HasPrefix(target, "/") && len(target) > 1
}

// isLegalText tells links to the law itself and to registers of frameworks.
func isLegalText(target string) bool {
	for _, part := range []string{"ec.europa.eu", "eur-lex", "europa.eu/", "commission.", "dataprivacyframework", "privacyshield", "ico.org.uk", "edpb", "wikipedia.org"} {
		if strings.Contains(target, part) {
			return true
		}
	}
	return false
}

// AnnexLinks are the addresses of the pages that clauses on transfers refer to, in text order, each once.
func (f *Facts) AnnexLinks() []string {
	var out []string
	for _, l := range f.Of(FactList) {
		if u := l.Attr["url"]; u != "" && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// dead marks the clauses that refer to a page that could not be had.
func (c *collector) dead(a Annex) {
	if a.Problem == "" {
		return // nobody tried
	}
	for i := range c.facts {
		if f := &c.facts[i]; f.Kind == FactList && f.Attr["url"] == a.URL {
			f.Attr["dead"] = "yes"
		}
	}
}

// annexes reads the pages that clauses refer to: the countries on them become destinations by reference,
// with the role of the clause.
func (c *collector) annexes(annexes []Annex) {
	for _, a := range annexes {
		if a.Document == nil {
			c.dead(a)
			continue
		}
		clause := -1
		role := RoleRecipient
		for _, f := range c.facts {
			if f.Kind == FactList && f.Attr["url"] == a.URL && (clause < 0 || f.Attr["access"] == "yes") {
				clause = f.Sentence
				if f.Attr["access"] == "yes" {
					role = RoleRemote
				}
			}
		}
		if clause < 0 {
			continue
		}
		r := c.e.read(a.Document)
		var seen []string
		for i := range r.sentences {
			s := &r.sentences[i]
			for _, p := range r.places(s) {
				if !third(p.Country) || p.Framework || p.Kind == places.Adjective || slices.Contains(seen, p.Country) {
					continue
				}
				seen = append(seen, p.Country)
				f := c.add(FactDestination, clause, snapshots.Span{Start: s.span.Start + p.Start, End: s.span.Start + p.End},
					"country", p.Country, "kind", "by_reference", "role", role)
				f.URL = a.URL
			}
		}
	}
}
