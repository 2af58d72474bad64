package ledger

// These tests read the log with programs of others, and measure it.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/drittland/drittland/snapshots/warc"
)

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
	run := func(proof string, more ...string) string {
		out, err := exec.Command("python3", append([]string{script, pem, proof}, more...)...).CombinedOutput()
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
		if got := run(proof, good, put("checkpoint", note)); !strings.HasPrefix(got, "OK") {
			t.Errorf("by its checkpoint: %s", got)
		}
		elsewhere, _ := signed(t, l, max(1, c.size-1))
		if got := run(proof, good, put("checkpoint", elsewhere)); strings.Contains(got, "FAILED: the proof ends in another checkpoint") != (c.size > 1) {
			t.Errorf("by another checkpoint: %s", got)
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
