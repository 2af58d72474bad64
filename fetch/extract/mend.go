package extract

// This file mends links that span paragraphs. A page may put a link around blocks; converters to Markdown then leave its bracket
// in one paragraph and its address, for all to read, in another.

import "bytes"

const (
	maxTorn   = 60   // lines between the beginning of such a link and its end
	maxTarget = 4000 // bytes of its address
)

// mendLinks puts each torn link around the last line of its words.
func mendLinks(body []byte) []byte {
	if !bytes.Contains(body, []byte("](")) {
		return body
	}
	m := mender{lines: bytes.SplitAfter(body, []byte("\n"))}
	for i := range m.lines {
		m.line(i)
	}
	if !m.mended {
		return body
	}
	return bytes.Join(m.lines, nil)
}

// A mender goes through lines once.
type mender struct {
	lines  [][]byte
	open   []bracket // "[" that nothing closes, in paragraphs before this one and in it
	para   int       // first line of the paragraph
	mended bool
}

// A bracket is a place in a line.
type bracket struct{ line, at int }

func (m *mender) line(i int) {
	if len(bytes.TrimSpace(m.lines[i])) == 0 {
		m.para = i + 1
		return
	}
	if bytes.IndexByte(m.lines[i], '[') < 0 && bytes.IndexByte(m.lines[i], ']') < 0 {
		return
	}
	for at := 0; at < len(m.lines[i]); at++ {
		switch m.lines[i][at] {
		case '\\':
			at++
		case '[':
			if m.open = append(m.open, bracket{i, at}); len(m.open) > maxTorn {
				m.open = m.open[1:]
			}
		case ']':
			n := len(m.open) - 1
			if n < 0 {
				continue
			}
			o := m.open[n]
			m.open = m.open[:n]
			if target := targetAt(m.lines[i][at+1:]); target > 0 && o.line < m.para && i-o.line <= maxTorn {
				at = m.mend(o, i, at, target)
			}
		}
	}
}

// targetAt is the length of an address in parentheses at the beginning of b, parentheses included; 0 if there is none.
func targetAt(b []byte) int {
	if len(b) == 0 || b[0] != '(' {
		return 0
	}
	depth := 0
	for i, c := range b[:min(len(b), maxTarget)] {
		switch c {
		case '\n':
			return 0
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// mend cuts the two ends of a link, of which the second is at a place in line i, and makes a link of the last line of its words.
// It returns the place in line i behind which to go on.
func (m *mender) mend(o bracket, i, at, target int) int {
	m.mended = true
	end := m.lines[i]
	link := bytes.Clone(end[at : at+1+target])
	m.lines[i] = append(bytes.Clone(end[:at]), end[at+1+target:]...)
	m.lines[o.line] = append(bytes.Clone(m.lines[o.line][:o.at]), m.lines[o.line][o.at+1:]...)
	for k := i; k >= o.line; k-- {
		from, to := 0, len(m.lines[k])
		if k == i {
			to = at
		}
		if k == o.line {
			from = o.at
		}
		words := m.lines[k][from:to]
		lead := len(words) - len(bytes.TrimLeft(words, " \t>#*+-_=1234567890.)"))
		words = bytes.TrimRight(words[lead:], " \t\r\n")
		if len(words) == 0 {
			continue
		}
		if bytes.ContainsAny(words, "[]|`<") {
			break // it would not read as a link
		}
		from += lead
		rest := bytes.Clone(m.lines[k][from+len(words):])
		m.lines[k] = append(append(append(append(bytes.Clone(m.lines[k][:from]), '['), words...), link...), rest...)
		if k == i {
			return from + len(words) + len(link)
		}
		m.pull(o, k)
		break
	}
	return at - 1
}

// pull moves line k up to a mark of a list that stands alone since its link is mended: such a mark would have no text.
func (m *mender) pull(o bracket, k int) {
	mark := m.lines[o.line]
	if len(bytes.TrimLeft(mark, " \t*+-1234567890.)\r\n")) > 0 || len(bytes.TrimSpace(mark)) == 0 {
		return
	}
	for _, l := range m.lines[o.line+1 : k] {
		if len(bytes.TrimSpace(l)) > 0 {
			return
		}
	}
	m.lines[o.line] = append(bytes.Clone(mark[:o.at]), bytes.TrimLeft(m.lines[k], " \t")...)
	m.lines[k] = []byte("\n")
}
