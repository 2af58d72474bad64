package archive

// This file appends to the capture files and reads single records from them.

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/drittland/drittland/snapshots/warc"
)

// captures are the capture files of one archive.
type captures struct {
	shelf
	rotate int64 // size at which a file is followed by a new one

	number uint32 // of the file that is appended to, 0 before the first
	end    int64  // its size
	broken error  // why nothing may be appended any more

	readers sync.Pool // of *warc.Reader that are not in use: their buffers are large

	mu   sync.Mutex        // guards what follows
	kept map[uint32]volume // that are open
}

// A written record is one that has reached the disk.
type written struct {
	place   place
	rec     *warc.Record
	digests warc.Digests
	erased  bool // its block is zeros
}

const maxFile = 1 << 40 // no capture file has as many bytes

func newCaptures(where shelf, rotate int64) *captures {
	if rotate == 0 {
		rotate = 256 << 20
	}
	rotate = min(rotate, maxFile/2) // records are far smaller than the other half
	return &captures{shelf: where, rotate: rotate, kept: map[uint32]volume{}}
}

// append writes records behind the last one and makes sure that they stay. Either all of them do, or the file
// is as it was.
func (c *captures) append(e *encoded) ([]written, error) {
	if c.broken != nil {
		return nil, fmt.Errorf("an earlier write failed, open the archive again: %w", c.broken)
	}
	number, end := c.number, c.end
	if number == 0 || end >= c.rotate {
		number, end = number+1, 0
	}
	var head []byte
	records := e.records
	if end == 0 {
		info, err := encode([]*warc.Record{warcinfo(number, records[0].rec)})
		if err != nil {
			return nil, err
		}
		head, records = info.bytes, info.records
		for _, w := range e.records {
			w.place.extent.Offset += int64(len(head))
			records = append(records, w)
		}
	}
	if whole, err := c.write(number, end, head, e.bytes); err != nil {
		if !whole {
			c.broken = err
		}
		return nil, fmt.Errorf("append to %s: %w", fileName(number), err)
	}
	out := make([]written, len(records))
	for i, w := range records {
		w.place.file = number
		w.place.extent.Offset += end
		out[i] = w
	}
	c.number, c.end = number, end+int64(len(head)+len(e.bytes))
	return out, nil
}

// warcinfo is the first record of a capture file.
func warcinfo(number uint32, next *warc.Record) *warc.Record {
	return &warc.Record{
		Header: warc.Header{
			{Name: "WARC-Type", Value: "warcinfo"},
			{Name: "WARC-Record-ID", Value: warc.Bracket(identify("warcinfo", fileName(number), next.ID()).String())},
			{Name: "WARC-Date", Value: next.Header.Get("WARC-Date")},
			{Name: "WARC-Filename", Value: fileName(number)},
			{Name: "Content-Type", Value: "application/warc-fields"},
		},
		Block: []byte("software: drittland\r\nformat: WARC File Format 1.1\r\n" +
			"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n" +
			"description: " + formatLine + "\r\n"),
	}
}

// read reads the record at p and checks that it fills its extent and matches its digest.
func (c *captures) read(p place) (*warc.Record, error) {
	f, err := c.file(p.file)
	if err != nil {
		return nil, err
	}
	r, ok := c.readers.Get().(*warc.Reader)
	if !ok {
		r = warc.NewReader(nil, warc.Limits{})
	}
	defer c.readers.Put(r)
	r.Reset(io.NewSectionReader(f, p.extent.Offset, p.extent.Length))
	rec, err := r.Next()
	if err == nil && r.Extent().Length != p.extent.Length {
		err = fmt.Errorf("record ends after %d of %d bytes", r.Extent().Length, p.extent.Length)
	}
	if err == nil {
		if isErased(rec) {
			return nil, erased(rec.ID())
		}
		err = rec.CheckDigest()
	}
	if err != nil {
		return nil, damagedAt(p.file, p.extent.Offset, err)
	}
	return rec, nil
}

// file is a capture file, open for reading.
func (c *captures) file(number uint32) (volume, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.kept[number]; f != nil {
		return f, nil
	}
	f, err := c.open(number)
	if err != nil {
		return nil, err
	}
	c.kept[number] = f
	return f, nil
}

// size is how many bytes a capture file holds.
func (c *captures) size(number uint32) (int64, error) {
	f, err := c.open(number)
	if err != nil {
		return 0, err
	}
	n, err := f.length()
	return n, errors.Join(err, f.Close())
}

func (c *captures) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	for _, f := range c.kept {
		err = errors.Join(err, f.Close())
	}
	clear(c.kept)
	return err
}
