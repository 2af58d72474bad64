package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// document makes a text of paragraphs; tabs separate the cells of a row.
func document(paragraphs ...string) *snapshots.Document {
	d := &snapshots.Document{Language: "en"}
	for i, p := range paragraphs {
		if i > 0 {
			d.Text += "\n"
		}
		cells := strings.Split(p, "\t")
		for j, c := range cells {
			if j > 0 {
				d.Text += "\t"
			}
			b := snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(c)}}
			if len(cells) > 1 {
				b.Kind, b.Place = snapshots.Cell, &snapshots.Place{Row: i, Column: j}
			}
			d.Blocks = append(d.Blocks, b)
			d.Text += c
		}
	}
	return d
}

func day(n int) time.Time { return time.Date(2024, 1, n, 12, 0, 0, 0, time.UTC) }

func version(n int) Version { return Version{fmt.Sprintf("v%d", n), day(n), "en"} }

const annex = "https://clipzy.example/countries"

// clipzy is a history of four versions, and a German variant of one.
func clipzy() *Index {
	x := &Index{}
	x.Add(0, "", version(1), []Text{{"", document("Privacy", "We keep your data in Ireland.", "Contact us.")}})
	x.Add(0, "", version(2), []Text{{"", document("Privacy", "Staff in India have remote access to your data.", "Contact us.")},
		{annex, document("Country\tCompany", "India\tClipzy Private Limited")}})
	x.Add(0, "", version(3), []Text{{"", document("Privacy", "We keep your data in Ireland.")}})
	x.Add(0, "", version(4), []Text{{"", document("Privacy", "We keep your data in IRELAND!", "Contact us.", "Contact us.")}})
	x.Add(1, "de", Version{"d1", day(3), "de"}, []Text{{"", document("Übermittlung nach Indien", "Zugriff aus Indien: 国際移転.")}})
	return x
}

// find gives what a query finds, as "line number-number source first words".
func find(t *testing.T, x *Index, said string) (out []string) {
	t.Helper()
	q, err := Parse(said)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(x.Pack())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := p.Find(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hits {
		s := fmt.Sprintf("%s%s @%d", h.Line, Numbers(h.Runs), h.Span.Start)
		if h.Source != "" {
			s += " annex"
		}
		if !h.Standing() {
			s += " until " + h.Until.Format(time.DateOnly)
		}
		out = append(out, s)
	}
	return out
}

func TestFind(t *testing.T) {
	x := clipzy()
	for said, want := range map[string][]string{
		"privacy":                         {"1–4 @0"},
		"PRIVACY":                         {"1–4 @0"},
		"data ireland":                    {"1, 3–4 @8"}, // the same words, though written otherwise in version 4
		"ireland data":                    {"1, 3–4 @8"},
		`"data in ireland"`:               {"1, 3–4 @8"},
		`"ireland data"`:                  nil,
		"contact":                         {"1–2, 4 @38"},
		"india":                           {"2 @8 until 2024-01-03", "2 @16 annex until 2024-01-03"},
		"india -remote":                   {"2 @16 annex until 2024-01-03"},
		`india -"private limited"`:        {"2 @8 until 2024-01-03"},
		"india private":                   {"2 @16 annex until 2024-01-03"}, // cells of one row
		"india country":                   nil,                              // of two
		"indi*":                           {"2 @8 until 2024-01-03", "2 @16 annex until 2024-01-03", "de1 @0", "de1 @26"},
		"ind":                             nil,
		`"rem* acc* to"`:                  {"2 @8 until 2024-01-03"},
		`"rem* to"`:                       nil,
		"india last:":                     nil,
		"ireland last:":                   {"1, 3–4 @8"},
		"ubermittlung":                    {"de1 @0"},
		"ÜBERMITTLUNG lang:de":            {"de1 @0"},
		"ubermittlung lang:en":            nil,
		"移転":                              {"de1 @26"}, // writing without spaces
		"転移":                              nil,
		"india after:2024-01-02":          {"2 @8 until 2024-01-03", "2 @16 annex until 2024-01-03"},
		"india after:2024-01-04":          nil,
		"india before:2024-01-02":         nil,
		"ireland before:2024-01-02":       {"1, 3–4 @8"},
		"india before:2024-01-03":         {"2 @8 until 2024-01-03", "2 @16 annex until 2024-01-03"},
		"ireland after:2024-01-02":        {"1, 3–4 @8"},
		"contact after:2024-01-03 last:":  {"1–2, 4 @38"},
		"contact us us":                   {"1–2, 4 @38"},
		"staff in india have remote data": {"2 @8 until 2024-01-03"},
	} {
		if got := find(t, x, said); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
}

// TestAddLater holds an index that was unpacked and continued against one that was made at once.
func TestAddLater(t *testing.T) {
	whole, part := clipzy(), clipzy()
	next := []Text{{"", document("Privacy", "Staff in India have remote access to your data.", "New words.")}}
	whole.Add(0, "", version(5), next)
	p, err := Open(part.Pack())
	if err != nil {
		t.Fatal(err)
	}
	if part, err = p.Unpack(); err != nil {
		t.Fatal(err)
	}
	lines := []Line{{"", []Version{version(1), version(2), version(3), version(4), version(5)}}, {"de", []Version{{"d1", day(3), "de"}}}}
	have, ok := part.Covers(lines)
	if !ok || !slices.Equal(have, []int{4, 1}) {
		t.Fatalf("covers %v, %v", have, ok)
	}
	part.Add(0, "", version(5), next)
	if string(part.Pack()) != string(whole.Pack()) {
		t.Error("continued, the index is another")
	}
	if got := find(t, part, "remote"); !slices.Equal(got, []string{"2, 5 @8"}) {
		t.Errorf("%q", got)
	}
	lines[0].Versions = slices.Insert(lines[0].Versions, 1, Version{"older", day(1), "en"})
	if _, ok := part.Covers(lines); ok {
		t.Error("an older version came in, and the index goes on")
	}
	if _, ok := part.Covers(lines[:1]); ok {
		t.Error("a line went, and the index goes on")
	}
}

func TestDamaged(t *testing.T) {
	b := clipzy().Pack()
	for i := range b {
		if p, err := Open(b[:i]); err == nil {
			if _, err := p.Unpack(); err == nil {
				t.Fatalf("cut to %d bytes, it can be read", i)
			}
		}
	}
	if _, err := Open(append([]byte{format + 1}, b[1:]...)); err == nil {
		t.Error("another format can be read")
	}
}

// FuzzUnpack reads what is no index, or a damaged one.
func FuzzUnpack(f *testing.F) {
	f.Add(clipzy().Pack(), "india indi*")
	f.Add([]byte{format, 4, ' ', 'a', ' ', '\n', 1, 0, 0, 0, 0}, "a")
	f.Fuzz(func(t *testing.T, b []byte, said string) {
		p, err := Open(b)
		if err != nil {
			return
		}
		if q, err := Parse(said); err == nil {
			_, _ = p.Find(q)
		}
		if x, err := p.Unpack(); err == nil {
			x.Add(0, "", version(1), []Text{{"", document("Privacy")}})
		}
	})
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("Lorem ipsum. ", 40) + "Staff in India have remote access. " + strings.Repeat("Dolor sit amet. ", 40)
	for _, c := range []struct{ quote, said, want string }{
		{"Staff in India have remote access.", `india "remote access"`, "Staff in [India] have [remote access]."},
		{"India", "india", "[India]"},
		{"India\tClipzy", "india", "[India] | Clipzy"},
		{long, `india "remote access"`, "… ipsum. Staff in [India] have [remote access]. Dolor sit amet. Dolor sit amet. …"},
		{"India. " + long, `india remote`, "… ipsum. Staff in [India] have [remote] access. Dolor sit amet. Dolor sit amet. …"}, // where both are
		{strings.Repeat("ä", 300), "ä*x", ""},
		{"x " + strings.Repeat("ä", 300), "x", "[x] " + strings.Repeat("ä", 34) + " …"},
		{"Ăn Übermittlung·über­mittlung", "ubermittlung", "Ăn [Übermittlung]·[über­mittlung]"},
	} {
		q, err := Parse(c.said)
		if err != nil {
			if c.want != "" {
				t.Error(err)
			}
			continue
		}
		got := ""
		for _, p := range Snippet(c.quote, q.Marks(c.quote, nil), 70) {
			if p.Marked {
				p.Text = "[" + p.Text + "]"
			}
			got += p.Text
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.said, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		runs []Run
		want string
	}{
		{[]Run{{1, 1}}, "1"}, {[]Run{{1, 3}, {7, 7}}, "1–3, 7"}, {[]Run{{1, 1}, {3, 3}, {5, 5}, {7, 7}, {9, 12}}, "…, 3, 5, 7, 9–12"},
	} {
		if got := Numbers(c.runs); got != c.want {
			t.Errorf("%v: %s, want %s", c.runs, got, c.want)
		}
	}
}

// BenchmarkFind searches passages of about 220 bytes, of which one in a thousand holds the words.
func BenchmarkFind(b *testing.B) {
	x := &Index{}
	for v := range 20 {
		var ps []string
		for i := range 1000 {
			s := fmt.Sprintf("Passage %d of version %d: we keep your personal data for as long as you use the service, and share them with companies of our group "+
				"that provide storage, support and security, as the law of the country in which you live allows.", i, v)
			if i == 500 {
				s += " Staff in India have remote access."
			}
			ps = append(ps, s)
		}
		x.Add(0, "", version(v+1), []Text{{"", document(ps...)}})
	}
	packed := x.Pack()
	for _, said := range []string{"india remote", "indi* -ireland", "personal data", "zebra"} {
		b.Run(said, func(b *testing.B) {
			q, err := Parse(said)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(packed)))
			b.ReportAllocs()
			for b.Loop() {
				p, err := Open(packed)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Find(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
