package main

// Dates that texts state about themselves, as log and show tell them.

import (
	"strings"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

// datesOfRow are the dates that a version states, and whether it was in force by them when it was captured; "" if there are none.
func datesOfRow(w *locale.Words, r *row) string {
	if r.Dates == nil || r.Cause == snapshots.Law {
		return ""
	}
	if s := report.NotInForce(w, r.Dates); s != "" && r.Dates.Next == nil {
		return s
	}
	return strings.Join(report.Dates(w, r.Dates), ", ")
}

// dates are the dates that a version states, as names and values; a value may be empty.
func (x *shown) dates() [][2]string {
	day := law.DateOf(x.Version.Date).String()
	s := dates.Of(x.Document, day)
	list := [][2]string{{"in force from", s.Effective.String()}, {"last changed", s.Updated.String()}, {"in force until", s.Until.String()}, {"announces from", s.Next.String()}}
	if st := s.On(day); st == dates.Announced || st == dates.Ended {
		list = append(list, [2]string{"standing", string(st)})
	}
	return list
}
