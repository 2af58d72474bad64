package archive

// This file takes repeats out of an archive: captures that were read as what the version before them says, once they are old.

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Pruned says what was taken out, or would be.
type Pruned struct {
	Snapshots []string // IDs, oldest first
	Shared    int      // repeats that stay, since captures that stay refer to their records
	Bytes     int64    // of the records; the capture files stay as large, since nothing in them may move: what compresses or deduplicates them frees the room
}

// pruneBatch is how many captures one entry of evidence takes out.
const pruneBatch = 1000

// Prunable says what Prune takes out of the archive: captures of before that day by this archive, no annexes and none of several pages, whose text is that of
// the version before, which is kept. What was read from others, and imports, are left alone.
func (a *Archive) Prunable(before time.Time) (Pruned, error) {
	var all Pruned
	err := a.view(func(tx kv.Tx) error {
		ids, err := repeats(tx, before)
		for batch := range slices.Chunk(ids, pruneBatch) {
			if err == nil {
				_, err = planRepeats(newStage(a, tx), batch, &all)
			}
		}
		return err
	})
	if err != nil {
		return all, fmt.Errorf("repeats in the archive: %w", err)
	}
	return all, nil
}

// Prune takes the content of repeats out for good, as Erase does: heads, entries and the ledger stay, and an entry for every 1000 says when and why they
// went. The terms that are touched are to be read again; that a text stood there on the day of a repeat is said by its entry alone from then on.
func (a *Archive) Prune(before, at time.Time, why string) (Pruned, error) {
	var done Pruned
	if a.opts.ReadOnly {
		return done, ErrReadOnly
	}
	var ids []string
	err := a.view(func(tx kv.Tx) (err error) { ids, err = repeats(tx, before); return err })
	for batch := range slices.Chunk(ids, pruneBatch) {
		if err != nil {
			break
		}
		var now Pruned
		_, err = a.erase(at, why, func(s *stage) (*plan, error) { now = Pruned{}; return planRepeats(s, batch, &now) })
		if err == nil {
			done.Snapshots, done.Shared, done.Bytes = append(done.Snapshots, now.Snapshots...), done.Shared+now.Shared, done.Bytes+now.Bytes
		}
	}
	if err != nil {
		return done, fmt.Errorf("prune: %w", err)
	}
	return done, nil
}

// repeats are the snapshots that say what the version before them says, oldest first.
func repeats(tx kv.Tx, before time.Time) ([]string, error) {
	type found struct {
		id string
		at time.Time
	}
	var out []found
	needed := map[string]bool{} // by versions that stay
	err := eachVersion(tx, func(v snapshots.Version) error {
		if isRepeat(tx, v) && v.Date.Before(before) {
			_, gone, err := erasureOf(tx, v.Snapshot)
			if !gone {
				out = append(out, found{v.Snapshot, v.Date})
			}
			return err
		}
		needed[v.Snapshot] = true
		for _, x := range v.Parts {
			needed[x.Snapshot] = true
		}
		for _, x := range v.Annexes {
			needed[x.Snapshot] = true
		}
		return nil
	})
	slices.SortFunc(out, func(a, b found) int { return a.at.Compare(b.at) })
	var ids []string
	for _, x := range out {
		if !needed[x.id] {
			ids = append(ids, x.id)
		}
	}
	return ids, err
}

// isRepeat reports whether a version says nothing new: it was refused for that alone, and one that was not refused has its text.
func isRepeat(tx kv.Tx, v snapshots.Version) bool {
	if v.Refused == "" || v.RefusedAs != "" || v.Others || v.Origin != nil || len(v.Parts) > 0 || v.Document == "" || v.Previous == "" {
		return false
	}
	key, err := versionKey(v.Previous)
	if err != nil {
		return false
	}
	last, err := versionAt(tx, key)
	return err == nil && last.Refused == "" && last.Document == v.Document && last.Snapshot != v.Snapshot
}

// planRepeats plans to take out some snapshots, all but those whose records others need.
func planRepeats(s *stage, ids []string, out *Pruned) (*plan, error) {
	for left := ids; ; {
		p := newPlan(s)
		holders := map[uuid][]string{} // of records
		bodies := map[snapshots.Hash][]string{}
		for _, id := range left {
			e, err := storedEntry(s.tx, id)
			if err == nil {
				err = p.add(e)
			}
			if err != nil {
				return nil, err
			}
			bodies[e.Snapshot.Body] = append(bodies[e.Snapshot.Body], id)
			for _, name := range append(slices.Clone(e.Records), e.Record) {
				if u, err := parseUUID(name); err == nil {
					holders[u] = append(holders[u], id)
				}
			}
		}
		others, err := p.sharers()
		if err != nil {
			return nil, err
		}
		if len(others) == 0 {
			return p, p.counted(left, len(ids)-len(left), out)
		}
		stays := map[string]bool{}
		for _, e := range others {
			for _, id := range bodies[e.Snapshot.Body] {
				stays[id] = true
			}
			for _, name := range append(slices.Clone(e.Records), e.Record) {
				if u, err := parseUUID(name); err == nil && p.records[u] {
					for _, id := range holders[u] {
						stays[id] = true
					}
				}
			}
		}
		before := len(left)
		left = slices.DeleteFunc(slices.Clone(left), func(id string) bool { return stays[id] })
		if len(left) == before {
			return nil, errors.New("records are shared in a way that is not understood")
		}
	}
}

func (p *plan) counted(ids []string, shared int, out *Pruned) error {
	out.Snapshots, out.Shared = append(out.Snapshots, ids...), out.Shared+shared
	for id := range p.records {
		at, err := locate(p.s.tx, id)
		if err != nil {
			return err
		}
		out.Bytes += at.extent.Length
	}
	return nil
}
