package archive

// This file keeps the files of a ledger in a folder.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/drittland/drittland/snapshots/disk"
	"github.com/drittland/drittland/snapshots/ledger"
)

// files are those of a ledger.
type files interface {
	ledger.Storage
	there() (bool, error)                           // whether there is any
	small(name string, limit int64) ([]byte, error) // all of it; fs.ErrNotExist
	replace(name string, b []byte) error            // all of it or nothing, and it stays
	private() error                                 // ErrKey if others may read the private key
	readKey() ([]byte, error)                       // the private key, which is of this archive alone; fs.ErrNotExist, ErrKey
	makeKey(b []byte) error                         // there must be none
	names() ([]string, error)                       // of all files, those of time stamps too, with "/" between folders, in order
}

// A folder holds the files of a ledger.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) Size(name string) (int64, error) {
	info, err := os.Stat(f.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f folder) ReadAt(name string, b []byte, at int64) error {
	file, err := os.Open(f.path(name))
	if err != nil {
		return err
	}
	defer file.Close()
	if n, err := file.ReadAt(b, at); n < len(b) {
		if err == io.EOF {
			err = fmt.Errorf("%w: %s ends at %d", ErrDamaged, name, at+int64(n))
		}
		return err
	}
	return nil
}

func (f folder) Append(name string, b []byte, at int64) error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(name), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil && size < at {
		err = fmt.Errorf("%w: %s holds %d bytes where %d were expected", ErrDamaged, name, size, at)
	}
	if err == nil && size > at {
		err = file.Truncate(at)
	}
	if err == nil {
		_, err = file.WriteAt(b, at)
	}
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if at == 0 {
		return errors.Join(disk.Sync(string(f)), disk.Sync(filepath.Dir(string(f))))
	}
	return nil
}

func (f folder) there() (bool, error) {
	_, err := os.Stat(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f folder) small(name string, limit int64) ([]byte, error) {
	return readSmall(f.path(name), limit)
}

func (f folder) replace(name string, b []byte) error {
	path := f.path(name)
	if err := disk.Write(path+".new", b, 0o644); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+".new", path), disk.Sync(string(f)))
}

func (f folder) names() (out []string, err error) {
	if there, err := f.there(); err != nil || !there {
		return nil, err
	}
	err = filepath.WalkDir(string(f), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(string(f), path)
		out = append(out, filepath.ToSlash(name))
		return err
	})
	slices.Sort(out)
	return out, err
}

func (f folder) private() error { return privateMode(f.path(keyFile)) }

func (f folder) readKey() ([]byte, error) { return readPrivate(f.path(keyFile)) }

func (f folder) makeKey(b []byte) error {
	file, err := os.OpenFile(f.path(keyFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	return errors.Join(err, file.Sync(), file.Close())
}

// readPrivate reads a private key, which others than its owner must not be able to read.
func readPrivate(path string) ([]byte, error) {
	if err := privateMode(path); err != nil {
		return nil, err
	}
	return readSmall(path, maxKey)
}

// privateMode refuses a key that others than its owner may read. One that does not exist is none.
func privateMode(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || runtime.GOOS == "windows" {
		return nil
	}
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("%w: others may read %s (mode %04o); 'chmod 600' it", ErrKey, path, info.Mode().Perm())
	}
	return err
}

func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes, more than %d", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}
