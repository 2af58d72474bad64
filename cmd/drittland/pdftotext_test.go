package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// smallPDF is a PDF of one page with one line. Without a map of its codes only another program can tell what they mean.
func smallPDF(line string, mapped bool) []byte {
	font := "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
	if !mapped {
		font = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [ << /Subtype /CIDFontType2 >> ] >>"
	}
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages << /Kids [ << /Type /Page /Resources << /Font << /F %s >> >> /Contents 2 0 R >> ] >> >>\nendobj\n"+
		"2 0 obj\n<< /Length 0 >>\nstream\nBT /F 11 Tf 50 700 Td (%s) Tj ET\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n", font, line)
}

// TestOneReader compares two texts of one page by one reader, though each alone would be read by another.
func TestOneReader(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	terms := snapshots.Terms{Service: "Clipzy", Type: defaultType}
	put := func(day int, body []byte) {
		t.Helper()
		if _, err := a.PutCapture(&snapshots.Capture{Terms: terms, URL: "https://clipzy.example/policy.pdf", At: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), MediaType: "application/pdf", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	helper := &extract.Helper{Name: "words/1", Words: func([]byte) ([]byte, error) {
		return []byte(`<page width="595" height="842"><word xMin="50" yMin="100" xMax="90" yMax="112">Helped</word></page>`), nil
	}}
	derive := func() *deriver {
		t.Helper()
		d := newDeriver(a, helper)
		if err := errors.Join(d.takeAll(context.Background()), d.flush()); err != nil {
			t.Fatal(err)
		}
		return d
	}
	put(1, smallPDF("We store your personal data in Ireland and nowhere else for as long as you like.", true))
	derive()
	put(2, smallPDF("0011001200130014", false))
	d := derive()
	h, err := readHistory(a, terms)
	if err != nil {
		t.Fatal(err)
	}
	var readers []string
	for _, v := range h.Versions {
		readers = append(readers, v.Reader+" "+string(v.Cause))
	}
	want := extract.Reader + " first, " + extract.Reader + "+words/1 reading"
	if got := strings.Join(readers, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	put(3, smallPDF("We store data in India too.", true))
	derive()
	if h, err = readHistory(a, terms); err != nil || h.Versions[len(h.Versions)-1].Reader != extract.Reader {
		t.Errorf("a file that reads well is read by a helper: %v, %+v", err, h.Versions)
	}
	if d.same("words/2") != nil || d.same("") != nil || !d.same("words/1").Always || helper.Always {
		t.Error("the helper for a comparison is not the one that was asked for")
	}
}

func TestPDFToText(t *testing.T) {
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is missing: apt-get install poppler-utils")
		}
		t.Skip("pdftotext is missing: apt-get install poppler-utils")
	}
	h := pdftotext()
	if h == nil || !strings.HasPrefix(h.Name, "pdftotext/") || h.Always {
		t.Fatalf("helper %+v", h)
	}
	body, err := os.ReadFile("../../fetch/extract/testdata/policy-libreoffice.pdf")
	if err != nil {
		t.Fatal(err)
	}
	out, err := runPDFToText(path, body)
	if err != nil || !strings.Contains(string(out), ">contractual</word>") {
		t.Errorf("%v: %.500s", err, out)
	}
	if _, err := runPDFToText(path, []byte("no PDF")); err == nil {
		t.Error("what is no PDF was read")
	}
}

func TestBoundedOutput(t *testing.T) {
	b := &bounded{left: 10}
	if _, err := b.Write([]byte("12345678")); err != nil {
		t.Error(err)
	}
	if _, err := b.Write([]byte("123")); err == nil || b.Len() != 8 {
		t.Errorf("%d bytes: %v", b.Len(), err)
	}
}
