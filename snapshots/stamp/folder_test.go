package stamp_test

import (
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/snapshots/stamp"
	"github.com/drittland/drittland/snapshots/stamp/stamptest"
)

// queue puts a message into a folder.
func queue(t *testing.T, f stamp.Folder, message string, now time.Time) *stamp.Record {
	t.Helper()
	if _, err := f.Queue([]byte(message), rand.Reader, now); err != nil {
		t.Fatal(err)
	}
	r, err := f.Pending()
	if err != nil || r == nil {
		t.Fatalf("%v: %v", r, err)
	}
	return r
}

// settle has the waiting message of a folder stamped.
func settle(t *testing.T, f stamp.Folder, a *stamptest.Authority) *stamp.Record {
	t.Helper()
	r, err := f.Pending()
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Message(r.Digest)
	if err != nil {
		t.Fatal(err)
	}
	old := message
	message = b
	defer func() { message = old }()
	q := ask(t, "")
	if err := f.Ask(r, q); err != nil {
		t.Fatal(err)
	}
	tsr, err := a.Reply(q.DER)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stamp.Check(tsr, stamp.Want{Digest: q.Digest, Nonce: q.Nonce, Roots: roots(t, a.Root)})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(r, q, tsr, s, stamp.Stamped{Authority: "test", URL: "http://tsa.example/", Requested: time.Now(), Received: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return r
}

func problems(t *testing.T, f stamp.Folder) []stamp.Problem {
	t.Helper()
	p, err := f.Problems(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFolder(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	f := stamp.Folder{Dir: filepath.Join(t.TempDir(), "ledger", "stamps")}
	if r, err := f.Pending(); r != nil || err != nil || len(problems(t, f)) > 0 {
		t.Fatalf("a folder that is not there: %v %v", r, err)
	}
	now := time.Now().UTC().Truncate(time.Second).Add(-2 * time.Hour)
	r := queue(t, f, "one", now)
	if err := f.Fail(r, stamp.Attempt{Authority: "test", At: now.Add(time.Minute), Failure: "no answer"}); err != nil {
		t.Fatal(err)
	}
	if news, err := f.Queue([]byte("one"), rand.Reader, now.Add(time.Hour)); news || err != nil {
		t.Errorf("the same again: %v %v", news, err)
	}

	// A later checkpoint stands for the one that waits.
	r = queue(t, f, "two", now.Add(time.Hour))
	if !r.Waiting.Equal(now) || r.Failures != 1 || !r.Last("test").Equal(now.Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
	if all, err := f.Records(); err != nil || len(all) != 1 || len(problems(t, f)) > 0 {
		t.Errorf("%v %v %v", all, err, problems(t, f))
	}
	r = settle(t, f, a)
	if s, err := f.Verify(r, roots(t, a.Root), time.Now()); err != nil || s.Policy != stamptest.Policy {
		t.Errorf("%+v: %v", s, err)
	}
	if p, err := f.Pending(); p != nil || err != nil || len(problems(t, f)) > 0 {
		t.Errorf("%v %v %v", p, err, problems(t, f))
	}
	other := stamptest.New(t, stamptest.Options{})
	if _, err := f.Verify(r, roots(t, other.Root), time.Now()); err == nil {
		t.Error("the root of another authority vouches for it")
	}
	answer, err := f.Answer(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := stamptest.Verify(t, answer, []byte("two"), a.Root, time.Time{}); err != nil {
		t.Error(err)
	}
	if _, err := f.Queue(make([]byte, stamp.MaxMessage+1), rand.Reader, now); err == nil {
		t.Error("a message without end was queued")
	}
}

// TestDamage flips, cuts, removes and swaps every file of a folder: each time that file is named, and no other.
func TestDamage(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	made := stamp.Folder{Dir: t.TempDir()}
	now := time.Now()
	queue(t, made, "one", now.Add(-3*time.Hour))
	settle(t, made, a)
	queue(t, made, "two", now.Add(-2*time.Hour))
	settle(t, made, a)
	queue(t, made, "three", now)
	var files []string
	if err := fs.WalkDir(os.DirFS(made.Dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(files) != 4+4+3+1 {
		t.Fatalf("%v", files)
	}
	damages := map[string]func(b []byte) []byte{
		"first": func(b []byte) []byte { b[0] ^= 1; return b },
		"mid":   func(b []byte) []byte { b[len(b)/2] ^= 0x20; return b },
		"last":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":   func(b []byte) []byte { return b[:len(b)/2] },
		"empty": func([]byte) []byte { return nil },
		"more":  func(b []byte) []byte { return append(b, '\n') },
		"gone":  nil,
	}
	for _, name := range files {
		for kind, damage := range damages {
			f := stamp.Folder{Dir: t.TempDir()}
			if err := os.CopyFS(f.Dir, os.DirFS(made.Dir)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(f.Dir, name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if damage == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, damage(b), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			if p := problems(t, f); len(p) != 1 || p[0].File != name || p[0].Note {
				t.Errorf("%s %s: %v", kind, name, p)
			}
		}
	}
	swap(t, made, files)
	path := filepath.Join(made.Dir, files[slices.IndexFunc(files, func(n string) bool { return strings.HasSuffix(n, ".json") })])
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"one", "two", "three"} {
		_, _ = made.Queue([]byte(m), rand.Reader, now)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "{}" {
		t.Errorf("a damaged record was written over: %q %v", b, err)
	}
}

// swap exchanges two files of one kind: both are named.
func swap(t *testing.T, f stamp.Folder, files []string) {
	for i, x := range files {
		for _, y := range files[i+1:] {
			if filepath.Ext(x) != filepath.Ext(y) {
				continue
			}
			rename := func(from, to string) {
				if err := os.Rename(filepath.Join(f.Dir, from), filepath.Join(f.Dir, to)); err != nil {
					t.Fatal(err)
				}
			}
			change := func() { rename(x, "aside"); rename(y, x); rename("aside", y) }
			change()
			named := ""
			for _, p := range problems(t, f) {
				if !p.Note {
					named += p.File + "\n"
				}
			}
			if !strings.Contains(named, x) || !strings.Contains(named, y) {
				t.Errorf("%s and %s swapped: %q", x, y, named)
			}
			change()
		}
	}
}

// What a crash leaves between two steps of a change is no damage, and the next change goes on from there.
func TestCrash(t *testing.T) {
	f := stamp.Folder{Dir: t.TempDir()}
	one := queue(t, f, "one", time.Now())
	path := func(ext string) string { return filepath.Join(f.Dir, one.Digest+ext) }
	for name, crash := range map[string][2]string{"message not in its place": {path(".checkpoint"), path(".checkpoint.new")},
		"request not in its place": {path(".tsq"), path(".tsq.new")}, "half removed": {path(".json"), path(".json.new")}} {
		if err := os.Rename(crash[0], crash[1]); err != nil {
			t.Fatal(err)
		}
		for _, p := range problems(t, f) {
			if !p.Note {
				t.Errorf("%s: %v", name, p)
			}
		}
		if err := os.Rename(crash[1], crash[0]); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]stamp.Problem(nil), problems(t, f)); d != "" {
		t.Error(d)
	}
}
