package archive

// This file checks the pages of the index before bbolt walks them, which takes each for sound: a damaged one can make it read beyond the
// file or go in circles, and end the program.

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The layout of a bbolt file: pages with a head, heads (metas) in the first two.
const (
	pageHead     = 16 // id (8), flags (2), count (2), overflow (4)
	pageElement  = 16
	pageBranch   = 1
	pageLeaf     = 2
	pageMeta     = 4
	pageFree     = 16
	metaLength   = 64 // magic (4), version (4), size of a page (4), flags (4), root (8), sequence (8), free list (8), pages (8), transaction (8), checksum (8)
	metaMagic    = 0xED0CDAED
	noFreeList   = 1<<64 - 1
	deepestPages = 60 // levels of pages and buckets
)

// A pageWalk reads all pages that a transaction can reach.
type pageWalk struct {
	f    io.ReaderAt
	size int64  // of a page
	end  uint64 // number of pages
	seen map[uint64]bool
}

// checkPages checks the pages of the bbolt file at path, of pageSize bytes each, as transaction number tx sees them. Nothing may be written meanwhile.
func checkPages(path string, tx uint64, pageSize int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := &pageWalk{f: f, size: int64(pageSize), seen: map[uint64]bool{}}
	var root, free uint64
	found, wrong := false, error(nil)
	for n := range uint64(2) {
		b, err := w.read(n, 1)
		if err != nil {
			return err
		}
		m := b[pageHead:]
		sum := fnv.New64a()
		_, _ = sum.Write(m[:metaLength-8]) // never fails
		u32, u64 := binary.NativeEndian.Uint32, binary.NativeEndian.Uint64
		if u64(b) != n || binary.NativeEndian.Uint16(b[8:]) != pageMeta || u32(m) != metaMagic || sum.Sum64() != u64(m[metaLength-8:]) || int64(u32(m[8:])) != w.size {
			wrong = fmt.Errorf("page %d, one of its two heads, is damaged", n)
		} else if u64(m[48:]) == tx {
			root, free, w.end, found = u64(m[16:]), u64(m[32:]), u64(m[40:]), true
		}
	}
	if info, err := f.Stat(); err != nil {
		return err
	} else if uint64(info.Size()/w.size) < w.end {
		return errors.New("is cut short")
	}
	if wrong == nil && !found {
		wrong = fmt.Errorf("has no head of transaction %d", tx)
	}
	if wrong != nil {
		return wrong
	}
	if err := w.page(root, 0, nil, nil); err != nil || free == noFreeList {
		return err
	}
	return w.freeList(free)
}

// read reads pages in a row.
func (w *pageWalk) read(id, n uint64) ([]byte, error) {
	b := make([]byte, int64(n)*w.size)
	if _, err := w.f.ReadAt(b, int64(id)*w.size); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return b, nil
}

// whole reads a page with those that continue it, none of which may have been reached before.
func (w *pageWalk) whole(id uint64) ([]byte, error) {
	if id < 2 || id >= w.end {
		return nil, fmt.Errorf("refers to page %d of %d", id, w.end)
	}
	b, err := w.read(id, 1)
	if err != nil {
		return nil, err
	}
	more := uint64(binary.NativeEndian.Uint32(b[12:]))
	if binary.NativeEndian.Uint64(b) != id || more >= w.end-id {
		return nil, fmt.Errorf("page %d is damaged", id)
	}
	for n := id; n <= id+more; n++ {
		if w.seen[n] {
			return nil, fmt.Errorf("page %d is referred to twice", n)
		}
		w.seen[n] = true
	}
	return w.read(id, more+1)
}

// page checks a page and all below it: its keys are not below low, and below high unless that is nil.
func (w *pageWalk) page(id uint64, depth int, low, high []byte) error {
	if depth > deepestPages {
		return fmt.Errorf("page %d: too many levels", id)
	}
	b, err := w.whole(id)
	if err != nil {
		return err
	}
	return w.content(b, depth, low, high)
}

// content checks what is in a page, or in a bucket that is small enough to stand within one.
func (w *pageWalk) content(b []byte, depth int, low, high []byte) error {
	if len(b) < pageHead {
		return errors.New("a bucket is cut short")
	}
	id, flags, count := binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint16(b[8:]), int(binary.NativeEndian.Uint16(b[10:]))
	damaged := fmt.Errorf("page %d is damaged", id)
	if flags != pageBranch && flags != pageLeaf || pageHead+count*pageElement > len(b) || flags == pageBranch && count == 0 {
		return damaged
	}
	keys, values, ok := elements(b, flags, count)
	if !ok {
		return damaged
	}
	for i, key := range keys {
		if i > 0 && bytes.Compare(keys[i-1], key) >= 0 || bytes.Compare(key, low) < 0 && i == 0 && flags == pageLeaf || high != nil && bytes.Compare(key, high) >= 0 {
			return fmt.Errorf("page %d: its keys are not in order", id)
		}
		var err error
		if flags == pageBranch {
			next := high
			if i+1 < count {
				next = keys[i+1]
			}
			err = w.page(values[i].page, depth+1, key, next)
		} else if values[i].bucket {
			err = w.bucket(b, values[i], depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A pageValue is what stands behind a key: a page, or bytes of this one.
type pageValue struct {
	page       uint64
	bucket     bool
	start, end int
}

// elements are the keys and the values of a page; false if one does not lie within it.
func elements(b []byte, flags uint16, count int) (keys [][]byte, values []pageValue, ok bool) {
	for i := range count {
		at := pageHead + i*pageElement
		e := b[at : at+pageElement]
		u32 := func(n int) int { return int(binary.NativeEndian.Uint32(e[n:])) }
		pos, size, v := u32(0), u32(4), pageValue{page: binary.NativeEndian.Uint64(e[8:])}
		if flags == pageLeaf {
			pos, size = u32(4), u32(8)
			v = pageValue{bucket: u32(0) == 1, start: at + pos + size, end: at + pos + size + u32(12)}
			if u32(0) > 1 {
				return nil, nil, false
			}
		}
		if at+pos < pageHead+count*pageElement || at+pos+size > len(b) || v.end > len(b) {
			return nil, nil, false
		}
		keys, values = append(keys, b[at+pos:at+pos+size]), append(values, v)
	}
	return keys, values, true
}

// bucket checks a bucket that stands in a page.
func (w *pageWalk) bucket(b []byte, v pageValue, depth int) error {
	head := b[v.start:v.end]
	if len(head) < 16 {
		return errors.New("a bucket is cut short")
	}
	if root := binary.NativeEndian.Uint64(head); root != 0 {
		return w.page(root, depth+1, nil, nil)
	}
	if depth > deepestPages || len(head) < 16+pageHead || binary.NativeEndian.Uint16(head[16+8:]) != pageLeaf {
		return errors.New("a small bucket is damaged")
	}
	return w.content(head[16:], depth+1, nil, nil)
}

// freeList checks the list of free pages.
func (w *pageWalk) freeList(id uint64) error {
	b, err := w.whole(id)
	if err != nil {
		return err
	}
	damaged := fmt.Errorf("page %d, the list of free pages, is damaged", id)
	count, at := uint64(binary.NativeEndian.Uint16(b[10:])), pageHead
	if count == 0xffff {
		count, at = binary.NativeEndian.Uint64(b[pageHead:]), pageHead+8
	}
	if binary.NativeEndian.Uint16(b[8:]) != pageFree || count > uint64(len(b)-at)/8 {
		return damaged
	}
	last := uint64(1)
	for i := range count {
		n := binary.NativeEndian.Uint64(b[at+int(i)*8:])
		if n <= last || n >= w.end || w.seen[n] {
			return damaged
		}
		last = n
	}
	return nil
}
