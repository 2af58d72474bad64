package fulltext

// This file makes a query of PostgreSQL's of what is asked for. It goes to the server as a value.

import (
	"strings"

	"github.com/drittland/drittland/cmd/drittland/search"
)

// An asked is what passages must hold and must not hold, twice as PostgreSQL reads a tsquery.
type asked struct {
	exact string
	loose string // what the index of words answers without the passages: the words of phrases, wherever they stand. It finds no less.
}

// expression makes it. languages are those in which words have other forms.
func expression(q *search.Query, languages []string, stems func(language, plain string) []string) asked {
	var exact, loose []string
	for _, ph := range q.Wanted {
		exact = append(exact, phrase(ph, languages, stems))
		for _, w := range ph {
			loose = append(loose, inAny(w, languages, stems))
		}
	}
	for _, ph := range q.Unwanted {
		without := "!" + phrase(ph, languages, stems)
		if exact = append(exact, without); len(ph) == 1 {
			loose = append(loose, without)
		}
	}
	for _, x := range []struct{ kind, said string }{{ofLanguage, q.Language}, {ofType, q.Type}} {
		if x.said != "" {
			wanted := quoted(label(x.kind, x.said))
			exact, loose = append(exact, wanted), append(loose, wanted)
		}
	}
	return asked{strings.Join(exact, " & "), strings.Join(loose, " & ")}
}

// inAny is a word in any of the languages, each form once: PostgreSQL adds up how frequent they are.
func inAny(w search.Wanted, languages []string, stems func(language, plain string) []string) string {
	all := forms(w, "", stems)
	for _, language := range languages {
		all = append(all, forms(w, language, stems)[1:]...)
	}
	return "(" + strings.Join(all, " | ") + ")"
}

// phrase is words that stand one after another, in any of the languages: stems of two languages do not mix.
func phrase(ph search.Phrase, languages []string, stems func(language, plain string) []string) string {
	if len(ph) == 1 {
		return inAny(ph[0], languages, stems)
	}
	var all []string
	seen := map[string]bool{}
	for _, language := range append([]string{""}, languages...) {
		var words []string
		for _, w := range ph {
			words = append(words, "("+strings.Join(forms(w, language, stems), " | ")+")")
		}
		if said := strings.Join(words, " <-> "); !seen[said] {
			seen[said] = true
			all = append(all, said)
		}
	}
	return "(" + strings.Join(all, " | ") + ")"
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
