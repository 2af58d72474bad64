package main

// What is exported is read by programs of others: ReplayWeb.page in Chromium, warcio, sha256sum.

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/drittland/drittland/snapshots/wacz"
	"github.com/drittland/drittland/snapshots/warc"
)

// readers is where the third-party readers are installed. The test ends where there are none.
func readers(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DRITTLAND_TEST_READERS")
	if dir == "" {
		const hint = "this test needs readers from npm: DRITTLAND_TEST_READERS=$(bash .ci/install-readers) go test"
		if os.Getenv("CI") != "" {
			t.Fatal(hint)
		}
		t.Skip(hint)
	}
	return dir
}

// unpack unpacks a ZIP file with a plain reader and gives the directory.
func unpack(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	r, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// policyOf is the policy of Clipzy that stores data in a country.
func policyOf(country string) string {
	return "<html lang=en><head><title>Clipzy privacy</title></head><body><main><h1>Privacy policy</h1><p>" + strings.ReplaceAll(clause, "India", country) +
		"You may ask us for access to your data, and you may object to their use at any time; write to privacy@clipzy.example for both.</p></main></body></html>"
}

// recorded makes an archive with a policy that changed and changed back, one that a browser read, an imported one, and one that others captured. Each is a name and a
// version of it, and words that must stand in it when it is replayed.
func recorded(t *testing.T) (*user, [][3]string) {
	t.Helper()
	var country atomic.Value
	country.Store("India")
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/privacy":
			http.Redirect(w, r, "/legal/privacy?lang=en&x=1", http.StatusMovedPermanently)
		case "/legal/privacy":
			fmt.Fprint(w, policyOf(country.Load().(string)))
		case "/app":
			fmt.Fprint(w, app)
		case "/app.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, "document.getElementById('root').innerHTML = %q", policyOf("Japan"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	u.does(exitOK, "track", "add", "Clipzy", web.URL+"/privacy", "--lang", "en")
	for _, c := range []string{"India", "Singapore", "India"} {
		country.Store(c)
		u.does(exitOK, "run", "--all")
	}
	u.does(exitOK, "track", "add", "Appzy", web.URL+"/app", "--lang", "en")
	u.does(exitOK, "run", "Appzy")
	repo := gitCollection(t, "Pixelfern/Privacy Policy.md", strings.ReplaceAll(clause, "India", "Brazil")+"\n", strings.ReplaceAll(clause, "India", "Mexico")+"\n")
	u.does(exitOK, "import", "ota", repo)
	u.does(exitOK, "import", "warc", capturesOfOthers(t), "--service", "Otherzy", "--url", "http://www.otherzy.example/privacy")
	u.now = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	u.does(exitOK, "import", "warc", "../../fetch/foreign/testdata/wget.warc.gz", "--service", "Wget", "--url", "http://clipzy.example/old")
	return u, [][3]string{{"Clipzy", "1", "India"}, {"Clipzy", "2", "Singapore"}, {"Clipzy", "3", "India"}, {"Appzy", "1", "Japan"}, {"Pixelfern", "2", "Mexico"},
		{"Otherzy", "1", "Kenya"}, {"Otherzy", "2", "Brazil"}, {"Otherzy", "3", "Kenya"}, {"Otherzy", "5", "Kenya"}, {"Wget", "1", "Ireland"}}
}

// gitCollection is a repository with one file, and a commit for each content of it.
func gitCollection(t *testing.T, name string, contents ...string) string {
	t.Helper()
	dir := t.TempDir()
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range contents {
		body := "# Privacy policy\n\n" + c + "\nYou may ask us for access to your data, and you may object to their use at any time.\n"
		if err := change(tree, dir, name, []byte(body)); err != nil {
			t.Fatal(err)
		}
		who := &object.Signature{Name: "Clipzy Watch", Email: "watch@clipzy.example", When: time.Date(2025, 3, 1+i, 9, 0, 0, 0, time.UTC)}
		if _, err := tree.Commit("Record new changes", &git.CommitOptions{Author: who, Committer: who}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReplay(t *testing.T) {
	needsChromium(t)
	tools := readers(t)
	u, list := recorded(t)
	dir := t.TempDir()
	mux := http.NewServeMux()
	mux.Handle("/wacz/", http.StripPrefix("/wacz/", http.FileServer(http.Dir(dir)))) // answers ranges
	for path, file := range map[string]string{"/ui.js": "ui.js", "/replay/sw.js": "sw.js", "/replay/ui.js": "ui.js", "/replay/": "index.html"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(tools, "node_modules/replaywebpage", file))
		})
	}
	mux.HandleFunc("/show/", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		fmt.Fprintf(w, `<!doctype html><body style="margin:0"><script src="/ui.js"></script><replay-web-page style="height:100vh" source="/wacz/%s" url="%s" ts="%s" replayBase="/replay/"></replay-web-page>`,
			q.Get("wacz"), strings.ReplaceAll(q.Get("url"), "&", "&amp;"), q.Get("ts"))
	})
	player := httptest.NewServer(mux)
	defer player.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.WindowSize(1200, 800))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	for i, x := range list {
		out := filepath.Join(dir, fmt.Sprintf("bundle-%d.zip", i))
		u.does(exitOK, "evidence", "export", x[0], x[1], "--out", out)
		u.sees(u.does(exitOK, "evidence", "verify", out), "All is as it was written")
		capture := filepath.Join(unpack(t, out), "A-1_capture.wacz")
		name := fmt.Sprintf("%d.wacz", i)
		b, err := os.ReadFile(capture)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		checkWithWarcio(t, tools, capture)
		r, err := wacz.Open(bytes.NewReader(b), int64(len(b)), wacz.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		pages, err := r.Pages()
		if err != nil || len(pages) == 0 {
			t.Fatal(err, pages)
		}
		q := url.Values{"wacz": {name}, "url": {pages[0].URL}, "ts": {pages[0].At.Format("20060102150405")}}
		text, picture := replayed(t, ctx, player.URL+"/show/?"+q.Encode(), x[2])
		if !strings.Contains(text, "servers in "+x[2]) {
			t.Errorf("%v: the replayed page reads\n%s", x, text)
		}
		if to := os.Getenv("DRITTLAND_TEST_PICTURES"); to != "" {
			if err := os.WriteFile(filepath.Join(to, fmt.Sprintf("replay-%d.png", i)), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// innermost is the text of all frames, within shadow trees as well.
const innermost = `(() => {
	let out = '';
	const go = root => {
		for (const e of root.querySelectorAll('*')) {
			if (e.shadowRoot) go(e.shadowRoot);
			if (e.tagName == 'IFRAME') try {
				const d = e.contentDocument;
				if (d) { out += '\n' + e.src + '\n' + (d.body ? d.body.innerText : ''); go(d); }
			} catch {}
		}
	};
	go(document);
	return out;
})()`

// replayed opens a page and waits until one of its frames says what is wanted; then it gives the text of all frames and a picture.
func replayed(t *testing.T, ctx context.Context, page, want string) (text string, picture []byte) {
	t.Helper()
	for i := range 300 {
		if i%100 == 0 { // a service worker that is installed just now may not answer the first page
			if _, err := chromedp.Run(ctx, chromedp.Navigate(page)); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if text, err = chromedp.Run(ctx, chromedp.Evaluate[string](innermost)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "servers in "+want) {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	return text, picture
}

// checkWithWarcio lets warcio index the records of a WACZ file and compares each line with our index, and with what it says itself.
func checkWithWarcio(t *testing.T, tools, capture string) {
	t.Helper()
	dir := unpack(t, capture)
	index := func(args ...string) []map[string]any {
		cmd := exec.Command("node", append([]string{filepath.Join(tools, "node_modules/warcio/dist/cli.js")}, args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			t.Fatalf("warcio %v: %v\n%s", args, err, stderr.String())
		}
		var lines []map[string]any
		for line := range strings.Lines(string(out)) {
			var m map[string]any
			if err := json.Unmarshal([]byte(line[strings.IndexByte(line, '{'):]), &m); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			m["key"], _, _ = strings.Cut(line, " ")
			lines = append(lines, m)
		}
		return lines
	}
	b, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	r, err := wacz.Open(bytes.NewReader(b), int64(len(b)), wacz.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := r.Index()
	if err != nil || len(lines) == 0 {
		t.Fatal(err, lines)
	}
	for _, name := range r.Archives() {
		file := filepath.Join(dir, filepath.FromSlash(name))
		read := map[string]map[string]any{}
		all := index("index", file, "-f", "warc-type,offset,length,warc-record-id,warc-block-digest")
		for _, m := range all {
			read[fmt.Sprint(m["offset"])] = m
		}
		ours := recordsIn(t, r, name)
		for offset, h := range ours {
			m := read[fmt.Sprint(offset)]
			if m == nil || fmt.Sprint(m["warc-record-id"]) != h.Get("WARC-Record-ID") || fmt.Sprint(m["warc-block-digest"]) != orWords(h.Get("WARC-Block-Digest"), "<nil>") {
				t.Errorf("warcio reads %v at offset %d of %s, where record %s stands", m, offset, name, h.Get("WARC-Record-ID"))
			}
		}
		if len(ours) == 0 || len(ours) != len(all) {
			t.Errorf("%s: %d records, warcio reads %d", name, len(ours), len(all))
		}
		keys := map[string]map[string]any{}
		for _, m := range index("cdx-index", file) {
			keys[fmt.Sprint(m["offset"])] = m
		}
		for _, l := range lines {
			if m := keys[fmt.Sprint(l.Offset)]; l.Filename == filepath.Base(file) && (m == nil || m["key"] != l.Key || fmt.Sprint(m["length"]) != fmt.Sprint(l.Length) || m["url"] != l.URL) {
				t.Errorf("our index says %+v, warcio's %v", l, m)
			}
		}
	}
}

// recordsIn are the headers of the records in a file of a WACZ file, by offset.
func recordsIn(t *testing.T, r *wacz.Reader, name string) map[int64]warc.Header {
	t.Helper()
	out := map[int64]warc.Header{}
	if r.HoldsOthers(name) {
		for rec, err := range r.Others() {
			if err != nil {
				t.Fatal(err)
			}
			out[rec.Extent.Offset] = rec.Head.Header
		}
		return out
	}
	for rec, err := range r.Records(name) {
		if err != nil {
			t.Fatal(err)
		}
		out[rec.Extent.Offset] = rec.Header
	}
	return out
}

// TestSumsOfABundle lets sha256sum check an unpacked bundle.
func TestSumsOfABundle(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("needs sha256sum")
	}
	out := exportedFull(t)
	dir := unpack(t, out)
	cmd := exec.Command("sha256sum", "--strict", "-c", sumsName)
	cmd.Dir = dir
	got, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(got), ": OK\n") != len(filesIn(t, out))-1 {
		t.Errorf("%v\n%s", err, got)
	}
	if err := os.WriteFile(filepath.Join(dir, "A-4_text.txt"), []byte("Clipzy keeps all data in Norway."), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("sha256sum", "--strict", "-c", sumsName)
	cmd.Dir = dir
	if got, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(got), "A-4_text.txt: FAILED") {
		t.Errorf("%v\n%s", err, got)
	}
}
