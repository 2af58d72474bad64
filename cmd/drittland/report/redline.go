package report

// The redline: blocks that changed with their words, the headings above them and a little of what stands
// beside them; everything else is left out and counted.

import (
	"strings"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// How much of unchanged text is shown.
const (
	contextRunes = 120 // of a block beside a change
	keepWords    = 60  // longest run of equal words shown whole; of longer ones both ends are shown
	endWords     = 20
)

// A block is one block of the redline, or a gap of Skipped unchanged blocks.
type block struct {
	Kind    string // heading, paragraph, item or cell
	Number  int    // of the change, 0 for context
	Tag     string // added, removed, changed, moved here, moved away; "" for context
	Pieces  []piece
	Skipped int
}

// A piece is a run of words. Op is equal, insert, delete, in (moved here) or out (moved away).
type piece struct{ Op, Text string }

func redline(r *diff.Redline) []block {
	shown := context(r, nil)
	var out []block
	skipped := 0
	gap := func() {
		if skipped > 0 {
			out = append(out, block{Skipped: skipped})
		}
		skipped = 0
	}
	for i, row := range r.Rows {
		if !shown[i] {
			skipped += max(len(row.New), 1)
			continue
		}
		gap()
		out = append(out, newBlock(r, row))
	}
	if len(out) > 0 {
		gap()
	}
	return out
}

// context marks the rows to show: those that changed and those that also has, the headings above them and their neighbours.
func context(r *diff.Redline, also map[int]bool) []bool {
	shown := make([]bool, len(r.Rows))
	oldRow, newRow := map[int]int{}, map[int]int{}
	for i, row := range r.Rows {
		for _, b := range row.Old {
			oldRow[b] = i
		}
		for _, b := range row.New {
			newRow[b] = i
		}
	}
	up := func(d *snapshots.Document, rows map[int]int, b int) {
		for h := d.Blocks[b].Heading; h >= 0; h = d.Blocks[h].Heading {
			if i, ok := rows[h]; ok {
				shown[i] = true
			}
		}
	}
	for i, row := range r.Rows {
		if row.Change == 0 && !also[i] {
			continue
		}
		shown[i] = true
		if len(row.New) > 0 {
			up(r.New, newRow, row.New[0])
		} else if len(row.Old) > 0 {
			up(r.Old, oldRow, row.Old[0])
		}
		for _, n := range []int{i - 1, i + 1} {
			if row.Change != 0 && n >= 0 && n < len(r.Rows) && r.Rows[n].Change == 0 && kind(r, r.Rows[n]) != snapshots.Heading {
				shown[n] = true
			}
		}
	}
	return shown
}

func kind(r *diff.Redline, row diff.Row) snapshots.Kind {
	if len(row.New) > 0 {
		return r.New.Blocks[row.New[0]].Kind
	}
	if len(row.Old) > 0 {
		return r.Old.Blocks[row.Old[0]].Kind
	}
	return snapshots.Paragraph
}

func newBlock(r *diff.Redline, row diff.Row) block {
	b := block{Kind: string(kind(r, row))}
	ch := r.Change(row.Change)
	if ch == nil {
		text := ""
		if len(row.New) > 0 {
			text = r.New.Quote(over(r.New, row.New))
		}
		b.Pieces = []piece{{"equal", shorten(pieceText(text), "", contextRunes)}}
		return b
	}
	b.Number = ch.Number
	switch {
	case ch.Op == diff.Moved && len(row.New) == 0:
		b.Tag = "moved away"
		b.Pieces = []piece{{"out", shorten(pieceText(r.Old.Quote(ch.Old)), "", contextRunes)}}
		return b
	case ch.Op == diff.Moved:
		b.Tag = "moved here"
	case ch.Op == diff.Rewritten:
		b.Tag = "changed"
	default:
		b.Tag = string(ch.Op)
	}
	b.Pieces = pieces(r, ch)
	return b
}

// over is the span from the first to the last of some blocks.
func over(d *snapshots.Document, blocks []int) snapshots.Span {
	return snapshots.Span{Start: d.Blocks[blocks[0]].Span.Start, End: d.Blocks[blocks[len(blocks)-1]].Span.End}
}

func pieces(r *diff.Redline, ch *diff.Change) []piece {
	var out []piece
	add := func(op, text string) {
		if text != "" {
			out = append(out, piece{op, text})
		}
	}
	equal := "equal"
	if ch.Op == diff.Moved {
		equal = "in"
	}
	for _, e := range ch.Words {
		switch {
		case e.Op == diff.Equal:
			add(equal, clip(pieceText(r.New.Quote(e.New))))
		case e.Op == diff.Insert && e.Move != 0:
			add("in", pieceText(r.New.Quote(e.New)))
		case e.Op == diff.Insert:
			add("insert", pieceText(r.New.Quote(e.New)))
		case e.Move != 0:
			add("out", pieceText(r.Old.Quote(e.Old)))
		default:
			add("delete", pieceText(r.Old.Quote(e.Old)))
		}
	}
	return out
}

var ends = strings.NewReplacer("\t", " | ", "\n", " ¶ ")

// pieceText is the text of a run: printable, with signs for the ends of cells and paragraphs.
func pieceText(s string) string {
	return Printable(ends.Replace(s))
}

// clip leaves out the middle of a long run of words.
func clip(s string) string {
	f := strings.Fields(s)
	if len(f) <= keepWords {
		return s
	}
	head, tail := strings.Join(f[:endWords], " "), strings.Join(f[len(f)-endWords:], " ")
	if strings.HasPrefix(s, " ") {
		head = " " + head
	}
	if strings.HasSuffix(s, " ") {
		tail += " "
	}
	return head + " … " + tail
}
