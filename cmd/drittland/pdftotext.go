package main

// The program pdftotext of poppler, which reads some PDF files better than the built-in reader: it is asked about those
// only, if it is there.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/drittland/drittland/fetch/extract"
)

const (
	pdftotextTime  = 30 * time.Second
	pdftotextBytes = 64 << 20 // of what it writes
)

// reading is how texts are read: with pdftotext at hand if it is on the PATH.
func (t *tool) reading() extract.Options { return extract.Options{PDF: pdftotext()} }

// pdftotext is the helper, nil if the program is not there or does not say which version it is.
var pdftotext = sync.OnceValue(func() *extract.Helper {
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-v").CombinedOutput()
	m := regexp.MustCompile(`^pdftotext version (\d+(?:\.\d+){1,3})\s`).FindSubmatch(out)
	if err != nil || m == nil {
		return nil
	}
	return &extract.Helper{Name: "pdftotext/" + string(m[1]), Words: func(pdf []byte) ([]byte, error) { return runPDFToText(path, pdf) }}
})

// runPDFToText gives the words of a PDF with their places. Time and output are bounded.
func runPDFToText(path string, pdf []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "drittland-pdf-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "policy.pdf")
	if err := os.WriteFile(name, pdf, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), pdftotextTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-q", "-bbox-layout", "-enc", "UTF-8", name, "-")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	out := &bounded{left: pdftotextBytes}
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("pdftotext: %w", err)
	}
	return out.Bytes(), nil
}

// bounded is a buffer that refuses more than it was allowed.
type bounded struct {
	bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("too much output")
	}
	return b.Buffer.Write(p)
}
