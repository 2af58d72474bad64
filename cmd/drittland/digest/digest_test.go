package digest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	unsafe "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files")

var ana = Reader{Address: "ana@example.org", Unsubscribe: "privacy-desk@example.org"}

// forms are a digest in all its forms, by the ending of a file.
func forms(t *testing.T, d *Digest) map[string]string {
	t.Helper()
	out := map[string]string{}
	for ext, write := range map[string]func(*bytes.Buffer) error{
		"html": func(b *bytes.Buffer) error { return HTML(b, d, ana) },
		"txt":  func(b *bytes.Buffer) error { return Text(b, d, ana) },
		"md":   func(b *bytes.Buffer) error { return Markdown(b, d) },
		"json": func(b *bytes.Buffer) error { return JSON(b, d) },
		"atom": func(b *bytes.Buffer) error { return Atom(b, d, Feed{Self: "https://feeds.clipzy.example/legal.atom"}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		out[ext] = b.String()
	}
	return out
}

func TestGolden(t *testing.T) {
	weeks := map[string]func(string) *Digest{"full": full, "quiet": quiet, "trouble": trouble, "hostile": hostile}
	for name, make := range weeks {
		for ext, got := range forms(t, make("en")) {
			golden(t, name+"."+ext, got)
		}
		for _, lang := range []string{"de", "fr", "nl"} {
			golden(t, name+"."+lang+".txt", "Subject: "+make(lang).Subject()+"\n\n"+forms(t, make(lang))["txt"])
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: not as the golden file (go test ./cmd/drittland/digest -update):\n%s", name, got)
	}
}

func TestSubject(t *testing.T) {
	alarm := trouble("en")
	one := full("en")
	one.Unverified, one.Facts = nil, one.Facts[:1]
	law := week("en")
	law.Law = full("en").Law
	again := full("en")
	again.Facts = again.Facts[:1]
	again.Facts[0].Facts = append(again.Facts[0].Facts[:0:0], destination("removed", "US", "storage"), destination("added", "US", "support"))
	for want, d := range map[string]*Digest{
		"2026-W47: 1 service lets data go somewhere new, 1 service changed what it says of transfers, 2 could not be verified": full("en"),
		"2026-W47: 1 service lets data go somewhere new, 1 service is new":                                                     one,
		"2026-W47: 2 services could not be verified":                                                                           alarm,
		"2026-W47: nothing new":         week("en"),
		"2026-W47: 1 change of the law": law,
		"2026-W47: 1 service changed what it says of transfers, 1 service is new, 2 could not be verified": again,
	} {
		if got := d.Subject(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if s := hostile("en").Subject(); strings.ContainsFunc(s, unicode.IsControl) || utf8.RuneCountInString(s) > 300 {
		t.Errorf("subject %q", s)
	}
}

func TestQuietWeekIsTwoLines(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, quiet("en"), Reader{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSpace(b.String()), "\n"); len(got) > 3 || !strings.Contains(b.String(), "Appzy, Notezy, Wavezy") {
		t.Errorf("%d lines:\n%s", len(got), b.String())
	}
}

// TestOrder: sections stand in their order, findings of a change stand under it, and alarms come first.
func TestOrder(t *testing.T) {
	text := forms(t, full("en"))["txt"]
	last := 0
	for _, want := range []string{"NEW FINDINGS", "\nClipzy\n", "ERROR · Privacy Policy, version 7", "India", "ERROR T05", "WARNING T03", "decided: not relevant", "\nMailzy\n", "First version recorded: 1 error, 1 warning.",
		"CHANGED FACTS", "Teamzy", "ANNOUNCED", "Wikizy", "CHANGES OF THE LAW", "United Kingdom", "DECISIONS", "QUIET", "COULD NOT BE VERIFIED", "ALARM", "19 days", "Wallzy"} {
		i := strings.Index(text[last:], want)
		if i < 0 {
			t.Fatalf("%q is missing, or not behind what comes before it:\n%s", want, text)
		}
		last += i
	}
	if n := strings.Count(text, "version 7, 2026-11-17"); n != 2 { // the change with its findings, and the decision
		t.Errorf("version 7 of Clipzy is told %d times", n)
	}
}

// TestFiveMinutes: whatever happened, a digest is read in about five minutes at 250 words a minute, and counts the rest.
func TestFiveMinutes(t *testing.T) {
	text := forms(t, crowd("en"))["txt"]
	n := 0
	for l := range strings.Lines(text) {
		if !strings.Contains(l, "https://") && !strings.Contains(l, "drittland evidence") { // links are followed, not read
			n += len(strings.Fields(l))
		}
	}
	t.Logf("%d words", n)
	if n > 1300 {
		t.Errorf("%d words", n)
	}
	if len(forms(t, crowd("en"))["html"]) > 100_000 { // Gmail cuts longer mails
		t.Error("the HTML is longer than mail clients show")
	}
	for _, want := range []string{"more entries", "Other services:", "more findings", "and 43 more", "Crowdzy"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, l := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(l) > columns && !strings.Contains(l, "https://") && !strings.Contains(l, "drittland evidence") {
			t.Errorf("wider than %d columns: %s", columns, l)
		}
	}
}

var scheme = regexp.MustCompile(`^(https?|mailto):`)

// TestHostile: nothing of a text is obeyed, in any form.
func TestHostile(t *testing.T) {
	for ext, got := range forms(t, hostile("en")) {
		if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) }) {
			t.Errorf("%s: control characters", ext)
		}
	}
	list := forms(t, hostile("en"))
	harmless(t, "Markdown", rendered(t, list["md"]))
	harmless(t, "HTML", list["html"])
	feed := parseFeed(t, list["atom"])
	for _, e := range feed.all("entry") {
		harmless(t, "Atom", e.all("content")[0].Text)
	}
}

// rendered is Markdown as HTML, with any HTML that stands in it.
func rendered(t *testing.T, md string) string {
	t.Helper()
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(unsafe.WithUnsafe())).Convert([]byte(md), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// harmless wants that a page asks for nothing and runs nothing.
func harmless(t *testing.T, form, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "iframe", "object", "embed", "form", "link", "base", "svg", "video", "audio":
			t.Errorf("%s: <%s>", form, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "background" || a.Key == "href" && !scheme.MatchString(a.Val) || a.Key == "style" && strings.Contains(a.Val, "url(") {
				t.Errorf("%s: %s=%q", form, a.Key, a.Val)
			}
		}
	}
}

func TestLeave(t *testing.T) {
	for to, want := range map[string]string{"desk@example.org": "mailto:desk@example.org?subject=unsubscribe%20legal", "https://example.org/leave?u=1": "https://example.org/leave?u=1", "mailto:x@example.org": "mailto:x@example.org", "": "answer it and say so"} {
		var text, page bytes.Buffer
		r := Reader{Address: "ana@example.org", Unsubscribe: to}
		if err := Text(&text, full("en"), r); err != nil {
			t.Fatal(err)
		}
		if err := HTML(&page, full("en"), r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), want) || !strings.Contains(page.String(), want) {
			t.Errorf("%q: no %q at the foot", to, want)
		}
	}
	d := full("en") // of several organisations that each have a list of this name
	d.Organisation = "north"
	var text bytes.Buffer
	if err := Text(&text, d, Reader{Address: "ana@example.org", Unsubscribe: "desk?cc=all@example.org"}); err != nil {
		t.Fatal(err)
	}
	if want := "mailto:desk%3Fcc=all@example.org?subject=unsubscribe%20" + d.List + ".north\n"; !strings.Contains(text.String(), want) || !strings.Contains(text.String(), "on the list "+d.List+" of north.") {
		t.Errorf("no %q at the foot:\n%s", want, text.String())
	}
}

func TestAround(t *testing.T) {
	p := differing(strings.Repeat("same ", 100)+"Ireland "+strings.Repeat("more ", 100), strings.Repeat("same ", 100)+"India "+strings.Repeat("more ", 100))
	for _, s := range []string{p.Before, p.After} {
		if utf8.RuneCountInString(s) > quoteRunes+4 || !strings.HasPrefix(s, "… same") || !strings.HasSuffix(s, "more …") || !strings.Contains(s, " I") {
			t.Errorf("%q", s)
		}
	}
	if got := clip("a short one", 20); got != "a short one" {
		t.Errorf("%q", got)
	}
	if got := clip(strings.Repeat("ü", 50), 10); utf8.RuneCountInString(got) != 12 {
		t.Errorf("%q", got)
	}
}

// FuzzForms: whatever a text, a name or a colleague says, forms stay what they are.
func FuzzForms(f *testing.F) {
	f.Add(evil)
	f.Add("\x00\xff\ufffe\u2028</title><!--")
	f.Add("`````\n\n# x\n1. [x]: javascript:x")
	f.Fuzz(func(t *testing.T, s string) {
		d := full("en")
		d.List, d.Quiet = s, []string{s}
		d.Findings[0].Title, d.Findings[1].Quote, d.Findings[1].Terms.Service = s, s, s
		d.Facts[0].After, d.Facts[1].Terms.Type, d.Facts[1].Evidence, d.Facts[0].Review = []string{s}, s, s, s
		d.Decisions[0].Decision.Note, d.Unverified[0].Why, d.Unverified[1].URL, d.Law[0].Instrument = s, s, s, s
		if strings.ContainsFunc(d.Subject(), unicode.IsControl) {
			t.Errorf("subject %q", d.Subject())
		}
		list := forms(t, d)
		for ext, got := range list {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && unicode.Is(unicode.Cc, r) }) {
				t.Errorf("%s: control characters", ext)
			}
		}
		harmless(t, "HTML", list["html"])
		harmless(t, "Markdown", rendered(t, list["md"]))
		valid(t, list["atom"])
	})
}

// TestUnverifiedSays wants the reason once, and no address within it.
func TestUnverifiedSays(t *testing.T) {
	for _, c := range []struct{ kind, why, want string }{
		{"blocked", "fetch https://wallzy.example/privacy?a=b: blocked: status 403 Forbidden", "status 403 Forbidden"},
		{"blocked", "blocked", ""},
		{"blocked", "fetch https://wallzy.example/: blocked", ""},
		{"not a policy", "a page that asks whether you are human", "a page that asks whether you are human"},
		{"", "fetch failed", "fetch failed"},
		{"", "", ""},
	} {
		if got := (&Unverified{Kind: c.kind, Why: c.why}).said(); got != c.want {
			t.Errorf("%s, %q: %q, want %q", c.kind, c.why, got, c.want)
		}
	}
}
