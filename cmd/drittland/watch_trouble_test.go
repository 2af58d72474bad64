package main

// What can go wrong around watch: each time a clear message, nothing lost, and the next run catches up.

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

const troubleSettings = `
capture: {schedule: daily, jitter: 0s, render: never}
lists:
  - {name: legal, to: [ana@example.org, bo@example.org]}
`

// trouble is a bench with a text and a first week behind it, the digest of which is due at 2026-11-23T07:00Z.
func newTroubleBench(t *testing.T, settings string) *watchBench {
	t.Helper()
	b := newWatchBench(t, settings)
	b.page("clipzy", "We store your personal data on servers in Ireland.")
	b.must("2026-11-17T07:00:00Z", exitOK, "track", "add", "Clipzy", "http://clipzy.example/clipzy")
	b.once("2026-11-17T08:00:00Z", exitOK)
	return b
}

// has fails unless some words stand in what the program said, and no address of a person.
func has(t *testing.T, messages string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(messages, w) {
			t.Errorf("does not say %q:\n%s", w, messages)
		}
	}
	if strings.Contains(messages, "ana@") || strings.Contains(messages, "bo@") || strings.Contains(messages, "secret") {
		t.Errorf("says an address or a secret:\n%s", messages)
	}
}

// all are the recipients of all letters, in the order of the alphabet.
func (b *watchBench) all() string {
	var to []string
	for _, l := range b.post.got() {
		to = append(to, l.to)
	}
	slices.Sort(to)
	return strings.Join(to, " ")
}

const both = "ana@example.org bo@example.org"

func TestServerUnreachable(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	config, _ := os.ReadFile(filepath.Join(b.dir, "config.yaml"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	b.write("config.yaml", strings.Replace(string(config), "port: "+b.post.port, "port: "+port, 1))
	has(t, b.once("2026-11-23T08:00:00Z", exitFailed), "digest made", "nothing can be sent there", "127.0.0.1 cannot be reached", "2 messages were not sent")
	b.write("config.yaml", string(config))
	b.once("2026-11-23T12:00:00Z", exitOK)
	b.once("2026-11-23T13:00:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
}

func TestRefusedRecipient(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	b.post.set(func() {
		b.post.refuse["ana@example.org"] = &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "<ana@example.org>: come back later"}
	})
	has(t, b.once("2026-11-23T08:00:00Z", exitFailed), "not sent; it is tried again", "come back later")
	if got := b.all(); got != "bo@example.org" {
		t.Error("mails to", got)
	}
	b.post.set(func() { clear(b.post.refuse) })
	b.once("2026-11-23T08:30:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
	b.post.set(func() {
		b.post.refuse["ana@example.org"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<ana@example.org>: no such person"}
	})
	has(t, b.once("2026-11-30T08:00:00Z", exitFailed), "given up", "no such person", "1 message was given up", "outbox retry KEY")
	out, _ := b.must("2026-11-30T08:30:00Z", exitOK, "digest", "outbox")
	if !strings.Contains(out, "ana@example.org") {
		t.Errorf("the outbox does not show who got nothing:\n%s", out)
	}
}

func TestWrongCredentials(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	b.post.set(func() { b.post.password = "correct" })
	plain := "port: " + b.post.port + "\n  tls: none"
	b.write("roots.pem", b.post.secured(t))
	config, _ := os.ReadFile(filepath.Join(b.dir, "config.yaml"))
	b.write("config.yaml", strings.Replace(string(config), plain, "port: "+b.post.port+"\n  tls: tls\n  ca: roots.pem", 1)+"  user: watch\n  password_file: word\n")
	b.write("word", "secret-wrong\n")
	has(t, b.once("2026-11-23T08:00:00Z", exitFailed), "nothing can be sent there", "password")
	b.write("word", "correct\n")
	b.once("2026-11-23T12:00:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
}

func TestBadSettings(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	config, _ := os.ReadFile(filepath.Join(b.dir, "config.yaml"))
	for words, bad := range map[string]string{
		"config.yaml:":       string(config) + "lists: [\n",
		"is no time zone":    string(config) + "time_zone: Europe/Atlantis\n",
		"is no schedule":     strings.Replace(string(config), "schedule: daily", "schedule: 61 * * * *", 1),
		"is no mail address": strings.Replace(string(config), "ana@example.org", "nobody", 1),
	} {
		b.write("config.yaml", bad)
		code, _, messages := b.run("2026-11-23T08:00:00Z", "", "watch", "--once")
		if code != exitUnreadable || !strings.Contains(messages, words) || !strings.Contains(messages, "config.yaml") {
			t.Errorf("%q: exit code %d\n%s", words, code, messages)
		}
	}
	b.write("config.yaml", string(config))
	b.once("2026-11-23T12:00:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
}

// An outbox that takes nothing holds a digest up until it does; so does a state that cannot be recorded.
func TestFullDisk(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	box := filepath.Join(b.dir, "state", "outbox")
	if err := os.RemoveAll(box); err != nil {
		t.Fatal(err)
	}
	b.write("state/outbox", "in the way")
	has(t, b.once("2026-11-23T08:00:00Z", exitFailed), "digest of 2026-W47 for legal", "outbox")
	if err := os.Remove(box); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(b.dir, "state", "watch.json.new")
	if err := os.Mkdir(file, 0o755); err != nil {
		t.Fatal(err)
	}
	has(t, b.once("2026-11-23T08:30:00Z", exitFailed), "what was done could not be recorded")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	b.once("2026-11-23T09:00:00Z", exitOK)
	b.once("2026-11-24T09:00:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
}

// What the archive holds after a crash in the middle of a run is told of all the same.
func TestDiesBeforeAlert(t *testing.T) {
	b := newTroubleBench(t, troubleSettings+"alerts:\n  - {name: at-once, to: [dpo@example.org]}\n")
	b.page("clipzy", "We transfer your personal data to our servers in India, where our group companies have access to them.")
	b.died("2026-11-18T08:00:00Z", "captured")
	if got := b.all(); got != "" {
		t.Fatal("mails to", got)
	}
	b.once("2026-11-18T09:00:00Z", exitOK)
	b.once("2026-11-19T09:00:00Z", exitOK)
	if got := b.all(); got != "dpo@example.org" {
		t.Error("mails to", got)
	}
}

func TestClockJumps(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	b.once("2026-12-09T08:00:00Z", exitOK) // forwards over three digests
	if n := len(b.post.got()); n != 6 {
		t.Fatalf("%d mails: %q", n, b.subjects())
	}
	has(t, b.once("2026-11-24T08:00:00Z", exitOK), "the clock went back") // and back
	out, _ := b.must("2026-11-24T08:00:00Z", exitOK, "watch", "--dry-run")
	if !strings.Contains(out, "nothing is captured or made") {
		t.Error(out)
	}
	log, _ := b.must("2026-11-24T08:00:00Z", exitOK, "track", "show", "Clipzy")
	if !strings.Contains(log, "2026-12-09") {
		t.Errorf("captured with the clock behind:\n%s", log)
	}
	b.once("2026-12-10T08:00:00Z", exitOK)
	if n := len(b.post.got()); n != 6 {
		t.Errorf("sent again: %q", b.subjects())
	}
	b.once("2026-12-14T08:00:00Z", exitOK)
	if n := len(b.post.got()); n != 8 {
		t.Errorf("the week after: %q", b.subjects())
	}
}

// A source that cannot be had on the day of a weekly run is tried again before the next one.
func TestNetworkLoss(t *testing.T) {
	b := newWatchBench(t, strings.Replace(troubleSettings, "daily", "weekly", 1))
	b.page("clipzy", "We store your personal data on servers in Ireland.")
	b.page("appzy", "We store your personal data on servers in Ireland.")
	page, _ := os.ReadFile(filepath.Join(b.dir, "web", "clipzy.html"))
	b.write("web/clipzy.html", "status 503\n")
	b.must("2026-11-16T07:00:00Z", exitOK, "track", "add", "Clipzy", "http://clipzy.example/clipzy")
	b.must("2026-11-16T07:00:00Z", exitOK, "track", "add", "Appzy", "http://appzy.example/appzy", "--schedule", "0 12 * * 3")
	b.once("2026-11-16T08:00:00Z", exitUnreadable)
	b.write("web/clipzy.html", string(page))
	if m := b.once("2026-11-16T10:00:00Z", exitOK); !strings.Contains(m, "captured sources=1 first=1") {
		t.Errorf("not tried again:\n%s", m)
	}
	if m := b.once("2026-11-17T10:00:00Z", exitOK); strings.Contains(m, "captured sources") {
		t.Errorf("captured between:\n%s", m)
	}
	if m := b.once("2026-11-18T12:30:00Z", exitOK); !strings.Contains(m, "captured sources=1") {
		t.Errorf("its own schedule does not count:\n%s", m)
	}
}

// A hearing is what a process says, while it runs.
type hearing struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *hearing) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// until waits until some words were said.
func (s *hearing) until(t *testing.T, words string) {
	t.Helper()
	for range 600 {
		s.mu.Lock()
		ok := strings.Contains(s.b.String(), words)
		s.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("does not say %q:\n%s", words, &s.b)
}

func TestDaemon(t *testing.T) {
	b := newTroubleBench(t, troubleSettings)
	config, _ := os.ReadFile(filepath.Join(b.dir, "config.yaml"))
	c := b.command("2026-11-23T06:59:57Z", "", "watch", "--delay", "0s", "--log-format", "json", "--listen", "127.0.0.1:0")
	out := new(hearing)
	c.Stderr = out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() { _ = c.Process.Kill() })
	out.until(t, `"health and metrics"`)
	out.until(t, `"digest made"`) // at seven, three seconds later
	out.until(t, `"sent"`)
	if code, _, messages := b.run("2026-11-23T07:00:00Z", "", "watch", "--once"); code != exitBusy || !strings.Contains(messages, "another 'drittland watch' is at work") {
		t.Errorf("a second one: exit code %d\n%s", code, messages)
	}
	_, address, _ := strings.Cut(out.b.String(), `"address":"`)
	address, _, _ = strings.Cut(address, `"`)
	for path, want := range map[string]string{"/healthz": "ok\n", "/metrics": "drittland_digests_total 2\n"} {
		r, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if !strings.Contains(string(body), want) {
			t.Errorf("%s: %s", path, body)
		}
	}
	b.must("2026-11-23T07:00:00Z", exitOK, "watch", "--health", "--listen", address)
	b.write("config.yaml", "lists: [\n")
	if err := c.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	out.until(t, "those of before hold")
	b.write("config.yaml", strings.Replace(string(config), ", bo@example.org", "", 1))
	if err := c.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	out.until(t, "the settings were read again")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v\n%s", err, &out.b)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("does not end\n%s", &out.b)
	}
	has(t, out.b.String(), "ended")
	if code, _, _ := b.run("2026-11-23T07:00:00Z", "", "watch", "--health", "--listen", address); code != exitFailed {
		t.Errorf("health of one that is gone: %d", code)
	}
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
}
