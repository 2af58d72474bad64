package analyze

// Contexts: places that a sentence names for another reason than a flow, such as the writer's address, the law that
// governs, the people who are addressed, or as part of a longer name.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots/text"
)

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
	first := c.enumerated(s, w)
	flows := s.near(w, 14, 6, k.Transfer, k.Server, k.AccessFrom, k.Store) || s.near(w, 14, 0, k.Share, k.Access)
	last := s.lastBefore(w, 16, k.Audience, k.LawChoice, k.Seat, k.Transfer, k.Server, k.AccessFrom, k.Store, k.Share, k.Send, k.Locate, k.Process, k.Access, k.ProviderIs, k.Contact)
	switch {
	case s.near(first, 2, 0, k.Origin) && !s.near(first, 3, 0, k.AccessFrom) || s.outside(w, k):
		return true
	case last == k.Audience || last == k.LawChoice || c.locatesPeople(s, first, w) || c.qualifies(s, p):
		return true
	case last == k.Contact && !s.near(w, 10, 8, k.Transfer, k.Server, k.Store, k.Send, k.AccessFrom) || c.ofWriter(s, w):
		return true
	case s.startsAt(s.wordAt(p.End), k.LocalLaw, k.Authority, k.Authorities) || c.labelsLink(s, p) || possessive(c.quote(s)[p.End:]):
		return true
	case s.startsAt(s.wordAt(p.End), k.CompanyForm) || c.inCompany(s, p) || c.ofAcronym(s, p):
		return true // part of the name of a company or an association
	case s.near(w, 4, 1, k.LawChoice):
		return true
	case besideEEA[p.Country] && (s.besideHome(w, k) || s.ofInstrument(w, k)):
		return true // "outside the EEA, the UK and Switzerland": where the data come from
	case s.near(w, 6, 2, k.Seat) && !flows && !s.beforeHit(w, k.Provider, k.ProviderIs, k.Group, k.ThirdParty):
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

// maxEnumerated bounds the members of an enumeration that are looked at.
const maxEnumerated = 60

// enumerated is the first word of the enumeration that the place at word w stands in ("the EEA, Brazil and Japan").
func (c *collector) enumerated(s *sentence, w int) int {
	named := c.places(s)
	for range maxEnumerated {
		last := w
		for len(named) > 0 && named[len(named)-1].Start >= s.words[w].Start {
			named = named[:len(named)-1]
		}
		if n := len(named); n > 0 && c.joined(s, s.wordAt(named[n-1].End-1)+1, last) {
			w = s.wordAt(named[n-1].Start)
		}
		for _, h := range s.hits {
			if h.Concept == c.e.c.EEA && h.End <= last && last-h.End <= 3 && c.joined(s, h.End, last) {
				w = min(w, h.First)
			}
		}
		if w == last {
			break
		}
	}
	return w
}

// joined reports whether the words from up to to stand between two members of an enumeration.
func (c *collector) joined(s *sentence, from, to int) bool {
	if from < 1 || from > to || to-from > 3 || to >= len(s.words) {
		return false
	}
	between := c.quote(s)[s.words[from-1].End:s.words[to].Start]
	if strings.ContainsAny(between, ".;:()\n") {
		return false
	}
	return to-from < 2 && strings.ContainsAny(between, ",/&") || slices.ContainsFunc(s.words[from:to], func(w text.Word) bool {
		return s.tongue.m.Joint[text.Fold(c.quote(s)[w.Start:w.End])]
	})
}

// locatesPeople reports whether the words before the place at word w, or before the enumeration at word first that it
// stands in, say where people are, not data: "for users located in".
func (c *collector) locatesPeople(s *sentence, first, w int) bool {
	k := &c.e.c
	for _, h := range s.hits {
		if h.Concept != k.Locate || h.End > first || !s.overlaps(h, k.Audience) {
			continue
		}
		if first-h.End <= 2 || w-h.End <= 16 && !strings.ContainsAny(c.quote(s)[s.words[h.First].Start:s.words[w].Start], ",;:") &&
			!s.near(h.End, 0, w-h.End-1, k.Transfer, k.Server, k.AccessFrom, k.Store, k.Share, k.Send, k.Process, k.Access, k.ProviderIs) {
			return true
		}
	}
	return false
}

// qualifies tells places that say whose the next word is: "UK residents", "the UK GDPR", "UK authorities".
func (c *collector) qualifies(s *sentence, p places.Match) bool {
	k := &c.e.c
	next := s.wordAt(p.End)
	if next >= len(s.words) || s.words[next].Start != p.End+1 || c.quote(s)[p.End] != ' ' {
		return false
	}
	for _, h := range s.hits {
		if (h.Concept == k.UKCHOnly || h.Concept == k.LocalLaw) && h.First < next && h.End > next {
			return true
		}
		if h.First != next {
			continue
		}
		switch h.Concept {
		case k.Audience:
			if h.End == next+1 {
				return true
			}
		case k.GDPR, k.Authority, k.UKCHOnly:
			return true
		case k.SCC, k.Adequacy: // not "we store data in Japan with clauses", where a language has no word for with
			return besideEEA[p.Country]
		}
	}
	return false
}

// ofInstrument tells places that a tool or an authority is of: "the equivalent clauses for the UK".
func (s *sentence) ofInstrument(w int, k *concepts) bool {
	return s.near(w, 4, 0, k.SCC, k.SCCWeak, k.UKCHOnly, k.Authority, k.Authorities) && !s.near(w, 4, 0, k.Transfer, k.Send, k.Store, k.Server, k.Share)
}

// outside tells places that the flow lies beyond, "outside of Canada", but not "inside and outside of Canada".
func (s *sentence) outside(w int, k *concepts) bool {
	for _, h := range s.hits {
		if h.Concept == k.Outside && h.End == w {
			return !slices.ContainsFunc(s.hits, func(o rules.Hit) bool { return o.Concept == k.Locate && o.End == h.First-1 })
		}
	}
	return false
}

// ofWriter tells the postal address, at word w, of the writer, its officers and representative, and of authorities.
func (c *collector) ofWriter(s *sentence, w int) bool {
	k := &c.e.c
	if !c.numbered(s, w) || s.near(w, 10, 8, k.Transfer, k.Server, k.Send, k.AccessFrom) {
		return false
	}
	if s.near(0, 0, 3, k.Contact) {
		return true // "Please write to …"
	}
	if s.own.any(k.Provider, k.ProviderIs, k.ThirdParty) {
		return false
	}
	return s.own.any(k.Contact, k.Representative, k.Complaint, k.Authorities, k.DPO, k.Controller, k.Name) ||
		s.context.any(k.Contact, k.Representative, k.Complaint, k.DPO, k.Controller)
}

// numbered reports whether a number stands within three words of word w, as in postal addresses.
func (c *collector) numbered(s *sentence, w int) bool {
	quote := c.quote(s)
	for _, x := range s.words[max(0, w-3):min(len(s.words), w+4)] {
		if unicode.IsDigit(rune(quote[x.Start])) || unicode.IsDigit(rune(quote[x.End-1])) {
			return true
		}
	}
	return false
}

// labelsLink tells places that head an entry of a list of addresses: "Canada: www.pixelfern.example".
func (c *collector) labelsLink(s *sentence, p places.Match) bool {
	quote := c.quote(s)
	rest, ok := strings.CutPrefix(strings.TrimLeft(quote[p.End:], " )"), ":")
	if !ok {
		return false
	}
	rest = rest[:min(len(rest), 80)]
	before := strings.Fields(quote[max(0, p.Start-80):p.Start])
	heads := len(before) == 0 || strings.ContainsAny(before[len(before)-1], ".:;)/•")
	return heads && (strings.Contains(rest, "www.") || strings.Contains(rest, "http"))
}

// possessive tells "California's consumer law".
func possessive(rest string) bool {
	return strings.HasPrefix(rest, "'s ") || strings.HasPrefix(rest, "’s ")
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

// maxNameRest bounds the words of a company's name between a place in it and its legal form.
const maxNameRest = 4

// inCompany tells places within the name of a company: "Lima Records Trading Private Limited".
func (c *collector) inCompany(s *sentence, p places.Match) bool {
	if s.tongue.m.CapitalNouns {
		return false
	}
	quote, end := c.quote(s), p.End
	for w := s.wordAt(p.End); w < len(s.words) && w <= s.wordAt(p.End)+maxNameRest; w++ {
		first, _ := utf8.DecodeRuneInString(quote[s.words[w].Start:])
		if between := quote[end:s.words[w].Start]; !unicode.IsUpper(first) || between != " " && between != "-" {
			return false
		}
		if s.startsAt(w, c.e.c.CompanyForm) {
			return true
		}
		end = s.words[w].End
	}
	return false
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
	if head := quote[start:p.Start]; len(head) > 2 && strings.HasSuffix(head, ".") && strings.TrimLeft(head, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "." {
		return true // "CLIPZY.UK"
	}
	return strings.Contains(chunk, "://") || strings.Contains(chunk, "www.") || strings.Contains(chunk, "@")
}
