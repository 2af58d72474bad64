package archive

// This file is what a copy is written to: a folder, or the tables and the objects of a server.

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/disk"
)

// copyFile is in a folder that becomes an archive, and names the ledger of the one that is copied.
const copyFile = "UNFINISHED-COPY"

// keyCopying is of meta in a database that becomes an archive: who copies (16 random bytes), the name of the ledger.
var keyCopying = []byte("copying")

func openTarget(ctx context.Context, to string, opts Options, origin string) (target, error) {
	opts.ReadOnly = false
	if OnServer(to) {
		return openServerTarget(ctx, to, opts, origin)
	}
	return openFolderTarget(to, opts, origin)
}

// ours refuses an unfinished copy of another archive. An archive without a record has no name yet.
func ours(marked, origin string) error {
	if marked != "" && marked != origin {
		return fmt.Errorf("%w: an unfinished copy of another archive", ErrExists)
	}
	return nil
}

type folderTarget struct{ a *Archive }

func openFolderTarget(dir string, opts Options, origin string) (target, error) {
	mark := filepath.Join(dir, copyFile)
	marked, err := readSmall(mark, 1<<10)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := vacant(dir); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	default:
		if _, err := os.Stat(filepath.Join(dir, formatFile)); err == nil {
			return nil, fmt.Errorf("%w: it is an archive", ErrExists)
		}
		if err := ours(strings.TrimSpace(string(marked)), origin); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, captureDir), 0o755); err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(mark, []byte(origin+"\n"), 0o644), disk.Sync(dir)); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, indexFile)
	db, err := openIndex(path, Options{Timeout: -1})
	if errors.Is(err, ErrNoIndex) { // a crash has cut it off
		if err = os.Remove(path); err == nil {
			db, err = openIndex(path, Options{Timeout: -1})
		}
	}
	if err != nil {
		return nil, err
	}
	t := &folderTarget{newArchive(dir, opts, db)}
	if err := t.a.update(makeBuckets); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *folderTarget) archive() *Archive { return t.a }

func (t *folderTarget) path(number uint32) string {
	return filepath.Join(t.a.dir, captureDir, fileName(number))
}

func (t *folderTarget) keep(number uint32, at int64, b []byte) (bool, error) {
	f, err := os.OpenFile(t.path(number), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	have := make([]byte, len(b))
	if n, _ := f.ReadAt(have, at); n == len(b) && bytes.Equal(have, b) {
		return true, nil
	}
	return false, f.Truncate(at)
}

func (t *folderTarget) put(number uint32, at int64, b []byte) error {
	_, err := t.a.captures.write(number, at, nil, b)
	return err
}

func (t *folderTarget) end(number uint32, end int64) error {
	if end > 0 {
		f, err := os.OpenFile(t.path(number), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Truncate(end), f.Sync(), f.Close())
	}
	err := os.Remove(t.path(number))
	for ; err == nil; number++ {
		err = os.Remove(t.path(number + 1))
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (t *folderTarget) clear() error { return os.RemoveAll(filepath.Join(t.a.dir, ledgerDir)) }

func (t *folderTarget) file(name string, at int64, b []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%w: %s holds a file with the name %.80q", ErrDamaged, ledgerDir, name)
	}
	path := filepath.Join(t.a.dir, ledgerDir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if name == keyFile {
		mode = 0o600
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, at)
	return errors.Join(err, f.Sync(), f.Close(), disk.Sync(filepath.Dir(path)))
}

func (t *folderTarget) look(f func(kv.Tx) error) error   { return t.a.view(f) }
func (t *folderTarget) change(f func(kv.Tx) error) error { return t.a.update(f) }

func (t *folderTarget) finish(p progress, meta map[string][]byte) error {
	err := t.a.update(func(tx kv.Tx) error { return putMeta(tx, p, meta) })
	if err == nil {
		err = errors.Join(disk.Sync(filepath.Join(t.a.dir, captureDir)), finish(t.a.dir))
	}
	if err == nil {
		err = os.Remove(filepath.Join(t.a.dir, copyFile))
	}
	return err
}

func (t *folderTarget) close() error { return t.a.Close() }

// putMeta enters what meta holds of the evidence.
func putMeta(tx kv.Tx, p progress, meta map[string][]byte) error {
	err := p.put(tx)
	for k, v := range meta {
		err = errors.Join(err, tx.Bucket(bucketMeta).Put([]byte(k), v))
	}
	return err
}

type serverTarget struct {
	a   *Archive
	who []byte
	ctx context.Context
}

func openServerTarget(ctx context.Context, address string, opts Options, origin string) (_ target, err error) {
	db, err := pg.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if opts.Objects != "" {
		if _, err := objects.Open(ctx, opts.Objects, opts.getenv()); err != nil {
			return nil, err
		}
	}
	if _, err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	t := &serverTarget{who: make([]byte, 16), ctx: ctx}
	_, _ = rand.Read(t.who) // never fails
	where := ""
	err = db.Alone(func(tx kv.Tx) (err error) {
		if opts.Beside != nil && tx.Bucket(bucketMeta).Get(keyCopying) == nil {
			if err := opts.Beside.Vacant(ctx, db); err != nil {
				return fmt.Errorf("%w: %w", ErrExists, err)
			}
		}
		where, err = t.claim(tx, opts.Objects, origin)
		return err
	})
	if err != nil {
		return nil, err
	}
	store, err := objects.Open(ctx, where, opts.getenv())
	if err != nil {
		return nil, err
	}
	t.a = newShared(&shared{db: db, objects: store, near: newCache(16 << 20)}, opts)
	return t, nil
}

// claim takes a database for this copy, and gives the store of objects that it uses.
func (t *serverTarget) claim(tx kv.Tx, store, origin string) (string, error) {
	meta := tx.Bucket(bucketMeta)
	begun := meta.Get(keyCopying)
	if begun == nil && meta.Get(keyLayout) != nil {
		for _, name := range append(slices.Clone(allBuckets), bucketParts, bucketVault) {
			if k, _ := tx.Bucket(name).Cursor().First(); k != nil {
				return "", fmt.Errorf("%w: there is an archive in this database", ErrExists)
			}
		}
	}
	if begun != nil {
		if err := ours(string(begun[min(16, len(begun)):]), origin); err != nil {
			return "", err
		}
	}
	used := string(meta.Get(keyObjects))
	switch {
	case begun != nil && store != "" && store != used:
		return "", fmt.Errorf("%w: the unfinished copy there has its capture files in %s", ErrExists, used)
	case store == "" && used == "":
		return "", ErrNoObjects
	case store == "":
		store = used
	}
	return store, errors.Join(meta.Put(keyObjects, []byte(store)), meta.Put(keyCopying, append(slices.Clone(t.who), origin...)), meta.Delete(keyLayout))
}

func (t *serverTarget) archive() *Archive { return t.a }

func (t *serverTarget) look(f func(kv.Tx) error) error { return t.a.view(f) }

// change is a transaction of this copy, unless another has taken its place.
func (t *serverTarget) change(f func(kv.Tx) error) error {
	return t.a.db.Alone(func(tx kv.Tx) error {
		if who := tx.Bucket(bucketMeta).Get(keyCopying); !bytes.HasPrefix(who, t.who) {
			return fmt.Errorf("%w: another copy to this database was begun", ErrLocked)
		}
		return f(tx)
	})
}

func (t *serverTarget) keep(number uint32, at int64, b []byte) (bool, error) {
	var p part
	var ok bool
	err := t.look(func(tx kv.Tx) (err error) { p, ok, err = partAt(tx, number, at); return err })
	if err != nil || !ok {
		return false, err
	}
	h := string(snapshots.HashOf(b))
	if p.at == at && p.length == int64(len(b)) && strings.Contains(p.name, "/"+h[:32]+"-") {
		size, err := t.a.shared.objects.Size(t.ctx, p.name)
		if err == nil && size == p.length {
			return true, nil
		}
		if err != nil && !errors.Is(err, objects.ErrNotFound) {
			return false, err
		}
	}
	return false, t.drop(partKey(number, p.at), partKey(number+1, 0))
}

// drop takes parts away, from one up to another. Their objects go when the archive is opened.
func (t *serverTarget) drop(from, to []byte) error {
	return t.change(func(tx kv.Tx) error {
		parts := tx.Bucket(bucketParts)
		var gone [][]byte
		c := parts.Cursor()
		for k, v := c.Seek(from); k != nil && (to == nil || bytes.Compare(k, to) < 0); k, v = c.Next() {
			p, err := decodePart(k, v)
			if err != nil {
				return err
			}
			gone = append(gone, k)
			if err := tx.Bucket(bucketDoomed).Put([]byte(p.name), []byte{1}); err != nil {
				return err
			}
		}
		for _, k := range gone {
			if err := parts.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *serverTarget) put(number uint32, at int64, b []byte) error {
	name, written := objectName(b), time.Now()
	if err := t.a.shared.objects.Put(t.ctx, name, b); err != nil {
		return err
	}
	return t.change(func(tx kv.Tx) error {
		if stale(written) {
			return errMoved
		}
		return tx.Bucket(bucketParts).Put(partKey(number, at), part{length: int64(len(b)), name: name}.value())
	})
}

func (t *serverTarget) end(number uint32, end int64) error {
	if end == 0 {
		return t.drop(partKey(number, 0), nil)
	}
	return t.drop(partKey(number, end), partKey(number+1, 0))
}

func (t *serverTarget) clear() error {
	return t.change(func(tx kv.Tx) error { return tx.DeleteBucket(bucketVault) })
}

func (t *serverTarget) file(name string, at int64, b []byte) error {
	return t.change(func(tx kv.Tx) error {
		if len(b) == 0 { // it is there all the same
			f, err := tx.Bucket(bucketVault).CreateBucketIfNotExists([]byte(name))
			if err == nil {
				err = f.Put(chunkKey(0), nil)
			}
			return err
		}
		return vault{read: bound{tx}.View, tx: tx}.Append(name, b, at)
	})
}

// finish makes it an archive: a reader sees all of it and a checkpoint over it, or nothing.
func (t *serverTarget) finish(p progress, meta map[string][]byte) error {
	return t.change(func(tx kv.Tx) error {
		err := errors.Join(putMeta(tx, p, meta), tx.Bucket(bucketMeta).Put(keyLayout, []byte(layout)), tx.Bucket(bucketMeta).Delete(keyCopying))
		if err != nil {
			return err
		}
		w, err := t.a.within(tx)
		if err != nil {
			return err
		}
		_, last, err := w.lastCheckpoint()
		if err == nil { // it may have been handed out
			err = tx.Bucket(bucketMeta).Put(keyHeld, chunkKey(last.Size))
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return w.sign()
	})
}

func (t *serverTarget) close() error { return t.a.Close() }
