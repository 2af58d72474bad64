package analyze

// Further facts: what else a text says around a transfer. Checks ask for them; reports do not list them.

import "github.com/drittland/drittland/rules/law"

// further records what sentence n says beside places and tools.
func (c *collector) further(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if s.heading() {
		return
	}
	about := c.about(s, fl)
	abroad := fl.states && !fl.denied
	tool := s.own.any(k.SCC, k.SCCWeak, k.BCR, k.Adequacy, k.DPF)
	if s.own.has(k.CopyLimit) && s.own.has(k.Copy) {
		c.add(FactCopyLimit, n, s.span)
	}
	if s.own.has(k.Certificate) && about && s.own.any(k.Safeguards, k.Rely, k.Transfer) && !tool && !s.own.any(k.Shield, k.DPF) {
		c.add(FactCertificate, n, s.span)
	}
	if s.own.has(k.Encryption) && (abroad || s.own.has(k.ThirdCountry) || s.context.any(k.IntlHeading, k.ThirdCountry)) && s.own.any(k.Transfer, k.ThirdCountry, k.Safeguards) && !tool && !s.own.has(k.Measure) {
		c.add(FactEncryption, n, s.span)
	}
	if s.own.has(k.Onward) && s.own.any(k.ThirdParty, k.Provider, k.SubProcessor, k.Group) && s.own.any(k.Share, k.Transfer, k.Send, k.Process) {
		c.add(FactOnward, n, s.span, "bound", yes(s.own.any(k.Bound) || tool), "abroad", yes(c.abroadBefore(n)))
	}
	if s.own.has(k.Direct) && len(fl.named) > 0 {
		c.add(FactDirect, n, s.span)
	}
	if s.own.has(k.Backup) && abroad && s.own.any(k.Store, k.Server, k.Retain) {
		c.add(FactBackup, n, s.span)
	}
	if h, ok := s.first(k.Support); ok && abroad && s.near(h.First, 14, 14, k.ThirdCountry, k.OtherCountry, k.Locate, k.Server, k.Transfer, k.Send) && s.own.any(k.Provider, k.ThirdParty, k.SubProcessor, k.CompanyForm, k.ProviderIs) {
		c.add(FactSupport, n, s.span, "recipient", yes(s.own.any(k.Provider, k.CompanyForm, k.ThirdParty)), "country", yes(len(fl.named) > 0))
	}
	if s.own.has(k.Dispute) {
		c.dispute(n)
	}
	c.local(n, fl)
}

// abroadBefore reports whether this sentence or one of the three before it names a destination.
func (c *collector) abroadBefore(n int) bool {
	for i := len(c.facts) - 1; i >= 0 && c.facts[i].Sentence >= n-3; i-- {
		if f := &c.facts[i]; f.Kind == FactDestination && c.sentences[f.Sentence].section == c.sentences[n].section {
			return true
		}
	}
	return false
}

// dispute records courts and arbitration in third countries for disputes about data.
func (c *collector) dispute(n int) {
	k, s := &c.e.c, &c.sentences[n]
	if !s.own.has(k.Data) && !s.context.has(k.Data) {
		return
	}
	for _, p := range c.places(s) {
		if third(p.Country) && !p.Framework && s.near(s.wordAt(p.Start), 14, 8, k.Dispute) {
			c.add(FactDispute, n, s.span, "country", p.Country)
			return
		}
	}
}

// local records that data are kept within the EEA, in a sentence that names no place outside it.
func (c *collector) local(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if !s.own.any(k.Store, k.Server) || fl.isV || len(fl.named) > 0 || fl.denied || s.own.has(k.Deny) && !s.own.has(k.Exclusive) {
		return
	}
	inside := s.own.has(k.EEA)
	for _, p := range c.places(s) {
		if p.Framework || third(p.Country) {
			return
		}
		inside = inside || law.InEEA(p.Country, law.KnownUntil())
	}
	if inside {
		c.add(FactLocal, n, s.span, "exclusive", yes(s.own.has(k.Exclusive)))
	}
}
