package main

// Hubs: pages that hold the links to the policies of regions or products, and hardly a word of their own. The right one is for a
// person to choose; what looks right is named.

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

const (
	hubWords = 40  // words of its own that a hub may have for each page that it links
	maxWords = 200 // and in all
	maxNamed = 4   // links that are named
	maxLabel = 60  // characters of a link that are looked at and shown
)

// A branch is a link from a hub to a policy.
type branch struct {
	url, label string
	rank       int // 0: says Europe, 1: a country of the EEA, 2: something else
}

// hub says why a page is no policy but a list of them, with the links that look right, those for the EEA first; "" if it is none.
// What is known of a page is its address and what it reads as. A page of which parts are selected is believed.
func hub(doc *snapshots.Document, base string) string {
	var found []branch
	own := wordsOf(doc)
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		linked := 0
		for _, l := range b.Links {
			linked += len(strings.Fields(doc.Quote(l.Span)))
		}
		own -= linked
		if linked*2 < len(strings.Fields(doc.Quote(b.Span))) { // a link within a sentence is no choice
			continue
		}
		for _, l := range b.Links {
			if x, ok := branchOf(l.Target, doc.Quote(l.Span), base, doc.Language); ok && !slices.ContainsFunc(found, func(y branch) bool { return pageName(x.url) == pageName(y.url) }) {
				found = append(found, x)
			}
		}
	}
	if len(found) < 2 || own >= min(maxWords, hubWords*len(found)) {
		return ""
	}
	slices.SortStableFunc(found, func(a, b branch) int { return cmp.Compare(a.rank, b.rank) })
	return describe(found, own)
}

// describe says what a hub is and what to do about it.
func describe(found []branch, own int) string {
	order := ""
	if found[0].rank < 2 {
		order = ", those for the EEA first"
	}
	var named []string
	for _, x := range found[:min(maxNamed, len(found))] {
		named = append(named, fmt.Sprintf("%s (%s)", x.url, x.label))
	}
	more := ""
	if n := len(found) - len(named); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the page lists policies and is none: %d words beside links to %d pages%s: %s%s; 'drittland track add' tracks the right one, "+
		"'combine' in a declaration several as one text, --select body this page all the same", own, len(found), order, strings.Join(named, ", "), more)
}

var notPolicies = regexp.MustCompile(`(?i)settings|choices|preferences|einstellungen|param[eè]tres|instellingen|faq|contact|kontakt|help|login|sign-?in|request|archive`)

// branchOf judges a link of a page: whether it leads to another page of the site that looks like a policy.
func branchOf(target, label, base, language string) (branch, bool) {
	label = report.Line(label)
	if r := []rune(label); len(r) > maxLabel {
		label = string(r[:maxLabel]) + "…"
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(target, "https://"), "http://"), "/")
	says := label + " " + path
	if label == "" || len(target) > 300 || path == "" || pageName(target) == pageName(base) || !sameSite(target, base) || otherName.MatchString(says) || notPolicies.MatchString(says) {
		return branch{}, false
	}
	x := branch{target, label, 2}
	place := false
	words := strings.FieldsFunc(strings.ToLower(says), func(r rune) bool { return !unicode.IsLetter(r) })
	outside := slices.ContainsFunc(words, func(w string) bool { return outsideWords[w] })
	if slices.ContainsFunc(words, saysEurope) {
		place, x.rank = true, 0
	}
	for _, m := range places.Find(label, language, "en") {
		place = true
		if law.InEEA(m.Country, law.KnownUntil()) {
			x.rank = min(x.rank, 1)
		}
	}
	if outside {
		x.rank = 2
	}
	return x, place || privacyName.MatchString(says)
}

var (
	europeWords  = wordSet("eea eu ewr eee eer eøs ees ετα ue gdpr dsgvo rgpd avg rodo")
	europeStems  = []string{"europ", "európ", "euroop", "evrop", "eiropa", "европ", "ευρωπ", "eoraip", "ewrop"}
	outsideWords = wordSet("outside non außerhalb ausserhalb hors buiten fuera fuori fora udenfor utanför utenfor poza mimo kívül ulkopuolella rest")
)

// saysEurope tells the words for the EEA and what holds there, in lower case.
func saysEurope(word string) bool {
	return europeWords[word] || slices.ContainsFunc(europeStems, func(s string) bool { return strings.HasPrefix(word, s) })
}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}
