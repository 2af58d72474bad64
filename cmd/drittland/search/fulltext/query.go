package fulltext

// This file makes a query of PostgreSQL's of what is asked for. It goes to the server as a value.

import (
	"strings"

	"github.com/drittland/drittland/cmd/drittland/search"
)

// expression is what passages must hold and must not hold, as PostgreSQL reads a tsquery. languages are those in which words have other forms.
func expression(q *search.Query, languages []string, stems func(language, plain string) []string) string {
	var all []string
	for _, ph := range q.Wanted {
		all = append(all, phrase(ph, languages, stems))
	}
	for _, ph := range q.Unwanted {
		all = append(all, "!("+phrase(ph, languages, stems)+")")
	}
	return strings.Join(all, " & ")
}

// phrase is words that stand one after another, in any of the languages: stems of two languages do not mix.
func phrase(ph search.Phrase, languages []string, stems func(language, plain string) []string) string {
	var any []string
	seen := map[string]bool{}
	for _, language := range append([]string{""}, languages...) {
		var words []string
		for _, w := range ph {
			words = append(words, "("+strings.Join(forms(w, language, stems), " | ")+")")
		}
		if said := strings.Join(words, " <-> "); !seen[said] {
			seen[said] = true
			any = append(any, said)
		}
	}
	return "(" + strings.Join(any, " | ") + ")"
}

// forms are the word itself, and its stems in a language.
func forms(w search.Wanted, language string, stems func(language, plain string) []string) []string {
	itself := quoted(short(w.Fold))
	if w.Open {
		itself += ":*"
	}
	out := []string{itself}
	if w.Open || w.Exact {
		return out
	}
	for _, stem := range stems(language, w.Plain) {
		out = append(out, quoted(stemmed(language, stem)))
	}
	return out
}
