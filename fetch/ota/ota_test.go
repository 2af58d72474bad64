package ota

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, r *Repo, since string) (lines []string) {
	t.Helper()
	for v, err := range r.Versions(context.Background(), since) {
		check(t, err)
		lines = append(lines, line(v))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("versions (-want +got):\n%s", d)
	}
}

const clipzy, nordlicht = "Clipzy/Privacy Policy.md", "Nordlicht Mail/Privacy Policy.md"

// life is a collection with one commit of each kind.
func life(t testing.TB) *builder {
	b := newBuilder(t)
	b.commit("Initial commit", files{"README.md": "hello"})
	b.commit("First record of Clipzy Privacy Policy", files{"README.md": "hello", clipzy: "v1"})
	b.commit("Start tracking Nordlicht Mail Privacy Policy", files{"README.md": "hello", clipzy: "v1", nordlicht: "n1"})
	b.commit("Record new changes of Clipzy Privacy Policy", files{"README.md": "bye", clipzy: "v2", nordlicht: "n1"})
	b.commit("Apply technical or declaration upgrade on Clipzy Privacy Policy", files{clipzy: "v3", nordlicht: "n1"})
	b.commit("Refilter Clipzy Privacy Policy", files{clipzy: "v4", nordlicht: "n1"})
	b.commit("Rename a service", files{"Clipzy Two/Privacy Policy.md": "v4", nordlicht: "n1"})
	b.commit("Delete the directory", files{"Clipzy Two/Privacy Policy.md": "v4"})
	return b
}

var lifeLines = []string{
	"01-02 | Clipzy/Privacy Policy.md | first v1",
	"01-03 | Nordlicht Mail/Privacy Policy.md | first n1",
	"01-04 | Clipzy/Privacy Policy.md | v2",
	"01-05 | Clipzy/Privacy Policy.md | technical v3",
	"01-06 | Clipzy/Privacy Policy.md | technical v4",
	"01-07 | Clipzy/Privacy Policy.md | deleted",
	"01-07 | Clipzy Two/Privacy Policy.md | first v4",
	"01-08 | Nordlicht Mail/Privacy Policy.md | deleted",
}

func TestVersions(t *testing.T) {
	b := life(t)
	r := b.open()
	var problems []string
	r.OnProblem = func(p Problem) { problems = append(problems, p.Path+": "+string(p.Reason)) }
	wantLines(t, read(t, r, ""), lifeLines...)
	wantLines(t, problems, "README.md: not in a service directory", "README.md: not in a service directory", "README.md: not in a service directory")
	if n, err := r.Count(context.Background(), ""); n != len(lifeLines) || err != nil {
		t.Errorf("Count = %d, %v, want %d", n, err, len(lifeLines))
	}
	if r.Name != "demo-versions" || r.Head != b.head || len(r.Warnings) != 0 {
		t.Errorf("name %q, head %s, warnings %q", r.Name, r.Head, r.Warnings)
	}
}

func TestVersionsFromPack(t *testing.T) {
	b := life(t)
	check(t, b.git.RepackObjects(&git.RepackConfig{}))
	packs, err := filepath.Glob(filepath.Join(b.dir, "objects/pack/*.pack"))
	check(t, err)
	if len(packs) != 1 {
		t.Fatalf("packs: %q", packs)
	}
	loose, err := filepath.Glob(filepath.Join(b.dir, "objects/??/*"))
	check(t, err)
	for _, f := range loose {
		check(t, os.Remove(f))
	}
	wantLines(t, read(t, b.open(), ""), lifeLines...)
}

func TestVersionFields(t *testing.T) {
	b := newBuilder(t)
	b.commit("First record of Clipzy Community Guidelines\n\nThis version was recorded after extracting from and assembling the following snapshots:\n"+
		"- https://git.example/demo/demo-snapshots/commit/0123456789abcdef0123456789abcdef01234567\n"+
		"- https://user:secret@git.example/demo/demo-snapshots/commit/89abcdef0123456789abcdef0123456789abcdef\n"+
		"see https://git.example/other\n", files{"Clipzy/Community Guidelines #Live.txt": "bytes \xff\xfe"})
	var got []Version
	for v, err := range b.open().Versions(context.Background(), "") {
		check(t, err)
		got = append(got, v)
	}
	want := []Version{{
		Service: "Clipzy", TermsType: "Community Guidelines", Document: "Live", Path: "Clipzy/Community Guidelines #Live.txt",
		Commit: b.head, Date: time.Date(2024, 1, 1, 11, 0, 0, 0, time.UTC), Subject: "First record of Clipzy Community Guidelines",
		First: true, Body: []byte("bytes \xff\xfe"), MediaType: "text/plain",
		SnapshotRefs: []string{
			"https://git.example/demo/demo-snapshots/commit/0123456789abcdef0123456789abcdef01234567",
			"https://git.example/demo/demo-snapshots/commit/89abcdef0123456789abcdef0123456789abcdef",
		},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// merged is a history whose second parent carries most of the commits, as when a maintainer merges
// the recorder's branch into a local one; the merge resolves one text by hand.
func merged(t *testing.T) (b *builder, fork, side string) {
	b = newBuilder(t)
	fork = b.commit("First record of Clipzy Privacy Policy", files{clipzy: "v1", nordlicht: "n1"})
	side = b.commit("Update README.md", files{clipzy: "v1", nordlicht: "n1", "README.md": "x"})
	b.commitOn("Record new changes of Clipzy Privacy Policy", files{clipzy: "v2", nordlicht: "n1"}, fork)
	last := b.commit("Record new changes of Clipzy Privacy Policy", files{clipzy: "v3", nordlicht: "n1"})
	b.commitOn("Merge branch", files{clipzy: "v3", nordlicht: "by hand", "README.md": "x"}, side, last)
	b.commit("Record new changes of Clipzy Privacy Policy", files{clipzy: "v4", nordlicht: "by hand", "README.md": "x"})
	return b, fork, side
}

func TestMergeGivesEachVersionOnce(t *testing.T) {
	b, fork, side := merged(t)
	tail := []string{
		"01-03 | Clipzy/Privacy Policy.md | v2",
		"01-04 | Clipzy/Privacy Policy.md | v3",
		"01-05 | Nordlicht Mail/Privacy Policy.md | by hand",
		"01-06 | Clipzy/Privacy Policy.md | v4",
	}
	r := b.open()
	wantLines(t, read(t, r, ""), append([]string{
		"01-01 | Clipzy/Privacy Policy.md | first v1", "01-01 | Nordlicht Mail/Privacy Policy.md | first n1"}, tail...)...)
	wantLines(t, read(t, r, fork), tail...)
	wantLines(t, read(t, r, side), tail...) // the other branch leads behind the commit asked for
}

func TestMergeThatDeletes(t *testing.T) {
	b := newBuilder(t)
	fork := b.commit("First record", files{clipzy: "v1", nordlicht: "n1"})
	one := b.commit("Delete a service", files{nordlicht: "n1"})
	two := b.commitOn("Record new changes", files{clipzy: "v1", nordlicht: "n2"}, fork)
	b.commitOn("Merge branch", files{nordlicht: "n2"}, two, one)
	wantLines(t, read(t, b.open(), fork),
		"01-03 | Nordlicht Mail/Privacy Policy.md | n2", "01-02 | Clipzy/Privacy Policy.md | deleted")
}

func TestOrderIsAncestryNotDate(t *testing.T) {
	b := newBuilder(t)
	day := func(d int) time.Time { return time.Date(2024, 3, d, 0, 0, 0, 0, time.UTC) }
	h := b.commitAt(day(9), "First record", files{clipzy: "v1"})
	h = b.commitAt(day(2), "Record new changes", files{clipzy: "v2"}, h)
	b.commitAt(day(5), "Record new changes", files{clipzy: "v3"}, h)
	wantLines(t, read(t, b.open(), ""), "03-09 | Clipzy/Privacy Policy.md | first v1",
		"03-02 | Clipzy/Privacy Policy.md | v2", "03-05 | Clipzy/Privacy Policy.md | v3")
}

func TestSince(t *testing.T) {
	b := newBuilder(t)
	b.commit("First record", files{clipzy: "v1"})
	last := b.commit("Record new changes", files{clipzy: "v2"})
	wantLines(t, read(t, b.open(), last))
	b.commit("Record new changes", files{clipzy: "v3"})
	r := b.open()
	wantLines(t, read(t, r, last), "01-03 | Clipzy/Privacy Policy.md | v3")
	if n, err := r.Count(context.Background(), last); n != 1 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}

	b.head = ""
	b.commit("First record", files{clipzy: "rewritten"}) // the old commits are still there, but no ancestors
	r = b.open()
	for _, since := range []string{last, strings.Repeat("0", 40), strings.Repeat("e", 40), last[:10], "HEAD", "; rm"} {
		var unknown *UnknownCommitError
		for _, err := range r.Versions(context.Background(), since) {
			if !errors.As(err, &unknown) || unknown.Commit != since {
				t.Errorf("since %q: %v", since, err)
			}
		}
		if _, err := r.Count(context.Background(), since); !errors.As(err, &unknown) {
			t.Errorf("Count since %q: %v", since, err)
		}
		if unknown == nil {
			t.Errorf("since %q: no error", since)
		}
	}
}

func TestHostileNamesAreReported(t *testing.T) {
	b := newBuilder(t)
	long := strings.Repeat("x", 300)
	b.commit("First record", files{
		"Clipzy/Privacy Policy.md":          "kept",
		"../Privacy Policy.md":              "x",
		"Clipzy/...md":                      "x",
		"Clipzy/a\x1b[31m.md":               "x",
		"Clipzy/line\nbreak.md":             "x",
		"Clipzy/back\\slash.md":             "x",
		"Clipzy/\u202egnp.md":               "x",
		"Clipzy/\xff.md":                    "x",
		"Clipzy/" + long + ".md":            "x",
		" Clipzy/Privacy Policy.md":         "x",
		"Clipzy/link.md":                    "mode 120000 target",
		"Clipzy/module.md":                  "mode 160000 x",
		"Clipzy/deep/er/Privacy Policy.md":  "x",
		"Clipzy/Old Policy.html":            "x",
		"Clipzy/Old Policy.pdf":             "x",
		".github/workflows/ci.yml":          "x",
		"Clipzy/Large Policy.md":            strings.Repeat("large ", 100),
		"Clipzy/Stored Elsewhere Policy.md": "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
	})
	r := b.open()
	r.MaxBlob = 100
	got := map[Reason]int{}
	r.OnProblem = func(p Problem) {
		got[p.Reason]++
		if s := p.String(); strings.ContainsFunc(s, unsafeRune) {
			t.Errorf("problem shown raw: %q", s)
		}
	}
	wantLines(t, read(t, r, ""), "01-01 | Clipzy/Privacy Policy.md | first kept")
	want := map[Reason]int{BadPath: 9, NotAFile: 2, NotTerms: 2, OtherMedia: 2, TooBig: 1, Pointer: 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUnusableDates(t *testing.T) {
	b := newBuilder(t)
	b.commitAt(time.Unix(1<<40, 0), "First record", files{clipzy: "v1"})
	b.commit("Record new changes", files{clipzy: "v2"})
	r := b.open()
	var problems []Reason
	r.OnProblem = func(p Problem) { problems = append(problems, p.Reason) }
	wantLines(t, read(t, r, ""), "01-01 | Clipzy/Privacy Policy.md | v2")
	if len(problems) != 1 || problems[0] != BadDate {
		t.Errorf("problems %q", problems)
	}
	if n, err := r.Count(context.Background(), ""); n != 1 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	plain := t.TempDir()
	file := filepath.Join(plain, "versions.bundle")
	check(t, os.WriteFile(file, []byte("# v2 git bundle\n"), 0o644))
	raw := newBuilder(t)
	raw.commit("First record", files{"Clipzy/Privacy Policy.html": "<p>", "Clipzy/Terms.pdf": "%PDF", "README.md": "x"})
	for _, c := range []struct {
		path string
		want error
		says string
	}{
		{plain, ErrNotRepository, plain},
		{filepath.Join(plain, "missing"), ErrNotRepository, "missing"},
		{file, ErrNotRepository, "git clone --bare"},
		{newBuilder(t).dir, ErrEmpty, "no commits"},
		{raw.dir, ErrSnapshots, "-versions"},
	} {
		r, err := Open(c.path)
		if !errors.Is(err, c.want) || r != nil || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("Open(%s): %v, want %v", c.path, err, c.want)
		}
	}
}

func TestShallowClone(t *testing.T) {
	b := life(t)
	c, err := b.git.Head()
	check(t, err)
	head, err := b.git.CommitObject(c.Hash())
	check(t, err)
	edge := head.ParentHashes[0]
	old, err := b.git.CommitObject(edge)
	check(t, err)
	lost := old.ParentHashes[0].String()
	check(t, os.Remove(filepath.Join(b.dir, "objects", lost[:2], lost[2:])))
	check(t, os.WriteFile(filepath.Join(b.dir, "shallow"), []byte(edge.String()+"\n"), 0o644))
	r := b.open()
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "shallow clone") {
		t.Errorf("warnings %q", r.Warnings)
	}
	wantLines(t, read(t, r, ""), "01-07 | Clipzy Two/Privacy Policy.md | v4",
		"01-07 | Nordlicht Mail/Privacy Policy.md | n1", "01-08 | Nordlicht Mail/Privacy Policy.md | deleted")
}

func TestDamagedRepository(t *testing.T) {
	objects := func(b *builder) []string {
		list, err := filepath.Glob(filepath.Join(b.dir, "objects/??/*"))
		check(t, err)
		return list
	}
	hello := plumbing.ComputeHash(plumbing.BlobObject, []byte("hello")).String()
	bye := plumbing.ComputeHash(plumbing.BlobObject, []byte("bye")).String()
	for i := range objects(life(t)) {
		b := life(t)
		name := objects(b)[i]
		check(t, os.Remove(name)) // written read-only
		check(t, os.WriteFile(name, []byte("not zlib"), 0o644))
		r, err := Open(b.dir)
		if err == nil {
			for _, e := range r.Versions(context.Background(), "") {
				err = e
			}
			check(t, r.Close())
		}
		short := filepath.Base(name)
		readme := strings.HasSuffix(hello, short) || strings.HasSuffix(bye, short) // never read
		if (err == nil) != readme {
			t.Errorf("object %s damaged: %v", short, err)
		}
	}
}

func TestStopsWhenAsked(t *testing.T) {
	b := life(t)
	r := b.open()
	n := 0
	for range r.Versions(context.Background(), "") {
		if n++; n == 2 {
			break
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range r.Versions(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d values, want two versions and one error", n)
	}
}

func TestHeadFallsBackToMain(t *testing.T) {
	b := life(t)
	check(t, os.WriteFile(filepath.Join(b.dir, "HEAD"), []byte("ref: refs/heads/gone\n"), 0o644))
	if r := b.open(); r.Head != b.head {
		t.Errorf("head %s, want %s", r.Head, b.head)
	}
}

func BenchmarkVersions(bm *testing.B) {
	b := newBuilder(bm)
	text := strings.Repeat("We transfer your personal data to the recipients listed below. ", 400)
	tree := files{}
	for s := range 40 {
		tree[fmt.Sprintf("Service %d/Privacy Policy.md", s)] = text
	}
	b.commit("First record", tree)
	for i := range 500 {
		p := fmt.Sprintf("Service %d/Privacy Policy.md", i%40)
		tree[p] = fmt.Sprintf("%s%d", text, i)
		b.commit("Record new changes of Service Privacy Policy", tree)
	}
	check(bm, b.git.RepackObjects(&git.RepackConfig{}))
	n, size := 0, 0
	for bm.Loop() {
		r, err := Open(b.dir)
		check(bm, err)
		for v, err := range r.Versions(context.Background(), "") {
			check(bm, err)
			n++
			size += len(v.Body)
		}
		check(bm, r.Close())
	}
	bm.ReportMetric(float64(n)/bm.Elapsed().Seconds(), "versions/s")
	bm.ReportMetric(float64(size)/bm.Elapsed().Seconds()/1e6, "MB/s")
}
