package warc

// This file reads WARC files that others wrote: version 1.0 or 1.1, plain or compressed, one gzip member for each record or one
// for all of them. It is lenient where writers differ, and strict where a file may be made to harm.

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Errors that say what a file is instead of a WARC file.
var (
	ErrARC     = errors.New("it is an ARC file, the format before WARC")
	ErrZip     = errors.New("it is a ZIP file, as WACZ files are")
	ErrZstd    = errors.New("it is compressed with Zstandard")
	ErrNotWARC = errors.New("it is no WARC file")
)

// ErrTotal says that a file unpacks to more than its size allows for.
var ErrTotal = errors.New("unpacks to more than a WARC file of its size holds")

// A Place is where a record stands in a file of others.
type Place struct {
	Member int64 // offset of the gzip member, or of the record in a file that is not compressed
	Skip   int64 // unpacked bytes of the member before the record
}

// A Head is a record up to its block.
type Head struct {
	Place  Place
	Raw    []byte // the version line and the header as they stand in the file, with the empty line
	Header Header
	Size   int64 // of the block, bytes
}

// ID is the WARC-Record-ID without angle brackets.
func (h *Head) ID() string { return Bare(h.Header.Get("WARC-Record-ID")) }

// At is the WARC-Date, which may be less than a time; it is zero if it cannot be read.
func (h *Head) At() time.Time { return Dated(h.Header.Get("WARC-Date")) }

// Dated reads a date as others write it in a header, with or without the time of day; it is zero if it cannot be read.
func Dated(s string) time.Time {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04Z", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// A Walk goes through the records of a file of others.
type Walk struct {
	in     io.ReaderAt
	size   int64
	gz     bool
	limits Limits
	most   int64 // unpacked bytes, counted over one pass
	un     *unpacker
	buf    *bufio.Reader
	pos    int64 // of buf in what is unpacked
	left   int64 // of the block of the last head
	begun  bool
}

// NewWalk goes through the size bytes of in. A file that is no WARC file is refused with one of the errors of this package.
func NewWalk(in io.ReaderAt, size int64, limits Limits) (*Walk, error) {
	w := &Walk{in: in, size: size, limits: limits.withDefaults(), most: 1<<30 + 100*size}
	var magic [4]byte
	n, err := in.ReadAt(magic[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic[:n], []byte("PK\x03\x04")):
		return nil, ErrZip
	case bytes.HasPrefix(magic[:n], []byte("\x28\xb5\x2f\xfd")), n == 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte("\x2a\x4d\x18")):
		return nil, ErrZstd
	}
	w.gz = bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b})
	return w, w.Seek(Place{})
}

// Single reads the one record that b is: a version line, a header, a block, and nothing behind it.
func Single(b []byte) (*Head, []byte, error) {
	w, err := NewWalk(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		return nil, nil, err
	}
	head, err := w.Next()
	if err != nil {
		return nil, nil, err
	}
	block, err := w.Block()
	if err != nil {
		return nil, nil, err
	}
	if _, err := w.Next(); err != io.EOF || len(head.Raw)+len(block) != len(b) {
		return nil, nil, fmt.Errorf("%w: more than one record", ErrFormat)
	}
	return head, block, nil
}

// Seek makes Next read the record at p.
func (w *Walk) Seek(p Place) error {
	section := io.NewSectionReader(w.in, p.Member, max(w.size-p.Member, 0))
	if w.un == nil {
		w.un = &unpacker{src: &source{r: bufio.NewReaderSize(section, 64<<10)}, plain: !w.gz}
		w.buf = bufio.NewReaderSize(w.un, 64<<10)
	}
	w.un.reset(section, p.Member, w.most)
	w.buf.Reset(w.un)
	w.pos, w.left, w.begun = 0, 0, p != Place{}
	return w.pass(p.Skip)
}

// At reads the head of the record at p. Records of one member that are read in their order are unpacked once.
func (w *Walk) At(p Place) (*Head, error) {
	here := w.un.place(w.pos + w.left)
	if here.Member != p.Member || here.Skip > p.Skip {
		if err := w.Seek(p); err != nil {
			return nil, err
		}
	} else if err := w.pass(w.left + p.Skip - here.Skip); err != nil {
		return nil, err
	}
	w.left, w.begun = 0, true
	return w.Next()
}

// Unpacked is how many bytes were unpacked since NewWalk.
func (w *Walk) Unpacked() int64 { return w.un.total + w.un.out }

// pass drops n unpacked bytes.
func (w *Walk) pass(n int64) error {
	got, err := io.CopyN(io.Discard, w.buf, n)
	w.pos += got
	return unexpected(err)
}

// unexpected makes the end of a file one that comes too early.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Next reads the head of the next record, passing over what is left of the block before it. At the end of the file it returns
// io.EOF. After another error the file cannot be read on.
func (w *Walk) Next() (*Head, error) {
	left := w.left
	w.left = 0
	if err := w.pass(left); err != nil {
		return nil, fmt.Errorf("within a block: %w", err)
	}
	if err := w.gap(); err != nil {
		return nil, err
	}
	h := &Head{Place: w.un.place(w.pos)}
	if err := w.head(h); err != nil {
		return nil, fmt.Errorf("record at offset %d: %w", h.Place.Member, unexpected(err))
	}
	w.begun, w.left = true, h.Size
	return h, nil
}

// gap passes over the empty lines between records.
func (w *Walk) gap() error {
	for {
		b, err := w.buf.Peek(1)
		if err != nil {
			return err
		}
		if !w.begun || b[0] != '\r' && b[0] != '\n' {
			return nil
		}
		if err := w.pass(1); err != nil {
			return err
		}
	}
}

func (w *Walk) head(h *Head) error {
	line, err := w.line(h)
	if err != nil {
		if !w.begun && !errors.Is(err, ErrTotal) && !strings.HasPrefix(line, "WARC/") {
			return notWARC(line)
		}
		return err
	}
	switch {
	case line == "WARC/1.0" || line == version:
	case !w.begun:
		return notWARC(line)
	case strings.HasPrefix(line, "WARC/"):
		return fmt.Errorf("%w: version %.20q; 1.0 and 1.1 are read", ErrFormat, line)
	default:
		return fmt.Errorf("%w: %.20q stands where a record should begin: the length of the one before it is wrong", ErrFormat, line)
	}
	for {
		line, err := w.line(h)
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		if err := h.add(line); err != nil {
			return err
		}
		if len(h.Header) > w.limits.Fields {
			return fmt.Errorf("%w: more than %d header fields", ErrFormat, w.limits.Fields)
		}
	}
	h.Size, err = length(h.Header)
	return err
}

// notWARC says what a file is that begins with line.
func notWARC(line string) error {
	switch {
	case strings.HasPrefix(line, "filedesc://"):
		return ErrARC
	case strings.HasPrefix(line, "WARC/"):
		return fmt.Errorf("%w: version %.20q; 1.0 and 1.1 are read", ErrFormat, line)
	}
	return fmt.Errorf("%w: it begins with %.20q", ErrNotWARC, line)
}

// add takes up one line of the header. A line that begins with white space goes on the field before it, as WARC 1.0 allows.
func (h *Head) add(line string) error {
	if line[0] == ' ' || line[0] == '\t' {
		if len(h.Header) == 0 {
			return fmt.Errorf("%w: header line %.60q", ErrFormat, line)
		}
		last := &h.Header[len(h.Header)-1]
		last.Value = strings.TrimSpace(last.Value + " " + strings.TrimSpace(line))
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return fmt.Errorf("%w: header line %.60q", ErrFormat, line)
	}
	h.Header = append(h.Header, Field{name, strings.TrimSpace(strings.ToValidUTF8(value, "\ufffd"))})
	return nil
}

// line reads one line, ended by CR LF or LF, and keeps its bytes.
func (w *Walk) line(h *Head) (string, error) {
	from := len(h.Raw)
	for {
		part, err := w.buf.ReadSlice('\n')
		w.pos += int64(len(part))
		if len(h.Raw)+len(part) > w.limits.Header {
			return clean(h.Raw[from:]), fmt.Errorf("%w: header is longer than %d bytes", ErrFormat, w.limits.Header)
		}
		h.Raw = append(h.Raw, part...)
		if err == nil {
			return clean(h.Raw[from:]), nil
		}
		if err != bufio.ErrBufferFull {
			return clean(h.Raw[from:]), err
		}
	}
}

func clean(line []byte) string { return strings.TrimRight(string(line), "\r\n") }

// length is the Content-Length. One that is given twice must be the same.
func length(h Header) (int64, error) {
	all := slices.Compact(h.All("Content-Length"))
	if len(all) != 1 {
		return 0, fmt.Errorf("%w: %d different lengths", ErrFormat, len(all))
	}
	n, err := strconv.ParseUint(all[0], 10, 62)
	if err != nil {
		return 0, fmt.Errorf("%w: Content-Length %.30q", ErrFormat, all[0])
	}
	return int64(n), nil
}

// Begin gives the first bytes of the block of the last head, at most n and at most 32 KiB. They can be read again, and hold until then.
func (w *Walk) Begin(n int) ([]byte, error) {
	b, err := w.buf.Peek(int(min(int64(n), w.left, 32<<10)))
	return b, unexpected(err)
}

// Block reads the block of the last head. One of more than the limit is an error.
func (w *Walk) Block() ([]byte, error) {
	if w.left > w.limits.Block {
		return nil, fmt.Errorf("%w: block of %d bytes is larger than %d", ErrFormat, w.left, w.limits.Block)
	}
	var b bytes.Buffer
	b.Grow(int(min(w.left, 1<<20)) + bytes.MinRead) // the rest grows with what really comes
	n, err := io.CopyN(&b, w.buf, w.left)
	w.pos, w.left = w.pos+n, w.left-n
	return b.Bytes(), unexpected(err)
}
