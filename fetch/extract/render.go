package extract

// This file writes a document as Markdown, for people to read.

import (
	"bufio"
	"io"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// Markdown writes d to w as Markdown: headings, paragraphs, lists, tables with one row for the header, links.
// Reading the result again gives the same text in the same kinds of blocks, but for the spans of cells.
func Markdown(w io.Writer, d *snapshots.Document) error {
	out := bufio.NewWriter(w)
	for i := 0; i < len(d.Blocks); {
		b := &d.Blocks[i]
		if i > 0 {
			if !(b.Kind == snapshots.Item && d.Blocks[i-1].Kind == snapshots.Item) {
				out.WriteByte('\n')
			}
		}
		if b.Kind == snapshots.Cell && b.Place != nil {
			i = writeTable(out, d, i)
			continue
		}
		switch b.Kind {
		case snapshots.Heading:
			out.WriteString(strings.Repeat("#", min(max(b.Level, 1), 6)))
			out.WriteByte(' ')
		case snapshots.Item:
			out.WriteString(strings.Repeat("    ", min(itemDepth(d, i), 12)))
			out.WriteString("*   ")
		}
		out.WriteString(inlineMarkdown(d, b))
		out.WriteByte('\n')
		i++
	}
	return out.Flush()
}

// itemDepth is how far item i is to be indented: not deeper than one step below the item before it.
func itemDepth(d *snapshots.Document, i int) int {
	depth := 0
	start := i
	for start > 0 && d.Blocks[start-1].Kind == snapshots.Item && i-start < 200 {
		start--
	}
	for j := start; j <= i; j++ {
		if j == start {
			depth = 0
			continue
		}
		depth = max(0, min(d.Blocks[j].Level-1, depth+1))
	}
	return depth
}

// writeTable writes the cells of one table from block i on and gives the block after it.
func writeTable(out *bufio.Writer, d *snapshots.Document, i int) int {
	end, columns := i, 0
	for end < len(d.Blocks) && d.Blocks[end].Kind == snapshots.Cell && d.Blocks[end].Place != nil && d.Blocks[end].Place.Table == d.Blocks[i].Place.Table {
		columns = max(columns, d.Blocks[end].Place.Column+1)
		end++
	}
	headed := isHeaderRow(d, i, end)
	if !headed {
		writeRow(out, nil, columns)
		writeRule(out, columns)
	}
	for first := true; i < end; first = false {
		row := d.Blocks[i].Place.Row
		var cells []string
		for ; i < end && d.Blocks[i].Place.Row == row; i++ {
			for len(cells) < d.Blocks[i].Place.Column {
				cells = append(cells, "")
			}
			text := strings.ReplaceAll(inlineMarkdown(d, &d.Blocks[i]), "|", `\|`)
			cells = append(cells, strings.ReplaceAll(text, "\n", "<br>"))
		}
		writeRow(out, cells, columns)
		if first && headed {
			writeRule(out, columns)
		}
	}
	return end
}

// isHeaderRow reports whether all cells of the first row are header cells.
func isHeaderRow(d *snapshots.Document, i, end int) bool {
	for row := d.Blocks[i].Place.Row; i < end && d.Blocks[i].Place.Row == row; i++ {
		if !d.Blocks[i].Place.Header {
			return false
		}
	}
	return true
}

// maxWritten bounds the empty columns that a row is filled up with.
const maxWritten = 100

func writeRow(out *bufio.Writer, cells []string, columns int) {
	out.WriteByte('|')
	for i := range max(len(cells), min(columns, maxWritten)) {
		out.WriteByte(' ')
		if i < len(cells) {
			out.WriteString(cells[i])
		}
		out.WriteString(" |")
	}
	out.WriteByte('\n')
}

func writeRule(out *bufio.Writer, columns int) {
	out.WriteByte('|')
	for range min(columns, maxWritten) {
		out.WriteString(" --- |")
	}
	out.WriteByte('\n')
}

// inlineMarkdown is the text of a block with its links, escaped where Markdown would read markup.
func inlineMarkdown(d *snapshots.Document, b *snapshots.Block) string {
	var s strings.Builder
	at := b.Span.Start
	for _, l := range b.Links {
		if l.Span.Start < at || l.Span.End > b.Span.End {
			continue
		}
		escape(&s, d.Text[at:l.Span.Start], at == b.Span.Start)
		s.WriteByte('[')
		escape(&s, d.Text[l.Span.Start:l.Span.End], false)
		s.WriteString("](")
		s.WriteString(destination(l.Target))
		s.WriteByte(')')
		at = l.Span.End
	}
	escape(&s, d.Text[at:b.Span.End], at == b.Span.Start)
	return s.String()
}

// destination is a link target that ends where it should.
func destination(target string) string {
	if strings.ContainsAny(target, " ()<>\n\t\\") {
		return "<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", `\`, `\\`).Replace(target) + ">"
	}
	return target
}

// escape writes text; first says that it begins its line, where more characters are markup.
func escape(s *strings.Builder, text string, first bool) {
	if first {
		text = escapeStart(s, text)
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case '\\', '`', '*', '_', '[', ']', '<', '~':
			s.WriteByte('\\')
		case '&':
			if i+1 < len(text) && (text[i+1] == '#' || text[i+1]|0x20 >= 'a' && text[i+1]|0x20 <= 'z') {
				s.WriteByte('\\')
			}
		}
		s.WriteByte(c)
	}
}

// escapeStart writes what would make a line a heading, an item or a rule, and gives the rest.
func escapeStart(s *strings.Builder, text string) string {
	if text == "" {
		return text
	}
	switch text[0] {
	case '#', '>', '+', '-', '=', '|':
		s.WriteByte('\\')
		s.WriteByte(text[0])
		return text[1:]
	}
	n := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if 0 < n && n < 10 && n < len(text) && (text[n] == '.' || text[n] == ')') {
		s.WriteString(text[:n])
		s.WriteByte('\\')
		s.WriteByte(text[n])
		return text[n+1:]
	}
	return text
}
