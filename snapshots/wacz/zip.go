package wacz

// This file writes and checks the ZIP files that WACZ files, and bundles of them, are: nothing compressed, one fixed time, no
// fields that are not needed. So the same content has the same bytes, a byte of a file is a byte of the ZIP file, and any byte
// that is not as it was written can be named.

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// A ZipWriter writes files into one ZIP file.
type ZipWriter struct {
	zip  *zip.Writer
	have map[string]bool
}

// NewZipWriter is a writer of a ZIP file to w.
func NewZipWriter(w io.Writer) *ZipWriter {
	return &ZipWriter{zip: zip.NewWriter(w), have: map[string]bool{}}
}

// Add writes one file. Names are relative, with slashes, each once.
func (z *ZipWriter) Add(name string, content []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if z.have[strings.ToLower(name)] {
		return fmt.Errorf("add %s: there is a file of that name", name)
	}
	z.have[strings.ToLower(name)] = true
	w, err := z.zip.CreateRaw(header(name, uint64(len(content)), crc32.ChecksumIEEE(content)))
	if err == nil {
		_, err = w.Write(content)
	}
	if err != nil {
		return fmt.Errorf("add %s: %w", name, err)
	}
	return nil
}

// Close ends the ZIP file with a comment, which may be empty.
func (z *ZipWriter) Close(comment string) error {
	if err := z.zip.SetComment(comment); err != nil {
		return err
	}
	return z.zip.Close()
}

// header is that of each file: stored, 1 January 1980.
func header(name string, size uint64, crc uint32) *zip.FileHeader {
	const newYear1980 = 1<<5 | 1                                                                 // CreateRaw takes the fields of MS-DOS, not Modified
	return &zip.FileHeader{Name: name, Method: zip.Store, ModifiedDate: newYear1980, CRC32: crc, //nolint:staticcheck // the field that CreateRaw writes
		CompressedSize64: size, UncompressedSize64: size}
}

// checkName refuses names that lead out of a folder, that some system cannot write, or that hide something.
func checkName(name string) error {
	bad := name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name, "\\:*?\"<>|") ||
		strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f }) || path.Clean(name) != name ||
		path.IsAbs(name) || name == "." || name == ".." || strings.HasPrefix(name, "../")
	if bad {
		return fmt.Errorf("%w: %.80q is no name of a file in it", ErrFormat, name)
	}
	return nil
}

// A Zip is a ZIP file that is read within limits.
type Zip struct {
	Comment string
	files   map[string]*zip.File
	names   []string
	limits  Limits
	in      io.ReaderAt
	size    int64
}

// OpenZip reads the directory of a ZIP file and refuses what could harm: names that lead out of a folder, two files of one name, files
// that are too many, too large, or larger than what they decompress from could honestly be.
func OpenZip(in io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	limits = limits.withDefaults()
	if err := countFiles(in, size, limits.Files); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(in, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	z := &Zip{Comment: r.Comment, files: map[string]*zip.File{}, limits: limits, in: in, size: size}
	if len(r.File) > limits.Files {
		return nil, fmt.Errorf("%w: %d files, at most %d", ErrLimit, len(r.File), limits.Files)
	}
	seen, total := map[string]bool{}, uint64(0)
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 { // a folder
			if err := checkName(strings.TrimSuffix(f.Name, "/")); err != nil {
				return nil, err
			}
			continue
		}
		if err := z.take(f); err != nil {
			return nil, err
		}
		if seen[strings.ToLower(f.Name)] {
			return nil, fmt.Errorf("%w: two files are called %q", ErrFormat, f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		if total += f.UncompressedSize64; total > uint64(limits.Total) {
			return nil, fmt.Errorf("%w: the files hold more than %d bytes", ErrLimit, limits.Total)
		}
	}
	return z, nil
}

// take checks one file of the directory.
func (z *Zip) take(f *zip.File) error {
	if err := checkName(f.Name); err != nil {
		return err
	}
	if !f.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is no plain file", ErrFormat, f.Name)
	}
	if f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&1 != 0 {
		return fmt.Errorf("%w: %s is compressed by method %d, or encrypted", ErrFormat, f.Name, f.Method)
	}
	size, packed := f.UncompressedSize64, f.CompressedSize64
	if size > uint64(z.limits.File) {
		return fmt.Errorf("%w: %s is said to hold %d bytes", ErrLimit, f.Name, size)
	}
	if packed > uint64(z.size) || f.Method == zip.Store && size != packed {
		return fmt.Errorf("%w: %s has a length that cannot be", ErrFormat, f.Name)
	}
	if size > 1<<20 && size/uint64(z.limits.Ratio) > packed {
		return fmt.Errorf("%w: %s is said to decompress %d bytes to %d", ErrLimit, f.Name, packed, size)
	}
	z.files[f.Name] = f
	z.names = append(z.names, f.Name)
	return nil
}

// countFiles reads the number of files from the end of a ZIP file, before anything is made for them.
func countFiles(in io.ReaderAt, size int64, most int) error {
	tail := make([]byte, min(size, 22+1<<16))
	if _, err := in.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return fmt.Errorf("%w: no ZIP file", ErrFormat)
	}
	if n := int(tail[i+10]) | int(tail[i+11])<<8; n != 0xffff && n > most {
		return fmt.Errorf("%w: %d files, at most %d", ErrLimit, n, most)
	}
	directory := int64(tail[i+12]) | int64(tail[i+13])<<8 | int64(tail[i+14])<<16 | int64(tail[i+15])<<24
	if directory > int64(most)*1024 {
		return fmt.Errorf("%w: a directory of %d bytes", ErrLimit, directory)
	}
	return nil
}

// Names are the files in the order of the directory.
func (z *Zip) Names() []string { return slices.Clone(z.names) }

// Has reports whether there is a file called name.
func (z *Zip) Has(name string) bool { return z.files[name] != nil }

// Open reads a file as it is decompressed, and ends with an error if it is longer or shorter than it says or does not match its checksum.
func (z *Zip) Open(name string) (io.ReadCloser, error) {
	f := z.files[name]
	if f == nil {
		return nil, fmt.Errorf("%w: it holds no %s", ErrFormat, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return r, nil
}

// Section is a file that is stored as it is, for reading here and there. One that is compressed is an error.
func (z *Zip) Section(name string) (*io.SectionReader, error) {
	f := z.files[name]
	if f == nil {
		return nil, fmt.Errorf("%w: it holds no %s", ErrFormat, name)
	}
	at, err := f.DataOffset()
	if err == nil && f.Method != zip.Store {
		err = errors.New("is compressed")
	}
	if err == nil && at+int64(f.CompressedSize64) > z.size {
		err = errors.New("ends behind the end")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return io.NewSectionReader(z.in, at, int64(f.CompressedSize64)), nil
}

// Read reads a whole file of at most most bytes.
func (z *Zip) Read(name string, most int64) ([]byte, error) {
	r, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrLimit, name, most)
	}
	return b, nil
}

// Compare reports whether every byte of a ZIP file is as a ZipWriter would have written it. If not, where names the file that the first
// other byte belongs to, "" if it is none's.
func (z *Zip) Compare() (where string, same bool) {
	c := &comparer{in: z.in}
	w := zip.NewWriter(c)
	for _, name := range z.names {
		f := z.files[name]
		out, err := w.CreateRaw(header(name, f.UncompressedSize64, f.CRC32))
		if err != nil {
			return name, false
		}
		r, err := f.OpenRaw()
		if err == nil {
			_, err = io.Copy(out, r)
		}
		if err == nil {
			err = w.Flush()
		}
		if err != nil || c.differs {
			return name, false
		}
	}
	if w.SetComment(z.Comment) != nil || w.Close() != nil || c.differs || c.at != z.size {
		return "", false
	}
	return "", true
}

// A comparer compares what is written to it with what stands in a file.
type comparer struct {
	in      io.ReaderAt
	at      int64
	differs bool
}

func (c *comparer) Write(p []byte) (int, error) {
	have := make([]byte, len(p))
	if _, err := c.in.ReadAt(have, c.at); err != nil && err != io.EOF {
		return 0, err
	}
	c.differs = c.differs || !bytes.Equal(have, p)
	c.at += int64(len(p))
	return len(p), nil
}
