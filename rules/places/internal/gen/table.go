package main

// The table of one language: claims on forms, settled by rank, written in one order.

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A claim is one country's hold on a form. The lowest rank wins.
type claim struct {
	country, form string
	kind          byte // as in the tables: n s a c r t, capital where the case of the letters counts
	rank          int
}

// The ranks, best first.
const (
	byHand = iota
	byHandInflected
	cldr
	cldrInflected
	nationality
	cityByZone
	cityByZoneInflected
)

type table struct {
	lang      string
	hand      *hand
	best      map[string]claim // by key of the form, "a " before those of adjectives
	display   []claim
	conflicts []string
}

// ranks are the ranks of a kind's nominative and of its inflected forms.
func (t *table) add(country, kind, pattern string, rank int) {
	forms := t.hand.forms(pattern)
	if kind == "short" {
		forms = []string{pattern}
	}
	for i, f := range forms {
		r := rank
		if i > 0 {
			r++
		}
		variants := []string{f}
		if t.lang == "ga" && kind != "short" {
			variants = irish(f)
		}
		for _, v := range variants {
			t.claim(country, kind, v, r, i == 0)
		}
	}
}

func (t *table) addAdjective(country, lemma string, rank int) {
	forms := []string{lemma}
	if t.hand.inflect == "arabic" {
		forms = arabic(lemma)
	}
	for _, alternatives := range inflect(lemma, t.hand.adjs) {
		forms = append(forms, alternatives...)
	}
	for i, f := range forms {
		r := rank
		if i > 0 {
			r = max(rank, byHandInflected)
		}
		t.claim(country, "adj", f, r, i == 0)
	}
}

// claim keeps the form if no better claim is there.
func (t *table) claim(country, kind, form string, rank int, nominative bool) {
	k := key(form)
	if utf8.RuneCountInString(k) < 2 || t.hand.drop[country+" "+k] {
		return
	}
	c := claim{country, form, t.letter(kind, k, nominative), rank}
	if kind == "adj" {
		if t.hand.ordinary[k] {
			return
		}
		k = "a " + k
	}
	old, ok := t.best[k]
	switch {
	case !ok:
	case old.country != country && country != "-" && old.country != "-" && old.rank == rank:
		t.conflicts = append(t.conflicts, fmt.Sprintf("%q: %s and %s", form, old.country, country))
		if old.country < country {
			return
		}
	case old.rank <= rank:
		return
	}
	t.best[k] = c
}

// everywhere are names that are ordinary words (of clothes, food, drink and earthenware) in many languages.
var everywhere = map[string]bool{"jersey": true, "panama": true, "guinea": true, "china": true, "bermuda": true, "bermudas": true,
	"curacao": true, "reunion": true, "riunione": true, "malta": true, "granada": true, "madeira": true, "turkey": true, "samoa": true}

// letter is the letter of a kind in the tables; a capital one where the case of the form's letters counts.
func (t *table) letter(kind, key string, nominative bool) byte {
	l := kind[0]
	if t.lang == "ar" {
		return l
	}
	strict := true
	switch kind {
	case "name":
		// one word is enough in English only: elsewhere it may be a language, an adjective or, inflected, anything
		long := strings.Contains(key, " ") || t.lang == "en" && utf8.RuneCountInString(key) >= 5 && nominative
		ordinary := func(word string) bool { return t.hand.ordinary[word] || everywhere[word] }
		strict = !long || slices.ContainsFunc(strings.Fields(key), ordinary)
	case "adj":
		strict = t.lang == "en" || t.lang == "nl"
	case "short":
		strict = t.hand.ordinary[key] // such a word in a line of capitals is no abbreviation
	case "trap":
		strict = false
	}
	if strict {
		l = byte(unicode.ToUpper(rune(l)))
	}
	return l
}

// text writes the table: lines of country, letter and forms, separated by tabs.
func (t *table) text() string {
	for k, c := range t.best { // where an adjective has the letters of a name, capitals tell them apart
		if adj, ok := strings.CutPrefix(k, "a "); ok {
			if n, ok := t.best[adj]; ok && n.kind == 'n' && !strings.Contains(adj, " ") && c.kind == 'a' && t.lang != "ar" {
				n.kind = 'N'
				t.best[adj] = n
			}
		}
	}
	lines := map[string][]string{}
	for _, c := range t.best {
		if c.kind == 't' {
			c.country = "-"
		}
		id := c.country + "\t" + string(c.kind)
		lines[id] = append(lines[id], c.form)
	}
	for _, c := range t.display {
		lines[c.country+"\td"] = []string{c.form}
	}
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		slices.Sort(lines[id])
		fmt.Fprintf(&b, "%s\t%s\n", id, strings.Join(lines[id], "\t"))
	}
	return b.String()
}

var maltese = regexp.MustCompile(`^(?i:l|i[ċdlnrstxzż])-`)

// withoutArticle takes off the article with which the CLDR gives names in Irish and Maltese.
func (t *table) withoutArticle(name string) string {
	switch t.lang {
	case "ga":
		for _, a := range []string{"an ", "na ", "An ", "Na "} {
			if rest, ok := strings.CutPrefix(name, a); ok {
				return rest
			}
		}
	case "mt":
		return maltese.ReplaceAllString(name, "")
	}
	return name
}

// abbreviation reports whether a name of the CLDR is one, such as USA or S.U.A.
func abbreviation(name string) bool {
	letters := strings.ReplaceAll(name, ".", "")
	lower := func(r rune) bool { return !unicode.IsUpper(r) }
	return utf8.RuneCountInString(letters) <= 4 && strings.IndexFunc(letters, lower) < 0
}
