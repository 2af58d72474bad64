package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file that does not fit is not left half-written.
func TestWriteToFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("drittland-test", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no file system may be mounted here (root may): %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	name := filepath.Join(dir, "file")
	if err := Write(name, make([]byte, 128<<10), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	if err := Write(name, make([]byte, 32<<10), 0o600); err != nil {
		t.Error(err)
	}
}
