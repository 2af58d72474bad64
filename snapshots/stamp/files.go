package stamp

// This file keeps the files of a folder in a directory.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/drittland/drittland/snapshots/disk"
)

// Files are what a Folder has its files in, where that is no directory. Names have "/" between their parts.
type Files interface {
	Names(dir string) ([]string, error)           // of files and folders in a folder, "" for the uppermost; none if it is not there
	Read(name string, most int64) ([]byte, error) // fs.ErrNotExist; one of more bytes is an error
	Write(name string, b []byte) error            // all of it
	Replace(name string, b []byte) error          // all of it or nothing, and it stays
	Rename(from, to string) error                 // in the place of what is there
	Remove(name string) error                     // no error if there is none
}

// directory are files in a directory, which is made with the first of them.
type directory string

func (d directory) path(name string) string {
	return filepath.Join(string(d), filepath.FromSlash(name))
}

func (d directory) Names(dir string) ([]string, error) {
	entries, err := os.ReadDir(d.path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, err
}

// Read reads a plain file.
func (d directory) Read(name string, most int64) ([]byte, error) {
	path := d.path(name)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: no plain file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s: more than %d bytes", path, most)
	}
	return b, err
}

func (d directory) Write(name string, b []byte) error {
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return disk.Write(path, b, 0o644)
}

func (d directory) Replace(name string, b []byte) error {
	if err := d.Write(name+tempExt, b); err != nil {
		return err
	}
	return errors.Join(os.Rename(d.path(name+tempExt), d.path(name)), disk.Sync(filepath.Dir(d.path(name))))
}

func (d directory) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

func (d directory) Remove(name string) error {
	if err := os.Remove(d.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
