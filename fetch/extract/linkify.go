package extract

// This file finds addresses in the text of Markdown as goldmark's Linkify does, which looks at every word. Most words are none at a glance.

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	mdtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// linkify is goldmark's Linkify, and passes over words that it would find nothing in.
type linkify struct{}

// Extend puts the parser in the place that Linkify gives it.
func (linkify) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(linkParser{extension.NewLinkifyParser()}, 999)))
}

type linkParser struct{ parser.InlineParser }

// nextAt is where the next "@" stands, by offset in the source, as far as it is known.
var nextAt = parser.NewContextKey()

type atSign struct{ from, at int } // there is none between the two

// Parse reads the word behind a space or a mark, or at the beginning of a line.
func (p linkParser) Parse(parent ast.Node, block mdtext.Reader, pc parser.Context) ast.Node {
	line, seg := block.PeekLine()
	if seg.Padding != 0 || len(line) == 0 {
		return p.InlineParser.Parse(parent, block, pc)
	}
	start := 0
	switch line[0] {
	case ' ', '*', '_', '~', '(': // what it is called for
		start = 1
	}
	if start < len(line) && line[start] != 'h' && line[start] != 'f' && line[start] != 'w' { // http, ftp, www
		at := p.at(block.Source(), seg.Start, pc) - seg.Start
		if at >= len(line) || at >= start && bytes.IndexByte(line[start:at], ' ') >= 0 {
			return nil
		}
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// at is the offset of the first "@" in source from offset from on, or its length.
func (linkParser) at(source []byte, from int, pc parser.Context) int {
	if known, ok := pc.Get(nextAt).(*atSign); ok && known.from <= from && from <= known.at {
		return known.at
	}
	at := bytes.IndexByte(source[from:], '@')
	if at < 0 {
		at = len(source) - from
	}
	pc.Set(nextAt, &atSign{from, from + at})
	return from + at
}
