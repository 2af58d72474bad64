package foreign

// This file opens WACZ files, which package wacz reads. Nothing is ever unpacked to a name that the file gives.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/drittland/drittland/snapshots/wacz"
	"github.com/drittland/drittland/snapshots/warc"
)

const maxPackage = 16 << 20 // bytes of datapackage.json

// ErrWACZ says that a file is no WACZ file.
var ErrWACZ = wacz.ErrFormat

// OpenWACZ opens the WACZ file at path, compares its digests and finds out what it holds.
func OpenWACZ(ctx context.Context, path string, opts Options) (*File, error) {
	return open(ctx, path, opts, (*File).unzip)
}

func (f *File) unzip(ctx context.Context) error {
	most := int64(1<<30) + 100*f.size
	z, err := wacz.Open(f.in, f.size, wacz.Limits{File: most, Total: most, Free: 1 << 30, Ratio: 100, Text: maxPackage})
	switch {
	case errors.Is(err, wacz.ErrLimit):
		return fmt.Errorf("%w: %w", ErrTooMuch, err)
	case err != nil:
		return err
	}
	f.Software = short(z.Info().Software)
	sealed, err := z.Sealed()
	switch {
	case errors.Is(err, wacz.ErrLimit):
		return fmt.Errorf("%w: %w", ErrTooMuch, err)
	case err != nil:
		err = f.fault("%v", err)
	case sealed == warc.Disagrees:
		err = f.fault("the digest in datapackage-digest.json is not that of datapackage.json")
	}
	if err != nil {
		return err
	}
	for _, name := range z.Archives() {
		if err := f.pack(ctx, z, name); err != nil {
			return fmt.Errorf("%.100s: %w", name, err)
		}
	}
	if len(f.warcs) == 0 {
		return fmt.Errorf("%w: it holds no WARC file in the folder archive", ErrWACZ)
	}
	return nil
}

// pack takes up one WARC file of the package.
func (f *File) pack(ctx context.Context, z *wacz.Reader, name string) error {
	hash := z.Hash(name)
	in, size, err := f.content(ctx, z, name)
	if err != nil {
		return err
	}
	whole := warc.NoDigest
	if hash == "" {
		if err := f.fault("%s is not in the list of the package", name); err != nil {
			return err
		}
	} else if want, ok := strings.CutPrefix(strings.ToLower(hash), "sha256:"); ok {
		got, err := digest(ctx, io.NewSectionReader(in, 0, size))
		if err != nil {
			return err
		}
		if got != want {
			if got, err = doubled(io.NewSectionReader(in, 0, size)); err != nil {
				return err
			}
		}
		if whole = warc.Agrees; got != want {
			whole = warc.Disagrees
			if err := f.fault("the digest of %s in the list of the package does not agree", name); err != nil {
				return err
			}
		}
	}
	return f.add(name, in, size, whole)
}

// doubled is the SHA-256 that js-wacz 0.1.6 states of a file of records (its issue 127): that of the file with every 64 KiB of it twice. It
// says as much of the file as the right one would.
func doubled(r io.Reader) (string, error) {
	h, chunk := sha256.New(), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(r, chunk)
		h.Write(chunk[:n])
		h.Write(chunk[:n])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// content is a file of the package for reading here and there: in its place if it is stored as it is, else unpacked to a temporary file.
func (f *File) content(ctx context.Context, z *wacz.Reader, name string) (io.ReaderAt, int64, error) {
	if in, err := z.Section(name); err == nil {
		return in, in.Size(), nil
	}
	r, err := z.Open(name)
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
		n, err := io.CopyN(spool, r, 4<<20) // no more in all than the file is said to hold, which is bounded
		size += n
		if err == io.EOF {
			return spool, size, nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, 0, err
		}
	}
}
