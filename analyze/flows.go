package analyze

// Flows: whether a sentence says that data go, are kept or can be seen outside the EEA, and where.

import (
	"slices"
	"strings"

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
	if !all.any(k.Transfer, k.Send, k.Server, k.AccessFrom) && (s.own.has(k.Representative) || s.near(0, 0, 8, k.Scope)) { // who answers for the writer, what the notice is for
		return flow{}
	}
	if s.own.has(k.Complaint) && s.own.any(k.DPF, k.Shield, k.Authorities) && !s.own.any(k.Transfer, k.Store, k.Server) { // how complaints are settled, by whom
		return flow{}
	}
	if s.own.has(k.Right) && s.own.has(k.AccessRight) && !s.own.any(k.Staff, k.Group, k.Provider) { // "the right to know to whom data were transferred": states nothing
		return flow{}
	}
	if s.own.has(k.UserDoes) && !s.own.any(k.We, k.Provider, k.ThirdParty, k.Group) && s.userDoes(k) || c.onlyLaw(s) || c.defines(s) {
		return flow{}
	}
	fl.hedged = fl.acts && s.near(fl.verb.First, 6, 4, k.Hedge)
	if from, to, ok := c.denial(n, &fl); ok {
		if s.own.has(k.ThirdCountry) || s.own.has(k.Transfer) && (s.own.has(k.OtherCountry) || len(fl.named) > 0) {
			c.add(FactDenial, n, s.span)
		}
		left := fl.without(s, from, to)
		if !left.isV && len(left.named) == 0 {
			fl.denied = true
			return fl
		}
		fl = left
	}
	if fl.isV && c.vagueFlow(s, &fl) {
		fl.states = true
		world := s.own.has(k.World) && !s.own.any(k.ThirdCountry)
		if !c.explainedByName(s, &fl) {
			c.add(FactVague, n, s.span, "world", yes(world)).At = c.lines(s, fl.vague)
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

// place is where the place of the flow stands: the vague one, if there is one, or the first named one.
func (fl *flow) place(s *sentence) rules.Hit {
	switch {
	case fl.isV:
		return fl.vague
	case len(fl.named) > 0:
		w := s.wordAt(fl.named[0].Start)
		return rules.Hit{First: w, End: w + 1}
	}
	return rules.Hit{First: 0, End: len(s.words)}
}

// choose takes the verb nearest to the place, so that "may use a service whose servers are in …" is hedged by its own words.
func (fl *flow) choose(s *sentence, k *concepts) {
	if !fl.acts {
		return
	}
	at := fl.place(s)
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
	c.add(FactTransfer, n, s.span, "place", place, "hedged", yes(fl.hedged), "conditional", yes(conditional), "catchall", yes(catchall)).At = c.lines(s, fl.place(s))
	operates := s.own.any(k.Store, k.Server, k.AccessFrom, k.Support) && !catchall
	serves := s.own.any(k.Provider, k.Group, k.ThirdParty, k.CompanyForm) && s.own.any(k.Purpose, k.Support)
	if operates || serves {
		c.add(FactExplained, n, s.span)
	}
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

// denial is the stretch of words, from and up to, of the clause in which a sentence denies that data go where it names
// a place ("we do not transfer … outside the EEA"). An exception lifts it, unless it names a place of its own ("…, but
// our support in Japan …"): then it ends there.
func (c *collector) denial(n int, fl *flow) (from, to int, ok bool) {
	k, s := &c.e.c, &c.sentences[n]
	for _, d := range s.hits {
		if d.Concept != k.Deny || s.near(d.First, 1, 0, k.AdequacyNot) || s.within(d, k.AdequacyNot, k.ThirdCountry, k.NoLonger, k.LessProt) {
			continue
		}
		for _, v := range s.hits {
			if d.First >= v.End && v.Concept == k.Transfer && d.End == len(s.words) && d.First-v.End <= 8 {
				return 0, len(s.words), true // "Transfers outside the EEA: none."
			}
			verb := v.Concept == k.Transfer || v.Concept == k.Send || v.Concept == k.Share || v.Concept == k.Store || v.Concept == k.Process || v.Concept == k.AccessFrom
			inside := v.First <= d.First && d.End <= v.End // "are not transferred", found as one
			if !verb || !inside && (v.First < d.First || v.First-d.End > 5 || c.clauseEnd(s, d.End, v.First) < v.First) {
				continue
			}
			from, to = v.First-12, c.clauseEnd(s, max(v.End, d.End), len(s.words))
			exception := c.clauseStart(s, s.exception(d, k), v.End)
			if exception < 0 && !(s.own.has(k.Except) && s.own.has(k.Consent)) && !c.exceptionFollows(n) {
				if fl.within(s, from, to) {
					return from, to, true
				}
				continue
			}
			if exception < 0 || !fl.namedIn(s, exception, len(s.words)) || !fl.within(s, from, exception) {
				return 0, 0, false
			}
			return from, min(to, exception), true
		}
	}
	return 0, 0, false
}

// clauseEnd is the first word from word w on, before end, at which a new clause begins: after a semicolon, a dash or a
// line, or with its own subject after a comma; end if there is none.
func (c *collector) clauseEnd(s *sentence, w, end int) int {
	quote := c.quote(s)
	for w = max(w, 1); w < end; w++ {
		between := quote[s.words[w-1].End:s.words[w].Start]
		if strings.ContainsAny(between, ";\n\t") || strings.Contains(between, " – ") || strings.Contains(between, "—") ||
			strings.Contains(between, ",") && s.near(w, 0, 1, c.e.c.We) {
			return w
		}
	}
	return end
}

// clauseStart is the word after the last comma before word w, but not before word first; w if there is none.
func (c *collector) clauseStart(s *sentence, w, first int) int {
	for i := w; i > first; i-- {
		if strings.Contains(c.quote(s)[s.words[i-1].End:s.words[i].Start], ",") {
			return i
		}
	}
	return w
}

// namedIn reports whether the flow names a place among the words from up to to.
func (fl *flow) namedIn(s *sentence, from, to int) bool {
	return slices.ContainsFunc(fl.named, func(p places.Match) bool {
		w := s.wordAt(p.Start)
		return from <= w && w < to
	})
}

// within reports whether a place of the flow, named or vague, stands among the words from up to to.
func (fl *flow) within(s *sentence, from, to int) bool {
	return fl.isV && fl.vague.End > from && fl.vague.First < to || fl.namedIn(s, from, to)
}

// without is the flow less the places that stand among the words from up to to.
func (fl flow) without(s *sentence, from, to int) flow {
	fl.isV = fl.isV && !(fl.vague.End > from && fl.vague.First < to)
	fl.named = slices.DeleteFunc(slices.Clone(fl.named), func(p places.Match) bool {
		w := s.wordAt(p.Start)
		return from <= w && w < to
	})
	return fl
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

// exception is the word at which an exception begins after negation d and is not itself part of a negation; -1 if none does.
func (s *sentence) exception(d rules.Hit, k *concepts) int {
	for _, o := range s.hits {
		if o.Concept == k.Except && o.First >= d.First && (o == d || !s.within(o, k.Deny)) {
			return o.First
		}
	}
	return -1
}
