package archive

// These tests damage archives in every way and see that check names what is damaged, and nothing else.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
	bolt "go.etcd.io/bbolt"
)

// signedTwice is an archive with some of everything in two capture files, more than a tile of leaves, and three checkpoints.
func signedTwice(t testing.TB) string {
	t.Helper()
	dir := closed(t, filled(t, Options{FileSize: 60_000}))
	for i := range 2 {
		a := opened(t, dir, Options{FileSize: 60_000})
		for n := range 30 {
			if _, err := a.PutCapture(capture(day(400+100*i+n), fmt.Sprintln("a page", i, n))); err != nil {
				t.Fatal(err)
			}
		}
		derive(t, a)
		closed(t, a)
	}
	return dir
}

// records are all records of the capture files of an archive, in order.
func records(t testing.TB, dir string) (all []written) {
	t.Helper()
	a := opened(t, dir, Options{ReadOnly: true})
	defer a.Close()
	numbers, err := a.captures.list()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		s, err := a.captures.scan(context.Background(), n, 0)
		if err != nil {
			t.Fatal(err)
		}
		for {
			batch, err := s.batch()
			all = append(all, batch...)
			if err != nil {
				break
			}
		}
		s.close()
	}
	return all
}

// rewritten puts other records in the place of those of an archive, with every checksum and digest right, and makes its index anew.
func rewritten(t testing.TB, dir string, change func([]written) []written) {
	t.Helper()
	files := map[uint32]*bytes.Buffer{}
	for _, w := range change(records(t, dir)) {
		n := w.place.file
		if files[n] == nil {
			files[n] = &bytes.Buffer{}
		}
		rec := &warc.Record{Block: w.rec.Block, Header: slices.DeleteFunc(slices.Clone(w.rec.Header), func(f warc.Field) bool {
			return f.Name == "WARC-Block-Digest" || f.Name == "Content-Length"
		})}
		if _, err := warc.NewWriter(files[n]).Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	for n, b := range files {
		if err := os.WriteFile(filepath.Join(dir, captureDir, fileName(n)), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil {
		t.Fatal(err)
	}
}

// found are the problems of an archive that are damage, without those that tell of derived data to be made again.
func found(t testing.TB, dir string) (out Problems) {
	t.Helper()
	a, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return Problems{{File: indexFile, What: err.Error()}}
	}
	defer a.Close()
	for _, p := range checked(t, a) {
		if !p.Note {
			out = append(out, p)
		}
	}
	return out
}

// A record that was changed, moved, removed, put in or backdated by someone who can write the whole archive, and has made
// everything fit again, is found by the ledger alone.
func TestLedgerNamesForgedRecords(t *testing.T) {
	dir := signedTwice(t)
	all := records(t, dir)
	at := slices.IndexFunc(all, func(w written) bool { return w.rec.Type() == "request" }) // nothing else builds upon what it holds
	next := at + 1 + slices.IndexFunc(all[at+1:], func(w written) bool { return w.rec.Type() == "request" })
	id := func(n int) string { return all[n].rec.ID() }
	header := func(rec *warc.Record, name, value string) *warc.Record {
		h := slices.Clone(rec.Header)
		for i := range h {
			if h[i].Name == name {
				h[i].Value = value
			}
		}
		return &warc.Record{Header: h, Block: rec.Block}
	}
	for name, c := range map[string]struct {
		change func([]written) []written
		want   []string // the records named
		what   string
	}{
		"changed": {func(r []written) []written {
			r[at].rec = &warc.Record{Header: r[at].rec.Header, Block: []byte("GET / HTTP/1.1\r\n\r\n")}
			return r
		}, []string{id(at)}, "is not what was logged"},
		"backdated": {func(r []written) []written {
			r[at].rec = header(r[at].rec, "WARC-Date", "2020-01-01T00:00:00.000000Z")
			return r
		}, []string{id(at)}, "is not what was logged"},
		"removed": {func(r []written) []written { return slices.Delete(r, at, at+1) }, []string{id(at)}, "not among the records"},
		"two removed": {func(r []written) []written {
			r = slices.Delete(r, next, next+1)
			return slices.Delete(r, at, at+1)
		}, []string{id(at), id(next)}, "not among the records"},
		"swapped": {func(r []written) []written {
			r[at].rec, r[next].rec = r[next].rec, r[at].rec
			return r
		}, []string{id(next), id(at)}, "stands elsewhere"},
		"put in": {func(r []written) []written {
			more := r[at]
			more.rec = header(more.rec, "WARC-Record-ID", "<urn:uuid:00000000-0000-8000-8000-00000000000a>")
			return slices.Insert(r, at, more)
		}, []string{"urn:uuid:00000000-0000-8000-8000-00000000000a"}, "was put among the records later"},
	} {
		bad := copied(t, dir)
		rewritten(t, bad, c.change)
		a := opened(t, bad, Options{})
		derive(t, a)
		closed(t, a)
		var named []string
		for _, p := range found(t, bad) {
			if p.Record == "" || !strings.Contains(p.What, c.what) {
				if name == "removed" || name == "two removed" { // the entries speak of it, too
					continue
				}
				t.Errorf("%s: %s", name, p)
				continue
			}
			named = append(named, p.Record)
		}
		if !slices.Equal(named, c.want) {
			t.Errorf("%s: named %q, want %q", name, named, c.want)
		}
	}
}

// Damage to any file of an archive is named with that file, and no other file is blamed.
func TestEveryFileIsChecked(t *testing.T) {
	dir := signedTwice(t)
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{formatFile, indexFile, "captures/000001.warc.gz", "captures/000002.warc.gz", "ledger/leaves", "ledger/level-1", "ledger/checkpoints", "ledger/key", "ledger/key.pub"} {
		if !slices.Contains(files, kind) {
			t.Fatalf("%s is not in the archive: %q", kind, files)
		}
	}
	for _, name := range files {
		for harm, do := range map[string]func([]byte) []byte{
			"dropped":             func([]byte) []byte { return nil },
			"first byte":          func(b []byte) []byte { b[0] ^= 1; return b },
			"byte in first third": func(b []byte) []byte { b[len(b)/3] ^= 0x10; return b },
			"byte in second half": func(b []byte) []byte { b[len(b)*5/8] ^= 4; return b },
			"truncated":           func(b []byte) []byte { return b[:len(b)-len(b)/3-1] },
			"cut by a byte":       func(b []byte) []byte { return b[:len(b)-1] },
		} {
			if name == formatFile && harm == "cut by a byte" || name == "ledger/key" && harm == "cut by a byte" ||
				name == indexFile && harm != "dropped" && harm != "first byte" {
				continue // the end of the line does not matter; bytes of the index may be in no use, see TestCheckFindsWrongIndex
			}
			bad := copied(t, dir)
			path := filepath.Join(bad, filepath.FromSlash(name))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b = do(b); b == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			blames(t, name+", "+harm, name, found(t, bad))
		}
	}
}

// blames fails the test unless the problems, of which there are some, are all of one file.
func blames(t *testing.T, what, file string, p Problems) {
	t.Helper()
	if len(p) == 0 {
		t.Errorf("%s: nothing is found", what)
		return
	}
	for _, p := range p {
		named := p.File == file || p.File == filepath.Base(file) || file == formatFile && p.File == indexFile
		if !named && !strings.HasPrefix(file, captureDir) { // what refers to a lost record is named, too
			t.Errorf("%s: %s is blamed: %s", what, p.File, p)
		}
	}
	if p[0].File != file && p[0].File != filepath.Base(file) && file != formatFile {
		t.Errorf("%s: the first that is named is %s", what, p[0])
	}
}

// Files that were put in the place of one another, and keys and checkpoints of another archive, are named.
func TestLedgerFilesAreReplaced(t *testing.T) {
	dir, stranger := signedTwice(t), signedTwice(t)
	read := func(dir, name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, ledgerDir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(dir, name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, ledgerDir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	notes, _ := ledger.SplitCheckpoints(read(dir, checkpointFile))
	if len(notes) != 3 {
		t.Fatalf("%d checkpoints", len(notes))
	}
	for name, c := range map[string]struct {
		file string
		harm func(string)
		what string
	}{
		"key":     {keyFile, func(d string) { write(d, keyFile, read(stranger, keyFile)) }, "is not the key that has signed"},
		"key.pub": {publicFile, func(d string) { write(d, publicFile, read(stranger, publicFile)) }, "does not hold the key"},
		"leaves":  {ledger.LeavesFile, func(d string) { write(d, ledger.LeavesFile, read(stranger, ledger.LeavesFile)) }, ""},
		"mode":    {keyFile, func(d string) { os.Chmod(filepath.Join(d, ledgerDir, keyFile), 0o644) }, "others may read"},
		"checkpoints swapped": {checkpointFile, func(d string) {
			write(d, checkpointFile, bytes.Join([][]byte{notes[1], notes[0], notes[2], nil}, []byte("\n")))
		}, "checkpoint 2, over "},
		"checkpoint removed": {checkpointFile, func(d string) {
			write(d, checkpointFile, bytes.Join([][]byte{notes[0], notes[2], nil}, []byte("\n")))
		}, "the index knows"},
		"leaves swapped": {ledger.LeavesFile, func(d string) {
			b := read(d, ledger.LeavesFile)
			x := bytes.Clone(b[:ledger.EntrySize])
			copy(b, b[ledger.EntrySize:2*ledger.EntrySize])
			copy(b[ledger.EntrySize:], x)
			write(d, ledger.LeavesFile, b)
		}, "damaged"},
		"name of a leaf": {ledger.LeavesFile, func(d string) {
			b := read(d, ledger.LeavesFile)
			b[20*ledger.EntrySize+40] ^= 1
			write(d, ledger.LeavesFile, b)
		}, "the name of leaf 20 is damaged"},
		"hash of a leaf": {ledger.LeavesFile, func(d string) {
			b := read(d, ledger.LeavesFile)
			b[20*ledger.EntrySize] ^= 1
			write(d, ledger.LeavesFile, b)
		}, "leaf 20 is damaged"},
	} {
		bad := copied(t, dir)
		c.harm(bad)
		p := found(t, bad)
		if name == "leaves" && string(read(dir, ledger.LeavesFile)) == string(read(stranger, ledger.LeavesFile)) {
			if len(p) > 0 { // the same records make the same leaves
				t.Errorf("%s: %v", name, p)
			}
			continue
		}
		blames(t, name, ledgerDir+"/"+c.file, p)
		if len(p) > 0 && !strings.Contains(p[0].What, c.what) {
			t.Errorf("%s: %s", name, p[0])
		}
	}
}

// A log that was written anew and signed with the right key still does not have the roots of the checkpoints that were kept.
func TestRewrittenHistory(t *testing.T) {
	dir := signedTwice(t)
	kept, err := opened(t, dir, Options{ReadOnly: true}).Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	bad := copied(t, dir)
	for _, name := range []string{ledger.LeavesFile, ledger.LevelFile(1)} {
		if err := os.Remove(filepath.Join(bad, ledgerDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	all := records(t, bad)
	at := slices.IndexFunc(all, func(w written) bool { return w.rec.Type() == "request" })
	forge := func(r []written) []written {
		r[at].rec = &warc.Record{Header: r[at].rec.Header, Block: []byte("GET /forged HTTP/1.1\r\n\r\n")}
		return r
	}
	rewritten(t, bad, forge)
	p := found(t, bad)
	if len(p) == 0 || p[0].File != "ledger/leaves" || !strings.Contains(p[0].What, "do not have the root that was signed") {
		t.Errorf("with the old checkpoints: %v", p)
	}
	a := opened(t, bad, Options{})
	if _, err := a.PutCapture(capture(day(900), "one more")); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "does not continue its last checkpoint") {
		t.Errorf("signed all the same: %v", err)
	}
	// Without any of the old checkpoints everything fits: only one that others keep tells the histories apart.
	if err := os.Remove(filepath.Join(bad, ledgerDir, checkpointFile)); err != nil {
		t.Fatal(err)
	}
	if p, err := Rebuild(context.Background(), bad, Options{}, nil); err != nil || p.Damaged() {
		t.Fatalf("%v, %v", p, err)
	}
	b := opened(t, bad, Options{})
	derive(t, b)
	closed(t, b)
	if p := found(t, bad); len(p) > 0 {
		t.Errorf("without checkpoints: %v", p)
	}
	keys, err := b.publicKeys()
	if err != nil {
		t.Fatal(err)
	}
	known, err := ledger.Verifiers(verifiers(keys)...)
	if err != nil {
		t.Fatal(err)
	}
	old, err := ledger.OpenCheckpoint(kept, known)
	if err != nil {
		t.Fatal(err)
	}
	now, c, err := opened(t, bad, Options{ReadOnly: true}).lastCheckpoint()
	if err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(folder(filepath.Join(bad, ledgerDir)))
	if err != nil {
		t.Fatal(err)
	}
	proof, err := log.ProveTree(old.Size, now, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.CheckTree(proof, old, known); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a checkpoint that was kept elsewhere: %v", err)
	}
}

// Every record can be proved, and what is erased leaves the proofs of the others alone.
func TestProve(t *testing.T) {
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
	reader := opened(t, dir, Options{ReadOnly: true})
	if err := reader.Backup(backup); err != nil {
		t.Fatal(err)
	}
	closed(t, reader)
	prove(backup, "")
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
		err = db.Update(func(tx *bolt.Tx) error {
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
	old := ""
	a = opened(t, dir, Options{ReadOnly: true})
	old = string(a.logged.encode())
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
