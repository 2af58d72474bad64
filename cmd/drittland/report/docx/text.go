package docx

// This file makes text and attributes fit for XML.

import (
	"encoding/xml"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Clean is s as a document holds it: without what XML cannot hold, control characters, and marks that turn the direction
// of what follows them. Tabs and line feeds stay, other ends of lines are spaces.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unfit) && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029', r == '\v', r == '\f':
			return ' '
		case unfit(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// unfit reports whether a character cannot stay.
func unfit(r rune) bool {
	switch {
	case r == '\t', r == '\n':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r == '\ufffe', r == '\uffff', unicode.Is(unicode.Cs, r):
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xe0000 && r <= 0xe007f, r >= 0xfff9 && r <= 0xfffc:
		return true
	}
	return r&0xfffe == 0xfffe // of any plane: no characters
}

// Line is Clean s on one line.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return ' '
		}
		return r
	}, Clean(s))
}

// escape writes cleaned text for XML, for use between tags and in attributes.
func escape(s string) string {
	if !strings.ContainsAny(s, `&<>"'`) {
		return s
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// property is a text for the properties of a document: one line, not too long.
func property(s string) string {
	r := []rune(Line(s))
	return escape(string(r[:min(len(r), maxName)]))
}

// date is the attribute w:date, "" without one. Word shows the hours as they stand and ignores the zone.
func date(t time.Time) string {
	if t.IsZero() || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return ""
	}
	return ` w:date="` + t.UTC().Format("2006-01-02T15:04:05Z") + `"`
}

// bookmark is a name as Word takes it: letters, digits and underscores, 40 at most, the first no digit.
func bookmark(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, s)
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "b" + s
	}
	return s[:min(len(s), 40)]
}

// Linkable reports whether an address may be made a link: of the web or of mail, and of a length that Word takes.
func Linkable(to string) bool {
	if len(to) > maxLink || Line(to) != to || strings.ContainsAny(to, " \"<>\\^`{|}") {
		return false
	}
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(to) > len(scheme) && strings.EqualFold(to[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// european are the regions of languages that are written in several, where the likeliest is not in Europe.
var european = map[string]string{"en": "GB", "pt": "PT"}

// region gives a language the region that Word wants with it: "de-DE". What is no language is taken for English.
func region(lang string) string {
	t, err := language.Parse(lang)
	if err != nil || t == language.Und {
		return "en-GB"
	}
	base, _ := t.Base()
	if _, _, said := t.Raw(); said.String() == "ZZ" && european[base.String()] != "" {
		return base.String() + "-" + european[base.String()]
	}
	r, _ := t.Region()
	return base.String() + "-" + r.String()
}

// languageOf is w:lang.
func languageOf(lang string) string {
	tag := region(lang)
	if RightToLeft(lang) {
		return `<w:lang w:bidi="` + tag + `"/>`
	}
	return `<w:lang w:val="` + tag + `"/>`
}

// RightToLeft reports whether a language is written from right to left.
func RightToLeft(lang string) bool {
	base, _, _ := strings.Cut(lang, "-")
	switch base {
	case "ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv":
		return true
	}
	return false
}
