package warc

// This file writes records.

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Extent is where a record stands: the offset of its gzip member and the length of the member, in bytes.
type Extent struct{ Offset, Length int64 }

// A Writer writes records, each as one gzip member. Same records, same bytes. Blocks that are compressed already stand in it as they are.
type Writer struct {
	out  counter
	gz   *gzip.Writer
	head *flate.Writer // of a member whose block is stored
	buf  bytes.Buffer
	last Digests
}

// NewWriter is a writer of records to w.
func NewWriter(w io.Writer) *Writer {
	head, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &Writer{out: counter{w: w}, gz: gzip.NewWriter(io.Discard), head: head}
}

// Write writes r and says where it stands, counted from the first record of this writer. The header must hold
// WARC-Type, WARC-Record-ID and WARC-Date, and neither Content-Length nor WARC-Block-Digest: these are
// computed. What Write accepts, a Reader with its default limits reads.
func (w *Writer) Write(r *Record) (Extent, error) {
	digests := Digests{Block: sha256.Sum256(r.Block)}
	head, err := head(r, format(digests.Block))
	if err != nil {
		return Extent{}, fmt.Errorf("write record %s: %w", r.ID(), err)
	}
	start := w.out.n
	if packed[r.Header.Get("Content-Type")] {
		err = w.store(head, r.Block)
	} else {
		err = w.compress(head, r.Block)
	}
	if err != nil {
		return Extent{}, fmt.Errorf("write record %s: %w", r.ID(), err)
	}
	digests.Head = sha256.Sum256(head)
	w.last = digests
	return Extent{Offset: start, Length: w.out.n - start}, nil
}

// packed are the media types of blocks that do not become smaller.
var packed = map[string]bool{"application/zstd": true, "image/png": true}

var recordEnd = []byte("\r\n\r\n")

// compress writes a member that is compressed as a whole.
func (w *Writer) compress(head, block []byte) error {
	w.gz.Reset(&w.out)
	for _, part := range [][]byte{head, block, recordEnd} {
		if _, err := w.gz.Write(part); err != nil {
			return err
		}
	}
	return w.gz.Close()
}

// store writes a member whose head is compressed and whose block is not. In one piece with it, the head would be compressed with a code that
// suits neither: a short block costs a tenth more that way.
func (w *Writer) store(head, block []byte) error {
	const most = 1<<16 - 1 // bytes in a stored part of a deflate stream
	flushed := []byte("\x00\x00\xff\xff")
	w.buf.Reset()
	w.buf.WriteString("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
	w.head.Reset(&w.buf)
	if _, err := w.head.Write(head); err != nil {
		return err
	}
	if err := w.head.Flush(); err != nil {
		return err
	}
	out, ok := bytes.CutSuffix(w.buf.Bytes(), flushed) // the length of an empty stored part: the block takes its place
	if !ok {
		return errors.New("compressed head does not end as it should")
	}
	sum := crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, block)
	sum = crc32.Update(sum, crc32.IEEETable, recordEnd)
	text := slices.Concat(block, recordEnd)
	for n := 0; len(text) > 0; text = text[n:] {
		if n > 0 {
			out = append(out, 0) // another stored part
		}
		n = min(len(text), most)
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		out = append(out, text[:n]...)
	}
	out = append(out, 3, 0) // a last part, empty
	out = binary.LittleEndian.AppendUint32(out, sum)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)+len(block)+len(recordEnd)))
	_, err := w.out.Write(out)
	return err
}

// Digests are those of the record that Write last wrote.
func (w *Writer) Digests() Digests { return w.last }

// head is the version line and the header of r, with the empty line that ends it. The digest is that of its block.
func head(r *Record, blockDigest string) ([]byte, error) {
	limits := Limits{}.withDefaults()
	if int64(len(r.Block)) > limits.Block {
		return nil, fmt.Errorf("block of %d bytes is larger than %d", len(r.Block), limits.Block)
	}
	for _, name := range []string{"WARC-Type", "WARC-Record-ID", "WARC-Date"} {
		if r.Header.Get(name) == "" {
			return nil, fmt.Errorf("header lacks %s", name)
		}
	}
	for _, name := range []string{"Content-Length", "WARC-Block-Digest"} {
		if len(r.Header.All(name)) > 0 {
			return nil, fmt.Errorf("header holds %s, which is computed", name)
		}
	}
	var b strings.Builder
	b.WriteString(version + "\r\n")
	fields := append(r.Header[:len(r.Header):len(r.Header)],
		Field{"WARC-Block-Digest", blockDigest}, Field{"Content-Length", strconv.Itoa(len(r.Block))})
	for _, f := range fields {
		if err := f.check(); err != nil {
			return nil, err
		}
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	b.WriteString("\r\n")
	if b.Len() > limits.Header || len(fields) > limits.Fields {
		return nil, fmt.Errorf("header of %d bytes and %d fields is too large", b.Len(), len(fields))
	}
	return []byte(b.String()), nil
}

// check refuses what would break the framing of a header or not survive reading.
func (f Field) check() error {
	if f.Name == "" || strings.ContainsFunc(f.Name, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	}) {
		return fmt.Errorf("%q is no name of a field", f.Name)
	}
	if !utf8.ValidString(f.Value) || strings.ContainsFunc(f.Value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return fmt.Errorf("value of %s holds control characters or is not UTF-8: %q", f.Name, f.Value)
	}
	if f.Value != strings.TrimSpace(f.Value) {
		return errors.New("value of " + f.Name + " begins or ends with white space")
	}
	return nil
}

// counter counts the bytes that pass to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
