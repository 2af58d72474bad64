package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

var noon = time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)

// sample is a document with one of everything.
func sample() *Document {
	d := New(Properties{Title: "Beschwerde <Clipzy> & Co\x00", Subject: "Anlage", Creator: "drittland", Language: "de", Created: noon, Footer: "Exhibit 3 · <hash>", Pages: "Seite %s von %s"})
	d.Text(Title, "Beschwerde")
	for level := 0; level <= 7; level++ {
		d.Heading(level, "Überschrift")
	}
	first, second := d.Numbered(), d.Numbered()
	d.Item(first, 0, Run{Text: "one", Bold: true}, Run{Text: " and ", Italic: true}, Run{Text: "here", Link: "https://clipzy.example/?a=1&b=<2>"})
	d.Item(first, 1, Run{Text: "list", Link: "https://clipzy.example/list?a=1&b=2"})
	d.Item(second, 0, Run{Text: "[name of the complainant]", Highlight: true})
	d.Item(Bullets, 99, Run{Text: "deep"})
	id := d.Comment(Comment{Author: "A <b>", Initials: "a", Date: noon, Paragraphs: []Paragraph{{Runs: []Run{{Text: "says\x1b <this>", Bold: true}}}, {}}})
	ins, del := &Revision{Inserted, "editor", noon}, &Revision{Deleted, "editor", noon}
	d.Add(Paragraph{Bookmark: "1 place", NewPage: true, KeepNext: true, Mark: ins, Was: &Restyled{Look{Heading(2), NoList, 0}, Revision{0, "editor", noon}},
		Runs: []Run{{Text: " in\tserted\nhere ", Revision: ins, Opens: []int{id}}, {Text: " de\tleted ", Revision: del, Closes: []int{id}, Language: "fr"}}})
	d.Add(Paragraph{Look: Look{Style: Quote}, RightToLeft: true, Runs: []Run{{Text: "نقل البيانات", Language: "ar"}, {Text: "code", Code: true, Link: "#1 place"}}})
	d.Add(Table{Widths: []int{1, 3}, Header: true, Rows: [][]Cell{{{{Runs: []Run{{Text: "No."}}}}, {}}, {{{}, {}}}}})
	d.Text(Small, "the end")
	return d
}

func TestParts(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(sample().Write(&a), sample().Write(&b)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same inputs give other bytes")
	}
	got := texts(t, a.Bytes())
	for part, want := range map[string][]string{
		"word/document.xml": {`w:val="Heading1"`, `w:val="Heading6"`, `<w:delText xml:space="preserve"> de</w:delText><w:tab/>`, `>serted</w:t><w:br/>`, `w:name="b1_place"`, `w:anchor="b1_place"`,
			`<w:numId w:val="3"/>`, `<w:ilvl w:val="8"/>`, `<w:highlight w:val="yellow"/>`, `<w:lang w:bidi="ar-`, `<w:lang w:val="fr-FR"/>`, `r:id="link1"`, `<w:pgSz w:w="11906" w:h="16838"/>`, `<w:tblHeader/>`},
		"docProps/core.xml":            {`<dc:title>Beschwerde &lt;Clipzy&gt; &amp; Co</dc:title>`, `2026-06-20T12:00:00Z`, `de-DE`},
		"word/footer.xml":              {`Exhibit 3 · &lt;hash&gt;`, `Seite `, ` PAGE `, ` von `, ` NUMPAGES `},
		"word/comments.xml":            {`w:author="A &lt;b&gt;"`, `says &lt;this&gt;`},
		"word/_rels/document.xml.rels": {`Target="https://clipzy.example/list?a=1&amp;b=2" TargetMode="External"`},
		"word/styles.xml":              {`w:val="de-DE"`},
	} {
		for _, w := range want {
			if !strings.Contains(got[part], w) {
				t.Errorf("%s: no %s", part, w)
			}
		}
	}
	if strings.Contains(got["word/_rels/document.xml.rels"], "link2") {
		t.Error("an address with brackets became a link")
	}
}

// texts are the parts of a file; each must be sound XML.
func texts(t *testing.T, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for dec := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", f.Name, err, b)
			}
		}
		out[f.Name] = string(b)
	}
	return out
}

// TestRefused has what a caller may get wrong, and what grows too big.
func TestRefused(t *testing.T) {
	for want, fill := range map[string]func(*Document){
		"too big":               func(d *Document) { d.Text(Body, strings.Repeat("<", maxBody/4+1)) },
		"a table of 64 columns": func(d *Document) { d.Add(Table{Widths: make([]int, 64)}) },
		"stands on no words":    func(d *Document) { d.Comment(Comment{}) },
		"opened twice":          func(d *Document) { n := d.Comment(Comment{}); d.Add(Paragraph{Runs: []Run{{Opens: []int{n, n}}}}) },
		"closed twice or does":  func(d *Document) { d.Add(Paragraph{Runs: []Run{{Closes: []int{7}}}}) },
		"too big for a DOCX": func(d *Document) {
			for range maxComments + 1 {
				d.Comment(Comment{})
			}
		},
		"a table of 0 columns; ": func(d *Document) { d.Add(Table{}) },
	} {
		d := New(Properties{})
		fill(d)
		if err := d.Write(io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestLinkable(t *testing.T) {
	for to, want := range map[string]bool{"https://clipzy.example/a": true, "HTTP://clipzy.example": true, "mailto:a@clipzy.example": true, "javascript:alert(1)": false, "file:///etc/passwd": false,
		"https://": false, "": false, "//clipzy.example": false, "https://clipzy.example/\n": false, "https://a b": false, "https://" + strings.Repeat("a", maxLink): false, `\\host\share`: false, "ms-word:ofe|u|https://x": false} {
		if Linkable(to) != want {
			t.Errorf("Linkable(%q) = %t", to, !want)
		}
	}
}

func TestRegion(t *testing.T) {
	for lang, want := range map[string]string{"de": "de-DE", "en": "en-GB", "en-US": "en-US", "fr": "fr-FR", "nl": "nl-NL", "pt": "pt-PT", "pt-BR": "pt-BR", "ar": "ar-EG", "und": "en-GB", "?": "en-GB", "": "en-GB", "zh-Hant": "zh-TW"} {
		if got := region(lang); got != want {
			t.Errorf("region(%q) = %q, want %q", lang, got, want)
		}
	}
}

// FuzzText writes any text in any place, and wants XML that holds nothing it must not.
func FuzzText(f *testing.F) {
	for _, s := range []string{"plain", "<&>\"'", "\x00\x0b\ufffe\uffff\U0001fffe", "a\xffb", "\u202e\u2066\U000e0041", "]]>", "\t\n\r\u2028", "#place", "https://clipzy.example/\"onclick"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := New(Properties{Title: s, Subject: s, Creator: s, Language: s, Footer: s, Pages: s})
		n := d.Comment(Comment{Author: s, Initials: s, Paragraphs: []Paragraph{{Runs: []Run{{Text: s, Language: s}}}}})
		by := &Revision{Deleted, s, noon}
		d.Add(Paragraph{Look: Look{Style: Style(Line(s))}, Bookmark: s, Mark: by, Was: &Restyled{Revision: *by}, Runs: []Run{{Text: s, Link: s, Language: s, Revision: by, Opens: []int{n}, Closes: []int{n}}}})
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatal(err)
		}
		for name, text := range texts(t, b.Bytes()) {
			if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && (unicode.Is(unicode.Cc, r) || unfit(r)) }) {
				t.Fatalf("%s holds what it must not: %q", name, text)
			}
		}
	})
}

// TestValid asks Microsoft's Open XML SDK.
func TestValid(t *testing.T) {
	validator := os.Getenv("DRITTLAND_TEST_VALIDATOR")
	if validator == "" {
		t.Skip("needs a validator of DOCX files: export DRITTLAND_TEST_VALIDATOR=$(bash .ci/install-validator)")
	}
	name := filepath.Join(t.TempDir(), "sample.docx")
	var b bytes.Buffer
	if err := sample().Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, office := range []string{"Office2007", "Microsoft365"} {
		if out, err := exec.CommandContext(t.Context(), validator, name, "--officeVersion", office).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", office, err, out)
		}
	}
}
