package law

// What the articles that checks refer to ask, one sentence in each language of the reports.

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// ArticleLanguages are the languages of the sentences, the one to fall back to first.
var ArticleLanguages = []string{"en", "de", "fr", "nl"}

// eli begins the addresses of the acts.
const eli = "https://eur-lex.europa.eu/eli/"

// maxName bounds the name of an article, in bytes.
const maxName = 100

// maxSentence bounds a sentence, in characters.
const maxSentence = 240

// An Article is a provision and what it asks, and of whom. The sentences are drittland's own, not the official text.
type Article struct {
	Name     string            // as checks name it: "GDPR 13(1)(f)", "Decision (EU) 2021/914 Art. 4"
	Asks     map[string]string // language to one sentence with its full stop
	Verified bool              // the provision was read in a copy of its official English text
	Source   string            // address of the provision on EUR-Lex
}

// An Asked is what one article asks, in one language.
type Asked struct {
	Article  string // row that answered: "GDPR 46" where "GDPR 46(3)" was asked for and has none of its own
	Sentence string // one sentence of at most 240 characters, with its full stop
	Source   string // address on EUR-Lex
	Verified bool   // the provision was read in a copy of its official text
}

// Asks says what an article asks, by the built-in data.
func Asks(article, language string) (Asked, bool) { return Default().Asks(article, language) }

// Asks says in one sentence what an article asks. A point or paragraph without a row of its own has the sentence of what it is
// part of, up to its article. The language is a BCP 47 tag whose region is ignored; one without sentences gets English.
// An article that the data do not hold has no sentence.
func (f *File) Asks(article, language string) (Asked, bool) {
	for name, ok := article, len(article) <= maxName; ok; name, ok = wider(name) {
		i := slices.IndexFunc(f.Articles, func(a Article) bool { return a.Name == name })
		if i < 0 {
			continue
		}
		a := &f.Articles[i]
		base, _, _ := strings.Cut(strings.ToLower(language), "-")
		sentence := a.Asks[base]
		if sentence == "" {
			sentence = a.Asks[ArticleLanguages[0]]
		}
		return Asked{Article: a.Name, Sentence: sentence, Source: a.Source, Verified: a.Verified}, true
	}
	return Asked{}, false
}

// wider is the provision that a point, paragraph or subparagraph is part of: "GDPR 49(1)" of "GDPR 49(1)(a)" and of
// "GDPR 49(1) second subparagraph". An article, a recital and an act are part of nothing.
func wider(name string) (string, bool) {
	if rest, ok := strings.CutSuffix(name, " subparagraph"); ok {
		if i := strings.LastIndexByte(rest, ' '); i > 0 {
			return rest[:i], true
		}
		return "", false
	}
	i := strings.LastIndexByte(name, '(')
	if i < 1 || !strings.HasSuffix(name, ")") || name[i-1] == ' ' {
		return "", false
	}
	return name[:i], true
}

// article reads one row of articles.csv.
func (f *File) article(r *record) {
	a := Article{Name: r.need("article"), Asks: map[string]string{}, Verified: r.yes("verified"), Source: r.need("source")}
	for _, l := range ArticleLanguages {
		a.Asks[l] = r.sentence(l)
	}
	if !strings.HasPrefix(a.Source, eli) || strings.ContainsAny(a.Source, " \t\r\n\"'<>") {
		r.fail("source is %q: want an address %s…", a.Source, eli)
	}
	if slices.ContainsFunc(f.Articles, func(o Article) bool { return o.Name == a.Name }) {
		r.fail("article %q stands twice", a.Name)
	}
	f.Articles = append(f.Articles, a)
}

// sentence is a cell with one sentence: no line break, not too long, with a full stop.
func (r *record) sentence(name string) string {
	s := r.need(name)
	switch {
	case !strings.HasSuffix(s, ".") || strings.ContainsAny(s, "\r\n"):
		r.fail("%s is %q: want one sentence on one line, with a full stop", name, s)
	case utf8.RuneCountInString(s) > maxSentence:
		r.fail("%s has %d characters, at most %d fit: %q", name, utf8.RuneCountInString(s), maxSentence, s)
	}
	return s
}
