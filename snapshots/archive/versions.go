package archive

// This file keeps what was read from the snapshots: versions, their documents, and results of later steps.

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// A Reading is what one snapshot was read as.
type Reading struct {
	Version  snapshots.Version
	Document *snapshots.Document   // nil if the version was refused, or its document is in the archive
	Packed   []byte                // what Document.Pack gives, if it is at hand, and not to be changed any more; then Document is not looked at
	Annexes  []*snapshots.Document // documents of the version's annexes, in any order
}

const versionLen = 8 // bytes of the ID of a version

// PutVersion puts one version. See PutVersions.
func (a *Archive) PutVersion(v snapshots.Version, doc *snapshots.Document, annexDocs []*snapshots.Document) error {
	return a.PutVersions([]Reading{{Version: v, Document: doc, Annexes: annexDocs}})
}

// PutVersions puts versions with their documents, oldest first, all of them or none. Their snapshots are no longer pending. The ID of
// a version must be the one that Identify gives; the same version is kept once. A version that is refused stands in
// line with the others. Documents must be those whose hashes the version states.
func (a *Archive) PutVersions(batch []Reading) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.update(func(tx kv.Tx) error {
		for i := range batch {
			if err := a.putVersion(tx, &batch[i]); err != nil {
				v := &batch[i].Version
				return fmt.Errorf("put version %s of %s: %w", v.ID, v.Terms, err)
			}
		}
		return nil
	})
}

func (a *Archive) putVersion(tx kv.Tx, r *Reading) error {
	v := r.Version
	if err := v.Identify(); err != nil {
		return err
	}
	if v.ID != r.Version.ID {
		return fmt.Errorf("its content has the ID %s", v.ID)
	}
	terms, err := termsKey(v.Terms)
	if err != nil {
		return err
	}
	key, err := versionKey(v.ID)
	if err != nil || tx.Bucket(bucketVersions).Get(key) != nil {
		return err
	}
	e, pos, err := snapshotEntry(tx, v.Snapshot)
	if err != nil {
		return err
	}
	number := termsNumber(tx, terms)
	if number == nil {
		return fmt.Errorf("snapshots of %s: %w", v.Terms, ErrNotFound)
	}
	if err := a.putDocuments(tx, number, e.Snapshot, r); err != nil {
		return err
	}
	b, err := encodeVersion(v, e.Snapshot)
	if err != nil {
		return err
	}
	timeline := tx.Bucket(bucketTimeline)
	return errors.Join(
		tx.Bucket(bucketVersions).Put(key, b),
		timeline.Put(nextTurn(timeline, number, v.Date), key),
		tx.Bucket(bucketPending).Delete(append(timeKey(e.Snapshot.At), pos...)))
}

// snapshotEntry is the entry of the snapshot called id, and its position.
func snapshotEntry(tx kv.Tx, id string) (*entry, []byte, error) {
	u, err := parseUUID(id)
	if err != nil {
		return nil, nil, err
	}
	b := tx.Bucket(bucketSnapshots).Get(u[:])
	if b == nil {
		return nil, nil, fmt.Errorf("snapshot %s: %w", id, ErrNotFound)
	}
	return decodeEntry(b)
}

// putDocuments puts the documents of r, which was read from s, each compressed against its like in the version before.
func (a *Archive) putDocuments(tx kv.Tx, number []byte, s *snapshots.Snapshot, r *Reading) error {
	before, err := lastRead(tx, number)
	if err != nil {
		return err
	}
	given := map[snapshots.Hash][]byte{}
	docs := r.Annexes
	if r.Packed != nil {
		given[snapshots.HashOf(r.Packed)] = r.Packed
	} else {
		docs = append([]*snapshots.Document{r.Document}, docs...)
	}
	for _, d := range docs {
		if d == nil {
			continue
		}
		b, err := d.Pack()
		if err != nil {
			return err
		}
		given[snapshots.HashOf(b)] = b
	}
	wanted := map[snapshots.Hash]like{}
	if h := r.Version.Document; h != "" {
		wanted[h] = like{before: before.Document}
		if s.Origin != nil && s.Size > 0 { // what a collection holds is the text, what a server sends is much besides
			wanted[h] = like{before.Document, s.Body}
		}
	}
	for _, x := range r.Version.Annexes {
		if x.Document != "" {
			wanted[x.Document] = like{before: annexAt(before, x.URL)}
		}
	}
	for h, b := range given {
		like, ok := wanted[h]
		if !ok {
			return fmt.Errorf("document %s is given but not part of the version", h)
		}
		if err := a.putDocument(tx, h, b, like); err != nil {
			return fmt.Errorf("document %s: %w", h, err)
		}
	}
	for h := range wanted {
		if id, err := named(h); err != nil || tx.Bucket(bucketDocuments).Get(id[:]) == nil {
			return fmt.Errorf("document %s is neither given nor in the archive", h)
		}
	}
	return nil
}

// lastRead is the last version of the terms with this number that has a document, or a zero version.
func lastRead(tx kv.Tx, number []byte) (v snapshots.Version, err error) {
	for _, id := range backward(tx.Bucket(bucketTimeline), number, latest) {
		if v, err = versionAt(tx, id); err != nil || v.Document != "" {
			return v, err
		}
	}
	return snapshots.Version{}, nil
}

func annexAt(v snapshots.Version, url string) snapshots.Hash {
	for _, x := range v.Annexes {
		if x.URL == url {
			return x.Document
		}
	}
	return ""
}

// Version is the version called id.
func (a *Archive) Version(id string) (snapshots.Version, error) {
	var v snapshots.Version
	err := a.view(func(tx kv.Tx) error {
		key, err := versionKey(id)
		if err == nil {
			v, err = versionAt(tx, key)
		}
		return err
	})
	return v, err
}

// Versions are the versions of t, refused ones included, oldest first; of one date, in the order put. The archive may
// be written to meanwhile.
func (a *Archive) Versions(t snapshots.Terms) iter.Seq2[snapshots.Version, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[snapshots.Version](err)
	}
	return pages(a, of(bucketTimeline, key), versionAt)
}

// versionKey is the ID of a version in its 8 bytes; the error is ErrNotFound if it is none.
func versionKey(id string) ([]byte, error) {
	key, err := hex.DecodeString(id)
	if err != nil || len(key) != versionLen || hex.EncodeToString(key) != id {
		return nil, fmt.Errorf("version %.40q: %w", id, ErrNotFound)
	}
	return key, nil
}

func versionAt(tx kv.Tx, key []byte) (snapshots.Version, error) {
	b := tx.Bucket(bucketVersions).Get(key)
	if b == nil {
		return snapshots.Version{}, fmt.Errorf("version %x: %w", key, ErrNotFound)
	}
	return decodeVersion(tx, key, b)
}

// encodeVersion makes the value of v in the index, which is without its ID and, where it says the same, without what the index holds of s.
func encodeVersion(v snapshots.Version, s *snapshots.Snapshot) ([]byte, error) {
	v.ID = ""
	sameOrigin := v.Origin == s.Origin || v.Origin != nil && s.Origin != nil && *v.Origin == *s.Origin
	if v.Terms == s.Terms && v.Date.Equal(s.At) && v.Date.Location() == time.UTC && sameOrigin {
		v.Terms, v.Date, v.Origin = snapshots.Terms{}, time.Time{}, nil
	}
	b, err := snapshots.Encode(v)
	if err != nil {
		return nil, err
	}
	return packLine(b), nil
}

func decodeVersion(tx kv.Tx, key, b []byte) (v snapshots.Version, err error) {
	line, err := unpackLine(b)
	if err == nil {
		err = json.Unmarshal(line, &v)
	}
	if err != nil {
		return v, fmt.Errorf("%w: version %x in the index: %w", ErrDamaged, key, err)
	}
	v.ID = hex.EncodeToString(key)
	if v.Terms == (snapshots.Terms{}) {
		e, err := storedEntry(tx, v.Snapshot)
		if err != nil {
			return v, fmt.Errorf("version %x: %w", key, err)
		}
		v.Terms, v.Date, v.Origin = e.Snapshot.Terms, e.Snapshot.At, e.Snapshot.Origin
	}
	return v, nil
}

// PutDerived keeps a result under a kind and a key, such as the report of a version; nil removes it. It lives in the
// index only and is gone after a rebuild.
func (a *Archive) PutDerived(kind, key string, value []byte) error {
	return a.PutAllDerived(kind, map[string][]byte{key: value})
}

// PutAllDerived keeps results of a kind by their keys, all of them or none. See PutDerived.
func (a *Archive) PutAllDerived(kind string, values map[string][]byte) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	for key := range values {
		if kind == "" || key == "" || len(kind) > 1000 || len(key) > 10000 || strings.ContainsRune(kind, 0) {
			return fmt.Errorf("put %.40q %.40q: no name of a derived value", kind, key)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.update(func(tx kv.Tx) error {
		b, err := tx.Bucket(bucketDerived).CreateBucketIfNotExists([]byte(kind))
		if err != nil {
			return fmt.Errorf("put %s: %w", kind, err)
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if err := a.putDerived(b, key, values[key]); err != nil {
				return fmt.Errorf("put %s %s: %w", kind, key, err)
			}
		}
		return nil
	})
}

func (a *Archive) putDerived(b kv.Bucket, key string, value []byte) error {
	if value == nil {
		return b.Delete([]byte(key))
	}
	frame, err := a.codec.encode(value, nil)
	if err != nil {
		return err
	}
	return b.Put([]byte(key), sealed([]byte(key), frame))
}

// Derived is the result under a kind and a key; the error is ErrNotFound if there is none.
func (a *Archive) Derived(kind, key string) ([]byte, error) {
	var value []byte
	err := a.view(func(tx kv.Tx) (err error) {
		b := tx.Bucket(bucketDerived).Bucket([]byte(kind))
		if b == nil {
			return ErrNotFound
		}
		v := b.Get([]byte(key))
		if v == nil {
			return ErrNotFound
		}
		frame, ok := unsealed([]byte(key), v)
		if !ok {
			return fmt.Errorf("%w: derived value in the index", ErrDamaged)
		}
		value, err = a.codec.decode(frame, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("derived %s %s: %w", kind, key, err)
	}
	return value, nil
}
