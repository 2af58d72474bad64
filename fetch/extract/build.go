package extract

// This file builds a Document block by block. Every reader (HTML, Markdown, text) feeds it, so that the same policy
// makes the same blocks whatever it comes in.

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"golang.org/x/text/unicode/norm"
)

// boldHeadingBytes is how long a bold line may be to count as a heading.
const boldHeadingBytes = 120

type builder struct {
	doc    *snapshots.Document
	text   []byte
	run    run
	anchor string // id to give to the next block
	prefer map[string]bool
	maybe  map[int]bool // paragraphs that are headings if text follows
	bare   bool         // the format need not mark headings
	tables int
	max    int // blocks
	full   bool
	spare  int  // bytes that cells may still be repeated with
	cut    bool // a repeated cell was left out
}

func newBuilder(opt Options) *builder {
	return &builder{doc: &snapshots.Document{}, maybe: map[int]bool{}, max: opt.MaxBlocks, spare: 4 << 20}
}

// mark remembers an id of the source for the next block. An id that the page links to wins over one that it does not.
func (b *builder) mark(id string) {
	if id != "" && len(id) < 200 && (b.anchor == "" || b.prefer[id] || !b.prefer[b.anchor]) {
		b.anchor = strings.ToValidUTF8(id, "\ufffd")
	}
}

// shape is what a flushed run is to become.
type shape struct {
	kind  snapshots.Kind
	level int
	place *snapshots.Place
	sameRow,
	maybe bool // a paragraph that the source treats like a heading
}

// flush makes blocks of the current run and begins a new one.
func (b *builder) flush(s shape) {
	r := &b.run
	for i := range r.open {
		r.settle(i)
	}
	if len(bytes.TrimSpace(r.text)) > 0 {
		switch s.kind {
		case snapshots.Heading:
			b.emit(s, r, snapshots.Span{End: len(r.text)})
		default:
			b.emitLines(s, r)
		}
	}
	r.reset()
}

// emitLines splits a run where its line breaks mean more than white space: at empty lines, at lines that begin with
// a bullet, after a bold first line, and everywhere in a column of short lines.
func (b *builder) emitLines(s shape, r *run) {
	lines := r.lines()
	column := isColumn(r, lines)
	for i := 0; i < len(lines); {
		piece, sh := lines[i].Span, s
		marker := bulletLength(r.text[piece.Start:piece.End])
		if marker > 0 {
			piece.Start += marker
			if sh.kind == snapshots.Paragraph {
				sh.kind, sh.level = snapshots.Item, 1
			}
		}
		bold := marker == 0 && sh.kind == snapshots.Paragraph && headingLike(r, piece)
		j := i + 1
		for j < len(lines) && !column && !bold && !lines[j].after && bulletLength(r.text[lines[j].Start:lines[j].End]) == 0 &&
			!(s.kind == snapshots.Paragraph && headingLike(r, lines[j].Span)) {
			piece.End = lines[j].End
			j++
		}
		sh.maybe = sh.maybe && i == 0 || bold
		b.emit(sh, r, piece)
		if s.kind == snapshots.Item && marker == 0 && j < len(lines) && lines[j].after {
			s = shape{kind: snapshots.Paragraph} // an item goes on in paragraphs
		}
		i = j
	}
}

// headingLike reports whether a line is bold all over and short, and does not read like a sentence.
func headingLike(r *run, s snapshots.Span) bool {
	if s.Len() > boldHeadingBytes || !r.isBold(s) {
		return false
	}
	last := r.text[s.End-1]
	if last == '.' {
		return isNumberedTitle(string(r.text[s.Start:s.End]))
	}
	return last != ',' && last != ';'
}

// isNumberedTitle reports whether s is like "3. Transfers." — a short title behind its number.
func isNumberedTitle(s string) bool {
	rest := strings.TrimLeft(s, "0123456789.)§ ")
	return len(rest) < len(s) && s[0] <= '9' && strings.Count(rest, " ") < 8
}

// isColumn reports whether the lines are a list without marks: four or more, all short, none ending like a sentence.
func isColumn(r *run, lines []line) bool {
	if len(lines) < 4 {
		return false
	}
	for _, l := range lines {
		t := r.text[l.Start:l.End]
		if len(t) > 60 || bytes.Count(t, []byte{' '}) > 5 || bytes.IndexByte([]byte(".,;:?!"), t[len(t)-1]) >= 0 {
			return false
		}
	}
	return true
}

// bulletLength is the length of the list mark and the space at the beginning of t, 0 if there is none.
func bulletLength(t []byte) int {
	u, n := utf8.DecodeRune(t)
	rest := len(t) > n && t[n] == ' '
	switch {
	case strings.ContainsRune("•·▪●○◦‣■□➢►➤✓✔∙⁃", u) && n < len(t):
		if rest {
			n++
		}
		return n
	case strings.ContainsRune("-*–", u) && rest && len(t) > n+1:
		return n + 1
	}
	return 0
}

// emit appends one block: piece of the run's text, its line breaks as spaces (as they are within cells).
func (b *builder) emit(s shape, r *run, piece snapshots.Span) {
	piece = trim(r.text, piece)
	if piece.Len() <= 0 {
		return
	}
	if len(b.doc.Blocks) >= b.max {
		b.full = true
		return
	}
	if len(b.text) > 0 {
		if s.sameRow {
			b.text = append(b.text, '\t')
		} else {
			b.text = append(b.text, '\n')
		}
	}
	start := len(b.text)
	raw := r.text[piece.Start:piece.End]
	if s.kind != snapshots.Cell && bytes.IndexByte(raw, '\n') >= 0 {
		raw = oneLine(raw)
	}
	links := clip(r.links, piece)
	b.text = appendNFC(b.text, raw, links)
	kept := links[:0]
	for _, l := range links {
		l.Span.Start += start
		l.Span.End += start
		if l.Span.Len() > 0 {
			kept = append(kept, l)
		}
	}
	if s.maybe {
		b.maybe[len(b.doc.Blocks)] = true
	}
	b.doc.Blocks = append(b.doc.Blocks, snapshots.Block{Kind: s.kind, Level: s.level, Heading: -1, Anchor: b.anchor, Place: s.place,
		Span: snapshots.Span{Start: start, End: len(b.text)}, Links: kept})
	b.anchor = ""
}

func trim(text []byte, s snapshots.Span) snapshots.Span {
	for s.Start < s.End && text[s.Start] <= ' ' {
		s.Start++
	}
	for s.End > s.Start && text[s.End-1] <= ' ' {
		s.End--
	}
	return s
}

// oneLine is raw with each line break as a space. Its length stays, so that spans stay right.
func oneLine(raw []byte) []byte {
	return bytes.ReplaceAll(bytes.Clone(raw), []byte{'\n'}, []byte{' '})
}

// clip is the links within piece, relative to its start.
func clip(links []snapshots.Link, piece snapshots.Span) []snapshots.Link {
	var out []snapshots.Link
	for _, l := range links {
		if l.Span.Overlaps(piece) {
			l.Span.Start = max(l.Span.Start, piece.Start) - piece.Start
			l.Span.End = min(l.Span.End, piece.End) - piece.Start
			out = append(out, l)
		}
	}
	return out
}

// appendNFC appends raw in normal form and moves the ends of the links with it.
func appendNFC(dst, raw []byte, links []snapshots.Link) []byte {
	if norm.NFC.IsNormal(raw) {
		return append(dst, raw...)
	}
	base, at := len(dst), 0
	to := func(offset int) int { // offsets come in ascending order
		if offset > at {
			if n := norm.NFC.FirstBoundary(raw[offset:]); n < 0 {
				offset = len(raw)
			} else {
				offset += n
			}
			dst = norm.NFC.Append(dst, raw[at:offset]...)
			at = offset
		}
		return len(dst) - base
	}
	for i := range links {
		links[i].Span.Start = to(links[i].Span.Start)
		links[i].Span.End = to(links[i].Span.End)
	}
	to(len(raw))
	return dst
}

// finish settles which lines are headings, finds the heading above each block and gives the document away.
func (b *builder) finish() *snapshots.Document {
	b.unwrap()
	b.settleHeadings()
	b.linkHeadings()
	b.doc.Text = string(b.text)
	return b.doc
}

// settleHeadings makes headings of the bold lines that text follows, three in a row at most.
func (b *builder) settleHeadings() {
	blocks := b.doc.Blocks
	if b.bare {
		b.guessHeadings()
	}
	for i := range b.maybe {
		if s := string(b.text[blocks[i].Span.Start:blocks[i].Span.End]); len(s) <= 80 && b.maybe[i] && isDateLine(s) {
			b.maybe[i] = false
		}
	}
	followed, row := false, 0
	for i := len(blocks) - 1; i >= 0; i-- {
		switch {
		case b.maybe[i] && followed && row < 3:
			blocks[i].Kind, blocks[i].Level = snapshots.Heading, 6
			row++
		case b.maybe[i]:
			followed = false
		default:
			followed, row = blocks[i].Kind != snapshots.Heading, 0
		}
	}
}

// guessHeadings looks for headings in a text that marks none: short lines that are no sentences, above a longer block.
func (b *builder) guessHeadings() {
	blocks := b.doc.Blocks
	for i := range blocks {
		if blocks[i].Kind == snapshots.Heading || b.maybe[i] {
			return
		}
	}
	for i := 0; i+1 < len(blocks); i++ {
		s, next := string(b.text[blocks[i].Span.Start:blocks[i].Span.End]), blocks[i+1]
		last, _ := utf8.DecodeLastRuneInString(s)
		if blocks[i].Kind == snapshots.Paragraph && len(s) <= 90 && strings.Count(s, " ") <= 9 && startsUpper(s) && !strings.ContainsRune(".,;:!?…", last) &&
			(next.Kind == snapshots.Paragraph || next.Kind == snapshots.Item) && next.Span.Len() > 2*len(s) {
			b.maybe[i] = true
		}
	}
}

// linkHeadings finds the heading above each block.
func (b *builder) linkHeadings() {
	above := [7]int{-1, -1, -1, -1, -1, -1, -1} // by level
	for i := range b.doc.Blocks {
		block := &b.doc.Blocks[i]
		level := len(above)
		if block.Kind == snapshots.Heading {
			level = block.Level
		}
		block.Heading = -1
		for l := level - 1; l >= 1 && block.Heading < 0; l-- {
			block.Heading = above[l]
		}
		if block.Kind == snapshots.Heading {
			above[level] = i
			for l := level + 1; l < len(above); l++ {
				above[l] = -1
			}
		}
	}
}

// items is the number of list items so far.
func (b *builder) items() (n int) {
	for i := range b.doc.Blocks {
		if b.doc.Blocks[i].Kind == snapshots.Item {
			n++
		}
	}
	return n
}

func (b *builder) warn(w string) {
	for _, have := range b.doc.Warnings {
		if have == w {
			return
		}
	}
	b.doc.Warnings = append(b.doc.Warnings, w)
}
