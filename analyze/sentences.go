package analyze

// Reading: a document as sentences with the concepts in them and around them.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// maxSentence bounds the bytes of one unit of reading; longer ones are cut at a word.
const maxSentence = 6000

// boldLevel is the level of bold lines that serve as headings. Those below one another's topics stand side by side.
const boldLevel = 6

// A sentence is one unit of reading: a sentence of a block, or a row of a table.
type sentence struct {
	span    snapshots.Span
	block   int
	tongue  *tongue
	section int // index of the governing heading block, -1 before the first
	own     mask
	context mask // of the headings above it and of the lead of its list or the head of its table
	hits    []rules.Hit
	words   []text.Word // offsets from span.Start
	links   []snapshots.Link
	foreign bool // addressed to people outside the EEA
	placed  bool // named was looked for
	named   []places.Match
}

// heading reports whether the sentence is (part of) a heading.
func (s *sentence) heading() bool { return s.block == s.section }

// reading is a document prepared for analysis.
type reading struct {
	e         *Engine
	doc       *snapshots.Document
	tongues   map[string]*tongue
	headings  map[string]bool // their texts
	sentences []sentence
	words     []text.Word // of all sentences, which hold parts of it
	hits      []rules.Hit // likewise
}

// A tongue is what a language is read with.
type tongue struct {
	language string
	m        *rules.Matcher
	places   []string // languages in which names of places are looked up
}

// tongue is that of block i: the document's, unless the block is in another language that has a lexicon.
func (r *reading) tongue(i int) *tongue {
	language := r.doc.Language
	if own := r.doc.Blocks[i].Language; own != "" && r.e.Reads(own) {
		language = own
	}
	t, ok := r.tongues[language]
	if !ok {
		t = &tongue{language: language, m: r.e.set.Matcher(language), places: []string{language}}
		if language != "en" {
			t.places = append(t.places, "en")
		}
		r.tongues[language] = t
	}
	return t
}

func (e *Engine) read(doc *snapshots.Document) *reading {
	size := len(doc.Text)
	r := &reading{e: e, doc: doc, tongues: map[string]*tongue{}, headings: map[string]bool{}, sentences: make([]sentence, 0, size/100+1),
		words: make([]text.Word, 0, size/5+8), hits: make([]rules.Hit, 0, size/12+8)}
	headings := make([]mask, len(doc.Blocks))
	foreign := make([]bool, len(doc.Blocks))
	var lead mask
	home := false // below headings for people elsewhere, one has turned to people in the EEA
	for i := 0; i < len(doc.Blocks); i++ {
		b := &doc.Blocks[i]
		var up mask
		away := false
		if b.Heading >= 0 && b.Heading < i {
			up, away = headings[b.Heading], foreign[b.Heading]
		}
		from := len(r.sentences)
		switch b.Kind {
		case snapshots.Heading:
			r.headings[plain(doc.Quote(b.Span))] = true
			r.cut(i, b.Span, up, away)
			var own mask
			for _, s := range r.sentences[from:] {
				own = own.union(s.own)
			}
			headings[i] = up.union(own)
			others := r.addressesOthers(i, own, up)
			home = away && !others && (home && b.Level == boldLevel || own.any(r.e.c.EEA, r.e.c.ThirdCountry))
			foreign[i] = others || away && !home
			for j := from; j < len(r.sentences); j++ {
				r.sentences[j].foreign = foreign[i]
			}
			lead = mask{}
		case snapshots.Item:
			r.cut(i, b.Span, up.union(lead), away)
		case snapshots.Cell:
			i = r.table(i, up.union(lead), away)
		default:
			r.cut(i, b.Span, up, away)
			lead = mask{}
			if n := len(r.sentences); n > from && leads(doc, i) {
				lead = r.sentences[n-1].own
			}
		}
	}
	return r
}

// plain is the words of a short text, folded, without the numbers and letters that count headings.
func plain(s string) string {
	var b strings.Builder
	for _, w := range text.Words(s) {
		if f := text.Fold(s[w.Start:w.End]); len(f) > 2 {
			b.WriteString(f)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// leads reports whether block i introduces the list or table after it.
func leads(doc *snapshots.Document, i int) bool {
	if i+1 >= len(doc.Blocks) {
		return false
	}
	next := doc.Blocks[i+1].Kind
	return next == snapshots.Item || next == snapshots.Cell || strings.HasSuffix(doc.Quote(doc.Blocks[i].Span), ":")
}

// table reads the rows from block i on, each as one unit below its head, and gives the last block read.
func (r *reading) table(i int, context mask, foreign bool) int {
	blocks := r.doc.Blocks
	var head mask
	for i < len(blocks) && blocks[i].Kind == snapshots.Cell && blocks[i].Place != nil {
		row := *blocks[i].Place
		span, last, header := blocks[i].Span, i, true
		for j := i; j < len(blocks) && blocks[j].Kind == snapshots.Cell && blocks[j].Place != nil &&
			blocks[j].Place.Table == row.Table && blocks[j].Place.Row == row.Row; j++ {
			span.End, last = max(span.End, blocks[j].Span.End), j
			header = header && blocks[j].Place.Header
		}
		from := len(r.sentences)
		r.unit(i, last, span, context.union(head), foreign)
		if header || row.Row == 0 {
			for _, s := range r.sentences[from:] {
				head = head.union(s.own)
			}
		}
		i = last + 1
		if i < len(blocks) && (blocks[i].Kind != snapshots.Cell || blocks[i].Place == nil || blocks[i].Place.Table != row.Table) {
			break
		}
	}
	return i - 1
}

// cut reads the sentences of one block.
func (r *reading) cut(i int, span snapshots.Span, context mask, foreign bool) {
	for _, w := range text.Sentences(r.doc.Quote(span), r.tongue(i).m.Abbreviations) {
		r.unit(i, i, snapshots.Span{Start: span.Start + w.Start, End: span.Start + w.End}, context, foreign)
	}
}

// unit reads one sentence or row that stands in the blocks first to last.
func (r *reading) unit(first, last int, span snapshots.Span, context mask, foreign bool) {
	if span.Len() > maxSentence {
		cut := span.Start + maxSentence
		for cut > span.Start && r.doc.Text[cut-1] != ' ' && r.doc.Text[cut-1] != '\n' {
			cut--
		}
		if cut == span.Start {
			cut = span.Start + maxSentence
		}
		r.unit(first, last, snapshots.Span{Start: span.Start, End: cut}, context, foreign)
		r.unit(first, last, snapshots.Span{Start: cut, End: span.End}, context, foreign)
		return
	}
	s := sentence{span: span, block: first, tongue: r.tongue(first), section: r.doc.Blocks[first].Heading, context: context, foreign: foreign}
	if r.doc.Blocks[first].Kind == snapshots.Heading {
		s.section = first
	}
	quote := r.doc.Quote(span)
	from := len(r.words)
	r.words = text.AppendWords(r.words, quote)
	s.words = r.words[from:len(r.words):len(r.words)]
	from = len(r.hits)
	r.hits = s.tongue.m.Scan(quote, s.words, r.hits)
	s.hits = r.hits[from:len(r.hits):len(r.hits)]
	for _, h := range s.hits {
		s.own.add(h.Concept)
	}
	if at := strings.IndexByte(quote, '@'); at > 0 && at+3 < len(quote) && quote[at-1] != ' ' && quote[at+1] != ' ' {
		s.own.add(r.e.c.Email)
	}
	if properName(quote, s.words) {
		s.own.add(r.e.c.ProperName)
	}
	for b := first; b <= last; b++ {
		for _, l := range r.doc.Blocks[b].Links {
			if span.Overlaps(l.Span) {
				s.links = append(s.links, l)
				s.own.add(r.e.c.Link)
				if strings.HasPrefix(l.Target, "mailto:") {
					s.own.add(r.e.c.Email)
				}
			}
		}
	}
	if !s.foreign && r.limitsToOthers(&s) {
		s.foreign = true
	}
	r.sentences = append(r.sentences, s)
}

// maxNameWords bounds what is taken for a name.
const maxNameWords = 6

// properName reports whether a line is nothing but a name, by its shape: a few words, each with a capital or a digit.
func properName(quote string, words []text.Word) bool {
	if len(words) == 0 || len(words) > maxNameWords || strings.ContainsAny(quote[words[len(words)-1].End:], ":?!;") {
		return false
	}
	for _, w := range words {
		if first, _ := utf8.DecodeRuneInString(quote[w.Start:]); !unicode.IsUpper(first) && !unicode.IsDigit(first) {
			return false
		}
	}
	return true
}

// quote is the text of the sentence.
func (r *reading) quote(s *sentence) string { return r.doc.Quote(s.span) }

// places are the places named in s.
func (r *reading) places(s *sentence) []places.Match {
	if !s.placed {
		s.placed, s.named = true, places.Find(r.quote(s), s.tongue.places...)
	}
	return s.named
}

// hitSpan is where a hit stands in the document.
func (s *sentence) hitSpan(h rules.Hit) snapshots.Span {
	return snapshots.Span{Start: s.span.Start + s.words[h.First].Start, End: s.span.Start + s.words[h.End-1].End}
}

// first finds the first hit of one of the concepts.
func (s *sentence) first(cs ...rules.Concept) (rules.Hit, bool) {
	for _, h := range s.hits {
		for _, c := range cs {
			if h.Concept == c {
				return h, true
			}
		}
	}
	return rules.Hit{}, false
}

// near reports whether a hit of one of the concepts begins within n words before or after word w.
func (s *sentence) near(w, before, after int, cs ...rules.Concept) bool {
	for _, h := range s.hits {
		if h.End <= w-before || h.First > w+after {
			continue
		}
		for _, c := range cs {
			if h.Concept == c {
				return true
			}
		}
	}
	return false
}

// beforeHit reports whether a hit of one of the concepts ends before word w.
func (s *sentence) beforeHit(w int, cs ...rules.Concept) bool {
	for _, h := range s.hits {
		if h.End <= w && slices.Contains(cs, h.Concept) {
			return true
		}
	}
	return false
}

// lastBefore is the concept, of those asked for, whose hit ends last before word w and at most n words before
// it; -1 if there is none. Of two that end at one word, the one asked for first counts.
func (s *sentence) lastBefore(w, n int, cs ...rules.Concept) rules.Concept {
	best, end := rules.Concept(-1), -1
	for _, h := range s.hits {
		if h.End > w || w-h.End > n || h.End < end {
			continue
		}
		for _, c := range cs {
			if h.Concept == c && (h.End > end || best < 0) {
				best, end = c, h.End
			}
		}
	}
	return best
}

// startsAt reports whether a hit of one of the concepts begins at word w.
func (s *sentence) startsAt(w int, cs ...rules.Concept) bool {
	for _, h := range s.hits {
		if h.First == w && slices.Contains(cs, h.Concept) {
			return true
		}
	}
	return false
}

// wordAt is the index of the word that contains or follows byte offset off of the sentence.
func (s *sentence) wordAt(off int) int {
	for i, w := range s.words {
		if off < w.End {
			return i
		}
	}
	return len(s.words)
}
