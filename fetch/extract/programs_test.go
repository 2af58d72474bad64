package extract

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is the path of a program that other people wrote. Where it is missing the test is skipped, but fails in CI.
func program(t *testing.T, install string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: apt-get install %s", names[0], install)
	}
	t.Skipf("%s is missing: apt-get install %s", names[0], install)
	return ""
}

// work runs a program in a directory that holds the policy, and gives what it wrote to name, or to its standard output.
// What a signal ended is tried once more: browsers crash now and then.
func work(t *testing.T, dir, name, path string, args ...string) []byte {
	t.Helper()
	out, err := tryWork(dir, name, path, args...)
	if err != nil && strings.Contains(err.Error(), "signal:") {
		out, err = tryWork(dir, name, path, args...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryWork(dir, name, path string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir)
	cmd.WaitDelay = 5 * time.Second
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err == nil && name != "" {
		out, err = os.ReadFile(filepath.Join(dir, name))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", path, err, problems.String())
	}
	return out, nil
}

func policyDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "policy.html"), readTestdata(t, "policy.html"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPDFOfChromium(t *testing.T) {
	path := program(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	dir := policyDir(t)
	for name, more := range map[string][]string{"tagged, with running lines": nil, "without structure": {"--disable-pdf-tagging"}, "without running lines": {"--no-pdf-header-footer"}} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=" + dir + "/profile", "--print-to-pdf=out.pdf"}, more...)
			likeHTML(t, work(t, dir, "out.pdf", path, append(args, "file://"+dir+"/policy.html")...), Options{})
		})
	}
}

func TestFilesOfLibreOffice(t *testing.T) {
	path := program(t, "libreoffice-writer", "soffice", "libreoffice")
	dir := policyDir(t)
	convert := func(to, from, name string) []byte {
		return work(t, dir, name, path, "--headless", "--convert-to", to, from)
	}
	likeHTML(t, convert("odt:writer8", "policy.html", "policy.odt"), Options{})
	likeHTML(t, convert("docx:MS Word 2007 XML", "policy.odt", "policy.docx"), Options{})
	likeHTML(t, convert("pdf", "policy.docx", "policy.pdf"), Options{})
	likeHTML(t, convert(`pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}`, "policy.docx", "policy.pdf"), Options{})
	locked := convert(`pdf:writer_pdf_Export:{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"clipzy"}}`, "policy.docx", "policy.pdf")
	if _, err := Read(Input{Body: locked}, Options{}); err == nil || err.Error() != "the PDF cannot be read: it is encrypted" {
		t.Errorf("with a password: %v", err)
	}
}

func TestPDFOfGroff(t *testing.T) {
	path := program(t, "groff", "groff")
	dir := t.TempDir()
	source := `.TL
Privacy Policy
.NH 1
Transfers to third countries
.LP
We transfer personal data to recipients in India, in Japan and in the United States, efficiently and officially. The transfers rest
on the standard contractual clauses of the European Commission or on an adequacy decision.
.IP \(bu
account data, such as your name;
.IP \(bu
usage data.
.NH 2
Recipients
.LP
Staff of the support centre read difficult messages.
`
	if err := os.WriteFile(filepath.Join(dir, "policy.ms"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := Read(Input{Body: work(t, dir, "", path, "-Tpdf", "-ms", "policy.ms")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	invariant(t, d)
	want := `h1 Privacy Policy
h6 1. Transfers to third countries
p We transfer personal data to recipients in India, in Japan and in the United States, efficiently and officially. The transfers rest on the standard contractual clauses of the European Commission or on an adequacy decision.
i1 account data, such as your name;
i1 usage data.
h6 1.1. Recipients
p Staff of the support centre read difficult messages.
`
	if got := dump(d); got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

// TestPDFToText reads a file as the program pdftotext does.
func TestPDFToText(t *testing.T) {
	path := program(t, "poppler-utils", "pdftotext")
	dir := t.TempDir()
	body := newPDF().pages("", at(50, 760, "F1", 20, "Privacy Policy")+lines(50, 720, "We transfer personal data to recipients in India, on the basis of con-", "tractual clauses.")+
		at(60, 680, "F1", 11, "-")+at(75, 680, "F1", 11, "account data;")).bytes()
	name := filepath.Join(dir, "policy.pdf")
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
	helper := &Helper{Name: "pdftotext", Always: true, Words: func([]byte) ([]byte, error) { return work(t, dir, "", path, "-bbox-layout", name, "-"), nil }}
	d, reader, err := ReadNamed(Input{Body: body}, Options{PDF: helper})
	if err != nil {
		t.Fatal(err)
	}
	invariant(t, d)
	want := "h1 Privacy Policy\np We transfer personal data to recipients in India, on the basis of contractual clauses.\ni1 account data;\n"
	if got := dump(d); got != want || reader != Reader+"+pdftotext" {
		t.Errorf("%s: %swant\n%s", reader, got, want)
	}
}
