package analyze

// Tools: on what ground a text says that data may leave, what it offers as proof, and whom it fears.

import (
	"slices"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
)

// The IDs of transfer tools in facts and reports.
const (
	ToolAdequacy    = "adequacy"
	ToolSCC         = "scc"
	ToolBCR         = "bcr"
	ToolDPF         = "dpf"
	ToolShield      = "privacy_shield"
	ToolSafeHarbour = "safe_harbour"
	ToolConsent     = "consent"
	ToolContract    = "contract_necessity"
	ToolArt49       = "other_art49"
	ToolCodes       = "codes_cert"
)

// tools records the grounds that sentence n gives for transfers.
func (c *collector) tools(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	heading := s.heading()
	about := c.about(s, fl)
	hedged := func(h rules.Hit) string { return yes(s.near(h.First, 7, 0, k.Hedge)) }
	if h, ok := c.positive(s, k.SCC); ok && !heading {
		c.addTool(n, fl, ToolSCC, h, "hedged", hedged(h), "detail", yes(s.own.has(k.SCCDetail)), "old", yes(s.own.has(k.SCCOld)),
			"link", yes(c.linksLaw(s)), "importer", yes(s.own.has(k.CompanyForm)), "proper", "yes")
	} else if h, ok := s.first(k.SCCWeak); ok && !heading && about && s.own.any(k.Safeguards, k.Commission, k.Adequacy, k.SCCOld, k.SCCDetail) && !s.own.has(k.Consent) {
		c.addTool(n, fl, ToolSCC, h, "hedged", hedged(h), "detail", yes(s.own.has(k.SCCDetail)), "old", yes(s.own.has(k.SCCOld)),
			"link", yes(c.linksLaw(s)), "importer", "no", "proper", "no")
	}
	if h, ok := c.positive(s, k.BCR); ok && !heading && (about || h.End-h.First > 1) {
		c.addTool(n, fl, ToolBCR, h, "hedged", hedged(h), "link", yes(s.own.has(k.Link)), "approval", yes(s.own.has(k.Approval)))
	}
	if h, ok := s.first(k.Adequacy); ok && !heading && (about || s.own.has(k.Send) && s.own.has(k.Data) || c.calledAdequate(s)) && c.adequate(s) {
		c.addTool(n, fl, ToolAdequacy, h, "hedged", hedged(h), "commission_link", yes(c.linksLaw(s)))
		for _, p := range fl.named {
			if w := s.wordAt(p.Start); namesCountry(p) && w < h.First && h.First-w <= 12 {
				c.add(FactClaim, n, s.span, "country", p.Country)
			}
		}
	}
	if h, ok := c.positive(s, k.DPF); ok && (!heading || len(s.words) > 12) && c.inForce(s, h) {
		c.addTool(n, fl, ToolDPF, h, "certified", yes(s.own.any(k.Certified, k.Adhere)), "company", yes(s.own.has(k.CompanyForm)))
		c.framework(n, fl, h)
	}
	if h, ok := c.positive(s, k.Shield); ok && !heading && s.own.any(k.Adhere, k.Rely, k.Certified, k.Transfer, k.Safeguards, k.Adequacy, k.AdequacyLvl, k.ThirdCountry, k.CompanyForm) && c.inForce(s, h) {
		c.addTool(n, fl, ToolShield, h)
		c.framework(n, fl, h)
	}
	if h, ok := c.positive(s, k.SafeHarbour); ok && !heading && s.own.any(k.Adhere, k.Rely, k.Certified, k.Transfer) && about {
		c.addTool(n, fl, ToolSafeHarbour, h)
	}
	if !heading {
		c.derogations(n, fl, about)
	}
}

// inForce tells a framework h that data are transferred under from one under which complaints are settled.
func (c *collector) inForce(s *sentence, h rules.Hit) bool {
	return !s.own.has(c.e.c.Complaint) || s.near(h.First, 20, 4, c.e.c.Transfer)
}

// framework records that a framework for the United States implies a transfer there.
func (c *collector) framework(n int, fl *flow, h rules.Hit) {
	s := &c.sentences[n]
	if k := &c.e.c; fl.states || fl.denied || !s.own.any(k.Adhere, k.Certified, k.Transfer, k.Rely) || s.own.any(k.Contact, k.Authority, k.LawChoice) && !s.own.has(k.Transfer) {
		return
	}
	fl.states = true
	c.add(FactDestination, n, s.span, "country", "US", "kind", "implied", "role", RoleRecipient)
	c.add(FactTransfer, n, s.span, "place", "implied", "hedged", "no", "conditional", "no", "catchall", "no").At = c.lines(s, h)
}

// derogations records grounds of Art. 49 given for a transfer itself.
func (c *collector) derogations(n int, fl *flow, about bool) {
	k, s := &c.e.c, &c.sentences[n]
	place := fl.isV || len(fl.named) > 0
	deemed, isDeemed := s.first(k.ConsentDeem)
	moves := s.own.any(k.Transfer, k.Send, k.Store) || s.own.has(k.Process) && s.own.any(k.ThirdCountry, k.OtherCountry)
	if isDeemed && s.near(deemed.End, 0, 4, k.Dispute) { // "you agree that any dispute …"
		isDeemed = false
	}
	if isDeemed && (place && moves || s.own.has(k.ConsentTr) && s.own.has(k.Transfer)) && !s.near(deemed.First, 3, 0, k.Deny) && !s.near(deemed.First-1, 1, 0, k.Condition, k.Except) {
		c.add(FactDeemed, n, s.span)
		if s.agrees(deemed, k) {
			c.addTool(n, fl, ToolConsent, deemed, "deemed", "yes")
		}
	} else if h, ok := s.first(k.ConsentTr); ok && (place || s.own.any(k.ThirdCountry, k.OtherCountry) || s.context.any(k.IntlHeading)) && (s.own.has(k.Transfer) || place && s.own.any(k.Process, k.Store) && !s.usesAtHome(fl, k)) && !s.near(h.First, 4, 0, k.Deny) {
		c.addTool(n, fl, ToolConsent, h, "deemed", "no", "explicit", yes(s.own.has(k.ConsentExpl)))
	} else if h, ok := s.first(k.ConsentExpl); ok && about && !s.own.has(k.Special) && (place && s.own.any(k.Transfer, k.Send, k.Share, k.Access) || s.context.has(k.Transfer) && s.context.any(k.ThirdCountry, k.Safeguards)) {
		c.addTool(n, fl, ToolConsent, h, "deemed", "no", "explicit", "yes")
	}
	direct := place && s.own.has(k.Transfer) || s.context.has(k.Transfer) && s.context.any(k.ThirdCountry, k.OtherCountry)
	if h, ok := s.first(k.Contract); ok && direct {
		c.addTool(n, fl, ToolContract, h)
	}
	if h, ok := s.first(k.Derogation); ok && (about && s.own.any(k.Transfer, k.ThirdCountry) || direct) {
		c.addTool(n, fl, ToolArt49, h)
	}
	if h, ok := s.first(k.CodeCert); ok && about {
		c.addTool(n, fl, ToolCodes, h)
	}
	if h, ok := s.first(k.LegitInt); ok && direct && place {
		c.add(FactLegitimate, n, s.hitSpan(h))
	}
}

// agrees tells consent that is taken from conduct from words by which the reader only takes note ("you understand that").
func (s *sentence) agrees(deemed rules.Hit, k *concepts) bool {
	if !s.overlaps(deemed, k.ConsentNoted) {
		return true
	}
	for _, h := range s.hits {
		if (h.Concept == k.Consent || h.Concept == k.ConsentTr) && h.First >= deemed.First && h.First <= deemed.End+8 && !s.overlaps(h, k.ConsentNoted) {
			return true
		}
	}
	return false
}

// usesAtHome tells consent to a use of data from consent to a transfer: to that of special categories, or in places
// named in one breath with the EEA ("in the EEA, Japan and Brazil we rely on your consent to …").
func (s *sentence) usesAtHome(fl *flow, k *concepts) bool {
	return s.own.has(k.Special) || s.context.has(k.Special) || len(fl.named) > 0 && s.near(s.wordAt(fl.named[0].Start), 6, 0, k.EEA)
}

// addTool records a tool, once for each country that its sentence says it for.
func (c *collector) addTool(n int, fl *flow, id string, h rules.Hit, attr ...string) {
	s := &c.sentences[n]
	words := c.doc.Quote(s.hitSpan(h))
	for _, country := range fl.covers(id) {
		c.add(FactTool, n, s.span, append([]string{"id", id, "country", country, "words", words}, attr...)...).At = c.lines(s, h)
	}
}

// covers lists the countries that a tool is said for in the sentence of the flow, anyCountry if that is open.
func (fl *flow) covers(id string) []string {
	switch id {
	case ToolDPF, ToolShield, ToolSafeHarbour:
		return []string{"US"}
	}
	if fl.isV || len(fl.named) == 0 {
		return []string{anyCountry}
	}
	var out []string
	for _, p := range fl.named {
		if !slices.Contains(out, p.Country) {
			out = append(out, p.Country)
		}
	}
	return out
}

// anyCountry is the country of a tool whose sentence names none, or leaves others open.
const anyCountry = "any"

// positive finds a hit of a concept that the sentence does not deny or call past.
func (c *collector) positive(s *sentence, concept rules.Concept) (rules.Hit, bool) {
	k := &c.e.c
	for _, h := range s.hits {
		if h.Concept != concept {
			continue
		}
		if c.past(s, h) || s.near(h.First, 4, 0, k.Deny) && !s.near(h.First, 4, 0, k.AdequacyNot) {
			continue
		}
		return h, true
	}
	return rules.Hit{}, false
}

// past reports whether words such as "no longer" or "invalidated" are about tool h: they are about the tool nearest to them.
func (c *collector) past(s *sentence, h rules.Hit) bool {
	k := &c.e.c
	for _, n := range s.hits {
		if n.Concept != k.NoLonger || n.End < h.First-9 || n.First > h.End+6 {
			continue
		}
		near := true
		for _, o := range s.hits {
			switch o.Concept {
			case k.SCC, k.BCR, k.DPF, k.Shield, k.SafeHarbour, k.Adequacy:
				near = near && (o.Concept == h.Concept || gap(n, h) <= gap(n, o))
			}
		}
		if near {
			return true
		}
	}
	return false
}

// gap is the number of words between two hits, 0 if they touch or overlap.
func gap(a, b rules.Hit) int { return max(b.First-a.End, a.First-b.End, 0) }

// adequate tells reliance on adequacy from words about countries that lack it.
func (c *collector) adequate(s *sentence) bool {
	k := &c.e.c
	for _, h := range s.hits {
		if h.Concept != k.Adequacy {
			continue
		}
		denied := false
		for _, d := range s.hits {
			denied = denied || d.Concept == k.AdequacyNot && d.First < h.End && h.First < d.End
		}
		if !denied && (s.own.any(k.Commission, k.ThirdCountry) || s.hasDecision(h, k)) {
			return true
		}
	}
	return false
}

// calledAdequate reports whether the sentence says that the Commission found a third country adequate that it names.
func (c *collector) calledAdequate(s *sentence) bool {
	return s.own.has(c.e.c.Commission) && slices.ContainsFunc(c.places(s), func(p places.Match) bool {
		return third(p.Country) && !p.Framework && namesCountry(p)
	})
}

// hasDecision tells words for a decision from words for a level of protection.
func (s *sentence) hasDecision(h rules.Hit, k *concepts) bool {
	for _, o := range s.hits {
		if o.Concept == k.AdequacyLvl && o.First <= h.First && h.End <= o.End {
			return false
		}
	}
	return true
}

// linksLaw reports whether the sentence links a legal text.
func (c *collector) linksLaw(s *sentence) bool {
	for _, l := range s.links {
		if isLegalText(l.Target) {
			return true
		}
	}
	return false
}

// safeguards records what is said around the tools: copies, unnamed safeguards, alternatives, warnings.
func (c *collector) safeguards(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if s.heading() {
		return
	}
	about := c.about(s, fl)
	tool := s.own.any(k.SCC, k.SCCWeak, k.BCR, k.Adequacy, k.Safeguards)
	if s.own.has(k.Copy) && (tool || about || c.toolBefore(n)) && s.own.any(k.Request, k.Email, k.Link) {
		c.add(FactCopy, n, s.span, "how", "copy")
	} else if tool && about && s.own.has(k.Request) && s.own.any(k.Email, k.Link) && s.own.any(k.SCC, k.SCCWeak, k.Safeguards) {
		how := "contact"
		if c.linksLaw(s) && s.own.any(k.SCC, k.SCCWeak) {
			how = "link"
		}
		c.add(FactCopy, n, s.span, "how", how)
	} else if s.own.any(k.SCC, k.BCR) && c.linksLaw(s) {
		c.add(FactCopy, n, s.span, "how", "link")
	}
	if s.own.has(k.Safeguards) && about {
		c.add(FactSafeguards, n, s.span)
	}
	if s.own.has(k.OtherGrounds) && about && !s.own.has(k.Complaint) && s.own.any(k.SCC, k.BCR, k.Adequacy, k.DPF, k.SCCWeak, k.Consent) {
		c.add(FactOther, n, s.span)
	}
	if s.own.has(k.LessProt) && (s.own.any(k.ThirdCountry, k.OtherCountry) || len(fl.named) > 0 || about && s.own.any(k.Countries, k.AdequacyNot)) {
		c.add(FactRisk, n, s.span)
	}
	if s.own.has(k.Measure) && about {
		c.add(FactMeasure, n, s.span, "specific", yes(s.own.has(k.Encryption) && !s.own.has(k.Condition)))
	}
	if s.own.has(k.Assessment) && about {
		c.add(FactAssessment, n, s.span)
	}
	if s.own.has(k.UKCHOnly) && about {
		c.add(FactUKCHOnly, n, s.span)
	}
}

// toolBefore reports whether one of the three sentences before names a tool, so that "these clauses" are its.
func (c *collector) toolBefore(n int) bool {
	for i := len(c.facts) - 1; i >= 0 && c.facts[i].Sentence >= n-3; i-- {
		if c.facts[i].Kind == FactTool {
			return true
		}
	}
	return false
}

// government records disclosure to, or access by, authorities of third countries.
func (c *collector) government(n int) {
	k, s := &c.e.c, &c.sentences[n]
	if s.heading() || !s.own.any(k.Authority, k.NatSecurity) {
		return
	}
	acts := s.own.any(k.Authority, k.Access, k.Share, k.Transfer, k.Send)
	foreign := ""
	switch {
	case s.beside(k.Authority, 14, k.Foreign, k.ThirdCountry):
		foreign = "generic"
	case s.own.has(k.NatSecurity) && (acts || len(s.words) < 12):
		foreign = "national_security"
	}
	for _, p := range c.places(s) {
		if third(p.Country) && !p.Framework && (p.Kind == places.Adjective || namesCountry(p)) && s.own.any(k.Data, k.Access, k.Share, k.Transfer, k.Foreign) {
			w := s.wordAt(p.Start)
			if s.near(w, 8, 4, k.Authority, k.NatSecurity) {
				foreign = p.Country
			}
		}
	}
	approves := s.own.any(k.SCC, k.Adequacy, k.Commission, k.DPF) && !s.own.any(k.NatSecurity, k.Access) // "clauses approved by the UK government"
	if foreign != "" && !approves && !s.own.any(k.Authorities, k.Complaint) {
		c.add(FactGovernment, n, s.span, "which", foreign)
	}
}

// beside reports whether a hit of one of the concepts stands within n words of one of concept c.
func (s *sentence) beside(c rules.Concept, n int, cs ...rules.Concept) bool {
	for _, h := range s.hits {
		if h.Concept == c && s.near(h.First, n, n, cs...) {
			return true
		}
	}
	return false
}

// settle drops implied destinations that the text also names.
func (c *collector) settle() {
	named := map[string]bool{}
	for _, f := range c.facts {
		if f.Kind == FactDestination && f.Attr["kind"] == "named" {
			named[f.Attr["country"]] = true
		}
	}
	c.facts = slices.DeleteFunc(c.facts, func(f Fact) bool {
		return f.Kind == FactDestination && f.Attr["kind"] == "implied" && named[f.Attr["country"]]
	})
}
