package report

// What of a row of a redline in HTML is shown only with all of the text: the middle of long runs that stand. Words with a
// note on them are always shown.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/diff"
)

// clipRow marks the middles of a row's runs.
func (b *redliner) clipRow(row *redRow, ch *diff.Change) {
	if b.o.Fixed && b.o.All {
		return
	}
	for _, runs := range []*[]redRun{&row.New, &row.Old} {
		switch {
		case row.Far:
		case ch == nil || row.Tag == "moved away":
			clipEnd(*runs)
		default:
			clipMiddles(*runs)
		}
		cutSigns(*runs)
		if !b.keeps() {
			forget(*runs)
		}
	}
}

// clipEnd leaves out what follows the first runes of a row.
func clipEnd(runs []redRun) {
	left := contextRunes
	for i := range runs {
		var out []redSegment
		for _, s := range runs[i].Segments {
			n := utf8.RuneCountInString(s.Text)
			if s.Mark != "" || n <= left+left/10 {
				left = max(left-n, 0)
				out = append(out, s)
				continue
			}
			at := beforeSpace(s.Text, left)
			left = 0
			out = append(out, cutAt(s, at, len(s.Text))...)
		}
		runs[i].Segments = out
	}
}

// beforeSpace is the place of the last space within the first n runes, of rune n if there is none near.
func beforeSpace(s string, n int) int {
	at, space := 0, -1
	for i, r := range s {
		if at == n {
			if space > i-30 && space >= 0 {
				return space
			}
			return i
		}
		if unicode.IsSpace(r) {
			space = i
		}
		at++
	}
	return len(s)
}

// clipMiddles leaves out the middle of each long run of words that stands.
func clipMiddles(runs []redRun) {
	for i := range runs {
		if runs[i].Op != "equal" && runs[i].Op != "in" {
			continue
		}
		var out []redSegment
		for _, s := range runs[i].Segments {
			from, to := 0, 0
			if s.Mark == "" {
				from, to = middle(s.Text)
			}
			if from < to {
				out = append(out, cutAt(s, from, to)...)
			} else {
				out = append(out, s)
			}
		}
		runs[i].Segments = out
	}
}

// middle is what lies between the first and the last words of a long text; nothing if it is short.
func middle(s string) (int, int) {
	var begins []int
	space := true
	for i, r := range s {
		if is := unicode.IsSpace(r); is != space {
			if space = is; !is {
				begins = append(begins, i)
			}
		}
	}
	if len(begins) <= keepWords {
		return 0, 0
	}
	return begins[endWords], begins[len(begins)-endWords]
}

// cutAt makes three segments of one, of which the second is left out; what stands behind a segment stays with the last.
func cutAt(s redSegment, from, to int) []redSegment {
	head, mid, tail := s, s, s
	head.Text, mid.Text, tail.Text = s.Text[:from], s.Text[from:to], s.Text[to:]
	head.Refs, head.Target, head.Before, mid.Mid = nil, "", "", true
	if strings.TrimSpace(tail.Text) != "" {
		mid.Refs, mid.Target, mid.Before = nil, "", ""
	}
	out := []redSegment{mid}
	if head.Text != "" {
		out = []redSegment{head, mid}
	}
	if tail.Text != "" && strings.TrimSpace(tail.Text) != "" {
		out = append(out, tail)
	}
	return out
}

// forget drops the words that are not shown.
func forget(runs []redRun) {
	for i := range runs {
		for k := range runs[i].Segments {
			if s := &runs[i].Segments[k]; s.Mid {
				s.Text = ""
			}
		}
	}
}

// cutSigns lets the first of each run of segments that are left out say so.
func cutSigns(runs []redRun) {
	before := false
	for i := range runs {
		for k := range runs[i].Segments {
			s := &runs[i].Segments[k]
			s.Cut = s.Mid && !before
			before = s.Mid
		}
	}
}
