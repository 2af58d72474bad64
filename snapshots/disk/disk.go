// Package disk has what it takes to replace a file whole or not at all: Write beside it, rename, Sync. Libraries for that are not for
// Windows, or do not wait for the disk.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// Write writes a file, which is on the disk when Write returns, but for its name. It leaves none behind if it fails.
func Write(name string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// Sync brings the names in a directory to the disk. Windows has no such call, and none is needed.
func Sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
