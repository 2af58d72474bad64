package archive

// This file brings the index up to what the capture files hold: after a crash, and from nothing.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
	bolt "go.etcd.io/bbolt"
)

// Progress says how far a long task has come.
type Progress struct {
	Step        string // what is being read
	Done, Total int64  // bytes of capture files, or records
}

// mend says how rollForward treats what it finds. The zero value is right after a crash.
type mend struct {
	ctx      context.Context // nil means not to be interrupted
	whole    bool            // the index is empty: bytes that are no record are damage, unless they end the last file
	progress func(Progress)
	problems Problems
	taken    int            // records that were entered
	leaves   map[uuid]int64 // of the ledger, by record, once one stands elsewhere than it was logged
}

// rollForward enters all records beyond the indexed ends and finds where to append.
func (a *Archive) rollForward(m *mend) error {
	ends, err := a.ends()
	if err != nil {
		return err
	}
	numbers, err := a.captures.list()
	if err != nil {
		return err
	}
	if err := a.takeLog(m, numbers, ends); err != nil {
		return err
	}
	if len(ends) > len(numbers) {
		return fmt.Errorf("%w: the index knows %d capture files, there are %d", ErrDamaged, len(ends), len(numbers))
	}
	for i, n := range numbers {
		if n != uint32(i)+1 {
			if !m.whole {
				return fmt.Errorf("%w: capture file %s is missing", ErrDamaged, fileName(uint32(i)+1))
			}
			m.problems.add(Problem{File: fileName(n), What: "a capture file before this one is missing"})
		}
		if a.captures.end, err = a.takeUp(m, n, ends[n], i == len(numbers)-1); err != nil {
			return err
		}
		a.captures.number = n
	}
	if m.taken > 0 && !m.whole {
		a.said("%d records are taken up that a crash has kept out of the index", m.taken)
	}
	if err := a.settle(m); err != nil || m.taken == 0 {
		return err
	}
	return a.log.Complete()
}

// ends are the indexed ends of the capture files.
func (a *Archive) ends() (map[uint32]int64, error) {
	ends := map[uint32]int64{}
	err := a.view(func(tx kv.Tx) error { return readEnds(tx, ends) })
	return ends, err
}

// takeUp enters the records of one capture file from offset from on, and returns the size of the file.
func (a *Archive) takeUp(m *mend, number uint32, from int64, last bool) (int64, error) {
	s, err := a.captures.scan(m.ctx, number, from)
	if err != nil {
		return 0, err
	}
	defer s.close()
	if s.size < from {
		return 0, fmt.Errorf("%w: %s has %d bytes, the index knows %d", ErrDamaged, fileName(number), s.size, from)
	}
	for {
		batch, err := s.batch()
		m.taken += len(batch)
		if again := a.logBatch(m, batch); again != nil {
			return 0, again
		}
		if again := a.enter(m, number, s.at, batch); again != nil {
			return 0, again
		}
		if m.progress != nil {
			m.progress(Progress{fileName(number), s.at, s.size})
		}
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			return s.size, nil
		case !isDamage(err):
			return 0, err
		}
		if stop, err := a.passOver(m, s, last, err); stop || err != nil {
			return s.size, err
		}
	}
}

// passOver deals with bytes at s.at that are no record: it moves aside what a crash left at the end of a
// file, and otherwise goes on behind the damage. The first result says that nothing is left to read.
func (a *Archive) passOver(m *mend, s *scanner, last bool, cause error) (bool, error) {
	at := s.at
	if m.whole {
		if s.skip() {
			m.problems.add(Problem{File: fileName(s.number), Offset: at, What: cause.Error()})
			return false, nil
		}
		if !last {
			m.problems.add(Problem{File: fileName(s.number), Offset: at, What: cause.Error()})
			return true, a.enter(m, s.number, s.size, nil)
		}
	}
	aside, err := a.captures.cut(s.number, at, s.size)
	if err != nil {
		return true, fmt.Errorf("move aside the end of %s: %w", fileName(s.number), err)
	}
	m.problems.add(Problem{File: fileName(s.number), Offset: at, Note: true,
		What: fmt.Sprintf("%d bytes of a record that was cut off were moved to %s", s.size-at, aside)})
	s.size = at
	return true, nil
}

// enter indexes records of one capture file and notes that it is indexed up to end.
func (a *Archive) enter(m *mend, number uint32, end int64, records []written) error {
	return a.update(func(tx kv.Tx) error {
		if a.shared != nil {
			if err := kv.Fetch(tx, lookedAt(records)...); err != nil {
				return err
			}
		}
		for _, w := range records {
			err := index(tx, w.place, w.rec)
			if errors.Is(err, errEntry) {
				m.problems.add(Problem{File: fileName(number), Offset: w.place.extent.Offset, Record: w.rec.ID(), What: err.Error()})
			} else if err != nil {
				return err
			}
		}
		a.logged.file, a.logged.end = number, end
		return errors.Join(putEnd(tx, number, end), a.logged.put(tx))
	})
}

// record appends records to the evidence, then to the ledger, and then indexes them.
func (a *Archive) record(records []*warc.Record) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	e, err := encode(records)
	if err != nil {
		return err
	}
	return a.enterNew(e)
}

// enterNew appends to the evidence, to the ledger and to the index.
func (a *Archive) enterNew(e *encoded) error {
	out, err := a.captures.append(e)
	if err != nil {
		return err
	}
	var m mend
	if err := a.logBatch(&m, out); err != nil {
		a.captures.broken = fmt.Errorf("log new records: %w", err)
		return a.captures.broken
	}
	err = a.enter(&m, a.captures.number, a.captures.end, out)
	if err == nil && len(m.problems) > 0 {
		err = errors.New(m.problems[0].String())
	}
	if err != nil {
		a.captures.broken = fmt.Errorf("index new records: %w", err)
		return a.captures.broken
	}
	return nil
}

// Rebuild makes the index of the archive in dir anew from its capture files. What was derived is gone: every snapshot is
// pending again. An index that cannot be opened is kept under another name. Problems are what the capture files hold
// that is no evidence; the rest is indexed.
func Rebuild(ctx context.Context, dir string, opts Options, progress func(Progress)) (Problems, error) {
	again := rebuild
	if OnServer(dir) {
		again = rebuildShared
	}
	problems, err := again(ctx, dir, opts, progress)
	if err != nil {
		return problems, fmt.Errorf("rebuild archive %s: %w", dir, err)
	}
	return problems, nil
}

func rebuild(ctx context.Context, dir string, opts Options, progress func(Progress)) (Problems, error) {
	if opts.ReadOnly {
		return nil, ErrReadOnly
	}
	if err := checkFormat(dir); err != nil {
		return nil, err
	}
	db, err := openForRebuild(filepath.Join(dir, indexFile), opts)
	if err != nil {
		return nil, err
	}
	a := newArchive(dir, opts, db)
	m := mend{ctx: ctx, whole: true, progress: progress}
	err = a.readAnew(&m)
	return m.problems, errors.Join(err, a.Close())
}

// readAnew enters all evidence into an empty index and signs the ledger up to its end.
func (a *Archive) readAnew(m *mend) error {
	if err := a.openLedger(); err != nil {
		return err
	}
	if err := a.rollForward(m); err != nil {
		return err
	}
	if err := a.finishErasures(); err != nil {
		return err
	}
	err := a.sign()
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrKey) {
		m.problems.add(Problem{File: ledgerDir, What: err.Error()})
		return nil
	}
	return err
}

// openForRebuild opens the index and empties it. An index that is too damaged for that is moved aside, and a new one made.
func openForRebuild(path string, opts Options) (*bolt.DB, error) {
	db, err := openEmpty(path, opts)
	if !errors.Is(err, ErrNoIndex) {
		return db, err
	}
	aside, err := freeName(path + ".damaged")
	if err != nil {
		return nil, err
	}
	if err := os.Rename(path, aside); err != nil {
		return nil, err
	}
	return openEmpty(path, opts)
}

func openEmpty(path string, opts Options) (*bolt.DB, error) {
	db, err := openIndex(path, opts)
	if err != nil {
		return nil, err
	}
	err = db.View(func(tx *bolt.Tx) error {
		if err := whole(tx); err != nil {
			return err
		}
		if err := checkPages(path, uint64(tx.ID()), db.Info().PageSize); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrNoIndex, indexFile, err)
		}
		return nil
	})
	if err == nil {
		err = empty(db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// empty makes all buckets anew.
func empty(db *bolt.DB) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %s: %v", ErrNoIndex, indexFile, r)
		}
	}()
	return db.Update(func(tx *bolt.Tx) error {
		var names [][]byte
		if err := tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			names = append(names, slices.Clone(name))
			return nil
		}); err != nil {
			return err
		}
		for _, name := range names {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		return makeBuckets(kv.BoltTx{Tx: tx})
	})
}
