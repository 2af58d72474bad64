// This file spells word edits out as byte spans of the two texts, white space included.

package diff

import (
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// A speller writes edits one after the other; i and j are how far it has come in the two texts.
type speller struct {
	a, b *snapshots.Document
	i, j int
	out  []Edit
}

// spell turns hunks into edits that cover both passages wholly.
func spell(a, b passage, hs []hunk) []Edit {
	s := speller{a: a.doc, b: b.doc, i: a.span.Start, j: b.span.Start}
	i, j := 0, 0
	for _, h := range append(hs[:len(hs):len(hs)], hunk{len(a.tokens), len(a.tokens), len(b.tokens), len(b.tokens)}) {
		for ; i < h.a0; i, j = i+1, j+1 {
			x, y := a.tokens[i], b.tokens[j]
			s.equal(x.end-s.i, y.end-s.j)
			if sameSpace(a.doc.Text[x.end:x.next], b.doc.Text[y.end:y.next]) {
				s.equal(x.next-x.end, y.next-y.end)
			} else {
				s.change(x.next, y.next)
			}
		}
		if h.a1 > h.a0 || h.b1 > h.b0 {
			oldEnd, newEnd := s.i, s.j
			if h.a1 > h.a0 {
				oldEnd = a.tokens[h.a1-1].next
			}
			if h.b1 > h.b0 {
				newEnd = b.tokens[h.b1-1].next
			}
			s.change(oldEnd, newEnd)
		}
		i, j = h.a1, h.b1
	}
	return s.out
}

// equal carries on over n bytes of the old and m bytes of the new text, which read the same.
func (s *speller) equal(n, m int) {
	if n <= 0 && m <= 0 {
		return
	}
	if k := len(s.out); k > 0 && s.out[k-1].Op == Equal {
		s.out[k-1].Old.End += n
		s.out[k-1].New.End += m
	} else {
		s.out = append(s.out, Edit{Op: Equal, Old: snapshots.Span{Start: s.i, End: s.i + n}, New: snapshots.Span{Start: s.j, End: s.j + m}})
	}
	s.i, s.j = s.i+n, s.j+m
}

// sameSpace reports whether two runs of white space read the same: both part words, or neither does.
func sameSpace(a, b string) bool { return plain(a) == plain(b) }

// change replaces what lies up to oldEnd by what lies up to newEnd, together with a change just before it. White
// space that both have at their ends stands.
func (s *speller) change(oldEnd, newEnd int) {
	i, j := s.i, s.j
	for k := len(s.out); k > 0 && s.out[k-1].Op != Equal; k-- {
		i, j = s.out[k-1].Old.Start, s.out[k-1].New.Start
		s.out = s.out[:k-1]
	}
	s.i, s.j = i, j
	was, is := s.a.Text[i:oldEnd], s.b.Text[j:newEnd]
	head := commonSpace(was, is)
	s.equal(head, head)
	was, is = was[head:], is[head:]
	p, q := strings.TrimRightFunc(was, isSpace), strings.TrimRightFunc(is, isSpace)
	if p == "" || q == "" || !sameSpace(was[len(p):], is[len(q):]) {
		p, q = was, is
	}
	tail := len(was) - len(p)
	if n := len(p); n > 0 {
		s.out = append(s.out, Edit{Op: Delete, Old: snapshots.Span{Start: s.i, End: s.i + n}, New: snapshots.Span{Start: s.j, End: s.j}})
		s.i += n
	}
	if n := len(q); n > 0 {
		s.out = append(s.out, Edit{Op: Insert, Old: snapshots.Span{Start: s.i, End: s.i}, New: snapshots.Span{Start: s.j, End: s.j + n}})
		s.j += n
	}
	s.equal(tail, len(is)-len(q))
}

func isSpace(r rune) bool { return r != '\n' && isBlank(r) }

// commonSpace is the length of the white space with which both begin.
func commonSpace(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] && (a[n] == ' ' || a[n] == '\t') {
		n++
	}
	return n
}
