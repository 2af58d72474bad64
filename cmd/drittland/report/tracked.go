package report

// The redline as tracked changes: the whole of both texts as paragraphs of a Word document. Accepting all changes gives
// the new text, rejecting all the old one, block by block. Where both differ only in the kind of a space or in
// characters without width, the new text stands.
//
// Office programs are peculiar, hence:
//   - insertions and deletions never nest; a move is a deletion and an insertion by an author of its own;
//   - LibreOffice joins changes by one author within a minute, even across the end of a paragraph that stands, and then
//     loses that end when they are rejected: neighbours across such an end are two minutes apart.

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// Authors of tracked changes. Readers can filter by them.
const (
	editor = "drittland"
	mover  = "moved text"
)

// A trackSide is one of the two texts as the tracker goes through the blocks of a row.
type trackSide struct {
	doc     *snapshots.Document
	spans   []snapshots.Span // of the blocks
	anchors []anchor
	blocks  []int // of the row
	at      int   // in blocks
}

// A tracker writes a redline as paragraphs.
type tracker struct {
	d        *docx.Document
	r        *diff.Redline
	old, new trackSide
	rtl      bool
	language string // of the texts, if it is not the document's
	day      time.Time
	apart    time.Duration // added to the day: neighbours differ
	runs     []docx.Run    // of the paragraph in the making
	bookmark string        // for the next paragraph
	cells    *docx.Row     // that paragraphs go into, nil for the document
	tables   bool          // a table was written last
}

// track writes the whole redline into d, whose own words are in a language.
func track(d *docx.Document, r *diff.Redline, notes []note, language string, day time.Time) {
	t := &tracker{d: d, r: r, day: day, old: trackSide{doc: r.Old, spans: blockSpans(r.Old)}, new: trackSide{doc: r.New, spans: blockSpans(r.New)},
		rtl: docx.RightToLeft(r.New.Language)}
	if r.New.Language != language {
		t.language = r.New.Language
	}
	for _, n := range notes {
		side := &t.new
		if n.old {
			side = &t.old
		}
		if n.span.Len() > 0 && n.span.Start >= 0 && n.span.End <= len(side.doc.Text) {
			side.anchors = append(side.anchors, anchor{note: n, id: -1})
		}
	}
	for i := 0; i < len(r.Rows); i++ {
		if end := tableEnd(r, i); end > i && t.table(i, end) {
			i = end - 1
			continue
		}
		t.row(r.Rows[i])
		t.tables = false
	}
}

// blockSpans are the spans of the blocks; of one that is none in the text, an empty one.
func blockSpans(d *snapshots.Document) []snapshots.Span {
	out := make([]snapshots.Span, len(d.Blocks))
	at := 0
	for i, b := range d.Blocks {
		if s := b.Span; s.Start >= at && s.Start <= s.End && s.End <= len(d.Text) {
			out[i] = s
		} else {
			out[i] = snapshots.Span{Start: at, End: at}
		}
		at = out[i].End
	}
	return out
}

func (t *tracker) row(row diff.Row) {
	t.old.blocks, t.old.at, t.new.blocks, t.new.at = row.Old, 0, row.New, 0
	ch := t.r.Change(row.Change)
	if ch == nil {
		t.edits([]diff.Edit{{Op: diff.Equal, Old: t.old.over(), New: t.new.over()}}, false)
		return
	}
	if len(row.New) > 0 || ch.Op != diff.Moved {
		t.bookmark = changeName(ch.Number)
	}
	t.edits(ch.Words, ch.Op == diff.Moved)
}

// over is the span of all blocks of a side.
func (s *trackSide) over() snapshots.Span {
	if len(s.blocks) == 0 {
		return snapshots.Span{}
	}
	return snapshots.Span{Start: s.spans[s.blocks[0]].Start, End: s.spans[s.blocks[len(s.blocks)-1]].End}
}

// edits writes the words of a row, then its last end of a paragraph. Of a moved block, one side stands in another row.
func (t *tracker) edits(words []diff.Edit, moved bool) {
	by := func(e *diff.Edit) string {
		if e.Move != 0 || moved && e.Op == diff.Equal {
			return mover
		}
		return editor
	}
	for i := range words {
		e := &words[i]
		switch {
		case e.Op == diff.Equal && !moved:
			t.equal(e.Old, e.New)
		case e.Op != diff.Insert && len(t.old.blocks) > 0:
			t.oneSided(&t.old, docx.Deleted, by(e), e.Old)
		case e.Op != diff.Delete && len(t.new.blocks) > 0:
			t.oneSided(&t.new, docx.Inserted, by(e), e.New)
		}
	}
	for t.old.more() {
		t.end(docx.Deleted, editor)
	}
	for t.new.more() {
		t.end(docx.Inserted, editor)
	}
	author := editor
	if moved {
		author = mover
	}
	switch {
	case len(t.old.blocks) > 0 && len(t.new.blocks) > 0:
		t.end(0, "")
	case len(t.old.blocks) > 0:
		t.end(docx.Deleted, author)
	case len(t.new.blocks) > 0:
		t.end(docx.Inserted, author)
	}
}

// more reports whether the row has further blocks on this side.
func (s *trackSide) more() bool { return s.at+1 < len(s.blocks) }

// block is the span of the block at hand.
func (s *trackSide) block() snapshots.Span { return s.spans[s.blocks[s.at]] }

// oneSided writes a span that stands in one text only.
func (t *tracker) oneSided(s *trackSide, what docx.Change, author string, span snapshots.Span) {
	at := max(span.Start, s.block().Start)
	for at < span.End {
		if b := s.block(); at < b.End {
			to := min(span.End, b.End)
			t.run(s, what, author, snapshots.Span{Start: at, End: to})
			at = to
			continue
		}
		if !s.more() {
			return
		}
		t.end(what, author)
		at = max(at+1, s.block().Start)
	}
}

// equal writes what stands in both texts. Both spans read the same, but a block may end within one of them where the
// other has a space.
func (t *tracker) equal(old, new snapshots.Span) {
	i, j := max(old.Start, t.old.block().Start), max(new.Start, t.new.block().Start)
	for i < old.End || j < new.End {
		a, b := snapshots.Span{Start: i, End: min(old.End, t.old.block().End)}, snapshots.Span{Start: j, End: min(new.End, t.new.block().End)}
		n := common(t.old.doc.Quote(a), t.new.doc.Quote(b))
		if n > 0 {
			t.both(snapshots.Span{Start: i, End: i + n}, snapshots.Span{Start: j, End: j + n})
			i, j = i+n, j+n
			continue
		}
		oldEnds, newEnds := a.Len() <= 0 && i < old.End, b.Len() <= 0 && j < new.End
		if oldEnds && !t.old.more() || newEnds && !t.new.more() { // nothing but the separator of rows
			return
		}
		switch {
		case oldEnds && newEnds:
			t.end(0, "")
		case oldEnds:
			t.end(docx.Deleted, editor)
		case newEnds:
			t.end(docx.Inserted, editor)
		default:
			i, j = t.unlike(a, b)
			continue
		}
		if oldEnds {
			i = max(i+1, t.old.block().Start)
		}
		if newEnds {
			j = max(j+1, t.new.block().Start)
		}
	}
}

// unlike writes what differs at the beginning of two spans that read the same, blanks, and gives where it ends.
func (t *tracker) unlike(a, b snapshots.Span) (int, int) {
	oldBlanks, oldSpace := blanks(t.old.doc.Quote(a))
	newBlanks, newSpace := blanks(t.new.doc.Quote(b))
	if oldBlanks+newBlanks == 0 { // they do not read the same: never lose a word
		t.run(&t.old, docx.Deleted, editor, a)
		t.run(&t.new, docx.Inserted, editor, b)
		return max(a.Start, a.End), max(b.Start, b.End)
	}
	a.End, b.End = a.Start+oldBlanks, b.Start+newBlanks
	switch {
	case oldSpace && !newSpace:
		t.run(&t.old, docx.Deleted, editor, a)
	case newSpace && !oldSpace:
		t.run(&t.new, docx.Inserted, editor, b)
	case b.Len() > 0:
		t.both(a, b)
	}
	return a.End, b.End
}

// common is the length of the longest common beginning of two texts, in whole characters.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (n < len(a) && !utf8.RuneStart(a[n]) || n < len(b) && !utf8.RuneStart(b[n])) {
		n--
	}
	return n
}

// blanks is the length of the spaces and characters without width at the beginning of s, and whether there is a space.
func blanks(s string) (n int, space bool) {
	for i, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && r != '\u00ad' {
			return i, space
		}
		space = space || unicode.IsSpace(r)
	}
	return len(s), space
}

// end ends the paragraph: its end stands in both texts (0), or in one.
func (t *tracker) end(what docx.Change, author string) {
	p := docx.Paragraph{Runs: t.runs, RightToLeft: t.rtl, Bookmark: t.bookmark}
	switch {
	case len(t.new.blocks) == 0:
		p.Look = t.old.look()
	case len(t.old.blocks) == 0:
		p.Look = t.new.look()
	default:
		p.Look = t.new.look()
		if was := t.old.look(); was != p.Look {
			p.Was = &docx.Restyled{Look: was, Revision: *t.revision(0, editor)}
		}
	}
	if what != 0 {
		p.Mark = t.revision(what, author)
	}
	if t.cells != nil {
		t.cells.Cells = append(t.cells.Cells, docx.Cell{p})
	} else {
		t.d.Add(p)
	}
	t.runs, t.bookmark = nil, ""
	switch what {
	case docx.Deleted:
		t.old.next()
	case docx.Inserted:
		t.new.next()
	default:
		t.old.next()
		t.new.next()
		t.apart = 2*time.Minute - t.apart
	}
}

func (s *trackSide) next() {
	if s.more() {
		s.at++
	}
}

// look is how the block at hand looks.
func (s *trackSide) look() docx.Look {
	switch b := &s.doc.Blocks[s.blocks[s.at]]; b.Kind {
	case snapshots.Heading:
		return docx.Look{Style: docx.Heading(b.Level)}
	case snapshots.Item:
		return docx.Look{Style: docx.ListItem, List: docx.Bullets, Depth: min(max(b.Level-1, 0), 8)}
	case snapshots.Cell:
		if b.Place != nil && b.Place.Column == 0 {
			return docx.Look{Style: docx.RowStart}
		}
		return docx.Look{Style: docx.RowCell}
	}
	return docx.Look{}
}

func (t *tracker) revision(what docx.Change, author string) *docx.Revision {
	return &docx.Revision{Change: what, Author: author, Date: t.day.Add(t.apart)}
}

// run writes words of one text.
func (t *tracker) run(s *trackSide, what docx.Change, author string, span snapshots.Span) {
	t.cut(s, nil, span, snapshots.Span{}, docx.Run{Revision: t.revision(what, author)})
}

// both writes words of both texts, as the new one has them.
func (t *tracker) both(old, new snapshots.Span) {
	t.cut(&t.new, &t.old, new, old, docx.Run{})
}

// cut writes the words of s within span as runs, cut where links and comments begin or end: those on s, and those on other, whose
// words within at are the same.
func (t *tracker) cut(s, other *trackSide, span, at snapshots.Span, run docx.Run) {
	cuts := s.cuts(span, 0)
	if other != nil && at.Len() == span.Len() {
		cuts = append(cuts, other.cuts(at, span.Start-at.Start)...)
	}
	run.Language = t.language
	block := &s.doc.Blocks[s.blocks[s.at]]
	if block.Place != nil {
		run.Bold = block.Place.Header
	}
	for _, l := range block.Links {
		cuts = append(cuts, l.Span.Start, l.Span.End)
	}
	from := span.Start
	for from < span.End {
		to := span.End
		for _, c := range cuts {
			if c > from && c < to && utf8.RuneStart(s.doc.Text[c]) {
				to = c
			}
		}
		piece := run
		piece.Text = strings.ReplaceAll(s.doc.Text[from:to], "\r", "")
		for _, l := range block.Links {
			if l.Span.Contains(snapshots.Span{Start: from, End: to}) && docx.Linkable(l.Target) {
				piece.Link = l.Target
				break
			}
		}
		t.comments(&piece, s, snapshots.Span{Start: from, End: to})
		if other != nil {
			sub := at
			if at.Len() == span.Len() {
				sub = snapshots.Span{Start: from, End: to}.Shift(at.Start - span.Start)
			}
			t.comments(&piece, other, sub)
		}
		t.runs = append(t.runs, piece)
		from = to
	}
}
