package law

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/rules"
)

// Every article that a check or an item of the notice refers to has a sentence of its own in each language.
func TestEveryArticleOfTheRulesIsExplained(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range set.Checks {
		names = append(names, c.Articles...)
	}
	for _, it := range set.Items {
		names = append(names, it.Articles...)
	}
	if len(names) < 100 {
		t.Fatalf("the rules refer to %d articles only", len(names))
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		seen := map[string]bool{}
		for _, l := range ArticleLanguages {
			a, ok := Asks(name, l)
			if !ok || a.Article != name || a.Sentence == "" || seen[a.Sentence] {
				t.Errorf("%s in %s: %+v, %v", name, l, a, ok)
			}
			seen[a.Sentence] = true
		}
	}
}

// abbreviations end in a full stop that ends no sentence.
var abbreviations = regexp.MustCompile(`\b(?:[Aa]rt|Abs|UAbs|lit|[0-9]{1,2})\.\pZ`)

// conclusions are words with which a sentence would say that somebody broke the law.
var conclusions = regexp.MustCompile(`(?i)infring|unlawful|illegal|violat|breach|verstoß|verstöß|rechtswidrig|verletz|illicite|illégal|enfrei|onrechtmatig|onwettig|inbreuk|schend|overtred`)

func TestSentencesAreWellFormed(t *testing.T) {
	f := Default()
	seen := map[string]string{}
	for _, a := range f.Articles {
		for _, l := range ArticleLanguages {
			s := a.Asks[l]
			if n := utf8.RuneCountInString(s); n < 40 || n > 240 {
				t.Errorf("%s in %s has %d characters", a.Name, l, n)
			}
			if bare := abbreviations.ReplaceAllString(s, ""); strings.IndexAny(bare, ".!?") != len(bare)-1 {
				t.Errorf("%s in %s is not one sentence: %q", a.Name, l, s)
			}
			if first, _ := utf8.DecodeRuneInString(s); !unicode.IsUpper(first) || strings.Contains(s, "  ") {
				t.Errorf("%s in %s: %q", a.Name, l, s)
			}
			if m := conclusions.FindString(s); m != "" {
				t.Errorf("%s in %s concludes: %q", a.Name, l, m)
			}
			if o := seen[s]; o != "" {
				t.Errorf("%s in %s says what %s says", a.Name, l, o)
			}
			seen[s] = a.Name + " in " + l
		}
	}
}

// The words of the law in each language: another word for the same role would be another role.
func TestSentencesUseTheWordsOfTheLaw(t *testing.T) {
	terms := []map[string]string{
		{"en": `\bcontrollers?\b`, "de": `Verantwortliche[rnm]?\b`, "fr": `[Rr]esponsables? du traitement`, "nl": `[Vv]erwerkingsverantwoordelijken?\b`},
		{"en": `adequacy decision`, "de": `Angemessenheitsbeschluss`, "fr": `décision d'adéquation`, "nl": `adequaatheidsbesluit`},
		{"en": `supervisory authority`, "de": `Aufsichtsbehörde`, "fr": `autorité de contrôle`, "nl": `toezichthoudende autoriteit`},
		{"en": `third countr`, "de": `Drittl[aä]nd`, "fr": `pays tiers`, "nl": `derde land`},
		{"en": `\bprocessors?\b`, "de": `Auftragsverarbeiter`, "fr": `sous-traitant`, "nl": `verwerkers?\b`},
		{"en": `appropriate safeguard`, "de": `geeigneten? Garantie`, "fr": `garanties? appropriées?`, "nl": `passende waarborg`},
	}
	for _, a := range Default().Articles {
		for _, term := range terms {
			if !regexp.MustCompile(term["en"]).MatchString(a.Asks["en"]) {
				continue
			}
			for _, l := range ArticleLanguages[1:] {
				if !regexp.MustCompile(term[l]).MatchString(a.Asks[l]) {
					t.Errorf("%s in %s has no %s: %q", a.Name, l, term[l], a.Asks[l])
				}
			}
		}
	}
}

func TestAsksFallsBackWithinAnArticleOnly(t *testing.T) {
	for _, c := range []struct{ article, want string }{
		{"GDPR 13(1)(f)", "GDPR 13(1)(f)"},
		{"GDPR 49(1) second subparagraph", "GDPR 49(1) second subparagraph"},
		{"GDPR 49(1) third subparagraph", "GDPR 49"},
		{"GDPR 49(1)(g)", "GDPR 49"},
		{"GDPR 13(2)(b)(i)", "GDPR 13(2)(b)"},
		{"GDPR 46(3)", "GDPR 46"},
		{"GDPR 45(3)", "GDPR 45"},
		{"Decision (EU) 2021/914 Art. 4(4)", "Decision (EU) 2021/914 Art. 4"},
		{"Directive 95/46/EC 25(6)", "Directive 95/46/EC 25"},
		// The article before, the act as a whole and another recital say something else.
		{"GDPR 99", ""}, {"GDPR", ""}, {"GDPR recital 39", ""}, {"Decision (EU) 2021/914 Art. 5", ""},
		{"Decision (EU) 2021/914", ""}, {"Decision (EU) 2023/1795 Art. 3", ""}, {"Directive 95/46/EC 26", ""},
		// What is no name of an article.
		{"", ""}, {"(", ""}, {")", ""}, {"()", ""}, {" subparagraph", ""}, {"GDPR 13(1)(f", ""}, {"gdpr 13", ""}, {" GDPR 13", ""},
		{"GDPR 13 ", ""}, {"GDPR 13\x00", ""}, {"<script>(1)", ""}, {"\xff\xfe(a)", ""}, {"GDPR 13" + strings.Repeat("(a)", 100_000), ""},
		{strings.Repeat("(", 1<<20), ""}, {strings.Repeat(" subparagraph", 1<<16), ""},
	} {
		a, ok := Asks(c.article, "en")
		if a.Article != c.want || ok != (c.want != "") || ok != (a.Sentence != "") {
			t.Errorf("%.60q: %+v, %v, want %q", c.article, a, ok, c.want)
		}
	}
}

func TestAsksInALanguage(t *testing.T) {
	want := map[string]string{"en": "A controller", "en-GB": "A controller", "de": "Ein Verantwortlicher", "de-AT": "Ein Verantwortlicher", "FR": "Le responsable",
		"nl": "Een verwerkingsverantwoordelijke", "": "A controller", "pl": "A controller", "\x00": "A controller", "-de": "A controller"}
	for l, begin := range want {
		if a, ok := Asks("GDPR 13(1)(f)", l); !ok || !strings.HasPrefix(a.Sentence, begin) {
			t.Errorf("%q: %q", l, a.Sentence)
		}
	}
	a, _ := Asks("GDPR 13(1)(f)", "de")
	if !a.Verified || a.Source != "https://eur-lex.europa.eu/eli/reg/2016/679/oj#art_13" {
		t.Errorf("source: %+v", a)
	}
}

func FuzzAsks(f *testing.F) {
	f.Add("GDPR 49(1)(a) second subparagraph", "de-AT")
	f.Add("Decision (EU) 2021/914 Art. 4(4)", "")
	f.Fuzz(func(t *testing.T, article, language string) {
		a, ok := Asks(article, language)
		if ok != (a.Sentence != "") || ok && !strings.HasPrefix(article, a.Article) {
			t.Errorf("%q in %q: %+v", article, language, a)
		}
	})
}
