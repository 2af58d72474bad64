package warc

// This file reads records, one gzip member after another, within limits.

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const version = "WARC/1.1"

// ErrFormat says that bytes are not a WARC record in a gzip member of its own, or exceed the limits.
// A record that ends before it is whole is io.ErrUnexpectedEOF instead.
var ErrFormat = errors.New("not a valid WARC record")

// Limits bound what a Reader accepts. A zero field means the default.
type Limits struct {
	Header int   // bytes of a header; default 64 KiB
	Fields int   // fields of a header; default 256
	Block  int64 // bytes of a block, decompressed; default 128 MiB
}

func (l Limits) withDefaults() Limits {
	if l.Header == 0 {
		l.Header = 64 << 10
	}
	if l.Fields == 0 {
		l.Fields = 256
	}
	if l.Block == 0 {
		l.Block = 128 << 20
	}
	return l
}

// A Reader reads records from a stream of gzip members.
type Reader struct {
	limits Limits
	src    *source
	gz     *gzip.Reader
	buf    *bufio.Reader
	start  int64
	head   []byte // of the record that Next last returned, as it stands in the stream
	last   *Record
}

// NewReader is a reader of the records in r.
func NewReader(r io.Reader, limits Limits) *Reader {
	return &Reader{
		limits: limits.withDefaults(),
		src:    &source{r: bufio.NewReaderSize(r, 64<<10)},
		gz:     new(gzip.Reader),
		buf:    bufio.NewReader(nil),
	}
}

// Reset makes the reader read from r, counting offsets from 0.
func (r *Reader) Reset(in io.Reader) {
	r.src.r.Reset(in)
	r.src.n, r.start = 0, 0
}

// Extent is where the record that Next last returned stands in the stream.
func (r *Reader) Extent() Extent { return Extent{Offset: r.start, Length: r.src.n - r.start} }

// Digests are those of the record that Next last returned, as it stands in the stream.
func (r *Reader) Digests() Digests {
	d := Digests{Head: sha256.Sum256(r.head)}
	if r.last != nil {
		d.Block = sha256.Sum256(r.last.Block)
	}
	return d
}

// Next reads one record and checks its framing and the checksum of its member, but not its digest.
// At the end of the stream it returns io.EOF. After another error the stream cannot be read on.
func (r *Reader) Next() (*Record, error) {
	r.start, r.head, r.last = r.src.n, r.head[:0], nil
	if _, err := r.src.r.Peek(1); err != nil {
		return nil, err
	}
	rec, err := r.record()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("record at offset %d: %w", r.start, err)
	}
	r.last = rec
	return rec, nil
}

func (r *Reader) record() (*Record, error) {
	if err := r.gz.Reset(r.src); err != nil {
		return nil, compression(err)
	}
	r.gz.Multistream(false)
	r.buf.Reset(r.gz)
	header, err := r.header()
	if err != nil {
		return nil, err
	}
	size, err := r.size(header)
	if err != nil {
		return nil, err
	}
	var block bytes.Buffer
	block.Grow(int(min(size, 1<<20)) + bytes.MinRead) // the rest grows with what really comes
	if _, err := io.CopyN(&block, r.buf, size); err != nil {
		return nil, r.short(err, "block")
	}
	var end [4]byte
	if _, err := io.ReadFull(r.buf, end[:]); err != nil {
		return nil, r.short(err, "end")
	}
	if string(end[:]) != "\r\n\r\n" {
		return nil, fmt.Errorf("%w: block is not followed by two empty lines", ErrFormat)
	}
	switch _, err := r.buf.ReadByte(); {
	case err == nil:
		return nil, fmt.Errorf("%w: gzip member holds more than one record", ErrFormat)
	case err != io.EOF:
		return nil, compression(err)
	}
	return &Record{Header: header, Block: block.Bytes()}, nil
}

// short explains why a part could not be read: the stream ends early, or the member does.
func (r *Reader) short(err error, part string) error {
	if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return compression(err)
	}
	if _, again := r.gz.Read(make([]byte, 1)); again == io.EOF {
		return fmt.Errorf("%w: gzip member ends within the %s of the record", ErrFormat, part)
	}
	return io.ErrUnexpectedEOF
}

// compression makes an error of the decompressor one of this package, except that of a short stream.
func compression(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrFormat, err)
}

func (r *Reader) header() (Header, error) {
	left := r.limits.Header
	line, err := r.line(&left)
	if err != nil {
		return nil, err
	}
	if line != version && line != "WARC/1.0" {
		return nil, fmt.Errorf("%w: begins with %.20q", ErrFormat, line)
	}
	var h Header
	for {
		line, err := r.line(&left)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return h, nil
		}
		name, value, ok := strings.Cut(line, ":")
		f := Field{name, strings.TrimSpace(value)}
		if !ok || f.check() != nil {
			return nil, fmt.Errorf("%w: header line %.60q", ErrFormat, line)
		}
		if h = append(h, f); len(h) > r.limits.Fields {
			return nil, fmt.Errorf("%w: more than %d header fields", ErrFormat, r.limits.Fields)
		}
	}
}

// line reads one line that ends in CR LF, and takes its bytes from left.
func (r *Reader) line(left *int) (string, error) {
	var line []byte
	for {
		part, err := r.buf.ReadSlice('\n')
		if *left -= len(part); *left < 0 {
			return "", fmt.Errorf("%w: header is longer than %d bytes", ErrFormat, r.limits.Header)
		}
		line = append(line, part...)
		r.head = append(r.head, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			return "", r.short(err, "header")
		}
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		return "", fmt.Errorf("%w: header line %.60q does not end in CR LF", ErrFormat, line)
	}
	return text, nil
}

// size is the Content-Length, of which there must be exactly one.
func (r *Reader) size(h Header) (int64, error) {
	all := h.All("Content-Length")
	if len(all) != 1 {
		return 0, fmt.Errorf("%w: %d Content-Length fields", ErrFormat, len(all))
	}
	n, err := strconv.ParseUint(all[0], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%w: Content-Length %.30q", ErrFormat, all[0])
	}
	if int64(n) > r.limits.Block {
		return 0, fmt.Errorf("%w: block of %d bytes is larger than %d", ErrFormat, n, r.limits.Block)
	}
	return int64(n), nil
}

// source counts the bytes that are taken from r. It is an io.ByteReader, so that the decompressor takes
// no byte beyond the end of a member.
type source struct {
	r *bufio.Reader
	n int64
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	return n, err
}

func (s *source) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil {
		s.n++
	}
	return c, err
}

// Resync finds the first offset from from on, and before size, at which a whole record stands. It is how
// reading goes on behind a damaged record. The second result is false if there is none.
func Resync(in io.ReaderAt, from, size int64, limits Limits) (int64, bool) {
	const window = 1 << 20
	magic := []byte{0x1f, 0x8b, 0x08}
	r := NewReader(bytes.NewReader(nil), limits)
	buf := make([]byte, window)
	for at := from; at < size; at += window - int64(len(magic)) + 1 {
		n, _ := in.ReadAt(buf[:min(window, size-at)], at)
		for i := 0; ; i++ {
			hit := bytes.Index(buf[i:n], magic)
			if hit < 0 {
				break
			}
			i += hit
			r.Reset(io.NewSectionReader(in, at+int64(i), size-at-int64(i)))
			if _, err := r.Next(); err == nil {
				return at + int64(i), true
			}
		}
	}
	return 0, false
}
