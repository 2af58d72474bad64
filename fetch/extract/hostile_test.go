package extract

import (
	"errors"
	"strings"
	"testing"
)

// TestHostile feeds what would exhaust a careless reader. Each case must end, with a document or a clear error.
func TestHostile(t *testing.T) {
	r := strings.Repeat
	for _, c := range []struct{ name, mediaType, body, want string }{
		{"deep divisions", "text/html", r("<div>", 100_000) + "<p>at the bottom</p>", "at the bottom"},
		{"deep divisions and links", "text/html", r("<div><a href=/x>y", 30_000), "y"},
		{"deep lists", "text/html", r("<ul><li>a", 20_000), "a"},
		{"deep tables", "text/html", r("<table><tr><td>", 20_000) + "a", "a"},
		{"spans beyond reason", "text/html", "<table><tr><td rowspan=1000000 colspan=1000000>a<td>b</tr>" + r("<tr><td>x</tr>", 5000) + "</table>", "a"},
		{"a cell over everything", "text/html", "<table>" + r("<tr><td rowspan=65534 colspan=1000>ab<td rowspan=0>c</tr>", 2000) + "</table>", "ab"},
		{"many links", "text/html", r("<a href=/x>y</a> ", 50_000), "y"},
		{"combining marks", "text/html", "<p>a" + r("\u0301<a href=x>\u0301</a>", 5000), "á"},
		{"NUL bytes", "text/html", "<p>a\x00b and some more text after it, so that it is no binary file</p>", "ab and"},
		{"cut in a tag", "text/html", "<html><head></head><body><p>Half a document<a hre", "Half a document"},
		{"script never closed", "text/html", "<p>" + r("some text before ", 20) + "<script>" + r("x", 100_000), "some text"},
		{"deep quotations", "text/markdown", r(">", 50_000) + "x", "x"},
		{"deep items", "text/markdown", r("- ", 20_000) + "x", "x"},
		{"brackets", "text/markdown", r("[a](", 20_000) + "x", "a"},
		{"stars", "text/markdown", r("*a_ ", 20_000) + "x", "a"},
		{"one long paragraph", "text/markdown", r("a b c\n", 20_000), "a b c"},
		{"references", "text/markdown", r("[a]: /x\n", 5000) + "\n" + r("[a] ", 5000), "a"},
		{"no spaces", "text/plain", r("a.", 200_000) + "@", "a."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := mustRead(t, c.mediaType, c.body); !strings.Contains(d.Text, c.want) {
				t.Errorf("%q is not in %.200q", c.want, d.Text)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	var big ErrTooBig
	_, err := Read(Input{Body: make([]byte, 200<<20)}, Options{})
	if !errors.As(err, &big) || big.Limit != 64<<20 || big.Size != 200<<20 {
		t.Errorf("200 MB: %v", err)
	}
	for _, mediaType := range []string{"text/html", "text/markdown", "text/plain"} {
		body := strings.Repeat("<p>One.</p>\n\n", 50)
		if _, err := Read(Input{Body: []byte(body), MediaType: mediaType}, Options{MaxBlocks: 20}); !errors.As(err, &big) || big.What != "blocks" {
			t.Errorf("%s: %v", mediaType, err)
		}
	}
	table := "<table>" + strings.Repeat("<tr><td>a<td>b</tr>", 50) + "</table>"
	if _, err := Read(Input{Body: []byte(table), MediaType: "text/html"}, Options{MaxBlocks: 20}); !errors.As(err, &big) {
		t.Errorf("table: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	for body, want := range map[string]string{
		strings.Repeat("<div>", 1000) + "text":                         "too deep",
		"<html><head></head><body><p>Half a document and then nothing": "break off",
		"<p>x<div hidden>" + prose(12) + "</div>":                      "hides some",
		"<table><tr><td rowspan=65534 colspan=1000>" + strings.Repeat("long text ", 5000) + "<td>b" + strings.Repeat("<tr><td>x", 2000) + "</table>": "spans so many",
	} {
		if d := mustRead(t, "text/html", body); !strings.Contains(strings.Join(d.Warnings, "; "), want) {
			t.Errorf("%.60q: warnings %q, want %q", body, d.Warnings, want)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, mediaType := range []string{"text/html", "text/markdown", "text/plain", ""} {
		for _, body := range []string{"", " \n\t"} {
			if _, err := Read(Input{Body: []byte(body), MediaType: mediaType}, Options{}); !errors.Is(err, ErrEmpty) {
				t.Errorf("%s %q: %v", mediaType, body, err)
			}
		}
	}
}

// TestFlattenedKeepsLinks: a page whose nesting had to be flattened keeps its headings, its tables and its links.
func TestFlattenedKeepsLinks(t *testing.T) {
	d := mustRead(t, "text/html", strings.Repeat("<div>", 2000)+`<h2>Transfers</h2><p>To <a href=/list>these countries</a>.</p><table><tr><td>a<td>b</table>`)
	if got, want := dump(d), "h2 Transfers\np To these countries. [these countries → /list]\nc0.0.0 a\nc0.0.1 b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
