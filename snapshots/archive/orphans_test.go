package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// objectsIn are the files in a store of objects.
func objectsIn(t testing.TB, store string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(store, captureDir), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

// What puts that were cut off have left is named by a check, and taken away once it is old enough. Nothing else is.
func TestTidy(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	for n := range 6 {
		if _, err := a.PutCapture(captureOf(1, n)); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-UsualKeep - time.Hour)
	for _, path := range objectsIn(t, stores[address]) { // old and needed
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	var old, fresh []string
	for i := range 60 {
		name := objectName([]byte{byte(i)})
		if err := a.shared.objects.Put(t.Context(), name, []byte("left")); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(stores[address], filepath.FromSlash(name))
		if fresh = append(fresh, path); i < 55 {
			fresh, old = fresh[:0], append(old, name)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	found := checked(t, a)
	if found.Damaged() || len(found) != manyOrphans+1 || !strings.Contains(found[0].String(), "captures: object captures/") ||
		!strings.Contains(found[manyOrphans].What, "5 more objects") {
		t.Errorf("%v", found)
	}
	done, err := a.Tidy(t.Context(), TidyOptions{})
	if err != nil || done != (Tidied{Objects: len(old), Bytes: int64(4 * len(old))}) { // the only file still grows: nothing is joined
		t.Errorf("%+v, %v", done, err)
	}
	for _, path := range fresh {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("what was just written is gone: %v", err)
		}
	}
	if found := checked(t, a); len(found) > 0 {
		t.Errorf("%v", found)
	}
	if done, err := a.Tidy(t.Context(), TidyOptions{}); err != nil || done != (Tidied{}) {
		t.Errorf("again: %+v, %v", done, err)
	}
	if _, err := opened(t, address, Options{ReadOnly: true}).Tidy(t.Context(), TidyOptions{}); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
}

// Missing and cut objects are damage of the file that they are part of.
func TestCheckNamesObjects(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	for n := range 4 {
		if _, err := a.PutCapture(captureOf(1, n)); err != nil {
			t.Fatal(err)
		}
	}
	paths := objectsIn(t, stores[address])
	if err := errors.Join(os.Remove(paths[1]), os.WriteFile(paths[3], []byte("more"), 0o644)); err != nil {
		t.Fatal(err)
	}
	a.shared.near.empty()
	missing, cut := 0, 0
	for _, p := range checked(t, a) {
		if strings.Contains(p.What, filepath.Base(paths[1])) && strings.HasSuffix(p.What, "is missing") && !p.Note {
			missing++
		}
		if strings.Contains(p.What, filepath.Base(paths[3])) && strings.Contains(p.What, "has 4 bytes") && !p.Note {
			cut++
		}
	}
	if missing != 1 || cut != 1 {
		t.Errorf("%d missing, %d cut: %v", missing, cut, checked(t, a))
	}
}
