package analyze

// Flows: whether a sentence says that data go, are kept or can be seen outside the EEA, and where.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// A flow is what one sentence says about data moving, resting or being seen somewhere.
type flow struct {
	verb   rules.Hit // what happens; of the lead if the sentence itself has no verb
	acts   bool      // there is such a verb, here or in the lead
	named  []places.Match
	vague  rules.Hit
	isV    bool // vague is set
	denied bool
	hedged bool
	states bool // it says that there is a transfer
}

// third reports whether a place lies outside the EEA today; the date of a report decides its standing later.
func third(country string) bool { return !law.InEEA(country, law.KnownUntil()) }

// flow reads sentence n and records the transfer, denial or vague destination that it states.
func (c *collector) flow(n int) flow {
	k, s := &c.e.c, &c.sentences[n]
	var fl flow
	if s.heading() { // which states nothing by itself
		return fl
	}
	c.answers(n)
	all := s.own.union(s.context)
	if !all.any(k.Transfer, k.Send, k.Share, k.Store, k.Server, k.Process, k.Access, k.AccessFrom, k.Locate, k.ProviderIs, k.CompanyForm, k.Direct, k.IntlHeading) {
		return fl
	}
	fl.verb, fl.acts = s.first(k.Transfer, k.AccessFrom, k.Store, k.Server)
	if !fl.acts {
		fl.verb, fl.acts = s.first(k.Send, k.Share, k.Process, k.Access, k.Locate)
	}
	fl.named = c.thirdPlaces(s)
	c.vague(s, &fl)
	if !fl.isV && len(fl.named) == 0 || len(fl.named) == 0 && c.isLabel(s) {
		return flow{}
	}
	fl.choose(s, k)
	if s.own.has(k.Complaint) && s.own.any(k.DPF, k.Shield) { // how complaints under a framework are settled
		return flow{}
	}
	if s.own.has(k.Right) && s.own.has(k.AccessRight) && !s.own.any(k.Staff, k.Group, k.Provider) { // "the right to know to whom data were transferred": states nothing
		return flow{}
	}
	if s.own.has(k.UserDoes) && !s.own.any(k.We, k.Provider, k.ThirdParty, k.Group) && s.userDoes(k) || c.onlyLaw(s) || c.defines(s) {
		return flow{}
	}
	fl.hedged = fl.acts && s.near(fl.verb.First, 6, 4, k.Hedge)
	if c.denies(n, &fl) {
		fl.denied = true
		if s.own.has(k.ThirdCountry) || s.own.has(k.Transfer) && (s.own.has(k.OtherCountry) || len(fl.named) > 0) {
			c.add(FactDenial, n, s.span)
		}
		return fl
	}
	if fl.isV && c.vagueFlow(s, &fl) {
		fl.states = true
		world := s.own.has(k.World) && !s.own.any(k.ThirdCountry)
		if !c.explainedByName(s, &fl) {
			c.add(FactVague, n, s.span, "world", yes(world))
		}
		c.transfer(n, &fl, "vague")
	}
	return fl
}

// about reports whether a sentence is about transfers, by what it states, its own words or what stands above it.
func (c *collector) about(s *sentence, fl *flow) bool {
	k := &c.e.c
	return fl.states || s.own.any(k.Transfer, k.ThirdCountry) || s.context.any(k.Transfer, k.IntlHeading, k.ThirdCountry)
}

// userDoes reports whether every verb of the flow is the reader's own ("you transfer"), not one beside it ("when you
// visit us, your data are transferred").
func (s *sentence) userDoes(k *concepts) bool {
	for _, h := range s.hits {
		switch h.Concept {
		case k.Transfer, k.Send, k.Share, k.Store, k.Server, k.Process, k.AccessFrom:
			if !s.overlaps(h, k.UserDoes) {
				return false
			}
		}
	}
	return true
}

// choose takes the verb nearest to the place, so that "may use a service whose servers are in …" is hedged by its own words.
func (fl *flow) choose(s *sentence, k *concepts) {
	if !fl.acts {
		return
	}
	at := fl.vague
	if !fl.isV {
		w := s.wordAt(fl.named[0].Start)
		at = rules.Hit{First: w, End: w + 1}
	}
	for _, h := range s.hits {
		switch h.Concept {
		case k.Transfer, k.AccessFrom, k.Store, k.Server:
			if gap(h, at) < gap(fl.verb, at) {
				fl.verb = h
			}
		}
	}
}

func (c *collector) transfer(n int, fl *flow, place string) {
	k, s := &c.e.c, &c.sentences[n]
	catchall := s.own.has(k.Transfer) && s.own.has(k.Process) && s.own.has(k.Store) && !s.own.has(k.Server)
	conditional := fl.acts && (s.near(fl.verb.First, 6, 0, k.Condition) || s.near(0, 0, 1, k.Condition))
	c.add(FactTransfer, n, s.span, "place", place, "hedged", yes(fl.hedged), "conditional", yes(conditional), "catchall", yes(catchall))
	operates := s.own.any(k.Store, k.Server, k.AccessFrom, k.Support) && !catchall
	serves := s.own.any(k.Provider, k.Group, k.ThirdParty, k.CompanyForm) && s.own.any(k.Purpose, k.Support)
	if operates || serves {
		c.add(FactExplained, n, s.span)
	}
}

// thirdPlaces are the places outside the EEA that the sentence names as places, not as part of a
// framework's, a law's or a court's name.
func (c *collector) thirdPlaces(s *sentence) []places.Match {
	var out []places.Match
	for _, p := range c.places(s) {
		if third(p.Country) && !p.Framework && (p.Kind != places.Adjective || c.describesCompany(s, p)) && !inAddress(c.quote(s), p) && !c.inName(s, p) && !c.isContext(s, p) {
			out = append(out, p)
		}
	}
	return out
}

// isContext tells places that are named for another reason than a flow: the law that governs, the seat
// of the writer, the people who are addressed.
func (c *collector) isContext(s *sentence, p places.Match) bool {
	k := &c.e.c
	w := s.wordAt(p.Start)
	flows := s.near(w, 14, 6, k.Transfer, k.Server, k.AccessFrom, k.Store, k.Share)
	last := s.lastBefore(w, 16, k.Audience, k.LawChoice, k.Seat, k.Transfer, k.Server, k.AccessFrom, k.Store, k.Share, k.Send, k.Locate, k.Process, k.Access, k.ProviderIs, k.Contact)
	switch {
	case s.near(w, 2, 0, k.Origin) && !s.near(w, 3, 0, k.AccessFrom):
		return true
	case last == k.Audience || last == k.LawChoice:
		return true
	case last == k.Contact && !s.near(w, 10, 8, k.Transfer, k.Server, k.Store, k.Send, k.AccessFrom):
		return true
	case s.startsAt(s.wordAt(p.End), k.CompanyForm) || c.ofAcronym(s, p):
		return true // part of the name of a company or an association
	case s.near(w, 4, 1, k.LawChoice):
		return true
	case besideEEA[p.Country] && s.besideHome(w, k):
		return true // "outside the EEA, the UK and Switzerland": where the data come from
	case s.near(w, 6, 2, k.Seat) && !flows && !s.own.any(k.Provider, k.ProviderIs, k.Group):
		return true
	case s.near(w, 5, 0, k.Audience) && !s.own.any(k.Transfer, k.Server, k.AccessFrom):
		return true
	case s.near(w, 0, 2, k.Audience) && !s.own.any(k.Transfer, k.Server, k.AccessFrom):
		return true
	case s.near(w, 0, 3, k.LocalLaw) && !s.own.has(k.Transfer):
		return true
	}
	return false
}

// isTitle reports whether a word is written like a name: a capital, then small letters.
func isTitle(word string) bool {
	first, n := utf8.DecodeRuneInString(word)
	second, _ := utf8.DecodeRuneInString(word[n:])
	return unicode.IsUpper(first) && unicode.IsLower(second)
}

// besideEEA are the places that notices name in one breath with the EEA as the home of the data.
var besideEEA = map[string]bool{"GB": true, "CH": true, "GI": true, "JE": true, "GG": true, "IM": true}

// describesCompany tells adjectives that place a company or a server ("our American parent company", "US-Server").
func (c *collector) describesCompany(s *sentence, p places.Match) bool {
	k := &c.e.c
	return s.near(s.wordAt(p.Start), 2, 2, k.Group, k.Provider, k.Server, k.ThirdParty)
}

// besideHome reports whether the EEA is named near word w, but not as part of the name of the Commission.
func (s *sentence) besideHome(w int, k *concepts) bool {
	for _, h := range s.hits {
		if (h.Concept == k.EEA || h.Concept == k.ThirdCountry) && h.End > w-12 && h.First <= w+6 && !s.overlaps(h, k.Commission) {
			return true
		}
	}
	return false
}

// inName tells places that begin a longer name: "California Civil Code", "Lima Records". Where nouns are
// written with capitals this cannot be told.
func (c *collector) inName(s *sentence, p places.Match) bool {
	if s.tongue.m.CapitalNouns {
		return false
	}
	quote := c.quote(s)
	if before := s.wordAt(p.Start) - 1; before > 0 && p.Kind != places.City && p.Kind != places.Region && s.words[before].End+1 == p.Start && quote[p.Start-1] == ' ' {
		if word := quote[s.words[before].Start:s.words[before].End]; utf8.RuneCountInString(word) > 2 && isTitle(word) && !s.near(before, 0, 0, c.e.c.Transfer, c.e.c.Locate, c.e.c.Countries, c.e.c.Server, c.e.c.Store) {
			return true // "Petit Panier Maroc"
		}
	}
	w := s.wordAt(p.End)
	if w >= len(s.words) || s.words[w].Start != p.End+1 || quote[p.End] != ' ' {
		return false
	}
	if !isTitle(quote[s.words[w].Start:s.words[w].End]) {
		return false
	}
	for _, o := range c.places(s) {
		if o.Start == s.words[w].Start {
			return false // "San Francisco California"
		}
	}
	return true
}

// ofAcronym tells places in brackets after an acronym, which they belong to: "the ABC (Canada)".
func (c *collector) ofAcronym(s *sentence, p places.Match) bool {
	quote := c.quote(s)
	w := s.wordAt(p.Start) - 1
	if w < 0 || p.Start < 1 || quote[p.Start-1] != '(' || s.near(w, 0, 0, c.e.c.CompanyForm, c.e.c.EEA, c.e.c.ThirdCountry) {
		return false
	}
	word := quote[s.words[w].Start:s.words[w].End]
	return utf8.RuneCountInString(word) >= 3 && word == strings.ToUpper(word) && word != strings.ToLower(word) && !strings.ContainsAny(word, "0123456789")
}

// inAddress tells places within web addresses and e-mail addresses.
func inAddress(quote string, p places.Match) bool {
	start := strings.LastIndexAny(quote[:p.Start], " \t\n(") + 1
	end := len(quote)
	if i := strings.IndexAny(quote[p.End:], " \t\n)"); i >= 0 {
		end = p.End + i
	}
	chunk := quote[start:end]
	return strings.Contains(chunk, "://") || strings.Contains(chunk, "www.") || strings.Contains(chunk, "@")
}

// onlyLaw tells sentences about governing law and courts.
func (c *collector) onlyLaw(s *sentence) bool {
	k := &c.e.c
	return s.own.has(k.LawChoice) && !s.own.any(k.Transfer, k.Store, k.Server, k.Share, k.AccessFrom)
}

// defines tells sentences that explain a word.
func (c *collector) defines(s *sentence) bool {
	k := &c.e.c
	h, ok := s.first(k.Definition)
	return ok && h.First < 8 && !s.own.has(k.We)
}

// denies tells "we do not transfer … outside the EEA" without an exception.
func (c *collector) denies(n int, fl *flow) bool {
	k, s := &c.e.c, &c.sentences[n]
	for _, d := range s.hits {
		if d.Concept != k.Deny || s.near(d.First, 1, 0, k.AdequacyNot) || s.within(d, k.AdequacyNot, k.ThirdCountry, k.NoLonger, k.LessProt) {
			continue
		}
		for _, v := range s.hits {
			if d.First >= v.End && v.Concept == k.Transfer && d.End == len(s.words) && d.First-v.End <= 8 {
				return true // "Transfers outside the EEA: none."
			}
			verb := v.Concept == k.Transfer || v.Concept == k.Send || v.Concept == k.Share || v.Concept == k.Store || v.Concept == k.Process || v.Concept == k.AccessFrom
			inside := v.First <= d.First && d.End <= v.End // "are not transferred", found as one
			if !verb || !inside && (v.First < d.First || v.First-d.End > 5) {
				continue
			}
			if s.excepted(d, k) || s.own.has(k.Except) && s.own.has(k.Consent) || c.exceptionFollows(n) {
				return false
			}
			return fl.isV && fl.vague.End > v.First-12 || len(fl.named) > 0
		}
	}
	return false
}

// exceptionFollows tells an exception to sentence n that opens the next sentence of its block.
func (c *collector) exceptionFollows(n int) bool {
	if n+1 >= len(c.sentences) || c.sentences[n+1].block != c.sentences[n].block {
		return false
	}
	k, next := &c.e.c, &c.sentences[n+1]
	h, ok := next.first(k.Except)
	return ok && h.First <= 1 && next.own.any(k.Transfer, k.Share, k.Send)
}

// answers records a denial in the form of question and answer: "Is data sent to a third country? No."
func (c *collector) answers(n int) {
	k, s := &c.e.c, &c.sentences[n]
	if n == 0 || len(s.words) > 3 || !s.own.any(k.AnswerNo, k.Deny) {
		return
	}
	q := &c.sentences[n-1]
	if strings.HasSuffix(c.quote(q), "?") && q.own.any(k.Transfer, k.Process, k.Store, k.Send, k.Share) && q.own.any(k.ThirdCountry, k.OtherCountry) {
		for len(c.facts) > 0 && c.facts[len(c.facts)-1].Sentence == n-1 { // those of the question, the last ones
			c.facts = c.facts[:len(c.facts)-1]
		}
		c.add(FactDenial, n-1, snapshots.Span{Start: q.span.Start, End: s.span.End})
	}
}

// within reports whether hit h lies inside a hit of one of the concepts.
func (s *sentence) within(h rules.Hit, cs ...rules.Concept) bool {
	for _, o := range s.hits {
		if o.First > h.First || o.End < h.End {
			continue
		}
		for _, c := range cs {
			if o.Concept == c {
				return true
			}
		}
	}
	return false
}

// overlaps reports whether h shares a word with a hit of one of the concepts.
func (s *sentence) overlaps(h rules.Hit, cs ...rules.Concept) bool {
	for _, o := range s.hits {
		if o.First >= h.End || h.First >= o.End {
			continue
		}
		for _, c := range cs {
			if o.Concept == c {
				return true
			}
		}
	}
	return false
}

// excepted reports whether an exception stands after negation d began, and is not itself part of a negation.
func (s *sentence) excepted(d rules.Hit, k *concepts) bool {
	for _, o := range s.hits {
		if o.Concept == k.Except && o.First >= d.First && (o == d || !s.within(o, k.Deny)) {
			return true
		}
	}
	return false
}
