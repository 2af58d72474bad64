package analyze

// Dates that a text states about itself, in the form in which they leave the program.

import (
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

// StatedDates are the dates that a text states about itself, nil for one that it does not state, and whether it is in force by them.
type StatedDates struct {
	Effective *StatedDate    `json:"effective"` // from when it is in force
	Updated   *StatedDate    `json:"updated"`   // when it was last changed or published
	Until     *StatedDate    `json:"until"`     // the last day on which it is in force
	Next      *StatedDate    `json:"next"`      // from when another text is in force that this one announces
	Standing  dates.Standing `json:"standing"`  // on the day On
	On        law.Date       `json:"on"`        // the day of the capture, else that of the report
	Captured  bool           `json:"captured"`  // On is the day of the capture
}

// A StatedDate is a date and the passage that gives it.
type StatedDate struct {
	Day       string          `json:"day"`              // YYYY-MM-DD; "" if it can be read in two ways
	Either    []string        `json:"either,omitempty"` // the two ways, as days
	Precision dates.Precision `json:"precision"`        // month: the text gives no day, and Day is the first
	Alone     bool            `json:"alone,omitempty"`  // the text does not say what it is the date of
	Quote     string          `json:"quote"`
	Start     int             `json:"start"`
	End       int             `json:"end"`
}

// StatedDay is the day that d states: from when it is in force, else when it was last changed; "" if it states neither. seen is
// the day of its capture or a later one.
func StatedDay(d *snapshots.Document, seen law.Date) string { return dates.Of(d, seen.String()).Day() }

// DatesOf are the dates of the text of f. today stands for the day of the capture where that is not known.
func DatesOf(f *Facts, today law.Date) StatedDates {
	out, _ := statedDates(f, today)
	return out
}

// statedDates are those of DatesOf, and the day of the text as StatedDay gives it.
func statedDates(f *Facts, today law.Date) (StatedDates, string) {
	on, captured := f.Seen, true
	if on.IsZero() {
		on, captured = today, false
	}
	s := dates.Of(f.Document, on.String())
	out := StatedDates{Effective: stated(f.Document, s.Effective), Updated: stated(f.Document, s.Updated), Until: stated(f.Document, s.Until),
		Next: stated(f.Document, s.Next), Standing: s.On(on.String()), On: on, Captured: captured}
	if out.Updated != nil {
		out.Updated.Alone = s.Alone
	}
	return out, s.Day()
}

func stated(doc *snapshots.Document, d dates.Date) *StatedDate {
	if !d.Found() {
		return nil
	}
	out := &StatedDate{Day: d.Day, Precision: d.Precision, Quote: doc.Quote(d.Span), Start: d.Span.Start, End: d.Span.End}
	if d.Day == "" {
		out.Either = d.Either[:]
	}
	return out
}
