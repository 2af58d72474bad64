package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// longPolicy is a policy of 9,000 words in 900 paragraphs; in every third one a few words differ by edition.
func longPolicy(edition int) string {
	var b strings.Builder
	b.WriteString("# Privacy policy of Clipzy\n\n")
	countries := []string{"India", "Singapore", "Japan", "Brazil", "Kenya", "Chile"}
	for i := range 900 {
		if i%30 == 0 {
			fmt.Fprintf(&b, "## Section %d\n\n", i/30)
		}
		word := "kept"
		if i%3 == 0 && edition > 1 {
			word = "stored"
		}
		switch i % 90 {
		case 45:
			fmt.Fprintf(&b, "We %s your personal data on servers in %s.\n\n", word, countries[(i/90+edition)%len(countries)])
		default:
			fmt.Fprintf(&b, "Number %d of what is %s about you and your videos.\n\n", i, word)
		}
	}
	return b.String()
}

// deskOver is the desk of an archive to which texts were imported, one version each.
func deskOver(t testing.TB, now time.Time, terms snapshots.Terms, list ...string) *reviewDesk {
	t.Helper()
	tl := &tool{words: locale.For("en"), env: environment{Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer), Now: func() time.Time { return now }, Getenv: func(string) string { return "" }}}
	engine, err := tl.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &store{tool: tl, dir: t.TempDir() + "/archive"}
	err = s.write(func(a *archive.Archive) error {
		for i, text := range list {
			x := snapshots.Snapshot{Terms: terms, At: now.AddDate(0, i-len(list), 0), MediaType: "text/markdown",
				Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprintf("%040x", i+1), Path: terms.Service + "/" + terms.Type + ".md"}}
			if _, err := a.PutImport(x, []byte(text)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return newReviewDesk(s, engine)
}

var clipzy = snapshots.Terms{Service: "Clipzy", Type: defaultType}

func TestReviewLongPolicy(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	h := review.New(deskOver(t, now, clipzy, longPolicy(1), longPolicy(2)), review.Options{Now: func() time.Time { return now }})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/change?s=Clipzy&t="+url.QueryEscape(defaultType)+"&v=2", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	if n := strings.Count(w.Body.String(), ` id="change-`); n < 250 {
		t.Errorf("%d changes", n)
	}
	if w.Body.Len() > 1_500_000 {
		t.Errorf("the page has %d bytes", w.Body.Len())
	}
}

func BenchmarkReviewChange(b *testing.B) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	h := review.New(deskOver(b, now, clipzy, longPolicy(1), longPolicy(2)), review.Options{Now: func() time.Time { return now }})
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/change?s=Clipzy&t="+url.QueryEscape(defaultType)+"&v=2", nil))
		b.ReportMetric(float64(w.Body.Len()), "bytes")
	}
}

// TestHostilePDF prints the page of a policy that wants to be more than text: all of it stands in the PDF as words, and nothing else.
func TestHostilePDF(t *testing.T) {
	needsChromium(t)
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs pdftotext: apt-get install poppler-utils")
		}
		t.Skip("this test needs pdftotext: apt-get install poppler-utils")
	}
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	const evil = "We store your personal data in India. &lt;script&gt;document.title='owned'&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; [press here](javascript:alert(1)) [or here](data:text/html,owned) end\u202eesrever\u202c of it."
	d := deskOver(t, now, clipzy, homely, strings.Replace(homely, "We store your personal data in Ireland.", evil, 1))
	d.env.Getenv = os.Getenv
	w := httptest.NewRecorder()
	review.New(d, review.Options{Now: func() time.Time { return now }}).ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/export?s=Clipzy&t="+url.QueryEscape(defaultType)+"&v=2&form=pdf", nil))
	if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
		t.Fatalf("%d\n%.500s", w.Code, w.Body)
	}
	for _, s := range []string{"/JavaScript", "/JS", "/Launch", "/URI (javascript:", "/URI (data:"} {
		if bytes.Contains(w.Body.Bytes(), []byte(s)) {
			t.Errorf("the PDF has %s", s)
		}
	}
	cmd := exec.Command("pdftotext", "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(w.Body.Bytes())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{"<script>document.title='owned'</script>", "<img src=x onerror=alert(1)>", "India", "Clipzy"} {
		if !strings.Contains(strings.ReplaceAll(text, "’", "'"), want) {
			t.Errorf("the PDF lacks %q:\n%s", want, text)
		}
	}
}
