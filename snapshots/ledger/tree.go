package ledger

// This file reads the tree: its entries, nodes, roots and tiles.

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Entry is the entry of leaf n, from 0. Some of those behind it are kept at hand.
func (l *Log) Entry(n int64) (Entry, error) {
	const ahead = 64
	if at := n - l.from; at >= 0 && at < int64(len(l.near)) {
		return l.near[at], nil
	}
	l.from, l.near = n, l.near[:0]
	err := l.scan(n, max(min(n+ahead, l.size), n+1), func(_ int64, e Entry) error { l.near = append(l.near, e); return nil })
	if err != nil {
		return Entry{}, err
	}
	return l.near[0], nil
}

// Entries calls f for each entry in order, until it fails.
func (l *Log) Entries(f func(n int64, e Entry) error) error { return l.scan(0, l.size, f) }

func (l *Log) scan(from, to int64, f func(int64, Entry) error) error {
	const most = 4096
	if from < 0 || to > l.size {
		return fmt.Errorf("%w: there is no leaf %d", ErrDamaged, to-1)
	}
	for from < to {
		b := make([]byte, min(to-from, most)*EntrySize)
		if err := l.store.ReadAt(LeavesFile, b, from*EntrySize); err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		for ; len(b) > 0; b = b[EntrySize:] {
			if err := f(from, Entry{Hash(b[:tlog.HashSize]), [16]byte(b[tlog.HashSize:EntrySize])}); err != nil {
				return err
			}
			from++
		}
	}
	return nil
}

// hashes reads hashes of one level of tiles.
func (l *Log) hashes(level int, from, count int64) ([]Hash, error) {
	if count == 0 {
		return nil, nil
	}
	out := make([]Hash, 0, count)
	if level == 0 {
		err := l.scan(from, from+count, func(_ int64, e Entry) error { out = append(out, e.Hash); return nil })
		return out, err
	}
	if from < 0 || from+count > l.width(level) {
		return nil, fmt.Errorf("%w: %s has no hash %d", ErrDamaged, LevelFile(level), from+count-1)
	}
	b := make([]byte, count*tlog.HashSize)
	if err := l.store.ReadAt(LevelFile(level), b, from*tlog.HashSize); err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		out = append(out, Hash(b[:tlog.HashSize]))
	}
	return out, nil
}

// ReadHashes implements tlog.HashReader: nodes by their index in the order that tlog stores them.
func (l *Log) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		rest := level % tileHeight
		row, err := l.hashes(level/tileHeight, n<<rest, 1<<rest)
		if err != nil {
			return nil, err
		}
		out[i] = fold(row)
	}
	return out, nil
}

// Root is the root of the tree over the first size leaves. It takes time that grows with the logarithm of size.
func (l *Log) Root(size int64) (Hash, error) {
	if size < 0 || size > l.size {
		return Hash{}, fmt.Errorf("%w: it holds %d leaves, not %d", ErrDamaged, l.size, size)
	}
	return tlog.TreeHash(size, l)
}

// A Roll takes the root of a tree while its leaves pass by.
type Roll struct {
	n     int64
	stack []Hash // the roots of the perfect trees that n leaves make up, largest first
}

// Add adds the hash of the next leaf.
func (r *Roll) Add(h Hash) {
	for n := r.n; n&1 == 1; n >>= 1 {
		top := len(r.stack) - 1
		h = tlog.NodeHash(r.stack[top], h)
		r.stack = r.stack[:top]
	}
	r.stack = append(r.stack, h)
	r.n++
}

// Size is the number of leaves that were added.
func (r *Roll) Size() int64 { return r.n }

// Root is the root of the tree over what was added, which must be something.
func (r *Roll) Root() Hash {
	top := len(r.stack) - 1
	h := r.stack[top]
	for top--; top >= 0; top-- {
		h = tlog.NodeHash(r.stack[top], h)
	}
	return h
}

// Export writes the log as C2SP tlog-tiles lays it out, up to the size of the checkpoint: checkpoint, tile/<level>/<n> and
// tile/entries/<n>. leaf gives the bytes of leaf n; one that is gone (an error) leaves out the bundles of entries that it is in.
func (l *Log) Export(signed []byte, c Checkpoint, leaf func(n int64) ([]byte, error), write func(path string, b []byte) error) error {
	if c.Size > l.size {
		return fmt.Errorf("%w: it holds %d leaves, the checkpoint is over %d", ErrDamaged, l.size, c.Size)
	}
	for _, t := range tlog.NewTiles(tileHeight, 0, c.Size) {
		b, err := tlog.ReadTileData(t, l)
		if err != nil {
			return err
		}
		if err := write(tilePath(t), b); err != nil {
			return err
		}
		if t.L > 0 {
			continue
		}
		t.L = -1
		if b, err = bundle(t, leaf); err != nil {
			continue
		}
		if err := write(tilePath(t), b); err != nil {
			return err
		}
	}
	return write("checkpoint", signed)
}

// tilePath is the path that tlog-tiles gives to t: without the height, and with "entries" for the leaves themselves.
func tilePath(t tlog.Tile) string {
	path := t.Path() // tile/8/<level or data>/<n>
	rest := path[len("tile/8/"):]
	if t.L < 0 {
		rest = "entries" + rest[len("data"):]
	}
	return "tile/" + rest
}

// bundle is the leaves of a tile, each behind its length in two bytes.
func bundle(t tlog.Tile, leaf func(int64) ([]byte, error)) ([]byte, error) {
	var out []byte
	for i := range t.W {
		b, err := leaf(t.N<<tileHeight + int64(i))
		if err != nil {
			return nil, err
		}
		if len(b) > 0xffff {
			return nil, fmt.Errorf("leaf of %d bytes", len(b))
		}
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(b))), b...)
	}
	return out, nil
}
