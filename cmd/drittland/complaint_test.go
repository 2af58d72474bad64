package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/demo"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// clipzyArchive is an archive of the policy of the demonstration: two versions, the second with its linked page and the pictures
// of a browser. Everything in it is fixed, addresses and times included.
func clipzyArchive(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	terms, base := snapshots.Terms{Service: "Clipzy", Type: defaultType}, "https://clipzy.example"
	if err := a.PutDeclaration(snapshots.Declaration{Service: terms.Service, TermsType: terms.Type, Sources: []snapshots.Source{{URL: base + demo.English, Lang: "en"}},
		Added: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	var site demo.Site
	get := func(path, annexOf string, at time.Time) *snapshots.Capture {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, base+path, nil))
		body := w.Body.Bytes()
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d", path, w.Code)
		}
		return &snapshots.Capture{Terms: terms, AnnexOf: annexOf, URL: base + path, FinalURL: base + path, At: at, Status: 200, MediaType: "text/html", Charset: "utf-8", Body: body,
			Exchanges: []snapshots.Exchange{{URL: base + path, Started: at, Ended: at.Add(time.Second), RemoteIP: "192.0.2.7", Protocol: "http/1.1", TLS: "tls/1.3",
				TLSChain: []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
				Request:  []byte("GET " + path + " HTTP/1.1\r\nHost: clipzy.example\r\nUser-Agent: drittland-test <client>\r\n\r\n"),
				Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}}
	}
	first := get(demo.English, "", time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC))
	site.Publish()
	second := get(demo.English, "", time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC))
	second.Use(&snapshots.Rendering{Browser: "Chromium 1.2", URL: second.URL, At: second.At, Status: 200, HTML: second.Body, Screenshot: tallPicture(t, 1280, 5000),
		PDF: []byte("%PDF-1.4\n% the page as the browser printed it\n")})
	list := get(demoCountries(t, second.Body), base+demo.English, second.At.Add(time.Minute))
	for _, c := range []*snapshots.Capture{first, second, list} {
		if _, err := a.PutCapture(c); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// demoCountries is the path of the list of countries that the policy links.
func demoCountries(t *testing.T, body []byte) string {
	t.Helper()
	m := regexp.MustCompile(`href="(/[^"]*countr[^"]*)"`).FindSubmatch(body)
	if m == nil {
		t.Fatal("the policy links no list of countries")
	}
	return string(m[1])
}

// tallPicture is a PNG with a different colour in each tenth.
func tallPicture(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{R: uint8(y * 10 / height * 25), G: 120, B: uint8(x), A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// process runs one command line in a process of its own: what --locale sets is set for good.
func process(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("drittland", args...)
	cmd.Env = append(os.Environ(), "NOW="+testNow, "HOME="+t.TempDir())
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("drittland %v: %v\n%s", args, err, stderr.String())
	}
	return out.String()
}

// TestComplaint holds drafts in four languages against golden files, and their words against those that a draft never says.
func TestComplaint(t *testing.T) {
	dir := clipzyArchive(t)
	for lang, authority := range map[string]string{"en": "dpc", "de": "bfdi", "fr": "cnil", "nl": "ap"} {
		out := process(t, "--archive", dir, "--locale", lang, "evidence", "complaint", "Clipzy", "--finding", "T05", "--finding", "T07,t05", "--authority", authority)
		out = strings.ReplaceAll(out, "drittland "+version(), "drittland VERSION")
		golden := filepath.Join("testdata", "complaint."+lang+".md")
		if *update {
			if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s: not as in %s; run with -update and look at the difference\n%s", lang, golden, out)
		}
		for l := range strings.Lines(out) {
			if !strings.HasPrefix(l, "> ") { // words of the policy
				neutral(t, lang, l)
			}
		}
	}
}

// verdicts are words that state an infringement as a fact, or promise more than evidence can. The name that the law itself gives
// to what a complaint describes ("alleged infringement") is none of them.
var verdicts = regexp.MustCompile(`(?i)(^|[^\pL])(violat(e|es|ed|ing)|illegal\pL*|unlawful\pL*|infring(e|es|ed|ing)|(is|are) in breach|breach(es|ed)|court-?proof|` +
	`verst(ößt|oßen|ieß|ießen)|rechtswidrig\pL*|unrechtmäßig\pL*|unzulässig\pL*|gerichtsfest\pL*|verletz(t|en)|` +
	`viol(e|ent|é|ée)|enfrei(nt|gnent)|illégal\pL*|illicite\pL*|` +
	`schend(t|en)|geschonden|onrechtmatig\pL*|onwettig\pL*|illega(al|le)|overtre(edt|den))([^\pL]|$)`)

func neutral(t *testing.T, lang, words string) {
	t.Helper()
	if m := verdicts.FindString(words); m != "" {
		t.Errorf("%s: %q stands in %q", lang, m, words)
	}
}

// TestNeutralWords holds everything that a draft or an exhibit can say against those words, in all languages.
func TestNeutralWords(t *testing.T) {
	for _, w := range []string{"This violates Art. 46.", "das verstößt gegen", "rechtswidrige Übermittlung", "le texte viole", "un transfert illégal,", "dit schendt", "is onrechtmatig", "court-proof"} {
		if !verdicts.MatchString(w) {
			t.Errorf("%q passes", w)
		}
	}
	g := &gatherer{seen: map[string]bool{}}
	names, _ := filepath.Glob("complaint/*.go")
	for _, n := range append(names, "complaint.go", "filing.go", "evidence.go") {
		g.source(t, n)
	}
	if len(g.list) < 100 {
		t.Fatalf("only %d messages", len(g.list))
	}
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range locale.Languages() {
		w := locale.For(lang)
		for _, m := range g.list {
			neutral(t, lang, w.T(m.one))
		}
		for i := range set.Checks {
			x := set.Text(&set.Checks[i], lang)
			neutral(t, lang, x.Title+" | "+x.Message+" | "+x.LookUp)
		}
	}
}

func TestComplaintOfNothing(t *testing.T) {
	dir := clipzyArchive(t)
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "no supervisory authority is known as", []string{"Clipzy", "--finding", "T05", "--authority", "edps"}},
		{exitUsage, "version 2 has no finding T99", []string{"Clipzy", "--finding", "T99", "--authority", "dpc"}},
		{exitUsage, "has no version 9", []string{"Clipzy", "--finding", "T05", "--authority", "dpc", "--version", "9"}},
		{exitUsage, "--finding", []string{"Clipzy", "--authority", "dpc"}},
		{exitUsage, "--authority list", []string{"Clipzy", "--finding", "T05"}},
		{exitUsage, "expected one of", []string{"Clipzy", "--finding", "T05", "--authority", "dpc", "--format", "pdf"}},
		{exitUsage, "name the service", []string{"--finding", "T05", "--authority", "dpc"}},
		{exitUsage, "holds no service", []string{"Nobody", "--finding", "T05", "--authority", "dpc"}},
	} {
		code, out, stderr := command(t, "", append([]string{"--archive", dir, "evidence", "complaint"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) || out != "" {
			t.Errorf("%v: exit code %d, %q, want %d and %q", c.args, code, stderr, c.code, c.want)
		}
	}
}

// TestComplaintAboutImport drafts from what others recorded: no client, no server, no word that we received it.
func TestComplaintAboutImport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var batch []archive.Import
	for i, text := range []string{"We keep your personal data in Ireland.", "We transfer your personal data to India, where our provider keeps them <b>safe</b>."} {
		batch = append(batch, archive.Import{Body: []byte("# Privacy Policy\n\n" + text + "\n"), Snapshot: snapshots.Snapshot{Terms: snapshots.Terms{Service: "Petit Panier", Type: "Shop [Terms] Privacy"},
			At: time.Date(2026, 1, i+1, 0, 0, 0, 0, time.UTC), MediaType: "text/markdown", Origin: &snapshots.Origin{Repo: "petit-versions", Commit: fmt.Sprint("c", i), Path: "Petit Panier/Privacy.md"}}})
	}
	if _, err := a.PutImports(batch, archive.Cursor{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	out := process(t, "--archive", dir, "evidence", "complaint", "Petit Panier", "--finding", "T01", "--authority", "datatilsynet-dk", "--version", "2")
	for _, want := range []string{"- **Recorded by others:** 2026-01-02", "petit-versions", "`c1`", "Shop \\[Terms\\]", "was not received from the service by this program", "single PDFs",
		"transfer your personal data to India", "it is known to take: Danish", "`drittland evidence filing 'Petit Panier' 2 1 --out DIR --terms 'Shop [Terms] Privacy'`", "no passage was recognised in which the text names one"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(out, "**Client:**") || strings.Contains(out, "**Received:**") || strings.Contains(out, "<b>") {
		t.Error("it says more than is known, or lets a tag through")
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestAuthorityList(t *testing.T) {
	code, out, stderr := command(t, "", "evidence", "complaint", "--authority", "list")
	if code != exitOK || !regexp.MustCompile(`(?m)^dpc +IE +Data Protection Commission +https://www.dataprotection.ie/\S+ +2026-11-22$`).MatchString(out) ||
		!regexp.MustCompile(`(?m)^uodo +PL .* 2026-11-22$`).MatchString(out) {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, out, _ = command(t, "", "evidence", "complaint", "--authority", "list", "--format", "json"); code != exitOK || !strings.Contains(out, `"id": "cnil"`) {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// pdfText is the text of a PDF, a page after each form feed.
func pdfText(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command("pdftotext", name, "-").Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	leaves := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
	for i := range leaves {
		leaves[i] = strings.Join(strings.Fields(leaves[i]), " ")
	}
	return leaves
}

// TestFiling prints a filing set and reads it with pdftotext: each page has its foot, and the text is there.
func TestFiling(t *testing.T) {
	needsChromium(t)
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs pdftotext: apt-get install poppler-utils")
		}
		t.Skip("needs pdftotext: apt-get install poppler-utils")
	}
	dir, out := clipzyArchive(t), filepath.Join(t.TempDir(), "filing")
	code, stdout, stderr := command(t, "", "--archive", dir, "evidence", "filing", "Clipzy", "2", "1", "--out", out, "--max-file-size", "60KB")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	t.Log(stdout, stderr)
	checkSums(t, filepath.Join(out, originals))
	names, err := filepath.Glob(filepath.Join(out, "*.pdf"))
	if err != nil || len(names) < 8 {
		t.Fatalf("%v, %v", names, err)
	}
	text := map[string]string{}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasSuffix(base, "_original.pdf") {
			continue
		}
		number, _, _ := strings.Cut(base, "_")
		for i, leaf := range pdfText(t, name) {
			text[number] += leaf
			switch foot := leaf[max(0, len(leaf)-400):]; {
			case number == "00" && strings.Contains(foot, "Exhibits: Clipzy"):
			case strings.Contains(foot, "Exhibit "+number) && regexp.MustCompile(`SHA-256 of the original: [0-9a-f]{64}`).MatchString(foot):
			default:
				t.Errorf("%s: page %d has no foot: %q", base, i+1, foot)
			}
		}
	}
	for number, want := range map[string][]string{
		"00":  {"B-1_page", "A-1", "R-1", "L-1_capture-log", "what changed from version 1", "B-3_print_original.pdf", "sha256sum -c SHA256SUMS"},
		"B-1": {"Singapore"}, "A-1": {"Ireland"}, "R-1": {"Singapore", "Ireland"}, "B-4": {"Brazil"}, "B-2": {"Chromium 1.2"}, "B-3": {"left as it is"},
		"L-1": {"192.0.2.7", "drittland-test <client>", "urn:uuid:", "HTTP/1.1 200 OK"},
	} {
		for _, w := range want {
			if !strings.Contains(text[number], w) {
				t.Errorf("exhibit %s does not hold %q", number, w)
			}
		}
	}
	if m, _ := filepath.Glob(filepath.Join(out, "*_part-*")); len(m) < 2 {
		t.Errorf("nothing was split at 60 KB: %v", names)
	}
	if code, _, stderr = command(t, "", "--archive", dir, "evidence", "filing", "Clipzy", "--out", out); code != exitUsage || !strings.Contains(stderr, "is there already") {
		t.Errorf("written over: exit code %d, %s", code, stderr)
	}
}

// checkSums runs sha256sum over the originals, if there is one.
func checkSums(t *testing.T, dir string) {
	t.Helper()
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Log("no sha256sum here")
		return
	}
	cmd := exec.Command("sha256sum", "-c", "--strict", "SHA256SUMS")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") < 5 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestFilingOfNothing(t *testing.T) {
	dir := clipzyArchive(t)
	many := strings.Fields("Clipzy 1 2 3 4 5 6 7 8 9 10 11 --out x")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--out", []string{"Clipzy"}}, {"name a service", []string{"--out", "x"}}, {"expected a size", []string{"Clipzy", "--out", "x", "--max-file-size", "5"}},
		{"a page alone", []string{"Clipzy", "--out", "x", "--max-file-size", "1KB"}}, {"takes 10", many}, {"the same version", []string{"Clipzy", "2", "-1", "--out", "x"}},
	} {
		if code, _, stderr := command(t, "", append([]string{"--archive", dir, "evidence", "filing"}, c.args...)...); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
	var stderr bytes.Buffer
	out := filepath.Join(t.TempDir(), "filing")
	code := run(context.Background(), []string{"drittland", "--archive", dir, "evidence", "filing", "Clipzy", "--out", out}, environment{Stdin: strings.NewReader(""),
		Stdout: &bytes.Buffer{}, Stderr: &stderr, Now: time.Now, Getenv: func(n string) string { return map[string]string{"DRITTLAND_CHROMIUM": "no-such-browser"}[n] }})
	if _, err := os.Lstat(out); code != exitUnreadable || err == nil || !strings.Contains(stderr.String(), "apt-get install chromium") {
		t.Errorf("without Chromium: exit code %d, %s", code, stderr.String())
	}
}

func TestFileSize(t *testing.T) {
	for s, want := range map[string]int{"": 0, "5MB": 5_000_000, "1.5 mb": 1_500_000, "64KiB": 65_536, "999999999MB": 1<<31 - 1} {
		if got, err := fileSize(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"5", "MB", "-5MB", "5GB", "0.01MB", "1e9MB"} {
		if got, err := fileSize(s); err == nil {
			t.Errorf("%s: %d", s, got)
		}
	}
}

// TestComplaintDOCX: the Word document says what the Markdown says, marks included.
func TestComplaintDOCX(t *testing.T) {
	dir := clipzyArchive(t)
	args := []string{"--archive", dir, "--locale", "de", "evidence", "complaint", "Clipzy", "--finding", "T05", "--authority", "bfdi"}
	md := process(t, args...)
	file := filepath.Join(t.TempDir(), "annex.docx")
	process(t, append(args, "--format", "docx", "--output", file)...)
	text := process(t, "extract", file)
	for _, mark := range []string{"[AUSFÜLLEN: ", "[PRÜFEN: "} {
		if want, got := strings.Count(md, mark), strings.Count(strings.ReplaceAll(text, `\[`, "["), mark); want == 0 || got < want {
			t.Errorf("%s: %d times in the document, %d in Markdown", mark, got, want)
		}
	}
	for l := range strings.Lines(md) {
		if h, ok := strings.CutPrefix(l, "## "); ok && !strings.Contains(text, strings.TrimSpace(h)) {
			t.Errorf("no heading %q", h)
		}
	}
}
