package archive

// This file copies an archive to other ground: from a folder to a server, from a server to a folder, and between two of a kind.

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
)

// Copied says what a copy holds.
type Copied struct {
	Files  int            // capture files
	Bytes  int64          // of them
	Kept   int64          // bytes of those that an earlier attempt had copied
	Leaves int64          // of the ledger
	Keys   int            // of the index
	Dump   snapshots.Hash // of the dump of the index with what is derived, which is that of the source
}

// Copy copies the archive at one address to another, which is a folder that does not exist or is empty, or a database without an archive or with an
// empty one. The capture files are copied byte for byte and every record is read; the files of the ledger, with all that stands beside them, and the whole
// index, with what was derived, are copied as they are at one moment. A folder is held meanwhile, so that nobody writes to it; a server is not. It takes the memory of
// a few records, however large the archive is.
//
// The copy is an archive when everything was compared. Until then it is ErrUnfinished: the same copy, made again, goes on with it and compares
// what is there already. A damaged source is ErrDamaged, and what is not empty, or an unfinished copy of another archive, is ErrExists. Both keep the name and the key of their ledger:
// go on with one of them.
func Copy(ctx context.Context, from, to string, fromOpts, toOpts Options, progress func(Progress)) (Copied, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	done, err := copyArchive(ctx, from, to, fromOpts, toOpts, progress)
	if err != nil {
		return done, fmt.Errorf("copy %s to %s: %w", shown(from), shown(to), err)
	}
	return done, nil
}

// shown is an address without a password.
func shown(address string) string {
	if OnServer(address) {
		return pg.Shown(address)
	}
	return address
}

func copyArchive(ctx context.Context, from, to string, fromOpts, toOpts Options, progress func(Progress)) (Copied, error) {
	fromOpts.ReadOnly = true
	src, err := Open(from, fromOpts)
	if err != nil {
		return Copied{}, err
	}
	c, err := copySteady(ctx, src, to, toOpts, progress)
	for range 2 {
		if errors.Is(err, errErasing) {
			c, err = copySteady(ctx, src, to, toOpts, progress)
		}
	}
	err = errors.Join(err, src.Close())
	if c == nil {
		return Copied{}, err
	}
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNoIndex) {
		err = fmt.Errorf("%w; check the archive that is to be copied", err)
	}
	if err != nil && c.to != nil {
		err = fmt.Errorf("%w; what is there is %w", err, ErrUnfinished)
	}
	return c.done, err
}

var errErasing = errors.New("captures are being erased; try again later")

// copySteady copies an archive as it is at one moment. It is errErasing if something was erased since then: of that, nothing may be in the copy.
func copySteady(ctx context.Context, src *Archive, to string, toOpts Options, progress func(Progress)) (c *copier, err error) {
	err = src.steady(func(a *Archive) error {
		return a.view(func(tx kv.Tx) error {
			c = &copier{ctx: ctx, from: a, tx: tx, progress: progress}
			c.erased = func() (erased bool, err error) {
				err = src.view(func(now kv.Tx) error {
					erased = now.Bucket(bucketErased).Len() != tx.Bucket(bucketErased).Len()
					return nil
				})
				return erased, err
			}
			return c.run(to, toOpts)
		})
	})
	if errors.Is(err, ErrDamaged) && c != nil { // perhaps it looks so: objects are gone
		if erased, wrong := c.erased(); wrong == nil && erased {
			err = errErasing
		}
	}
	return c, err
}

// A copier copies an archive as it is in a transaction.
type copier struct {
	ctx      context.Context
	from     *Archive
	tx       kv.Tx
	to       target
	erased   func() (bool, error) // whether something was erased since
	progress func(Progress)
	done     Copied
}

// A Beside is what others keep in tables of their own beside an archive on a server. It goes along from one server to another, before the copy is an archive.
type Beside interface {
	// Vacant refuses a database that holds something of it. It is asked before anything is copied there.
	Vacant(ctx context.Context, db *pg.DB) error
	// Copy makes what is in a database that of another. An earlier attempt may have done so.
	Copy(ctx context.Context, from, to *pg.DB) error
}

// beside copies what stands beside the archive.
func (c *copier) beside(b Beside) error {
	to := c.to.archive().shared
	if b == nil || c.from.shared == nil || to == nil {
		return nil
	}
	return b.Copy(c.ctx, c.from.shared.db, to.db)
}

// A target is a place that becomes an archive.
type target interface {
	// keep reports whether the bytes b stand in a capture file at an offset. If they do not, what stands there and behind is taken away.
	keep(number uint32, at int64, b []byte) (bool, error)
	// put writes a piece of a capture file, behind those before it. It begins and ends with a record.
	put(number uint32, at int64, b []byte) error
	// end takes away what stands behind the end of a capture file; all of it if end is 0.
	end(number uint32, end int64) error
	// clear takes all files of the ledger away.
	clear() error
	// file writes more of a file of the ledger, from an offset on.
	file(name string, at int64, b []byte) error
	// look and change are transactions of the index.
	look(f func(kv.Tx) error) error
	change(f func(kv.Tx) error) error
	// archive is what was copied so far.
	archive() *Archive
	// finish makes it an archive.
	finish(p progress, meta map[string][]byte) error
	close() error
}

func (c *copier) run(to string, opts Options) (err error) {
	if err := c.from.openLedger(); err != nil {
		return err
	}
	keys, err := c.from.publicKeys()
	if err != nil {
		return err
	}
	if c.to, err = openTarget(c.ctx, to, opts, originOf(keys)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.to.close()) }()
	for _, step := range []func() error{c.files, c.ledger, c.index, c.verify} {
		if err := step(); err != nil {
			return err
		}
	}
	if erased, err := c.erased(); err != nil || erased {
		return cmp.Or(err, errErasing)
	}
	if err := c.beside(opts.Beside); err != nil {
		return err
	}
	meta := map[string][]byte{}
	for _, k := range [][]byte{keyErasing, keyKept, keyHeld} {
		if v := c.tx.Bucket(bucketMeta).Get(k); v != nil {
			meta[string(k)] = bytes.Clone(v)
		}
	}
	return c.to.finish(c.from.logged, meta)
}

// files copies the capture files up to their indexed ends.
func (c *copier) files() error {
	ends := map[uint32]int64{}
	if err := readEnds(c.tx, ends); err != nil {
		return err
	}
	n := uint32(1)
	for ; ends[n] > 0; n++ {
		if err := c.file(n, ends[n]); err != nil {
			return err
		}
		c.done.Files, c.done.Bytes = c.done.Files+1, c.done.Bytes+ends[n]
	}
	if len(ends) != c.done.Files {
		return fmt.Errorf("%w: %s is missing", ErrDamaged, fileName(n))
	}
	return c.to.end(n, 0)
}

// pieceSize is about how many bytes of a capture file are written at a time.
const pieceSize = 4 << 20

func (c *copier) file(number uint32, end int64) error {
	f, err := c.from.captures.open(number)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, fileName(number), err)
	}
	defer f.Close()
	cut := newCutter(io.NewSectionReader(f, 0, end))
	there := true // what is copied may be there
	for at := int64(0); at < end; {
		b, err := cut.piece(c.ctx)
		if err != nil {
			if isDamage(err) || err == io.EOF {
				err = fmt.Errorf("%w: %s: %w", ErrDamaged, fileName(number), err)
			}
			return err
		}
		if there {
			if there, err = c.to.keep(number, at, b); err != nil {
				return err
			}
		}
		if there {
			c.done.Kept += int64(len(b))
		} else if err := c.to.put(number, at, b); err != nil {
			return err
		}
		at += int64(len(b))
		c.progress(Progress{fileName(number), at, end})
	}
	return c.to.end(number, end)
}

// A cutter cuts a capture file into pieces of whole records, each of which it reads.
type cutter struct {
	r   *warc.Reader
	buf bytes.Buffer // from the end of the last piece on
	at  int64        // where that is
}

func newCutter(r io.Reader) *cutter {
	c := &cutter{}
	c.r = warc.NewReader(io.TeeReader(bufio.NewReaderSize(r, 1<<20), &c.buf), warc.Limits{})
	return c
}

// piece is what comes next; it is valid until the next call. io.EOF says that nothing does.
func (c *cutter) piece(ctx context.Context) ([]byte, error) {
	end := c.at
	for end-c.at < pieceSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec, err := c.r.Next()
		if err == io.EOF && end > c.at {
			break
		}
		if err == nil && !isErased(rec) {
			if err = rec.CheckDigest(); err != nil {
				err = fmt.Errorf("%w: record at offset %d: %w", ErrDamaged, end, err)
			}
		}
		if err != nil {
			return nil, err
		}
		x := c.r.Extent()
		end = x.Offset + x.Length
	}
	b := c.buf.Next(int(end - c.at))
	c.at = end
	return b, nil
}

// ledger copies the files of the ledger as far as the index knows it, and all else that stands beside it.
func (c *copier) ledger() error {
	names, err := c.from.files.names()
	if err == nil {
		err = c.to.clear()
	}
	if err != nil {
		return err
	}
	ends := c.from.logged.ends()
	b := make([]byte, pieceSize)
	for _, name := range names {
		size, err := c.from.files.Size(name)
		if err != nil {
			return err
		}
		if end, ok := ends[name]; ok {
			size = min(size, end)
		}
		for at := int64(0); at < size || at == 0; at += pieceSize {
			n := min(size-at, pieceSize)
			err := c.from.files.ReadAt(name, b[:n], at)
			if err == nil {
				err = c.to.file(name, at, b[:n])
			}
			if err = errors.Join(err, c.ctx.Err()); err != nil {
				return err
			}
			c.progress(Progress{ledgerDir + "/" + name, at + n, size})
		}
	}
	return nil
}

// verify compares the copy with what was copied: the ledger with what was signed, and the indexes.
func (c *copier) verify() error {
	a := c.to.archive()
	a.logged = c.from.logged
	var err error
	if a.log, err = ledger.Open(a.files); err != nil {
		return err
	}
	if c.done.Leaves = a.log.Size(); c.done.Leaves != a.logged.leaves {
		return fmt.Errorf("%w: the ledger holds %d leaves, the index knows %d", ErrDamaged, c.done.Leaves, a.logged.leaves)
	}
	_, last, err := a.lastCheckpoint()
	if err == nil {
		if root, wrong := a.log.Root(last.Size); wrong != nil || root != last.Root {
			return errors.Join(wrong, fmt.Errorf("%w: the ledger does not have the root that was signed", ErrDamaged))
		}
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	for _, name := range allBuckets {
		c.done.Keys += c.tx.Bucket(name).Len()
	}
	c.progress(Progress{"compare", 0, 2})
	want, err := c.from.digest(c.ctx)
	if err != nil {
		return err
	}
	c.progress(Progress{"compare", 1, 2})
	if c.done.Dump, err = a.digest(c.ctx); err != nil {
		return err
	}
	c.progress(Progress{"compare", 2, 2})
	if c.done.Dump != want {
		return errors.New("the index of the copy is another one: others have changed it while it was made")
	}
	return nil
}

// digest is the hash of the dump of an archive.
func (a *Archive) digest(ctx context.Context) (snapshots.Hash, error) {
	h := sha256.New()
	err := a.Dump(writerFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return h.Write(b)
	}), true)
	return snapshots.Hash(hex.EncodeToString(h.Sum(nil))), err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
