package main

// Names and cities from the CLDR, nationalities from i18n-nationality.

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// left are the codes of the CLDR that are no country or territory to send data to.
var left = map[string]bool{"AC": true, "AQ": true, "BV": true, "CP": true, "CQ": true, "DG": true, "EA": true, "EU": true, "EZ": true,
	"HM": true, "IC": true, "QO": true, "TA": true, "UM": true, "UN": true, "XA": true, "XB": true, "ZZ": true}

// dependent are territories without a nationality of their own; their adjective in i18n-nationality is that of another country.
var dependent = strings.Fields("AI AS AW AX BL BM BQ BV CC CK CW CX EH FK FO GF GG GI GL GP GU HK IM JE KP KY MF MO MP MQ MS NC NF NU PF PM PN PR RE SH SJ SX TC TF TK VG VI WF YT")

// locales are the locales of the CLDR behind a language; the first gives the names to show.
func locales(lang string) []string {
	switch lang {
	case "pt":
		return []string{"pt-PT", "pt"}
	case "no":
		return []string{"no", "nn"}
	}
	return []string{lang}
}

func (t *table) fill(packages string) error {
	for _, p := range t.hand.places {
		if p.kind == "adj" {
			t.addAdjective(p.country, p.pattern, byHand)
		} else {
			t.add(p.country, p.kind, p.pattern, byHand)
		}
	}
	for i, locale := range locales(t.lang) {
		if err := t.names(filepath.Join(packages, "cldr-localenames-full/main", locale, "territories.json"), locale, i == 0); err != nil {
			return err
		}
		if err := t.cities(filepath.Join(packages, "cldr-dates-full/main", locale, "timeZoneNames.json"), locale); err != nil {
			return err
		}
	}
	return t.nationalities(filepath.Join(packages, "i18n-nationality/langs", t.lang+".json"))
}

func (t *table) names(file, locale string, display bool) error {
	var doc struct {
		Main map[string]struct {
			LocaleDisplayNames struct{ Territories map[string]string }
		}
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	territories := doc.Main[locale].LocaleDisplayNames.Territories
	if len(territories) < 200 {
		return fmt.Errorf("%s: only %d territories", file, len(territories))
	}
	for _, id := range slices.Sorted(maps.Keys(territories)) {
		cc, alt, _ := strings.Cut(id, "-alt-")
		name := territories[id]
		if len(cc) != 2 || unicode.IsDigit(rune(cc[0])) || left[cc] || name == id || strings.HasPrefix(name, "Aotearoa") || strings.Contains(name, "variant") {
			continue
		}
		if display && alt == "" {
			short := territories[id+"-alt-short"]
			if cc != "HK" && cc != "MO" || short == "" {
				short = name
			}
			t.display = append(t.display, claim{country: cc, form: short})
		}
		switch {
		case name == "GB" || strings.HasSuffix(name, "."):
		case abbreviation(name):
			t.add(cc, "short", name, cldr)
		default:
			t.addName(cc, name)
		}
	}
	return nil
}

// addName adds a name, and the part of it before a bracket.
func (t *table) addName(cc, name string) {
	name = t.withoutArticle(name)
	if t.hand.declines(cc, name) {
		return
	}
	t.add(cc, "name", name, cldr)
	if head, _, ok := strings.Cut(name, " ("); ok && cc != "CD" && cc != "CG" {
		t.add(cc, "name", head, cldr)
	}
}

// cities adds the city of each zone of zones.tsv. Where the locale is silent the zone's identifier stands, for
// languages in Latin letters.
func (t *table) cities(file, locale string) error {
	var doc struct {
		Main map[string]struct {
			Dates struct{ TimeZoneNames struct{ Zone map[string]any } }
		}
	}
	if err := readJSON(file, &doc); err != nil {
		return err
	}
	zones, err := os.ReadFile("zones.tsv")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(zones)) {
		id, cc, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(id, "#") {
			continue
		}
		at := any(doc.Main[locale].Dates.TimeZoneNames.Zone)
		for part := range strings.SplitSeq(id, "/") {
			m, _ := at.(map[string]any)
			at = m[part]
		}
		m, _ := at.(map[string]any)
		city, _ := m["exemplarCity"].(string)
		if city == "" && !slices.Contains([]string{"ar", "bg", "el"}, t.lang) {
			city = strings.ReplaceAll(id[strings.LastIndex(id, "/")+1:], "_", " ")
		}
		city, _, _ = strings.Cut(city, ",")
		city, _, _ = strings.Cut(city, " (")
		if utf8.RuneCountInString(text.Fold(city)) >= 4 {
			t.add(cc, "city", t.withoutArticle(city), cityByZone)
		}
	}
	return nil
}

// nationalities adds the adjectives of i18n-nationality, where it has the language, for the countries without
// adjectives by hand.
func (t *table) nationalities(file string) error {
	var doc struct{ Nationalities map[string]string }
	if err := readJSON(file, &doc); os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, p := range t.hand.places {
		have[p.country] = have[p.country] || p.kind == "adj"
	}
	for _, cc := range slices.Sorted(maps.Keys(doc.Nationalities)) {
		for word := range strings.SplitSeq(doc.Nationalities[cc], "/") {
			word = strings.TrimSpace(word)
			if have[cc] || slices.Contains(dependent, cc) || len(text.Words(word)) != 1 || utf8.RuneCountInString(word) < 5 {
				continue
			}
			if t.lang != "en" && t.lang != "nl" {
				r, n := utf8.DecodeRuneInString(word)
				word = string(unicode.ToLower(r)) + word[n:]
			}
			t.addAdjective(cc, word, nationality)
		}
	}
	return nil
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}
