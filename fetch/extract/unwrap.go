package extract

// This file joins again what a source breaks at the end of each printed line: pages made from PDF files, hard-wrapped
// texts with an element for each line.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
)

// unwrap joins paragraphs that go on in the next one, if the document is full of such. Blocks are separated by one
// byte, so that joining two turns that byte into a space and moves nothing.
func (b *builder) unwrap() {
	blocks := b.doc.Blocks
	var lengths []int
	torn := 0
	for i := range blocks {
		if blocks[i].Kind != snapshots.Paragraph {
			continue
		}
		lengths = append(lengths, blocks[i].Span.Len())
		if i > 0 && blocks[i-1].Kind != snapshots.Heading && b.goesOn(blocks[i-1], blocks[i], 1<<30) {
			torn++
		}
	}
	if torn < 12 || 5*torn < len(lengths) {
		return
	}
	slices.Sort(lengths)
	width := lengths[len(lengths)*9/10] // of a full line
	kept := blocks[:1]
	maybe := map[int]bool{0: b.maybe[0]}
	line := blocks[0] // the last line read
	for i := 1; i < len(blocks); i++ {
		next := blocks[i]
		if !b.maybe[i] && !maybe[len(kept)-1] && b.goesOn(line, next, width) {
			last := &kept[len(kept)-1]
			b.text[last.Span.End] = ' '
			last.Span.End = next.Span.End
			last.Links = append(last.Links, next.Links...)
			line = snapshots.Block{Kind: last.Kind, Span: next.Span}
			continue
		}
		maybe[len(kept)] = b.maybe[i]
		kept = append(kept, next)
		line = next
	}
	b.doc.Blocks, b.maybe = kept, maybe
}

// goesOn reports whether line continues in next: it ends without a stop, and next begins in lower case or line is full.
func (b *builder) goesOn(line, next snapshots.Block, width int) bool {
	if next.Kind != snapshots.Paragraph || line.Kind != snapshots.Paragraph && line.Kind != snapshots.Item {
		return false
	}
	last, _ := utf8.DecodeLastRune(b.text[line.Span.Start:line.Span.End])
	begin := b.text[next.Span.Start:next.Span.End]
	first, _ := utf8.DecodeRune(begin)
	if strings.ContainsRune(".!?:;…", last) || numberMark().Match(begin) {
		return false
	}
	return unicode.IsLower(first) || 4*line.Span.Len() >= 3*width
}
