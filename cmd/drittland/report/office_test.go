package report

// What office programs make of the tracked changes.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// needs ends a test where a program is missing.
func needs(t *testing.T, ok bool, what, install string) {
	t.Helper()
	switch {
	case ok:
	case os.Getenv("CI") != "":
		t.Fatalf("this test needs %s: %s", what, install)
	default:
		t.Skipf("needs %s: %s", what, install)
	}
}

// python is the one that LibreOffice's module belongs to, "" if there is none.
func python() string {
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import uno").Run() == nil {
			return p
		}
	}
	return ""
}

// An opened is what LibreOffice makes of one file.
type opened struct {
	File               string
	Accepted, Rejected [][2]string
	Redlines, Comments int
	AcceptedLinks      [][2]string `json:"accepted_links"`
	RejectedLinks      [][2]string `json:"rejected_links"`
}

// office opens files in LibreOffice, in their order. LibreOffice itself crashes now and then, on a file that it opens the next time: one that
// it cannot open in several tries fails the test.
func office(t *testing.T, files []string) []opened {
	t.Helper()
	var out []opened
	for try := 1; len(out) < len(files); try++ {
		got, err := officeOnce(t, files[len(out):])
		if out = append(out, got...); len(got) == 0 && try > 3 {
			t.Fatalf("%s: %v", files[len(out)], err)
		}
		if err != nil {
			t.Logf("LibreOffice ended after %d of %d files: %v", len(out), len(files), err)
		}
	}
	return out
}

// officeOnce opens files until LibreOffice ends; the error says why it ended too soon.
func officeOnce(t *testing.T, files []string) ([]opened, error) {
	t.Helper()
	soffice, _ := exec.LookPath("soffice")
	py := python()
	needs(t, soffice != "" && py != "", "LibreOffice and its Python module", "apt-get install libreoffice-writer python3-uno")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	listen := exec.CommandContext(t.Context(), soffice, "--headless", "--norestore", "--nologo", "--nodefault", "-env:UserInstallation=file://"+t.TempDir(),
		"--accept=socket,host=127.0.0.1,port="+port+";urp;")
	if err := listen.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listen.Wait() }()
	script := exec.CommandContext(t.Context(), py, append([]string{"testdata/redlines.py", port}, files...)...)
	var stderr bytes.Buffer
	script.Stderr = &stderr
	b, failed := script.Output()
	_ = listen.Process.Kill() // it has ended already, if all went well
	var out []opened
	s := bufio.NewScanner(bytes.NewReader(b))
	for s.Buffer(nil, 64<<20); s.Scan(); { // a line has the whole of both texts
		var o opened
		if err := json.Unmarshal(s.Bytes(), &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	if len(out) < len(files) { // Python's module may crash at its end, when everything was said
		return out, errors.Join(failed, errors.New("it said: "+stderr.String()))
	}
	return out, nil
}

// styleNames are LibreOffice's names of our styles.
var styleNames = strings.NewReplacer("ListParagraph", "List Paragraph", "Heading", "Heading ", "RowStart", "Row Start", "RowCell", "Row Cell")

func officeLines(d *snapshots.Document) [][2]string {
	out := [][2]string{}
	for _, b := range d.Blocks {
		look, _, _ := strings.Cut(lookOf(b), " ")
		if look == "" {
			look = "Standard"
		} else {
			look = styleNames.Replace(look)
		}
		out = append(out, [2]string{look, folded(docx.Clean(d.Quote(b.Span)))})
	}
	return out
}

func TestTrackedChangesInLibreOffice(t *testing.T) {
	dir := t.TempDir()
	redlines := map[string]*diff.Redline{}
	var files []string
	comments := map[string]int{}
	add := func(name string, c *analyze.Comparison) {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".docx")
		b := write(t, c)
		all, err := parts(b)
		if err := errors.Join(err, os.WriteFile(file, b, 0o644)); err != nil {
			t.Fatal(err)
		}
		files, redlines[file], comments[file] = append(files, file), c.Redline, len(all["word/comments.xml"].get("comments").kids)
	}
	for name, p := range pairs {
		add(name, compared(policy(p[0]), policy(p[1])))
	}
	add("edited throughout", compared(long(2000, 0), long(2000, 0.05)))
	add("rewritten throughout", compared(long(2000, 0), long(2000, 0.4)))
	add("comments", withFindings())
	add("links", withLinks())
	slices.Sort(files)
	got := office(t, files)
	if len(got) != len(files) {
		t.Fatalf("%d of %d files", len(got), len(files))
	}
	for _, o := range got {
		r := redlines[o.File]
		if filepath.Base(o.File) == "links.docx" {
			is, was := "https://clipzy.example/all", "https://clipzy.example/list"
			if d := cmp.Diff([][2]string{{"the list", is}, {"here", is}}, o.AcceptedLinks) + cmp.Diff([][2]string{{"the list", is}, {"there", was}}, o.RejectedLinks); d != "" {
				t.Errorf("links: %s", d)
			}
		}
		if o.Comments != comments[o.File] || (o.Redlines == 0) != (len(r.Changes)+r.Counts.Restyled == 0) {
			t.Errorf("%s: %d comments of %d, %d tracked changes", filepath.Base(o.File), o.Comments, comments[o.File], o.Redlines)
		}
		for _, x := range []struct {
			what string
			doc  *snapshots.Document
			got  [][2]string
		}{{"accepting all", r.New, o.Accepted}, {"rejecting all", r.Old, o.Rejected}} {
			want := officeLines(x.doc)
			for i := range x.got {
				if x.got[i][1] = folded(x.got[i][1]); moves(r) {
					// LibreOffice takes what moved for one change of its own, and the paragraph behind may get its style.
					x.got[i][0] = want[min(i, len(want)-1)][0]
				}
			}
			if moves(r) && len(x.got) == len(want)+1 && x.got[len(want)][1] == "End of the redline" {
				x.got = x.got[:len(want)]
			}
			if d := cmp.Diff(want, x.got); d != "" {
				t.Errorf("%s: %s (-text +LibreOffice):\n%s", filepath.Base(o.File), x.what, d)
			}
		}
	}
}

// TestTrackedChangesAreValid asks Microsoft's Open XML SDK.
func TestTrackedChangesAreValid(t *testing.T) {
	validator := os.Getenv("DRITTLAND_TEST_VALIDATOR")
	if validator == "" {
		t.Skip("needs a validator of DOCX files: export DRITTLAND_TEST_VALIDATOR=$(bash .ci/install-validator)")
	}
	file := filepath.Join(t.TempDir(), "change.docx")
	valid := func(name string, c *analyze.Comparison) {
		if err := os.WriteFile(file, write(t, c), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), validator, file, "--officeVersion", "Office2010").CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for _, name := range []string{"moved and edited", "merged", "split", "list to paragraph", "table", "columns", "from nothing", "hostile"} {
		valid(name, compared(policy(pairs[name][0]), policy(pairs[name][1])))
	}
	valid("comments", comparison())
}

// moves reports whether a block moved.
func moves(r *diff.Redline) bool {
	return slices.ContainsFunc(r.Changes, func(c diff.Change) bool { return c.Op == diff.Moved })
}
