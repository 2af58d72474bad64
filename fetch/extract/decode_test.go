package extract

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func TestEncodings(t *testing.T) {
	const page = "<html><head><!--META--></head><body><p>Wir übermitteln Daten nach Österreich – „sicher“ für Sie.</p></body></html>"
	const want = "Wir übermitteln Daten nach Österreich – „sicher“ für Sie."
	latin, err := charmap.Windows1252.NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	little, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	meta := func(s, cs string) string { return strings.Replace(s, "<!--META-->", `<meta charset="`+cs+`">`, 1) }
	for _, c := range []struct {
		name, body, charset string
		warns               bool
	}{
		{"utf-8", page, "", false},
		{"utf-8 declared as something else", page, "iso-8859-1", false},
		{"byte order mark", "\xef\xbb\xbf" + page, "windows-1251", false},
		{"windows-1252 by header", latin, "windows-1252", false},
		{"windows-1252 by meta", meta(latin, "windows-1252"), "", false},
		{"meta beyond the first kilobyte", strings.Replace(latin, "<!--META-->", strings.Repeat(" ", 2000)+`<meta charset="windows-1252">`, 1), "", false},
		{"windows-1252 undeclared", latin, "", true},
		{"windows-1252 declared as utf-8", latin, "utf-8", true},
		{"utf-16 with mark", little, "", false},
		{"utf-16 without", bare, "", false},
	} {
		d, err := Read(Input{Body: []byte(c.body), MediaType: "text/html", Charset: c.charset}, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		invariant(t, d)
		if d.Text != want || (len(d.Warnings) > 0) != c.warns {
			t.Errorf("%s: %q, warnings %q", c.name, d.Text, d.Warnings)
		}
	}
}

func TestBrokenBytesWarn(t *testing.T) {
	body := strings.Repeat("Wir übermitteln keine Daten. ", 50) + "\xff"
	d, err := Read(Input{Body: []byte(body), MediaType: "text/plain", Charset: "utf-8"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	invariant(t, d)
	if len(d.Warnings) != 1 || !strings.HasSuffix(d.Text, "\ufffd") {
		t.Errorf("warnings %q", d.Warnings)
	}
}

func TestSniffing(t *testing.T) {
	for _, c := range []struct {
		mediaType, body string
		want            format
	}{
		{"", "<!DOCTYPE html><p>x", formatHTML},
		{"application/octet-stream", "  <!-- c --><html><p>x", formatHTML},
		{"", "<div><p>We keep data.</p><p>And more.</p></div>", formatHTML},
		{"text/plain", "<html><body>x", formatHTML},
		{"", "# Privacy\n\nWe keep [data](https://clipzy.example).\n", formatMarkdown},
		{"", "Privacy\n=======\n\n**Transfers**\n", formatMarkdown},
		{"text/plain", "# Privacy\n\n**bold** [a](#b)\n", formatText},
		{"", "We keep data.\n\nAnd more <b>of them</b>.", formatText},
		{"text/markdown; charset=utf-8", "plain", formatMarkdown},
		{"application/xhtml+xml", "plain", formatHTML},
	} {
		if got := formatOf(c.mediaType, []byte(c.body)); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.mediaType, c.body, got, c.want)
		}
	}
}

func TestBinary(t *testing.T) {
	for body, want := range map[string]string{
		"PK\x03\x04....xl/workbook.xml":      "an XLSX file",
		"PK\x03\x04....":                     "a ZIP archive",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..": "an old Microsoft Office file (DOC, XLS)",
		"\x89PNG\r\n\x1a\n":                  "a PNG image",
		"{\\rtf1 x}":                         "an RTF file",
		"\x01\x02\x03\x00\x05\x06abc\x00x":   "binary data",
	} {
		_, err := Read(Input{Body: []byte(body), MediaType: "text/html"}, Options{})
		var b ErrBinary
		if !errors.As(err, &b) || b.Looks != want {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
}
