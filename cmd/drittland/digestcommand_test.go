package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A digestHome is a home with settings and an archive: Petit Panier changed its policy on Sunday 1 February 2026.
type digestHome struct {
	t    *testing.T
	vars map[string]string
	now  time.Time
}

const digestSettings = `time_zone: Europe/Paris
review_url: https://review.example.org
mail:
  host: 127.0.0.1
  port: PORT
  tls: none
  from: drittland <watch@example.org>
lists:
  - name: legal
    to: [ana@example.org, bo@example.org]
    locale: fr
    unsubscribe: desk@example.org
  - name: silent
    to: [ana@example.org]
    services: [Appzy]
    quiet: skip
`

func newDigestHome(t *testing.T, port string) *digestHome {
	t.Helper()
	home := t.TempDir()
	file := filepath.Join(home, "config.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(digestSettings, "PORT", port, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return &digestHome{t, map[string]string{"HOME": home, "DRITTLAND_CONFIG": file, "DRITTLAND_ARCHIVE": imported(t, oldPolicy, newPolicy)}, time.Date(2026, 2, 3, 6, 0, 0, 0, time.UTC)}
}

// does runs a command and wants an exit code.
func (h *digestHome) does(code int, args ...string) (out, messages string) {
	h.t.Helper()
	var o, e bytes.Buffer
	env := environment{Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e, Getenv: func(k string) string { return h.vars[k] }, Now: func() time.Time { return h.now }}
	if got := run(context.Background(), append([]string{"drittland"}, args...), env); got != code {
		h.t.Fatalf("%v: exit code %d, want %d: %s%s", args, got, code, o.String(), e.String())
	}
	return o.String(), e.String()
}

func (h *digestHome) says(text string, want ...string) {
	h.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			h.t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}

func TestDigestCommand(t *testing.T) {
	h := newDigestHome(t, "1")
	out, _ := h.does(exitOK, "digest", "--week", "last")
	h.says(out, "2026-W05: 1 service lets data go somewhere new", "2026-01-26 to 2026-02-01 (Europe/Paris)", "Petit Panier", "India", "“", "https://review.example.org/change?s=Petit+Panier", "drittland evidence export 'Petit Panier' 2")
	if again, _ := h.does(exitOK, "digest", "--from", "2026-01-26", "--until", "2026-02-01"); !strings.Contains(again, "2026-01-26..2026-02-01: 1 service lets") {
		t.Error(again)
	}
	// The first of February begins in Paris an hour before it does in London, and the text was captured at eight.
	if out, _ := h.does(exitOK, "digest", "--week", "2026-W06"); out != "2026-W06: Nothing new in the texts of 1 service; all could be verified.\nServices: Petit Panier.\n" {
		t.Errorf("a quiet week: %q", out)
	}
	out, _ = h.does(exitOK, "digest", "--week", "2026-W05", "--list", "legal")
	h.says(out, "laisse partir les données", "liste legal")
	for form, want := range map[string]string{"html": "<!DOCTYPE html>", "md": "# 2026-W05", "json": `"schema": "drittland/digest/1"`, "atom": "http://www.w3.org/2005/Atom"} {
		file := filepath.Join(t.TempDir(), "out")
		h.does(exitOK, "digest", "--week", "2026-W05", "--format", form, "-o", file)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h.says(string(b), want)
	}
	for _, c := range [][]string{
		{"expected an ISO week", "--week", "47"},
		{"has not begun", "--week", "2026-W40"},
		{"give one of", "--week", "2026-W05", "--since", "7d"},
		{"--until needs --from", "--until", "2026-01-01"},
		{"is after", "--from", "2026-01-02", "--until", "2026-01-01"},
		{"takes an address; --until", "--from", "2026-01-01", "--to", "2026-01-02"},
		{"is no mail address", "--to", "ana"},
		{"there is no list", "--list", "nobody"},
		{"expected error, warning or note", "--level", "grave"},
		{"--format pdf", "--format", "pdf"},
		{"is not over yet", "--week", "2026-W06", "--to", "ana@example.org"},
		{"has its own forms", "--format", "md", "--to", "ana@example.org"},
		{"needs a list with addresses", "--send"},
		{"takes no arguments", "--", "Clipzy"},
	} {
		_, messages := h.does(exitUsage, append([]string{"digest"}, c[1:]...)...)
		h.says(messages, c[0])
	}
	_, messages := h.does(exitUnreadable, "digest", "--time-zone", "Mars/Olympus")
	h.says(messages, "Mars/Olympus")
}

// A postOffice is a real SMTP server that keeps what it gets.
type postOffice struct {
	mu   sync.Mutex
	port string
	got  []string
	shut bool
}

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &postSession{p: p}, nil }

type postSession struct{ p *postOffice }

func (s *postSession) Reset()                               {}
func (s *postSession) Logout() error                        { return nil }
func (s *postSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *postSession) Rcpt(string, *smtp.RcptOptions) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.shut {
		return &smtp.SMTPError{Code: 451, Message: "later"}
	}
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.got = append(s.p.got, string(b))
	return err
}

func (p *postOffice) letters(shut bool) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = shut
	return append([]string{}, p.got...)
}

func openPost(t *testing.T) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := &postOffice{port: port}
	srv := smtp.NewServer(p)
	srv.Domain = "127.0.0.1"
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return p
}

// TestDigestMail: each address gets its own mail, once, however often it is asked for; what could not be sent waits.
func TestDigestMail(t *testing.T) {
	post := openPost(t)
	h := newDigestHome(t, post.port)
	_, messages := h.does(exitOK, "digest", "--week", "2026-W05", "--list", "legal", "--to", "ana@example.org")
	h.says(messages, "digest/legal/2026-W05/ana@example.org: put into the outbox")
	if n := len(post.letters(true)); n != 0 {
		t.Fatalf("%d mails were sent", n)
	}
	_, messages = h.does(exitFailed, "digest", "--week", "2026-W05", "--list", "legal", "--send")
	h.says(messages, "ana@example.org: was put into the outbox before", "bo@example.org: put into the outbox", "nothing is lost")
	post.letters(false)
	h.now = h.now.Add(6 * time.Hour)
	_, messages = h.does(exitOK, "digest", "--week", "2026-W05", "--list", "legal", "--send")
	h.says(messages, "digest/legal/2026-W05/ana@example.org: sent", "digest/legal/2026-W05/bo@example.org: sent")
	_, messages = h.does(exitOK, "digest", "--week", "2026-W05", "--list", "legal", "--send")
	if strings.Contains(messages, ": sent") || len(post.letters(false)) != 2 {
		t.Errorf("%d mails: %s", len(post.letters(false)), messages)
	}
	for _, letter := range post.letters(false) {
		m, err := mail.ReadMessage(strings.NewReader(letter))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || !strings.HasPrefix(subject, "2026-W05") || !strings.Contains(subject, "nouveau lieu") || m.Header.Get("Content-Language") != "fr" && m.Header.Get("Content-Language") != "" {
			t.Errorf("subject %q, %v", subject, err)
		}
		h.says(m.Header.Get("List-Unsubscribe"), "desk@example.org")
		h.says(m.Header.Get("Content-Type"), "multipart/alternative")
	}
	_, messages = h.does(exitOK, "digest", "--week", "2026-W05", "--list", "silent", "--send")
	h.says(messages, "wants no mail then")
	// Another wish of the same person is another mail.
	_, messages = h.does(exitOK, "digest", "--week", "2026-W05", "--service", "Petit Panier", "--to", "Ana <ana@example.org>")
	h.says(messages, "digest/by-hand-", "put into the outbox")
	out, _ := h.does(exitOK, "digest", "outbox")
	h.says(out, "digest/by-hand-")
}

func TestDigestSchema(t *testing.T) {
	h := newDigestHome(t, "1")
	out, _ := h.does(exitOK, "digest", "--since", "60d", "--format", "json", "--level", "note", "--level", "error")
	texts := []string{out}
	files, err := filepath.Glob("digest/testdata/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	s := compileSchema(t, "digest")
	for i, text := range texts {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil && !strings.Contains(text, "evil.example") { // the hostile week has levels of its own making
			t.Errorf("%d: %#v", i, err)
		}
		all := v.(map[string]any)
		delete(all, "facts")
		if s.Validate(all) == nil {
			t.Error("the schema does not miss the facts")
		}
	}
}

// TestFeed: the feed is the same after everything was derived anew, and a feed of a level holds nothing else.
func TestFeed(t *testing.T) {
	h := newDigestHome(t, "1")
	file := filepath.Join(t.TempDir(), "feed.atom")
	h.does(exitOK, "feed", "-o", file, "--self", "https://example.org/feed.atom")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h.does(exitOK, "archive", "rebuild")
	h.does(exitOK, "derive")
	if now, _ := h.does(exitOK, "feed", "--self", "https://example.org/feed.atom"); now != string(was) {
		t.Errorf("the feed changed:\n%s\nwas\n%s", now, was)
	}
	entries := func(text string) int {
		var feed struct {
			Entries []struct {
				ID string `xml:"id"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(text), &feed); err != nil {
			t.Fatal(err)
		}
		return len(feed.Entries)
	}
	if n := entries(string(was)); n < 1 {
		t.Errorf("%d entries", n)
	}
	out, _ := h.does(exitOK, "feed", "--service", "Appzy")
	if n := entries(out); n != 0 {
		t.Errorf("%d entries of a service that nobody follows", n)
	}
	errors, _ := h.does(exitOK, "feed", "--level", "error")
	if strings.Contains(errors, `term="warning"`) || entries(errors) > entries(string(was)) {
		t.Error(errors)
	}
	if out, _ := h.does(exitOK, "feed", "--newest", "1"); entries(out) != 1 {
		t.Error(out)
	}
	for _, bad := range [][]string{{"--newest", "0"}, {"--newest", "1001"}, {"--self", "feed.atom"}, {"--since", "ever"}, {"--level", "x"}, {"Clipzy"}} {
		h.does(exitUsage, append([]string{"feed"}, bad...)...)
	}
}
