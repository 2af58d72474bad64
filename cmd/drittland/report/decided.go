package report

// Decisions in words.

import (
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

// judgements are judgements in words.
var judgements = map[string]string{string(snapshots.Relevant): "relevant", string(snapshots.NotRelevant): "not relevant",
	string(snapshots.SecondLook): "needs second look", string(snapshots.Escalated): "escalated"}

// Judgement is j in words.
func Judgement(w *locale.Words, j snapshots.Judgement) string { return word(w, judgements, string(j)) }

// Decision is who decided what and when, such as "not relevant, by mk, 2026-11-20, until 2027-01-31".
func Decision(w *locale.Words, d *snapshots.Decision) string {
	what, day := Judgement(w, d.Judgement), d.At.Format(time.DateOnly)
	switch {
	case d.Withdrawn:
		return w.F("withdrawn by %s, %s", Line(d.By), day)
	case d.Until != "":
		return w.F("%s, by %s, %s, until %s", what, Line(d.By), day, d.Until)
	}
	return w.F("%s, by %s, %s", what, Line(d.By), day)
}

// Decided is a decision that holds, for a line of its own.
func Decided(w *locale.Words, d *snapshots.Decision) string {
	return w.F("decided: %s", Decision(w, d))
}
