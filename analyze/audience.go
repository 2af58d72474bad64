package analyze

// Audiences: what is addressed to people outside the EEA says nothing about EU data.

import (
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// addressesOthers tells headings of sections for people in third countries ("California residents").
func (r *reading) addressesOthers(heading snapshots.Span, m mask) bool {
	k := &r.e.c
	if m.any(k.Transfer, k.IntlHeading, k.EEA, k.ThirdCountry, k.DPF, k.Shield) {
		return false
	}
	found := false
	for _, p := range places.Find(r.doc.Quote(heading), r.languages...) {
		if p.Framework {
			return false
		}
		if !third(p.Country) {
			return false
		}
		found = true
	}
	return found || m.has(k.LocalLaw)
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
