package foreign

// This file opens WACZ files: ZIP files with WARC files and a list of what is in them. Nothing is ever unpacked to a name that the file
// gives.

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/warc"
)

const (
	maxDirectory = 8 << 20  // bytes of the list of files of a ZIP file
	maxFiles     = 10_000   // in a ZIP file
	maxPackage   = 16 << 20 // bytes of datapackage.json
	packageFile  = "datapackage.json"
	digestFile   = "datapackage-digest.json"
)

// ErrWACZ says that a file is no WACZ file.
var ErrWACZ = errors.New("it is no WACZ file")

// OpenWACZ opens the WACZ file at path, compares its digests and finds out what it holds.
func OpenWACZ(ctx context.Context, path string, opts Options) (*File, error) {
	return open(ctx, path, opts, (*File).unzip)
}

// A listing is what datapackage.json says, as far as it is of use.
type listing struct {
	Profile   string `json:"profile"`
	Software  string `json:"software"`
	Resources []struct {
		Path string `json:"path"`
		Hash string `json:"hash"`
	} `json:"resources"`
}

func (f *File) unzip(ctx context.Context) error {
	files, err := f.directory()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(files, func(z *zip.File) bool { return z.Name == packageFile })
	if at < 0 {
		return fmt.Errorf("%w: it holds no %s", ErrWACZ, packageFile)
	}
	text, err := f.small(files[at])
	if err != nil {
		return err
	}
	var list listing
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrWACZ, packageFile, err)
	}
	if strings.HasPrefix(list.Profile, "multi-wacz") {
		return fmt.Errorf("%w of captures: it is a list of several; import each of those", ErrWACZ)
	}
	f.Software = short(list.Software)
	if err := f.sealed(files, text); err != nil {
		return err
	}
	hashes := map[string]string{}
	for _, r := range list.Resources[:min(len(list.Resources), maxFiles)] {
		hashes[r.Path] = r.Hash
	}
	for _, z := range files {
		if !strings.HasPrefix(z.Name, "archive/") || !isWARC(z.Name) {
			continue
		}
		if err := f.pack(ctx, z, hashes[z.Name]); err != nil {
			return fmt.Errorf("%.100s: %w", z.Name, err)
		}
	}
	if len(f.warcs) == 0 {
		return fmt.Errorf("%w: it holds no WARC file in the folder archive", ErrWACZ)
	}
	return nil
}

func isWARC(name string) bool {
	return strings.HasSuffix(name, ".warc.gz") || strings.HasSuffix(name, ".warc")
}

// directory lists the files, and refuses names and kinds that a package does not have.
func (f *File) directory() ([]*zip.File, error) {
	in := &bounded{r: f.in, left: maxDirectory}
	z, err := zip.NewReader(in, f.size)
	if errors.Is(err, errBounded) {
		return nil, fmt.Errorf("%w: its list of files is larger than %d MB", ErrTooMuch, maxDirectory>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWACZ, err)
	}
	in.left = -1
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("%w: it holds %d files; %d are read", ErrTooMuch, len(z.File), maxFiles)
	}
	names := map[string]bool{}
	left := f.size
	for _, x := range z.File {
		if err := proper(x); err != nil {
			return nil, fmt.Errorf("%w: its file %.100q %w", ErrWACZ, x.Name, err)
		}
		if names[x.Name] {
			return nil, fmt.Errorf("%w: it holds two files called %.100q", ErrWACZ, x.Name)
		}
		names[x.Name] = true
		if x.CompressedSize64 > uint64(left) {
			return nil, fmt.Errorf("%w: its files overlap", ErrWACZ)
		}
		left -= int64(x.CompressedSize64)
	}
	return z.File, nil
}

// proper refuses a file that a package does not have.
func proper(x *zip.File) error {
	switch clean := path.Clean(x.Name); {
	case strings.HasPrefix(x.Name, "/"), len(x.Name) > 1 && x.Name[1] == ':':
		return errors.New("has an absolute path")
	case clean == "..", strings.HasPrefix(clean, "../"), strings.Contains(x.Name, "\\"):
		return errors.New("leads out of the package")
	case x.Name == "" || strings.ContainsFunc(x.Name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("has no proper name")
	case x.Mode()&os.ModeType != 0 && !x.Mode().IsDir():
		return errors.New("is no plain file")
	case x.Flags&1 != 0:
		return errors.New("is encrypted")
	case x.Method != zip.Store && x.Method != zip.Deflate:
		return fmt.Errorf("is compressed in a way (%d) that is not read", x.Method)
	}
	return nil
}

// small reads a file of the package that is not large.
func (f *File) small(x *zip.File) ([]byte, error) {
	r, err := x.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWACZ, x.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxPackage+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrWACZ, x.Name, err)
	case len(b) > maxPackage:
		return nil, fmt.Errorf("%w: %s is larger than %d MB", ErrTooMuch, x.Name, maxPackage>>20)
	}
	return b, nil
}

// sealed compares the list of the package with its digest, where there is one. Who signed that is not looked at.
func (f *File) sealed(files []*zip.File, list []byte) error {
	at := slices.IndexFunc(files, func(z *zip.File) bool { return z.Name == digestFile })
	if at < 0 {
		return nil
	}
	text, err := f.small(files[at])
	if err != nil {
		return err
	}
	var seal struct {
		Hash string `json:"hash"`
	}
	if err := json.Unmarshal(text, &seal); err != nil {
		return f.fault("%s cannot be read: %v", digestFile, err)
	}
	if warc.Compare(seal.Hash, list) != warc.Agrees {
		return f.fault("the digest in %s is not that of %s", digestFile, packageFile)
	}
	return nil
}

// pack takes up one WARC file of the package, whose digest is stated as hash.
func (f *File) pack(ctx context.Context, x *zip.File, hash string) error {
	in, size, err := f.content(ctx, x)
	if err != nil {
		return err
	}
	whole := warc.NoDigest
	if hash == "" {
		if err := f.fault("%s is not in the list of the package", x.Name); err != nil {
			return err
		}
	} else if want, ok := strings.CutPrefix(strings.ToLower(hash), "sha256:"); ok {
		got, err := digest(ctx, io.NewSectionReader(in, 0, size))
		if err != nil {
			return err
		}
		if whole = warc.Agrees; got != want {
			whole = warc.Disagrees
			if err := f.fault("the digest of %s in the list of the package does not agree", x.Name); err != nil {
				return err
			}
		}
	}
	return f.add(x.Name, in, size, whole)
}

// content is a file of the package for reading here and there: in its place if it is stored as it is, else unpacked to a temporary file.
func (f *File) content(ctx context.Context, x *zip.File) (io.ReaderAt, int64, error) {
	if x.Method == zip.Store {
		at, err := x.DataOffset()
		if err != nil || x.CompressedSize64 != x.UncompressedSize64 || at+int64(x.CompressedSize64) > f.size {
			return nil, 0, errors.Join(fmt.Errorf("%w: its sizes are wrong", ErrWACZ), err)
		}
		return io.NewSectionReader(f.in, at, int64(x.CompressedSize64)), int64(x.CompressedSize64), nil
	}
	most := 1<<30 + 100*x.CompressedSize64
	if x.UncompressedSize64 > most {
		return nil, 0, fmt.Errorf("%w: it would unpack to %d MB", ErrTooMuch, x.UncompressedSize64>>20)
	}
	r, err := x.Open()
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	spool, err := os.CreateTemp("", "drittland-wacz-")
	if err != nil {
		return nil, 0, err
	}
	f.spools = append(f.spools, spool)
	var size int64
	for {
		n, err := io.CopyN(spool, r, 4<<20) // no more than UncompressedSize64 in all
		size += n
		if err == io.EOF {
			return spool, size, nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, 0, err
		}
	}
}

var errBounded = errors.New("read too much")

// bounded reads at most left bytes of r in all; any number if left is negative.
type bounded struct {
	r    io.ReaderAt
	left int64
}

func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, errBounded
		}
	}
	return b.r.ReadAt(p, off)
}
