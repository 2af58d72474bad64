package report

// Comments in the redline: findings, facts, moves and links, each on the words that it is about.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// maxNotes bounds the comments of one document.
const maxNotes = 1000

// A note is what a comment says, and on which words of which text.
type note struct {
	old  bool // on words of the old text
	span snapshots.Span
	says []docx.Paragraph
}

// An anchor is a note on its way into the document.
type anchor struct {
	note
	id     int // of the comment, -1 until it is opened
	closed bool
}

// cuts are the places within span at which comments begin or end, moved by shift.
func (s *trackSide) cuts(span snapshots.Span, shift int) []int {
	var out []int
	for i := range s.anchors {
		a := &s.anchors[i]
		if a.closed {
			continue
		}
		for _, c := range []int{a.span.Start, a.span.End} {
			if c > span.Start && c < span.End {
				out = append(out, c+shift)
			}
		}
	}
	return out
}

// comments opens and closes the comments of a side that begin and end with a run.
func (t *tracker) comments(run *docx.Run, s *trackSide, span snapshots.Span) {
	for i := range s.anchors {
		a := &s.anchors[i]
		if a.closed {
			continue
		}
		if a.id < 0 && a.span.Start < span.End {
			a.id = t.d.Comment(docx.Comment{Author: editor, Initials: "dl", Date: t.day, Paragraphs: a.says})
			run.Opens = append(run.Opens, a.id)
		}
		if a.id >= 0 && (a.span.End <= span.End || s.last(span)) {
			run.Closes = append(run.Closes, a.id)
			a.closed = true
		}
	}
}

// last reports whether no words of a side follow.
func (s *trackSide) last(span snapshots.Span) bool {
	for i := len(s.spans) - 1; i >= 0; i-- {
		if s.spans[i].Len() > 0 {
			return span.End >= s.spans[i].End
		}
	}
	return true
}

// notes are the comments of a comparison.
func (v *comparisonView) notes(c *analyze.Comparison) []note {
	if c.Redline == nil {
		return nil
	}
	var out []note
	if v.Judged {
		for i := range c.Appeared {
			out = append(out, v.findingNote(&c.Appeared[i], false))
		}
		for i := range c.Resolved {
			out = append(out, v.findingNote(&c.Resolved[i], true))
		}
		out = append(out, v.factNotes(c)...)
	}
	out = append(out, v.moveNotes(c.Redline)...)
	for _, l := range c.Redline.LinkChanges {
		out = append(out, note{span: l.New.Span, says: comment(v.T("Link that leads elsewhere"), v.F("now %s, before %s", Line(l.New.Target), Line(l.Old.Target)))})
	}
	out = append(out, v.Second.notes()...)
	return out[:min(len(out), maxNotes)]
}

// comment is a comment of a line in bold and others.
func comment(head string, lines ...string) []docx.Paragraph {
	out := []docx.Paragraph{{Runs: []docx.Run{{Text: head, Bold: true}}}}
	for _, l := range lines {
		if l != "" {
			out = append(out, docx.Paragraph{Runs: []docx.Run{{Text: l}}})
		}
	}
	return out
}

func (v *comparisonView) findingNote(f *analyze.Finding, resolved bool) note {
	x := newFinding(v.Words, f)
	head := v.F("Finding that appeared: %s", x.ID+" "+x.Title)
	if resolved {
		return note{old: true, span: snapshots.Span{Start: f.Start, End: f.End}, says: comment(v.F("Finding that is resolved: %s", x.ID+" "+x.Title), x.Articles)}
	}
	lookUp := ""
	if x.LookUp != "" {
		lookUp = v.T("Look up:") + " " + x.LookUp
	}
	return note{span: snapshots.Span{Start: f.Start, End: f.End}, says: comment(head, v.F("%s: %s", x.Said, x.Articles), x.Message, lookUp, x.Differs, x.Decided)}
}

// factNotes are the facts that changed and stand in the text itself; facts on the same words share a comment.
func (v *comparisonView) factNotes(c *analyze.Comparison) []note {
	var out []note
	for i := range c.FactsChanged {
		f := &c.FactsChanged[i]
		text := v.factText(c, f)
		if f.Source != "" || f.End <= f.Start || text == "" {
			continue
		}
		n := note{old: f.Op == "removed", span: snapshots.Span{Start: f.Start, End: f.End}}
		k := slices.IndexFunc(out, func(o note) bool { return o.old == n.old && o.span == n.span })
		if k < 0 {
			head := v.T("Fact that is new")
			if n.old {
				head = v.T("Fact that is gone")
			}
			n.says = comment(head)
			out = append(out, n)
			k = len(out) - 1
		}
		out[k].says = append(out[k].says, docx.Paragraph{Runs: []docx.Run{{Text: text}}})
	}
	return out
}

// factText is one fact in words, "" for what is told elsewhere.
func (v *comparisonView) factText(c *analyze.Comparison, f *analyze.FactChange) string {
	switch f.What {
	case "statement":
		return ""
	case "tool":
		return v.F("transfer tool: %s", word(v.Words, tools, f.Value))
	case "destination":
		side := &c.After
		if f.Op == "removed" {
			side = &c.Before
		}
		label, name := word(v.Words, roles, f.Role), Line(f.Value)
		if f.Role == "unspecified" {
			label = v.T("destination")
		}
		for i := range side.Destinations {
			if side.Destinations[i].Country == f.Value {
				name = country(v.Words, &side.Destinations[i])
				break
			}
		}
		return v.F("%s:", label) + " " + name
	}
	return word(v.Words, facts, f.What)
}

// A shift is a passage that moved, of one change or several side by side.
type shift struct {
	first, last *diff.Change // from these
	to          *diff.Change // to this one, if sentences moved from one change to another
	old, new    snapshots.Span
	edited      bool
}

// moveNotes say of what moved where it went and where it came from: of blocks, and of sentences within others.
func (v *comparisonView) moveNotes(r *diff.Redline) []note {
	var out []note
	for _, s := range append(movedBlocks(r), movedSentences(r)...) {
		out = append(out, v.moveNote(r, &s, true), v.moveNote(r, &s, false))
	}
	return out
}

// movedBlocks are the blocks that moved; those that stood and stand side by side are one passage.
func movedBlocks(r *diff.Redline) []shift {
	var out []shift
	for i := range r.Changes {
		ch := &r.Changes[i]
		if ch.Op != diff.Moved || len(ch.OldBlocks) == 0 || len(ch.NewBlocks) == 0 {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].last.Number == ch.Number-1 && follows(out[n].last.OldBlocks, ch.OldBlocks) && follows(out[n].last.NewBlocks, ch.NewBlocks) {
			s := &out[n]
			s.last, s.old.End, s.new.End, s.edited = ch, ch.Old.End, ch.New.End, s.edited || ch.Edited()
			continue
		}
		out = append(out, shift{first: ch, last: ch, to: ch, old: ch.Old, new: ch.New, edited: ch.Edited()})
	}
	return out
}

func follows(a, b []int) bool { return a[len(a)-1]+1 == b[0] }

// movedSentences are those that went from one changed block to another.
func movedSentences(r *diff.Redline) []shift {
	at := map[int]*shift{}
	var order []int
	for i := range r.Changes {
		ch := &r.Changes[i]
		for _, e := range ch.Words {
			if e.Move == 0 {
				continue
			}
			if at[e.Move] == nil {
				at[e.Move] = &shift{}
				order = append(order, e.Move)
			}
			if s := at[e.Move]; e.Op == diff.Delete {
				s.first, s.last, s.old = ch, ch, e.Old
			} else {
				s.to, s.new = ch, e.New
			}
		}
	}
	var out []shift
	for _, m := range order {
		if at[m].first != nil && at[m].to != nil {
			out = append(out, *at[m])
		}
	}
	return out
}

// moveNote is the note at one end of a move.
func (v *comparisonView) moveNote(r *diff.Redline, s *shift, old bool) note {
	number := v.Number(s.to.Number)
	if s.to == s.first && s.last != s.first {
		number = v.Number(s.first.Number) + "–" + v.Number(s.last.Number)
	}
	n := note{old: true, span: s.old}
	head, under := v.F("Moved away from here (change %s)", number), ""
	if at := sectionOf(r.New, s.to.NewBlocks); old && at != "" {
		under = v.F("It stands now under: %s", at)
	}
	if !old {
		n = note{span: s.new}
		head = v.F("Moved here (change %s)", number)
		if at := sectionOf(r.Old, s.first.OldBlocks); at != "" {
			under = v.F("It stood under: %s", at)
		}
	}
	edited := ""
	if s.edited {
		edited = v.T("Its words changed, too.")
	}
	n.says = comment(head, under, edited)
	return n
}

// sectionOf is the headings above the first of some blocks, outermost first.
func sectionOf(d *snapshots.Document, blocks []int) string {
	if len(blocks) == 0 {
		return ""
	}
	var out []string
	for _, h := range d.Headings(blocks[0]) {
		out = append(out, shorten(h, "", 60))
	}
	return strings.Join(out, " › ")
}

// changeName is the bookmark of a change.
func changeName(number int) string { return fmt.Sprintf("change_%d", number) }
