// This file holds the dynamic programming that pairs texts of a gap by likeness.

package diff

// A table is the likeness of every text of a gap to every other.
type table struct {
	a, b   []bag
	shared []float32 // weight of the words that a[i] and b[j] have in common, row by row
}

// The moves of the alignment.
const (
	one2one uint8 = iota
	two2one
	one2two
	drop
	insert
)

// pair finds the pairing of the gap g with the highest score.
func (l *lexis) pair(out []step, a, b []bag, g step, cells int) []step {
	t := table{a: a[g.a0:g.a1], b: b[g.b0:g.b1]}
	if !t.fill(l, 50*cells) {
		return replaceAll(out, g)
	}
	n, m := len(t.a), len(t.b)
	from := make([]uint8, (n+1)*(m+1))
	score := [3][]float32{make([]float32, m+1), make([]float32, m+1), make([]float32, m+1)}
	for j := 1; j <= m; j++ {
		from[j] = insert
	}
	for i := 1; i <= n; i++ {
		up2, up, row := score[(i+1)%3], score[(i+2)%3], score[i%3]
		row[0] = 0
		from[i*(m+1)] = drop
		for j := 1; j <= m; j++ {
			best, how := row[j-1], insert // in a tie what was removed comes first
			if up[j] > best {
				best, how = up[j], drop
			}
			if s := t.one(i-1, j-1); s > 0 && up[j-1]+s >= best {
				best, how = up[j-1]+s, one2one
			}
			if i > 1 {
				if s := t.two(l, i-2, j-1); s > 0 && up2[j-1]+s > best {
					best, how = up2[j-1]+s, two2one
				}
			}
			if j > 1 {
				if s := t.half(l, i-1, j-2); s > 0 && up[j-2]+s > best {
					best, how = up[j-2]+s, one2two
				}
			}
			row[j], from[i*(m+1)+j] = best, how
		}
	}
	return walk(out, from, g)
}

// walk reads the path back from the end of the table.
func walk(out []step, from []uint8, g step) []step {
	begin := len(out)
	n, m := g.a1-g.a0, g.b1-g.b0
	for i, j := n, m; i > 0 || j > 0; {
		di, dj := 1, 1
		switch from[i*(m+1)+j] {
		case two2one:
			di = 2
		case one2two:
			dj = 2
		case drop:
			dj = 0
		case insert:
			di = 0
		}
		out = append(out, step{g.a0 + i - di, g.a0 + i, g.b0 + j - dj, g.b0 + j})
		i, j = i-di, j-dj
	}
	for l, r := begin, len(out)-1; l < r; l, r = l+1, r-1 {
		out[l], out[r] = out[r], out[l]
	}
	return out
}

// fill computes what texts share, word by word through an index. It gives up, and says so, beyond budget
// additions: then the texts are so alike that pairing them by words means nothing.
func (t *table) fill(l *lexis, budget int) bool {
	type posting struct{ j, n int32 }
	index := map[int32][]posting{}
	for j := range t.b {
		for _, c := range t.b[j].counts {
			index[c.id] = append(index[c.id], posting{int32(j), c.n})
		}
	}
	for i := range t.a {
		for _, c := range t.a[i].counts {
			budget -= len(index[c.id])
		}
	}
	if budget < 0 {
		return false
	}
	m := len(t.b)
	t.shared = make([]float32, len(t.a)*m)
	for i := range t.a {
		row := t.shared[i*m : (i+1)*m]
		for _, c := range t.a[i].counts {
			w := l.terms[c.id].weight
			for _, p := range index[c.id] {
				row[p.j] += w * float32(min(p.n, c.n))
			}
		}
	}
	return true
}

func dice(shared, a, b float32) float32 {
	if a+b == 0 {
		return 0
	}
	return 2 * shared / (a + b)
}

func (t *table) like(i, j int) float32 {
	return dice(t.shared[i*len(t.b)+j], t.a[i].weight, t.b[j].weight)
}

// one scores a[i] becoming b[j]; 0 if they are too unlike.
func (t *table) one(i, j int) float32 {
	a, b := &t.a[i], &t.b[j]
	s := t.like(i, j)
	if s < pairAt {
		return 0
	}
	if a.kind == b.kind {
		s += sameKind
	}
	if a.text == b.text {
		s += sameText
	}
	return (s - pairAt) * (a.weight + b.weight)
}

// two scores a[i] and a[i+1] joined becoming b[j].
func (t *table) two(l *lexis, i, j int) float32 {
	x, y, b := &t.a[i], &t.a[i+1], &t.b[j]
	if x.whole || y.whole || b.whole {
		return 0
	}
	return joined(l, x, y, b, t.shared[i*len(t.b)+j], t.shared[(i+1)*len(t.b)+j])
}

// half scores a[i] becoming b[j] and b[j+1].
func (t *table) half(l *lexis, i, j int) float32 {
	x, y, a := &t.b[j], &t.b[j+1], &t.a[i]
	if x.whole || y.whole || a.whole {
		return 0
	}
	return joined(l, x, y, a, t.shared[i*len(t.b)+j], t.shared[i*len(t.b)+j+1])
}

// joined scores x and y together becoming z, of which they share sx and sy. Both must lend words to z.
func joined(l *lexis, x, y, z *bag, sx, sy float32) float32 {
	both := x.weight + y.weight
	floor := max(mergeAt, mergeGain+max(dice(sx, x.weight, z.weight), dice(sy, y.weight, z.weight)))
	if sx == 0 || sy == 0 || dice(sx+sy, both, z.weight) < floor {
		return 0
	}
	s := dice(l.sharedBy(x.counts, y.counts, z.counts), both, z.weight)
	if s < floor {
		return 0
	}
	return (s - pairAt) * (both + z.weight)
}

// sharedBy is the weight of the words that x and y together have in common with z.
func (l *lexis) sharedBy(x, y, z []tally) (w float32) {
	i, j := 0, 0
	for _, c := range z {
		for i < len(x) && x[i].id < c.id {
			i++
		}
		for j < len(y) && y[j].id < c.id {
			j++
		}
		var n int32
		if i < len(x) && x[i].id == c.id {
			n += x[i].n
		}
		if j < len(y) && y[j].id == c.id {
			n += y[j].n
		}
		w += l.terms[c.id].weight * float32(min(n, c.n))
	}
	return w
}

// likeness is the weighted Dice coefficient of two bags, from 0 to 1.
func (l *lexis) likeness(a, b *bag) float32 {
	return dice(l.sharedBy(a.counts, nil, b.counts), a.weight, b.weight)
}
