package llm

// Passages: which stretches of the document are put to the model.

import (
	"cmp"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// passage is a Passage with its words.
type passage struct {
	Passage
	language string
	headings []string // above it, outermost first
	text     string
	score    int
}

// Limits of the headings that go with a passage.
const (
	maxHeadings = 6
	maxHeading  = 300 // bytes
)

// sampleTokens bounds a passage of the sample: several places of a text are worth more than one long stretch.
const sampleTokens = 200

// A chooser picks passages of one document.
type chooser struct {
	*scorer
	list   []piece
	limits Limits
}

func newChooser(set *rules.Set, f *analyze.Facts, rep *analyze.Report, l Limits) *chooser {
	s := newScorer(set, f.Document, rep.AsOf)
	return &chooser{s, s.pieces(f, l.PassageTokens), l}
}

// passage makes one of the pieces from first to last.
func (c *chooser) passage(first, last int) passage {
	span := snapshots.Span{Start: c.list[first].span.Start, End: c.list[last].span.End}
	block := c.list[first].block
	p := passage{Passage: Passage{Span: span}, language: c.language(block), text: c.doc.Quote(span)}
	p.headings = c.doc.Headings(block)
	p.headings = p.headings[max(0, len(p.headings)-maxHeadings):]
	for i, h := range p.headings {
		p.headings[i] = clip(h, maxHeading)
	}
	for i := first; i <= last; i++ {
		p.score = max(p.score, c.list[i].score)
	}
	b, err := snapshots.Encode(struct {
		Language string
		Headings []string
		Text     string
	}{p.language, p.headings, p.text})
	if err != nil {
		b = []byte(p.text) // strings always encode
	}
	p.Hash = snapshots.HashOf(b)
	return p
}

// read picks the passages of the first job, in text order, and those among them that are a sample. left are the
// passages beyond the limit.
func (c *chooser) read() (out []passage, sample map[snapshots.Hash]bool, left int) {
	keep := make([]bool, len(c.list))
	for i := range c.list {
		if c.list[i].score < wanted {
			continue
		}
		keep[i] = true
		for j := max(0, i-1); c.list[i].strong && j <= min(i+1, len(c.list)-1); j++ { // a neighbour says who and what for
			keep[j] = keep[j] || c.list[j].section == c.list[i].section
		}
	}
	c.fill(keep)
	chosen, rest := unique(c.group(keep, true, c.limits.PassageTokens)), unique(c.group(keep, false, min(c.limits.PassageTokens, sampleTokens)))
	known := map[snapshots.Hash]bool{}
	for _, p := range chosen {
		known[p.Hash] = true
	}
	rest = slices.DeleteFunc(rest, func(p passage) bool { return known[p.Hash] })
	slices.SortFunc(rest, func(a, b passage) int { return cmp.Compare(a.Hash, b.Hash) })
	rest = rest[:min(len(rest), c.limits.Sample, c.limits.Passages)]
	if most := c.limits.Passages - len(rest); len(chosen) > most {
		slices.SortStableFunc(chosen, func(a, b passage) int { return b.score - a.score })
		left = len(chosen) - most
		chosen = chosen[:most]
	}
	sample = map[snapshots.Hash]bool{}
	for _, p := range rest {
		sample[p.Hash] = true
	}
	out = append(chosen, rest...)
	slices.SortFunc(out, func(a, b passage) int { return a.Span.Start - b.Span.Start })
	return out, sample, left
}

// gapTokens is the longest stretch between two that are kept which is kept with them. Each question has instructions of a
// thousand tokens: to send a few words more in one question costs less than to ask twice.
const gapTokens = 80

// fill keeps short stretches between those that are kept.
func (c *chooser) fill(keep []bool) {
	last, between := -1, 0
	for i := range keep {
		if !keep[i] {
			between += c.list[i].tokens
			continue
		}
		for j := last + 1; last >= 0 && between <= gapTokens && j < i; j++ {
			keep[j] = true
		}
		last, between = i, 0
	}
}

// group joins neighbouring pieces that are kept, across sections, or neighbours in a section that are not, into passages of at
// most so many tokens, or of one piece.
func (c *chooser) group(keep []bool, which bool, most int) []passage {
	var out []passage
	for first := 0; first < len(c.list); {
		if keep[first] != which {
			first++
			continue
		}
		last, tokens := first, c.list[first].tokens
		for last+1 < len(c.list) && keep[last+1] == which && (which || c.list[last+1].section == c.list[first].section) && tokens+c.list[last+1].tokens <= most {
			last++
			tokens += c.list[last].tokens
		}
		out = append(out, c.passage(first, last))
		first = last + 1
	}
	return out
}

// unique keeps the first of passages with the same words below the same headings.
func unique(list []passage) []passage {
	seen := map[snapshots.Hash]bool{}
	return slices.DeleteFunc(list, func(p passage) bool {
		was := seen[p.Hash]
		seen[p.Hash] = true
		return was
	})
}

// around is the passage of a finding: the pieces of its words and as much of their section as fits.
func (c *chooser) around(span snapshots.Span) (passage, bool) {
	hit := overlapping(c.list, span)
	if len(hit) == 0 {
		return passage{}, false
	}
	return c.grown(hit[0], hit[len(hit)-1]), true
}

// grown widens a run of pieces, or narrows it where it is too long, to what fits into a passage.
func (c *chooser) grown(first, last int) passage {
	tokens := 0
	for i := first; i <= last; i++ {
		if tokens += c.list[i].tokens; tokens > c.limits.PassageTokens && i > first {
			return c.passage(first, i-1)
		}
	}
	section := c.list[first].section
	for grew := true; grew; {
		grew = false
		if i := first - 1; i >= 0 && c.list[i].section == section && tokens+c.list[i].tokens <= c.limits.PassageTokens {
			first, tokens, grew = i, tokens+c.list[i].tokens, true
		}
		if i := last + 1; i < len(c.list) && c.list[i].section == section && tokens+c.list[i].tokens <= c.limits.PassageTokens {
			last, tokens, grew = i, tokens+c.list[i].tokens, true
		}
	}
	return c.passage(first, last)
}

// expected is the passage where what a check did not find would stand: around the piece with the most words for it.
func (c *chooser) expected(check *rules.Check) (passage, bool) {
	looked := c.lookedFor(&check.When, false)
	best, at := 0, -1
	for i := range c.list {
		score := c.list[i].score
		if len(looked) > 0 {
			score = 0
			for concept := range looked {
				if c.list[i].concepts[concept] {
					score++
				}
			}
		}
		if score > best {
			best, at = score, i
		}
	}
	if at < 0 {
		return passage{}, false
	}
	return c.grown(at, at), true
}

// lookedFor are the concepts behind the items of a notice that a condition asks not to be there.
func (c *chooser) lookedFor(w *rules.Condition, not bool) map[rules.Concept]bool {
	out := map[rules.Concept]bool{}
	add := func(w *rules.Condition, not bool) {
		for k := range c.lookedFor(w, not) {
			out[k] = true
		}
	}
	for i := range w.All {
		add(&w.All[i], not)
	}
	for i := range w.Any {
		add(&w.Any[i], not)
	}
	for i := range w.With {
		add(&w.With[i], not)
	}
	for i := range w.Without {
		add(&w.Without[i], !not)
	}
	if w.Not != nil {
		add(w.Not, !not)
	}
	if !not || w.Fact != analyze.FactItem {
		return out
	}
	for i := range c.set.Items {
		if it := &c.set.Items[i]; slices.Contains(w.Where["id"], it.ID) {
			for _, e := range it.Evidence {
				for _, name := range slices.Concat(e.All, e.Any, e.Under) {
					if slices.ContainsFunc(c.set.Concepts, func(x rules.ConceptInfo) bool { return x.Name == name }) {
						out[c.set.Concept(name)] = true
					}
				}
			}
		}
	}
	return out
}

// clip is the beginning of s, at most n bytes, whole characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
