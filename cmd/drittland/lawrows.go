package main

// Rows of cause law: the law changed while a text stood still, and with it what the checks say of the text.

import (
	"context"
	"slices"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// lawRows gives a row for each day on which the law changed the findings on the version that then was the last one.
func (t *tool) lawRows(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history) ([]row, error) {
	var out []row
	days := engine.LawDays()
	for i, v := range h.Versions {
		until := t.today()
		if i+1 < len(h.Versions) {
			until = law.DateOf(h.Versions[i+1].Date).AddDays(-1)
		}
		since := law.DateOf(v.Date)
		in := slices.DeleteFunc(slices.Clone(days), func(d law.Date) bool { return !since.Before(d) || until.Before(d) })
		if len(in) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := newSubject(a, engine, v)
		if err != nil {
			return nil, err
		}
		for _, day := range in {
			if r, ok := lawRow(engine, s, i+1, day); ok {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// lawRow is the row of a day on which the law changed; ok is false if that changed no finding.
func lawRow(engine *analyze.Engine, s subject, number int, day law.Date) (r row, ok bool) {
	appeared, resolved := engine.LawChange(s.facts, day)
	if len(appeared)+len(resolved) == 0 {
		return r, false
	}
	r = newRow(s.version, number)
	r.Cause, r.Class, r.Date = snapshots.Law, string(diff.None), time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC)
	r.Source = origin{Snapshot: s.version.Snapshot} // no commit recorded it
	r.Appeared, r.Resolved = findingIDs(appeared), findingIDs(resolved)
	r.Alert = analyze.Worst(appeared).Rank() >= rules.Warning.Rank()
	for _, f := range slices.Concat(appeared, resolved) {
		for _, c := range f.Between {
			if !slices.Contains(r.Law, c) {
				r.Law = append(r.Law, c)
			}
		}
	}
	if len(r.Law) > 0 {
		r.Why = report.LawBetween(locale.For("en"), r.Law)
	}
	return r, true
}

// withOthers puts rows that no version made among those of versions, by day.
func withOthers(rows, others []row) []row {
	out := make([]row, 0, len(rows)+len(others))
	for _, r := range rows {
		for len(others) > 0 && others[0].Date.Before(r.Date) {
			out, others = append(out, others[0]), others[1:]
		}
		out = append(out, r)
	}
	return append(out, others...)
}
