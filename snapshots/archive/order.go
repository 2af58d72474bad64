package archive

// This file makes the keys that put snapshots and versions in the order of time. All of them stand in one bucket, those of the same terms
// together behind the number of the terms: a bucket for each terms would leave most of its pages empty.

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

const (
	termsLen = 4  // bytes of the number of terms
	timeLen  = 8  // bytes of a time
	posLen   = 12 // bytes of a position
	turnLen  = 4  // bytes of the turn of a version among those of its time
)

// timeKey is t to the microsecond so that byte order is the order of time.
func timeKey(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())^1<<63)
}

// position is the place of an entry in the evidence. It orders what has the same time. The number of a file has six digits, and an offset
// is below 1 TiB: see newCaptures.
func position(p place, line int) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.file)<<40|uint64(p.extent.Offset)&(maxFile-1))
	return binary.BigEndian.AppendUint32(b, uint32(line))
}

// positionFile is the number of the file and the offset in a position.
func positionFile(pos []byte) (uint32, int64) {
	n := binary.BigEndian.Uint64(pos)
	return uint32(n >> 40), int64(n & (maxFile - 1))
}

// termsNumber is what the keys of all that is of some terms begin with, nil if nothing is.
func termsNumber(tx kv.Tx, terms []byte) []byte {
	return slices.Clone(tx.Bucket(bucketTerms).Get(terms))
}

// numberTerms is termsNumber, a new one if there is none.
func numberTerms(tx kv.Tx, terms []byte) ([]byte, error) {
	if n := termsNumber(tx, terms); n != nil {
		return n, nil
	}
	n, err := tx.Bucket(bucketTerms).NextSequence()
	if err != nil {
		return nil, err
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(n))
	return b, tx.Bucket(bucketTerms).Put(terms, b)
}

// backward are the keys of a bucket that begin with prefix and are not above prefix and upTo, last first, with their values.
func backward(b kv.Bucket, prefix, upTo []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := b.Cursor()
		step := c.Prev
		if k, _ := c.Seek(slices.Concat(prefix, upTo, bytes.Repeat([]byte{0xff}, posLen+1))); k == nil {
			step = c.Last
		}
		for k, v := step(); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Prev() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// latest is the upTo of backward that leaves nothing out.
var latest = bytes.Repeat([]byte{0xff}, timeLen)

// nextTurn is the key of a version: behind those that have its time, which are of the same terms.
func nextTurn(b kv.Bucket, terms []byte, date time.Time) []byte {
	at := slices.Concat(terms, timeKey(date))
	turn := uint32(1)
	for k := range backward(b, at, nil) {
		turn = binary.BigEndian.Uint32(k[len(at):]) + 1
		break
	}
	return binary.BigEndian.AppendUint32(at, turn)
}
