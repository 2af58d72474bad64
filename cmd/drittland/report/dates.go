package report

// Dates that texts state about themselves, in words.

import (
	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots/dates"
)

// Dates are the dates that a text states about itself, a phrase each.
func Dates(l *locale.Words, d *analyze.StatedDates) []string {
	var out []string
	if d.Effective != nil {
		out = append(out, l.F("in force from %s", dateWords(l, d.Effective)))
	}
	switch {
	case d.Updated == nil:
	case d.Updated.Alone:
		out = append(out, l.F("dated %s", dateWords(l, d.Updated)))
	default:
		out = append(out, l.F("last changed %s", dateWords(l, d.Updated)))
	}
	if d.Until != nil {
		out = append(out, l.F("in force until %s", dateWords(l, d.Until)))
	}
	if d.Next != nil {
		out = append(out, l.F("announces another text from %s", dateWords(l, d.Next)))
	}
	return out
}

// NotInForce is a sentence on a text that is not in force yet or no longer, by what it states, or that announces another; "" for
// others.
func NotInForce(l *locale.Words, d *analyze.StatedDates) string {
	on := d.On.String()
	if d.Captured {
		on = l.F("%s, the day of the capture", on)
	}
	switch {
	case d.Standing == dates.Ended && d.Until != nil:
		return l.F("In force until %s: no longer in force on %s.", dateWords(l, d.Until), on)
	case d.Next != nil && d.Next.Day > d.On.String():
		return l.F("The text announces another one, in force from %s: not yet in force on %s.", dateWords(l, d.Next), on)
	case d.Standing != dates.Announced || d.Effective == nil:
		return ""
	case d.Updated != nil && d.Updated.Day != "" && d.Updated.Day <= d.On.String():
		return l.F("Announced %s, in force from %s: not yet in force on %s.", dateWords(l, d.Updated), dateWords(l, d.Effective), on)
	}
	return l.F("In force from %s: not yet in force on %s.", dateWords(l, d.Effective), on)
}

// dateWords is a date as far as the text gives it: a day, a month, or two days of which it is one.
func dateWords(l *locale.Words, d *analyze.StatedDate) string {
	switch {
	case d.Day == "" && len(d.Either) == 2:
		return l.F("%s or %s", Line(d.Either[0]), Line(d.Either[1]))
	case d.Precision == dates.ToMonth && len(d.Day) > len("2006-01"):
		return Line(d.Day[:len("2006-01")])
	}
	return Line(d.Day)
}

// changedDates says which of its dates a text states otherwise than before.
func changedDates(l *locale.Words, old, new *analyze.StatedDates) []string {
	var out []string
	if now, before := orNot(l, new.Effective), orNot(l, old.Effective); now != before {
		out = append(out, l.F("Date of entry into force: %s, before: %s.", now, before))
	}
	if now, before := orNot(l, new.Updated), orNot(l, old.Updated); now != before {
		out = append(out, l.F("Date of the last change: %s, before: %s.", now, before))
	}
	return out
}

func orNot(l *locale.Words, d *analyze.StatedDate) string {
	if d == nil {
		return l.T("not stated")
	}
	return dateWords(l, d)
}
