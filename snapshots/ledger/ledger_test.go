package ledger

// These tests grow logs in memory and check what comes out with x/mod, with C2SP's layout, and with openssl and Python.

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/drittland/drittland/snapshots/warc"
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

// The export is what tlog-tiles says: the tiles authenticate one another by x/mod's own reader.
func TestExport(t *testing.T) {
	l, _ := grown(t, 70_000, 5000)
	const size = 66_000
	note, c := signed(t, l, size)
	files := map[string][]byte{}
	gone := int64(300)
	err := l.Export(note, c, func(n int64) ([]byte, error) {
		if n == gone {
			return nil, errors.New("erased")
		}
		return leaf(n).Bytes(), nil
	}, func(path string, b []byte) error { files[path] = b; return nil })
	if err != nil {
		t.Fatal(err)
	}
	hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: c.Root}, tiles(files))
	for n := int64(0); n < size; n += 1777 {
		path, err := tlog.ProveRecord(size, n, hashes)
		if err == nil {
			err = tlog.CheckRecord(path, size, c.Root, n, leaf(n).Hash())
		}
		if err != nil {
			t.Fatalf("leaf %d: %v", n, err)
		}
	}
	if _, ok := files["tile/entries/001"]; ok {
		t.Error("entries that are not whole were written")
	}
	first := files["tile/entries/002"]
	if n := int(first[0])<<8 | int(first[1]); string(first[2:2+n]) != string(leaf(512).Bytes()) {
		t.Errorf("first entry of bundle 2 is %q", first[2:2+n])
	}
	for _, name := range []string{"checkpoint", "tile/0/000", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/entries/257.p/208"} {
		if files[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}

type tiles map[string][]byte

func (tiles) Height() int                         { return tileHeight }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f tiles) ReadTiles(want []tlog.Tile) (out [][]byte, err error) {
	for _, t := range want {
		b := f[tilePath(t)]
		if b == nil && t.W < TileWidth { // a reader may take the full tile instead
			t.W = TileWidth
			b = f[tilePath(t)]
		}
		if b == nil {
			return nil, fmt.Errorf("no %s", tilePath(t))
		}
		out = append(out, b)
	}
	return out, nil
}

// needs skips the test where a program is missing, and fails it in CI.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: 'bash .ci/test' installs it", p)
		}
		t.Skipf("%s is missing: 'bash .ci/test' installs it", p)
	}
}

// A proof is checked without any code of ours: by openssl and the script that goes with it.
func TestScript(t *testing.T) {
	needs(t, "python3", "openssl")
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write := func(block string) ([]byte, Leaf) {
		var buf bytes.Buffer
		w := warc.NewWriter(&buf)
		if _, err := w.Write(&warc.Record{Header: warc.Header{{Name: "WARC-Type", Value: "resource"},
			{Name: "WARC-Record-ID", Value: "<" + leaf(3).Record + ">"}, {Name: "WARC-Date", Value: "2026-11-22T10:00:00.000000Z"}}, Block: []byte(block)}); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes(), Leaf{leaf(3).Record, w.Digests().Head, w.Digests().Block}
	}
	record, logged := write("Clipzy stores your data in Norway.")
	other, _ := write("Clipzy stores your data in Sweden.")
	vkey, err := VerifierKey(origin, testKey)
	if err != nil {
		t.Fatal(err)
	}
	public, err := PublicPEM(vkey)
	if err != nil {
		t.Fatal(err)
	}
	script, pem := put("verify.py", Script), put("log.pem", public)
	good, bad := put("record.warc.gz", record), put("other.warc.gz", other)
	run := func(proof, record string) string {
		out, err := exec.Command("python3", script, pem, proof, record).CombinedOutput()
		return fmt.Sprint(string(out), err)
	}
	for _, c := range []struct{ size, at int64 }{{1, 0}, {2, 1}, {7, 6}, {300, 0}, {300, 256}, {300, 299}, {513, 512}, {1000, 700}} {
		l, err := Open(newMemory())
		if err != nil {
			t.Fatal(err)
		}
		var entries []Entry
		for n := range c.size {
			entries = append(entries, Entry{Hash: leaf(n).Hash()})
		}
		entries[c.at].Hash = logged.Hash()
		if err := l.Append(entries); err != nil {
			t.Fatal(err)
		}
		note, checkpoint := signed(t, l, c.size)
		text, err := l.Prove(c.at, logged.Bytes(), note, checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		proof := put("proof", text)
		if got := run(proof, good); !strings.HasPrefix(got, fmt.Sprintf("OK: %s is leaf %d of %d leaves", logged.Record, c.at, c.size)) {
			t.Errorf("leaf %d of %d: %s", c.at, c.size, got)
		}
		if got := run(proof, bad); !strings.Contains(got, "FAILED: this record is not the one that was logged") {
			t.Errorf("another record: %s", got)
		}
		forged := put("forged", bytes.Replace(text, []byte(fmt.Sprintf("\n%d\n", c.size)), []byte("\n9999\n"), 1))
		if got := run(forged, good); !strings.Contains(got, "FAILED: the checkpoint is not signed by this key") {
			t.Errorf("another checkpoint: %s", got)
		}
	}
}

// BenchmarkProve proves one record and checks the proof, and counts what is read: both grow with the logarithm of the log.
func BenchmarkProve(b *testing.B) {
	keys := known(b, testKey)
	for _, size := range []int64{100, 1000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			l, m := grown(b, size, 10_000)
			note, c := signed(b, l, size)
			m.reads = 0
			var proof []byte
			for i := int64(0); b.Loop(); i++ {
				n := i * 7919 % size
				var err error
				if proof, err = l.Prove(n, leaf(n).Bytes(), note, c); err != nil {
					b.Fatal(err)
				}
				if _, err := Check(proof, leaf(n).Bytes(), keys); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(m.reads)/float64(b.N), "read-B/op")
			b.ReportMetric(float64(len(proof)), "proof-B")
		})
	}
}

// BenchmarkCheck checks a proof.
func BenchmarkCheck(b *testing.B) {
	keys := known(b, testKey)
	for _, size := range []int64{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			l, _ := grown(b, size, 10_000)
			note, c := signed(b, l, size)
			proof, err := l.Prove(size/3, leaf(size/3).Bytes(), note, c)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := Check(proof, leaf(size/3).Bytes(), keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	l, _ := grown(f, 300, 300)
	note, c := signed(f, l, 300)
	proof, err := l.Prove(256, leaf(256).Bytes(), note, c)
	if err != nil {
		f.Fatal(err)
	}
	tree, err := l.ProveTree(100, note, c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof)
	f.Add(tree)
	f.Add(note)
	keys := known(f, testKey)
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := Check(b, leaf(256).Bytes(), keys); err == nil && got != c {
			t.Errorf("forged checkpoint %v", got)
		}
		if got, err := CheckTree(b, Checkpoint{origin, 100, Hash{}}, keys); err == nil {
			t.Errorf("forged tree %v", got)
		}
		notes, torn := SplitCheckpoints(b)
		if n := len(bytes.Join(notes, nil)) + len(notes) + len(torn); n != len(b) {
			t.Errorf("%d of %d bytes", n, len(b))
		}
		_, _ = ParseKey(b)
	})
}

// BenchmarkAppend appends leaves, hashed anew, in batches of 300.
func BenchmarkAppend(b *testing.B) {
	l, _ := grown(b, 300, 300)
	entries := make([]Entry, 0, 300)
	for i := int64(0); b.Loop(); i++ {
		if entries = append(entries, Entry{Hash: leaf(i).Hash()}); len(entries) < cap(entries) {
			continue
		}
		if err := l.Append(entries); err != nil {
			b.Fatal(err)
		}
		entries = entries[:0]
	}
}
