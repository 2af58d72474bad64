package archive

// This file is an archive that several machines have at a time: its index and its ledger in PostgreSQL, its capture files as objects. All that one
// put writes is one transaction, with its leaves and a signed checkpoint over them: a reader sees nothing that is not covered.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/warc"
)

// ErrNoObjects says that an archive on a server does not know where its capture files are.
var ErrNoObjects = errors.New("no store of objects is named")

// Buckets that only an archive on a server has.
var (
	bucketParts  = []byte("parts")  // number of a capture file (4), offset (8) → length (8), name of an object
	bucketDoomed = []byte("doomed") // name of an object that a copy has taken out → nothing
	bucketSpare  = []byte("spare")  // number of a capture file (4), offset (8), name of an object that no part names → length (8), since when (8)
	bucketVault  = []byte("vault")  // file of the ledger → { number of a chunk (8) → bytes }

	keyObjects = []byte("objects") // of meta → address of the store of objects
	keyKept    = []byte("kept")    // of meta → size (8) of the last checkpoint that no later one takes the place of
	keyHeld    = []byte("held")    // of meta → size (8) of the last checkpoint that was handed out
)

// OnServer reports whether address names an archive on a server, "postgres://…", and not a folder.
func OnServer(address string) bool { return pg.Is(address) }

// shared is what the archives of one process on a server have in common.
type shared struct {
	db      *pg.DB
	objects objects.Store
	near    *cache // small objects that were read

	turn    sync.Mutex // held by the one who enters
	mu      sync.Mutex // guards what follows
	waiting []*entering
}

// CreateShared lays out the database at address, or brings the tables of an earlier release up to this one, and makes an archive in it whose
// capture files go to the store of objects at the other address. Made already, with the same store, it is left as it is. It says whether it was made.
func CreateShared(ctx context.Context, address string, opts Options) (made bool, err error) {
	db, err := pg.Open(ctx, address)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if made, err = createShared(ctx, db, opts); err != nil {
		return false, fmt.Errorf("create archive %s: %w", db, err)
	}
	return made, nil
}

func createShared(ctx context.Context, db *pg.DB, opts Options) (made bool, err error) {
	var store objects.Store
	if opts.Objects != "" {
		if store, err = objects.Open(ctx, opts.Objects, opts.getenv()); err != nil {
			return false, err
		}
	}
	if _, err := db.Migrate(ctx); err != nil {
		return false, err
	}
	err = db.Alone(func(tx kv.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta.Get(keyCopying) != nil {
			return ErrUnfinished
		}
		if meta.Get(keyLayout) != nil {
			if opts.Objects == "" || opts.Objects == string(meta.Get(keyObjects)) {
				return nil
			}
			if k, v := tx.Bucket(bucketParts).Cursor().Last(); k != nil {
				last, err := decodePart(k, v)
				if err := errors.Join(err, holds(ctx, store, last)); err != nil {
					return err
				}
			}
			return meta.Put(keyObjects, []byte(opts.Objects))
		}
		if opts.Objects == "" {
			return ErrNoObjects
		}
		made = true
		return errors.Join(meta.Put(keyObjects, []byte(opts.Objects)), makeBuckets(tx))
	})
	return made, err
}

func newShared(s *shared, opts Options) *Archive {
	return &Archive{dir: s.db.String(), opts: opts, db: s.db, shared: s, codec: newCodec(), bodies: newCache(cmp.Or(opts.AtHand, 40<<20)),
		captures: newCaptures(&parts{s: s, read: s.db.Peek}, opts.FileSize), files: vault{read: s.db.Peek}}
}

// bound is an index within a transaction.
type bound struct{ kv.Tx }

func (b bound) View(f func(kv.Tx) error) error   { return f(b.Tx) }
func (b bound) Update(f func(kv.Tx) error) error { return f(b.Tx) }
func (b bound) Append(f func(kv.Tx) error) error { return f(b.Tx) }
func (b bound) Alone(f func(kv.Tx) error) error  { return f(b.Tx) }
func (b bound) Close() error                     { return nil }

// within is the archive as it is in a transaction. What is done to it is done in the transaction.
func (a *Archive) within(tx kv.Tx) (*Archive, error) {
	read := func(f func(kv.Tx) error) error { return f(tx) }
	w := &Archive{dir: a.dir, opts: a.opts, db: bound{tx}, shared: a.shared, codec: a.codec, bodies: a.bodies,
		captures: newCaptures(&parts{s: a.shared, read: read, tx: tx}, a.opts.FileSize), files: vault{read: read, tx: tx}}
	if err := w.openLedger(); err != nil {
		return nil, err
	}
	w.captures.number, w.captures.end = w.logged.file, w.logged.end
	return w, nil
}

// steady calls f with the archive as it is at one moment, as far as it is on a server; a local one has no other writer while it is open.
func (a *Archive) steady(f func(*Archive) error) error {
	if a.shared == nil {
		return f(a)
	}
	return a.db.View(func(tx kv.Tx) error {
		w, err := a.within(tx)
		if err != nil {
			return err
		}
		return f(w)
	})
}

// putShared is put on a server.
func (a *Archive) putShared(fill func(*stage) (bool, error)) error {
	var s *stage
	err := a.db.Append(func(tx kv.Tx) error {
		if err := fetch(tx); err != nil {
			return err
		}
		w, err := a.within(tx)
		if err != nil {
			return err
		}
		s = newStage(w, tx)
		anything, err := fill(s)
		if err != nil || !anything {
			return err
		}
		e, err := encode(s.records)
		if err != nil {
			return err
		}
		return w.commit(e)
	})
	if err == nil {
		s.keep()
	}
	return err
}

// commit records and signs within a transaction.
func (a *Archive) commit(e *encoded) error {
	if err := a.enterNew(e); err != nil {
		return err
	}
	return a.sign()
}

// finishShared finishes an erasure that was cut off, and takes away the objects that hold what was erased.
func (a *Archive) finishShared() error {
	erasing, doomed := false, false
	err := a.view(func(tx kv.Tx) error {
		erasing = tx.Bucket(bucketMeta).Get(keyErasing) != nil
		k, _ := tx.Bucket(bucketDoomed).Cursor().First()
		doomed = k != nil
		return nil
	})
	if err != nil || !erasing && !doomed {
		return err
	}
	err = a.db.Alone(func(tx kv.Tx) error {
		w, err := a.within(tx)
		if err != nil {
			return err
		}
		if err := w.finishErasures(); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Delete(keyScrub) // there is no file to be written anew: the tables are cleaned below
	})
	if err != nil {
		return err
	}
	a.bodies.empty()
	a.shared.near.empty()
	if err := a.sweep(); err != nil {
		return err
	}
	return a.shared.db.Vacuum(context.Background(), "documents", "versions", "derived", "parts")
}

// sweep deletes doomed objects. One is forgotten when it is gone.
func (a *Archive) sweep() error {
	var names [][]byte
	err := a.view(func(tx kv.Tx) error {
		return tx.Bucket(bucketDoomed).ForEach(func(k, _ []byte) error { names = append(names, k); return nil })
	})
	for _, name := range names {
		if err == nil {
			err = a.shared.objects.Delete(context.Background(), string(name))
		}
	}
	if err != nil {
		return err
	}
	return a.db.Append(func(tx kv.Tx) error {
		for _, name := range names {
			if err := tx.Bucket(bucketDoomed).Delete(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// rebuildShared makes the index anew from the capture files.
func rebuildShared(ctx context.Context, address string, opts Options, progress func(Progress)) (Problems, error) {
	a, err := openShared(address, opts)
	if err != nil {
		return nil, err
	}
	m := mend{ctx: ctx, whole: true, progress: progress}
	err = a.db.Alone(func(tx kv.Tx) error {
		for _, name := range allBuckets {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		if err := errors.Join(tx.Bucket(bucketMeta).Delete(keyLedger), makeBuckets(tx)); err != nil {
			return err
		}
		w, err := a.within(tx)
		if err != nil {
			return err
		}
		return w.readAnew(&m)
	})
	return m.problems, errors.Join(err, a.Close())
}

// encoded are records in the bytes that a capture file holds of them. Their places are counted from the first byte.
type encoded struct {
	bytes   []byte
	records []written
}

// encode makes gzip members of records.
func encode(records []*warc.Record) (*encoded, error) {
	var e encoded
	w := warc.NewWriter((*appender)(&e.bytes))
	for _, rec := range records {
		ext, err := w.Write(rec)
		if err != nil {
			return nil, err
		}
		e.records = append(e.records, written{place: place{extent: ext}, rec: rec, digests: w.Digests()})
	}
	return &e, nil
}

type appender []byte

func (a *appender) Write(b []byte) (int, error) { *a = append(*a, b...); return len(b), nil }

// sharedSizes sets the sizes of what an archive on a server holds.
func (a *Archive) sharedSizes(s *Stats) error {
	numbers, err := a.captures.list()
	for _, n := range numbers {
		size, wrong := a.captures.size(n)
		s.Captures, err = s.Captures+size, errors.Join(err, wrong)
	}
	if err == nil {
		err = a.view(func(tx kv.Tx) error {
			return tx.Bucket(bucketVault).ForEach(func(name, _ []byte) error {
				s.Ledger += sizeIn(tx, string(name))
				return nil
			})
		})
	}
	if err == nil {
		s.Index, err = a.shared.db.Size(context.Background())
	}
	return err
}
