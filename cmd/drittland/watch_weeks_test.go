package main

// Four weeks in the life of a data protection officer, with a web, a mail server and a clock of their own, and a program that dies twice.

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const weeksSettings = `
time_zone: Europe/Berlin
review_url: https://review.clipzy.example/
law_ahead: 3
capture:
  schedule: daily
  jitter: 0s
  render: never
lists:
  - name: legal
    to: [ana@example.org, bo@example.org]
alerts:
  - name: transfers
    levels: [error]
    to: [dpo@example.org]
`

// varying are parts of digests that differ from run to run: identifiers made of times, and times to the second.
var varying = []struct {
	is   *regexp.Regexp
	then string
}{
	{regexp.MustCompile(`evidence-[0-9a-f]{8}\.zip`), "evidence-ID.zip"},
	{regexp.MustCompile(`("version": ")[0-9a-f]{16}`), "${1}ID"},
	{regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}`), "urn:uuid:ID"},
	{regexp.MustCompile(`(\d{4}-\d\d-\d\dT\d\d):\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)`), "${1}:…$3"},
}

func steady(s string) string {
	for _, v := range varying {
		s = v.is.ReplaceAllString(s, v.then)
	}
	return s
}

// golden compares a text with that of a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "watch", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it):\n%s", name, got)
	}
}

// digestForms compares the digest of a week in all its forms: what the mail said, and what the command says of it.
func (b *watchBench) digestForms(now, week string) {
	b.t.Helper()
	sent := map[string]*mailed{}
	for _, l := range b.post.got() {
		if strings.HasPrefix(l.subject, week+": ") {
			if sent[l.to] != nil {
				b.t.Errorf("%s was sent twice to %s", week, l.to)
			}
			sent[l.to] = l
		}
	}
	if len(sent) != 2 {
		b.t.Fatalf("%s: sent to %d; all mail: %q", week, len(sent), b.subjects())
	}
	l := sent["ana@example.org"]
	if l.id == "" || l.header.Get("List-Unsubscribe") == "" {
		b.t.Errorf("%s: without Message-ID or List-Unsubscribe: %v", week, l.header)
	}
	golden(b.t, week+".txt", steady(l.subject+"\n\n"+l.text))
	golden(b.t, week+".html", steady(l.html))
	for _, form := range []string{"md", "json", "atom"} {
		out, _ := b.must(now, exitOK, "digest", "--week", week, "--list", "legal", "--format", form)
		golden(b.t, week+"."+form, steady(out))
	}
}

// died runs watch --once, which is to die at a step.
func (b *watchBench) died(now, step string) {
	b.t.Helper()
	if code, _, messages := b.run(now, step, "watch", "--once", "--delay", "0s", "--retries", "0"); code != -1 {
		b.t.Fatalf("%s: did not die at %q: exit code %d\n%s", now, step, code, messages)
	}
}

func TestFourWeeks(t *testing.T) {
	b := newWatchBench(t, weeksSettings)
	b.page("clipzy", "We store your personal data on servers in Ireland, which are run by our own staff in Dublin.")
	b.page("mailzy", "We transfer your personal data to the United States, where our servers are, because you consented to it.")
	b.page("wavezy", "We store your personal data in Germany.")
	b.page("notezy", "We store your personal data in France.")
	for _, s := range []string{"Clipzy", "Mailzy", "Wavezy", "Notezy"} {
		name := strings.ToLower(s)
		b.must("2023-06-19T07:00:00Z", exitOK, "track", "add", s, "http://"+name+".example/"+name)
	}

	// The first week: first captures. The program dies between the outbox and the mail server.
	b.once("2023-06-19T08:00:00Z", exitOK)
	b.once("2023-06-21T08:00:00Z", exitOK)
	if n := len(b.post.got()); n != 0 {
		t.Fatalf("%d mails before the first week was over: %q", n, b.subjects())
	}
	b.died("2023-06-26T05:30:00Z", "put")
	if n := len(b.post.got()); n != 0 {
		t.Fatalf("%d mails though it died before: %q", n, b.subjects())
	}
	b.once("2023-06-26T05:31:00Z", exitOK)
	b.digestForms("2023-06-26T05:32:00Z", "2023-W25")

	// A quiet week.
	b.once("2023-06-28T08:00:00Z", exitOK)
	b.once("2023-07-03T05:10:00Z", exitOK)
	b.digestForms("2023-07-03T05:32:00Z", "2023-W26")

	// A week with a transfer change, of which an alert tells at once, and a wall. The program dies between the mail server and its record.
	b.page("clipzy", "We transfer your personal data to our servers in India, where our group companies have access to them.")
	b.write("web/wavezy.html", "status 403\n<!DOCTYPE html><html><head><title>Just a moment</title></head><body><h1>Verify you are human</h1></body></html>\n")
	b.once("2023-07-04T08:00:00Z", exitUnreadable)
	alerts := slices.DeleteFunc(b.post.got(), func(l *mailed) bool { return l.to != "dpo@example.org" })
	if len(alerts) != 1 || !strings.Contains(alerts[0].subject, "Clipzy") || !strings.Contains(alerts[0].text, "India") {
		t.Fatalf("alerts: %q", b.subjects())
	}
	b.once("2023-07-06T08:00:00Z", exitUnreadable)
	b.died("2023-07-10T05:30:00Z", "sent")
	b.once("2023-07-10T05:31:00Z", exitUnreadable)
	b.digestForms("2023-07-10T05:32:00Z", "2023-W27")

	// On the Monday of the fourth week the law changes under a text that stands.
	b.once("2023-07-12T08:00:00Z", exitUnreadable)
	b.once("2023-07-17T05:30:00Z", exitUnreadable)
	b.digestForms("2023-07-17T05:32:00Z", "2023-W28")
	b.once("2023-07-17T05:40:00Z", exitOK)
	if n := len(b.post.got()); n != 2*4+1 {
		t.Errorf("%d mails in all: %q", n, b.subjects())
	}
}
