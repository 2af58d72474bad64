package report

// Comparisons as JSON. Spans point into the canonical texts; the words that changed are given too, so that
// a program can use the output without the texts.

import (
	"io"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// comparisonJSON is a comparison with quotes.
type comparisonJSON struct {
	*analyze.Comparison
	Fingerprint string            `json:"fingerprint"` // of the change, "" where nothing changed
	Changes     []changeJSON      `json:"changes"`
	LinkChanges []diff.LinkChange `json:"link_changes"`
	Counts      diff.Counts       `json:"counts"`
	Second      *Second           `json:"second_reading,omitempty"`
}

type changeJSON struct {
	diff.Change
	Section []string   `json:"section"` // headings above the change, outermost first
	Words   []editJSON `json:"words"`
}

type editJSON struct {
	diff.Edit
	Text string `json:"text,omitempty"` // inserted or deleted
}

// CompareJSON writes a comparison as one JSON object; second is what a second reader said of the new text, if one was asked.
func CompareJSON(w io.Writer, c *analyze.Comparison, second ...*Second) error {
	out := comparisonJSON{Comparison: c, Second: secondOf(second, 0), Fingerprint: c.Fingerprint(), Changes: []changeJSON{}, LinkChanges: []diff.LinkChange{}}
	if r := c.Redline; r != nil {
		out.Counts = r.Counts
		out.LinkChanges = append(out.LinkChanges, r.LinkChanges...)
		for i := range c.Changes {
			out.Changes = append(out.Changes, quoted(r, &c.Changes[i]))
		}
	}
	return JSON(w, out)
}

func quoted(r *diff.Redline, ch *diff.Change) changeJSON {
	out := changeJSON{Change: *ch, Section: section(r, ch)}
	for _, e := range ch.Words {
		x := editJSON{Edit: e}
		switch e.Op {
		case diff.Insert:
			x.Text = r.New.Quote(e.New)
		case diff.Delete:
			x.Text = r.Old.Quote(e.Old)
		}
		out.Words = append(out.Words, x)
	}
	return out
}

func section(r *diff.Redline, ch *diff.Change) []string {
	headings := func(d *snapshots.Document, blocks []int) []string {
		if len(blocks) == 0 {
			return nil
		}
		return d.Headings(blocks[0])
	}
	if s := headings(r.New, ch.NewBlocks); s != nil {
		return s
	}
	return append([]string{}, headings(r.Old, ch.OldBlocks)...)
}
