package analyze

// Touching: whether a change of the words meets a clause on transfers.

import (
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// touches reports whether a changed sentence speaks about transfers, in the old text or in the new.
func touches(red *diff.Redline, v diff.Verdict, old, new *Facts) bool {
	before, after := transferSpans(old), transferSpans(new)
	for i := range red.Changes {
		if i < len(v.Each) && !v.Each[i].Alert() && v.Each[i] != diff.Editorial {
			continue
		}
		words := red.Changes[i].Words
		for j, w := range words {
			if w.Op == diff.Delete && meet(before, w.Old) && says(old.Document.Text, w.Old) && !(j+1 < len(words) && renames(w, words[j+1], old, new)) ||
				w.Op == diff.Insert && meet(after, w.New) && says(new.Document.Text, w.New) && !(j > 0 && renames(words[j-1], w, old, new)) {
				return true
			}
		}
	}
	return false
}

// says tells words from signs alone, and from the number of a footnote ("partners[12]").
func says(doc string, span snapshots.Span) bool {
	words := doc[span.Start:span.End]
	if strings.ContainsFunc(words, unicode.IsLetter) {
		return true
	}
	note := strings.HasSuffix(doc[:span.Start], "[") && strings.HasPrefix(doc[span.End:], "]")
	return !note && strings.ContainsFunc(words, unicode.IsDigit)
}

// maxRename bounds the bytes of words that may be another name of a country.
const maxRename = 80

// renames reports whether one edit takes out the name of a country and the next puts in another name of it ("U.S.",
// "the United States").
func renames(out, in diff.Edit, old, new *Facts) bool {
	if out.Op != diff.Delete || in.Op != diff.Insert || out.Old.Len() > maxRename || in.New.Len() > maxRename {
		return false
	}
	was, wasRest := named(old.Document, out.Old)
	is, isRest := named(new.Document, in.New)
	return len(was) > 0 && slices.Equal(was, is) && wasRest == isRest
}

// maxArticle is the letters of the longest words that may stand before the name of a country and say nothing.
const maxArticle = 3

// named is the countries that a stretch of text names, in its order, and its other words but articles.
func named(doc *snapshots.Document, span snapshots.Span) (countries []string, rest string) {
	words := doc.Quote(span)
	found := places.Find(words, doc.Language, "en")
	for _, p := range found {
		countries = append(countries, p.Country)
	}
	for _, w := range text.Words(words) {
		inside := slices.ContainsFunc(found, func(p places.Match) bool { return p.Start <= w.Start && w.End <= p.End })
		if word := text.Fold(words[w.Start:w.End]); !inside && len([]rune(word)) > maxArticle {
			rest += word + " "
		}
	}
	return countries, rest
}

// transferSpans are the stretches of the text itself that speak about transfers, in text order; no two overlap.
func transferSpans(f *Facts) []snapshots.Span {
	var all []snapshots.Span
	for i := range f.All {
		x := &f.All[i]
		switch x.Kind {
		case FactTransfer, FactDenial, FactVague, FactTool, FactRemote, FactCopy:
			if x.URL == "" {
				all = append(all, x.At)
			}
		}
	}
	slices.SortFunc(all, func(a, b snapshots.Span) int { return a.Start - b.Start })
	var out []snapshots.Span
	for _, s := range all {
		if n := len(out); n == 0 || out[n-1].End <= s.Start {
			out = append(out, s)
		} else {
			out[n-1].End = max(out[n-1].End, s.End)
		}
	}
	return out
}

// meet reports whether span overlaps one of the spans.
func meet(spans []snapshots.Span, span snapshots.Span) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > span.Start })
	return i < len(spans) && spans[i].Overlaps(span)
}

// lines are those of a row of a table that hold the words of hit h: a row is read as one, and may be long.
func (c *collector) lines(s *sentence, h rules.Hit) snapshots.Span {
	if c.doc.Blocks[s.block].Kind != snapshots.Cell {
		return s.span
	}
	quote, at := c.quote(s), s.hitSpan(h)
	from, to := at.Start-s.span.Start, at.End-s.span.Start
	start := strings.LastIndexAny(quote[:from], "\n\t") + 1
	end := len(quote)
	if i := strings.IndexAny(quote[to:], "\n\t"); i >= 0 {
		end = to + i
	}
	return snapshots.Span{Start: s.span.Start + start, End: s.span.Start + end}
}
