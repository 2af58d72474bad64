package review

// Words of the pages that several of them share: what templates may call.

import (
	"html/template"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

// functions are what templates may call. All that come from texts go through line, which leaves out what is not to be shown.
func functions(l *locale.Words) template.FuncMap {
	return template.FuncMap{
		"t": l.T, "f": l.F, "n": l.N, "tell": l.Tell,
		"line":      report.Line,
		"day":       func(t time.Time) string { return day(t) },
		"languages": languages,
		"short":     func(s string) string { return s[:min(len(s), 12)] },
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(time.DateOnly)
}

// A named language is one with its own name for itself.
type namedLanguage struct{ Code, Name string }

func languages() []namedLanguage {
	own := map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands"}
	var out []namedLanguage
	for _, c := range locale.Languages() {
		out = append(out, namedLanguage{c, own[c]})
	}
	return out
}

// asks says what an article asks; nothing if the legal data do not hold it.
func asks(w *locale.Words, article string) asked {
	a, _ := law.Asks(article, w.Language())
	return asked{Article: report.ArticlesIn(w, []string{article}), Says: report.Line(a.Sentence), Source: report.Line(a.Source)}
}
