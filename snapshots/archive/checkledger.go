package archive

// This file compares the records with the ledger: what was changed, removed, moved or put in later.

import (
	"fmt"
	"path"
	"slices"
	"sort"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/ledger"
)

// A logCheck compares the records, as they pass by, with the leaves.
type logCheck struct {
	*checker
	log    *ledger.Log
	known  progress // what the index knows of the ledger
	new    bool     // that is nothing: there was no ledger yet
	leaves int64    // that stand for indexed records
	cut    bool     // there should be more of them
	signed []ledger.Checkpoint
	sound  bool // the records are what was signed, whatever the leaves say

	roll   ledger.Roll           // over the records in their order
	rooted map[int64]ledger.Hash // its roots where a checkpoint was signed

	next   int64            // the leaf that should come next
	found  map[uuid]int64   // the leaves by record, once one stands elsewhere than it was logged
	order  []int64          // the leaves of the records in their order, from then on
	differ map[int64]differ // leaves that say something else than their records
	extra  []differ         // records without a leaf
}

// A differ is a record with another leaf than the ledger has.
type differ struct {
	entry ledger.Entry
	place place
}

func (c *checker) startLog(tx kv.Tx) error {
	known, err := readProgress(tx)
	if err != nil {
		return err
	}
	log, err := ledger.Open(c.a.files)
	if err != nil {
		return err
	}
	l := &logCheck{checker: c, log: log, known: known, leaves: known.leaves, differ: map[int64]differ{}}
	l.new = tx.Bucket(bucketMeta).Get(keyLedger) == nil
	if size := log.Size(); size < l.leaves {
		l.problem(ledger.LeavesFile, "holds %d leaves, the index knows %d", size, l.leaves)
		l.leaves, l.cut = size, true
	}
	c.log = l
	if l.signed, err = l.checkpoints(); err != nil {
		return err
	}
	l.rooted = map[int64]ledger.Hash{}
	for _, s := range l.signed {
		l.rooted[s.Size] = ledger.Hash{}
	}
	return nil
}

func (l *logCheck) problem(file, format string, args ...any) {
	l.problems.add(Problem{File: path.Join(ledgerDir, file), What: fmt.Sprintf(format, args...)})
}

func (l *logCheck) note(format string, args ...any) {
	l.problems.add(Problem{File: ledgerDir, What: fmt.Sprintf(format, args...), Note: true})
}

func (l *logCheck) blame(d differ, format string, args ...any) {
	l.damage(Problem{File: fileName(d.place.file), Offset: d.place.extent.Offset, Record: uuid(d.entry.ID).String(), What: fmt.Sprintf(format, args...)})
}

// record compares one record with the leaf that should stand for it.
func (l *logCheck) record(w written) error {
	e, ok := w.entry()
	if !ok || l.new {
		return nil
	}
	l.roll.Add(e.Hash)
	if _, ok := l.rooted[l.roll.Size()]; ok {
		l.rooted[l.roll.Size()] = l.roll.Root()
	}
	if l.cut && l.next >= l.leaves && l.order == nil {
		return nil
	}
	n := l.next
	var leaf ledger.Entry
	var err error
	if l.order == nil && n < l.leaves {
		if leaf, err = l.log.Entry(n); err != nil {
			return err
		}
	}
	if l.order != nil || n >= l.leaves || leaf.ID != e.ID {
		if err := l.lookUp(); err != nil {
			return err
		}
		if n, ok = l.found[e.ID]; !ok {
			l.extra = append(l.extra, differ{e, w.place})
			return nil
		}
		if leaf, err = l.log.Entry(n); err != nil {
			return err
		}
		l.order = append(l.order, n)
	}
	l.next++
	if leaf.Hash != e.Hash {
		l.differ[n] = differ{e, w.place}
	}
	return nil
}

// lookUp makes it possible to find a leaf by its record.
func (l *logCheck) lookUp() error {
	if l.found != nil {
		return nil
	}
	l.order = make([]int64, l.next, l.leaves+1)
	for i := range l.order {
		l.order[i] = int64(i)
	}
	l.found = map[uuid]int64{}
	return l.log.Entries(func(n int64, e ledger.Entry) error {
		if _, ok := l.found[e.ID]; !ok && n < l.leaves {
			l.found[e.ID] = n
		}
		return l.ctx.Err()
	})
}

// finish says what does not agree, and which side is wrong: the root that was signed decides.
func (l *logCheck) finish(tx kv.Tx) error {
	if l.new {
		if there, err := l.a.files.there(); err != nil {
			return err
		} else if !there {
			if k, _ := tx.Bucket(bucketFiles).Cursor().First(); k != nil {
				l.note("there is none yet; the next command that writes makes it")
			}
			return nil
		}
	}
	if err := l.renamed(); err != nil {
		return err
	}
	good, err := l.roots(l.signed)
	if err != nil {
		return err
	}
	if good != nil {
		if err := l.levels(good); err != nil {
			return err
		}
	}
	if l.sound {
		return nil
	}
	if err := l.missing(tx); err != nil {
		return err
	}
	if !l.cut {
		for _, d := range l.extra {
			l.blame(d, "is not in the ledger: it was put among the records later")
		}
	}
	return l.moved(tx)
}

// renamed finds leaves whose name alone is damaged: the hash is that of a record which seems not to be in the ledger.
func (l *logCheck) renamed() error {
	if len(l.extra) == 0 {
		return nil
	}
	present := map[int64]bool{}
	for _, n := range l.order {
		present[n] = true
	}
	lost := map[ledger.Hash]int64{}
	if err := l.log.Entries(func(n int64, e ledger.Entry) error {
		if n < l.leaves && !present[n] {
			lost[e.Hash] = n
		}
		return l.ctx.Err()
	}); err != nil {
		return err
	}
	l.extra = slices.DeleteFunc(l.extra, func(d differ) bool {
		n, ok := lost[d.entry.Hash]
		if ok {
			l.problem(ledger.LeavesFile, "the name of leaf %d is damaged; it stands for record %s", n, uuid(d.entry.ID))
			at := sort.Search(len(l.order), func(i int) bool { return l.order[i] > n })
			l.order = slices.Insert(l.order, at, n)
		}
		return ok
	})
	return nil
}

// missing names the records that are in the ledger but not in the capture files.
func (l *logCheck) missing(tx kv.Tx) error {
	if l.order == nil && l.next >= l.leaves {
		return nil
	}
	if err := l.lookUp(); err != nil {
		return err
	}
	present := map[int64]bool{}
	for _, n := range l.order {
		present[n] = true
	}
	return l.log.Entries(func(n int64, e ledger.Entry) error {
		if n >= l.leaves || present[n] {
			return l.ctx.Err()
		}
		p, err := locate(tx, e.ID)
		what := fmt.Sprintf("is leaf %d of the ledger, but not among the records that can be read", n)
		if err != nil {
			l.damage(Problem{File: captureDir, Record: uuid(e.ID).String(), What: what})
			return nil
		}
		l.blame(differ{e, p}, "%s", what)
		return nil
	})
}

// moved names the records that stand elsewhere than they were logged: as few as explain the order.
func (l *logCheck) moved(tx kv.Tx) error {
	if slices.IsSorted(l.order) {
		return nil
	}
	var tops []int // of the rows that end lowest, by length: their last index in order
	before := make([]int, len(l.order))
	for i, n := range l.order {
		at := sort.Search(len(tops), func(k int) bool { return l.order[tops[k]] >= n })
		before[i] = -1
		if at > 0 {
			before[i] = tops[at-1]
		}
		tops = append(tops[:at], append([]int{i}, tops[min(at+1, len(tops)):]...)...)
	}
	stays := map[int]bool{}
	for i := tops[len(tops)-1]; i >= 0; i = before[i] {
		stays[i] = true
	}
	for i, n := range l.order {
		if stays[i] {
			continue
		}
		e, err := l.log.Entry(n)
		if err != nil {
			return err
		}
		p, err := locate(tx, e.ID)
		if err != nil {
			p = place{}
		}
		l.blame(differ{e, p}, "stands elsewhere than it was logged: it is leaf %d of the ledger", n)
	}
	return nil
}
