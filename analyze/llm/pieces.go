package llm

// Pieces: the document in stretches that are not cut further, with what the rules see in each.

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A piece is a block, a row of a table, or a part of one that is too long for a passage.
type piece struct {
	span     snapshots.Span
	block    int
	section  int // index of the governing heading block, which is in its own section; -1 before the first
	tokens   int
	score    int  // how much the rules see in it of where data go; from wanted on, it is put to the model
	strong   bool // by a strong concept or a fact: its neighbours are sent, too
	concepts map[rules.Concept]bool
}

// wanted is the score from which a piece is chosen. It is low: a question too many costs a question.
const wanted = 2

// strong concepts choose a piece by themselves. Of the weak ones it takes two: one of what is done with data, and one of who does it or where.
var strong = []string{"transfer", "third_country", "other_country", "world", "intl_heading", "server", "remote", "access_from",
	"adequacy", "adequacy.level", "adequacy.denied", "scc", "scc.weak", "scc.old", "bcr", "dpf", "privacy_shield", "safe_harbour",
	"derogation", "code_certification", "less_protective", "consent.transfer", "copy_limit", "subprocessor", "backup", "foreign", "uk_ch_only", "eea"}

var (
	weakDeeds = []string{"send", "share", "store", "access", "locate", "onward"}
	weakWhos  = []string{"group", "provider", "provider_is", "third_party", "company_form", "countries", "authority", "support", "parent"}
)

// flows are the kinds of facts that a model is asked for too, or that stand beside them.
var flows = []string{analyze.FactTransfer, analyze.FactDenial, analyze.FactDestination, analyze.FactRecipient, analyze.FactVague,
	analyze.FactList, analyze.FactTool, analyze.FactCopy, analyze.FactRemote, analyze.FactGovernment, analyze.FactVendors, analyze.FactLocal}

// A scorer sees what the rules see.
type scorer struct {
	set   *rules.Set
	doc   *snapshots.Document
	day   law.Date
	worth map[rules.Concept]worth
	reads map[string]bool
}

// A worth is what a concept says about a piece.
type worth struct{ strong, deed, who bool }

func newScorer(set *rules.Set, doc *snapshots.Document, day law.Date) *scorer {
	s := &scorer{set: set, doc: doc, day: day, worth: map[rules.Concept]worth{}, reads: map[string]bool{}}
	for i, c := range set.Concepts {
		s.worth[rules.Concept(i)] = worth{slices.Contains(strong, c.Name), slices.Contains(weakDeeds, c.Name), slices.Contains(weakWhos, c.Name)}
	}
	for _, l := range set.Languages() {
		s.reads[l] = true
	}
	return s
}

// language is that of block i.
func (s *scorer) language(i int) string {
	if own := s.doc.Blocks[i].Language; own != "" {
		return own
	}
	return s.doc.Language
}

// pieces cuts the document and scores each piece. Where there are no rules for the language, silence means nothing, and every
// piece is wanted.
func (s *scorer) pieces(f *analyze.Facts, limit int) []piece {
	var out []piece
	blocks := s.doc.Blocks
	for i := 0; i < len(blocks); i++ {
		span, first := blocks[i].Span, i
		for i+1 < len(blocks) && sameRow(&blocks[first], &blocks[i+1]) {
			i++
			span.End = max(span.End, blocks[i].Span.End)
		}
		section := blocks[first].Heading
		if blocks[first].Kind == snapshots.Heading {
			section = first
		}
		for _, part := range cut(s.doc.Quote(span), limit) {
			p := piece{span: snapshots.Span{Start: span.Start + part.Start, End: span.Start + part.End}, block: first, section: section}
			s.score(&p)
			out = append(out, p)
		}
	}
	for i := range f.All {
		x := &f.All[i]
		if x.URL != "" || !slices.Contains(flows, x.Kind) {
			continue
		}
		for _, n := range overlapping(out, x.Span) {
			out[n].score, out[n].strong = out[n].score+wanted, true
		}
	}
	return out
}

func sameRow(a, b *snapshots.Block) bool {
	return a.Kind == snapshots.Cell && b.Kind == snapshots.Cell && a.Place != nil && b.Place != nil && a.Place.Table == b.Place.Table && a.Place.Row == b.Place.Row
}

func (s *scorer) score(p *piece) {
	words := s.doc.Quote(p.span)
	p.tokens = estimate(words) + 1
	language := s.language(p.block)
	p.concepts = map[rules.Concept]bool{}
	var all worth
	for _, h := range s.set.Matcher(language).Scan(words, text.Words(words), nil) {
		if p.concepts[h.Concept] {
			continue
		}
		p.concepts[h.Concept] = true
		w := s.worth[h.Concept]
		if all = (worth{all.strong || w.strong, all.deed || w.deed, all.who || w.who}); w.strong {
			p.score += wanted
		}
	}
	if all.deed && all.who {
		p.score += wanted
	}
	named := 0
	for _, m := range places.Find(words, language, "en") {
		if law.Third(m.Country, s.day) {
			if named++; m.Kind != places.Adjective {
				named++
			}
		}
	}
	p.score += named
	p.strong = all.strong
	if !s.reads[base(language)] {
		p.score += wanted
	}
}

// base is a language without its region.
func base(language string) string {
	b, _, _ := strings.Cut(strings.ToLower(language), "-")
	return b
}

// overlapping are the pieces that hold a part of span; pieces are in text order.
func overlapping(list []piece, span snapshots.Span) []int {
	from, _ := slices.BinarySearchFunc(list, span.Start, func(p piece, at int) int {
		if p.span.End <= at {
			return -1
		}
		return 1
	})
	var out []int
	for i := from; i < len(list) && list[i].span.Start < span.End; i++ {
		if list[i].span.Overlaps(span) {
			out = append(out, i)
		}
	}
	return out
}

// cut divides s, the text of a block or row, into parts of at most limit tokens: between sentences, within a longer one
// between words, and within a longer one anywhere between characters.
func cut(s string, limit int) []snapshots.Span {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	if estimate(s)+1 <= limit {
		return []snapshots.Span{{Start: 0, End: len(s)}}
	}
	var out []snapshots.Span
	tokens := 0
	for _, sentence := range text.Sentences(s, nil) {
		for _, part := range split(s, snapshots.Span(sentence), limit) {
			n := estimate(s[part.Start:part.End]) + 1
			if last := len(out) - 1; last >= 0 && tokens+n <= limit {
				out[last].End, tokens = part.End, tokens+n
			} else {
				out, tokens = append(out, part), n
			}
		}
	}
	return out
}

// split divides one sentence that is too long for a passage.
func split(s string, span snapshots.Span, limit int) []snapshots.Span {
	var out []snapshots.Span
	most := max(limit-1, 4) // tokens; no character has more bytes, and none counts for more than one
	for span.Len() > 0 && estimate(s[span.Start:span.End]) > most {
		end, space, tokens := span.Start, -1, 0
		for end < span.End && tokens < most*7/2 { // counted in parts of a character of ASCII
			r, n := utf8.DecodeRuneInString(s[end:])
			if r == ' ' || r == '\n' || r == '\t' {
				space = end + n
			}
			if tokens++; r >= utf8.RuneSelf {
				tokens += 3
			}
			end += n
		}
		if space > span.Start+(end-span.Start)/2 {
			end = space
		}
		out = append(out, snapshots.Span{Start: span.Start, End: end})
		span.Start = end
	}
	if span.Len() > 0 {
		out = append(out, span)
	}
	return out
}
