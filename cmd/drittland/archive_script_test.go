package main

import (
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// TestArchiveScripts runs the scripts about the archive. Each has a web server of its own, $WEB, which serves the folder
// web of the script's directory as fakeweb_test.go says, so that a script changes a page by changing a file. Below /v1 it is the model of
// scriptmodel_test.go.
func TestArchiveScripts(t *testing.T) {
	p := archiveScripts()
	p.UpdateScripts = *update
	testscript.Run(t, p)
}

// TestArchiveScriptsOnServer runs the same scripts with an archive on a server: each has a database and a folder of objects of its own. What a script
// says of the files in the folder of an archive stands behind [!server].
func TestArchiveScriptsOnServer(t *testing.T) {
	server := pgtest.Need(t)
	p := archiveScripts()
	p.Condition = func(c string) (bool, error) { return c == "server", nil }
	if testing.Short() {
		p.Dir = ""
		for _, name := range []string{"archive", "decide", "erase", "evidence", "foreign", "import", "track"} {
			p.Files = append(p.Files, filepath.Join("testdata", "archive", name+".txtar"))
		}
	}
	folder := p.Setup
	p.Setup = func(e *testscript.Env) error {
		if err := folder(e); err != nil {
			return err
		}
		objects := filepath.Join(e.WorkDir, "objects")
		e.Setenv("DRITTLAND_ARCHIVE", server.Database(e.T().(testing.TB)))
		e.Setenv("DRITTLAND_OBJECTS", "file://"+objects)
		e.Setenv("CAPTURES", "objects/captures/*/*.gz")
		return os.Mkdir(objects, 0o755)
	}
	testscript.Run(t, p)
}

func archiveScripts() testscript.Params {
	return testscript.Params{
		Dir:                 "testdata/archive",
		RequireExplicitExec: true,
		Condition:           func(c string) (bool, error) { return false, nil },
		Setup: func(e *testscript.Env) error {
			web := http.NewServeMux()
			web.Handle("/", webFolder(filepath.Join(e.WorkDir, "web")))
			web.Handle("/v1/chat/completions", &scriptModel{dir: e.WorkDir})
			srv := httptest.NewServer(web)
			e.Defer(srv.Close)
			e.Setenv("WEB", srv.URL)
			e.Setenv("NOW", testNow)
			e.Setenv("HOME", e.WorkDir)
			others, err := filepath.Abs("../../fetch/foreign/testdata")
			if err != nil {
				return err
			}
			e.Setenv("OTHERS", others)
			e.Setenv("DRITTLAND_ARCHIVE", filepath.Join(e.WorkDir, "archive"))
			e.Setenv("CAPTURES", "archive/captures/*.gz")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "collection": collection, "damage": damage, "captures": captures, "wacz": packWACZ, "expand": expand},
	}
}

// expand puts the address of the web server into files: expand FILE ...
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE ...")
	}
	for _, name := range args {
		s := strings.ReplaceAll(ts.ReadFile(name), "$WEB", ts.Getenv("WEB"))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(s), 0o644))
	}
}

// collection adds commits to a repository: collection REPO DIR, where each folder in DIR is one commit, in the order of their
// names. Its file MESSAGE holds the date and, below it, the message; a file of no bytes removes the text.
func collection(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: collection REPO DIR")
	}
	path := ts.MkAbs(args[0])
	repo, err := git.PlainInit(path, false)
	if err != nil {
		repo, err = git.PlainOpen(path)
	}
	ts.Check(err)
	tree, err := repo.Worktree()
	ts.Check(err)
	commits, err := os.ReadDir(ts.MkAbs(args[1]))
	ts.Check(err)
	for _, c := range commits {
		from := filepath.Join(ts.MkAbs(args[1]), c.Name())
		date, message, _ := strings.Cut(ts.ReadFile(filepath.Join(from, "MESSAGE")), "\n")
		when, err := time.Parse(time.RFC3339, date)
		ts.Check(err)
		ts.Check(filepath.WalkDir(from, func(p string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || e.Name() == "MESSAGE" {
				return err
			}
			name, err := filepath.Rel(from, p)
			ts.Check(err)
			return change(tree, path, name, []byte(ts.ReadFile(p)))
		}))
		sign := &object.Signature{Name: "Clipzy Watch", Email: "watch@clipzy.example", When: when}
		_, err = tree.Commit(message, &git.CommitOptions{Author: sign, Committer: sign, AllowEmptyCommits: true})
		ts.Check(err)
	}
}

func change(tree *git.Worktree, path, name string, body []byte) error {
	if len(body) == 0 {
		_, err := tree.Remove(filepath.ToSlash(name))
		return err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(path, name)), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(path, name), body, 0o644); err != nil {
		return err
	}
	_, err := tree.Add(filepath.ToSlash(name))
	return err
}

// captures prints what the capture files hold.
func captures(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: captures")
	}
	files, err := filepath.Glob(ts.MkAbs(ts.Getenv("CAPTURES")))
	ts.Check(err)
	for _, name := range files {
		f, err := os.Open(name)
		ts.Check(err)
		z, err := gzip.NewReader(f)
		ts.Check(err)
		_, err = io.Copy(ts.Stdout(), z)
		ts.Check(err)
		ts.Check(f.Close())
	}
}

// packWACZ packs a WARC file: wacz PACKAGE FILE
func packWACZ(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: wacz PACKAGE FILE")
	}
	content := ts.ReadFile(args[1])
	name := "archive/" + filepath.Base(args[1])
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	z := zip.NewWriter(f)
	for _, x := range [][2]string{{name, content}, {"datapackage.json", fmt.Sprintf(
		`{"profile":"data-package","resources":[{"path":%q,"hash":"sha256:%s"}]}`, name, snapshots.HashOf([]byte(content)))}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: x[0], Method: zip.Store})
		ts.Check(err)
		_, err = io.WriteString(w, x[1])
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(f.Close())
}

// damage turns some bytes in the middle of a file over: damage FILE
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	b := []byte(ts.ReadFile(args[0]))
	for i := len(b) / 2; i < len(b)/2+16; i++ {
		b[i] ^= 0x55
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), slices.Clone(b), 0o644))
}
