package archive

// These tests erase captures and see that what they leave is whole, and that nothing of the content is left.

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
	"github.com/google/go-cmp/cmp"
)

const secret = "Jette Sommerfeld of 7 Harbour Lane asked to be forgotten"

// withSecret is an archive of captures and imports, of which some hold the secret: two captures and a revisit, one that a browser
// read, an annex, and a text within a row of imports. It gives their snapshots by name.
func withSecret(t testing.TB) (*Archive, map[string]snapshots.Snapshot) {
	t.Helper()
	a := filled(t, Options{FileSize: 10_000})
	out := map[string]snapshots.Snapshot{}
	put := func(name string, c *snapshots.Capture) {
		t.Helper()
		s, err := a.PutCapture(c)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = s
	}
	put("page", capture(day(200), "The policy. "+secret))
	put("again", capture(day(201), "The policy. "+secret)) // a revisit
	put("after", capture(day(202), "The policy."))
	r := rendered(day(203), "<p>rendered: "+secret)
	put("rendered", r)
	put("annex", annex(day(203).Add(60e9), "list: "+secret))
	var bodies [][]byte
	for i, b := range texts(9, 12, 5000) {
		if i == 5 {
			b = append(b, secret...)
		}
		bodies = append(bodies, b)
	}
	got, err := a.PutImports(imports("Petit Panier/Privacy Policy.md", bodies), Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range got {
		out[fmt.Sprint("text ", i)] = s
	}
	derive(t, a)
	return a, out
}

// holdsSecret names the files of an archive that hold the secret, packed or not.
func holdsSecret(t testing.TB, a *Archive) (out []string) {
	t.Helper()
	dir := whereIs(a)
	for _, s := range all(t, a.Snapshots(clipzy)) {
		if b, err := a.Body(s); err == nil && bytes.Contains(b, []byte(secret)) {
			out = append(out, s.ID)
		}
	}
	where := closed(t, a)
	if onServer {
		dir = stores[where]
		for _, b := range valuesOnServer(t, where) {
			if bytes.Contains(b, []byte(secret)) || bytes.Contains(b, []byte("Jette Sommerfeld")) {
				out = append(out, string(b))
			}
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".gz") {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(path, err)
			}
			if b, err = io.ReadAll(r); err != nil {
				t.Fatal(path, err)
			}
		}
		if bytes.Contains(b, []byte(secret)) || bytes.Contains(b, []byte("Jette Sommerfeld")) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ids(m map[string]snapshots.Snapshot, names ...string) (out []string) {
	for _, n := range names {
		out = append(out, m[n].ID)
	}
	return out
}

func TestErase(t *testing.T) {
	a, s := withSecret(t)
	dir := whereIs(a)
	leaf, err := a.Leaf(s["page"].ID)
	if err != nil {
		t.Fatal(err)
	}
	var shared *SharedError
	if _, err := a.Erase(ids(s, "page"), day(300), "request 17", false); !errors.As(err, &shared) || len(shared.Others) != 1 || shared.Others[0].ID != s["again"].ID {
		t.Fatalf("erase what another snapshot holds: %v", err)
	}
	sound(t, a)
	x, err := a.Erase(ids(s, "page", "rendered", "annex", "text 5"), day(300), "request 17", true)
	if err != nil {
		t.Fatal(err)
	}
	if want := ids(s, "page", "again", "rendered", "annex", "text 5"); len(x.Snapshots) != len(want) {
		t.Errorf("erased %q", x.Snapshots)
	}
	sound(t, a)
	for _, id := range x.Snapshots {
		s, err := a.Snapshot(id)
		if err != nil {
			t.Fatal(err)
		}
		var gone *ErasedError
		if _, err := a.Body(s); !errors.As(err, &gone) || gone.Why != "request 17" || err.Error() == "" {
			t.Errorf("body of an erased snapshot: %v", err)
		}
		if _, err := a.Exhibit(s); !errors.Is(err, ErrErased) {
			t.Errorf("exhibit of an erased snapshot: %v", err)
		}
	}
	for i := range 12 {
		if b, err := a.Body(s[fmt.Sprint("text ", i)]); i != 5 && (err != nil || len(b) == 0) {
			t.Errorf("text %d: %v", i, err)
		}
	}
	readAll(t, a)
	sound(t, a)
	before := dumped(t, a, true)
	if _, err := a.Erase(ids(s, "page"), day(301), "again", true); !errors.Is(err, ErrErased) {
		t.Errorf("erased twice: %v", err)
	}
	if d := holdsSecret(t, a); len(d) > 0 {
		t.Errorf("the secret is left in %q", d)
	}

	// The ledger proves the records as before, and whatever is made anew says the same.
	a = opened(t, dir, Options{})
	if b, err := a.Leaf(s["page"].ID); err != nil || !bytes.Equal(b, leaf) {
		t.Errorf("leaf of an entry: %v", err)
	}
	proven(t, a, x.Records...)
	closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatalf("rebuild: %v, %v", p, err)
	}
	a = opened(t, dir, Options{})
	readAll(t, a)
	if d := cmp.Diff(before, dumped(t, a, true)); d != "" {
		t.Error(d)
	}
	closed(t, a)
	saved, to := filepath.Join(t.TempDir(), "saved"), filepath.Join(t.TempDir(), "restored")
	if err := Backup(dir, saved, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(saved, indexFile)); err != nil {
		t.Fatal(err)
	}
	if p, _, err := Restore(context.Background(), saved, to, Options{}, nil); err != nil || p.Damaged() {
		t.Fatalf("restore: %v, %v", p, err)
	}
	sound(t, opened(t, to, Options{}))
}

func TestErasedAmong(t *testing.T) {
	a, s := withSecret(t)
	if got, err := a.ErasedAmong(ids(s, "page", "after")); err != nil || len(got) != 0 {
		t.Errorf("before: %v, %v", got, err)
	}
	if _, err := a.Erase(ids(s, "page"), day(300), "request 17", true); err != nil {
		t.Fatal(err)
	}
	got, err := a.ErasedAmong(ids(s, "after", "page", "again"))
	if err != nil || len(got) != 2 || got[s["page"].ID].Why != "request 17" || !got[s["again"].ID].At.Equal(day(300)) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := a.ErasedAmong([]string{"x"}); err == nil {
		t.Error("x is a snapshot")
	}
}

// readAll derives versions, of all that is not erased.
func readAll(t testing.TB, a *Archive) {
	t.Helper()
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		if x, gone, err := a.Erased(s.ID); err != nil || gone {
			v := snapshots.Version{Terms: s.Terms, Snapshot: s.ID, Date: s.At, Cause: snapshots.First, Reader: "lines/1", Origin: s.Origin, Refused: x.Why}
			if err := errors.Join(err, v.Identify(), a.PutVersion(v, nil, nil)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		r := reading(t, a, s)
		if err := a.PutVersion(r.Version, r.Document, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// proven fails the test unless the ledger proves each record.
func proven(t testing.TB, a *Archive, names ...string) {
	t.Helper()
	signed, err := a.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	key, err := a.LedgerKey()
	if err != nil {
		t.Fatal(err)
	}
	known, err := ledger.Verifiers(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		leaf, err1 := a.Leaf(name)
		proof, err2 := a.ProveBy(name, signed)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Check(proof, leaf, known); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What was erased may be captured and imported again, and builds upon what is there.
func TestErasedComesAgain(t *testing.T) {
	a, s := withSecret(t)
	body, err := a.Body(s["text 5"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Erase(ids(s, "page", "rendered", "text 5", "text 11"), day(300), "request 17", true); err != nil {
		t.Fatal(err)
	}
	got, err := a.PutCapture(capture(day(310), "The policy. "+secret))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := a.Body(got); err != nil || !bytes.Contains(b, []byte(secret)) {
		t.Errorf("captured again: %q, %v", b, err)
	}
	if v, ok, err := a.Validator(clipzy, "https://clipzy.example/privacy"); err != nil || ok && v.Snapshot != got.ID {
		t.Errorf("validator %v, %v", v, err)
	}
	more := imports("Petit Panier/Privacy Policy.md", append(texts(9, 12, 5000), body, append(body, '!')))[12:]
	out, err := a.PutImports(more, Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range out {
		if b, err := a.Body(x); err != nil || !bytes.Equal(b, more[i].Body) {
			t.Errorf("imported again: %v", err)
		}
		if m, err := a.Exhibit(x); err != nil || len(m) == 0 {
			t.Errorf("%v", err)
		}
	}
	readAll(t, a)
	sound(t, a)
	if _, err := a.Erase([]string{got.ID, out[0].ID}, day(320), "request 18", true); err != nil {
		t.Fatal(err)
	}
	// One whose body had to be moved is erased, too.
	for _, n := range []string{"text 6", "text 7", "text 0"} {
		if _, err := a.Erase(ids(s, n), day(321), "request 19", true); err != nil {
			t.Fatal(err)
		}
		readAll(t, a)
		sound(t, a)
	}
	dump := dumped(t, a, false)
	dir := closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatalf("rebuild: %v, %v", p, err)
	}
	a = opened(t, dir, Options{})
	if d := cmp.Diff(dump, dumped(t, a, false)); d != "" {
		t.Error(d)
	}
	readAll(t, a)
	sound(t, a)
	for i := range 12 {
		name := fmt.Sprint("text ", i)
		members, err := a.Exhibit(s[name])
		if slices.Contains([]int{0, 5, 6, 7, 11}, i) {
			if !errors.Is(err, ErrErased) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		among := map[string]*warc.Record{}
		for _, m := range members {
			among[m.ID()] = m.Record
		}
		if x, err := Examine(among, s[name].ID); err != nil || len(x.Body) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The place of a record is large enough for its head and zeros, however short it is and whether its block is stored or compressed.
func TestBlankFits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, kind := range []string{typeZstd, "application/pdf"} {
		for n := 9; n < 200; n++ { // no frame is shorter
			block := make([]byte, n)
			for i := range block {
				block[i] = byte(1 + r.IntN(255))
			}
			hash := snapshots.HashOf(block)
			rec := &warc.Record{Block: block, Header: warc.Header{
				{Name: "WARC-Type", Value: "resource"},
				{Name: "WARC-Record-ID", Value: warc.Bracket(identify("body", string(hash)).String())},
				{Name: "WARC-Date", Value: warc.FormatDate(day(n))},
				{Name: "WARC-Target-URI", Value: bodyURI + string(hash)},
				{Name: "Content-Type", Value: kind}}}
			var member bytes.Buffer
			if _, err := warc.NewWriter(&member).Write(rec); err != nil {
				t.Fatal(err)
			}
			b, err := blank(member.Bytes(), rec)
			if err != nil {
				t.Errorf("%s of %d bytes: %v", kind, n, err)
				continue
			}
			got, err := warc.NewReader(bytes.NewReader(b), warc.Limits{}).Next()
			if err != nil || len(b) != member.Len() || !isErased(got) || got.ID() != rec.ID() || len(got.Block) != n {
				t.Errorf("%s of %d bytes: %v, %v", kind, n, got, err)
			}
		}
	}
}
