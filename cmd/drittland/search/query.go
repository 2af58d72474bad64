// Package search finds words in recorded texts. What is searched are passages: paragraphs, items, headings and rows of tables, each kept once for
// all versions that hold it, as the folded words by which texts are compared. It is pure: who has the texts gives them, and cuts the quotes.
package search

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of a query.
const (
	MaxQuery = 1000 // bytes
	maxWords = 32
)

// A Query asks for passages. Those that hold all that is wanted, and nothing that is not, are found.
type Query struct {
	Wanted, Unwanted []Phrase

	Service  string    // "" for all
	Type     string    // of the terms, "" for all
	Language string    // of the text, "" for all
	After    time.Time // the passage stood on this day or later; zero for any
	Before   time.Time // it stood before this day; zero for any
	Last     bool      // it stands in the last version
}

// A Phrase is words that stand one after another.
type Phrase []Wanted

// A Wanted is a folded word, or the beginning of one.
type Wanted struct {
	Fold  string
	Plain string // as dictionaries have it
	Open  bool   // any ending will do
	Exact bool   // it stood in quotation marks: no other form of it will do, where words are found by their stems
}

// A Fault is what is wrong with a query.
type Fault int

// The faults.
const (
	NoWords Fault = iota
	TooLong
	TooManyWords
	OpenQuote
	ShortWildcard
	InnerWildcard
	UnknownField
	NoValue
	Twice
	NoDay
	NoTime
	Excluded
)

// reasons say what is wrong. %s is the part of the query.
var reasons = map[Fault]string{
	NoWords:       "the query has no words to look for",
	TooLong:       "the query is longer than 1,000 bytes",
	TooManyWords:  "the query has more than 32 words",
	OpenQuote:     "a quotation mark is not closed: %s",
	ShortWildcard: "%s: at least two letters stand before *",
	InnerWildcard: "%s: * stands at the end of a word only",
	UnknownField:  "there is no field %s (there are service:, terms:, lang:, after:, before: and last:; words with a colon go into quotation marks)",
	NoValue:       "a value is missing behind %s",
	Twice:         "%s is given twice",
	NoDay:         "%s: expected a day as YYYY-MM-DD",
	NoTime:        "no day fits both: %s",
	Excluded:      "only words can be excluded, not %s",
}

// A Mistake says why a query cannot be answered.
type Mistake struct {
	Fault Fault
	Part  string // of the query
}

func (m *Mistake) Error() string { return m.In(func(s string) string { return s }) }

// In is the mistake in other words.
func (m *Mistake) In(say func(string) string) string {
	s := say(reasons[m.Fault])
	if strings.Contains(s, "%s") {
		return fmt.Sprintf(s, m.Part)
	}
	return s
}

// Parse reads a query: words, "phrases", -excluded, words whose end is open (transf*), and fields: service:, terms:, lang:, after:, before: and
// last:. The error is a *Mistake.
func Parse(s string) (*Query, error) {
	if len(s) > MaxQuery {
		return nil, &Mistake{Fault: TooLong}
	}
	p := &parser{rest: strings.ToValidUTF8(s, " "), seen: map[string]bool{}}
	for {
		p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
		if p.rest == "" {
			break
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	q := &p.query
	if len(q.Wanted) == 0 {
		return nil, &Mistake{Fault: NoWords}
	}
	if !q.After.IsZero() && !q.Before.IsZero() && !q.After.Before(q.Before) {
		return nil, &Mistake{NoTime, "after:" + q.After.Format(time.DateOnly) + " before:" + q.Before.Format(time.DateOnly)}
	}
	return q, nil
}

// A parser reads a query from its beginning.
type parser struct {
	rest  string
	query Query
	seen  map[string]bool // fields
	words int
}

// next reads one word, phrase or field.
func (p *parser) next() error {
	minus := false
	if len(p.rest) > 1 && p.rest[0] == '-' && !startsWithSpace(p.rest[1:]) {
		minus, p.rest = true, p.rest[1:]
	}
	if name, rest, ok := cutField(p.rest); ok {
		if minus {
			return &Mistake{Excluded, "-" + name + ":"}
		}
		p.rest = rest
		return p.field(name)
	}
	quoted := strings.IndexAny(p.rest, quotes) == 0
	said, err := p.value()
	if err != nil {
		return err
	}
	ph, err := newPhrase(said, quoted)
	if err != nil || len(ph) == 0 { // of nothing but signs
		return err
	}
	if p.words += len(ph); p.words > maxWords {
		return &Mistake{Fault: TooManyWords}
	}
	if minus {
		p.query.Unwanted = append(p.query.Unwanted, ph)
	} else {
		p.query.Wanted = append(p.query.Wanted, ph)
	}
	return nil
}

func startsWithSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

// quotes are the quotation marks of the languages that notices use. Any closes what any opened.
const quotes = "\"“”„«»"

// value reads what stands in quotation marks, else up to the next space.
func (p *parser) value() (string, error) {
	if i := strings.IndexAny(p.rest, quotes); i == 0 {
		_, n := utf8.DecodeRuneInString(p.rest)
		end := strings.IndexAny(p.rest[n:], quotes)
		if end < 0 {
			return "", &Mistake{OpenQuote, p.rest}
		}
		said := p.rest[n : n+end]
		_, m := utf8.DecodeRuneInString(p.rest[n+end:])
		p.rest = p.rest[n+end+m:]
		return said, nil
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(quotes, r) })
	if end < 0 {
		end = len(p.rest)
	}
	said := p.rest[:end]
	p.rest = p.rest[end:]
	return said, nil
}

// cutField cuts the name of a field off, such as "lang" of "lang:de".
func cutField(s string) (name, rest string, ok bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if i <= 0 || s[i] != ':' {
		return "", "", false
	}
	return strings.ToLower(s[:i]), s[i+1:], true
}

// field reads the value of a field.
func (p *parser) field(name string) error {
	if p.seen[name] {
		return &Mistake{Twice, name + ":"}
	}
	p.seen[name] = true
	if name == "last" {
		p.query.Last = true
		return nil
	}
	said, err := p.value()
	if err != nil {
		return err
	}
	into := map[string]*string{"service": &p.query.Service, "terms": &p.query.Type, "lang": &p.query.Language}[name]
	days := map[string]*time.Time{"after": &p.query.After, "before": &p.query.Before}[name]
	switch {
	case into == nil && days == nil:
		return &Mistake{UnknownField, name + ":"}
	case said == "":
		return &Mistake{NoValue, name + ":"}
	case into != nil:
		*into = said
	default:
		if *days, err = time.Parse(time.DateOnly, said); err != nil {
			return &Mistake{NoDay, name + ":" + said}
		}
	}
	return nil
}

// newPhrase makes a phrase of what was said. A * behind a word leaves its end open.
func newPhrase(said string, exact bool) (Phrase, error) {
	var out Phrase
	ws := Words(said)
	stars := strings.Count(said, "*")
	for i, w := range ws {
		x := Wanted{Fold: w.Fold, Plain: Plain(said[w.Start:w.End]), Exact: exact}
		if strings.HasPrefix(said[w.End:], "*") {
			stars--
			x.Open = true
			if utf8.RuneCountInString(w.Fold) < 2 {
				return nil, &Mistake{ShortWildcard, said}
			}
			if i+1 < len(ws) && ws[i+1].Start == w.End+1 {
				return nil, &Mistake{InnerWildcard, said}
			}
		}
		out = append(out, x)
	}
	if stars > 0 {
		return nil, &Mistake{InnerWildcard, said}
	}
	return out, nil
}

// Set fills the fields of a query that a form or flags give beside it, where the query itself does not say otherwise.
func (q *Query) Set(service, typ, language string, last bool) {
	for _, x := range []struct {
		to   *string
		said string
	}{{&q.Service, service}, {&q.Type, typ}, {&q.Language, language}} {
		if *x.to == "" {
			*x.to = x.said
		}
	}
	q.Last = q.Last || last
}

// In reports whether a text is in the language that is asked for: "de" takes "de-AT" as well.
func (q *Query) In(language string) bool {
	base, _, _ := strings.Cut(language, "-")
	return q.Language == "" || strings.EqualFold(q.Language, language) || strings.EqualFold(q.Language, base)
}
