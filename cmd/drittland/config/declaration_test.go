package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/snapshots"
)

const everything = `# Clipzy, all that a declaration can say
service: Clipzy
terms:
  Privacy Policy:
    every: 12h
    lang: de
    remove: .banner
    normalise: [strip_tracking, drop_dates]
    annexes: https://lists.example/countries
    combine:
      - url: https://clipzy.example/privacy
        select:
          - main
          - {startBefore: "#transfers", endAfter: "#list"}
      - url: https://clipzy.example/privacy/2
        remove: [{startAfter: h1, endBefore: h2}]
        render: always
    history:
      - until: 2026-01-31
        url: https://clipzy.example/new
      - until: 2025-03-01T10:00:00+01:00
        url: https://clipzy.example/old
        select: article
  Terms of Service:
    url: https://clipzy.example/terms.pdf
    render: auto
    schedule: "30 6 * * 1-5"
`

func wanted() []snapshots.Declaration {
	steps := []string{"strip_tracking", "drop_dates"}
	return []snapshots.Declaration{{Service: "Clipzy", TermsType: "Privacy Policy", Every: 12 * time.Hour, Sources: []snapshots.Source{
		{URL: "https://clipzy.example/privacy", Select: []string{"main"}, SelectRanges: []snapshots.Range{{StartBefore: "#transfers", EndAfter: "#list"}},
			Remove: []string{".banner"}, Lang: "de", Annexes: []string{"https://lists.example/countries"}, Normalise: steps},
		{URL: "https://clipzy.example/privacy/2", RemoveRanges: []snapshots.Range{{StartAfter: "h1", EndBefore: "h2"}}, Lang: "de", Render: "always", Normalise: steps},
	}, Past: []snapshots.Past{
		{Until: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC), Sources: []snapshots.Source{{URL: "https://clipzy.example/old", Select: []string{"article"}}}},
		{Until: time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC), Sources: []snapshots.Source{{URL: "https://clipzy.example/new"}}},
	}}, {Service: "Clipzy", TermsType: "Terms of Service", Schedule: "30 6 * * 1-5", Sources: []snapshots.Source{{URL: "https://clipzy.example/terms.pdf"}}}}
}

func TestDeclarations(t *testing.T) {
	got, err := Declarations("clipzy.yaml", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wanted(), got); d != "" {
		t.Error(d)
	}
	b, err := Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Declarations("clipzy.yaml", b)
	if d := cmp.Diff(got, again); err != nil || d != "" {
		t.Errorf("%v\n%s\n%s", err, b, d)
	}
	short, err := Declarations("x.yaml", []byte("service: Pixelfern\nurl: https://pixelfern.example/privacy\n"))
	if err != nil || len(short) != 1 || short[0].TermsType != DefaultType || short[0].Service != "Pixelfern" {
		t.Errorf("%+v, %v", short, err)
	}
}

// Mistakes are shown where they stand, all of them.
func TestMistakes(t *testing.T) {
	head := "service: Clipzy\nterms:\n  Privacy Policy:\n"
	for _, x := range []struct{ name, in, want string }{
		{"nothing", "", "x.yaml: the file is empty"},
		{"two documents", "a: 1\n---\nb: 2\n", "found more"},
		{"no service", "url: https://a.example/\n", "x.yaml:1:1: no service"},
		{"no map", "- a\n", "x.yaml:1:1: expected a declaration, with keys and values"},
		{"unknown key", head + "    url: https://a.example/\n    selct: main\n", "x.yaml:5:5: unknown key \"selct\" in terms; did you mean select?\n    4 |     url: https://a.example/\n    5 |     selct: main\n      |     ^"},
		{"twice", head + "    url: https://a.example/\n    url: https://b.example/\n", "x.yaml:5:5: \"url\" stands here twice"},
		{"no address", head + "    select: main\n", "x.yaml:4:5: no url"},
		{"bad address", head + "    url: ftp://a.example/\n", "x.yaml:4:10: \"ftp://a.example/\" is no address of a page"},
		{"password", head + "    url: https://me:secret@a.example/\n", "user name or a password"},
		{"bad selector", head + "    url: https://a.example/\n    select: [main, 'div[']\n", "x.yaml:5:20: selector \"div[\""},
		{"half a range", head + "    url: https://a.example/\n    select: {startBefore: h1}\n", "x.yaml:5:13: a range has a start"},
		{"bad step", head + "    url: https://a.example/\n    normalise: drop_all\n", "x.yaml:5:16: normalise: \"drop_all\" is no step; there are strip_tracking, drop_ids, drop_dates, drop_counters"},
		{"bad render", head + "    url: https://a.example/\n    render: maybe\n", "x.yaml:5:13: render: expected auto, always or never"},
		{"too often", head + "    url: https://a.example/\n    every: 5m\n", "x.yaml:5:12: every: expected a time of at least 1h"},
		{"bad schedule", head + "    url: https://a.example/\n    schedule: weakly\n", "x.yaml:5:15: schedule: \"weakly\" is no schedule: expected hourly"},
		{"schedule too often", head + "    url: https://a.example/\n    schedule: '*/5 * * * *'\n", "x.yaml:5:15: schedule: \"*/5 * * * *\" comes more than once an hour"},
		{"schedule unquoted", head + "    url: https://a.example/\n    schedule: */5 * * * *\n", "put quotes around what begins with *"},
		{"no schedule", head + "    url: https://a.example/\n    schedule:\n", "expected one value"},
		{"both", head + "    url: https://a.example/\n    combine: [{url: https://b.example/}]\n", "x.yaml:5:14: url and combine exclude each other"},
		{"same page twice", head + "    combine: [{url: https://b.example/}, {url: https://b.example/}]\n", "stands here twice: name it once"},
		{"no until", head + "    url: https://a.example/\n    history: [{url: https://b.example/}]\n", "no until"},
		{"bad day", head + "    url: https://a.example/\n    history: [{url: https://b.example/, until: yesterday}]\n", "\"yesterday\" is no day such as"},
		{"alias", "service: &a Clipzy\nurl: *a\n", "x.yaml:2:6: anchors and aliases"},
		{"no YAML", "service: [\n", "x.yaml:"},
		{"too big", "service: " + strings.Repeat("x", MaxSize), "too big"},
		{"address beside terms", "service: a\nurl: https://a.example/\nterms: {Terms: {url: https://a.example/}}\n", "terms stand beside an address"},
	} {
		_, err := Declarations("x.yaml", []byte(x.in))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && !strings.Contains(err.Error(), "| ") {
			t.Errorf("%s: the password is told: %v", x.name, err)
		}
	}
	_, err := Declarations("x.yaml", []byte(head+"    url: a\n    render: b\n    every: c\n"))
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 3 {
		t.Errorf("not all mistakes are told: %v", err)
	}
}

const otaFile = `{
	"name": "Clipzy, the video service",
	"terms": {
		"Privacy Policy": {
			"combine": [
				{ "fetch": "https://clipzy.example/privacy", "select": ["main", { "startBefore": "#a", "endBefore": "#b" }] },
				{ "fetch": "https://clipzy.example/privacy/2", "executeClientScripts": false }
			],
			"remove": ".banner",
			"executeClientScripts": true
		},
		"Terms of Service": { "fetch": "https://clipzy.example/terms", "select": "main", "filter": ["removeIds", { "cut": { "until": 3 } }] },
		"Imprint": { "fetch": "https://clipzy.example/imprint.pdf" }
	}
}`

func TestOpenTermsArchive(t *testing.T) {
	history := `{"Imprint": [
  {"fetch": "https://clipzy.example/old", "select": "#x", "validUntil": "2024-05-01T10:00:00.123Z"},
  {"fetch": "https://clipzy.example/older", "select": "#x", "filter": ["clean"], "validUntil": "2023-05-01T10:00:00Z"}],
 "Commercial Terms": [{"fetch": "https://clipzy.example/b2b", "select": "#x", "validUntil": "2024-05-01T10:00:00Z"}]}`
	got, refused, err := OpenTermsArchive("Clipzy", "Clipzy.json", []byte("\ufeff"+otaFile), "Clipzy.history.json", []byte(history))
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshots.Declaration{
		{Service: "Clipzy", TermsType: "Privacy Policy", Sources: []snapshots.Source{
			{URL: "https://clipzy.example/privacy", Select: []string{"main"}, SelectRanges: []snapshots.Range{{StartBefore: "#a", EndBefore: "#b"}}, Remove: []string{".banner"}, Render: "always"},
			{URL: "https://clipzy.example/privacy/2", Remove: []string{".banner"}, Render: "never"}}},
		{Service: "Clipzy", TermsType: "Imprint", Sources: []snapshots.Source{{URL: "https://clipzy.example/imprint.pdf"}},
			Past: []snapshots.Past{{Until: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC), Sources: []snapshots.Source{{URL: "https://clipzy.example/old", Select: []string{"#x"}}}}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Refusal{{Terms: "Terms of Service", Filters: []string{"removeIds", "cut"}}, {Terms: "Imprint", Past: true, Filters: []string{"clean"}}}, refused); d != "" {
		t.Error(d)
	}
	old := strings.Replace(otaFile, `"terms"`, `"documents"`, 1) // what it was called before
	if got, _, err := OpenTermsArchive("Clipzy", "Clipzy.json", []byte(old), "", nil); err != nil || len(got) != 2 {
		t.Errorf("documents: %v, %v", got, err)
	}
}

func TestOpenTermsArchiveMistakes(t *testing.T) {
	for _, x := range []struct{ in, history, want string }{
		{"{\n  \"terms\": {,}\n}", "", "x.json:2:12: this is no JSON"},
		{"{\"terms\": {", "", "this is no JSON: unexpected EOF"},
		{"{\"terms\": {}} x", "", "this is no JSON"},
		{strings.Repeat("[", 1000), "", "nested too deep"},
		{"{\"name\": \"x\"}", "", "no terms: this is no declaration"},
		{"{\n \"terms\": {\n  \"Imprint\": {\"select\": \"main\"}\n}}", "", "x.json:3:14: no fetch"},
		{"{\n \"terms\": {\n  \"Imprint\": {\"fetch\": \"https://a.example/\", \"selector\": \"main\"}\n}}", "", "x.json:3:46: unknown key \"selector\""},
		{otaFile, "{\"Imprint\": [{\"fetch\": \"https://a.example/\"}]}", "x.history.json:1:14: no validUntil"},
	} {
		var history []byte
		if x.history != "" {
			history = []byte(x.history)
		}
		_, _, err := OpenTermsArchive("x", "x.json", []byte(x.in), "x.history.json", history)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%.40q: %v, want %q", x.in, err, x.want)
		}
	}
}

// What is read can be written, and reads the same again.
func FuzzDeclarations(f *testing.F) {
	f.Add(everything)
	f.Add("service: a\nurl: https://a.example/\n")
	f.Fuzz(func(t *testing.T, in string) { roundTrip(t, "x.yaml", in) })
}

func FuzzOpenTermsArchive(f *testing.F) {
	f.Add(otaFile, `{"Imprint": [{"fetch": "https://clipzy.example/old", "validUntil": "2024-05-01T10:00:00Z"}]}`)
	f.Fuzz(func(t *testing.T, in, history string) {
		list, _, err := OpenTermsArchive("Clipzy", "x.json", []byte(in), "x.history.json", []byte(history))
		if err == nil && len(list) > 0 {
			writtenAgain(t, list)
		}
	})
}

func roundTrip(t *testing.T, file, in string) {
	t.Helper()
	list, err := Declarations(file, []byte(in))
	if err == nil {
		writtenAgain(t, list)
	}
}

func writtenAgain(t *testing.T, list []snapshots.Declaration) {
	t.Helper()
	b, err := Encode(list)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Declarations("again.yaml", b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	byType := func(list []snapshots.Declaration) map[string]snapshots.Declaration {
		m := map[string]snapshots.Declaration{}
		for _, d := range list {
			for i := range d.Sources {
				if len(d.Sources) > 1 && i > 0 {
					d.Sources[i].Annexes = nil
				}
			}
			m[d.TermsType] = d
		}
		return m
	}
	if d := cmp.Diff(byType(list), byType(again)); d != "" {
		t.Fatalf("%s\n%s", b, d)
	}
}
