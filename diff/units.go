// This file cuts a document into units, the things that are paired: a block each, or a whole row of a table.

package diff

import (
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A unit is a block or a row of a table.
type unit struct {
	blocks []int // indexes in the document
	span   snapshots.Span
	row    bool
	tokens []token
	bag    bag
}

// A side is one document and its units.
type side struct {
	doc   *snapshots.Document
	units []unit
}

// A comparison is what the steps of Compare share.
type comparison struct {
	lex      *lexis
	opt      Options
	old, new side
}

// cut makes the units of d. Blocks whose span is outside the text count as empty, so that a damaged document
// gives a poor redline and no panic.
func cut(d *snapshots.Document, lex *lexis) []unit {
	units := make([]unit, 0, len(d.Blocks))
	at := 0
	for i, b := range d.Blocks {
		s := b.Span
		if s.Start < at || s.End < s.Start || s.End > len(d.Text) {
			s = snapshots.Span{Start: at, End: at}
		}
		at = s.End
		if n := len(units); b.Place != nil && n > 0 && sameRow(d, units[n-1], b.Place) {
			units[n-1].blocks = append(units[n-1].blocks, i)
			units[n-1].span.End = s.End
			continue
		}
		units = append(units, unit{blocks: []int{i}, span: s, row: b.Kind == snapshots.Cell && b.Place != nil})
	}
	for i := range units {
		u := &units[i]
		u.tokens = lex.tokens(d.Text[u.span.Start:u.span.End], u.span.Start)
	}
	return units
}

func sameRow(d *snapshots.Document, u unit, p *snapshots.Place) bool {
	q := d.Blocks[u.blocks[0]].Place
	return u.row && q != nil && q.Table == p.Table && q.Row == p.Row
}

// bags makes the bags of the units once the lexis is weighed.
func (c *comparison) bags(s *side) []bag {
	out := make([]bag, len(s.units))
	for i := range s.units {
		u := &s.units[i]
		u.bag = c.lex.bag(u.tokens)
		u.bag.text = plain(s.doc.Text[u.span.Start:u.span.End])
		u.bag.kind = string(s.doc.Blocks[u.blocks[0]].Kind)
		u.bag.whole = u.row
		out[i] = u.bag
	}
	return out
}

// sentences cuts tokens, which cover the text s from byte base, into sentences as ranges of tokens. Beside the
// ends that text.Sentences knows, a semicolon ends one, and so do a colon before a capital and a line break.
func (c *comparison) sentences(s string, base int, ts []token) [][2]int {
	var out [][2]int
	begin, at := 0, 0
	ends := text.Sentences(s, nil)
	flush := func(to int) {
		if to > begin {
			out = append(out, [2]int{begin, to})
			begin = to
		}
	}
	for i, t := range ts {
		for at < len(ends) && ends[at].End+base <= t.start {
			flush(i)
			at++
		}
		if c.lex.kind(t) == lineBreak {
			flush(i)
			flush(i + 1)
			continue
		}
		switch s[t.start-base : t.end-base] {
		case ";":
			flush(i + 1)
		case ":":
			if i+1 < len(ts) && isCapital(s[ts[i+1].start-base:]) {
				flush(i + 1)
			}
		}
	}
	flush(len(ts))
	return out
}

func isCapital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}
