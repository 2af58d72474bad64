package archive

// This file reads capture files from front to back and knows what to do where they are damaged.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// A scanner reads one capture file in batches.
type scanner struct {
	ctx    context.Context
	number uint32
	f      volume
	size   int64
	at     int64 // behind the last record read
	base   int64 // offset at which r began
	r      *warc.Reader
}

func (c *captures) scan(ctx context.Context, number uint32, from int64) (*scanner, error) {
	f, err := c.open(number)
	if err != nil {
		return nil, err
	}
	size, err := f.length()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := &scanner{ctx: ctx, number: number, f: f, size: size, r: warc.NewReader(nil, warc.Limits{})}
	s.start(from)
	return s, nil
}

func (s *scanner) start(at int64) {
	s.at, s.base = at, at
	s.r.Reset(io.NewSectionReader(s.f, at, max(s.size-at, 0)))
}

func (s *scanner) close() { s.f.Close() }

// batch reads some records. At the end of the file the error is io.EOF; records may come with it and with any other.
func (s *scanner) batch() ([]written, error) {
	var out []written
	for size := 0; len(out) < 1000 && size < 16<<20; {
		if s.ctx != nil && s.ctx.Err() != nil {
			return out, s.ctx.Err()
		}
		rec, err := s.r.Next()
		if err != nil {
			return out, err
		}
		ext := s.r.Extent()
		ext.Offset += s.base
		s.at = ext.Offset + ext.Length
		size += len(rec.Block)
		out = append(out, asWritten(place{file: s.number, extent: ext, depth: noBody}, rec, s.r.Digests()))
	}
	return out, nil
}

// skip goes on at the next whole record behind the damage at s.at, if there is one.
func (s *scanner) skip() bool {
	next, ok := warc.Resync(s.f, s.at+1, s.size, warc.Limits{})
	if ok {
		s.start(next)
	}
	return ok
}

// isDamage tells bytes that are no record from a file that could not be read.
func isDamage(err error) bool {
	return unread(err) == nil && (errors.Is(err, warc.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF))
}

// An unreadError says that a server did not give a stretch of a capture file, which may be as it was written: of what stands there nothing is known.
type unreadError struct{ error }

func (e *unreadError) Unwrap() error { return e.error }

// unread is why a stretch could not be read, whatever a reader made of that; nil if it could.
func unread(err error) error {
	if e, ok := errors.AsType[*unreadError](err); ok {
		return e
	}
	return nil
}

// damagedAt says that there is no sound record at an offset, or why it could not be read.
func damagedAt(number uint32, offset int64, err error) error {
	if e := unread(err); e != nil {
		return fmt.Errorf("%s offset %d: %w", fileName(number), offset, e)
	}
	return fmt.Errorf("%w: %s offset %d: %w", ErrDamaged, fileName(number), offset, err)
}

// copyTo writes a new file and waits for the disk.
func copyTo(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// freeName is path, or path with a number behind it, so that no such file exists.
func freeName(path string) (string, error) {
	name := path
	for i := 2; i < 1000; i++ {
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", err
		}
		name = path + "-" + strconv.Itoa(i)
	}
	return "", fmt.Errorf("%s: too many files of that name", path)
}

func putEnd(tx kv.Tx, number uint32, end int64) error {
	key := binary.BigEndian.AppendUint32(nil, number)
	return tx.Bucket(bucketFiles).Put(key, sealed(key, binary.BigEndian.AppendUint64(nil, uint64(end))))
}

func readEnds(tx kv.Tx, ends map[uint32]int64) error {
	return tx.Bucket(bucketFiles).ForEach(func(k, v []byte) error {
		v, ok := unsealed(k, v)
		if !ok || len(k) != 4 || len(v) != 8 {
			return fmt.Errorf("%w: %s: indexed end of a capture file is damaged", ErrNoIndex, indexFile)
		}
		ends[binary.BigEndian.Uint32(k)] = int64(binary.BigEndian.Uint64(v))
		return nil
	})
}

// sealed is a value of the index with a checksum over its key and itself: damage to what nothing else tells is not taken for damage to the evidence.
func sealed(key, value []byte) []byte {
	sum := crc32.Update(crc32.ChecksumIEEE(key), crc32.IEEETable, value)
	return binary.BigEndian.AppendUint32(value[:len(value):len(value)], sum)
}

func unsealed(key, value []byte) ([]byte, bool) {
	if len(value) < 4 {
		return nil, false
	}
	v := value[:len(value)-4]
	return v, bytes.Equal(sealed(key, v), value)
}
