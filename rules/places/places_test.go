package places

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/drittland/drittland/snapshots/text"
)

func TestEveryTableDecodes(t *testing.T) {
	for _, lang := range Languages() {
		tab, err := open(lang)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		kinds := map[Kind]int{}
		for _, e := range tab.entries {
			kinds[e.Kind]++
			if len(e.Country) != 2 || strings.ToUpper(e.Country) != e.Country {
				t.Errorf("%s: %+v has no country", lang, e)
			}
			if strings.TrimSpace(e.Form) != e.Form || e.Form == "" || len(text.Words(e.Form)) == 0 {
				t.Errorf("%s: %+v is no form", lang, e)
			}
		}
		if kinds[Name] < 250 || lang != "ar" && kinds[Short] < 3 || kinds[Adjective] < 12 || kinds[City] < 80 || kinds[Region] < 6 {
			t.Errorf("%s: forms by kind: %v", lang, kinds)
		}
		if len(tab.display) < 240 {
			t.Errorf("%s: %d countries have a name to show", lang, len(tab.display))
		}
	}
}

func TestDecodeRefusesBadTables(t *testing.T) {
	for _, s := range []string{"US\n", "US\tn\n", "US\tq\tx\n", "\tn\tx\n", "US\tname\tx\n"} {
		if _, err := decode(s); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("decode(%q): %v", s, err)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for _, c := range []struct{ code, lang, want string }{
		{"US", "de", "Vereinigte Staaten"}, {"us", "fr-CA", "États-Unis"}, {"CN", "fi", "Kiina"}, {"CN", "xx", "China"},
		{"JP", "nb", "Japan"}, {"HK", "en", "Hong Kong"}, {"QQ", "en", "QQ"}, {"BR", "", "Brazil"},
	} {
		if got := DisplayName(c.code, c.lang); got != c.want {
			t.Errorf("%s in %q: %q, want %q", c.code, c.lang, got, c.want)
		}
	}
}

func TestEntriesAndPhrases(t *testing.T) {
	if Entries("tlh") != nil || Phrases("tlh") != nil {
		t.Error("an unknown language has entries")
	}
	has := func(lang string, want Entry) bool { return slices.Contains(Entries(lang), want) }
	for lang, want := range map[string]Entry{
		"en":    {"US", Short, "US", true},
		"en-GB": {"CN", Name, "China", true},
		"fi":    {"US", Name, "Yhdysvaltoihin", true},
		"de-AT": {"CN", Adjective, "chinesische", false},
		"nn":    {"US", Name, "De forente stater", false},
		"pl":    {"IN", Name, "Indii", true},
	} {
		if !has(lang, want) {
			t.Errorf("%s: no entry %+v", lang, want)
		}
	}
	if !slices.Contains(Phrases("en"), "Latin America") {
		t.Error("Latin America is no phrase to pass over")
	}
}

// phrases reads testdata/inflected.txt.
func phrases(t *testing.T, each func(lang, country, phrase string)) {
	t.Helper()
	b, err := os.ReadFile("testdata/inflected.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		head, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		lang, country, ok2 := strings.Cut(head, " ")
		if !ok || !ok2 {
			t.Fatalf("bad line %q", line)
		}
		for p := range strings.SplitSeq(rest, " ; ") {
			each(lang, country, p)
		}
	}
}

// Each phrase names its country and no other, whether English is looked for as well or not, and so in capitals.
func TestInflectedNames(t *testing.T) {
	count := map[string]int{}
	phrases(t, func(lang, country, phrase string) {
		count[lang+country]++
		for _, s := range []string{phrase, phrase + ".", "„" + phrase + "“, (" + phrase + ")"} {
			for _, langs := range [][]string{{lang}, {lang, "en"}} {
				ms := Find(s, langs...)
				if len(ms) == 0 {
					t.Errorf("%s %q: nothing found", lang, s)
				}
				for _, m := range ms {
					if m.Country != country || m.Kind != Name && m.Kind != Short || m.Framework {
						t.Errorf("%s %q: %+v", lang, s, m)
					}
				}
			}
		}
		upper := strings.ToUpper(phrase)
		if strings.IndexFunc(phrase, unicode.IsLower) >= 0 && lang != "ga" { // Irish keeps mutations small
			for _, m := range Find(upper, lang) {
				if m.Country != country {
					t.Errorf("%s %q: %+v", lang, upper, m)
				}
			}
		}
	})
	for _, lang := range Languages() {
		for _, c := range []string{"US", "CN", "IN", "JP", "GB"} {
			if count[lang+c] < 2 {
				t.Errorf("%s: only %d phrases name %s", lang, count[lang+c], c)
			}
		}
	}
}

// In the languages that inflect the names, at least 70 countries stand in two or three cases.
func TestInflectedNamesAreMany(t *testing.T) {
	countries, count := map[string]map[string]bool{}, map[string]int{}
	phrases(t, func(lang, country, _ string) {
		if countries[lang] == nil {
			countries[lang] = map[string]bool{}
		}
		countries[lang][country] = true
		count[lang]++
	})
	for _, lang := range strings.Fields("pl cs sk sl hr bg el lt lv et fi hu ro is ga mt ar") {
		if len(countries[lang]) < 70 || count[lang] < 2*len(countries[lang]) {
			t.Errorf("%s: %d phrases name %d countries", lang, count[lang], len(countries[lang]))
		}
	}
}

func TestAdjectives(t *testing.T) {
	for _, c := range []struct{ lang, s, country string }{
		{"en", "a Chinese parent company", "CN"}, {"de", "US-amerikanische Anbieter", "US"}, {"de", "an chinesischen Servern", "CN"},
		{"fr", "des sociétés américaines", "US"}, {"fr", "les autorités japonaises", "JP"}, {"fi", "kiinalaisen yhtiön", "CN"},
		{"pl", "amerykańskich dostawców", "US"}, {"cs", "čínskými úřady", "CN"}, {"sl", "ameriškim ponudnikom", "US"},
		{"hr", "kineskog društva", "CN"}, {"es", "empresas estadounidenses", "US"}, {"it", "fornitori statunitensi", "US"},
		{"pt", "empresas americanas", "US"}, {"nl", "Amerikaanse aanbieders", "US"}, {"sv", "amerikanska leverantörer", "US"},
		{"da", "amerikanske leverandører", "US"}, {"hu", "kínai társaság", "CN"}, {"el", "αμερικανικές εταιρείες", "US"},
		{"bg", "американските власти", "US"}, {"ar", "الشركات الأمريكية", "US"}, {"ro", "societăți americane", "US"},
		{"et", "hiina äriühing", "CN"}, {"lv", "amerikāņu uzņēmums", "US"}, {"lt", "japoniškos įmonės", "JP"}, {"is", "bandarískum fyrirtækjum", "US"},
		{"ar", "شركة كندية", "CA"}, {"sl", "pri kitajskem podjetju", "CN"}, {"sl", "na japonskem strežniku", "JP"},
		{"sk", "amerických poskytovateľov", "US"}, {"no", "amerikanske leverandører", "US"}, {"ga", "cuideachta Mheiriceánach", "US"}, {"mt", "kumpanija Ċiniża", "CN"},
	} {
		ms := Find(c.s, c.lang)
		if len(ms) != 1 || ms[0].Country != c.country || ms[0].Kind != Adjective {
			t.Errorf("%s %q: %+v", c.lang, c.s, ms)
		}
	}
}
