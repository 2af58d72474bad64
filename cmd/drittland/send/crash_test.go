package send

// What happens to messages when the program dies, the disk is full, files are damaged, and several processes are at work.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

var errDied = errors.New("the program died")

// A dyingDisk ends the program, as far as a test can, at one of its operations: before it, or in the middle of a file.
type dyingDisk struct {
	realDisk
	left int
	half bool
}

func (d *dyingDisk) step() {
	if d.left--; d.left < 0 {
		panic(errDied)
	}
}

func (d *dyingDisk) Write(name string, data []byte) error {
	if d.left == 0 && d.half {
		_ = os.WriteFile(name, data[:len(data)/2], 0o600)
	}
	d.step()
	return d.realDisk.Write(name, data)
}
func (d *dyingDisk) Rename(old, new string) error { d.step(); return d.realDisk.Rename(old, new) }
func (d *dyingDisk) Remove(name string) error     { d.step(); return d.realDisk.Remove(name) }
func (d *dyingDisk) Sync(dir string) error        { d.step(); return d.realDisk.Sync(dir) }

// TestDiesAnywhere kills the program at each operation of the disk, from the first of Put to the last of Deliver, and goes on with a
// new one. Whatever it was doing, the message arrives; and twice only where it died after the server took it.
func TestDiesAnywhere(t *testing.T) {
	deaths := 0
	for n := 0; ; n++ {
		for _, half := range []bool{false, true} {
			p := newPost(t, "none")
			dir := t.TempDir()
			b := New(dir, p.options("none"))
			b.disk = &dyingDisk{left: n, half: half}
			died := died(t, func() {
				put(t, b, digestTo("ana@example.org"))
				deliver(t, b, monday)
			})
			before := len(p.letters())
			again := New(dir, p.options("none"))
			if _, err := again.Put(digestTo("ana@example.org")); err != nil {
				t.Fatalf("operation %d: %v", n, err)
			}
			d := deliver(t, again, monday.Add(time.Minute))
			if e := state(t, again, digestTo("ana@example.org").Key); e.State != Sent || len(d.Damaged) != 0 || d.Waiting != 0 {
				t.Errorf("operation %d: %+v, %+v", n, e, d)
			}
			got := p.letters()
			if want := max(before, 1); len(got) < 1 || len(got) > before+1 || len(got) > want && !died {
				t.Errorf("operation %d: %d letters, %d of them before it died", n, len(got), before)
			}
			for _, l := range got {
				if l.msg.Header.Get("Message-ID") != got[0].msg.Header.Get("Message-ID") {
					t.Errorf("operation %d: not the same Message-ID", n)
				}
			}
			left, _ := filepath.Glob(filepath.Join(dir, ".*"))
			if len(left) != 0 {
				t.Errorf("operation %d: left over: %v", n, left)
			}
			if !died {
				if deaths < 8 {
					t.Fatalf("died only %d times", deaths)
				}
				return
			}
			deaths++
		}
	}
}

// died reports whether f ended with the death of the program.
func died(t *testing.T, f func()) (dead bool) {
	t.Helper()
	defer func() {
		switch r := recover(); r {
		case nil:
		case errDied:
			dead = true
		default:
			panic(r)
		}
	}()
	f()
	return false
}

// TestCrashesOver tries a message at once after it ended the program, yet not forever.
func TestCrashesOver(t *testing.T) {
	b := New(t.TempDir(), Options{Random: func() float64 { return 0.5 }})
	r := &round{Outbox: b, now: monday.Add(time.Second)}
	for tries, want := range map[int]bool{1: true, crashes: true, crashes + 1: false} {
		if got := r.due(&Entry{State: Sending, Tries: tries, Last: monday}); got != want {
			t.Errorf("after %d tries: due is %v", tries, got)
		}
	}
}

// A fullDisk fails to write after some files, and leaves none half-written.
type fullDisk struct {
	realDisk
	left int
}

func (d *fullDisk) Write(name string, data []byte) error {
	if d.left--; d.left < 0 {
		return &os.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
	}
	return d.realDisk.Write(name, data)
}

// TestFullDisk fills the disk before each file: nothing is sent that could not be recorded, and all is sent once there is room.
func TestFullDisk(t *testing.T) {
	for n := range 4 {
		p := newPost(t, "none")
		b := New(t.TempDir(), p.options("none"))
		b.disk = &fullDisk{left: n}
		_, err := b.Put(digestTo("ana@example.org"))
		if err == nil {
			_, err = b.Deliver(context.Background(), monday)
		}
		if n == 3 { // a message needs three files: itself, what it becomes, and itself as being sent
			if err != nil || len(p.letters()) != 1 {
				t.Errorf("%d letters: %v", len(p.letters()), err)
			}
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) || len(p.letters()) != 0 {
			t.Errorf("%d files: %d letters: %v", n, len(p.letters()), err)
		}
		if n == 0 && !strings.Contains(err.Error(), "was not recorded, and is not sent") {
			t.Errorf("it says %v", err)
		}
		b.disk = realDisk{}
		if _, err := b.Put(digestTo("ana@example.org")); err != nil {
			t.Fatal(err)
		}
		if d := deliver(t, b, monday); len(d.Sent) != 1 || len(p.letters()) != 1 {
			t.Errorf("%d files: when there was room: %+v", n, d)
		}
	}
}

// TestTinyDisk fills a real file system.
func TestTinyDisk(t *testing.T) {
	dir := t.TempDir()
	if runtime.GOOS != "linux" || exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).Run() != nil {
		t.Skip("only root on Linux may mount a tiny file system; TestFullDisk plays one")
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	p := newPost(t, "none")
	b := New(filepath.Join(dir, "outbox"), p.options("none"))
	m := digestTo("ana@example.org")
	m.HTML = strings.Repeat("long ", 6000)
	n := 0
	for ; n < 10; n++ {
		m.Key = fmt.Sprint("digest/", n)
		if _, err := b.Put(m); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			break
		}
	}
	if n == 0 || n == 10 {
		t.Fatalf("%d messages found room", n)
	}
	if _, err := b.Deliver(context.Background(), monday); !errors.Is(err, syscall.ENOSPC) || len(p.letters()) != 0 {
		t.Fatalf("%d letters: %v", len(p.letters()), err)
	}
	list, damaged, err := b.List()
	if err != nil || len(list) != n || len(damaged) != 0 {
		t.Fatalf("%d entries, damaged %v, %v", len(list), damaged, err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=4m", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v: %s", err, out)
	}
	if d := deliver(t, b, monday); len(d.Sent) != n || len(p.letters()) != n {
		t.Errorf("when there was room: %d sent of %d", len(d.Sent), n)
	}
}

// A stuckDisk does not rename what was sent.
type stuckDisk struct{ realDisk }

func (stuckDisk) Rename(old, new string) error {
	if strings.HasPrefix(filepath.Base(old), sentPrefix) {
		return syscall.EIO
	}
	return realDisk{}.Rename(old, new)
}

// TestSentNotRecorded says that a message was sent which could not be recorded, and does not send it again while the process lives.
func TestSentNotRecorded(t *testing.T) {
	p := newPost(t, "none")
	b := New(t.TempDir(), p.options("none"))
	b.disk = stuckDisk{}
	put(t, b, digestTo("ana@example.org"))
	d, err := b.Deliver(context.Background(), monday)
	if !errors.Is(err, syscall.EIO) || len(d.Sent) != 1 || !strings.Contains(err.Error(), "was sent, which could not be recorded") {
		t.Errorf("%+v, %v", d, err)
	}
	if d := deliver(t, b, monday.Add(time.Hour)); len(d.Sent) != 1 || len(p.letters()) != 1 {
		t.Errorf("%d letters; %+v", len(p.letters()), d)
	}
	if e := state(t, b, digestTo("ana@example.org").Key); e.State != Sent {
		t.Errorf("%+v", e)
	}
}

func TestDamagedFiles(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"half":      func(b []byte) []byte { return b[:len(b)/2] },
		"zeros":     func(b []byte) []byte { return make([]byte, len(b)) },
		"more":      func(b []byte) []byte { return append(b, b...) },
		"other key": func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "2026-W47", "2026-W46")) },
		"state":     func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), Waiting, "lost")) },
		"no address": func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), `"to": "ana@example.org"`, `"to": ""`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, "none")
			b := New(t.TempDir(), p.options("none"))
			put(t, b, digestTo("ana@example.org"))
			put(t, b, digestTo("bo@example.org"))
			key := digestTo("ana@example.org").Key
			file := filepath.Join(b.dir, fileOf(key))
			data, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, spoil(data), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Put(digestTo("ana@example.org")); !errors.Is(err, ErrDamaged) {
				t.Errorf("put: %v", err)
			}
			d := deliver(t, b, monday)
			if len(d.Sent) != 1 || len(d.Damaged) != 1 || d.Damaged[0] != file+damagedSuffix {
				t.Errorf("%+v", d)
			}
			if _, err := os.Stat(file + damagedSuffix); err != nil {
				t.Error(err)
			}
			if d := deliver(t, b, monday); len(d.Damaged) != 0 {
				t.Errorf("told twice: %v", d.Damaged)
			}
			if list, damaged, err := b.List(); err != nil || len(list) != 1 || len(damaged) != 1 {
				t.Errorf("%v, %v, %v", list, damaged, err)
			}
			if _, err := b.Put(digestTo("ana@example.org")); !errors.Is(err, ErrDamaged) {
				t.Errorf("put after it was set aside: %v", err)
			}
			if err := b.Retry(key); !errors.Is(err, ErrDamaged) {
				t.Errorf("retry: %v", err)
			}
			if err := b.Drop(key); err != nil {
				t.Error(err)
			}
			put(t, b, digestTo("ana@example.org"))
		})
	}
}

func TestNewerFormat(t *testing.T) {
	b := New(t.TempDir(), Options{})
	put(t, b, digestTo("ana@example.org"))
	file := filepath.Join(b.dir, fileOf(digestTo("ana@example.org").Key))
	data, _ := os.ReadFile(file)
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), `"format": 1`, `"format": 2`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Deliver(context.Background(), monday); err == nil || !strings.Contains(err.Error(), "another release") {
		t.Errorf("%v", err)
	}
}

// TestForgets shortens what was sent: first its words, then everything but that it was.
func TestForgets(t *testing.T) {
	p := newPost(t, "none")
	p.password = ""
	b := New(t.TempDir(), p.options("none"))
	m := digestTo("ana@example.org")
	put(t, b, m)
	dropped := digestTo("bo@example.org")
	put(t, b, dropped)
	if err := b.Drop(dropped.Key); err != nil {
		t.Fatal(err)
	}
	deliver(t, b, monday)
	deliver(t, b, monday.Add(29*24*time.Hour))
	if e := state(t, b, m.Key); e.HTML == "" {
		t.Error("forgot the words at once")
	}
	deliver(t, b, monday.Add(31*24*time.Hour))
	if e := state(t, b, m.Key); e.HTML+e.Text != "" || e.To != m.To {
		t.Errorf("%+v", e)
	}
	deliver(t, b, monday.Add(401*24*time.Hour))
	for _, m := range []Message{m, dropped} {
		data, err := os.ReadFile(filepath.Join(b.dir, fileOf(m.Key)))
		if err != nil || strings.Contains(string(data), "example.org") {
			t.Errorf("%s, %v", data, err)
		}
		if fresh, err := b.Put(m); fresh || err != nil {
			t.Errorf("put again: %v, %v", fresh, err)
		}
		if err := b.Retry(m.Key); !errors.Is(err, ErrSent) {
			t.Errorf("retry: %v", err)
		}
	}
	if list, damaged, err := b.List(); len(list)+len(damaged) != 0 || err != nil {
		t.Errorf("%v, %v, %v", list, damaged, err)
	}
	if d := deliver(t, b, monday.Add(402*24*time.Hour)); len(d.Sent)+len(d.Damaged) != 0 || len(p.letters()) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestBusy(t *testing.T) {
	p := newPost(t, "none")
	b := New(t.TempDir(), p.options("none"))
	other := New(b.dir, p.options("none"))
	put(t, b, digestTo("ana@example.org"))
	unlock, err := b.lock(context.Background(), "deliver.lock", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Deliver(context.Background(), monday); !errors.Is(err, ErrBusy) {
		t.Errorf("deliver: %v", err)
	}
	if err := other.Drop(digestTo("ana@example.org").Key); !errors.Is(err, ErrBusy) {
		t.Errorf("drop: %v", err)
	}
	put(t, other, digestTo("bo@example.org")) // nobody waits for a server to put
	unlock()
	if d := deliver(t, other, monday); len(d.Sent) != 2 {
		t.Errorf("%+v", d)
	}
}

// FuzzRead reads files as a disk may leave them: nothing panics, and what is read can be written and read again.
func FuzzRead(f *testing.F) {
	e := Entry{Message: digestTo("ana@example.org"), State: Waiting}
	whole, err := encode(hashOf(e.Key), &e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"format":1,"hash":"` + hashOf(e.Key) + `","state":"sent"}`))
	f.Add([]byte(`null`))
	b := New(f.TempDir(), Options{})
	f.Fuzz(func(t *testing.T, data []byte) {
		name := fileOf(e.Key)
		if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := b.read(name)
		if err != nil {
			return
		}
		if got.Key != "" && got.Key != e.Key {
			t.Errorf("read %q in the file of %q", got.Key, e.Key)
		}
		if data, err = encode(hashOf(e.Key), &got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if again, err := b.read(name); err != nil || again.State != got.State || again.Key != got.Key {
			t.Errorf("read again: %+v, %v", again, err)
		}
	})
}
