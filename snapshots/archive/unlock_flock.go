//go:build unix && !solaris && !aix

package archive

// This file gives back the lock of an index that bbolt has given up on. Closing the file is not enough while it is mapped.

import (
	"errors"
	"os"
	"syscall"
)

func unlock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}
