// Package ledger is an append-only Merkle log (RFC 6962) over the records of an archive: leaves, tiles as in C2SP tlog-tiles, signed
// checkpoints, proofs that a record is in the log and that a later log continues an earlier one. Leaves hold digests, never
// content. The package knows neither files nor clocks: it works on a small Storage. FORMAT.md in the parent folder describes the bytes.
//
// A log proves something against its owner only by a checkpoint that is published, or stamped by others: who holds the
// key can make another log.
package ledger

// This file holds leaves and the log, which is appended to.

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a node of the tree: SHA-256 as RFC 6962 takes it.
type Hash = tlog.Hash

// A Leaf says which record was logged, by its name and the SHA-256 of its head (version line, header and empty line) and its block.
type Leaf struct {
	Record      string // "urn:uuid:…"
	Head, Block [sha256.Size]byte
}

// Bytes is the line of JSON that the hash of a leaf is taken of, without an end of line.
func (l Leaf) Bytes() []byte {
	b := make([]byte, 0, 256)
	b = append(b, `{"record":`...)
	b = strconv.AppendQuoteToASCII(b, l.Record)
	b = append(b, `,"head":"`...)
	b = hex.AppendEncode(b, l.Head[:])
	b = append(b, `","block":"`...)
	b = hex.AppendEncode(b, l.Block[:])
	return append(b, `"}`...)
}

// Hash is the hash of the leaf in the tree.
func (l Leaf) Hash() Hash { return tlog.RecordHash(l.Bytes()) }

// An Entry is what the log keeps of a leaf: its hash, and the identifier of the record, by which a lost one can be named.
type Entry struct {
	Hash Hash
	ID   [16]byte
}

// The files of a log. Level n of the tiles, from 1, is LevelFile(n).
const (
	LeavesFile = "leaves"
	EntrySize  = tlog.HashSize + 16 // bytes of an entry in it
)

// The shape of the tiles.
const (
	TileWidth = 1 << tileHeight // hashes of a full tile
	Levels    = 8               // enough for 2^63 leaves

	tileHeight = 8
)

// LevelFile is the name of the file that holds the hashes of the full tiles of level n-1, 32 bytes each.
func LevelFile(n int) string { return "level-" + strconv.Itoa(n) }

// ErrDamaged says that the files of a log do not hold what they should.
var ErrDamaged = errors.New("ledger is damaged")

// Storage holds the files of a log.
type Storage interface {
	Size(name string) (int64, error)              // bytes; 0 if there is no such file
	ReadAt(name string, b []byte, at int64) error // fills b
	Append(name string, b []byte, at int64) error // b stands at offset at and nothing behind it, and is on the disk
}

// A Log is one log. It is for one goroutine at a time.
type Log struct {
	store Storage
	size  int64
	near  []Entry // some that were read, from leaf number from on
	from  int64
	tails [][]Hash // of each level, the hashes of the tile that is not full yet; nil before the first Append
}

// Open opens the log in s, which may be empty. An entry that was cut off does not count.
func Open(s Storage) (*Log, error) {
	n, err := s.Size(LeavesFile)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return &Log{store: s, size: n / EntrySize}, nil
}

// Size is the number of leaves.
func (l *Log) Size() int64 { return l.size }

// Append appends entries with one write, and the hashes of the tiles that they fill. When it fails, the log must be opened again.
func (l *Log) Append(entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := l.load(); err != nil {
		return fmt.Errorf("append to ledger: %w", err)
	}
	leaves := make([]byte, 0, len(entries)*EntrySize)
	full := make([][]byte, Levels)
	for _, e := range entries {
		leaves = append(append(leaves, e.Hash[:]...), e.ID[:]...)
		l.push(0, e.Hash, full)
	}
	if err := l.store.Append(LeavesFile, leaves, l.size*EntrySize); err != nil {
		return fmt.Errorf("append to ledger: %w", err)
	}
	for n := 1; n < Levels && len(full[n]) > 0; n++ {
		if err := l.store.Append(LevelFile(n), full[n], l.width(n)*tlog.HashSize); err != nil {
			return fmt.Errorf("append to ledger: %w", err)
		}
	}
	l.size += int64(len(entries))
	l.near = l.near[:0]
	return nil
}

// Complete writes the hashes of full tiles that a crash has kept from being written.
func (l *Log) Complete() error {
	if err := l.load(); err != nil {
		return fmt.Errorf("complete ledger: %w", err)
	}
	return nil
}

// push adds a hash to a level, and that of a tile which this fills to the next one.
func (l *Log) push(level int, h Hash, full [][]byte) {
	l.tails[level] = append(l.tails[level], h)
	if len(l.tails[level]) == TileWidth && level < Levels-1 {
		root := fold(l.tails[level])
		l.tails[level] = l.tails[level][:0]
		full[level+1] = append(full[level+1], root[:]...)
		l.push(level+1, root, full)
	}
}

// width is the number of hashes that a level holds.
func (l *Log) width(level int) int64 { return l.size >> (tileHeight * level) }

// load reads the tiles that are not full, and completes a level that a crash has left short.
func (l *Log) load() error {
	if l.tails != nil {
		return nil
	}
	tails := make([][]Hash, Levels)
	for n := range tails {
		if err := l.complete(n); err != nil {
			return err
		}
		width := l.width(n)
		tail, err := l.hashes(n, width&^(TileWidth-1), width%TileWidth)
		if err != nil {
			return err
		}
		tails[n] = append(make([]Hash, 0, TileWidth), tail...)
	}
	l.tails = tails
	return nil
}

// complete writes the hashes that the file of a level lacks.
func (l *Log) complete(level int) error {
	if level == 0 || l.width(level) == 0 {
		return nil
	}
	size, err := l.store.Size(LevelFile(level))
	if err != nil {
		return err
	}
	from := size / tlog.HashSize
	var missing []byte
	for n := from; n < l.width(level); n++ {
		tile, err := l.hashes(level-1, n*TileWidth, TileWidth)
		if err != nil {
			return err
		}
		root := fold(tile)
		missing = append(missing, root[:]...)
	}
	if len(missing) == 0 {
		return nil
	}
	return l.store.Append(LevelFile(level), missing, from*tlog.HashSize)
}

// fold is the root of a perfect tree over hashes, of which there are a power of two.
func fold(hashes []Hash) Hash {
	row := append([]Hash(nil), hashes...)
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

// Cut forgets the leaves from the nth on.
func (l *Log) Cut(n int64) error {
	if n > l.size {
		return fmt.Errorf("%w: it holds %d leaves, not %d", ErrDamaged, l.size, n)
	}
	l.size, l.tails, l.near = n, nil, l.near[:0]
	for level := 0; level < Levels; level++ {
		name, end := LevelFile(level), l.width(level)*tlog.HashSize
		if level == 0 {
			name, end = LeavesFile, n*EntrySize
		}
		if size, err := l.store.Size(name); err != nil || size <= end {
			if err != nil {
				return fmt.Errorf("cut ledger: %w", err)
			}
			continue
		}
		if err := l.store.Append(name, nil, end); err != nil {
			return fmt.Errorf("cut ledger: %w", err)
		}
	}
	return nil
}
