package archive

// This file checks an archive: every byte of evidence, and the index against it.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	bolt "go.etcd.io/bbolt"
)

// A Problem is one thing that is not as it should be.
type Problem struct {
	File   string // a capture file, or index.db
	Offset int64  // of the record in the capture file
	Record string // its identifier, if it could be read
	What   string
	Note   bool // worth knowing, but no damage: what a crash leaves
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if strings.HasSuffix(p.File, ".gz") {
		fmt.Fprintf(&b, " offset %d", p.Offset)
	}
	if p.Record != "" {
		b.WriteString(" record " + p.Record)
	}
	return b.String() + ": " + p.What
}

// Problems are what a check or a rebuild found, in the order of the archive.
type Problems []Problem

// Damaged says whether there is more than notes.
func (p Problems) Damaged() bool {
	for _, x := range p {
		if !x.Note {
			return true
		}
	}
	return false
}

func (p *Problems) add(x Problem) { *p = append(*p, x) }

// Check reads everything: the framing, checksum and digest of each record, its leaf in the ledger, the ledger and its checkpoints, each body and each dictionary that it
// needs, each entry of the index against the evidence, each document and each version. It changes nothing. The error
// says that checking could not be finished, not that something is damaged. What is put meanwhile may have to wait.
func (a *Archive) Check(ctx context.Context, progress func(Progress)) (Problems, error) {
	if a.shared != nil {
		var found Problems
		err := a.steady(func(w *Archive) (err error) { found, err = w.check(ctx, progress); return err })
		return found, err
	}
	if err := checkFormat(a.dir); err != nil {
		return nil, fmt.Errorf("check archive %s: %w", a.dir, err)
	}
	found, err := a.check(ctx, progress)
	if b, again := readSmall(filepath.Join(a.dir, formatFile), 1<<10); again == nil && string(b) != formatLine+"\n" {
		found.add(Problem{File: formatFile, What: fmt.Sprintf("says %.40q, not %q", b, formatLine+"\n")})
	}
	return found, err
}

func (a *Archive) check(ctx context.Context, progress func(Progress)) (Problems, error) {
	dir, err := os.MkdirTemp("", "drittland-check-")
	if err != nil {
		return nil, fmt.Errorf("check archive %s: %w", a.dir, err)
	}
	defer os.RemoveAll(dir)
	fresh, err := bolt.Open(filepath.Join(dir, indexFile), 0o600, &bolt.Options{NoSync: true, NoFreelistSync: true})
	if err != nil {
		return nil, fmt.Errorf("check archive %s: %w", a.dir, err)
	}
	defer fresh.Close()
	c := &checker{a: a, ctx: ctx, fresh: kv.Bolt{DB: fresh}, progress: progress}
	if c.progress == nil {
		c.progress = func(Progress) {}
	}
	if err := c.run(); err != nil {
		return c.problems, fmt.Errorf("check archive %s: %w", a.dir, err)
	}
	return c.problems, nil
}

// A checker indexes the evidence once more, into fresh, and compares.
type checker struct {
	a        *Archive
	ctx      context.Context
	fresh    kv.DB
	progress func(Progress)
	problems Problems
	lost     bool // some evidence could not be read
	log      *logCheck
	blank    []written // records whose content was erased
	later    []written // records that rest on one of those: they are judged when all erasures are known
}

func (c *checker) run() error {
	if err := c.fresh.Update(makeBuckets); err != nil {
		return err
	}
	numbers, err := c.a.captures.list()
	if err != nil {
		return err
	}
	return c.guarded(func(tx kv.Tx) error { // one view of the index, while others may write
		ends := map[uint32]int64{}
		if err := readEnds(tx, ends); err != nil {
			return err
		}
		if err := c.startLog(tx); err != nil {
			return err
		}
		next := uint32(1)
		for _, n := range numbers {
			for ; next < n; next++ {
				c.damage(Problem{File: fileName(next), What: "is missing"})
				delete(ends, next)
			}
			next++
			if err := c.file(n, ends); err != nil {
				return err
			}
			delete(ends, n)
		}
		for n := range ends {
			c.damage(Problem{File: fileName(n), What: "is in the index, but there is no such file"})
		}
		if err := c.erasures(); err != nil {
			return err
		}
		if c.a.shared != nil {
			if err := c.objects(tx); err != nil {
				return err
			}
		}
		if err := c.log.finish(tx); err != nil {
			return err
		}
		return c.index(tx)
	})
}

// guarded runs f with a view of the index, and makes a problem of what a damaged index does to it.
func (c *checker) guarded(f func(kv.Tx) error) error {
	if c.a.file == nil {
		return c.sound(c.a.view(f))
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	c.a.mu.Lock() // checking the pages of the index needs a standstill, what follows does not
	tx, err := c.a.file.Begin(false)
	var wrong error
	if err == nil {
		if wrong = checkPages(c.a.file.Path(), uint64(tx.ID()), c.a.file.Info().PageSize); wrong == nil {
			for err := range tx.Check() {
				c.problems.add(Problem{File: indexFile, What: err.Error()})
			}
		}
	}
	c.a.mu.Unlock()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if wrong != nil {
		c.problems.add(Problem{File: indexFile, What: wrong.Error()})
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			c.problems.add(Problem{File: indexFile, What: fmt.Sprintf("cannot be read: %v", r)})
		}
	}()
	return c.sound(f(kv.BoltTx{Tx: tx}))
}

// sound makes a problem of what is damaged in the index.
func (c *checker) sound(err error) error {
	if unread(err) == nil && (errors.Is(err, ErrDamaged) || errors.Is(err, ErrNoIndex)) {
		c.problems.add(Problem{File: indexFile, What: err.Error()})
		return nil
	}
	return err
}

// damage adds a problem with the evidence.
func (c *checker) damage(p Problem) {
	c.lost = c.lost || !p.Note
	c.problems.add(p)
}

// file checks one capture file up to its indexed end, and notes what stands behind.
func (c *checker) file(number uint32, ends map[uint32]int64) error {
	s, err := c.a.captures.scan(c.ctx, number, 0)
	if err != nil {
		return err
	}
	defer s.close()
	end, indexed := ends[number]
	switch {
	case !indexed || s.size > end:
		c.problems.add(Problem{File: fileName(number), Offset: end, Note: true, What: fmt.Sprintf(
			"%d bytes are not indexed yet; opening the archive for writing takes them up or moves them aside", s.size-end)})
	case s.size < end:
		c.damage(Problem{File: fileName(number), Offset: s.size, What: fmt.Sprintf("ends here; the index knows %d bytes", end)})
	}
	if !indexed {
		return nil
	}
	s.size = min(s.size, end)
	s.start(0)
	first := true
	for {
		batch, err := s.batch()
		if len(batch) > 0 && first {
			first = false
			if batch[0].rec.Type() != "warcinfo" {
				c.damage(Problem{File: fileName(number), Record: batch[0].rec.ID(), What: "first record is no warcinfo"})
			}
		}
		if again := c.records(number, s.at, batch); again != nil {
			return again
		}
		c.progress(Progress{fileName(number), s.at, s.size})
		switch {
		case err == nil:
			continue
		case err == io.EOF:
			return nil
		case !isDamage(err):
			return err
		}
		c.damage(Problem{File: fileName(number), Offset: s.at, What: err.Error()})
		if !s.skip() {
			return c.records(number, s.size, nil)
		}
	}
}

// records checks records of one capture file and enters them in the fresh index.
func (c *checker) records(number uint32, end int64, batch []written) error {
	return c.fresh.Update(func(tx kv.Tx) error {
		for _, w := range batch {
			if err := c.ctx.Err(); err != nil {
				return err
			}
			report := func(err error) {
				c.damage(Problem{File: fileName(number), Offset: w.place.extent.Offset, Record: w.rec.ID(), What: err.Error()})
			}
			if err := w.rec.CheckDigest(); err != nil && !w.erased {
				report(err)
			}
			if err := c.log.record(w); err != nil {
				return err
			}
			if id, err := parseUUID(w.rec.ID()); err == nil && tx.Bucket(bucketRecords).Get(id[:]) != nil {
				report(errors.New("a record of this name stands earlier in the archive"))
				continue
			}
			err := index(tx, w.place, w.rec)
			if err != nil && !errors.Is(err, errEntry) {
				return err
			}
			switch {
			case w.erased:
				c.blank = append(c.blank, w)
			case err == nil:
				err = c.content(tx, w)
			}
			if e := unread(err); e != nil {
				return e
			}
			if errors.Is(err, ErrErased) {
				c.later = append(c.later, w)
			} else if err != nil {
				report(err)
			}
		}
		return putEnd(tx, number, end)
	})
}

// content decodes the body in a body record, compares a revisit with its original, and the bodies that the entries of a capture speak of.
func (c *checker) content(tx kv.Tx, w written) error {
	if want, ok := bodyHash(w.rec); ok {
		if done, err := c.stoodIn(tx, w.rec, want); done || err != nil {
			return err
		}
		body, err := c.a.recordBody(tx, w.rec)
		if err != nil {
			return err
		}
		if key, _ := hashKey(snapshots.HashOf(body)); !bytes.Equal(key, want) {
			return errors.New("its body does not have the hash that the record states")
		}
		return nil
	}
	if isOpinions(w.rec) {
		_, err := readOpinions(w.rec)
		return err
	}
	if w.rec.Type() == "revisit" {
		return c.pardon(tx, c.a.checkRevisit(tx, w.rec))
	}
	if w.rec.Type() != "metadata" || w.rec.Header.Get("Content-Type") != typeEntries {
		return nil
	}
	var wrong error
	for _, line := range bytes.Split(bytes.TrimSuffix(w.rec.Block, []byte("\n")), []byte("\n")) {
		e, err := lineEntry(line)
		if err != nil {
			wrong = errors.Join(wrong, c.pardon(tx, c.opinions(tx, line)))
			continue // a declaration or a cursor; index has read it
		}
		if err := c.pardon(tx, c.entry(tx, e)); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("snapshot %s: %w", e.Snapshot.ID, err))
		}
	}
	return wrong
}

// entry checks that all that belongs to a snapshot stands before it in the evidence. The bodies of imports have been
// decoded where they stand; those of captures are decoded here.
func (c *checker) entry(tx kv.Tx, e *entry) error {
	if got := snapshotID(e.Snapshot).String(); got != e.Snapshot.ID {
		return fmt.Errorf("its content has the ID %s", got)
	}
	for _, name := range e.Records {
		id, err := parseUUID(name)
		if err != nil {
			return err
		}
		p, err := locate(tx, id)
		if err != nil {
			return err
		}
		if e.Snapshot.ThirdParty != nil {
			if err := c.foreign(p, name); err != nil {
				return err
			}
		}
	}
	if err := c.pictures(tx, e); err != nil || e.Snapshot.Size == 0 {
		return err
	}
	id, err := bodyRecord(tx, e)
	if err != nil {
		return err
	}
	p, err := locate(tx, id)
	if err != nil || p.depth != noBody {
		return err
	}
	rec, err := c.a.captures.read(p)
	if err != nil {
		return err
	}
	body, err := c.a.recordBody(tx, rec)
	if err != nil {
		return err
	}
	if got := snapshots.HashOf(body); got != e.Snapshot.Body || len(body) != e.Snapshot.Size {
		return fmt.Errorf("response %s holds a body of %d bytes with hash %s", id, len(body), got)
	}
	return nil
}
