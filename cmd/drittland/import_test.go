package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// makeCollection makes a repository with n versions of a policy.
func makeCollection(t testing.TB, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clipzy-versions")
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		body := strings.Repeat("We keep your data as long as we need them. ", 20) + fmt.Sprintf("\n\nMessages are kept for %d months.\n", i+1)
		if err := change(tree, dir, "Clipzy/Privacy Policy.md", []byte("# Privacy Policy\n\n"+body)); err != nil {
			t.Fatal(err)
		}
		sign := &object.Signature{Name: "Clipzy Watch", Email: "watch@clipzy.example", When: time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC)}
		if _, err := tree.Commit("Record new changes", &git.CommitOptions{Author: sign, Committer: sign}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A countdown is a context that is cancelled after it was asked some times.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestInterruptedImportKeepsWhatIsRecorded(t *testing.T) {
	repo, dir := makeCollection(t, 12), filepath.Join(t.TempDir(), "archive")
	var out, messages bytes.Buffer
	env := environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &messages, Getenv: func(string) string { return "" }, Now: time.Now}
	count := func() archive.Stats {
		a, err := archive.Open(dir, archive.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		st, err := a.Stats()
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	ctx := &countdown{Context: context.Background()}
	ctx.left.Store(20) // within the texts: the history is walked first
	if code := run(ctx, []string{"drittland", "--archive", dir, "import", "ota", repo}, env); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d\n%s", code, exitInterrupted, messages.String())
	}
	if !strings.Contains(messages.String(), "what was recorded until now is kept") {
		t.Errorf("messages: %s", messages.String())
	}
	if st := count(); st.Snapshots == 0 || st.Snapshots == 12 {
		t.Fatalf("%d snapshots after an interruption in the middle of 12", st.Snapshots)
	}
	if code := run(context.Background(), []string{"drittland", "--archive", dir, "import", "ota", repo}, env); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, messages.String())
	}
	if st := count(); st.Snapshots != 12 || st.Versions != 12 || st.Pending != 0 {
		t.Errorf("after going on: %+v", st)
	}
}

// TestDeriveIsDeterministic derives the same evidence twice: the index made anew holds the same versions.
func TestDeriveIsDeterministic(t *testing.T) {
	repo, dir := makeCollection(t, 30), filepath.Join(t.TempDir(), "archive")
	demoRun(t, "--archive", dir, "import", "ota", repo)
	before := demoRun(t, "--archive", dir, "log", "Clipzy", "--format", "json")
	demoRun(t, "--archive", dir, "archive", "rebuild")
	if after := demoRun(t, "--archive", dir, "log", "Clipzy", "--format", "json"); after != before {
		t.Errorf("the rebuilt archive has another log:\n%s\n%s", before, after)
	}
	if strings.Count(before, `"number":`) != 30 {
		t.Errorf("log: %s", before)
	}
}

// TestLateImport puts older texts behind a newer one: each is compared with the one before it in time.
func TestLateImport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	put := func(day int, place string) {
		a, err := archive.Open(dir, archive.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		s := snapshots.Snapshot{Terms: snapshots.Terms{Service: "Clipzy", Type: defaultType}, At: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC),
			MediaType: "text/markdown", Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprint(day), Path: "Clipzy/Privacy Policy.md"}}
		if _, err := a.PutImport(s, []byte("# Privacy Policy\n\nWe store your personal data on servers in "+place+".\n\nWe keep them until you delete your account, and you can ask us for a copy of them at any time.\n")); err != nil {
			t.Fatal(err)
		}
		if err := (&tool{}).derive(context.Background(), a, nil); err != nil {
			t.Fatal(err)
		}
	}
	put(1, "Ireland")
	put(20, "Japan")
	put(10, "Brazil")
	out := demoRun(t, "--archive", dir, "log", "Clipzy")
	if !strings.Contains(out, "3  2026-01-20") || !strings.Contains(out, "+ storage: JP") || !strings.Contains(out, "– storage: BR") {
		t.Errorf("log:\n%s", out)
	}
}

func TestRowsOfAnotherProgramAreForgotten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	demoRun(t, "--archive", dir, "demo")
	s := &store{tool: &tool{env: environment{Stderr: os.Stderr, Now: time.Now}}, dir: dir}
	terms := snapshots.Terms{Service: "Clipzy", Type: defaultType}
	demoRun(t, "--archive", dir, "log", "Clipzy")
	var known *remembered
	look := func() {
		t.Helper()
		if err := s.look(func(a *archive.Archive) (err error) { known, err = recall(a, lineKey{terms: terms}); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if look(); len(known.Rows) != 3 {
		t.Fatalf("%d rows are remembered, want 3", len(known.Rows))
	}
	known.Program, known.fresh = "another", 1
	s.remember(known)
	if look(); len(known.Rows) != 0 {
		t.Errorf("%d rows of another program are used", len(known.Rows))
	}
}
