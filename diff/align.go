// This file pairs two lists of texts in order: blocks of two documents, or sentences of two blocks.

package diff

import "slices"

// A bag is a text as the aligner sees it: which words it holds, how often, and what they weigh.
type bag struct {
	text   string
	kind   string // texts of one kind are rather paired than others
	whole  bool   // may not be merged or split
	counts []tally
	weight float32
	size   int // tokens
	words  int
}

type tally struct {
	id, n int32
}

// A step says that a[a0:a1] became b[b0:b1]. Sizes are 1:1, 1:0, 0:1, 2:1 and 1:2.
type step struct{ a0, a1, b0, b1 int }

// Thresholds of the alignment, measured on pairs of published policies.
const (
	pairAt    = 0.35 // likeness (Dice, weighted) from which two texts are one text rewritten
	mergeAt   = 0.60 // likeness from which two texts joined are one text
	mergeGain = 0.10 // by which the joined text must be more alike than either part
	sameKind  = 0.05
	sameText  = 0.05
	anchorAt  = 3 // tokens from which a text that is unique on both sides is an anchor

	equalsFactor = 16 // how much larger than the table a gap may be for its equal texts to be looked for
)

// align pairs a with b. Texts that are equal, unique on both sides and not tiny are anchors; between them the best
// pairing is found by dynamic programming over at most cells cells.
func (l *lexis) align(a, b []bag, cells int) []step {
	var out []step
	i, j := 0, 0
	for _, p := range anchors(a, b) {
		out = l.gap(out, a, b, step{i, p[0], j, p[1]}, cells)
		out = append(out, step{p[0], p[0] + 1, p[1], p[1] + 1})
		i, j = p[0]+1, p[1]+1
	}
	return l.gap(out, a, b, step{i, len(a), j, len(b)}, cells)
}

// anchors are pairs of equal texts that occur once on each side: the heaviest set of them that is in order.
func anchors(a, b []bag) [][2]int {
	type key struct{ kind, text string }
	type seen struct{ na, nb, i, j int }
	at := make(map[key]*seen, len(a))
	for i := range a {
		if a[i].size < anchorAt {
			continue
		}
		k := key{a[i].kind, a[i].text}
		s := at[k]
		if s == nil {
			s = &seen{i: i}
			at[k] = s
		}
		s.na++
	}
	for j := range b {
		if s := at[key{b[j].kind, b[j].text}]; s != nil {
			s.nb++
			s.j = j
		}
	}
	var pairs [][2]int
	for _, s := range at {
		if s.na == 1 && s.nb == 1 {
			pairs = append(pairs, [2]int{s.i, s.j})
		}
	}
	slices.SortFunc(pairs, func(x, y [2]int) int { return x[0] - y[0] })
	return heaviest(pairs, len(b), func(p [2]int) int { return a[p[0]].size })
}

// heaviest is the subsequence of pairs, sorted by their first member, that rises in the second and weighs most.
func heaviest(pairs [][2]int, width int, weight func([2]int) int) [][2]int {
	best := make([]int, len(pairs)) // weight of the best chain that ends here
	prev := make([]int, len(pairs))
	tree := make([]int, width+1) // Fenwick tree of 1 + the pair with the best chain that ends at or before a column
	top := -1
	for k, p := range pairs {
		prev[k] = -1
		for c := p[1]; c > 0; c -= c & -c { // columns before p[1]
			if q := tree[c] - 1; q >= 0 && (prev[k] < 0 || best[q] > best[prev[k]]) {
				prev[k] = q
			}
		}
		best[k] = weight(p)
		if prev[k] >= 0 {
			best[k] += best[prev[k]]
		}
		for c := p[1] + 1; c <= width; c += c & -c {
			if q := tree[c] - 1; q < 0 || best[k] > best[q] {
				tree[c] = k + 1
			}
		}
		if top < 0 || best[k] > best[top] {
			top = k
		}
	}
	var out [][2]int
	for ; top >= 0; top = prev[top] {
		out = append(out, pairs[top])
	}
	slices.Reverse(out)
	return out
}

// gap pairs what lies between two anchors. Equal texts at its ends are paired first.
func (l *lexis) gap(out []step, a, b []bag, g step, cells int) []step {
	same := func(i, j int) bool { return a[i].text == b[j].text && a[i].kind == b[j].kind }
	for g.a0 < g.a1 && g.b0 < g.b1 && same(g.a0, g.b0) {
		out = append(out, step{g.a0, g.a0 + 1, g.b0, g.b0 + 1})
		g.a0++
		g.b0++
	}
	tail := 0
	for g.a0 < g.a1 && g.b0 < g.b1 && same(g.a1-1, g.b1-1) {
		g.a1--
		g.b1--
		tail++
	}
	n, m := g.a1-g.a0, g.b1-g.b0
	switch {
	case n == 0 || m == 0:
		out = replaceAll(out, g)
	case n <= cells/m:
		out = l.pair(out, a, b, g, cells)
	case n/equalsFactor <= cells/m:
		out = l.gapByEquals(out, a, b, g, cells)
	default:
		out = replaceAll(out, g)
	}
	for k := range tail {
		out = append(out, step{g.a1 + k, g.a1 + k + 1, g.b1 + k, g.b1 + k + 1})
	}
	return out
}

// replaceAll removes all of a and adds all of b.
func replaceAll(out []step, g step) []step {
	for i := g.a0; i < g.a1; i++ {
		out = append(out, step{i, i + 1, g.b0, g.b0})
	}
	for j := g.b0; j < g.b1; j++ {
		out = append(out, step{g.a1, g.a1, j, j + 1})
	}
	return out
}

// gapByEquals splits a gap that is too large for the table at a longest common subsequence of equal texts.
func (l *lexis) gapByEquals(out []step, a, b []bag, g step, cells int) []step {
	ids := map[string]int32{}
	number := func(bs []bag) []int32 {
		out := make([]int32, len(bs))
		for i := range bs {
			id, ok := ids[bs[i].text]
			if !ok {
				id = int32(len(ids))
				ids[bs[i].text] = id
			}
			out[i] = id
		}
		return out
	}
	i, j := g.a0, g.b0
	small := func(g step) {
		if n, m := g.a1-g.a0, g.b1-g.b0; n > 0 && m > 0 && n <= cells/m {
			out = l.pair(out, a, b, g, cells)
		} else {
			out = replaceAll(out, g)
		}
	}
	for _, h := range hunks(number(a[g.a0:g.a1]), number(b[g.b0:g.b1]), equalsFactor*cells) {
		for i < g.a0+h.a0 {
			out = append(out, step{i, i + 1, j, j + 1})
			i++
			j++
		}
		i, j = g.a0+h.a1, g.b0+h.b1
		small(step{g.a0 + h.a0, i, g.b0 + h.b0, j})
	}
	for ; i < g.a1; i, j = i+1, j+1 {
		out = append(out, step{i, i + 1, j, j + 1})
	}
	return out
}
