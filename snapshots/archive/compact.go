package archive

// This file writes the index anew when it has grown much: keys come in no order, which leaves its pages half full.

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/drittland/drittland/snapshots/disk"
	bolt "go.etcd.io/bbolt"
)

const (
	allocSize   = 1 << 20       // by how much the index grows at a time
	compactFrom = 2 * allocSize // an index that has grown by less is left as it is: one step is what a single put may take
)

// compactFile is the new index while it is being written. It takes the place of the old one when all of it is on the disk.
func (a *Archive) compactFile() string { return filepath.Join(a.dir, indexFile+".compact") }

// pays reports whether the index has grown so much since it was opened that it is worth being written anew.
func (a *Archive) pays() bool {
	if a.opts.ReadOnly {
		return false
	}
	info, err := os.Stat(a.file.Path())
	if err != nil {
		return false
	}
	grown := info.Size() - a.opened
	return grown >= compactFrom && grown >= a.opened/3
}

// compact puts an index with full pages in the place of the one that is open, which stays locked until it is closed: whoever
// waits for it finds that the file was replaced. Stopped or failed halfway, the old index is as good as before.
func (a *Archive) compact() error {
	path := a.compactFile()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	err := a.copyIndex(path)
	if err == nil {
		err = os.Rename(path, a.file.Path())
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return disk.Sync(a.dir)
}

func (a *Archive) copyIndex(path string) error {
	dst, err := bolt.Open(path, 0o644, &bolt.Options{NoSync: true, NoGrowSync: true})
	if err != nil {
		return err
	}
	dst.AllocSize = 1 << 12
	err = bolt.Compact(dst, a.file, 8<<20)
	if err == nil {
		err = dst.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Delete(keyScrub) })
	}
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}
