// This file finds the words that changed within a pair of texts: sentence by sentence, then cleaned up so that a
// rewritten sentence reads as one replacement.

package diff

import (
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/drittland/drittland/snapshots"
)

// A hunk says that tokens a0:a1 became b0:b1. What lies between two hunks of a list is equal.
type hunk struct{ a0, a1, b0, b1 int }

// maxWords bounds the product of the lengths of two runs that are compared word by word.
const maxWords = 4_000_000

// keepAt is the share of a sentence that must stand for its words to be compared; below, it is replaced whole.
const keepAt = 0.40

// hunks compares two sequences by the algorithm of Myers. Equal ends are trimmed; what is left is replaced
// whole if the product of the lengths is above limit.
func hunks(a, b []int32, limit int) []hunk {
	p := 0
	for p < len(a) && p < len(b) && a[p] == b[p] {
		p++
	}
	n, m := len(a), len(b)
	for n > p && m > p && a[n-1] == b[m-1] {
		n--
		m--
	}
	if p == n && p == m {
		return nil
	}
	whole := []hunk{{p, n, p, m}}
	if p == n || p == m || n-p > limit/(m-p) {
		return whole
	}
	ra, rb, ok := asRunes(a[p:n], b[p:m])
	if !ok {
		return whole
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // a limit in time would make the result depend on the machine
	var out []hunk
	i, j := p, p
	for _, d := range dmp.DiffMainRunes(ra, rb, false) {
		k := utf8.RuneCountInString(d.Text)
		if k == 0 {
			continue
		}
		if d.Type == diffmatchpatch.DiffEqual {
			i, j = i+k, j+k
			continue
		}
		if len(out) == 0 || out[len(out)-1].a1 != i || out[len(out)-1].b1 != j {
			out = append(out, hunk{i, i, j, j})
		}
		if d.Type == diffmatchpatch.DiffDelete {
			i += k
		} else {
			j += k
		}
		out[len(out)-1].a1, out[len(out)-1].b1 = i, j
	}
	return out
}

// asRunes numbers the distinct members of a and b and writes them as runes, leaving out surrogates, which do not
// survive in a string. ok is false if there are more than there are runes.
func asRunes(a, b []int32) (ra, rb []rune, ok bool) {
	ids := map[int32]rune{}
	next := rune(1)
	to := func(s []int32) []rune {
		out := make([]rune, len(s))
		for i, id := range s {
			r, seen := ids[id]
			if !seen {
				r = next
				ids[id] = r
				if next++; next == 0xd800 {
					next = 0xe000
				}
			}
			out[i] = r
		}
		return out
	}
	ra, rb = to(a), to(b)
	return ra, rb, next <= utf8.MaxRune
}

// A passage is a run of text to be compared: its tokens and where it lies.
type passage struct {
	doc    *snapshots.Document
	span   snapshots.Span
	tokens []token
}

func (p passage) text() string { return p.doc.Text[p.span.Start:p.span.End] }

// same reports whether a reader sees no difference.
func (p passage) same(q passage) bool {
	a, b := p.text(), q.text()
	return a == b || plain(a) == plain(b)
}

func (p passage) piece(from, to int) string {
	return p.doc.Text[p.tokens[from].start:p.tokens[to-1].end]
}

// edits compares two passages and spells the result out in spans.
func (c *comparison) edits(a, b passage) []Edit {
	w := wording{lex: c.lex, a: a.tokens, b: b.tokens}
	hs := c.bySentence(a, b, &w)
	if len(a.tokens) <= maxWords/max(1, len(b.tokens)) {
		if flat := w.clean(w.compare(hunk{0, len(a.tokens), 0, len(b.tokens)})); w.cost(flat) < w.cost(hs) {
			hs = flat
		}
	}
	if w.kept(hs) < keepAt {
		hs = []hunk{{0, len(a.tokens), 0, len(b.tokens)}}
	}
	if !w.faithful(hs) {
		hs = []hunk{{0, len(a.tokens), 0, len(b.tokens)}}
	}
	return spell(a, b, w.slide(hs))
}

// bySentence pairs the sentences of two passages and compares the words of each pair.
func (c *comparison) bySentence(a, b passage, w *wording) []hunk {
	sa, sb := c.sentences(a.text(), a.span.Start, a.tokens), c.sentences(b.text(), b.span.Start, b.tokens)
	var hs []hunk
	for _, st := range c.lex.align(c.sentenceBags(a, sa), c.sentenceBags(b, sb), c.opt.cells()) {
		h := hunk{a0: bound(sa, st.a0, len(a.tokens)), b0: bound(sb, st.b0, len(b.tokens))}
		h.a1, h.b1 = bound(sa, st.a1, len(a.tokens)), bound(sb, st.b1, len(b.tokens))
		if h.a0 == h.a1 || h.b0 == h.b1 {
			hs = append(hs, h)
			continue
		}
		inner := w.clean(w.compare(h))
		if w.keptIn(h, inner) < keepAt {
			inner = []hunk{h}
		}
		hs = append(hs, inner...)
	}
	return w.clean(hs)
}

// bound is the token at which sentence i begins, or the end.
func bound(s [][2]int, i, end int) int {
	if i < len(s) {
		return s[i][0]
	}
	return end
}

func (c *comparison) sentenceBags(p passage, ss [][2]int) []bag {
	out := make([]bag, len(ss))
	for i, s := range ss {
		ts := p.tokens[s[0]:s[1]]
		out[i] = c.lex.bag(ts)
		out[i].text = plain(p.piece(s[0], s[1]))
		out[i].whole = c.lex.kind(ts[0]) == lineBreak
	}
	return out
}
