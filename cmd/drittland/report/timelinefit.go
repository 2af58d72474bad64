package report

// Fitting a timeline onto a page: rows that are joined, and facts that are only named.

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
)

// mostLines is how many lines of labels a timeline has, and perLine how many codes of countries stand on one. A row is of one
// country, or of at least leastJoined.
const mostLines, perLine, leastJoined, mostJoined = 38, 8, 4, 48

// fit makes a timeline short enough for a page: first countries that came and went together share a row, then facts are only
// named that no longer stand, and at last those that stand, implied ones first; of equal ones those with the shortest time.
func fit(l *locale.Words, groups []TimelineGroup, until time.Time) []TimelineGroup {
	if lines(groups) <= mostLines {
		return groups
	}
	for i := range groups {
		if g := &groups[i]; g.places() {
			g.Rows = join(l, g.Rows)
		}
	}
	for lines(groups) > mostLines {
		var from *TimelineGroup
		at := -1
		for i := range groups {
			g := &groups[i]
			for j := range g.Rows {
				if len(g.Rows) > 1 && (at < 0 || less(g.Rows[j].Spans, from.Rows[at].Spans, until)) {
					from, at = g, j
				}
			}
		}
		if at < 0 {
			break
		}
		for i, id := range from.Rows[at].IDs {
			from.Rest = append(from.Rest, TimelineFact{id, from.Rows[at].Names[i]})
		}
		from.Rows = slices.Delete(from.Rows, at, at+1)
	}
	for i := range groups {
		slices.SortFunc(groups[i].Rest, func(a, b TimelineFact) int { return strings.Compare(a.Name, b.Name) })
	}
	return groups
}

// less reports whether a row with the spans a can be missed rather than one with the spans b.
func less(a, b []TimelineSpan, until time.Time) bool {
	rank := func(s []TimelineSpan) int {
		if last := s[len(s)-1]; last.Until.IsZero() {
			return 1 + max(0, kindRank(last.Kind))
		}
		return 0
	}
	stood := func(spans []TimelineSpan) (sum time.Duration) {
		for _, s := range spans {
			sum += s.end(until).Sub(s.From)
		}
		return sum
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(stood(a), stood(b))) < 0
}

// end is when a span ends, or until if it lasts.
func (s *TimelineSpan) end(until time.Time) time.Time {
	if s.Until.IsZero() {
		return until
	}
	return s.Until
}

// lines are the lines that labels need, without the titles of groups.
func lines(groups []TimelineGroup) int {
	n := 0
	for _, g := range groups {
		for _, r := range g.Rows {
			n += r.lines()
		}
		if len(g.Rest) > 0 {
			n++
		}
	}
	return n
}

func (r *TimelineRow) lines() int {
	if len(r.IDs) == 1 {
		return 1
	}
	return 1 + (len(r.IDs)+perLine-1)/perLine
}

// labelLines are the lines of the label.
func (r *TimelineRow) labelLines() []string {
	if len(r.IDs) == 1 {
		return []string{r.Label}
	}
	out := []string{r.Label}
	for part := range slices.Chunk(r.IDs, perLine) {
		out = append(out, Line(strings.Join(part, " ")))
	}
	return out
}

// join puts destinations with the same spans into one row, where that saves lines.
func join(l *locale.Words, rows []TimelineRow) []TimelineRow {
	same := func(r *TimelineRow) func(TimelineRow) bool {
		return func(o TimelineRow) bool { return len(o.IDs) < mostJoined && slices.Equal(o.Spans, r.Spans) }
	}
	var out []TimelineRow
	for i := range rows {
		r := &rows[i]
		alike := 0
		for _, o := range rows {
			if slices.Equal(o.Spans, r.Spans) {
				alike++
			}
		}
		j := slices.IndexFunc(out, same(r))
		if j < 0 || alike < leastJoined {
			out = append(out, *r)
			continue
		}
		o := &out[j]
		o.IDs, o.Names = append(slices.Clone(o.IDs), r.IDs...), append(slices.Clone(o.Names), r.Names...)
		o.Label = l.N("%s country", "%s countries", len(o.IDs))
	}
	return out
}
