package search

// Finding: the words of a query in the folded words of passages, and in a quote, where they are marked.

import (
	"bytes"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// A Hit is a passage that was found.
type Hit struct {
	Line     string         // language, and region, of a text that came in place of the wanted one; mostly ""
	Source   string         // "" for the policy itself, else the address of the linked page
	Span     snapshots.Span // of the passage in the text of its first version
	Runs     []Run          // numbers of the versions that hold it, oldest first
	First    Version        // the first of them
	Until    time.Time      // date of the version in which the passage was gone for good; zero if it stands
	Language string         // of the first version
}

// Standing reports whether the last version holds the passage.
func (h *Hit) Standing() bool { return h.Until.IsZero() }

// Versions is how many versions hold the passage.
func (h *Hit) Versions() int {
	n := 0
	for _, r := range h.Runs {
		n += r.Last - r.First + 1
	}
	return n
}

// Find gives the passages that a query asks for. Which service and type are asked for is the caller's.
func (p *Packed) Find(q *Query) ([]Hit, error) {
	found := p.matches(q)
	if len(found) == 0 {
		return nil, nil
	}
	x, err := p.Unpack()
	if err != nil {
		return nil, err
	}
	var out []Hit
	for _, i := range found {
		if h, ok := x.hit(i, q); ok {
			out = append(out, h)
		}
	}
	return out, nil
}

// matches are the numbers of the passages with the words of q.
func (p *Packed) matches(q *Query) []int {
	needle := q.needle()
	var out []int
	number, at := 0, 0 // of the passage in which at lies
	for {
		i := bytes.Index(p.folded[at:], needle)
		if i < 0 {
			return out
		}
		number += bytes.Count(p.folded[at:at+i], []byte{'\n'})
		start := bytes.LastIndexByte(p.folded[:at+i], '\n') + 1
		end := bytes.IndexByte(p.folded[at+i:], '\n')
		if end < 0 {
			return out
		}
		end += at + i + 1
		if q.takes(p.folded[start:end]) {
			out = append(out, number)
		}
		at = end
		number++
	}
}

// needle is what all passages that q takes hold: the longest of its phrases up to the first open end.
func (q *Query) needle() []byte {
	best := ""
	for _, ph := range q.Wanted {
		if n := ph.needle(); len(n) > len(best) {
			best = n
		}
	}
	return []byte(best)
}

func (ph Phrase) needle() string {
	s := " "
	for _, w := range ph {
		if s += w.Fold; w.Open {
			return s
		}
		s += " "
	}
	return s
}

// takes reports whether a passage, given as its folded words, holds all that is wanted and nothing that is not.
func (q *Query) takes(folded []byte) bool {
	for _, ph := range q.Wanted {
		if !ph.in(folded) {
			return false
		}
	}
	for _, ph := range q.Unwanted {
		if ph.in(folded) {
			return false
		}
	}
	return true
}

// in reports whether a passage holds the phrase.
func (ph Phrase) in(folded []byte) bool {
	needle := []byte(ph.needle())
	for {
		i := bytes.Index(folded, needle)
		if i < 0 {
			return false
		}
		if ph.at(folded[i+1:]) {
			return true
		}
		folded = folded[i+1:]
	}
}

// at reports whether folded words begin with the phrase.
func (ph Phrase) at(folded []byte) bool {
	for _, w := range ph {
		rest, ok := bytes.CutPrefix(folded, []byte(w.Fold))
		if !ok {
			return false
		}
		end := bytes.IndexByte(rest, ' ')
		if end < 0 || end > 0 && !w.Open {
			return false
		}
		folded = rest[end+1:]
	}
	return true
}

// hit is passage i; ok is false if it is none of those that q asks for.
func (x *Index) hit(i int, q *Query) (h Hit, ok bool) {
	p := &x.passages[i]
	line := &x.lines[p.line]
	last := p.runs[len(p.runs)-1].Last
	h = Hit{Line: line.Name, Source: x.sources[p.source], Span: p.span, Runs: p.runs, First: line.Versions[p.runs[0].First-1]}
	h.Language = h.First.Language
	if last < len(line.Versions) {
		h.Until = line.Versions[last].Date
	}
	return h, q.In(h.Language) && !(q.Last && !h.Standing()) && x.stood(line, p.runs, q)
}

// stood reports whether one of the runs was there at some time from q.After until q.Before.
func (x *Index) stood(line *Line, runs []Run, q *Query) bool {
	for _, r := range runs {
		from := line.Versions[r.First-1].Date
		gone := r.Last < len(line.Versions) && !q.After.IsZero() && !line.Versions[r.Last].Date.After(q.After)
		if !gone && (q.Before.IsZero() || from.Before(q.Before)) {
			return true
		}
	}
	return false
}

// Marks are the places of the wanted words in a quote, in order. alike says of a word, as dictionaries have it, that it is another form of a wanted one that
// is not exact; it may be nil.
func (q *Query) Marks(quote string, alike func(w Wanted, plain string) bool) []snapshots.Span {
	ws := Words(quote)
	marked := make([]bool, len(ws))
	for _, ph := range q.Wanted {
		for i := range ws {
			if ph.from(quote, ws[i:], alike) {
				for j := range ph {
					marked[i+j] = true
				}
			}
		}
	}
	var out []snapshots.Span
	for i, w := range ws {
		switch n := len(out); {
		case !marked[i]:
		case n > 0 && i > 0 && marked[i-1] && strings.TrimSpace(quote[out[n-1].End:w.Start]) == "": // words of a phrase are marked together
			out[n-1].End = w.End
		default:
			out = append(out, snapshots.Span{Start: w.Start, End: w.End})
		}
	}
	return out
}

// from reports whether words of a quote begin with the phrase.
func (ph Phrase) from(quote string, ws []Word, alike func(Wanted, string) bool) bool {
	if len(ws) < len(ph) {
		return false
	}
	for i, w := range ph {
		same := ws[i].Fold == w.Fold || w.Open && strings.HasPrefix(ws[i].Fold, w.Fold)
		if !same && (alike == nil || w.Exact || w.Open || !alike(w, Plain(quote[ws[i].Start:ws[i].End]))) {
			return false
		}
	}
	return true
}
