package archive

// This file lets terms be read again: what was read is derived, the snapshots are not.

import (
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
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
	return a.update(func(tx kv.Tx) error { return forgetVersions(tx, key) })
}

// forgetVersions makes all snapshots of some terms pending.
func forgetVersions(tx kv.Tx, terms []byte) error {
	number := termsNumber(tx, terms)
	if number == nil {
		return nil
	}
	timeline, versions, pending := tx.Bucket(bucketTimeline), tx.Bucket(bucketVersions), tx.Bucket(bucketPending)
	var gone [][]byte
	for k, id := range backward(timeline, number, latest) {
		gone = append(gone, slices.Clone(k))
		if err := versions.Delete(id); err != nil {
			return err
		}
	}
	for _, k := range gone {
		if err := timeline.Delete(k); err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for k, id := range backward(tx.Bucket(bucketHistory), number, latest) {
		s, err := snapshotAt(tx, id)
		if err == nil && s.AnnexOf == "" {
			err = pending.Put(k[termsLen:], id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
