package analyze

// Further facts: what else a text says around a transfer. Checks ask for them; reports do not list them.

import (
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

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
	if s.own.has(k.Certificate) && about && s.own.any(k.Safeguards, k.Rely, k.Transfer) && !tool && !s.own.any(k.Shield, k.Deny) && !c.betweenUnions(s) {
		c.add(FactCertificate, n, s.span)
	}
	if s.own.has(k.Encryption) && (abroad || s.own.has(k.ThirdCountry) || s.context.any(k.IntlHeading, k.ThirdCountry)) && s.own.any(k.Transfer, k.ThirdCountry, k.Safeguards) && !tool && !s.own.has(k.Measure) {
		c.add(FactEncryption, n, s.span)
	}
	if h, ok := s.first(k.Onward); ok && !s.near(h.First, 2, 0, k.We) && !c.writes(s) && !strings.HasSuffix(c.quote(s), ":") && s.own.any(k.ThirdParty, k.Provider, k.SubProcessor, k.Group) && s.own.any(k.Share, k.Transfer, k.Send, k.Process) {
		c.add(FactOnward, n, s.span, "bound", yes(tool || s.own.any(k.Bound, k.Shield)), "abroad", yes(c.abroadBefore(n)))
	}
	if s.own.has(k.Direct) && len(fl.named) > 0 {
		c.add(FactDirect, n, s.span)
	}
	if s.own.has(k.Backup) && abroad && s.own.any(k.Store, k.Server, k.Retain) {
		c.add(FactBackup, n, s.span)
	}
	others := s.own.any(k.Provider, k.ThirdParty, k.SubProcessor, k.CompanyForm)
	h, ok := s.first(k.Support)
	ok = ok && s.near(h.First, 24, 24, k.ThirdCountry, k.OtherCountry, k.Locate, k.Server, k.Transfer, k.Send) || s.context.has(k.Support) && s.own.any(k.Transfer, k.Server, k.Send)
	if ok && abroad && (others || s.own.has(k.ProviderIs) || !s.own.any(k.Staff, k.Group)) {
		c.add(FactSupport, n, s.span, "recipient", yes(others), "country", yes(len(fl.named) > 0))
	}
	if s.own.has(k.Dispute) {
		c.dispute(n)
	}
	c.local(n, fl)
	c.possible(n, fl)
	c.explains(n)
	c.roles(n, fl, about)
	c.orders(n)
	c.reach(n, about)
}

// betweenUnions tells a framework that is named by its parties ("EU-USA").
func (c *collector) betweenUnions(s *sentence) bool {
	for _, p := range c.places(s) {
		if p.Country == "US" && s.near(s.wordAt(p.Start), 1, 1, c.e.c.EEA) {
			return true
		}
	}
	return false
}

// possible records whether the transfer that a sentence states is said to be possible only, or to be a fact. What is
// done if there is a transfer, how it is protected, where data come from and where to read on say neither.
func (c *collector) possible(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if !fl.states || fl.denied || c.besideFlow(s, fl) {
		return
	}
	at := fl.vague.First
	if len(fl.named) > 0 {
		at = s.wordAt(fl.named[0].Start)
	}
	row := c.doc.Blocks[s.block].Kind == snapshots.Cell // which says many things
	switch near := s.near(at, 8, 0, k.Hedge); {
	case s.near(at, 6, 6, k.Authority, k.LocalLaw) && !s.own.has(k.Transfer), s.near(0, 0, 1, k.Condition):
	case (fl.hedged || near) && (!row || fl.hedged && near):
		c.add(FactPossible, n, s.span, "hedged", "yes")
	case s.own.has(k.Exclusive) && s.own.has(k.Condition): // "is allowed only if"
	case !row && s.own.has(k.Data) && fl.acts && !s.own.any(k.Safeguards, k.SCC, k.SCCWeak, k.BCR, k.Adequacy, k.DPF, k.Shield, k.Hedge):
		c.add(FactPossible, n, s.span, "hedged", "no")
	}
}

// besideFlow tells sentences in which a place is named, and what the writer does with data there is not said.
func (c *collector) besideFlow(s *sentence, fl *flow) bool {
	k := &c.e.c
	moves := s.own.any(k.Transfer, k.Server, k.Store, k.AccessFrom)
	switch {
	case s.userDoes(k) || s.own.has(k.UserDoes) && !moves && !s.own.any(k.Provider, k.Group, k.ThirdParty): // other readers
		return true
	case s.own.any(k.Access, k.AccessFrom) && !s.own.any(k.Transfer, k.Server, k.Store, k.Send): // access is asked about elsewhere
		return true
	case s.own.any(k.Origin, k.Right) && !moves && !s.own.has(k.Process), s.own.has(k.Right) && s.own.has(k.UserDoes):
		return true
	case s.own.has(k.List) && len(s.words) < 25 && !s.own.any(k.Share, k.Send, k.Store, k.Process): // "see the section on transfers"
		return true
	}
	return fl.isV && len(fl.named) == 0 && fl.vague.Concept != k.ThirdCountry && !s.near(fl.vague.First, 14, 6, k.Transfer, k.Send, k.Share, k.Server, k.Store, k.AccessFrom, k.Access, k.Process, k.Locate)
}

// explains records that a sentence names a recipient together with what it gets data for.
func (c *collector) explains(n int) {
	k, s := &c.e.c, &c.sentences[n]
	if !s.own.any(k.Share, k.Send, k.Transfer) {
		return
	}
	for _, h := range s.hits {
		switch h.Concept {
		case k.Provider, k.Group, k.ThirdParty, k.SubProcessor, k.CompanyForm, k.Authority:
			if s.near(h.End, 0, 10, k.Purpose, k.Support) {
				c.add(FactExplained, n, s.span)
				return
			}
		}
	}
}

// roles records who receives data outside the EEA, in what role, and what clauses and decisions are made for.
func (c *collector) roles(n int, fl *flow, about bool) {
	k, s := &c.e.c, &c.sentences[n]
	others := s.own.any(k.Group, k.Provider, k.ThirdParty, k.SubProcessor, k.CompanyForm)
	if s.own.has(k.ClausesP) && s.own.any(k.SCC, k.SCCWeak) {
		c.add(FactClausesFor, n, s.span, "role", "processor")
	}
	if s.own.has(k.ClausesC) && s.own.any(k.SCC, k.SCCWeak) {
		c.add(FactClausesFor, n, s.span, "role", "controller")
	}
	if s.own.has(k.OwnUse) && (others || !s.own.has(k.We)) {
		c.add(FactOwnUse, n, s.span)
	}
	if fl.states && fl.isV && s.own.any(k.Provider, k.SubProcessor) {
		c.add(FactVendors, n, s.span)
	}
	if h, ok := s.first(k.EEAWithUK); ok && !s.overlaps(h, k.ThirdCountry) || c.definesEEAWithUK(s) {
		c.add(FactUKInEEA, n, s.span)
	}
	if s.own.has(k.ScopeOutside) && about && s.own.any(k.Adequacy, k.Transfer, k.Share, k.Send) {
		c.add(FactScope, n, s.span)
	}
	if s.own.has(k.Pending) && about {
		c.add(FactPending, n, s.span)
	}
	c.importers(n, fl)
}

// quotes are the marks around a name that a text gives.
const quotes = "\"“”„«»'‘’"

// definesEEAWithUK tells a short name in brackets that takes the United Kingdom in: "the Union and the United Kingdom (“EEA”)".
func (c *collector) definesEEAWithUK(s *sentence) bool {
	quote := c.quote(s)
	if !s.own.has(c.e.c.EEA) || !strings.ContainsAny(quote, quotes) {
		return false
	}
	for _, p := range c.places(s) {
		if p.Country != "GB" || p.Framework {
			continue
		}
		w := s.wordAt(p.End)
		for _, h := range s.hits {
			if h.Concept != c.e.c.EEA || h.First < w || h.First > w+6 {
				continue
			}
			name, between := quote[s.words[h.First].Start:s.words[h.End-1].End], quote[p.End:s.words[h.First].Start]
			next, _ := utf8.DecodeRuneInString(quote[s.words[h.End-1].End:])
			if strings.ContainsRune(quotes, next) && name == strings.ToUpper(name) && strings.Contains(between, "(") && !strings.Contains(between, ")") && strings.ContainsAny(between, quotes) {
				return true
			}
			break // a long name: its own short name follows
		}
	}
	return false
}

// orders records disclosure on demand of law or authorities, whether it is limited to those of the Union, and a parent
// company in a third country, whose law may demand it.
func (c *collector) orders(n int) {
	k, s := &c.e.c, &c.sentences[n]
	limited := s.own.has(k.Challenge)
	if limited && s.own.any(k.Authority, k.NatSecurity, k.Share, k.Foreign) {
		c.add(FactChallenge, n, s.span)
	}
	if h, ok := s.first(k.Authority); ok && !limited && s.near(h.First, 20, 0, k.Share, k.Transfer) && !s.own.any(k.Authorities, k.Complaint, k.EEA, k.Deny, k.AccessRight) {
		c.add(FactProcess, n, s.span)
	}
	if h, ok := s.first(k.Parent); ok && s.own.any(k.CompanyForm, k.Seat, k.Locate) {
		for _, p := range c.places(s) {
			if third(p.Country) && !p.Framework && s.near(s.wordAt(p.Start), 14, 4, k.Parent) {
				c.add(FactParent, n, s.hitSpan(h), "country", p.Country)
				return
			}
		}
	}
}

// reach records what else must be opened: a notice of its own for people in the EEA, or a text on transfers that is only
// to be had after logging in or in another language, as the sentence says.
func (c *collector) reach(n int, about bool) {
	k, s := &c.e.c, &c.sentences[n]
	for _, l := range s.links {
		if s.own.any(k.EEA, k.GDPR) && isPage(l.Target) && !isLegalText(l.Target) && isNotice(l.Target) {
			c.add(FactLayer, n, s.span, "url", l.Target)
			break
		}
	}
	if c.doc.Blocks[s.block].Kind == snapshots.Cell || !s.own.any(k.Transfer, k.ThirdCountry, k.Countries, k.SubProcessor) {
		return
	}
	if h, ok := s.first(k.Hidden); ok && about && s.own.any(k.List, k.Here, k.Copy) && !s.own.any(k.Store, k.Server) && s.near(h.First, 14, 10, k.List, k.Here, k.Request) {
		c.add(FactHidden, n, s.span, "how", "login")
	}
}

// isNotice tells addresses of notices by the words that they hold in most languages.
func isNotice(target string) bool {
	target = strings.ToLower(target)
	for _, part := range []string{"privacy", "gdpr", "rgpd", "datenschutz", "dsgvo", "confidential", "privacidad", "privacidade", "prywatnosc"} {
		if strings.Contains(target, part) {
			return true
		}
	}
	return false
}

// otherLanguage records that the text on transfers, or that on their tools, stands in another language than the document.
func (c *collector) otherLanguage() {
	for _, kind := range []string{FactTransfer, FactTool} {
		other := -1
		for i := range c.facts {
			if f := &c.facts[i]; f.Kind == kind && f.Sentence >= 0 {
				if c.sentences[f.Sentence].tongue.language == c.doc.Language {
					other = -1
					break
				}
				if other < 0 {
					other = f.Sentence
				}
			}
		}
		if other >= 0 {
			c.add(FactHidden, other, c.sentences[other].span, "how", "language")
		}
	}
}

// oftenNamed is the number of times from which a name is taken for that of the writer.
const oftenNamed = 40

// writes reports whether a sentence begins with a name that the text is full of: its writer's.
func (c *collector) writes(s *sentence) bool {
	if len(s.words) == 0 || s.tongue.m.CapitalNouns {
		return false
	}
	word := c.quote(s)[s.words[0].Start:s.words[0].End]
	return len(word) > 3 && isTitle(word) && strings.Count(c.doc.Text, word) >= oftenNamed
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
	if !s.own.has(k.Data) && !s.context.has(k.Data) || s.own.any(k.DPF, k.Shield) {
		return
	}
	for _, p := range c.places(s) {
		if third(p.Country) && !p.Framework && s.near(s.wordAt(p.Start), 14, 8, k.Dispute) {
			c.add(FactDispute, n, s.span, "country", p.Country)
			return
		}
	}
}

// local records that data are kept within the EEA, in a sentence that names no place outside it but the seat of a company.
func (c *collector) local(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if !s.own.any(k.Store, k.Server) || fl.isV || s.own.has(k.ThirdCountry) || fl.denied || s.own.has(k.Deny) && !s.own.has(k.Exclusive) {
		return
	}
	inside := s.own.has(k.EEA)
	for _, p := range c.places(s) {
		w := s.wordAt(p.Start)
		if p.Framework || third(p.Country) && (!s.near(w, 6, 0, k.Seat) || s.near(w, 4, 0, k.Store, k.Server)) {
			return
		}
		inside = inside || law.InEEA(p.Country, law.KnownUntil())
	}
	if inside {
		c.add(FactLocal, n, s.span, "exclusive", yes(s.own.has(k.Exclusive)))
	}
}
