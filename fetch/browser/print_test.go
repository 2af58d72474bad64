package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// words is the text of a PDF, a page after each form feed.
func words(t *testing.T, pdf []byte) string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs pdftotext: apt-get install poppler-utils")
		}
		t.Skip("needs pdftotext: apt-get install poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(name, pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(out), "\f")
}

func TestPrint(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer srv.Close()
	p, err := New(Options{Program: program(t), AllowLoopback: true}).Printer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var body strings.Builder
	for i := range 12 {
		fmt.Fprintf(&body, `<p style="break-after:page">Leaf %d of Clipzy</p>`, i+1)
	}
	html := fmt.Sprintf(`<!DOCTYPE html><title>x</title><link rel=stylesheet href="%[1]s/a.css"><iframe src="%[1]s/b.html"></iframe>%[2]s<p>Last leaf</p>`, srv.URL, body.String())
	footer := `<div style="font-size:7pt">Exhibit A-1, page <span class="pageNumber"></span> of <span class="totalPages"></span></div>`
	pdf, n, err := p.Print(Sheet{HTML: []byte(html), Footer: footer})
	if err != nil || n != 13 {
		t.Fatalf("%d pages, want 13; %v", n, err)
	}
	for i, leaf := range strings.Split(words(t, pdf), "\f") {
		if want := fmt.Sprintf("Exhibit A-1, page %d of 13", i+1); !strings.Contains(leaf, want) {
			t.Errorf("no %q on page %d: %q", want, i+1, leaf)
		}
	}
	pdf, n, err = p.Print(Sheet{HTML: []byte(html), Footer: footer, Pages: "3-4"})
	if text := words(t, pdf); err != nil || n != 2 || !strings.Contains(text, "Leaf 3") || !strings.Contains(text, "page 4 of 13") || strings.Contains(text, "Leaf 5") {
		t.Errorf("pages 3 and 4: %d pages, %v, %q", n, err, text)
	}
	if asked.Load() > 0 {
		t.Errorf("printing asked a server %d times", asked.Load())
	}
}

func TestPrintPictures(t *testing.T) {
	p, err := New(Options{Program: program(t)}).Printer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	address := "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	pdf, _, err := p.Print(Sheet{HTML: []byte(`<img src="` + address + `">`)})
	if err != nil || !bytes.Contains(pdf, []byte("/Subtype /Image")) {
		t.Errorf("no picture in %d bytes, %v", len(pdf), err)
	}
	if _, _, err := p.Print(Sheet{HTML: []byte(`<img src="data:image/png;base64,AAAA">`)}); err == nil {
		t.Error("a picture that is none was printed")
	}
	if _, _, err := p.Print(Sheet{HTML: make([]byte, maxSheet+1)}); err == nil {
		t.Error("a sheet above the limit was printed")
	}
}

func TestPrintWithoutChromium(t *testing.T) {
	if _, err := New(Options{Program: "no-such-browser"}).Printer(context.Background()); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v", err)
	}
}
