package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"a longer one", "short"} { // nothing is left of what was there
		if err := Write(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != text {
			t.Errorf("%q, %v", b, err)
		}
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := Sync(filepath.Dir(name)); err != nil {
		t.Error(err)
	}
	if err := Write(filepath.Join(name, "below"), nil, 0o600); err == nil {
		t.Error("written below a file")
	}
	if err := Sync(filepath.Join(filepath.Dir(name), "none")); runtime.GOOS != "windows" && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is none: %v", err)
	}
}
