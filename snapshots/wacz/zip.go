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
	err := proper(name)
	if err == nil && (len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name, ":*?\"<>|")) {
		err = errors.New("has a name that not every system can write")
	}
	if err != nil {
		return fmt.Errorf("%w: its file %.100q %w", ErrFormat, name, err)
	}
	return nil
}

// proper refuses a name that could harm whoever unpacks it, or shows it.
func proper(name string) error {
	switch clean := path.Clean(name); {
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return errors.New("has an absolute path")
	case clean == "..", strings.HasPrefix(clean, "../"), strings.Contains(name, "\\"):
		return errors.New("leads out of the package")
	case clean != name || name == "." || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("has no proper name")
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
// that overlap, that are too many, too large, or larger than what they decompress from could honestly be.
func OpenZip(in io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	limits = limits.withDefaults()
	if err := countFiles(in, size, limits.Files); err != nil {
		return nil, err
	}
	directory := &bounded{in, int64(limits.Files)*directoryEntry + 1<<20}
	r, err := zip.NewReader(directory, size)
	switch {
	case errors.Is(err, errBounded):
		return nil, fmt.Errorf("%w: its list of files is longer than that of %d files", ErrLimit, limits.Files)
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	case len(r.File) > limits.Files:
		return nil, fmt.Errorf("%w: it holds %d files; %d are read", ErrLimit, len(r.File), limits.Files)
	}
	directory.left = -1
	z := &Zip{Comment: r.Comment, files: map[string]*zip.File{}, limits: limits, in: in, size: size}
	return z, z.takeAll(r.File)
}

// takeAll takes up the files, folders left out.
func (z *Zip) takeAll(files []*zip.File) error {
	seen, packed, total := map[string]bool{}, uint64(0), uint64(0)
	for _, f := range files {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 { // a folder
			if err := proper(strings.TrimSuffix(f.Name, "/")); err != nil {
				return fmt.Errorf("%w: its file %.100q %w", ErrFormat, f.Name, err)
			}
			continue
		}
		if err := z.take(f); err != nil {
			return err
		}
		if seen[strings.ToLower(f.Name)] {
			return fmt.Errorf("%w: it holds two files called %.100q", ErrFormat, f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		if packed += f.CompressedSize64; packed > uint64(z.size) {
			return fmt.Errorf("%w: its files overlap", ErrFormat)
		}
		if total += f.UncompressedSize64; total > uint64(z.limits.Total) {
			return fmt.Errorf("%w: its files hold more than %d MB", ErrLimit, z.limits.Total>>20)
		}
	}
	return nil
}

// take checks one file of the directory.
func (z *Zip) take(f *zip.File) error {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	err, kind := proper(f.Name), ErrFormat
	switch {
	case err != nil:
	case !f.Mode().IsRegular():
		err = errors.New("is no plain file")
	case f.Flags&1 != 0:
		err = errors.New("is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		err = fmt.Errorf("is compressed in a way (%d) that is not read", f.Method)
	case packed > uint64(z.size):
		err = errors.New("is longer than the package, or its files overlap")
	case f.Method == zip.Store && size != packed:
		err = errors.New("has a length that cannot be")
	case size > uint64(z.limits.File):
		kind, err = ErrLimit, fmt.Errorf("is said to hold %d MB", size>>20)
	case size > uint64(z.limits.Free) && (size-uint64(z.limits.Free))/uint64(z.limits.Ratio) > packed:
		kind, err = ErrLimit, fmt.Errorf("is said to unpack from %d bytes to %d MB", packed, size>>20)
	}
	if err != nil {
		return fmt.Errorf("%w: its file %.100q %w", kind, f.Name, err)
	}
	z.files[f.Name] = f
	z.names = append(z.names, f.Name)
	return nil
}

// directoryEntry is how many bytes of the list of files one file may take, on average.
const directoryEntry = 800

// countFiles reads the number of files from the end of a ZIP file, before anything is made for them. A file of more than 4 GB may keep it
// in another place, which is then bounded by what is read.
func countFiles(in io.ReaderAt, size int64, most int) error {
	tail := make([]byte, min(size, 22+1<<16))
	if _, err := in.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return fmt.Errorf("%w: it is no ZIP file", ErrFormat)
	}
	if n := int(tail[i+10]) | int(tail[i+11])<<8; n != 0xffff && n > most {
		return fmt.Errorf("%w: it holds %d files; %d are read", ErrLimit, n, most)
	}
	return nil
}

var errBounded = errors.New("read too much")

// bounded reads at most left bytes of in, in all; any number if left is negative.
type bounded struct {
	in   io.ReaderAt
	left int64
}

func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, errBounded
		}
	}
	return b.in.ReadAt(p, off)
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
