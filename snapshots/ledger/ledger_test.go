package ledger

// These tests grow logs in memory and check what comes out with x/mod, with C2SP's layout, and with openssl and Python.

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// memory is a storage that counts what is read.
type memory struct {
	files map[string][]byte
	reads int
}

func newMemory() *memory { return &memory{files: map[string][]byte{}} }

func (m *memory) Size(name string) (int64, error) { return int64(len(m.files[name])), nil }

func (m *memory) ReadAt(name string, b []byte, at int64) error {
	m.reads += len(b)
	if int(at)+len(b) > len(m.files[name]) {
		return io.ErrUnexpectedEOF
	}
	copy(b, m.files[name][at:])
	return nil
}

func (m *memory) Append(name string, b []byte, at int64) error {
	m.files[name] = append(m.files[name][:at:at], b...)
	return nil
}

const origin = "drittland-ledger/0000000000000001"

var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

func leaf(n int64) Leaf {
	l := Leaf{Record: fmt.Sprintf("urn:uuid:00000000-0000-8000-8000-%012x", n)}
	l.Head[0], l.Block[1] = byte(n), byte(n>>8)
	return l
}

// grown is a log of n leaves, appended in batches.
func grown(t testing.TB, n int64, batch int) (*Log, *memory) {
	t.Helper()
	m := newMemory()
	l, err := Open(m)
	if err != nil {
		t.Fatal(err)
	}
	grow(t, l, n, batch)
	return l, m
}

func grow(t testing.TB, l *Log, n int64, batch int) {
	t.Helper()
	var entries []Entry
	for i := l.Size(); i < n; i++ {
		entries = append(entries, Entry{Hash: leaf(i).Hash(), ID: [16]byte{byte(i)}})
		if len(entries) == batch || i == n-1 {
			if err := l.Append(entries); err != nil {
				t.Fatal(err)
			}
			entries = nil
		}
	}
}

func known(t testing.TB, keys ...ed25519.PrivateKey) note.Verifiers {
	t.Helper()
	var list []string
	for _, k := range keys {
		v, err := VerifierKey(origin, k)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	v, err := Verifiers(list...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func signed(t testing.TB, l *Log, size int64) ([]byte, Checkpoint) {
	t.Helper()
	root, err := l.Root(size)
	if err != nil {
		t.Fatal(err)
	}
	c := Checkpoint{origin, size, root}
	b, err := c.Sign(testKey)
	if err != nil {
		t.Fatal(err)
	}
	return b, c
}

// The tree is the one that x/mod builds, however its leaves came in, and the files do not depend on the batches.
func TestTree(t *testing.T) {
	const n = 1<<16 + 300
	var want []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, want[i])
		}
		return out, nil
	})
	var roll Roll
	l, m := grown(t, n, 1000)
	for i := range int64(n) {
		h, err := tlog.StoredHashes(i, leaf(i).Bytes(), reader)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, h...)
		roll.Add(leaf(i).Hash())
		if i%997 != 0 && i < n-3 {
			continue
		}
		root, err := tlog.TreeHash(i+1, reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Root(i + 1); err != nil || got != root || roll.Root() != root {
			t.Fatalf("root of %d: %v, %v, want %v, %v", i+1, got, roll.Root(), root, err)
		}
	}
	if got := len(m.files[LevelFile(2)]) / tlog.HashSize; got != 1 {
		t.Errorf("%d hashes in level 2", got)
	}
	other, o := grown(t, 300, 1)
	grow(t, other, n, 77)
	for name, b := range m.files {
		if !bytes.Equal(b, o.files[name]) {
			t.Errorf("%s depends on the batches", name)
		}
	}
}

// Cut off after any write, the log goes on as if nothing had happened.
func TestTornLog(t *testing.T) {
	_, want := grown(t, 600, 600)
	for _, harm := range []func(*memory){
		func(m *memory) { m.files[LevelFile(1)] = nil },
		func(m *memory) { m.files[LevelFile(1)] = m.files[LevelFile(1)][:40] },
		func(m *memory) { m.files[LeavesFile] = append(m.files[LeavesFile], 1, 2, 3) },
	} {
		_, m := grown(t, 530, 530)
		harm(m)
		l, err := Open(m)
		if err != nil || l.Size() != 530 {
			t.Fatalf("%d leaves, %v", l.Size(), err)
		}
		grow(t, l, 600, 70)
		for name, b := range want.files {
			if !bytes.Equal(b, m.files[name]) {
				t.Errorf("%s is another one", name)
			}
		}
	}
	l, m := grown(t, 600, 600)
	if err := errors.Join(l.Cut(100)); err != nil || l.Size() != 100 || len(m.files[LevelFile(1)]) != 0 || len(m.files[LeavesFile]) != 100*EntrySize {
		t.Errorf("cut: %v", err)
	}
	grow(t, l, 600, 500)
	if !bytes.Equal(m.files[LeavesFile], want.files[LeavesFile]) {
		t.Error("cut and grown again it is another one")
	}
	if err := l.Cut(601); !errors.Is(err, ErrDamaged) {
		t.Errorf("cut beyond the end: %v", err)
	}
}

func TestProofs(t *testing.T) {
	l, _ := grown(t, 1000, 100)
	note, c := signed(t, l, 1000)
	keys := known(t, testKey)
	for _, n := range []int64{0, 1, 254, 255, 256, 511, 998, 999} {
		proof, err := l.Prove(n, leaf(n).Bytes(), note, c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Check(proof, leaf(n).Bytes(), keys); err != nil || got != c {
			t.Errorf("leaf %d: %v, %v", n, got, err)
		}
		if _, err := Check(proof, leaf(n+1).Bytes(), keys); !errors.Is(err, ErrProof) {
			t.Errorf("another leaf: %v", err)
		}
		for i := range proof {
			bad := bytes.Clone(proof)
			bad[i] ^= 1
			inExtra := i >= len(proofLine)+1 && i < bytes.Index(proof, []byte("\nindex"))
			unused := i == len(proof)-3 // two bits that Base64 does not use end the signature
			if _, err := Check(bad, leaf(n).Bytes(), keys); err == nil && !inExtra && !unused {
				t.Fatalf("leaf %d: proof holds with byte %d changed", n, i)
			}
		}
	}
	for _, old := range []int64{1, 255, 256, 257, 999, 1000} {
		_, before := signed(t, l, old)
		proof, err := l.ProveTree(old, note, c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := CheckTree(proof, before, keys); err != nil || got != c {
			t.Errorf("tree of %d: %v, %v", old, got, err)
		}
		before.Root[3] ^= 1
		if _, err := CheckTree(proof, before, keys); !errors.Is(err, ErrProof) {
			t.Errorf("another tree of %d: %v", old, err)
		}
	}
	if _, err := l.Prove(0, leaf(1).Bytes(), note, c); err == nil {
		t.Error("proved a leaf that is not there")
	}
	if _, err := l.ProveTree(1001, note, c); err == nil {
		t.Error("proved that a tree comes before a smaller one")
	}
}

func TestCheckpoint(t *testing.T) {
	l, _ := grown(t, 5, 5)
	one, c := signed(t, l, 4)
	two, d := signed(t, l, 5)
	stranger := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	if got, err := OpenCheckpoint(one, known(t, stranger, testKey)); err != nil || got != c {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := OpenCheckpoint(one, known(t, stranger)); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := OpenCheckpoint(bytes.Replace(one, []byte("\n4\n"), []byte("\n3\n"), 1), known(t, testKey)); err == nil {
		t.Error("changed size holds")
	}
	all := bytes.Join([][]byte{one, two, nil}, []byte("\n"))
	for cut := range len(all) + 1 {
		notes, torn := SplitCheckpoints(all[:cut])
		want := 0
		if cut > len(one) {
			want = 1
		}
		if cut == len(all) {
			want = 2
		}
		if len(notes) != want || len(bytes.Join(notes, nil))+want+len(torn) != cut {
			t.Fatalf("cut at %d: %d notes, %d bytes torn", cut, len(notes), len(torn))
		}
	}
	notes, _ := SplitCheckpoints(all)
	if got, err := OpenCheckpoint(notes[1], known(t, testKey)); err != nil || got != d {
		t.Errorf("second: %v, %v", got, err)
	}
	for _, text := range []string{"", "a\n1\n", "\n1\n" + c.Root.String() + "\n", "a\n01\n" + c.Root.String() + "\n", "a\n-1\n" + c.Root.String() + "\n", "a\n1\nxx\n"} {
		if _, err := parseCheckpoint(text); err == nil {
			t.Errorf("%q is taken for a checkpoint", text)
		}
	}
}

func TestKeys(t *testing.T) {
	b, err := FormatKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseKey(b)
	if err != nil || !got.Equal(testKey) {
		t.Errorf("PEM: %v", err)
	}
	s, err := signer("some name", testKey)
	if err == nil {
		t.Errorf("a name with a space: %v", s)
	}
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	got, err = ParseKey([]byte(skey + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := VerifierKey(origin, got); err != nil || v != vkey {
		t.Errorf("signer of notes: %q, %v, want %q", v, err, vkey)
	}
	for _, bad := range []string{"", "PRIVATE+KEY+x", "PRIVATE+KEY+a+b+" + base64.StdEncoding.EncodeToString([]byte("short")),
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", strings.Replace(string(b), "PRIVATE", "PUBLIC", 2)} {
		if _, err := ParseKey([]byte(bad)); err == nil {
			t.Errorf("%.40q is taken for a key", bad)
		}
	}
	for _, bad := range []string{"", "a+b", "a+00000000+AAAA"} {
		if _, err := PublicPEM(bad); err == nil {
			t.Errorf("%q has a PEM", bad)
		}
	}
}
