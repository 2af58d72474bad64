package main

// What was told: the findings on the last version of each line, as somebody was told of them. By it 'drittland derive' knows what is new in
// text that was always there.

import (
	"context"
	"encoding/json"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const derivedTold = "told" // kind of the derived value that holds a told

// told is what was found in the last version of a line when somebody was told.
type told struct {
	Snapshot string   `json:"snapshot"`
	Findings []string `json:"findings"`
}

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
func findingsTold(ctx context.Context, a *archive.Archive, engine *analyze.Engine, todo []snapshots.Terms) (map[lineKey]told, error) {
	out := map[lineKey]told{}
	err := eachLast(ctx, a, todo, func(h *history, v snapshots.Version) error {
		l := lineKey{h.Terms, h.Variant}
		x, ok := recallTold(a, l)
		if !ok || x.Snapshot != v.Snapshot {
			var err error
			if x, err = note(a, engine, l, v); err != nil {
				return err
			}
		}
		out[l] = x
		return nil
	})
	return out, err
}

func recallTold(a *archive.Archive, l lineKey) (x told, ok bool) {
	b, err := a.Derived(derivedTold, l.key())
	return x, err == nil && json.Unmarshal(b, &x) == nil
}

// note notes what is found in the last version of a line.
func note(a *archive.Archive, engine *analyze.Engine, l lineKey, v snapshots.Version) (told, error) {
	list, err := findingsIn(a, engine, v)
	if err != nil {
		return told{}, err
	}
	x := told{v.Snapshot, findingIDs(list)}
	return x, putJSON(a, derivedTold, l.key(), x)
}

// noteTold notes what a run tells of new versions, for the day on which they are read again.
func noteTold(a *archive.Archive, engine *analyze.Engine, results []*result) error {
	for _, res := range results {
		if res.Row == nil || res.Version == nil {
			continue
		}
		if _, err := note(a, engine, lineOf(*res.Version), *res.Version); err != nil {
			return err
		}
	}
	return nil
}

func putJSON(a *archive.Archive, kind, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.PutDerived(kind, key, b)
}
