// Package places finds countries, regions and cities that a text names, in the 24 official languages of the EU,
// Norwegian, Icelandic and Arabic, in the inflected forms of running text. The tables in data/ are generated (see
// internal/gen and NOTICE); the package is pure and has no state but what it decodes from them.
package places

//go:generate sh internal/gen/generate.sh

import (
	"slices"
	"strings"
)

// Kind says how a text names a place.
type Kind string

// The kinds of forms. An Adjective is weaker evidence than a name: an American company may keep its data in Ireland.
const (
	Name      Kind = "name"      // "China", "the United States", "Yhdysvalloissa"
	Short     Kind = "short"     // abbreviation: US, UK, ΗΠΑ, JAV
	Adjective Kind = "adjective" // "Chinese", "amerikanische"
	City      Kind = "city"
	Region    Kind = "region" // part of a country: "California", "Scotland", "CA" before a postal code
)

// An Entry is one form of a place in one language.
type Entry struct {
	Country string // ISO 3166-1 alpha-2, and XK for Kosovo
	Kind    Kind
	Form    string // as written; to be compared word by word with text.Fold
	// CaseSensitive forms hold only where each word that Form writes with a capital has one in the text; a Short
	// one only as written.
	CaseSensitive bool
}

// Languages are the languages that the package knows, in order.
func Languages() []string { return slices.Clone(languages) }

// Entries are the forms of one language (BCP 47; region and script are ignored), in the order of the table. The slice is
// shared: do not change it. A language that the package does not know has none.
func Entries(lang string) []Entry {
	if t := tableOf(lang); t != nil {
		return t.entries
	}
	return nil
}

// Phrases are the phrases of one language that hold the name of a place and mean none, such as "Latin America" and
// "Bank of America". Find passes over them; so should others who match Entries. The slice is shared.
func Phrases(lang string) []string {
	if t := tableOf(lang); t != nil {
		return t.phrases
	}
	return nil
}

// DisplayName is the name of a country to show to a reader of the language, in English if the language is not known,
// and the code itself if the country is not.
func DisplayName(iso2, lang string) string {
	iso2 = strings.ToUpper(iso2)
	for _, l := range []string{lang, "en"} {
		if t := tableOf(l); t != nil && t.display[iso2] != "" {
			return t.display[iso2]
		}
	}
	return iso2
}
