package archive

// This file stores canonical documents in the index, each compressed against the one before it.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/drittland/drittland/snapshots"
	bolt "go.etcd.io/bbolt"
)

// Document is the document whose canonical encoding has hash h.
func (a *Archive) Document(h snapshots.Hash) (*snapshots.Document, error) {
	var b []byte
	err := a.db.View(func(tx *bolt.Tx) error {
		_, err := stored(tx, h)
		if err == nil {
			b, err = a.documentBytes(tx, h)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", h, err)
	}
	d, err := snapshots.UnpackDocument(b)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w: %w", h, ErrDamaged, err)
	}
	return d, nil
}

// A packed document is the value of a document in the index.
type packed struct {
	depth byte           // documents that it builds upon
	dict  snapshots.Hash // the last of them, if any
	frame []byte
}

func (p packed) encode() ([]byte, error) {
	out := []byte{p.depth}
	if p.depth > 0 {
		key, err := hashKey(p.dict)
		if err != nil {
			return nil, err
		}
		out = append(out, key...)
	}
	return append(out, p.frame...), nil
}

func unpack(b []byte) (packed, error) {
	switch {
	case len(b) < 1 || b[0] >= maxChain || b[0] > 0 && len(b) < 1+sha256.Size:
		return packed{}, fmt.Errorf("%w: document of %d bytes in the index", ErrDamaged, len(b))
	case b[0] == 0:
		return packed{frame: slices.Clone(b[1:])}, nil
	}
	return packed{b[0], snapshots.Hash(hex.EncodeToString(b[1 : 1+sha256.Size])), slices.Clone(b[1+sha256.Size:])}, nil
}

// stored is the document with hash h as it is stored.
func stored(tx *bolt.Tx, h snapshots.Hash) (packed, error) {
	key, err := hashKey(h)
	if err != nil {
		return packed{}, err
	}
	b := tx.Bucket(bucketDocuments).Get(key)
	if b == nil {
		return packed{}, fmt.Errorf("document %s: %w", h, ErrNotFound)
	}
	return unpack(b)
}

// putDocument stores the encoding b of a document, compressed against the document prev if there is one.
func (a *Archive) putDocument(tx *bolt.Tx, h snapshots.Hash, b []byte, prev snapshots.Hash) error {
	if len(b) > MaxBody {
		return fmt.Errorf("document of %d bytes is larger than %d", len(b), MaxBody)
	}
	key, err := hashKey(h)
	if err != nil || tx.Bucket(bucketDocuments).Get(key) != nil {
		return err
	}
	p, err := a.pack(tx, b, prev)
	if err != nil {
		return err
	}
	value, err := p.encode()
	if err != nil {
		return err
	}
	a.bodies.put(documentID(h), b)
	return tx.Bucket(bucketDocuments).Put(key, value)
}

// pack compresses b against the document prev, if there is one. Where the chain of prev is as long as it may be, another begins
// at its first document, unless b has come so far from that that it had better stand alone.
func (a *Archive) pack(tx *bolt.Tx, b []byte, prev snapshots.Hash) (packed, error) {
	alone := func() (p packed, err error) {
		p.frame, err = a.codec.encode(b, nil)
		return p, err
	}
	if prev == "" {
		return alone()
	}
	before, err := stored(tx, prev)
	full := before.depth >= maxChain-1
	if err == nil && full {
		prev, before, err = chainStart(tx, before)
	}
	if err != nil {
		return packed{}, err
	}
	dict, err := a.documentBytes(tx, prev)
	if err != nil {
		return packed{}, err
	}
	p := packed{depth: before.depth + 1, dict: prev}
	if p.frame, err = a.codec.encode(b, dict); err != nil || !full {
		return p, err
	}
	if q, err := alone(); err != nil || len(q.frame) < 2*len(p.frame) {
		return q, err
	}
	return p, nil
}

// chainStart is the document with which the chain of p begins.
func chainStart(tx *bolt.Tx, p packed) (h snapshots.Hash, first packed, err error) {
	for range maxChain {
		h = p.dict
		if p, err = stored(tx, h); err != nil || p.depth == 0 {
			return h, p, err
		}
	}
	return "", packed{}, fmt.Errorf("%w: chain of more than %d documents", ErrDamaged, maxChain)
}

func documentID(h snapshots.Hash) uuid { return identify("document", string(h)) }

// documentBytes is the encoding of the document with hash h. It must not be changed.
func (a *Archive) documentBytes(tx *bolt.Tx, h snapshots.Hash) ([]byte, error) {
	if b, ok := a.bodies.get(documentID(h)); ok {
		return b, nil
	}
	return a.unpackDocument(tx, h)
}

// unpackDocument decodes the stored document with hash h from the first of its chain, or from the nearest at hand.
func (a *Archive) unpackDocument(tx *bolt.Tx, h snapshots.Hash) ([]byte, error) {
	type link struct {
		hash  snapshots.Hash
		frame []byte
	}
	var chain []link
	var text []byte
	for next := h; ; {
		p, err := stored(tx, next)
		if err != nil {
			return nil, err
		}
		if chain = append(chain, link{next, p.frame}); len(chain) > maxChain {
			return nil, fmt.Errorf("%w: chain of more than %d documents", ErrDamaged, maxChain)
		}
		if p.depth == 0 {
			break
		}
		if at, ok := a.bodies.get(documentID(p.dict)); ok {
			text = at
			break
		}
		next = p.dict
	}
	for _, l := range slices.Backward(chain) {
		var err error
		if text, err = a.codec.decode(l.frame, text); err != nil {
			return nil, fmt.Errorf("%w: document %s: %w", ErrDamaged, l.hash, err)
		}
		if got := snapshots.HashOf(text); got != l.hash {
			return nil, fmt.Errorf("%w: document %s decodes to one with hash %s", ErrDamaged, l.hash, got)
		}
		a.bodies.put(documentID(l.hash), text)
	}
	return text, nil
}
