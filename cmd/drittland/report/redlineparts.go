package report

// The parts of a redline in HTML: rows, items joined to lists, cells to tables, and gaps for what is far from any change.

import (
	"fmt"

	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// A redPart is a gap, a run of items of a list, a table, or one row.
type redPart struct {
	Skip  int  // unchanged blocks left out here where only changed parts are shown; the part is a gap
	Far   bool // from any change
	List  bool
	Table *redTable
	Rows  []redRow
}

// A redRow is what stands in one row in both texts, and the notes on its words.
type redRow struct {
	ID         string // "" if nothing leads there
	Tag        string // as in block; "" for context
	Number     int    // of the change
	Prev, Next int    // numbers of the neighbours, 0 if there are none
	Kind       string
	Far        bool
	Level      int // of a heading, in aria-level
	Depth      int // of an item, from 0
	In, OldIn  redTongue
	New, Old   []redRun
	Cells      []redCell // of a row of a table, instead of New and Old
	OldCells   []redCell
	HasOld     bool // the old side is written
	Notes      []*redNote
}

// A redTongue is in which language and direction words stand.
type redTongue struct{ Lang, Dir string }

// A redliner makes the parts of a redline.
type redliner struct {
	r        *diff.Redline
	o        RedlineOptions
	old, new *redSide
	shown    []bool
	notes    map[int][]*redNote // by row
	all      []*redNote
	moves    map[int][2]int            // of sentences: from which change to which
	leads    map[snapshots.Span]string // where a link of the new text led before
	level    int                       // of the last heading
}

// keeps reports whether all of the text is written, and not only what is near a change.
func (b *redliner) keeps() bool { return b.o.All || !b.o.Fixed }

// sides reports whether the old side is written.
func (b *redliner) sides() bool { return b.o.View == SideBySide || !b.o.Fixed }

// parts puts the rows together.
func (b *redliner) parts() []redPart {
	var out []redPart
	gap := -1 // the part that counts what is far
	b.level = b.o.Level - 1
	for i := 0; i < len(b.r.Rows); {
		end := tableEnd(b.r, i)
		isTable := end > i
		if !isTable {
			end = i + 1
		}
		far := true
		for k := i; k < end; k++ {
			far = far && !b.shown[k]
		}
		switch {
		case !far:
			gap = -1
		case gap < 0 && !(b.o.Fixed && b.o.All):
			gap = len(out)
			out = append(out, redPart{})
			fallthrough
		default:
			for k := i; gap >= 0 && k < end; k++ {
				out[gap].Skip += max(len(b.r.Rows[k].New), 1)
			}
		}
		if far && !b.keeps() {
			i = end
			continue
		}
		if isTable {
			out = append(out, redPart{Far: far, Table: b.table(i, end)})
		} else {
			out = b.join(out, b.row(i), far)
		}
		i = end
	}
	return out
}

// join adds a row, an item to the list before it.
func (b *redliner) join(out []redPart, row redRow, far bool) []redPart {
	item := row.Kind == string(snapshots.Item)
	if n := len(out) - 1; item && n >= 0 && out[n].List && out[n].Far == far {
		out[n].Rows = append(out[n].Rows, row)
		return out
	}
	return append(out, redPart{Far: far, List: item, Rows: []redRow{row}})
}

// row makes row i.
func (b *redliner) row(i int) redRow {
	at := b.r.Rows[i]
	ch := b.r.Change(at.Change)
	row := b.tag(i, at, ch)
	if d, block := b.leading(at); block != nil {
		switch block.Kind {
		case snapshots.Heading:
			row.Level = min(b.o.Level+up(d, block), b.level+1, 6)
			b.level = row.Level
		case snapshots.Item:
			row.Depth = min(max(block.Level-1, 0), 8)
		}
	}
	b.old.begin(at.Old, false)
	b.new.begin(at.New, false)
	if ch != nil && ch.Op == diff.Moved && len(at.New) > 0 {
		b.old.begin(ch.OldBlocks, true)
	}
	row.In, row.OldIn = b.new.tongue(), b.old.tongue()
	if len(at.New) == 0 {
		row.In = row.OldIn
	}
	edits := b.edits(at, ch)
	row.New = b.runs(i, edits, ch)
	if b.sides() {
		row.HasOld, row.Old = true, b.oldRuns(edits, ch)
	}
	b.clipRow(&row, ch)
	row.Notes = b.notes[i]
	row.New = lateRefs(row.New, row.Notes)
	return row
}

// tag is what a row says of itself.
func (b *redliner) tag(i int, at diff.Row, ch *diff.Change) redRow {
	row := redRow{Kind: string(kind(b.r, at)), Far: !b.shown[i]}
	switch {
	case ch == nil && len(b.notes[i]) > 0:
		row.ID = fmt.Sprintf("row-%d", i)
	case ch != nil && ch.Op == diff.Moved && len(at.New) == 0:
		row.Number, row.Tag, row.ID = ch.Number, "moved away", fmt.Sprintf("away-%d", ch.Number)
	case ch != nil:
		row.Number, row.Tag, row.ID = ch.Number, opTag(ch), fmt.Sprintf("change-%d", ch.Number)
		row.Prev = ch.Number - 1
		if ch.Number < len(b.r.Changes) {
			row.Next = ch.Number + 1
		}
	}
	for _, n := range b.notes[i] {
		if n.old {
			n.Back = row.ID // the words may be hidden in one of the views
		}
	}
	return row
}

// leading is the first block of a row, and its document.
func (b *redliner) leading(at diff.Row) (*snapshots.Document, *snapshots.Block) {
	switch {
	case len(at.New) > 0:
		return b.r.New, &b.r.New.Blocks[at.New[0]]
	case len(at.Old) > 0:
		return b.r.Old, &b.r.Old.Blocks[at.Old[0]]
	}
	return nil, nil
}

// edits are the words of a row: those of its change, or all of them as they stand.
func (b *redliner) edits(at diff.Row, ch *diff.Change) []diff.Edit {
	switch {
	case ch == nil:
		return []diff.Edit{{Op: diff.Equal, Old: b.old.over(), New: b.new.over()}}
	case ch.Op == diff.Moved && len(at.New) == 0:
		return []diff.Edit{{Op: diff.Delete, Old: b.old.over()}}
	}
	return ch.Words
}

// tongueOf is a language and its direction; what is unknown is left to the browser.
func tongueOf(lang string) redTongue {
	if lang == "" || lang == "und" || len(lang) > 35 {
		return redTongue{Dir: "auto"}
	}
	for _, r := range lang {
		if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return redTongue{Dir: "auto"}
		}
	}
	if docx.RightToLeft(lang) {
		return redTongue{lang, "rtl"}
	}
	return redTongue{lang, "ltr"}
}

// up counts the headings above a block.
func up(d *snapshots.Document, block *snapshots.Block) int {
	n := 0
	for h := block.Heading; h >= 0 && h < len(d.Blocks) && n < 6; h = d.Blocks[h].Heading {
		n++
	}
	return n
}
