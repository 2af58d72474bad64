package extract

// This file collects the text of one block while it is being read: white space collapses, links and bold pieces
// are remembered, line breaks are kept until it is known what they mean.

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
)

// A run is the text between two block boundaries of the source.
type run struct {
	text   []byte           // single spaces within lines, '\n' where the source breaks a line, "\n\n" for an empty line
	links  []snapshots.Link // spans into text, in order
	bold   []snapshots.Span // spans into text, in order, only of visible characters
	space  bool             // white space was read and not yet written
	strong int              // how many bold elements are open
	flat   bool             // no empty lines: a heading or a cell is being read
	open   []openLink       // the links that are open, innermost last
}

type openLink struct {
	target string
	start  int // -1 until its first visible character
}

func (r *run) reset() {
	r.text, r.links, r.bold, r.space = r.text[:0], nil, nil, false
	for i := range r.open { // a link around several blocks goes on in the next
		r.open[i].start = -1
	}
}

// write adds visible text. Every run of white space becomes one space; control characters and byte order marks go;
// bytes that are not UTF-8 become U+FFFD.
func (r *run) write(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c > ' ' && c != 0x7f {
				j := i + 1
				for j < len(s) && (isVisible(s[j]) || s[j] == ' ' && j+1 < len(s) && isVisible(s[j+1])) {
					j++
				}
				r.put(s[i:j])
				i = j
				continue
			}
			if c == ' ' || '\t' <= c && c <= '\r' {
				r.space = true
			}
			i++
			continue
		}
		u, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case u == utf8.RuneError && n == 1:
			r.put("\ufffd")
		case unicode.IsSpace(u):
			r.space = true
		case u == '\ufeff' || unicode.IsControl(u):
		default:
			r.put(s[i : i+n])
		}
		i += n
	}
}

func isVisible(c byte) bool { return c > ' ' && c < 0x7f }

// put adds visible characters, which may have single spaces between them.
func (r *run) put(s string) {
	if r.space && len(r.text) > 0 && r.text[len(r.text)-1] != '\n' {
		r.text = append(r.text, ' ')
	}
	r.space = false
	start := len(r.text)
	for i := len(r.open) - 1; i >= 0 && r.open[i].start < 0; i-- {
		r.open[i].start = start
	}
	r.text = append(r.text, s...)
	if r.strong > 0 {
		if n := len(r.bold); n > 0 && r.bold[n-1].End >= start-1 {
			r.bold[n-1].End = len(r.text)
		} else {
			r.bold = append(r.bold, snapshots.Span{Start: start, End: len(r.text)})
		}
	}
}

// breakLine ends the line; twice in a row it leaves an empty line.
func (r *run) breakLine() {
	if r.flat {
		r.endLine()
		return
	}
	r.space = false
	if n := len(r.text); n > 0 && !(n > 1 && r.text[n-1] == '\n' && r.text[n-2] == '\n') {
		r.text = append(r.text, '\n')
	}
}

// endLine ends the line unless it has just been ended.
func (r *run) endLine() {
	r.space = false
	if n := len(r.text); n > 0 && r.text[n-1] != '\n' {
		r.text = append(r.text, '\n')
	}
}

// openLink begins a link; closeLink ends the innermost.
func (r *run) openLink(target string) { r.open = append(r.open, openLink{target, -1}) }

func (r *run) closeLink() {
	if len(r.open) == 0 {
		return
	}
	r.settle(len(r.open) - 1)
	r.open = r.open[:len(r.open)-1]
}

// settle records what the open link i covers so far.
func (r *run) settle(i int) {
	l := r.open[i]
	end := len(bytes.TrimRight(r.text, "\n"))
	if l.target == "" || l.start < 0 || l.start >= end {
		return
	}
	if n := len(r.links); n > 0 && r.links[n-1].Span.End > l.start {
		return // a link within a link: the inner one stands
	}
	r.links = append(r.links, snapshots.Link{Span: snapshots.Span{Start: l.start, End: end}, Target: l.target})
}

// isBold reports whether every visible character of s, a span of r.text, is bold.
func (r *run) isBold(s snapshots.Span) bool {
	at, seen := s.Start, false
	for _, b := range r.bold {
		if b.End <= s.Start {
			continue
		}
		if b.Start >= s.End {
			break
		}
		if len(bytes.TrimSpace(r.text[min(at, b.Start):b.Start])) > 0 {
			return false
		}
		at, seen = b.End, true
	}
	return seen && (at >= s.End || len(bytes.TrimSpace(r.text[at:s.End])) == 0)
}

// A line is one line of a run, without the white space at its ends.
type line struct {
	snapshots.Span
	after bool // an empty line stands before it
}

func (r *run) lines() []line {
	var out []line
	after := false
	for at := 0; at < len(r.text); {
		end := bytes.IndexByte(r.text[at:], '\n')
		if end < 0 {
			end = len(r.text)
		} else {
			end += at
		}
		s, e := at, end
		for s < e && r.text[s] == ' ' {
			s++
		}
		for e > s && r.text[e-1] == ' ' {
			e--
		}
		if s < e {
			out = append(out, line{snapshots.Span{Start: s, End: e}, after})
			after = false
		} else {
			after = true
		}
		at = end + 1
	}
	return out
}
