package extract

import "github.com/drittland/drittland/snapshots/dates"

// isDateLine tells a short line that is there for its date, which makes it no heading.
func isDateLine(s string) bool {
	ds := dates.Find(s, "")
	return len(ds) > 0 && len(s)-ds[0].Span.Len() <= 40
}
