package archive

// This file keeps capture files as objects: a file is the objects that hold its parts, one behind the other.

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
)

// parts is the shelf of an archive on a server.
type parts struct {
	s        *shared
	read     func(func(kv.Tx) error) error
	tx       kv.Tx  // nil if nothing may be written
	uploaded string // the object that holds what is written next; "" if it is still to be made
}

// A part is a stretch of a capture file.
type part struct {
	at, length int64
	name       string // of the object that holds it, and nothing else
}

func partKey(number uint32, at int64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, number), uint64(at))
}

func (p part) value() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(p.length)), p.name...)
}

func decodePart(k, v []byte) (part, error) {
	if len(k) != 12 || len(v) < 9 {
		return part{}, fmt.Errorf("%w: part of a capture file in the index", ErrDamaged)
	}
	p := part{at: int64(binary.BigEndian.Uint64(k[4:])), length: int64(binary.BigEndian.Uint64(v)), name: string(v[8:])}
	if p.at < 0 || p.length <= 0 || p.length > objects.MaxSize || p.at > maxFile {
		return part{}, fmt.Errorf("%w: part of a capture file in the index", ErrDamaged)
	}
	return p, nil
}

// objectName is a name for an object that holds b, which no other object has: it can be deleted without looking who else may mean it.
func objectName(b []byte) string {
	var r [6]byte
	_, _ = rand.Read(r[:]) // never fails
	h := string(snapshots.HashOf(b))
	return captureDir + "/" + h[:2] + "/" + h[:32] + "-" + hex.EncodeToString(r[:]) + ".warc.gz"
}

// partAt is the part of a capture file that holds the byte at an offset; ok is false beyond the end.
func partAt(tx kv.Tx, number uint32, at int64) (p part, ok bool, err error) {
	c := tx.Bucket(bucketParts).Cursor()
	want := partKey(number, at)
	k, v := c.Seek(want)
	if k == nil {
		k, v = c.Last()
	}
	for k != nil && bytes.Compare(k, want) > 0 { // others may write meanwhile
		k, v = c.Prev()
	}
	if k == nil || !bytes.HasPrefix(k, want[:4]) {
		return part{}, false, nil
	}
	p, err = decodePart(k, v)
	return p, err == nil && at < p.at+p.length, err
}

// list are the numbers of the capture files, in order.
func (p *parts) list() ([]uint32, error) {
	var out []uint32
	err := p.read(func(tx kv.Tx) error {
		c := tx.Bucket(bucketParts).Cursor()
		for k, _ := c.First(); len(k) == 12; k, _ = c.Seek(partKey(out[len(out)-1]+1, 0)) {
			out = append(out, binary.BigEndian.Uint32(k))
		}
		return nil
	})
	return out, err
}

func (p *parts) open(number uint32) (volume, error) { return &partVolume{p, number}, nil }

func (p *parts) length(number uint32) (n int64, err error) {
	err = p.read(func(tx kv.Tx) error {
		c := tx.Bucket(bucketParts).Cursor()
		behind := partKey(number+1, 0)
		k, v := c.Seek(behind)
		if k == nil {
			k, v = c.Last()
		}
		for k != nil && bytes.Compare(k, behind) >= 0 {
			k, v = c.Prev()
		}
		if k == nil || binary.BigEndian.Uint32(k) != number {
			return nil
		}
		last, err := decodePart(k, v)
		n = last.at + last.length
		return err
	})
	return n, err
}

func (p *parts) write(number uint32, at int64, head, b []byte) (bool, error) {
	if p.tx == nil {
		return true, ErrReadOnly
	}
	size, err := p.length(number)
	if err != nil {
		return true, err
	}
	if size != at {
		return false, fmt.Errorf("%w: %s holds %d bytes where %d were expected", ErrDamaged, fileName(number), size, at)
	}
	if len(head) > 0 {
		if err := p.put(number, at, head, ""); err != nil {
			return true, err
		}
	}
	err = p.put(number, at+int64(len(head)), b, p.uploaded)
	p.uploaded = ""
	return true, err
}

// put enters a part, and makes the object that holds it unless there is one.
func (p *parts) put(number uint32, at int64, b []byte, name string) error {
	if name == "" {
		name = objectName(b)
		if err := p.s.objects.Put(context.Background(), name, b); err != nil {
			return err
		}
	}
	return p.tx.Bucket(bucketParts).Put(partKey(number, at), part{length: int64(len(b)), name: name}.value())
}

// overwrite puts new objects in the place of those that hold what is patched. The old ones, and all spare objects that hold some of it, are patched as well:
// copies of the database name them, and what is erased is to be nowhere. Of them a part is as it was or patched, whatever becomes of the transaction.
func (p *parts) overwrite(number uint32, patches []patch) error {
	if p.tx == nil {
		return ErrReadOnly
	}
	for len(patches) > 0 {
		old, ok, err := partAt(p.tx, number, patches[0].at)
		if err != nil || !ok {
			return errors.Join(err, fmt.Errorf("%w: %s has no part at %d", ErrDamaged, fileName(number), patches[0].at))
		}
		n := slices.IndexFunc(patches, func(x patch) bool { return x.at >= old.at+old.length })
		if n < 0 {
			n = len(patches)
		}
		b := make([]byte, old.length)
		if err := p.s.objects.ReadAt(context.Background(), old.name, b, 0); err != nil {
			return err
		}
		for _, x := range patches[:n] {
			if copied := copy(b[x.at-old.at:], x.b); copied != len(x.b) {
				return fmt.Errorf("%w: %s offset %d: a record in two parts", ErrDamaged, fileName(number), x.at)
			}
		}
		if err := p.replace(number, old, b, patches[:n]); err != nil {
			return err
		}
		patches = patches[n:]
	}
	return nil
}

// replace puts b in the place of a part.
func (p *parts) replace(number uint32, old part, b []byte, patches []patch) error {
	ctx := context.Background()
	spares, err := sparesWithin(p.tx, number, old)
	if err != nil {
		return err
	}
	now, err := p.s.db.Now(ctx)
	if err != nil {
		return err
	}
	name := objectName(b)
	if err := p.s.objects.Put(ctx, name, b); err != nil {
		return err
	}
	last := spare{number, old, now}
	for _, s := range append(spares, last) {
		end := s.at + s.length
		switch {
		case !slices.ContainsFunc(patches, func(x patch) bool { return x.at < end && x.at+int64(len(x.b)) > s.at }):
		case s.at >= old.at && end <= old.at+old.length:
			err = p.s.objects.Put(ctx, s.name, b[s.at-old.at:end-old.at])
		default:
			err = p.s.patchSpare(ctx, s, patches)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(p.tx.Bucket(bucketParts).Put(partKey(number, old.at), part{length: old.length, name: name}.value()),
		p.tx.Bucket(bucketSpare).Put(last.key(), last.value()))
}

// patchSpare patches an object that was to take the place of several parts, if it was written.
func (s *shared) patchSpare(ctx context.Context, x spare, patches []patch) error {
	b := make([]byte, x.length)
	err := s.objects.ReadAt(ctx, x.name, b, 0)
	if errors.Is(err, objects.ErrNotFound) || errors.Is(err, objects.ErrShort) {
		return nil // who writes it later finds that the parts have changed, and takes it away
	}
	if err != nil {
		return err
	}
	for _, p := range patches {
		if skip := max(0, x.at-p.at); skip < int64(len(p.b)) && p.at+skip < x.at+x.length {
			copy(b[p.at+skip-x.at:], p.b[skip:])
		}
	}
	return s.objects.Put(ctx, x.name, b)
}

// cut is not needed: a transaction leaves no torn files behind.
func (p *parts) cut(number uint32, at, _ int64) (string, error) {
	return "", fmt.Errorf("%w: %s holds bytes that are no record at %d", ErrDamaged, fileName(number), at)
}

func (p *parts) tidy() error { return nil }

// A partVolume is a capture file that is read from its parts.
type partVolume struct {
	p      *parts
	number uint32
}

func (v *partVolume) length() (int64, error) { return v.p.length(v.number) }

func (v *partVolume) Close() error { return nil }

// Of an object, blocks are read and kept at hand: the records of a capture stand beside each other. One that is not much larger is one block.
const (
	blockSize = 256 << 10
	wholeFrom = 1 << 20
)

// ReadAt is that of an io.ReaderAt. An object that is missing, or cut short, reads as zeros, which are no record.
func (v *partVolume) ReadAt(b []byte, at int64) (int, error) {
	done := 0
	for done < len(b) {
		var p part
		var ok bool
		err := v.p.read(func(tx kv.Tx) (err error) {
			p, ok, err = partAt(tx, v.number, at+int64(done))
			return err
		})
		if err != nil {
			return done, &unreadError{err}
		}
		if !ok {
			return done, io.EOF
		}
		from := at + int64(done) - p.at
		n := min(int64(len(b)-done), p.length-from)
		if err := v.p.s.part(p, b[done:done+int(n)], from); err != nil {
			return done, &unreadError{err}
		}
		done += int(n)
	}
	return done, nil
}

// part fills b from byte from on of a part.
func (s *shared) part(p part, b []byte, from int64) error {
	err := s.blocks(p, b, from)
	if errors.Is(err, objects.ErrNotFound) || errors.Is(err, objects.ErrShort) {
		clear(b)
		return nil
	}
	return err
}

func (s *shared) blocks(p part, b []byte, from int64) error {
	size := p.length
	if size >= wholeFrom {
		size = blockSize
	}
	if len(b) > blockSize && p.length >= wholeFrom { // whoever reads so much reads all
		return s.objects.ReadAt(context.Background(), p.name, b, from)
	}
	for len(b) > 0 {
		at := from / size * size
		block, err := s.block(p.name, at, min(size, p.length-at))
		if err != nil {
			return err
		}
		n := copy(b, block[from-at:])
		b, from = b[n:], from+int64(n)
	}
	return nil
}

// block is some bytes of an object.
func (s *shared) block(name string, at, size int64) ([]byte, error) {
	id := identify("object", name, strconv.FormatInt(at, 10))
	b, _, ok := s.near.get(id)
	if ok {
		return b, nil
	}
	b = make([]byte, size)
	if err := s.objects.ReadAt(context.Background(), name, b, at); err != nil {
		return nil, err
	}
	s.near.put(id, b, "")
	return b, nil
}
