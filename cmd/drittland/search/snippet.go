package search

// Snippets: a piece of a passage around its marked words.

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
)

// A Part is a piece of a snippet. Its text is as strangers wrote it.
type Part struct {
	Text   string
	Marked bool
}

// Snippet cuts a quote to about size bytes where the most different words are marked, at spaces where there are any, and into its marked
// and other parts. What was cut off is "…".
func Snippet(quote string, marks []snapshots.Span, size int) []Part {
	from, to := 0, len(quote)
	if len(quote) > size+size/10 {
		if len(marks) > 0 {
			start := marks[densest(quote, marks, size*3/4)].Start
			from = min(edge(quote, max(0, start-size/4)), start)
		}
		to = edge(quote, min(len(quote), from+size))
		if to <= from {
			to = len(quote)
		}
		if to < len(quote) {
			to = len(strings.TrimRight(quote[:to], " \t\n"))
		}
	}
	var out []Part
	add := func(s string, marked bool) {
		if s != "" {
			out = append(out, Part{strings.ReplaceAll(s, "\t", " | "), marked}) // between the cells of a row
		}
	}
	if from > 0 {
		add("… ", false)
	}
	at := from
	for _, m := range marks {
		if m.Start < from {
			continue
		}
		if m.Start >= to {
			break
		}
		add(quote[at:m.Start], false)
		at = min(m.End, to)
		add(quote[m.Start:at], true)
	}
	add(quote[at:to], false)
	if to < len(quote) {
		add(" …", false)
	}
	return out
}

// maxStarts bounds the marks from which a snippet may begin.
const maxStarts = 200

// densest is the first mark from which the most different words are marked within size bytes.
func densest(quote string, marks []snapshots.Span, size int) int {
	best, most := 0, 0
	for i := range marks[:min(len(marks), maxStarts)] {
		different := map[string]bool{}
		for _, m := range marks[i:min(len(marks), i+maxStarts)] {
			if m.End > marks[i].Start+size {
				break
			}
			different[strings.ToLower(quote[m.Start:m.End])] = true
		}
		if len(different) > most {
			best, most = i, len(different)
		}
	}
	return best
}

// edge is the place behind the next space from byte i on, or the next rune where none is near.
func edge(s string, i int) int {
	if i == 0 || i >= len(s) {
		return min(i, len(s))
	}
	near := s[i:min(len(s), i+40)]
	if n := strings.IndexAny(near, " \n\t"); n >= 0 {
		return i + n + 1
	}
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

// maxRuns is how many runs of versions are named.
const maxRuns = 4

// Numbers are runs as people write them: "1–3, 7". Of many, the last ones are named.
func Numbers(runs []Run) string {
	var out []string
	for _, r := range slices.Backward(runs) {
		if len(out) == maxRuns {
			out = append(out, "…")
			break
		}
		if r.First == r.Last {
			out = append(out, fmt.Sprint(r.First))
			continue
		}
		out = append(out, fmt.Sprintf("%d–%d", r.First, r.Last))
	}
	slices.Reverse(out)
	return strings.Join(out, ", ")
}
