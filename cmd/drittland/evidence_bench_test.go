package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// BenchmarkEvidence exports one version out of archives of several sizes, and checks the bundle: what it takes must not grow with the
// archive.
func BenchmarkEvidence(b *testing.B) {
	for _, captures := range []int{100, 1000, 10_000} {
		dir := filepath.Join(b.TempDir(), "archive")
		manyImports(b, dir, captures)
		tl := &tool{words: locale.For("en"), env: environment{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, Getenv: func(string) string { return dir }}}
		engine, err := tl.engine(nil)
		if err != nil {
			b.Fatal(err)
		}
		s := &store{tool: tl, dir: dir}
		if err := s.read(b.Context(), func(*archive.Archive) error { return nil }); err != nil { // what is pending is read first
			b.Fatal(err)
		}
		out := filepath.Join(b.TempDir(), "clipzy.zip")
		b.Run(fmt.Sprintf("export/%d", captures), func(b *testing.B) {
			for b.Loop() {
				x := &exporter{tool: tl, engine: engine, parts: tl.attachments(), created: time.Now()}
				err := s.look(func(a *archive.Archive) error {
					if err := x.choose(a, "Clipzy 7", "", []string{"1"}); err != nil {
						return err
					}
					return x.file(b.Context(), a, out)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("verify/%d", captures), func(b *testing.B) {
			for b.Loop() {
				if v, err := verifyBundle(out, tl.attachments()); err != nil || v.Damaged {
					b.Fatal(v, err)
				}
			}
		})
		if err := os.Remove(out); err != nil {
			b.Fatal(err)
		}
	}
}

// manyImports makes an archive of texts of as many services.
func manyImports(b *testing.B, dir string, n int) {
	b.Helper()
	if err := archive.Create(dir); err != nil {
		b.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	var batch []archive.Import
	for i := range n {
		service := fmt.Sprintf("Clipzy %d", i)
		batch = append(batch, archive.Import{Body: fmt.Appendf(nil, "# Privacy Policy\n\nWe are Clipzy %d and store your personal data on servers in Ireland, and nowhere else.\n", i),
			Snapshot: snapshots.Snapshot{Terms: snapshots.Terms{Service: service, Type: defaultType}, At: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC), MediaType: "text/markdown",
				Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprintf("%040x", i+1), Path: service + "/" + defaultType + ".md", Subject: "First record of " + service}}})
	}
	for part := range slices.Chunk(batch, 100) { // one record speaks of all that is put at once, and goes into the bundle whole
		if _, err := a.PutImports(part, archive.Cursor{}); err != nil {
			b.Fatal(err)
		}
	}
}
