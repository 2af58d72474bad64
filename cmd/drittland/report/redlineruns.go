package report

// The words of a redline in HTML: runs with one fate, cut into segments where a mark or a link begins or ends.

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// A redRun is a run of words with one fate.
type redRun struct {
	Op       string // equal, insert, delete, in or out
	To       int    // the change in which the other end of a moved sentence stands, 0 if it is none
	Segments []redSegment
}

// A redSegment is a piece of a run with the same marks and the same link.
type redSegment struct {
	Text   string
	Mid    bool   // shown only with all of the text
	Cut    bool   // the first of such segments
	Mark   string // level of a finding, resolved or fact; "" if no note is about it
	Was    bool   // the note is on the old text
	URL    string // of a link that may be followed
	Target string // where a link leads, behind its words
	Before string // where it led before
	Refs   []redRef
}

// A redRef leads from the words to the note on them.
type redRef struct {
	Note *redNote
	Was  bool // the note is on the old text, and the segment stands in both
	ID   bool // the note leads back here
}

// A redSide is one of the two texts while its rows are made.
type redSide struct {
	doc    *snapshots.Document
	spans  []snapshots.Span // of blocks
	rows   []int            // of blocks
	marks  [][]*redNote     // of blocks
	blocks []int            // of the row at hand
	mute   bool             // marks are not shown in this row
}

func newRedSide(d *snapshots.Document) *redSide {
	return &redSide{doc: d, spans: blockSpans(d), rows: make([]int, len(d.Blocks)), marks: make([][]*redNote, len(d.Blocks))}
}

func (s *redSide) begin(blocks []int, mute bool) { s.blocks, s.mute = blocks, mute }

// over is the span of the row.
func (s *redSide) over() snapshots.Span {
	if len(s.blocks) == 0 {
		return snapshots.Span{}
	}
	return snapshots.Span{Start: s.spans[s.blocks[0]].Start, End: s.spans[s.blocks[len(s.blocks)-1]].End}
}

// overlapping are the first block that ends behind the beginning of a span, and the one behind the last that begins before its end.
func (s *redSide) overlapping(span snapshots.Span) (int, int) {
	from := sort.Search(len(s.spans), func(i int) bool { return s.spans[i].End > span.Start })
	to := from
	for to < len(s.spans) && s.spans[to].Start < span.End {
		to++
	}
	return from, to
}

func (s *redSide) tongue() redTongue {
	if len(s.blocks) > 0 && s.doc.Blocks[s.blocks[0]].Language != "" {
		return tongueOf(s.doc.Blocks[s.blocks[0]].Language)
	}
	return tongueOf(s.doc.Language)
}

func (s *redSide) header(k int) bool {
	p := s.doc.Blocks[s.blocks[k]].Place
	return p != nil && p.Header
}

// runs are edits in one text, the deletions where they stood.
func (b *redliner) runs(row int, edits []diff.Edit, ch *diff.Change) []redRun {
	moved := ch != nil && ch.Op == diff.Moved
	var out []redRun
	for _, e := range edits {
		run := redRun{Op: string(e.Op)}
		if e.Move != 0 {
			run.To = b.moves[e.Move][1]
		}
		switch e.Op {
		case diff.Equal:
			if moved {
				run.Op = "in"
			}
			run.Segments = b.segments(row, b.new, e.New, b.old, e.Old, "\n")
		case diff.Insert:
			if e.Move != 0 {
				run.Op, run.To = "in", b.moves[e.Move][0]
			}
			run.Segments = b.segments(row, b.new, e.New, nil, e.Old, "¶\n")
		default:
			if e.Move != 0 || moved && len(b.new.blocks) == 0 {
				run.Op = "out"
			}
			run.Segments = b.segments(row, b.old, e.Old, nil, e.New, "¶ ")
		}
		if len(run.Segments) > 0 {
			out = append(out, run)
		}
	}
	return out
}

// oldRuns are edits as the old text had them.
func (b *redliner) oldRuns(edits []diff.Edit, ch *diff.Change) []redRun {
	moved := ch != nil && ch.Op == diff.Moved
	if moved && b.old.mute && !ch.Edited() {
		return nil
	}
	var out []redRun
	for _, e := range edits {
		run := redRun{Op: string(e.Op)}
		switch {
		case e.Op == diff.Insert:
			continue
		case e.Move != 0:
			run.Op, run.To = "out", b.moves[e.Move][1]
		case moved && e.Op == diff.Equal || moved && len(b.new.blocks) == 0:
			run.Op = "out"
		}
		if run.Segments = b.segments(-1, b.old, e.Old, nil, e.New, "\n"); len(run.Segments) > 0 {
			out = append(out, run)
		}
	}
	return out
}

// segments cuts a span of s where marks and links begin and end; other has the same words at, if it is not nil. Refs
// carry ids in a row, which is -1 for a copy. Ends of paragraphs are shown as brk.
func (b *redliner) segments(row int, s *redSide, span snapshots.Span, other *redSide, at snapshots.Span, brk string) []redSegment {
	if span.Len() <= 0 || span.Start < 0 || span.End > len(s.doc.Text) {
		return nil
	}
	shift := span.Start - at.Start
	same := other != nil && at.Len() == span.Len()
	marks, links := s.active(span), s.links(span)
	var was []*redNote
	cuts := []int{span.Start, span.End}
	add := func(c int) {
		if c > span.Start && c < span.End && utf8.RuneStart(s.doc.Text[c]) {
			cuts = append(cuts, c)
		}
	}
	for _, m := range marks {
		add(m.span.Start)
		add(m.span.End)
	}
	for _, l := range links {
		add(l.Span.Start)
		add(l.Span.End)
	}
	if other != nil {
		was = other.active(at)
		for _, m := range was {
			if same {
				add(m.span.Start + shift)
				add(m.span.End + shift)
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []redSegment
	for i := range len(cuts) - 1 {
		part := snapshots.Span{Start: cuts[i], End: cuts[i+1]}
		seg := redSegment{Text: visible(s.doc.Text[part.Start:part.End], brk)}
		b.mark(&seg, row, marks, part, s.over().End, s == b.old)
		if other != nil {
			old := at
			if same {
				old = part.Shift(-shift)
			}
			b.mark(&seg, row, was, old, other.over().End, true)
		}
		b.link(&seg, s, links, part)
		if seg.Text != "" || len(seg.Refs) > 0 {
			out = append(out, seg)
		}
	}
	return out
}

// active are the notes on words within a span of the row.
func (s *redSide) active(span snapshots.Span) []*redNote {
	if s.mute {
		return nil
	}
	var out []*redNote
	for _, k := range s.blocks {
		for _, n := range s.marks[k] {
			if n.span.Overlaps(span) && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

func (s *redSide) links(span snapshots.Span) []snapshots.Link {
	var out []snapshots.Link
	for _, k := range s.blocks {
		for _, l := range s.doc.Blocks[k].Links {
			if l.Span.Overlaps(span) && l.Span.Start >= 0 && l.Span.End <= len(s.doc.Text) {
				out = append(out, l)
			}
		}
	}
	return out
}

// markRank orders the kinds of notes on the same words.
var markRank = map[string]int{"": 0, "fact": 1, "resolved": 2, "note": 3, "warning": 4, "error": 5}

// mark marks a segment with the notes that are about it, and leads to those that end with it.
func (b *redliner) mark(seg *redSegment, row int, notes []*redNote, part snapshots.Span, end int, was bool) {
	for _, n := range notes {
		if !n.span.Overlaps(part) {
			continue
		}
		if markRank[n.Kind] > markRank[seg.Mark] {
			seg.Mark, seg.Was = n.Kind, was && row >= 0
		}
		if last := min(n.span.End, end); last > part.Start && last <= part.End && (row == n.row || row < 0) {
			ref := redRef{Note: n, Was: was && row >= 0}
			if row >= 0 && !n.placed {
				ref.ID, n.placed = true, true
			}
			seg.Refs = append(seg.Refs, ref)
		}
	}
}

// lateRefs leads to notes of the row whose words have no end in it.
func lateRefs(runs []redRun, notes []*redNote) []redRun {
	for _, n := range notes {
		if !n.placed {
			n.placed = true
			runs = append(runs, redRun{Op: "equal", Segments: []redSegment{{Refs: []redRef{{Note: n, ID: true}}}}})
		}
	}
	return runs
}

// link says where a segment leads. Addresses of the web may be followed, with no word to them of where the reader comes
// from; others, which could run something, are shown and lead nowhere.
func (b *redliner) link(seg *redSegment, s *redSide, links []snapshots.Link, part snapshots.Span) {
	for _, l := range links {
		if !l.Span.Contains(part) {
			continue
		}
		seg.URL = web(l.Target)
		if part.End != l.Span.End && part.End != s.over().End {
			return
		}
		seg.Target = bareTarget(l.Target)
		if before, ok := b.leads[l.Span]; ok && s == b.new {
			seg.Before = bareTarget(before)
		} else if strings.HasPrefix(l.Target, "#") || strings.Contains(Line(s.doc.Quote(l.Span)), seg.Target) {
			seg.Target = "" // it leads within the policy, or the words say it
		}
		return
	}
}

// bareTarget is an address for people.
func bareTarget(target string) string {
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if rest, ok := strings.CutPrefix(target, scheme); ok {
			return strings.TrimSuffix(shorten(rest, "", 60), "/")
		}
	}
	return shorten(target, "", 60)
}

// visible is text as it is shown: what turns the direction of a line is named, control characters are pictures, and what
// has no width goes. Marks of direction that Arabic and Hebrew texts need stay.
func visible(s, brk string) string {
	if plain(s) {
		if brk == "\n" || !strings.Contains(s, "\n") {
			return s
		}
		return strings.ReplaceAll(s, "\n", brk)
	}
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			out.WriteString(brk)
		case r == '\t':
			out.WriteString(" | ")
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			fmt.Fprintf(&out, "[%U]", r)
		case r == '\u200e', r == '\u200f', r == '\u061c', r == '\u00ad':
			out.WriteRune(r)
		case r < utf8.RuneSelf && r >= ' ' && r != 0x7f, unicode.IsLetter(r):
			out.WriteRune(r)
		default:
			out.WriteString(Printable(string(r)))
		}
	}
	return out.String()
}
