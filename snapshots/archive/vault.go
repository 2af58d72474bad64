package archive

// This file keeps the files of a ledger in the database of an archive on a server, in chunks.

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// chunk is how many bytes of a file stand in one row, but for the last: twice what PostgreSQL keeps of a long value in one piece, four of which fill a page.
const chunk = 2 * 1996

// A vault holds the files of a ledger.
type vault struct {
	read func(func(kv.Tx) error) error
	tx   kv.Tx // nil if nothing may be written
}

var _ files = vault{}

func chunkKey(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func sizeIn(tx kv.Tx, name string) int64 {
	b := tx.Bucket(bucketVault).Bucket([]byte(name))
	if b == nil {
		return 0
	}
	k, v := b.Cursor().Last()
	if len(k) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(k))*chunk + int64(len(v))
}

func (f vault) Size(name string) (n int64, err error) {
	err = f.read(func(tx kv.Tx) error { n = sizeIn(tx, name); return nil })
	return n, err
}

func (f vault) ReadAt(name string, b []byte, at int64) error {
	return f.read(func(tx kv.Tx) error {
		file := tx.Bucket(bucketVault).Bucket([]byte(name))
		if file == nil && len(b) > 0 {
			return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		c := kv.Cursor(nil)
		for done := 0; done < len(b); {
			n := (at + int64(done)) / chunk
			var k, v []byte
			if c == nil {
				c = file.Cursor()
				k, v = c.Seek(chunkKey(n))
			} else {
				k, v = c.Next()
			}
			from := at + int64(done) - n*chunk
			if !bytes.Equal(k, chunkKey(n)) || from >= int64(len(v)) {
				return fmt.Errorf("%w: %s ends at %d", ErrDamaged, name, at+int64(done))
			}
			done += copy(b[done:], v[from:])
		}
		return nil
	})
}

func (f vault) Append(name string, b []byte, at int64) error {
	if f.tx == nil {
		return ErrReadOnly
	}
	size := sizeIn(f.tx, name)
	if size < at {
		return fmt.Errorf("%w: %s holds %d bytes where %d were expected", ErrDamaged, name, size, at)
	}
	file, err := f.tx.Bucket(bucketVault).CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return err
	}
	first := at / chunk
	if before := at - first*chunk; before > 0 {
		b = append(bytes.Clone(file.Get(chunkKey(first))[:before]), b...)
	}
	n := first
	for ; len(b) > 0; n++ {
		size := min(chunk, len(b))
		if err := file.Put(chunkKey(n), b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	for ; n*chunk < size; n++ {
		if err := file.Delete(chunkKey(n)); err != nil {
			return err
		}
	}
	return nil
}

func (f vault) names() (out []string, err error) {
	err = f.read(func(tx kv.Tx) error {
		return tx.Bucket(bucketVault).ForEach(func(name, _ []byte) error { out = append(out, string(name)); return nil })
	})
	return out, err
}

func (f vault) there() (there bool, err error) {
	err = f.read(func(tx kv.Tx) error {
		k, _ := tx.Bucket(bucketVault).Cursor().First()
		there = k != nil
		return nil
	})
	return there, err
}

func (f vault) small(name string, limit int64) (b []byte, err error) {
	err = f.read(func(tx kv.Tx) error {
		size := sizeIn(tx, name)
		switch {
		case size == 0:
			return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		case size > limit:
			return fmt.Errorf("%s has %d bytes, more than %d", name, size, limit)
		}
		b = make([]byte, size)
		return vault{read: func(f func(kv.Tx) error) error { return f(tx) }}.ReadAt(name, b, 0)
	})
	return b, err
}

func (f vault) replace(name string, b []byte) error { return f.Append(name, b, 0) }

// private is always true: who can read the database can do all that the key can.
func (f vault) private() error { return nil }

func (f vault) readKey() ([]byte, error) { return f.small(keyFile, maxKey) }

func (f vault) makeKey(b []byte) error { return f.Append(keyFile, b, 0) }
