package analyze

// Audiences: what is addressed to people outside the EEA says nothing about EU data.

import (
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots/text"
)

// addressesOthers tells headings of sections for people in third countries ("California residents").
// Below a heading on transfers, a name alone may be a destination.
func (r *reading) addressesOthers(i int, own, up mask) bool {
	k := &r.e.c
	if own.any(k.Transfer, k.IntlHeading, k.EEA, k.ThirdCountry, k.DPF, k.Shield) {
		return false
	}
	abroad := up.any(k.Transfer, k.IntlHeading, k.ThirdCountry, k.DPF, k.Shield)
	heading := r.doc.Quote(r.doc.Blocks[i].Span)
	found := places.Find(heading, r.tongue(i).places...)
	for _, p := range found {
		if p.Framework || !third(p.Country) {
			return false
		}
	}
	if len(found) == 0 {
		return own.has(k.LocalLaw)
	}
	return own.any(k.Audience, k.LocalLaw) || !abroad && onlyPlaces(heading, found)
}

// onlyPlaces tells headings that are nothing but names of places, numbers and letters: "3. Brazil", "United States (US)".
func onlyPlaces(heading string, found []places.Match) bool {
	for _, w := range text.Words(heading) {
		inside := w.End-w.Start <= 2
		for _, p := range found {
			inside = inside || p.Start <= w.Start && w.End <= p.End
		}
		if !inside {
			return false
		}
	}
	return true
}

// limitsToOthers tells sentences for people in third countries ("If you are a resident of Nevada, …").
func (r *reading) limitsToOthers(s *sentence) bool {
	k := &r.e.c
	if !s.own.any(k.Audience, k.LocalLaw) || s.own.any(k.Transfer, k.Server, k.AccessFrom, k.EEA, k.ThirdCountry, k.OtherCountry) {
		return false
	}
	for _, p := range r.places(s) {
		if !third(p.Country) || p.Framework {
			continue
		}
		w := s.wordAt(p.Start)
		if s.near(w, 5, 3, k.Audience) || s.near(w, 1, 3, k.LocalLaw) {
			return true
		}
	}
	return false
}
