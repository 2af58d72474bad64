package report

// Notes of a redline in HTML: findings, and facts that changed, beside the words that they are about.

import (
	"fmt"
	"html/template"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// A redNote is what is said beside the words.
type redNote struct {
	Number  int
	Kind    string // level of a finding that appeared, resolved, or fact
	Head    string
	Lines   []string
	Finding *finding // nil for a fact
	Says    string   // both verdicts
	After   template.HTML
	Back    string // id of the words
	old     bool
	span    snapshots.Span
	row     int
	placed  bool // its words have the id
}

// redNotes are the notes on words of the two texts.
func (v *comparisonView) redNotes(c *analyze.Comparison, o RedlineOptions) []*redNote {
	if !v.Judged {
		return nil
	}
	var out []*redNote
	add := func(f *analyze.Finding, resolved bool) {
		x := newFinding(v.Words, f)
		n := &redNote{Kind: x.Level, Head: v.T("Finding that appeared"), Finding: &x, old: resolved, span: snapshots.Span{Start: f.Start, End: f.End}}
		n.Says = v.F("%s as of %s; by the law of today: %s", x.Said, f.AsOf, word(v.Words, levelNames, f.Today))
		if len(f.Between) > 0 {
			n.Says += ". " + LawBetween(v.Words, f.Between)
		}
		if resolved {
			n.Kind, n.Head = "resolved", v.T("Finding that is resolved")
		}
		if o.After != nil {
			n.After = o.After(f, resolved)
		}
		out = append(out, n)
	}
	for i := range c.Appeared {
		add(&c.Appeared[i], false)
	}
	for i := range c.Resolved {
		add(&c.Resolved[i], true)
	}
	return append(out, v.redFacts(c)...)
}

// redFacts are the facts that changed and stand in the texts themselves; those on the same words share a note.
func (v *comparisonView) redFacts(c *analyze.Comparison) []*redNote {
	var out []*redNote
	for i := range c.FactsChanged {
		f := &c.FactsChanged[i]
		text := v.factText(c, f)
		if f.Source != "" || text == "" {
			continue
		}
		n := &redNote{Kind: "fact", Head: v.T("Fact that is new"), old: f.Op == "removed", span: snapshots.Span{Start: f.Start, End: f.End}}
		if n.old {
			n.Head = v.T("Fact that is gone")
		}
		if k := slices.IndexFunc(out, func(o *redNote) bool { return o.old == n.old && o.span == n.span }); k >= 0 {
			n = out[k]
		} else {
			out = append(out, n)
		}
		n.Lines = append(n.Lines, text)
	}
	return out
}

// place puts notes on rows and numbers them in the order in which they stand; it finds what is near a change or a note.
func (b *redliner) place(notes []*redNote) {
	for i, row := range b.r.Rows {
		for _, k := range row.Old {
			b.old.rows[k] = i
		}
		for _, k := range row.New {
			b.new.rows[k] = i
		}
	}
	b.notes, b.moves, b.leads = map[int][]*redNote{}, sentencesMoved(b.r), map[snapshots.Span]string{}
	near := map[int]bool{}
	var on []*redNote
	for _, n := range notes {
		s := b.new
		if n.old {
			s = b.old
		}
		from, to := s.overlapping(n.span)
		if n.span.Start < 0 || n.span.Len() <= 0 || from == to || len(on) == maxNotes {
			continue
		}
		n.row = s.rows[from]
		near[n.row] = true
		for k := from; k < to; k++ {
			s.marks[k] = append(s.marks[k], n)
		}
		on = append(on, n)
	}
	slices.SortStableFunc(on, func(x, y *redNote) int {
		if x.row != y.row {
			return x.row - y.row
		}
		return x.span.Start - y.span.Start
	})
	for i, n := range on {
		n.Number, n.Back = i+1, fmt.Sprintf("mark-%d", i+1)
		b.notes[n.row] = append(b.notes[n.row], n)
		b.all = append(b.all, n)
	}
	for _, l := range b.r.LinkChanges {
		b.leads[l.New.Span] = l.Old.Target
		near[b.new.rows[l.NewBlock]] = true
	}
	b.shown = context(b.r, near)
}

// sentencesMoved are the changes from and to which sentences moved, by the number that their edits share.
func sentencesMoved(r *diff.Redline) map[int][2]int {
	out := map[int][2]int{}
	for i := range r.Changes {
		for _, e := range r.Changes[i].Words {
			if e.Move != 0 {
				x := out[e.Move]
				if e.Op == diff.Delete {
					x[0] = r.Changes[i].Number
				} else {
					x[1] = r.Changes[i].Number
				}
				out[e.Move] = x
			}
		}
	}
	return out
}

// crowd is from how many notes on they stand below the words, where there is more room.
const crowd = 3

// Crowded reports whether the notes of a row stand below it.
func (r *redRow) Crowded() bool { return len(r.Notes) >= crowd }

// Crowded reports whether the notes of a table stand below it.
func (t *redTable) Crowded() bool { return len(t.Notes) >= crowd }

// Beside is the number of the note on a finding of the comparison, 0 if it has none.
func (r *Redline) Beside(f *analyze.Finding) int {
	for _, n := range r.notes {
		if n.Finding != nil && n.Finding.source == f {
			return n.Number
		}
	}
	return 0
}
