package llm

// Holding: what of an answer counts. Its words must stand in the passage, its countries and articles must exist.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A holder holds the answers about one document.
type holder struct {
	set      *rules.Set
	day      law.Date
	document snapshots.Hash
}

// hold puts what counts of an answer into o, and counts the rest.
func (h *holder) hold(o *Opinion, x *passage, a *answer) {
	if strings.TrimSpace(a.Passage) != x.mark() {
		o.Verdict = NoOpinion
		o.Dropped.Passage = max(1, len(a.Facts))
		return
	}
	if o.Job == ReviewJob {
		h.verdict(o, x, a)
		return
	}
	q := newQuoter(x)
	for i, s := range a.Facts {
		if i >= MaxFacts {
			o.Dropped.TooMany += len(a.Facts) - i
			break
		}
		f, reason := h.fact(q, s)
		switch {
		case reason != nil:
			*reason(&o.Dropped)++
		case slices.ContainsFunc(o.Facts, f.same):
			o.Dropped.Duplicate++
		default:
			o.Facts = append(o.Facts, f)
		}
	}
	slices.SortStableFunc(o.Facts, func(a, b Fact) int {
		return cmp.Or(a.Span.Start-b.Span.Start, a.Span.End-b.Span.End, cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Country, b.Country), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Role, b.Role))
	})
}

// verdict holds the answer of a review. A verdict without words of the text counts only if it is unsure.
func (h *holder) verdict(o *Opinion, x *passage, a *answer) {
	o.Verdict = NoOpinion
	article, ok := h.article(a.Article)
	if !ok {
		o.Dropped.Article++
		return
	}
	if a.Verdict == Unsure && len(text.Words(a.Quote)) == 0 {
		o.Verdict, o.Article = Unsure, article
		return
	}
	span, reason := newQuoter(x).find(a.Quote)
	if reason != nil {
		*reason(&o.Dropped)++
		return
	}
	o.Verdict, o.Article = a.Verdict, article
	o.Span, o.Quote = &span, x.quote(span)
}

// quote is the text of the document in span, which lies within x.
func (x *passage) quote(span snapshots.Span) string {
	return x.text[span.Start-x.Span.Start : span.End-x.Span.Start]
}

// A reason is the counter of what is wrong with a fact.
type reason func(*Dropped) *int

func ofQuote(d *Dropped) *int      { return &d.Quote }
func ofLong(d *Dropped) *int       { return &d.Long }
func ofCountry(d *Dropped) *int    { return &d.Country }
func ofHome(d *Dropped) *int       { return &d.Home }
func ofArticle(d *Dropped) *int    { return &d.Article }
func ofIncomplete(d *Dropped) *int { return &d.Incomplete }

// fact holds one fact.
func (h *holder) fact(q *quoter, s said) (Fact, reason) {
	f := Fact{Kind: s.Kind, Country: strings.ToUpper(strings.TrimSpace(s.Country)), Hedged: s.Hedged}
	switch s.Kind { // what the kind does not have is not kept
	case "destination":
		f.Role = cmp.Or(s.Role, "unspecified")
	case "tool":
		f.Tool = s.Tool
	case "remote_access":
		f.Who = s.Who
	case "government":
	default:
		f.Country = ""
	}
	if f.Kind == "destination" && f.Country == "" || f.Kind == "tool" && f.Tool == "" {
		return f, ofIncomplete
	}
	span, why := q.find(s.Quote)
	if why != nil {
		return f, why
	}
	f.Span, f.Quote = span, q.x.quote(span)
	if f.Country != "" {
		switch {
		case len(f.Country) != 2 || places.DisplayName(f.Country, "en") == f.Country || !q.names(f.Country, f.Quote):
			return f, ofCountry
		case !law.Third(f.Country, h.day):
			return f, ofHome
		}
	}
	var ok bool
	if f.Article, ok = h.article(s.Article); !ok {
		return f, ofArticle
	}
	return f, nil
}

// same reports whether two facts say the same of the same words.
func (f Fact) same(o Fact) bool {
	f.Article, f.Hedged, o.Article, o.Hedged = "", false, "", false
	return f == o
}

// article is a provision as the checks or the legal data name it, "" for "". A point without a row of its own is the article that
// it is part of; ok is false for what neither knows.
func (h *holder) article(s string) (name string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if a, ok := law.Asks(s, "en"); ok && a.Article == s {
		return s, true
	}
	if slices.ContainsFunc(h.set.Checks, func(c rules.Check) bool { return slices.Contains(c.Articles, s) }) {
		return s, true
	}
	a, ok := law.Asks(s, "en")
	return a.Article, ok
}

// A quoter finds words in a passage, by the folding that matching uses.
type quoter struct {
	x      *passage
	words  []text.Word
	folded []string
}

func newQuoter(x *passage) *quoter {
	q := &quoter{x: x}
	q.words, q.folded = folded(x.text)
	return q
}

// folded are the words of s, those left out that fold to nothing.
func folded(s string) (words []text.Word, out []string) {
	for _, w := range text.Words(s) {
		if f := text.Fold(s[w.Start:w.End]); f != "" {
			words, out = append(words, w), append(out, f)
		}
	}
	return words, out
}

// find is where the passage has the words of a quote, one after the other; the first place if there are several.
func (q *quoter) find(quote string) (snapshots.Span, reason) {
	if len(quote) > MaxRaw {
		return snapshots.Span{}, ofLong
	}
	_, want := folded(quote)
	switch {
	case len(want) == 0:
		return snapshots.Span{}, ofQuote
	case len(want) > MaxQuoteWords:
		return snapshots.Span{}, ofLong
	}
	for i := 0; i+len(want) <= len(q.folded); i++ {
		if slices.Equal(q.folded[i:i+len(want)], want) {
			at := snapshots.Span{Start: q.words[i].Start, End: q.words[i+len(want)-1].End}
			return at.Shift(q.x.Span.Start), nil
		}
	}
	return snapshots.Span{}, ofQuote
}

// names reports whether a quote names a country or, where it names none, the passage and its headings do. In a language whose
// names of places are not known, every country that exists passes.
func (q *quoter) names(country, quote string) bool {
	languages := []string{q.x.language, "en"}
	named, other := namesIn(quote, country, languages)
	if named || other {
		return named
	}
	if named, _ = namesIn(strings.Join(append([]string{q.x.text}, q.x.headings...), "\n"), country, languages); named {
		return true
	}
	return !slices.Contains(places.Languages(), base(q.x.language))
}

// namesIn reports whether words name a country, and whether they name another.
func namesIn(words, country string, languages []string) (named, other bool) {
	for _, m := range places.Find(words, languages...) {
		named, other = named || m.Country == country, other || m.Country != country
	}
	return named, other
}
