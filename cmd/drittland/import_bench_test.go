package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/drittland/drittland/snapshots/archive"
)

// A longNotice is a notice of the size of real ones, section by section, of which versions are made.
type longNotice struct {
	r        *rand.Rand
	sections []string
}

func newLongNotice(seed uint64, size int) *longNotice {
	n := &longNotice{r: rand.New(rand.NewPCG(seed, 3))}
	for length := 0; length < size; {
		s := n.section(len(n.sections))
		n.sections = append(n.sections, s)
		length += len(s)
	}
	return n
}

func (n *longNotice) pick(of ...string) string { return of[n.r.IntN(len(of))] }

func (n *longNotice) sentence() string {
	return fmt.Sprintf("%s %s the %s that you give us %s, for %d months, %s. ", n.pick("We", "Our affiliates", "Our processors", "Clipzy Hosting Ltd", "Our partners"),
		n.pick("store", "transfer", "disclose", "analyse", "combine"), n.pick("personal data", "settings", "messages", "pictures", "records of payments"),
		n.pick("in India", "in Norway", "to recipients in Japan", "outside the European Economic Area", "in the United States"), 1+n.r.IntN(60),
		n.pick("on the basis of the [standard contractual clauses](https://clipzy.example/legal/scc)", "with your **consent**", "to perform our contract with you", "as the law demands"))
}

func (n *longNotice) section(i int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%d\\. %s\n%s\n\n", i+1, n.pick("Transfers of data", "Recipients", "Your rights", "Cookies"), strings.Repeat("-", 20))
	for range 3 {
		for range 4 {
			s.WriteString(n.sentence())
		}
		s.WriteString("\n\n")
	}
	for range 5 {
		s.WriteString("*   " + n.sentence() + "\n")
	}
	s.WriteString("\nWrite to dpo@clipzy.example or see https://clipzy.example/privacy.\n\n")
	return s.String()
}

// next is the next version: mostly a sentence more, now and then a section that is written anew.
func (n *longNotice) next() string {
	i := n.r.IntN(len(n.sections))
	if n.r.IntN(5) == 0 {
		n.sections[i] = n.section(i)
	} else {
		n.sections[i] += n.sentence() + "\n\n"
	}
	return "Privacy Policy\n==============\n\n" + strings.Join(n.sections, "")
}

// makeLongCollection makes a repository with n versions of each of six notices of about 50 kB.
func makeLongCollection(b *testing.B, n int) string {
	dir := filepath.Join(b.TempDir(), "long-versions")
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		b.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		b.Fatal(err)
	}
	var notices []*longNotice
	for i := range 6 {
		notices = append(notices, newLongNotice(uint64(i), 50_000))
	}
	for i := range 6 * n {
		service := fmt.Sprintf("Clipzy %d", i%6)
		if err := change(tree, dir, service+"/Privacy Policy.md", []byte(notices[i%6].next())); err != nil {
			b.Fatal(err)
		}
		sign := &object.Signature{Name: "Clipzy Watch", Email: "watch@clipzy.example", When: time.Date(2020, 1, 1, i, 0, 0, 0, time.UTC)}
		if _, err := tree.Commit("Record new changes of "+service+" Privacy Policy", &git.CommitOptions{Author: sign, Committer: sign}); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkImport imports a collection of 600 versions of notices of 50 kB into an empty archive and reads them.
func BenchmarkImport(b *testing.B) {
	const each = 100
	repo := makeLongCollection(b, each)
	var size int64
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "archive")
		var out bytes.Buffer
		env := environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Now: time.Now}
		if code := run(context.Background(), []string{"drittland", "--archive", dir, "import", "ota", repo}, env); code != exitOK {
			b.Fatalf("exit code %d\n%s", code, out.String())
		}
		b.StopTimer()
		a, err := archive.Open(dir, archive.Options{ReadOnly: true})
		if err != nil {
			b.Fatal(err)
		}
		st, err := a.Stats()
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
		if err != nil || st.Versions != 6*each || st.Pending != 0 {
			b.Fatal(st, err)
		}
		size = st.Captures + st.Index
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*6*each)/b.Elapsed().Seconds(), "versions/s")
	b.ReportMetric(float64(size)/(6*each), "B/version")
}
