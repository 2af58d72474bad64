//go:build !unix || solaris || aix

package archive

import "os"

// unlock closes f; the lock goes at the latest with the process.
func unlock(f *os.File) error { return f.Close() }
