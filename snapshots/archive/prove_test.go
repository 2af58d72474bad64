package archive

// These tests prove records, make ledgers where there are none, crash, and bring keys.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/ledger"
	bolt "go.etcd.io/bbolt"
)

// Every record can be proved, and what is erased leaves the proofs of the others alone.
func TestProve(t *testing.T) {
	folderOnly(t)
	dir := signedTwice(t)
	all := records(t, dir)
	prove := func(dir string, missing string) {
		t.Helper()
		a := opened(t, dir, Options{ReadOnly: true})
		defer a.Close()
		key, err := a.LedgerKey()
		if err != nil {
			t.Fatal(err)
		}
		known, err := ledger.Verifiers(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range all {
			leaf := ledger.Leaf{Record: w.rec.ID(), Head: w.digests.Head, Block: w.digests.Block}.Bytes()
			proof, err := a.Prove(w.rec.ID())
			if w.rec.ID() == missing {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("a record that is gone: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := ledger.Check(proof, leaf, known)
			if err != nil || c.Size != int64(len(all)) {
				t.Fatalf("%s: %v, %v", w.rec.ID(), c, err)
			}
			if got, err := a.Leaf(w.rec.ID()); err != nil || !bytes.Equal(got, leaf) {
				t.Errorf("leaf %q, %v, want %q", got, err, leaf)
			}
			for _, text := range []string{"clipzy", "example", "Privacy"} {
				if bytes.Contains(leaf, []byte(text)) {
					t.Errorf("leaf holds %q: %s", text, leaf)
				}
			}
		}
	}
	prove(dir, "")
	at := slices.IndexFunc(all, func(w written) bool { return w.rec.Type() == "request" })
	erased := copied(t, dir)
	rewritten(t, erased, func(r []written) []written { return slices.Delete(r, at, at+1) })
	prove(erased, all[at].rec.ID())
	backup := filepath.Join(t.TempDir(), "copy")
	if err := Backup(dir, backup, Options{}); err != nil {
		t.Fatal(err)
	}
	prove(backup, "")
	restored := filepath.Join(t.TempDir(), "restored")
	if found, _, err := Restore(context.Background(), backup, restored, Options{}, nil); err != nil {
		t.Fatal(err, found)
	}
	prove(restored, "")
	if err := os.Remove(filepath.Join(backup, indexFile)); err != nil {
		t.Fatal(err)
	}
	anew := filepath.Join(t.TempDir(), "anew")
	if found, rebuilt, err := Restore(context.Background(), backup, anew, Options{}, nil); err != nil || !rebuilt {
		t.Fatal(err, rebuilt, found)
	}
	prove(anew, "")
	a := opened(t, dir, Options{})
	s, err := a.PutCapture(capture(day(950), "not signed yet"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Prove(s.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("not signed yet: %v", err)
	}
	if _, err := a.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Prove(s.ID); err != nil {
		t.Error(err)
	}
	out := filepath.Join(t.TempDir(), "log")
	if err := a.ExportLedger(out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"checkpoint", "key.pub", "tile/0/000", "tile/entries/000"} {
		if _, err := os.Stat(filepath.Join(out, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
}

// An archive without a ledger gets one when it is opened for writing, once, and so do records that an older release has added.
func TestLedgerIsMade(t *testing.T) {
	folderOnly(t)
	dir := closed(t, filled(t, Options{FileSize: 30_000}))
	want, err := os.ReadFile(filepath.Join(dir, ledgerDir, ledger.LeavesFile))
	if err != nil {
		t.Fatal(err)
	}
	forget := func(key []byte, value []byte) {
		db, err := bolt.Open(filepath.Join(dir, indexFile), 0o644, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = kv.Bolt{DB: db}.Update(func(tx kv.Tx) error {
			if value == nil {
				return tx.Bucket(bucketMeta).Delete(key)
			}
			return tx.Bucket(bucketMeta).Put(key, value)
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	forget(keyLedger, nil)
	if err := os.RemoveAll(filepath.Join(dir, ledgerDir)); err != nil {
		t.Fatal(err)
	}
	a := opened(t, dir, Options{ReadOnly: true})
	if p := checked(t, a); len(p) != 1 || !p[0].Note || !strings.Contains(p[0].What, "next command that writes") {
		t.Errorf("check: %v", p)
	}
	closed(t, a)
	var said []string
	tell := Options{Said: func(s string) { said = append(said, s) }}
	for range 2 {
		closed(t, opened(t, dir, tell))
	}
	if len(said) != 1 || !strings.Contains(said[0], "gets a ledger") {
		t.Errorf("said %q", said)
	}
	got, err := os.ReadFile(filepath.Join(dir, ledgerDir, ledger.LeavesFile))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("other leaves than those made along the way, %v", err)
	}
	if p := found(t, dir); len(p) > 0 {
		t.Error(p)
	}
	a = opened(t, dir, Options{ReadOnly: true})
	old := string(sealed(keyLedger, a.logged.encode()))
	closed(t, a)
	a = opened(t, dir, Options{})
	if _, err := a.PutCapture(capture(day(70), "more")); err != nil {
		t.Fatal(err)
	}
	a.ready = false // an older release signs nothing, and knows no ledger
	size := a.logged.leaves
	closed(t, a)
	forget(keyLedger, []byte(old))
	if err := os.Truncate(filepath.Join(dir, ledgerDir, ledger.LeavesFile), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	said = nil
	a = opened(t, dir, tell)
	if len(said) != 1 || !strings.Contains(said[0], "another release") || a.logged.leaves != size {
		t.Errorf("said %q, %d leaves, want %d", said, a.logged.leaves, size)
	}
	closed(t, a)
	if p := found(t, dir); len(p) > 0 {
		t.Error(p)
	}
}

// A crash between evidence, ledger and index is mended and told.
func TestLedgerAfterCrash(t *testing.T) {
	folderOnly(t)
	dir := closed(t, filled(t, Options{}))
	before := copied(t, dir)
	a := opened(t, dir, Options{})
	if _, err := a.PutCapture(capture(day(300), "the last words")); err != nil {
		t.Fatal(err)
	}
	a.ready = false
	closed(t, a)
	for name, back := range map[string][]string{
		"before the ledger":    {indexFile, "ledger/leaves"},
		"before the index":     {indexFile},
		"within the ledger":    {indexFile, "half"},
		"the evidence is lost": {indexFile, "captures/000001.warc.gz"},
	} {
		torn := copied(t, dir)
		for _, file := range back {
			if file == "half" {
				leaves := filepath.Join(torn, "ledger", "leaves")
				info, err := os.Stat(leaves)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(leaves, info.Size()-70); err != nil {
					t.Fatal(err)
				}
				continue
			}
			b, err := os.ReadFile(filepath.Join(before, filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(torn, filepath.FromSlash(file)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		a := opened(t, torn, Options{ReadOnly: true})
		if p := checked(t, a); p.Damaged() {
			t.Errorf("%s: check says %v", name, p)
		}
		closed(t, a)
		var said []string
		a = opened(t, torn, Options{Said: func(s string) { said = append(said, s) }})
		closed(t, a)
		if len(said) != 1 {
			t.Errorf("%s: said %q", name, said)
		}
		if p := found(t, torn); len(p) > 0 {
			t.Errorf("%s: %v", name, p)
		}
		if c, size := lastSigned(t, torn), int64(len(records(t, torn))); c.Size != size {
			t.Errorf("%s: signed over %d of %d", name, c.Size, size)
		}
	}
}

func lastSigned(t testing.TB, dir string) ledger.Checkpoint {
	t.Helper()
	a := opened(t, dir, Options{ReadOnly: true})
	defer a.Close()
	_, c, err := a.lastCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The key is made on first use and nobody else may read it; another one can be brought.
func TestLedgerKey(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	if _, err := a.LedgerKey(); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the first record: %v", err)
	}
	if _, err := a.Checkpoint(); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the first record: %v", err)
	}
	put := func(a *Archive, n int) string {
		t.Helper()
		if _, err := a.PutCapture(capture(day(n), fmt.Sprint("page ", n))); err != nil {
			t.Fatal(err)
		}
		return closed(t, a)
	}
	dir := put(a, 1)
	key := filepath.Join(dir, ledgerDir, keyFile)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key: %v, %v", info.Mode(), err)
	}
	mine := filepath.Join(t.TempDir(), "mine.pem")
	b, err := os.ReadFile(filepath.Join(put(created(t, Options{}), 1), ledgerDir, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, b, 0o640); err != nil {
		t.Fatal(err)
	}
	bring := Options{LedgerKey: mine}
	if _, err := Open(dir, bring); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
	if err := os.Chmod(mine, 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	bring.Said = func(s string) { said = append(said, s) }
	put(opened(t, dir, bring), 3)
	put(opened(t, dir, bring), 4)
	if len(said) != 1 || !strings.Contains(said[0], "another key from now on") {
		t.Errorf("said %q", said)
	}
	if p := found(t, dir); len(p) > 0 {
		t.Error(p)
	}
	put(opened(t, dir, Options{}), 5) // and back
	if p := found(t, dir); len(p) > 0 {
		t.Error(p)
	}
	a = opened(t, dir, Options{ReadOnly: true})
	keys, err := a.publicKeys()
	if err != nil || len(keys) != 3 || keys[0] != keys[2] || keys[1].where != elsewhere || keys[1].origin() != keys[0].origin() {
		t.Errorf("keys %v, %v", keys, err)
	}
	closed(t, a)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	a = opened(t, dir, Options{})
	if _, err := a.PutCapture(capture(day(6), "page 6")); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); !errors.Is(err, ErrKey) {
		t.Errorf("without the key: %v", err)
	}
}

// BenchmarkProveRecord proves records of archives of several sizes.
func BenchmarkProveRecord(b *testing.B) {
	for _, captures := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(captures), func(b *testing.B) {
			a := created(b, Options{})
			var batch []Import
			for i := range captures {
				batch = append(batch, imports(fmt.Sprintf("Service %d/Privacy Policy.md", i), [][]byte{fmt.Appendf(nil, "Clipzy %d", i)})...)
			}
			out, err := a.PutImports(batch, Cursor{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := a.Checkpoint(); err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				if _, err := a.Prove(identify("body", string(out[i*37%captures].Body)).String()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
