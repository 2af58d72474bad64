package archive

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
	"github.com/google/go-cmp/cmp"
)

func TestImportsAreReadBack(t *testing.T) {
	a := created(t, Options{})
	bodies := texts(4, 50, 20_000)
	batch := imports("Clipzy/Privacy Policy.md", bodies)
	var got []snapshots.Snapshot
	for i := 0; i < len(batch); i += 17 {
		out, err := a.PutImports(batch[i:min(i+17, len(batch))], Cursor{"demo-versions", fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out...)
	}
	b := opened(t, closed(t, a), Options{})
	for i := len(got) - 1; i >= 0; i-- { // at random, without what an import leaves at hand
		b.bodies = newCache(1 << 20)
		if body, err := b.Body(got[i]); err != nil || !bytes.Equal(body, bodies[i]) {
			t.Fatalf("version %d: %v", i, err)
		}
	}
	if c, err := b.Cursor("demo-versions"); err != nil || c != "34" {
		t.Errorf("cursor %q, %v", c, err)
	}
	s, err := b.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if perVersion := s.Captures / 50; perVersion > 1500 {
		t.Errorf("%d bytes a version: the version before is not used", perVersion)
	}
	sound(t, b)
}

// A second import writes nothing and returns what is there.
func TestImportAgain(t *testing.T) {
	a := created(t, Options{})
	batch := imports("Clipzy/Privacy Policy.md", texts(5, 8, 2000))
	batch = append(batch, batch[3]) // the same twice in one batch
	first, err := a.PutImports(batch, Cursor{"demo-versions", "head"})
	if err != nil {
		t.Fatal(err)
	}
	before := dumped(t, a, true)
	batch[2].Body = []byte("rewritten history") // known by collection, commit and path
	again, err := a.PutImports(batch, Cursor{"demo-versions", "head"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(before, dumped(t, a, true)); d != "" {
		t.Error(d)
	}
	other := created(t, Options{})
	elsewhere, err := other.PutImport(batch[0].Snapshot, batch[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first[0], elsewhere); d != "" {
		t.Errorf("the same import has another snapshot elsewhere: %s", d)
	}
}

// Equal bodies are stored once, and chains stay short however long a history is.
func TestBodiesOnceAndKeyframes(t *testing.T) {
	a := created(t, Options{})
	bodies := texts(6, 70, 3000)
	bodies[40] = bodies[10] // back to an earlier text
	bodies[41] = nil        // removed
	batch := imports("Clipzy/Privacy Policy.md", bodies)
	batch[41].Snapshot.Origin.Deleted = true
	got, err := a.PutImports(batch, Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	alone, longest := 0, 0
	err = a.db.View(func(tx kv.Tx) error {
		return tx.Bucket(bucketRecords).ForEach(func(k, v []byte) error {
			p, err := decodePlace(v)
			if err == nil && p.depth == 0 {
				alone++
			}
			if err == nil && p.depth != noBody {
				longest = max(longest, int(p.depth)+1)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := a.Stats(); s.Bodies != 68 || alone != 3 || longest != maxChain {
		t.Errorf("%d bodies, %d of them alone, longest chain %d", s.Bodies, alone, longest)
	}
	if body, err := a.Body(got[41]); err != nil || len(body) != 0 {
		t.Errorf("removed text: %q, %v", body, err)
	}
	sound(t, a)
}

// The recipe of FORMAT.md works with the programs that it names.
func TestBodyReadByOtherPrograms(t *testing.T) {
	folderOnly(t)
	for _, name := range []string{"gzip", "zstd"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("no program " + name)
		}
	}
	a := created(t, Options{})
	bodies := texts(7, 2, 5000)
	if _, err := a.PutImports(imports("Clipzy/Privacy Policy.md", bodies), Cursor{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	member := filepath.Join(a.Dir(), captureDir, fileName(1))
	data, err := os.ReadFile(member)
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range bodies {
		p := placeOf(t, a, identify("body", string(snapshots.HashOf(body))))
		cmd := exec.Command("gzip", "-dc")
		cmd.Stdin = bytes.NewReader(data[p.extent.Offset : p.extent.Offset+p.extent.Length])
		text, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		head, block, _ := bytes.Cut(text, []byte("\r\n\r\n"))
		if !strings.Contains(string(head), "WARC-Target-URI: "+bodyURI+string(snapshots.HashOf(body))) {
			t.Errorf("header %s", head)
		}
		args := []string{"-dc"}
		if i == 1 {
			earlier := filepath.Join(dir, "earlier.txt")
			if err := os.WriteFile(earlier, bodies[0], 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, "-D", earlier)
		}
		cmd = exec.Command("zstd", args...)
		cmd.Stdin = bytes.NewReader(bytes.TrimSuffix(block, []byte("\r\n\r\n")))
		out, err := cmd.Output()
		if err != nil || !bytes.Equal(out, body) {
			t.Errorf("zstd reads body %d as %d bytes, %v", i, len(out), err)
		}
	}
}

func placeOf(t testing.TB, a *Archive, id uuid) place {
	t.Helper()
	var p place
	err := a.db.View(func(tx kv.Tx) (err error) {
		p, err = locate(tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImportRefuses(t *testing.T) {
	a := created(t, Options{})
	good := imports("Clipzy/Privacy Policy.md", [][]byte{[]byte("x")})[0]
	for name, change := range map[string]func(*snapshots.Snapshot){
		"no origin":  func(s *snapshots.Snapshot) { s.Origin = nil },
		"no path":    func(s *snapshots.Snapshot) { s.Origin = &snapshots.Origin{Repo: "r", Commit: "c"} },
		"no date":    func(s *snapshots.Snapshot) { s.At = time.Time{} },
		"no service": func(s *snapshots.Snapshot) { s.Terms.Service = "" },
		"annex":      func(s *snapshots.Snapshot) { s.AnnexOf = "https://clipzy.example/" },
		"far future": func(s *snapshots.Snapshot) { s.At = s.At.AddDate(9000, 0, 0) },
	} {
		s := good.Snapshot
		change(&s)
		if _, err := a.PutImport(s, good.Body); err == nil {
			t.Errorf("%s: was imported", name)
		}
	}
	if _, err := a.PutImport(good.Snapshot, make([]byte, MaxBody+1)); err == nil {
		t.Error("too large a body was imported")
	}
	if _, err := a.PutImports(nil, Cursor{Commit: "x"}); err == nil {
		t.Error("cursor of no collection")
	}
	if s, _ := a.Stats(); s.Snapshots != 0 || s.Captures != 0 {
		t.Errorf("something was written: %+v", s)
	}
	if _, err := a.PutImport(good.Snapshot, good.Body); err != nil { // and the archive is still good
		t.Error(err)
	}
}

// Names that are not UTF-8 come out the same when they are read back.
func TestImportOddNames(t *testing.T) {
	a := created(t, Options{})
	im := imports("Clipzy/Privacy Policy.md", [][]byte{[]byte("x")})[0]
	im.Snapshot.Origin.Path, im.Snapshot.Origin.Subject = "Clipzy/Caf\xe9.md", "line\nbreak \u2028 <b>"
	s, err := a.PutImport(im.Snapshot, im.Body)
	if err != nil {
		t.Fatal(err)
	}
	back, err := a.Snapshot(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, back); d != "" {
		t.Error(d)
	}
	again, err := a.PutImport(im.Snapshot, im.Body)
	if err != nil || again.ID != s.ID {
		t.Errorf("imported again as %s, %v", again.ID, err)
	}
	sound(t, a)
}

func TestIdentifiers(t *testing.T) {
	u := identify("a", "b")
	const want = "urn:uuid:" // version 8, variant of RFC 9562
	if s := u.String(); !strings.HasPrefix(s, want) || s[len(want)+14] != '8' || !strings.Contains("89ab", s[len(want)+19:len(want)+20]) {
		t.Errorf("%s", s)
	}
	if back, err := parseUUID(u.String()); err != nil || back != u {
		t.Errorf("%v, %v", back, err)
	}
	if identify("a", "b") == identify("ab", "") || identify("a", "b") == identify(`a","b`) {
		t.Error("parts run into each other")
	}
	for _, bad := range []string{"", "urn:uuid:", strings.ToUpper(u.String()), u.String() + "0", warc.Bracket(u.String())} {
		if _, err := parseUUID(bad); err == nil {
			t.Errorf("%q is an identifier", bad)
		}
	}
}
