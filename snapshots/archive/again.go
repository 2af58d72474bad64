package archive

// This file lets terms be read again: what was read is derived, the snapshots are not.

import (
	"errors"

	"github.com/drittland/drittland/snapshots"
	bolt "go.etcd.io/bbolt"
)

// ReadAgain forgets the versions of t, so that all its snapshots are pending. Their documents stay until the index is rebuilt:
// most of them come back.
func (a *Archive) ReadAgain(t snapshots.Terms) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	key, err := termsKey(t)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.update(func(tx *bolt.Tx) error { return forgetVersions(tx, key) })
}

// forgetVersions makes all snapshots of some terms pending.
func forgetVersions(tx *bolt.Tx, terms []byte) error {
	timeline := tx.Bucket(bucketTimeline)
	line, history := timeline.Bucket(terms), tx.Bucket(bucketHistory).Bucket(terms)
	if line == nil || history == nil {
		return nil
	}
	versions, pending := tx.Bucket(bucketVersions), tx.Bucket(bucketPending)
	err := line.ForEach(func(_, id []byte) error { return versions.Delete(id) })
	if err := errors.Join(err, timeline.DeleteBucket(terms)); err != nil {
		return err
	}
	return history.ForEach(func(when, id []byte) error {
		s, err := snapshotAt(tx, id)
		if err != nil || s.AnnexOf != "" {
			return err
		}
		return pending.Put(when, id)
	})
}
