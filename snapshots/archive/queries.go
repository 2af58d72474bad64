package archive

// This file answers what the archive holds.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Terms are all terms that are declared or have a snapshot, sorted by service and type.
func (a *Archive) Terms() ([]snapshots.Terms, error) { return a.termsFrom(nil) }

// TermsOf are those of one service, whose name is written as it is recorded.
func (a *Archive) TermsOf(service string) ([]snapshots.Terms, error) {
	return a.termsFrom([]byte(service + "\x00"))
}

// termsFrom are the terms whose keys begin with a prefix.
func (a *Archive) termsFrom(prefix []byte) ([]snapshots.Terms, error) {
	var all [][]byte
	err := a.view(func(tx kv.Tx) error {
		for _, bucket := range [][]byte{bucketDeclarations, bucketTerms} {
			c := tx.Bucket(bucket).Cursor()
			for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
				all = append(all, slices.Clone(k))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list terms: %w", err)
	}
	slices.SortFunc(all, bytes.Compare)
	var out []snapshots.Terms
	for _, key := range slices.CompactFunc(all, bytes.Equal) {
		out = append(out, keyTerms(key))
	}
	return out, nil
}

// Holds reports whether some terms are declared or have a snapshot.
func (a *Archive) Holds(t snapshots.Terms) (held bool, err error) {
	key, err := termsKey(t)
	if err != nil {
		return false, nil // nothing has that name
	}
	err = a.view(func(tx kv.Tx) error {
		held = tx.Bucket(bucketTerms).Get(key) != nil || tx.Bucket(bucketDeclarations).Get(key) != nil
		return nil
	})
	return held, err
}

// States are the terms that have versions, each with a hash of these: as long as the versions are the same, refused ones included, so is the hash.
func (a *Archive) States() (map[snapshots.Terms]snapshots.Hash, error) {
	out := map[snapshots.Terms]snapshots.Hash{}
	err := a.view(func(tx kv.Tx) error {
		return tx.Bucket(bucketTerms).ForEach(func(terms, number []byte) error {
			var ids []byte
			for _, id := range backward(tx.Bucket(bucketTimeline), number, latest) {
				ids = append(ids, id...)
			}
			if len(ids) > 0 {
				out[keyTerms(terms)] = snapshots.HashOf(ids)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return out, nil
}

// Declarations are the last declarations of all terms, removed ones included, sorted by service and type.
func (a *Archive) Declarations() ([]snapshots.Declaration, error) {
	var out []snapshots.Declaration
	err := a.view(func(tx kv.Tx) error {
		return tx.Bucket(bucketDeclarations).ForEach(func(k, v []byte) error {
			var d snapshots.Declaration
			if err := json.Unmarshal(v, &d); err != nil {
				return fmt.Errorf("%w: declaration of %s: %w", ErrDamaged, keyTerms(k), err)
			}
			out = append(out, d)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list declarations: %w", err)
	}
	return out, nil
}

// Declaration is the last declaration of some terms, one that was removed included; ErrNotFound if there is none.
func (a *Archive) Declaration(t snapshots.Terms) (d snapshots.Declaration, err error) {
	key, err := termsKey(t)
	if err != nil {
		return d, err
	}
	err = a.view(func(tx kv.Tx) error {
		b := tx.Bucket(bucketDeclarations).Get(key)
		if b == nil {
			return fmt.Errorf("declaration of %s: %w", t, ErrNotFound)
		}
		if err := json.Unmarshal(b, &d); err != nil {
			return fmt.Errorf("%w: declaration of %s: %w", ErrDamaged, t, err)
		}
		return nil
	})
	return d, err
}

// Snapshot is the snapshot called id.
func (a *Archive) Snapshot(id string) (snapshots.Snapshot, error) {
	var s snapshots.Snapshot
	err := a.view(func(tx kv.Tx) error {
		e, err := storedEntry(tx, id)
		if err == nil {
			s = *e.Snapshot
		}
		return err
	})
	return s, err
}

// Snapshots are the snapshots of t, annexes included, oldest first. The archive may be written to meanwhile.
func (a *Archive) Snapshots(t snapshots.Terms) iter.Seq2[snapshots.Snapshot, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[snapshots.Snapshot](err)
	}
	return pages(a, of(bucketHistory, key), snapshotAt)
}

// Annexes are the snapshots of pages that were captured with the policy in the snapshot called id, oldest first.
func (a *Archive) Annexes(id string) iter.Seq2[snapshots.Snapshot, error] {
	u, err := parseUUID(id)
	if err != nil {
		return failed[snapshots.Snapshot](err)
	}
	return pages(a, func(tx kv.Tx) (kv.Bucket, []byte) { return tx.Bucket(bucketAnnexes), u[:] }, snapshotAt)
}

// Pending are the snapshots that have no version yet, oldest first. Annexes are not among them: they belong to the
// version of their policy. Versions may be put meanwhile.
func (a *Archive) Pending() iter.Seq2[snapshots.Snapshot, error] {
	return pages(a, func(tx kv.Tx) (kv.Bucket, []byte) { return tx.Bucket(bucketPending), nil }, snapshotAt)
}

func snapshotAt(tx kv.Tx, id []byte) (snapshots.Snapshot, error) {
	b := tx.Bucket(bucketSnapshots).Get(id)
	if b == nil {
		return snapshots.Snapshot{}, fmt.Errorf("%w: the index lists a snapshot %x that it does not hold", ErrDamaged, id)
	}
	e, _, err := decodeEntry(b)
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	return *e.Snapshot, nil
}

func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// of is where pages goes through what a bucket holds of some terms.
func of(bucket, terms []byte) func(kv.Tx) (kv.Bucket, []byte) {
	return func(tx kv.Tx) (kv.Bucket, []byte) {
		if n := termsNumber(tx, terms); n != nil {
			return tx.Bucket(bucket), n
		}
		return nil, nil
	}
}

// within is where pages goes through the bucket of some terms in another one.
func within(bucket, terms []byte) func(kv.Tx) (kv.Bucket, []byte) {
	return func(tx kv.Tx) (kv.Bucket, []byte) { return tx.Bucket(bucket).Bucket(terms), nil }
}

// pages goes through the values of a bucket whose keys begin with a prefix, and yields what each refers to. It reads
// some hundred at a time and holds no transaction while it yields, so that the archive can be written to.
func pages[T any](a *Archive, where func(kv.Tx) (bucket kv.Bucket, prefix []byte), read func(kv.Tx, []byte) (T, error)) iter.Seq2[T, error] {
	const page = 200
	return func(yield func(T, error) bool) {
		var from []byte
		for {
			var out []T
			err := a.view(func(tx kv.Tx) error {
				b, prefix := where(tx)
				if b == nil {
					return nil
				}
				if from == nil {
					from = prefix
				}
				c := b.Cursor()
				for k, v := c.Seek(from); k != nil && bytes.HasPrefix(k, prefix) && len(out) < page; k, v = c.Next() {
					item, err := read(tx, v)
					if err != nil {
						return err
					}
					out = append(out, item)
					from = append(slices.Clone(k), 0) // the next key there can be
				}
				return nil
			})
			for _, item := range out {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if len(out) < page {
				return
			}
		}
	}
}
