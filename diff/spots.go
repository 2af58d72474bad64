// This file cuts a redline into spots, the places that are judged one by one.

package diff

import (
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A spot is one place that changed: a sentence that came or went, or words that became other words.
type spot struct {
	change   int    // index of the change
	was, is  string // one of them may be empty
	oldBlock int    // where was stands; -1 if nowhere
	newBlock int
	whole    bool   // the whole block came or went
	around   string // the new sentence around the words, or the old one
	opens    bool   // stands at the beginning of its block
	full     bool   // is a whole sentence or more
	relisted bool   // an item that moved to a list that says something else
	after    string // the equal words that follow in the block
}

func (s *spot) words() int { return len(text.Words(s.was)) + len(text.Words(s.is)) }

func (s *spot) quote() string {
	was, is := "“"+clip(s.was)+"”", "“"+clip(s.is)+"”"
	switch {
	case strings.TrimSpace(s.was) == "":
		return "new is " + is
	case strings.TrimSpace(s.is) == "":
		return "gone is " + was
	}
	return was + " became " + is
}

// A judge knows both documents.
type judge struct {
	r        *Redline
	old, new *scene
	reflowed bool // most of both texts stands in other blocks than before: a few words are enough to be known
	dates    int  // dates that changed, in blocks that did not come with a whole new text

	same          map[int]bool // numbers of moved sentences whose words are the same
	lastBlock     int          // whose sentences were cut last
	lastSentences []text.Word

	came, gone int // words of sentences that stand nowhere on the other side; counted as spots are judged
}

func newJudge(r *Redline) *judge {
	ids := map[string]int32{}
	j := &judge{r: r, old: newScene(r.Old, ids), new: newScene(r.New, ids), same: map[int]bool{}}
	gone, come := map[int]string{}, map[int]string{}
	for _, c := range r.Changes {
		for _, e := range c.Words {
			if e.Move != 0 && e.Op == Delete {
				gone[e.Move] = r.Old.Quote(e.Old)
			} else if e.Move != 0 {
				come[e.Move] = r.New.Quote(e.New)
			}
		}
		for _, b := range c.NewBlocks {
			j.new.facts[b].fresh = c.Op == Added
		}
		for _, b := range c.OldBlocks {
			j.old.facts[b].fresh = c.Op == Removed
		}
	}
	for n := range gone {
		j.same[n] = slices.Equal(folded(gone[n]), folded(come[n]))
	}
	return j
}

// spots are the places that changed, in order. What only moved is none.
func (j *judge) spots() []spot {
	var out []spot
	for i := range j.r.Changes {
		c := &j.r.Changes[i]
		switch c.Op {
		case Added:
			for _, b := range c.NewBlocks {
				out = append(out, j.sentencesOf(i, j.new, b)...)
			}
		case Removed:
			for _, b := range c.OldBlocks {
				out = append(out, j.sentencesOf(i, j.old, b)...)
			}
		default:
			if c.Op == Moved && j.relisted(c) {
				t := j.r.New.Quote(c.New)
				out = append(out, spot{change: i, was: t, is: t, oldBlock: c.OldBlocks[0], newBlock: c.NewBlocks[0], relisted: true})
			}
			out = append(out, j.spotsWithin(i, c)...)
		}
	}
	return out
}

// relisted reports whether an item moved from one list to another, such as from what is collected to what is not.
func (j *judge) relisted(c *Change) bool {
	a, b := j.old.facts[c.OldBlocks[0]].intro, j.new.facts[c.NewBlocks[0]].intro
	if a < 0 || b < 0 {
		return a != b && j.r.Old.Blocks[c.OldBlocks[0]].Kind == snapshots.Item
	}
	return !slices.Equal(folded(j.old.text(a)), folded(j.new.text(b)))
}

// sentencesOf makes a spot of each sentence of a block that came or went.
func (j *judge) sentencesOf(change int, sc *scene, block int) []spot {
	t := sc.doc.Quote(sc.doc.Blocks[block].Span)
	var out []spot
	for k, w := range text.Sentences(t, nil) {
		s := spot{change: change, oldBlock: -1, newBlock: -1, whole: true, full: true, around: t[w.Start:w.End], opens: k == 0}
		if sc == j.new {
			s.is, s.newBlock = t[w.Start:w.End], block
		} else {
			s.was, s.oldBlock = t[w.Start:w.End], block
		}
		out = append(out, s)
	}
	return out
}

// spotsWithin makes a spot of each run of edits of a rewritten block. A run that only adds or only takes away
// several sentences is one spot for each.
func (j *judge) spotsWithin(change int, c *Change) []spot {
	var out []spot
	before := ""
	for k := 0; k < len(c.Words); k++ {
		if c.Words[k].Op == Equal {
			before = j.r.New.Quote(c.Words[k].New)
			continue
		}
		s := spot{change: change, oldBlock: -1, newBlock: -1, opens: k == 0}
		moved := true
		at := c.Words[k]
		for ; k < len(c.Words) && c.Words[k].Op != Equal; k++ {
			e := c.Words[k]
			moved = moved && j.same[e.Move]
			if e.Op == Delete {
				s.was += j.r.Old.Quote(e.Old)
			} else {
				s.is += j.r.New.Quote(e.New)
			}
		}
		if moved {
			continue
		}
		s.oldBlock = blockAt(j.r.Old, c.OldBlocks, at.Old.Start)
		s.newBlock = blockAt(j.r.New, c.NewBlocks, at.New.Start)
		s.around = j.sentenceAt(s.newBlock, at.New.Start)
		if k < len(c.Words) {
			s.after = j.r.New.Quote(c.Words[k].New)
		}
		s.full = ends(s.was+s.is) && (s.opens || ends(before))
		before = s.after
		out = append(out, split(s)...)
	}
	return out
}

func split(s spot) []spot {
	if s.was != "" && s.is != "" {
		return []spot{s}
	}
	ws := text.Sentences(s.was+s.is, nil)
	if len(ws) < 2 {
		return []spot{s}
	}
	out := make([]spot, len(ws))
	for i, w := range ws {
		out[i] = s
		piece := (s.was + s.is)[w.Start:w.End]
		if s.was != "" {
			out[i].was = piece
		} else {
			out[i].is = piece
		}
		out[i].around, out[i].full = piece, true
	}
	return out
}

// blockAt is the block among blocks that holds position at, else the last that begins before it.
func blockAt(d *snapshots.Document, blocks []int, at int) int {
	found := -1
	for _, b := range blocks {
		if found < 0 || d.Blocks[b].Span.Start <= at {
			found = b
		}
	}
	return found
}

// aroundBytes is the length of a sentence beyond which it cannot be a notice of update.
const aroundBytes = 2000

// sentenceAt is the sentence of the new text that holds position at.
func (j *judge) sentenceAt(block, at int) string {
	s := j.r.New.Blocks[block].Span
	t := j.r.New.Quote(s)
	if block != j.lastBlock || j.lastSentences == nil {
		j.lastBlock, j.lastSentences = block, text.Sentences(t, nil)
	}
	ws := j.lastSentences
	k := sort.Search(len(ws), func(k int) bool { return at-s.Start <= ws[k].End })
	if k == len(ws) {
		return clipBytes(t)
	}
	return clipBytes(t[ws[k].Start:ws[k].End])
}

func clipBytes(s string) string {
	if len(s) > aroundBytes {
		return strings.ToValidUTF8(s[:aroundBytes], "")
	}
	return s
}

// folded are the words of s in the form in which words are compared.
func folded(s string) []string {
	ws := text.Words(s)
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = text.Fold(s[w.Start:w.End])
	}
	return out
}

// ends reports whether s ends like a sentence.
func ends(s string) bool {
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Pe, unicode.Pf) || r == '"' })
	for _, e := range []string{".", "!", "?", ";", "。", "！", "？", "…"} {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}
