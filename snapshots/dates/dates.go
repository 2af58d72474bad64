// Package dates finds the dates that a text states about itself: from when it is in force, when it was last changed. It knows the
// words of the languages of the EEA and Arabic. It is pure, and tells nothing of the day on which it runs.
package dates

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// Kind says what a text tells of a date.
type Kind string

// The kinds of dates.
const (
	Effective Kind = "effective" // from then on the text is in force
	Updated   Kind = "updated"   // it was last changed, published or dated then
	Dated     Kind = "dated"     // a date that stands alone, near the top or at the end
	Until     Kind = "until"     // it is in force up to and with that day
)

// longNotice is in days: who announces a text does so less long before it is in force.
const longNotice = 90

// Stated are the dates of one text. What it does not state is not Found.
type Stated struct {
	Effective Date
	Updated   Date
	Until     Date
	Next      Date // from when a text that comes after this one is in force, where this one announces it
	Alone     bool // the text does not say what Updated is the date of
}

// Of gives the dates that d states. captured (YYYY-MM-DD) is the day on which it was published at the latest: a date more than
// two years later is not believed, and a text was not changed after it. "" believes all.
func Of(d *snapshots.Document, captured string) Stated {
	var s Stated
	list := believed(Mentions(d), captured)
	for _, m := range list {
		if m.Kind == Until && !s.Until.Found() && !past(list, m.Date, captured) {
			s.Until = m.Date
		}
	}
	for _, m := range list {
		switch {
		case m.Kind == Effective && ofNext(list, m, captured):
			s.Next = firstClear(s.Next, m.Date)
		case m.Kind == Effective && (s.Until.Day == "" || m.Day < s.Until.Day): // from the end on, another text is in force
			s.Effective = firstClear(s.Effective, m.Date)
		case m.Kind == Updated && s.Alone:
			s.Updated, s.Alone = m.Date, false
		case m.Kind == Updated:
			s.Updated = firstClear(s.Updated, m.Date)
		case m.Kind == Dated && !s.Updated.Found():
			s.Updated, s.Alone = m.Date, true
		}
	}
	return s
}

// believed are the mentions that can be true of a text captured on a day.
func believed(list []Mention, captured string) []Mention {
	limit := yearsAfter(captured, 2)
	var out []Mention
	for _, m := range list {
		m.Date = m.Date.by(m.Kind, captured)
		if limit == "" || m.latest() <= limit {
			out = append(out, m)
		}
	}
	return out
}

// past reports whether a day up to which some text was in force was over when this one was captured, which has a later date of
// its own: it is then of an earlier text.
func past(list []Mention, until Date, captured string) bool {
	return captured != "" && until.last() < captured && slices.ContainsFunc(list, func(m Mention) bool {
		return m.Kind != Until && m.Day > until.Day && m.Day <= captured
	})
}

// ofNext reports whether m is of another text than the one that it stands in: a sentence on a day to come, over a text whose own
// label says that it has been there for a while.
func ofNext(list []Mention, m Mention, captured string) bool {
	if m.label || m.this || m.Day <= captured || captured == "" {
		return false
	}
	day, err := time.Parse(time.DateOnly, captured)
	if err != nil {
		return false
	}
	before := day.AddDate(0, 0, -longNotice).Format(time.DateOnly)
	return slices.ContainsFunc(list, func(o Mention) bool { return o.label && o.Day != "" && o.Day < before })
}

// firstClear is the first of two dates, or the other one if only that can be read in one way.
func firstClear(a, b Date) Date {
	if a.Day != "" || a.Found() && b.Day == "" {
		return a
	}
	return b
}

// by reads a date of two readings in one way, if the text would have been changed after it was captured in the other.
func (d Date) by(kind Kind, captured string) Date {
	if d.Day != "" || kind != Updated && kind != Dated || captured == "" {
		return d
	}
	one, two := d.Either[0] <= captured, d.Either[1] <= captured
	switch {
	case one && !two:
		d.Day, d.Either = d.Either[0], [2]string{}
	case two && !one:
		d.Day, d.Either = d.Either[1], [2]string{}
	}
	return d
}

func (d Date) latest() string { return max(d.Day, d.Either[0], d.Either[1]) }

// yearsAfter is the day that many years after day, "" for what is no day.
func yearsAfter(day string, years int) string {
	if len(day) < 4 {
		return ""
	}
	y, err := strconv.Atoi(day[:4])
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%04d%s", y+years, day[4:])
}

// Day is the day of the text: from when it is in force, else when it was last changed; "" if it states neither in one way.
func (s Stated) Day() string {
	if s.Effective.Day != "" {
		return s.Effective.Day
	}
	return s.Updated.Day
}

// Standing says whether a text is in force on a day, by what it states.
type Standing string

// The standings of a text.
const (
	InForce   Standing = "in_force"
	Announced Standing = "announced" // in force from a later day on
	Ended     Standing = "ended"
	NotStated Standing = "not_stated" // or in two ways
)

// On is the standing on a day (YYYY-MM-DD).
func (s Stated) On(day string) Standing {
	from, to := s.Effective, s.Until
	switch {
	case from.Day > day || from.Day == "" && from.Found() && min(from.Either[0], from.Either[1]) > day:
		return Announced
	case to.Day != "" && to.last() < day:
		return Ended
	case from.Found() && from.latest() <= day || to.Day != "" && !from.Found():
		return InForce
	}
	return NotStated
}

// last is the last day that d may mean.
func (d Date) last() string {
	if d.Precision == ToMonth && len(d.Day) == len("2006-01-02") {
		return d.Day[:8] + "31"
	}
	return d.Day
}
