package archive

// This file copies an archive while it is in use, and back.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/disk"
	bolt "go.etcd.io/bbolt"
)

// Backup copies the archive in dir as it is now into dst, which may exist if it is empty. The archive may be used meanwhile, by a run
// too: it is held only while its index is copied, because the evidence that this knows of changes only when something is erased, and then it is copied again. A copy that was broken off is
// no archive.
//
// Where one of both is an address on a server it is what Copy makes, which opts are for; a copy that was broken off is gone on with.
func Backup(dir, dst string, opts Options) error {
	var err error
	if OnServer(dir) || OnServer(dst) {
		_, err = copyArchive(context.Background(), dir, dst, opts, opts, func(Progress) {})
	} else {
		err = backup(dir, dst, opts)
	}
	if err != nil {
		return fmt.Errorf("back up %s to %s: %w", shown(dir), shown(dst), err)
	}
	return nil
}

func backup(dir, dst string, opts Options) error {
	if err := vacant(dst); err != nil {
		return err
	}
	opts.ReadOnly = true
	for range 3 {
		before, err := backupOnce(dir, dst, opts)
		if err != nil {
			return err
		}
		after, err := erasedRecords(dir, opts)
		if err != nil || before == after {
			return errors.Join(err, settle(dst))
		}
		for _, name := range []string{captureDir, ledgerDir, indexFile} { // something was erased meanwhile
			if err := os.RemoveAll(filepath.Join(dst, name)); err != nil {
				return err
			}
		}
	}
	return errors.New("captures are being erased; try again later")
}

// backupOnce copies an archive, all but FORMAT, and gives the number of erased records in it.
func backupOnce(dir, dst string, opts Options) (int, error) {
	a, err := open(dir, opts)
	if err != nil {
		return 0, err
	}
	ends, n, err := a.copyIndexTo(dst)
	if err := errors.Join(err, a.Close()); err != nil {
		return n, err
	}
	for number, end := range ends {
		if err := copyCapture(dir, dst, number, end); err != nil {
			return n, err
		}
	}
	return n, nil
}

// erasedRecords is how many records of an archive are erased.
func erasedRecords(dir string, opts Options) (n int, err error) {
	a, err := open(dir, opts)
	if err != nil {
		return 0, err
	}
	err = a.view(func(tx kv.Tx) error { n = tx.Bucket(bucketErased).Len(); return nil })
	return n, errors.Join(err, a.Close())
}

// vacant refuses a directory that holds anything.
func vacant(dst string) error {
	entries, err := os.ReadDir(dst)
	switch {
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%w and is not empty: it holds %s", ErrExists, entries[0].Name())
	case err == nil, errors.Is(err, os.ErrNotExist):
		return nil
	}
	return err
}

// copyIndexTo copies the index into a new archive, and gives the ends of the capture files and the number of erased records that it knows.
func (a *Archive) copyIndexTo(dst string) (ends map[uint32]int64, erased int, err error) {
	if err := os.MkdirAll(filepath.Join(dst, captureDir), 0o755); err != nil {
		return nil, 0, err
	}
	ends = map[uint32]int64{}
	err = a.file.View(func(file *bolt.Tx) error {
		tx := kv.BoltTx{Tx: file}
		erased = tx.Bucket(bucketErased).Len()
		if err := errors.Join(readEnds(tx, ends), a.backupLedger(tx, dst)); err != nil {
			return err
		}
		f, err := os.OpenFile(filepath.Join(dst, indexFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = file.WriteTo(f)
		return errors.Join(err, f.Sync(), f.Close())
	})
	return ends, erased, err
}

// copyCapture copies a capture file up to its indexed end.
func copyCapture(dir, dst string, number uint32, end int64) error {
	f, err := os.Open(filepath.Join(dir, captureDir, fileName(number)))
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() < end {
		return errors.Join(err, fmt.Errorf("%w: %s is shorter than the index says", ErrDamaged, fileName(number)))
	}
	return copyTo(filepath.Join(dst, captureDir, fileName(number)), io.NewSectionReader(f, 0, end))
}

// settle makes a copy an archive.
func settle(dst string) error {
	if err := disk.Sync(filepath.Join(dst, captureDir)); err != nil {
		return err
	}
	return finish(dst)
}

// Restore makes an archive in dst, which may exist if it is empty, out of the backup in src, of which every byte is checked first. The
// index of the backup is kept if it is sound, and made anew from the evidence if it is not; rebuilt says which. If the evidence is
// damaged nothing is restored, and the problems say where.
//
// Either may be on a server, which opts are for. There the index must be sound, too: a backup that has none is restored to a folder first.
func Restore(ctx context.Context, src, dst string, opts Options, progress func(Progress)) (problems Problems, rebuilt bool, err error) {
	if OnServer(src) || OnServer(dst) {
		problems, err = restoreAcross(ctx, src, dst, opts, progress)
	} else {
		problems, rebuilt, err = restore(ctx, src, dst, opts, progress)
	}
	if err != nil {
		return problems, rebuilt, fmt.Errorf("restore %s to %s: %w", shown(src), shown(dst), err)
	}
	return problems, rebuilt, nil
}

// restoreAcross checks a backup and copies it.
func restoreAcross(ctx context.Context, src, dst string, opts Options, progress func(Progress)) (Problems, error) {
	read := opts
	read.ReadOnly = true
	if !OnServer(src) {
		read.Objects = ""
	}
	a, err := Open(src, read)
	if err != nil {
		return nil, err
	}
	problems, err := a.Check(ctx, progress)
	if err := errors.Join(err, a.Close()); err != nil {
		return problems, err
	}
	switch {
	case problems.evidence():
		return problems, ErrDamaged
	case problems.Damaged():
		return problems, fmt.Errorf("%w: restore it to a folder, which makes the index anew, and copy that", ErrNoIndex)
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	_, err = copyArchive(ctx, src, dst, opts, opts, progress)
	return problems, err
}

func restore(ctx context.Context, src, dst string, opts Options, progress func(Progress)) (Problems, bool, error) {
	if err := vacant(dst); err != nil {
		return nil, false, err
	}
	opts.ReadOnly = true
	a, err := open(src, opts)
	if errors.Is(err, ErrNoIndex) {
		return anew(ctx, src, dst, progress)
	}
	if err != nil {
		return nil, false, err
	}
	problems, err := a.Check(ctx, progress)
	if err := errors.Join(err, a.Close()); err != nil {
		return problems, false, err
	}
	switch {
	case problems.evidence():
		return problems, false, ErrDamaged
	case problems.Damaged():
		return anew(ctx, src, dst, progress)
	}
	return problems, false, backup(src, dst, opts)
}

// evidence reports whether more than the index is damaged.
func (p Problems) evidence() bool {
	for _, x := range p {
		if !x.Note && x.File != indexFile {
			return true
		}
	}
	return false
}

// anew copies the evidence of src and makes an index from it. What was copied is taken away again if it is damaged.
func anew(ctx context.Context, src, dst string, progress func(Progress)) (Problems, bool, error) {
	if err := checkFormat(src); err != nil {
		return nil, false, err
	}
	numbers, err := drawer(filepath.Join(src, captureDir)).list()
	if err != nil {
		return nil, false, err
	}
	if err := os.MkdirAll(filepath.Join(dst, captureDir), 0o755); err != nil {
		return nil, false, err
	}
	for _, n := range numbers {
		info, err := os.Stat(filepath.Join(src, captureDir, fileName(n)))
		if err == nil {
			err = copyCapture(src, dst, n, info.Size())
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, false, err
		}
	}
	if err := copyLedger(filepath.Join(src, ledgerDir), dst, nil); err != nil {
		return nil, false, err
	}
	db, err := openForRebuild(filepath.Join(dst, indexFile), Options{Timeout: -1})
	if err != nil {
		return nil, false, err
	}
	a := newArchive(dst, Options{}, db)
	m := mend{ctx: ctx, whole: true, progress: progress}
	err = a.readAnew(&m)
	if err == nil && !m.problems.Damaged() {
		var more Problems
		more, err = a.check(ctx, progress)
		m.problems = append(m.problems, more...)
	}
	if err = errors.Join(err, a.Close()); err != nil {
		return m.problems, true, err
	}
	if m.problems.Damaged() {
		return m.problems, true, errors.Join(ErrDamaged, os.RemoveAll(filepath.Join(dst, captureDir)), os.RemoveAll(filepath.Join(dst, ledgerDir)), os.Remove(filepath.Join(dst, indexFile)))
	}
	return m.problems, true, settle(dst)
}
