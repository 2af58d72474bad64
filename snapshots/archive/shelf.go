package archive

// This file keeps capture files in a folder.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/drittland/drittland/snapshots/disk"
)

// A shelf is where capture files stand. They are numbered from 1 and only appended to, but for what is erased in them.
type shelf interface {
	// list are the numbers of the capture files that exist, in order.
	list() ([]uint32, error)
	// open opens a capture file for reading. The volume may be used from several goroutines.
	open(number uint32) (volume, error)
	// write puts head, which may be empty, and b at offset at of a capture file, which ends there, and makes sure that they stay. It is made if at
	// is 0. When it fails and whole is false, the file may hold part of them.
	write(number uint32, at int64, head, b []byte) (whole bool, err error)
	// overwrite puts other bytes in the place of some, as many as before, all of them or none.
	overwrite(number uint32, patches []patch) error
	// cut ends a capture file at offset at and keeps what stood behind under a name of its own.
	cut(number uint32, at, size int64) (aside string, err error)
	// tidy takes away what an overwrite has left that was cut off.
	tidy() error
}

// A volume is a capture file that is open for reading.
type volume interface {
	io.ReaderAt
	io.Closer
	length() (int64, error) // bytes that it holds now
}

// A patch is what is to stand at an offset.
type patch struct {
	at int64
	b  []byte
}

// A drawer is a folder with capture files.
type drawer string

var captureName = regexp.MustCompile(`^(\d{6})\.warc\.gz$`)

func fileName(number uint32) string { return fmt.Sprintf("%06d.warc.gz", number) }

func (d drawer) path(number uint32) string { return filepath.Join(string(d), fileName(number)) }

func (d drawer) list() ([]uint32, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var numbers []uint32
	for _, e := range entries {
		if m := captureName.FindStringSubmatch(e.Name()); m != nil {
			n, _ := strconv.ParseUint(m[1], 10, 32) // six digits
			numbers = append(numbers, uint32(n))
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

type openVolume struct{ *os.File }

func (f openVolume) length() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (d drawer) open(number uint32) (volume, error) {
	f, err := os.Open(d.path(number))
	if err != nil {
		return nil, err
	}
	return openVolume{f}, nil
}

func (d drawer) write(number uint32, at int64, head, b []byte) (bool, error) {
	f, err := os.OpenFile(d.path(number), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return true, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return true, err
	}
	if size != at {
		return false, fmt.Errorf("%w: %s holds %d bytes where %d were expected", ErrDamaged, fileName(number), size, at)
	}
	_, err = f.WriteAt(slices.Concat(head, b), at)
	if err == nil {
		err = f.Sync()
	}
	if err == nil && at == 0 {
		err = disk.Sync(string(d))
	}
	if err == nil {
		return true, f.Close()
	}
	return f.Truncate(at) == nil, err // what stands there otherwise is moved aside when the archive is opened again
}

// overwrite puts a patched copy of the file in its place.
func (d drawer) overwrite(number uint32, patches []patch) error {
	path := d.path(number)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := copyTo(path+".new", patched(f, patches)); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+".new", path), disk.Sync(string(d)))
}

func (d drawer) tidy() error {
	left, err := filepath.Glob(filepath.Join(string(d), "*.warc.gz.new"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

func (d drawer) cut(number uint32, at, size int64) (string, error) {
	f, err := os.OpenFile(d.path(number), os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	aside, err := freeName(filepath.Join(string(d), fmt.Sprintf("%06d.torn-%d", number, at)))
	if err != nil {
		return "", err
	}
	if err := copyTo(aside, io.NewSectionReader(f, at, size-at)); err != nil {
		return "", err
	}
	if err := disk.Sync(string(d)); err != nil {
		return "", err
	}
	return filepath.Base(aside), errors.Join(f.Truncate(at), f.Sync())
}

// patched reads r with patches, which are in order and do not overlap.
func patched(r io.ReaderAt, patches []patch) io.Reader {
	var parts []io.Reader
	at := int64(0)
	for _, p := range patches {
		parts = append(parts, io.NewSectionReader(r, at, p.at-at), bytes.NewReader(p.b))
		at = p.at + int64(len(p.b))
	}
	return io.MultiReader(append(parts, io.NewSectionReader(r, at, 1<<62-at))...)
}
