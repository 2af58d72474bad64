package main

// What was told: the findings on the last version of each line, as somebody was told of them. It is recorded as evidence is, since the rules of that
// day are gone. By it 'drittland derive' knows what is new in
// text that was always there.

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// findingsIn are the findings on a version, by the law of its day.
func findingsIn(a *archive.Archive, engine *analyze.Engine, v snapshots.Version) ([]analyze.Finding, error) {
	s, err := newSubject(a, engine, v)
	if err != nil {
		return nil, err
	}
	return engine.Report(s.facts, analyze.Dates{AsOf: s.day, Today: s.day}).Findings, nil
}

// findingsTold is what was told of the last version of each line. Where nobody noted that, it is what the rules of today find in
// the text as it was read, and that is noted: the text may be read otherwise before all is done.
func findingsTold(ctx context.Context, a *archive.Archive, engine *analyze.Engine, todo []snapshots.Terms, now time.Time) (map[lineKey]snapshots.Telling, error) {
	out := map[lineKey]snapshots.Telling{}
	var fresh []snapshots.Telling
	err := eachLast(ctx, a, todo, func(h *history, v snapshots.Version) error {
		l := lineKey{h.Terms, h.Variant}
		x, ok, err := lastTold(a, l)
		if err == nil && (!ok || x.Snapshot != v.Snapshot) {
			x, err = found(a, engine, v, now)
			fresh = append(fresh, x)
		}
		out[l] = x
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, a.PutTellings(fresh)
}

// lastTold is what was told of a line last; ok is false if that is nothing.
func lastTold(a *archive.Archive, l lineKey) (last snapshots.Telling, ok bool, err error) {
	for x, err := range a.Tellings(l.terms) {
		if err != nil {
			return last, false, err
		}
		if x.Variant == l.variant {
			last, ok = x, true
		}
	}
	return last, ok, nil
}

// found is what is found in the last version of a line, as it is to be told.
func found(a *archive.Archive, engine *analyze.Engine, v snapshots.Version, now time.Time) (snapshots.Telling, error) {
	list, err := findingsIn(a, engine, v)
	return snapshots.Telling{Terms: v.Terms, Variant: v.Variant, At: now, Snapshot: v.Snapshot, Findings: findingIDs(list)}, err
}

// noteTold notes what a run tells of new versions, for the day on which they are read again.
func noteTold(a *archive.Archive, engine *analyze.Engine, results []*result, now time.Time) error {
	var fresh []snapshots.Telling
	for _, res := range results {
		if res.Row == nil || res.Version == nil || res.told {
			continue
		}
		if v := res.Version; res.Row.Number == 1 { // its row says all that was found
			fresh = append(fresh, snapshots.Telling{Terms: v.Terms, Variant: v.Variant, At: now, Snapshot: v.Snapshot, Findings: res.Found})
			continue
		}
		x, err := found(a, engine, *res.Version, now)
		if err != nil {
			return err
		}
		fresh = append(fresh, x)
	}
	return a.PutTellings(fresh)
}

// sameTold reports whether two tellings say the same of the same text.
func sameTold(x, y snapshots.Telling) bool {
	return x.Snapshot == y.Snapshot && slices.Equal(x.Findings, y.Findings)
}

func putJSON(a *archive.Archive, kind, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.PutDerived(kind, key, b)
}
