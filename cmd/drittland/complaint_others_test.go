package main

// What others captured, and what was erased, is called so wherever it is told to an authority.

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// othersOf imports captures by others of three texts, and gives the user who did.
func othersOf(t *testing.T) *user {
	t.Helper()
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	const page = "https://www.otherzy.example/privacy"
	var file strings.Builder
	for i, country := range []string{"Kenya", "Brazil", "India"} {
		response := "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + strings.ReplaceAll(policyOf(country), "Clipzy", "Otherzy")
		at := fmt.Sprintf("2026-0%d-01T10:00:00Z", i+1)
		file.WriteString(ofOthers("response", fmt.Sprintf("page-%d", i+1), at, page, response, fmt.Sprintf("WARC-IP-Address: 192.0.2.%d", i+1)))
		request := "GET /privacy HTTP/1.1\r\nHost: www.otherzy.example\r\nUser-Agent: their-crawler/2\r\n\r\n"
		file.WriteString(strings.Replace(ofOthers("request", fmt.Sprintf("ask-%d", i+1), at, page, request, fmt.Sprintf("WARC-Concurrent-To: <urn:uuid:page-%d>", i+1)),
			"Content-Type: \r\n", "Content-Type: application/http; msgtype=request\r\n", 1))
	}
	name := filepath.Join(t.TempDir(), "otherzy.warc")
	if err := os.WriteFile(name, []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	u.does(exitOK, "import", "warc", name, "--service", "Otherzy", "--url", page)
	return u
}

// draftOf is the draft of a complaint about a version.
func draftOf(t *testing.T, u *user, version string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "draft.md")
	u.does(exitOK, "evidence", "complaint", "Otherzy", "--version", version, "--finding", "T01", "--authority", "dpc", "-o", out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestComplaintOfOthers(t *testing.T) {
	u := othersOf(t)
	draft := draftOf(t, u, "3")
	for _, want := range []string{"**Recorded by others:** 2026-03-01 10:00:00 UTC", "**File that it came in:** otherzy.warc", "**Their record of the page:** `urn:uuid:page-3`",
		"**Their digests:** none are stated", "**Address of the server:** 192.0.2.3", "**Client:** their-crawler/2", "**Record that holds it:** `urn:uuid:",
		"What others captured was not received from the service by this program", "whether that person can vouch for them", "as others recorded it on 2026-03-01"} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft lacks %q:\n%s", want, draft)
		}
	}
	if strings.Contains(draft, "**Received:**") || strings.Contains(draft, "as received on") {
		t.Errorf("the draft says that captures of others were received:\n%s", draft)
	}
}

func TestErasedInEvidence(t *testing.T) {
	u := othersOf(t)
	u.does(exitOK, "archive", "erase", "Otherzy", "2", "--why", "request 17")
	u.sees(u.does(exitOK, "archive", "check"), "erased on 2026-06-20: request 17 (1 capture)", "whole:")
	if draft := draftOf(t, u, "2"); !strings.Contains(draft, "| 2026-02-01 | – | erased on 2026-06-20: request 17 |") {
		t.Errorf("the history keeps back what was erased:\n%s", draft)
	}
	out := filepath.Join(t.TempDir(), "otherzy.zip")
	u.does(exitOK, "evidence", "export", "Otherzy", "1", "2", "--out", out)
	u.sees(u.does(exitOK, "evidence", "verify", out), "All is as it was written", "version 2 of 2026-03-01")
	u.sees(u.does(exitUsage, "evidence", "export", "Otherzy", "3", "--out", out+"-3"), "erased: 1")
	u.sees(u.does(exitFailed, "evidence", "export", "Otherzy", "2026-02-03", "--out", out+"-3"), "erased on 2026-06-20: request 17")
	copied := filepath.Join(t.TempDir(), "copy")
	u.does(exitOK, "archive", "backup", copied)
	u.sees(u.does(exitOK, "--archive", copied, "archive", "check"), "erased on 2026-06-20: request 17 (1 capture)", "whole:")
}

// The end of the file's name says which form is wanted.
func TestDraftIsWhatItsNameSays(t *testing.T) {
	u := othersOf(t)
	for end, begins := range map[string]string{".docx": "PK\x03\x04", ".html": "<!DOCTYPE html>", ".md": "# Complaint"} {
		out := filepath.Join(t.TempDir(), "draft"+end)
		u.does(exitOK, "evidence", "complaint", "Otherzy", "--finding", "T01", "--authority", "dpc", "-o", out)
		if b, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(b), begins) {
			t.Errorf("%s begins with %.40q: %v", end, b, err)
		}
	}
}
