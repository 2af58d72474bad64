package archive

// This file keeps the ledger beside the capture files: one leaf for each record, written after the record and before its entry in the index.

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/ledger"
)

const ledgerDir = "ledger"

var keyLedger = []byte("ledger") // of meta → progress

// A progress says how far the ledger agrees with the index: it is written with what is indexed.
type progress struct {
	leaves int64  // of the records that are indexed
	file   uint32 // up to where the capture files are in the ledger
	end    int64
	signed int64 // bytes of checkpoints that are whole
}

func (p progress) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.leaves))
	b = binary.BigEndian.AppendUint32(b, p.file)
	b = binary.BigEndian.AppendUint64(b, uint64(p.end))
	return binary.BigEndian.AppendUint64(b, uint64(p.signed))
}

// readProgress is zero for an archive that had no ledger yet, and after its index was emptied.
func readProgress(tx kv.Tx) (progress, error) {
	b := tx.Bucket(bucketMeta).Get(keyLedger)
	if b == nil {
		return progress{}, nil
	}
	b, ok := unsealed(keyLedger, b)
	if !ok || len(b) != 28 {
		return progress{}, fmt.Errorf("%w: %s: what it knows of the ledger is damaged", ErrNoIndex, indexFile)
	}
	return progress{leaves: int64(binary.BigEndian.Uint64(b)), file: binary.BigEndian.Uint32(b[8:]),
		end: int64(binary.BigEndian.Uint64(b[12:])), signed: int64(binary.BigEndian.Uint64(b[20:]))}, nil
}

func (p progress) put(tx kv.Tx) error {
	return tx.Bucket(bucketMeta).Put(keyLedger, sealed(keyLedger, p.encode()))
}

// entry is what the ledger keeps of a record. One without an identifier of ours is not logged, and not indexed either.
func (w written) entry() (ledger.Entry, bool) {
	id, err := parseUUID(w.rec.ID())
	if err != nil {
		return ledger.Entry{}, false
	}
	leaf := ledger.Leaf{Record: id.String(), Head: w.digests.Head, Block: w.digests.Block}
	return ledger.Entry{Hash: leaf.Hash(), ID: id}, true
}

// openLedger opens the ledger and compares it with what the index knows of it.
func (a *Archive) openLedger() error {
	var err error
	if a.log, err = ledger.Open(a.files); err != nil {
		return err
	}
	if err := a.view(func(tx kv.Tx) error { a.logged, err = readProgress(tx); return err }); err != nil {
		return err
	}
	if a.opts.ReadOnly {
		return nil
	}
	if a.log.Size() < a.logged.leaves {
		return fmt.Errorf("%w: %s/%s holds %d leaves, the index knows %d", ErrDamaged, ledgerDir, ledger.LeavesFile, a.log.Size(), a.logged.leaves)
	}
	return nil
}

// said tells the user what was mended or made.
func (a *Archive) said(format string, args ...any) {
	if a.opts.Said != nil {
		a.opts.Said(fmt.Sprintf(format, args...))
	}
}

// takeLog logs records that are indexed and not in the ledger: those of an archive that had none, or that a release
// without a ledger has written.
func (a *Archive) takeLog(m *mend, numbers []uint32, ends map[uint32]int64) error {
	from := a.logged
	for i, n := range numbers {
		if size, err := a.captures.size(n); err != nil || n != uint32(i)+1 || size < ends[n] {
			return err // the files are damaged, as will be said
		}
	}
	begun := false
	for _, n := range numbers {
		start := int64(0)
		if n == from.file {
			start = from.end
		}
		if n < from.file || start >= ends[n] {
			continue
		}
		if !begun {
			begun = true
			if from.leaves == 0 {
				a.said("the archive in %s gets a ledger of its records; this is done once", a.dir)
			} else {
				a.said("records that another release has written are entered in the ledger of %s", a.dir)
			}
		}
		if err := a.takeFile(m, n, start, ends[n]); err != nil {
			return err
		}
	}
	if !begun {
		return nil
	}
	return a.update(a.logged.put)
}

// takeFile logs the records of one capture file between two offsets. What is damaged there is not logged; check names it.
func (a *Archive) takeFile(m *mend, number uint32, from, to int64) error {
	s, err := a.captures.scan(m.ctx, number, from)
	if err != nil {
		return err
	}
	defer s.close()
	s.size = to
	s.start(from)
	for {
		batch, err := s.batch()
		if err := a.logBatch(m, batch); err != nil {
			return err
		}
		if err != nil && err != io.EOF && !isDamage(err) {
			return err
		}
		if err == io.EOF || err != nil && !s.skip() {
			a.logged.file, a.logged.end = number, to
			return nil
		}
	}
}

// logBatch logs records, or compares them with the leaves that stand for them already.
func (a *Archive) logBatch(m *mend, batch []written) error {
	var fresh []ledger.Entry
	for _, w := range batch {
		e, ok := w.entry()
		switch {
		case !ok:
			continue
		case a.logged.leaves >= a.log.Size():
			fresh = append(fresh, e)
			continue
		}
		leaf, err := a.log.Entry(a.logged.leaves)
		switch {
		case err != nil:
			return err
		case leaf.ID == e.ID && (leaf.Hash == e.Hash || m.whole): // check names what was changed
			a.logged.leaves++
		case !m.whole:
			return fmt.Errorf("%w: record %s is not what leaf %d of the ledger says", ErrDamaged, w.rec.ID(), a.logged.leaves)
		default:
			if err := a.align(m, w, e); err != nil {
				return err
			}
		}
	}
	if err := a.log.Append(fresh); err != nil {
		return err
	}
	a.logged.leaves += int64(len(fresh))
	return nil
}

// align finds the leaf of a record that does not stand where it was logged.
func (a *Archive) align(m *mend, w written, e ledger.Entry) error {
	if m.leaves == nil {
		m.leaves = map[uuid]int64{}
		if err := a.log.Entries(func(n int64, e ledger.Entry) error { m.leaves[e.ID] = n; return nil }); err != nil {
			return err
		}
	}
	n, ok := m.leaves[e.ID]
	if !ok {
		m.problems.add(Problem{File: fileName(w.place.file), Offset: w.place.extent.Offset, Record: w.rec.ID(), What: "is not in the ledger, but later records are"})
		return nil
	}
	a.logged.leaves = n + 1
	return nil
}

// settle makes the ledger end where the capture files do. Leaves that no checkpoint signs, of records that a crash has taken, go.
func (a *Archive) settle(m *mend) error {
	if a.logged.leaves >= a.log.Size() {
		return nil
	}
	if m.whole {
		a.logged.leaves = a.log.Size()
		return a.update(a.logged.put)
	}
	_, c, err := a.lastCheckpoint()
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	lost := a.log.Size() - a.logged.leaves
	if c.Size > a.logged.leaves {
		return fmt.Errorf("%w: the ledger has %d records that the capture files do not hold", ErrDamaged, lost)
	}
	a.said("%d records that a crash has taken are struck from the end of the ledger", lost)
	return a.log.Cut(a.logged.leaves)
}
