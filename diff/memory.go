// This file remembers texts, so that one that comes back is known: services serve variants side by side, and a page that
// broke is mended. It knows texts by their blocks without dates, numbers, punctuation and links.

package diff

import (
	"hash/fnv"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A Sketch is a text as a Memory keeps it: a number for each block, made of its words without numbers and months.
type Sketch struct {
	blocks []sketched // by key
	words  int
}

type sketched struct {
	key   uint64
	words int32
}

// NewSketch draws a document. Blocks without words are left out.
func NewSketch(d *snapshots.Document) *Sketch {
	s := &Sketch{blocks: make([]sketched, 0, len(d.Blocks))}
	h := fnv.New64a()
	for _, b := range d.Blocks {
		t := d.Quote(b.Span)
		h.Reset()
		n := 0
		for i := 0; ; n++ {
			w, ok := text.NextWord(t, i)
			if !ok {
				break
			}
			i = w.End
			if f := text.Fold(t[w.Start:w.End]); !isNumber(f) && !months[f] {
				_, _ = h.Write([]byte(f)) // never fails
				_, _ = h.Write([]byte{' '})
			}
		}
		if n > 0 {
			s.blocks = append(s.blocks, sketched{h.Sum64(), int32(n)})
			s.words += n
		}
	}
	slices.SortFunc(s.blocks, func(a, b sketched) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return int(a.words - b.words)
	})
	return s
}

// Distance is how many words stand in blocks that only one of two texts has.
func (s *Sketch) Distance(o *Sketch) int {
	d, i, j := 0, 0, 0
	for i < len(s.blocks) || j < len(o.blocks) {
		switch {
		case j == len(o.blocks) || i < len(s.blocks) && s.blocks[i].key < o.blocks[j].key:
			d += int(s.blocks[i].words)
			i++
		case i == len(s.blocks) || o.blocks[j].key < s.blocks[i].key:
			d += int(o.blocks[j].words)
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return d
}

// Nearest is the one of the earlier texts that a text continues rather than the one before it: at most half as far from it,
// the latest of those as near. It is -1 if there is none. Earlier texts may be nil.
func (s *Sketch) Nearest(earlier []*Sketch, before *Sketch) int {
	best, least := -1, s.Distance(before)/2
	if s.Distance(before) == 0 {
		return -1
	}
	for i, o := range earlier {
		if o == nil || abs(o.words-s.words) > least {
			continue // too far whatever its words
		}
		if d := s.Distance(o); d <= least {
			best, least = i, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// A Swap is a change of words by the hashes of what stood before and of what stands now, 0 for nothing.
type Swap [2]uint64

// Back is the swap that undoes s.
func (s Swap) Back() Swap { return Swap{s[1], s[0]} }

const maxSwaps = 40 // changes of a redline that are remembered; a text in which more changed is no variant

// Swaps are the changes of a redline that are worth a reader, block by block, each once. It is nil if there are too many.
func Swaps(r *Redline, v Verdict) []Swap {
	var out []Swap
	for i := range r.Changes {
		if i >= len(v.Each) || !v.Each[i].Alert() && v.Each[i] != Editorial {
			continue
		}
		c := &r.Changes[i]
		s := Swap{hashOf(r.Old.Text[c.Old.Start:c.Old.End]), hashOf(r.New.Text[c.New.Start:c.New.End])}
		if slices.Contains(out, s) {
			continue
		}
		if out = append(out, s); len(out) > maxSwaps {
			return nil
		}
	}
	return out
}

// hashOf numbers words whatever stands between them, 0 if there are none.
func hashOf(s string) uint64 {
	ws := folded(s)
	if len(ws) == 0 {
		return 0
	}
	h := fnv.New64a()
	for _, w := range ws {
		_, _ = h.Write([]byte(w)) // never fails
		_, _ = h.Write([]byte{' '})
	}
	return h.Sum64()
}

// Lines sorts texts into variants. from gives for each text the index of the one that it continues, -1 for the first. A text
// that continues one which another has continued before shows that both are served side by side: what came in between is a
// line of its own. The result gives the line of each text, numbered from 0 by their first texts.
func Lines(from []int) []int {
	line := make([]int, len(from))
	tip, lines := map[int]int{}, 0 // last text of each line
	for i, f := range from {
		if f < 0 || f >= i {
			line[i] = lines
			tip[lines] = i
			lines++
			continue
		}
		l := line[f]
		if tip[l] != f {
			for k := f + 1; k < i; k++ {
				if line[k] == l {
					line[k] = lines
				}
			}
			tip[lines] = tip[l]
			lines++
		}
		line[i], tip[l] = l, i
	}
	return byFirst(line)
}

// byFirst numbers lines by their first texts.
func byFirst(line []int) []int {
	number := map[int]int{}
	for i, l := range line {
		if _, ok := number[l]; !ok {
			number[l] = len(number)
		}
		line[i] = number[l]
	}
	return line
}
