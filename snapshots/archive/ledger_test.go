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
	folderOnly(t)
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
	folderOnly(t)
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
			"last byte":           func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
			"cut by a byte":       func(b []byte) []byte { return b[:len(b)-1] },
		} {
			if name == indexFile && strings.Contains(harm, "byte") && harm != "first byte" && harm != "cut by a byte" {
				continue // that byte may be in no use: TestDamagedIndex flips many
			}
			bad := copied(t, dir)
			path := filepath.Join(bad, filepath.FromSlash(name))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if name == indexFile { // without the room behind the last page that was ever used
				used, page := len(bytes.TrimRight(b, "\x00")), os.Getpagesize()
				b = b[:(used+page-1)/page*page]
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
	folderOnly(t)
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
	folderOnly(t)
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
