package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}

func day(s string) law.Date {
	d, err := law.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// evil is what a hostile policy might say: a colour, a directional override, a tag, Markdown, marks of the redline.
const evil = "\x1b[31m*India*\x1b[0m \u202e<script>alert(1)</script>\u202c | [here](javascript:x) [+not added+]"

// sample is a report with every part filled in.
func sample() *analyze.Report {
	list := "https://clipzy.example/countries"
	long := strings.Repeat("We may share what we know with companies near and far. ", 12) + "Singapore is one of the places."
	return &analyze.Report{Schema: analyze.ReportSchema, AsOf: day("2022-12-02"), Today: day("2026-06-20"),
		Document: analyze.About{Language: "en", Title: "Clipzy Privacy Policy", EffectiveDate: "2022-12-02", Words: 5398, Readable: true, Name: "clipzy.html",
			Dates: analyze.StatedDates{Effective: &analyze.StatedDate{Day: "2022-12-02", Precision: dates.ToDay}, Updated: &analyze.StatedDate{Day: "2022-11-02", Precision: dates.ToDay},
				Standing: dates.Announced, On: day("2022-11-20"), Captured: true},
			SHA256: snapshots.HashOf([]byte("clipzy"))},
		Transfers: analyze.Transfers{Statement: "yes", Vague: true, VagueQuote: "We may transfer your data to other countries.", ListURL: &list,
			Destinations: []analyze.Destination{
				{Country: "SG", Name: "Singapore", Kind: "named", Roles: []string{"storage", "recipient"}, Standing: law.None, Today: law.None, Quote: long, Start: 100, End: 900},
				{Country: "US", Name: "United States", Kind: "implied", Roles: []string{"recipient"}, Standing: law.Lapsed, Today: law.Conditional, Quote: "Pixelfern Inc. hosts the videos.", Start: 1000, End: 1040, Recipient: "Pixelfern Inc"},
				{Country: "CN", Name: "China", Kind: "by_reference", Roles: []string{"remote_access"}, Standing: law.None, Today: law.None, Quote: "China", Source: list}},
			Tools: []analyze.Tool{{ID: "scc", Quote: "We rely on standard contractual clauses.", Start: 880, End: 920},
				{ID: "privacy_shield", Quote: "Pixelfern adheres to the Privacy Shield.", Start: 2000, End: 2040}},
			Recipients:   []analyze.Recipient{{Name: "Pixelfern Inc", Country: "US", Form: "entity", Standing: law.Lapsed, Quote: "Pixelfern Inc. hosts the videos.", Start: 1000, End: 1040}},
			RemoteAccess: analyze.Access{Stated: analyze.Stated{Stated: true, Quote: evil}, Who: []string{"group"}, For: []string{"maintenance"}}},
		Transparency: []analyze.ItemFound{
			{ID: "right_access", Title: "Right of access", Found: true, Quote: "You may ask for a copy | of your data.", Articles: []string{"GDPR 13(2)(b)", "GDPR 15"}},
			{ID: "retention_period", Title: "Retention period or criteria", Articles: []string{"GDPR 13(2)(a)"}}},
		Findings: []analyze.Finding{
			{ID: "T11", Rule: "transfer/scc", Level: rules.Note, Title: "Clauses without decision", Articles: []string{"GDPR 13(1)(f)"}, Message: "No decision is named.", Quote: "We rely on standard contractual clauses.", AsOf: day("2022-12-02"), Today: "note"},
			{ID: "T08", Rule: "transfer/shield", Level: rules.Error, Title: "Privacy Shield relied on", Articles: []string{"GDPR 44", "GDPR 45", "C-311/18"}, Message: "The decision was annulled.", LookUp: "Which tool is used.", Quote: evil, AsOf: day("2022-12-02"), Today: "warning"}},
		Warnings: []string{}}
}

// unread is a report on a text in a language without rules.
func unread() *analyze.Report {
	return &analyze.Report{Schema: analyze.ReportSchema, AsOf: day("2026-06-20"), Today: day("2026-06-20"), Document: analyze.About{Language: "eu", Title: "Pribatutasuna", Words: 12},
		Transfers: analyze.Transfers{Statement: "none"}, Warnings: []string{"there are no rules for the language eu yet"}}
}

func TestReports(t *testing.T) {
	rs := []*analyze.Report{sample(), unread()}
	for name, write := range map[string]func(io.Writer) error{
		"report.txt":   func(w io.Writer) error { return Text(w, rs, Style{}) },
		"report80.txt": func(w io.Writer) error { return Text(w, rs[:1], Style{Width: 80, Colour: true}) },
		"report.md":    func(w io.Writer) error { return Markdown(w, rs) },
		"report.html":  func(w io.Writer) error { return HTML(w, rs) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			harmless(t, name, b.String())
			golden(t, name, b.Bytes())
		})
	}
}

// harmless fails if something of the text's got through that a terminal or a browser would obey.
func harmless(t *testing.T, name, s string) {
	t.Helper()
	bad := []string{"\u202e", "\x1b[31m*", "\x07"}
	if !strings.HasSuffix(name, ".txt") {
		bad = append(bad, "<script", `href="javascript`, "\x1b")
	}
	if strings.HasSuffix(name, ".md") {
		bad = append(bad, "here](javascript")
	}
	for _, b := range bad {
		if strings.Contains(s, b) {
			t.Errorf("output contains %q", b)
		}
	}
}

func doc(lines ...string) *snapshots.Document {
	d := &snapshots.Document{Language: "en"}
	heading := -1
	for _, l := range lines {
		b := snapshots.Block{Kind: snapshots.Paragraph, Heading: heading}
		if text, ok := strings.CutPrefix(l, "# "); ok {
			l, b.Kind, b.Level, b.Heading = text, snapshots.Heading, 1, -1
			heading = len(d.Blocks)
		} else if text, ok := strings.CutPrefix(l, "- "); ok {
			l, b.Kind, b.Level = text, snapshots.Item, 1
		}
		if d.Text != "" {
			d.Text += "\n"
		}
		b.Span = snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(l)}
		d.Text += l
		d.Blocks = append(d.Blocks, b)
	}
	return d
}

func comparison() *analyze.Comparison {
	cookies := "We use cookies to keep you signed in, and you can switch them off whenever you like."
	filler := []string{"# Security", "We encrypt every connection to our servers.", "We test our systems once a week.", "We write down who has access to what.", "We train our staff."}
	old := doc(append(append([]string{"# Cookies", cookies}, filler...), "# Storage", "We store your data in Ireland for 3 years.", "- Your name and "+evil, "We share nothing.")...)
	new := doc(append(append(filler[:len(filler):len(filler)], "# Storage", "We store your data in Singapore for 3 years.", "- Your name and "+evil+" and address"), "# Cookies", cookies)...)
	red := diff.Compare(old, new, diff.Options{})
	before, after := sample(), sample()
	before.Transfers.Destinations, before.Transfers.Statement = nil, "denied"
	return &analyze.Comparison{Schema: analyze.DiffSchema, Old: before.Document, New: after.Document, OldAsOf: day("2021-12-02"), AsOf: day("2022-12-02"), Class: "substantive_transfers",
		Why: "The facts on transfers changed: " + evil, Alert: true, TransfersTouched: true, Before: before.Transfers, After: after.Transfers,
		FactsChanged: []analyze.FactChange{{Op: "added", What: "destination", Value: "SG", Role: "storage", Quote: "We store your data in Singapore for 3 years."},
			{Op: "added", What: "destination", Value: "US", Role: "storage"}, {Op: "added", What: "remote_access", Quote: evil}, {Op: "removed", What: "tool", Value: "bcr"}},
		Appeared: after.Findings[1:], Resolved: after.Findings[:1], Changes: red.Changes, Redline: red}
}

func TestComparisons(t *testing.T) {
	c := comparison()
	for name, write := range map[string]func(io.Writer) error{
		"compare.txt":   func(w io.Writer) error { return CompareText(w, c, Style{}) },
		"compare80.txt": func(w io.Writer) error { return CompareText(w, c, Style{Width: 80, Colour: true}) },
		"compare.md":    func(w io.Writer) error { return CompareMarkdown(w, c) },
		"compare.html":  func(w io.Writer) error { return CompareHTML(w, c) },
		"compare.json":  func(w io.Writer) error { return CompareJSON(w, c) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			if name != "compare.json" { // which keeps the text as it is, escaped
				harmless(t, name, b.String())
			}
			golden(t, name, b.Bytes())
		})
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain\nlines":           "plain\nlines",
		"\x1b]0;title\x07":       "␛]0;title␇",
		"a\u202eb\u2066c\u200fd": "abcd",
		"a\tb\rc\u2028d":         "a b c d",
		"csi\u009b31m":           "csi31m",
		"\U000e0041tag\u00ad":    "tag",
		"bad \xff byte":          "bad � byte",
		"می\u200cخواهم":          "می\u200cخواهم",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{evil, "\x9b", "\u0085", "\U000e0001", "a\xc2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		for _, r := range got {
			if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("Printable(%q) = %q", s, got)
			}
		}
		if strings.ContainsAny(md(s), "<>") {
			t.Fatalf("md(%q) = %q", s, md(s))
		}
		shorten(s, "India", 40)
	})
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("word ", 100) + "Singapore " + strings.Repeat("word ", 100)
	got := shorten(long, "Singapore", 60)
	if n := len([]rune(got)); n > 70 || !strings.Contains(got, "Singapore") || !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, " …") {
		t.Errorf("shorten = %q (%d runes)", got, n)
	}
	if got := shorten("short", "", 60); got != "short" {
		t.Errorf("shorten(short) = %q", got)
	}
}

func TestJSONEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := JSONLine(&b, []string{"a\u202eb\u009b\U000e0041<é>"}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `["a\u202eb\u009b\udb40\udc41<é>"]`+"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnAddressStatesNoTransfer(t *testing.T) {
	r := &analyze.Report{Transfers: analyze.Transfers{Statement: "none", Destinations: []analyze.Destination{{Country: "US", Roles: []string{"recipient"}}}}}
	if got := newView(r).Statement; !strings.HasPrefix(got, "gives addresses") {
		t.Errorf("got %q", got)
	}
}
