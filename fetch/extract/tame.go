package extract

// This file prepares Markdown for its parser: headers and attributes of other dialects go, and what would make the
// parser slow or deep is cut.

import "bytes"

// frontMatter cuts a YAML header off.
func frontMatter(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte("---\n")) && !bytes.HasPrefix(body, []byte("---\r\n")) {
		return body
	}
	rest := body[4:]
	end := bytes.Index(rest, []byte("\n---"))
	if end < 0 || end > 10_000 || !bytes.Contains(rest[:end], []byte(": ")) || bytes.Contains(rest[:end], []byte("\n\n")) {
		return body
	}
	after := rest[end+4:]
	if nl := bytes.IndexByte(after, '\n'); nl >= 0 && len(bytes.TrimSpace(after[:nl])) == 0 {
		return after[nl+1:]
	}
	return body
}

// Limits beyond which nobody writes: their price in a Markdown parser is quadratic.
const (
	maxParagraph = 2000 // lines without an empty line between them
	maxEmphasis  = 4000 // marks of emphasis in a paragraph
)

// tame shortens what makes a Markdown parser slow or deep: containers nested more than depth levels, brackets opened
// and not closed, marks repeated without end, paragraphs of thousands of lines.
func tame(body []byte, depth int) (out []byte, rough bool) {
	p := tamer{depth: depth}
	at, lines := 0, 0
	for line := range bytes.Lines(body) {
		cut := p.line(line)
		rough = rough || len(cut) != len(line)
		switch {
		case isAttributes(line):
			cut = nil
		case len(bytes.TrimSpace(line)) == 0:
			lines = 0
			p = tamer{depth: depth}
		}
		changed := len(cut) != len(line)
		if lines++; lines > maxParagraph && line[0] != '|' {
			cut, changed, rough, lines = append([]byte{'\n'}, cut...), true, true, 0
		}
		if changed && out == nil {
			out = append(make([]byte, 0, len(body)), body[:at]...)
		}
		if out != nil {
			out = append(out, cut...)
		}
		at += len(line)
	}
	if out == nil {
		return body, false
	}
	return out, rough
}

// A tamer counts what is open in one paragraph.
type tamer struct {
	depth             int
	brackets, targets int // opened by "[" and by "]("
	emphasis          int
}

// isMark tells the characters that are counted or may not be repeated without end.
var isMark = [256]bool{'[': true, ']': true, '(': true, ')': true, '*': true, '_': true, '`': true, '~': true, '<': true, '!': true, '>': true}

// line is line without the characters that go beyond the limits.
func (p *tamer) line(line []byte) []byte {
	prefix := len(line) - len(bytes.TrimLeft(line, " \t>-+*"))
	if prefix >= p.depth && (isRule(line) || bytes.IndexByte(line[prefix:], '|') >= 0) {
		prefix = 0
	}
	var out []byte
	same := 0
	for i, c := range line {
		mark := isMark[c]
		if !mark && out == nil && i >= prefix {
			continue // as nearly all are
		}
		if mark && i > 0 && line[i-1] == c {
			same++
		} else if mark {
			same = 0
		}
		dropped := mark && (p.drops(c, i > 0 && line[i-1] == ']') || same > p.depth && bytes.IndexByte([]byte("*_`~<!>("), c) >= 0) ||
			i < prefix && i >= p.depth
		switch {
		case dropped && out == nil:
			out = append(make([]byte, 0, len(line)), line[:i]...)
		case !dropped && out != nil:
			out = append(out, c)
		}
	}
	if out == nil {
		return line
	}
	return out
}

// drops counts c and reports whether it is one too many; target says that a bracket closes before it.
func (p *tamer) drops(c byte, target bool) bool {
	switch c {
	case '[':
		p.brackets++
		return p.brackets > p.depth
	case ']':
		if p.brackets > 0 {
			p.brackets--
		}
		return p.brackets >= p.depth
	case '(':
		if target {
			p.targets++
			return p.targets > p.depth
		}
	case ')':
		if p.targets > 0 {
			p.targets--
		}
	case '*', '_':
		p.emphasis++
		return p.emphasis > maxEmphasis
	}
	return false
}

// isAttributes tells a line of attributes, {: … }, which is markup of another dialect.
func isAttributes(line []byte) bool {
	t := bytes.TrimSpace(line)
	return bytes.HasPrefix(t, []byte("{:")) && bytes.HasSuffix(t, []byte("}"))
}

// isRule tells a line of dashes, stars or the underline of a heading, which may be as long as the heading.
func isRule(line []byte) bool {
	t := bytes.TrimSpace(line)
	return len(t) > 0 && (t[0] == '-' || t[0] == '=') && len(bytes.Trim(t, string(t[:1]))) == 0
}
