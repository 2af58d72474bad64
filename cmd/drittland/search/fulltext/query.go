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
		exact = append(exact, phrase(ph, " <-> ", languages, stems))
		loose = append(loose, phrase(ph, " & ", languages, stems))
	}
	for _, ph := range q.Unwanted {
		without := "!(" + phrase(ph, " <-> ", languages, stems) + ")"
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

// phrase is words that are joined, one after another or in any order, in any of the languages: stems of two languages do not mix.
func phrase(ph search.Phrase, join string, languages []string, stems func(language, plain string) []string) string {
	var any []string
	seen := map[string]bool{}
	for _, language := range append([]string{""}, languages...) {
		var words []string
		for _, w := range ph {
			words = append(words, "("+strings.Join(forms(w, language, stems), " | ")+")")
		}
		if said := strings.Join(words, join); !seen[said] {
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
