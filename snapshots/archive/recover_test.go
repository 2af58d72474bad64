package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
)

// The index made anew is the index built along the way.
func TestRebuild(t *testing.T) {
	a := filled(t, Options{FileSize: 30_000})
	want := dumped(t, a, false)
	declarations, err := a.Declarations()
	if err != nil {
		t.Fatal(err)
	}
	dir := closed(t, a)
	for name, prepare := range map[string]func() error{
		"without index": func() error { return os.Remove(filepath.Join(dir, indexFile)) },
		"in place":      func() error { return nil },
		"cut short":     func() error { return os.Truncate(filepath.Join(dir, indexFile), 20_000) },
		"garbage": func() error {
			return os.WriteFile(filepath.Join(dir, indexFile), bytes.Repeat([]byte("garbage"), 9000), 0o644)
		},
		"empty": func() error { return os.WriteFile(filepath.Join(dir, indexFile), nil, 0o644) },
	} {
		if onServer && name != "in place" {
			continue
		}
		if err := prepare(); err != nil {
			t.Fatal(err)
		}
		if name != "in place" {
			if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoIndex) {
				t.Errorf("%s: open says %v", name, err)
			}
		}
		if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
			t.Fatalf("%s: %v, %v", name, p, err)
		}
		b := opened(t, dir, Options{})
		if d := cmp.Diff(want, dumped(t, b, false)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		got, err := b.Declarations()
		if d := cmp.Diff(declarations, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
		if c, _ := b.Cursor("demo-versions"); c != "head" {
			t.Errorf("%s: cursor %q", name, c)
		}
		if n := len(all(t, b.Pending())); n != 62 {
			t.Errorf("%s: %d pending", name, n)
		}
		derive(t, b)
		sound(t, b)
		closed(t, b)
	}
}

// An index that cannot be written, as on a full disk, loses no record, and none is logged twice once it can.
func TestIndexIsFull(t *testing.T) {
	folderOnly(t)
	for n := range 8 { // what the index holds of the last pages, and so what still fits, differs
		a := created(t, Options{})
		for i := range 4 + n {
			if _, err := a.PutCapture(capture(day(i), fmt.Sprintf("text %d", i))); err != nil {
				t.Fatal(err)
			}
		}
		dir := closed(t, a)
		a = opened(t, dir, Options{})
		info, err := os.Stat(filepath.Join(dir, indexFile))
		if err != nil {
			t.Fatal(err)
		}
		a.file.MaxSize = int(info.Size())
		kept := 4 + n
		for err = nil; err == nil && kept < 1000; kept++ {
			_, err = a.PutCapture(capture(day(kept), fmt.Sprintf("text %d", kept)))
		}
		if err == nil {
			t.Fatal("everything fits")
		}
		if _, err := a.PutCapture(capture(day(kept), "one more")); err == nil {
			t.Error("records go on behind those that could not be indexed")
		}
		dir = closed(t, a)
		a = opened(t, dir, Options{}) // takes up what could not be indexed
		if s, err := a.Stats(); err != nil || s.Snapshots != kept {
			t.Errorf("%d snapshots, want %d: %v", s.Snapshots, kept, err)
		}
		sound(t, a)
		if _, err := a.PutCapture(capture(day(kept), "one more")); err != nil {
			t.Error(err)
		}
		sound(t, opened(t, closed(t, a), Options{ReadOnly: true}))
	}
}

func TestRebuildIsInterrupted(t *testing.T) {
	dir := closed(t, filled(t, Options{FileSize: 10_000}))
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := Rebuild(ctx, dir, Options{}, func(Progress) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("rebuild: %v", err)
	}
	a := opened(t, dir, Options{}) // takes up the rest
	if s, err := a.Stats(); err != nil || s.Snapshots != 68 {
		t.Errorf("%d snapshots, %v", s.Snapshots, err)
	}
	sound(t, a)
}

// A crash between evidence and index: the next opening enters what was written.
func TestRollForward(t *testing.T) {
	folderOnly(t)
	a := filled(t, Options{})
	dir := closed(t, a)
	old, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	a = opened(t, dir, Options{})
	s, err := a.PutCapture(capture(day(300), "the last words"))
	if err != nil {
		t.Fatal(err)
	}
	want := dumped(t, a, true)
	closed(t, a)
	if err := os.WriteFile(filepath.Join(dir, indexFile), old, 0o644); err != nil {
		t.Fatal(err)
	}
	reader := opened(t, dir, Options{ReadOnly: true})
	if p := checked(t, reader); p.Damaged() || len(p) != 1 || !strings.Contains(p[0].What, "not indexed yet") {
		t.Errorf("check before: %v", p)
	}
	closed(t, reader)
	a = opened(t, dir, Options{})
	if body, err := a.Body(s); err != nil || string(body) != "the last words" {
		t.Errorf("%q, %v", body, err)
	}
	if d := cmp.Diff(want, dumped(t, a, true)); d != "" {
		t.Error(d)
	}
	sound(t, a)
}

// A write that was cut off after any byte: what is whole is entered, what is torn is moved aside, nothing is deleted.
func TestTornTail(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	if _, err := a.PutCapture(capture(day(1), "first")); err != nil {
		t.Fatal(err)
	}
	dir := closed(t, a)
	path := filepath.Join(dir, captureDir, fileName(1))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := copied(t, dir)
	a = opened(t, dir, Options{})
	if _, err := a.PutCapture(capture(day(2), "second")); err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(before) + 1; n < len(after); n += 97 {
		torn := copied(t, first)
		name := filepath.Join(torn, captureDir, fileName(1))
		if err := os.WriteFile(name, after[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		reader := opened(t, torn, Options{ReadOnly: true})
		if p := checked(t, reader); p.Damaged() || len(p) == 0 {
			t.Fatalf("cut at %d: check says %v", n, p)
		}
		closed(t, reader)
		b := opened(t, torn, Options{})
		if got := withTorn(t, torn); !bytes.Equal(got, after[:n]) {
			t.Fatalf("cut at %d: bytes were lost", n)
		}
		if _, err := b.PutCapture(capture(day(2), "second")); err != nil { // written again, behind what is left
			t.Fatal(err)
		}
		if s, _ := b.Stats(); s.Snapshots != 2 {
			t.Fatalf("cut at %d: %d snapshots", n, s.Snapshots)
		}
		if p := checked(t, b); len(p) > 0 {
			t.Fatalf("cut at %d: %v", n, p)
		}
		closed(t, b)
	}
}

// withTorn is the first capture file and, behind it, what was moved aside from it.
func withTorn(t *testing.T, dir string) []byte {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, captureDir, fileName(1)))
	if err != nil {
		t.Fatal(err)
	}
	aside, _ := filepath.Glob(filepath.Join(dir, captureDir, "*.torn-*"))
	for _, x := range aside {
		rest, err := os.ReadFile(x)
		if err != nil || filepath.Base(x) != fmt.Sprintf("000001.torn-%d", len(got)) {
			t.Fatalf("%s: %v", x, err)
		}
		got = append(got, rest...)
	}
	return got
}

// Something else has written to a capture file: nothing is put behind it, and the next opening moves it aside.
func TestForeignBytes(t *testing.T) {
	folderOnly(t)
	a := filled(t, Options{})
	path := filepath.Join(a.Dir(), captureDir, fileName(1))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("not a record")
	f.Close()
	for range 2 {
		if _, err := a.PutCapture(capture(day(500), "x")); !errors.Is(err, ErrDamaged) {
			t.Errorf("put behind foreign bytes: %v", err)
		}
	}
	b := opened(t, closed(t, a), Options{})
	if _, err := b.PutCapture(capture(day(500), "x")); err != nil {
		t.Error(err)
	}
	if s, err := b.Stats(); err != nil || s.Torn != int64(len("not a record")) {
		t.Errorf("%d bytes moved aside, %v", s.Torn, err)
	}
	sound(t, b)
}

// The process is killed at random moments, again and again. Whatever it said was recorded must be there.
func TestKilled(t *testing.T) {
	folderOnly(t)
	if dir := os.Getenv("DRITTLAND_TEST_WRITE"); dir != "" {
		writeForever(t, dir)
	}
	dir := closed(t, created(t, Options{}))
	said := map[string]bool{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 24 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "DRITTLAND_TEST_WRITE="+dir, fmt.Sprintf("DRITTLAND_TEST_FROM=%d", len(said)))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() { // it has begun
			t.Fatal("the writing process said nothing")
		}
		wait := time.Duration(r.IntN(80_000)) * time.Microsecond
		timer := time.AfterFunc(wait, func() { cmd.Process.Kill() })
		for lines.Scan() {
			said[lines.Text()] = true
		}
		timer.Stop()
		cmd.Wait()
		reader := opened(t, dir, Options{ReadOnly: true})
		sound(t, reader)
		closed(t, reader)
		reopen(t, dir, said)
	}
	if len(said) == 0 {
		t.Error("nothing was ever recorded: the processes were killed too early")
	}
}

// reopen opens the archive for writing, checks it and looks up what was recorded.
func reopen(t *testing.T, dir string, said map[string]bool) {
	t.Helper()
	a := opened(t, dir, Options{})
	defer a.Close()
	sound(t, a)
	for id := range said {
		s, err := a.Snapshot(id)
		if err != nil {
			t.Fatalf("said to be recorded: %v", err)
		}
		if _, err := a.Body(s); err != nil {
			t.Fatal(err)
		}
	}
}

// writeForever is the process that is killed. It says what it has recorded.
func writeForever(t *testing.T, dir string) {
	a := opened(t, dir, Options{FileSize: 40_000})
	fmt.Println("begun")
	var from int
	fmt.Sscan(os.Getenv("DRITTLAND_TEST_FROM"), &from)
	for i := from; ; i++ {
		batch := imports(fmt.Sprintf("Service %d/Privacy Policy.md", i), texts(uint64(i), 4, 3000))
		out, err := a.PutImports(batch, Cursor{"demo-versions", fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.PutCapture(capture(day(i), strings.Repeat(fmt.Sprintln("captured", i), 500)))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(s.ID)
		fmt.Println(out[3].ID)
		r := reading(t, a, s)
		if err := a.PutVersion(r.Version, r.Document, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// An archive whose index another release laid out says so; its evidence is read as ever, and what comes next builds upon it.
func TestOtherLayout(t *testing.T) {
	folderOnly(t)
	dir := copied(t, filepath.Join("testdata", "layout2"))
	db, err := bolt.Open(filepath.Join(dir, indexFile), 0o644, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = kv.Bolt{DB: db}.Update(func(tx kv.Tx) error {
		if err := makeBuckets(tx); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keyLayout, []byte("drittland-index/2"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoIndex) || !strings.Contains(err.Error(), "another layout") {
		t.Fatalf("open says %v", err)
	}
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatalf("rebuild: %v, %v", p, err)
	}
	a := opened(t, dir, Options{})
	sound(t, a)
	bodies := texts(4, 30, 3000) // what was imported then
	got := all(t, a.Snapshots(clipzy))
	if len(got) != len(bodies)+1 {
		t.Fatalf("%d snapshots", len(got))
	}
	for i, want := range bodies {
		if b, err := a.Body(got[i]); err != nil || !bytes.Equal(b, want) {
			t.Errorf("body %d: %v", i, err)
		}
	}
	more := imports("Clipzy/Privacy Policy.md", texts(4, 45, 3000))
	if _, err := a.PutImports(more, Cursor{}); err != nil {
		t.Fatal(err)
	}
	derive(t, a)
	sound(t, a)
	if n := len(all(t, a.Versions(clipzy))); n != len(more)+1 {
		t.Errorf("%d versions", n)
	}
}
