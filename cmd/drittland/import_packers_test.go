package main

// What other programs capture and pack is imported: warcio.js and js-wacz from npm, Wget. The site is ours.

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// packed captures pages of a site with programs of others, and gives the WARC file and the WACZ file.
func packed(t *testing.T, addresses ...string) (warc, wacz string) {
	t.Helper()
	dir := t.TempDir()
	script, err := os.ReadFile("testdata/pack.mjs")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "pack.mjs"), script, 0o644)
	}
	if err == nil { // where node looks for what the script imports
		err = os.Symlink(filepath.Join(readers(t), "node_modules"), filepath.Join(dir, "node_modules"))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", append([]string{"pack.mjs", dir}, addresses...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "capture.warc.gz"), filepath.Join(dir, "capture.wacz")
}

func TestImportWhatOthersPack(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/privacy":
			http.Redirect(w, r, "/legal/privacy", http.StatusMovedPermanently)
		case "/legal/privacy":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			fmt.Fprint(z, policyOf("Kenya"))
		case "/photo": // larger than what a packer reads at once, and not to be compressed
			w.Header().Set("Content-Type", "image/png")
			for i := range uint64(5000) {
				sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
				if _, err := w.Write(sum[:]); err != nil {
					return
				}
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	page := web.URL + "/privacy"
	warc, wacz := packed(t, page, web.URL+"/photo")
	for _, x := range []struct{ kind, file, name string }{{"wacz", wacz, "Clipzy"}, {"warc", warc, "Otherzy"}} {
		u := &user{t: t, home: t.TempDir(), now: time.Now(), env: map[string]string{}}
		u.sees(u.does(exitOK, "import", x.kind, x.file, "--list"), "text/html", page[len("http://"):len(page)-len("/privacy")]+"/legal/privacy")
		u.sees(u.does(exitOK, "import", x.kind, x.file, "--service", x.name, "--url", page), "1 capture by others, 1 new; 0 refused")
		u.sees(u.does(exitOK, "show", x.name), "servers in Kenya")
		u.sees(u.does(exitOK, "archive", "check"), "whole: ")
		out := filepath.Join(t.TempDir(), "bundle.zip")
		u.does(exitOK, "evidence", "export", x.name, "--out", out)
		u.sees(u.does(exitOK, "evidence", "verify", out), "All is as it was written")
		s := manifestOf(t, out).Exhibits[0].Snapshots[0]
		if by := s.Snapshot.ThirdParty; by == nil || by.Digests != "agree" || by.Software != "warcio.js" || s.Replay != web.URL+"/legal/privacy" || s.Conversion != nil {
			t.Errorf("%s: %+v, shown at %s", x.kind, by, s.Replay)
		}
		if strings.Contains(x.kind, "wacz") != (s.Snapshot.ThirdParty.Within != "") {
			t.Errorf("%s: within %q", x.kind, s.Snapshot.ThirdParty.Within)
		}
	}
}
