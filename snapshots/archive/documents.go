package archive

// This file stores canonical documents in the index, each compressed against the one before it.

import (
	"fmt"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Document is the document whose canonical encoding has hash h.
func (a *Archive) Document(h snapshots.Hash) (*snapshots.Document, error) {
	var b []byte
	err := a.view(func(tx kv.Tx) error {
		id, err := named(h)
		if err == nil {
			_, err = stored(tx, id)
		}
		if err == nil {
			b, err = a.documentBytes(tx, id)
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
	depth byte // documents that it builds upon
	dict  uuid // the last of them, if any
	body  uuid // the record of the body that it builds upon as well, if any
	frame []byte
}

// named is what a document with hash h is called in the index: half of its hash, which is as much as there is of a SHA-256 in any identifier.
func named(h snapshots.Hash) (uuid, error) {
	key, err := hashKey(h)
	if err != nil {
		return uuid{}, err
	}
	return uuid(key[:len(uuid{})]), nil
}

const withBody = 0x80 // set in the depth if there is a body

func (p packed) encode() []byte {
	out := []byte{p.depth}
	if p.depth > 0 {
		out = append(out, p.dict[:]...)
	}
	if p.body != (uuid{}) {
		out[0] |= withBody
		out = append(out, p.body[:]...)
	}
	return append(out, p.frame...)
}

func unpack(b []byte) (packed, error) {
	damaged := fmt.Errorf("%w: document of %d bytes in the index", ErrDamaged, len(b))
	if len(b) < 1 || b[0]&^withBody >= maxChain {
		return packed{}, damaged
	}
	p := packed{depth: b[0] &^ withBody}
	rest := b[1:]
	for _, part := range []struct {
		id    *uuid
		there bool
	}{{&p.dict, p.depth > 0}, {&p.body, b[0]&withBody != 0}} {
		if !part.there {
			continue
		}
		if len(rest) < len(uuid{}) {
			return packed{}, damaged
		}
		*part.id, rest = uuid(rest), rest[len(uuid{}):]
	}
	p.frame = slices.Clone(rest)
	return p, nil
}

// stored is the document called id as it is stored.
func stored(tx kv.Tx, id uuid) (packed, error) {
	b := tx.Bucket(bucketDocuments).Get(id[:])
	if b == nil {
		return packed{}, fmt.Errorf("document %x…: %w", id[:], ErrNotFound)
	}
	return unpack(b)
}

// putDocument stores the encoding b of a document, compressed against one of those in like.
func (a *Archive) putDocument(tx kv.Tx, h snapshots.Hash, b []byte, like like) error {
	if len(b) > MaxBody {
		return fmt.Errorf("document of %d bytes is larger than %d", len(b), MaxBody)
	}
	id, err := named(h)
	if err != nil || tx.Bucket(bucketDocuments).Get(id[:]) != nil {
		return err
	}
	p, err := a.pack(tx, b, like)
	if err != nil {
		return err
	}
	a.bodies.put(id, b, h)
	return tx.Bucket(bucketDocuments).Put(id[:], p.encode())
}

// like is what a document may resemble.
type like struct {
	before snapshots.Hash // the document before it, if there is one
	body   snapshots.Hash // the body that it was read from, if that is a text
}

// pack compresses b against the document before it or one further up. What does not become small that way holds new words: it is compressed
// against the text that it was read from as well, which holds them, too.
func (a *Archive) pack(tx kv.Tx, b []byte, like like) (p packed, err error) {
	var dict []byte
	if like.before != "" {
		if dict, err = a.behind(tx, b, like.before, &p); err != nil {
			return p, err
		}
	}
	if dict != nil {
		if p.frame, err = a.codec.quick(b, dict); err != nil || len(p.frame) <= small {
			return p, err
		}
	}
	if like.body != "" {
		id, err := recordOf(tx, like.body)
		if err != nil {
			return p, err
		}
		body, _, err := a.recorded(tx, id)
		if err != nil {
			return p, err
		}
		if len(dict)+len(body)+len(b) <= window {
			p.body, dict = id, slices.Concat(dict, body)
		}
	}
	if dict == nil {
		p.frame, err = a.codec.encode(b, nil)
	} else {
		p.frame, err = a.codec.well(b, dict)
	}
	return p, err
}

// behind gives p its place behind the document before it or one further up, and returns that; nil if p had better stand alone.
func (a *Archive) behind(tx kv.Tx, b []byte, prev snapshots.Hash, p *packed) ([]byte, error) {
	id, err := named(prev)
	if err != nil {
		return nil, err
	}
	before, err := stored(tx, id)
	if err != nil {
		return nil, err
	}
	dict, err := follow(a.codec, b, base[uuid]{id: id, depth: before.depth}, a.documentsBefore(tx))
	if err != nil || dict == nil {
		return nil, err
	}
	p.depth, p.dict = dict.depth+1, dict.id
	return dict.text, nil
}

// documentsBefore are the documents that are stored.
func (a *Archive) documentsBefore(tx kv.Tx) earlier[uuid] {
	return earlier[uuid]{
		up: func(from base[uuid]) (base[uuid], error) {
			p, err := stored(tx, from.id)
			if err != nil {
				return from, err
			}
			before, err := stored(tx, p.dict)
			return base[uuid]{id: p.dict, depth: before.depth}, err
		},
		text: func(id uuid) ([]byte, error) { return a.documentBytes(tx, id) },
	}
}

// documentBytes is the encoding of the document called id. It must not be changed.
func (a *Archive) documentBytes(tx kv.Tx, id uuid) ([]byte, error) {
	if b, _, ok := a.bodies.get(id); ok {
		return b, nil
	}
	return a.unpackDocument(tx, id)
}

// unpackDocument decodes the stored document called id from the first of its chain, or from the nearest at hand.
func (a *Archive) unpackDocument(tx kv.Tx, id uuid) ([]byte, error) {
	type link struct {
		id uuid
		packed
	}
	var chain []link
	var text []byte
	for next := id; ; {
		p, err := stored(tx, next)
		if err != nil {
			return nil, err
		}
		if chain = append(chain, link{next, p}); len(chain) > maxChain {
			return nil, fmt.Errorf("%w: chain of more than %d documents", ErrDamaged, maxChain)
		}
		if p.depth == 0 {
			break
		}
		if at, _, ok := a.bodies.get(p.dict); ok {
			text = at
			break
		}
		next = p.dict
	}
	for _, l := range slices.Backward(chain) {
		var err error
		if text, err = a.decodeDocument(tx, l.packed, text); err != nil {
			return nil, fmt.Errorf("document %x…: %w", l.id[:], err)
		}
		got := snapshots.HashOf(text)
		if id, err := named(got); err != nil || id != l.id {
			return nil, fmt.Errorf("%w: document %x… decodes to one with hash %s", ErrDamaged, l.id[:], got)
		}
		a.bodies.put(l.id, text, got)
	}
	return text, nil
}

// decodeDocument decodes p, given the document before it.
func (a *Archive) decodeDocument(tx kv.Tx, p packed, before []byte) ([]byte, error) {
	dict := before
	if p.body != (uuid{}) {
		body, _, err := a.recorded(tx, p.body)
		if err != nil {
			return nil, err
		}
		dict = slices.Concat(before, body)
	}
	text, err := a.codec.decode(p.frame, dict)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return text, nil
}
