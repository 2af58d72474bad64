package extract

// This file finds the title of a document.

import (
	"strings"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

var titleSeparators = []string{" | ", " – ", " — ", " - ", " · ", " :: ", " » ", " • ", " / "}

// titleWords are parts of words that titles of terms hold in the languages of the EEA, folded.
var titleWords = []string{"privacy", "datenschutz", "privat", "confidential", "donnees", "privacidad", "datos", "privacidade", "dados", "dati",
	"gegevens", "prywatn", "danych", "osobni", "osobnich", "udaj", "integritet", "personvern", "personuppgift", "persondata", "tietosuoja", "henkilotie",
	"adatvedel", "adatkezel", "date", "απορρητ", "προσωπικ", "δεδομεν", "поверителност", "лични данни", "andmekaitse", "isikuandme", "privatum", "privatuma",
	"zasebnost", "sukromi", "soukromi", "priobhaideach", "privatezza", "personuvernd", "خصوصيه", "cookie", "terms", "policy", "polic", "legal", "notice",
	"bedingungen", "agb", "conditions", "sub processor", "subprocessor"}

// titleOf cuts the name of the site off what the title element says. Where that says nothing of terms, the first line
// of the text that does is the title; at last the first heading.
func titleOf(d *snapshots.Document, title string) string {
	title = collapse(title)
	if len(title) > 300 {
		title = ""
	}
	heading, first := "", "" // the first heading; the first line that sounds like the title of terms
	for i := range d.Blocks {
		s := d.Quote(d.Blocks[i].Span)
		isHeading := d.Blocks[i].Kind == snapshots.Heading
		if isHeading && heading == "" {
			heading = s
		}
		if first == "" && (isHeading && i < 60 || i < 4) && (isHeading && len(s) <= 300 || len(s) <= boldHeadingBytes) && soundsLikeTerms(s) && !strings.ContainsAny(s[len(s)-1:], ".:;,") {
			first = s
		}
		if i > 60 && heading != "" {
			break
		}
	}
	parts := splitTitle(title)
	for _, p := range parts {
		if foldAll(p) == foldAll(heading) || foldAll(p) == foldAll(first) {
			return p
		}
	}
	for _, p := range parts {
		if soundsLikeTerms(p) {
			return p
		}
	}
	switch {
	case first != "":
		return first
	case title != "":
		return title
	}
	return heading
}

func soundsLikeTerms(s string) bool {
	f := foldAll(s)
	for _, w := range titleWords {
		if strings.Contains(f, w) {
			return true
		}
	}
	return false
}

func splitTitle(title string) []string {
	if title == "" {
		return nil
	}
	parts := []string{title}
	for _, sep := range titleSeparators {
		var next []string
		for _, p := range parts {
			for q := range strings.SplitSeq(p, sep) {
				if q = strings.TrimSpace(q); q != "" {
					next = append(next, q)
				}
			}
		}
		parts = next
	}
	return parts
}

// foldAll folds the words of s and joins them with single spaces.
func foldAll(s string) string {
	var b strings.Builder
	for _, w := range text.Words(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(text.Fold(s[w.Start:w.End]))
	}
	return b.String()
}
