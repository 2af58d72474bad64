// This file cleans up word edits: it dissolves small unchanged islands, weighs what is left, and slides lone edits to
// where a reader would put them.

package diff

// A wording is two runs of tokens that are compared.
type wording struct {
	lex  *lexis
	a, b []token
}

// compare finds the hunks within h, word by word.
func (w *wording) compare(h hunk) []hunk {
	ids := func(ts []token) []int32 {
		out := make([]int32, len(ts))
		for i, t := range ts {
			out[i] = t.id
		}
		return out
	}
	hs := hunks(ids(w.a[h.a0:h.a1]), ids(w.b[h.b0:h.b1]), maxWords)
	for i := range hs {
		hs[i] = hunk{hs[i].a0 + h.a0, hs[i].a1 + h.a0, hs[i].b0 + h.b0, hs[i].b1 + h.b0}
	}
	return hs
}

func (w *wording) weight(h hunk) float32 {
	return w.lex.weightOf(w.a[h.a0:h.a1]) + w.lex.weightOf(w.b[h.b0:h.b1])
}

// clean joins hunks that touch, and hunks with so little unchanged between them that a reader would rather see
// one replacement. A line break between them is never dissolved.
func (w *wording) clean(hs []hunk) []hunk {
	var out []hunk
	var weights []float32
	for _, h := range hs {
		out, weights = append(out, h), append(weights, w.weight(h))
		for len(out) > 1 {
			n := len(out)
			x, y := out[n-2], out[n-1]
			island := w.a[x.a1:y.a0]
			if !w.dissolves(island, weights[n-2], weights[n-1]) {
				break
			}
			both := weights[n-2] + weights[n-1] + 2*w.lex.weightOf(island)
			out, weights = append(out[:n-2], hunk{x.a0, y.a1, x.b0, y.b1}), append(weights[:n-2], both)
		}
	}
	return out
}

func (w *wording) dissolves(island []token, left, right float32) bool {
	var v float32
	for _, t := range island {
		if v += w.lex.terms[t.id].weight; v > 3 || w.lex.kind(t) == lineBreak {
			return false
		}
	}
	return len(island) == 0 || v <= 1 && max(left, right) >= 2 || v <= 3 && v <= left && v <= right
}

// kept is the share of the two runs, by weight, that no hunk touches.
func (w *wording) kept(hs []hunk) float32 {
	return w.keptIn(hunk{0, len(w.a), 0, len(w.b)}, hs)
}

func (w *wording) keptIn(all hunk, hs []hunk) float32 {
	total, changed := w.weight(all), float32(0)
	for _, h := range hs {
		changed += w.weight(h)
	}
	if total == 0 {
		return 1
	}
	return 1 - changed/total
}

// cost is what a list of hunks asks of a reader: the weight of the words that change, and a toll for each hunk.
func (w *wording) cost(hs []hunk) float32 {
	c := 1.5 * float32(len(hs))
	for _, h := range hs {
		c += w.weight(h)
	}
	return c
}

// slide moves each lone insertion or deletion, among the places that give the same result, to the best boundary:
// the end of a sentence, of a clause, of a word.
func (w *wording) slide(hs []hunk) []hunk {
	for i := range hs {
		h := hs[i]
		run, from, to := w.b, h.b0, h.b1
		switch {
		case h.a0 == h.a1:
		case h.b0 == h.b1:
			run, from, to = w.a, h.a0, h.a1
		default:
			continue
		}
		room := h.a0
		if i > 0 {
			room -= hs[i-1].a1
		}
		left := 0
		for left < room && run[from-left-1].id == run[to-left-1].id {
			left++
		}
		room = len(w.a) - h.a1
		if i+1 < len(hs) {
			room = hs[i+1].a0 - h.a1
		}
		right := 0
		for right < room && run[from+right].id == run[to+right].id {
			right++
		}
		best, shift := -1, 0
		for d := -left; d <= right; d++ {
			score := 10 * w.boundary(run, from+d)
			if d == 0 {
				score += 5
			}
			if score > best {
				best, shift = score, d
			}
		}
		hs[i] = hunk{h.a0 + shift, h.a1 + shift, h.b0 + shift, h.b1 + shift}
	}
	return hs
}

// boundary says how good a place before token i is for an edit to begin.
func (w *wording) boundary(run []token, i int) int {
	if i == 0 {
		return 4
	}
	switch w.lex.text(run[i-1]) {
	case "\n":
		return 5
	case ".", "?", "!":
		return 4
	case ":", ";":
		return 3
	case ",", ")":
		return 2
	case "(", "“", "\"", "'":
		return 0
	}
	return 1
}

// faithful reports whether hs is in order and what lies between the hunks is equal.
func (w *wording) faithful(hs []hunk) bool {
	i, j := 0, 0
	for _, h := range append(hs[:len(hs):len(hs)], hunk{len(w.a), len(w.a), len(w.b), len(w.b)}) {
		if h.a0 < i || h.a0-i != h.b0-j || h.a1 < h.a0 || h.b1 < h.b0 || h.a1 > len(w.a) || h.b1 > len(w.b) {
			return false
		}
		for ; i < h.a0; i, j = i+1, j+1 {
			if w.a[i].id != w.b[j].id {
				return false
			}
		}
		i, j = h.a1, h.b1
	}
	return true
}
