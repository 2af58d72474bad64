package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNext(t *testing.T) {
	const text = "<p>We keep your personal data on servers in Ireland, and we say so here.</p>"
	for _, c := range []struct{ name, in, next string }{
		{"none", text + `<a href="/terms">Terms</a>`, ""},
		{"a link of the head", `<head><link rel="next" href="/privacy/2"></head><main>` + text, "/privacy/2"},
		{"a link of the text", text + `<a rel="nofollow NEXT" href="?page=2#top">2</a>`, "/privacy?page=2"},
		{"its base stands behind it", `<head><link rel=next href=2><base href="https://clipzy.example/privacy/"></head><main>` + text, "/privacy/2"},
		{"by its words", text + `<a href=/p2><span>Next</span> page <b>→</b></a>`, "/p2"},
		{"by words for the ear", text + `<a href=/p2 aria-label="Next page"><svg></svg>›</a>`, "/p2"},
		{"German", text + `<p><a href=/p2>» Nächste Seite</a>`, "/p2"},
		{"French", text + `<nav class=pages><a href=/p2>Suivant</a></nav>`, "/p2"},
		{"the likeliest first, each once", text + `<a href=/a>Weiter</a><a href=/b rel=next>2</a><a href="/b#x">next</a>`, "/b /a"},
		{"words among others", text + `<a href=/p2>Next, we tell you about cookies</a>`, ""},
		{"within the page, and nowhere", text + `<a href="#p2" rel=next>Next</a><a href="javascript:x()">Next</a><a>Next</a><a href="mailto:a@clipzy.example">Next</a>`, ""},
		{"around the text", `<header><a href=/h>Next</a></header>` + text + `<aside><a href=/a>Next</a></aside><footer><a href=/f>Next</a></footer>`, ""},
		{"at the end of an article", `<article>` + text + `<footer><a href=/f>Next</a></footer></article>`, "/f"},
		{"what is to be left out", `<head><link rel=next href=/h></head><main>` + text + `<div class=other><a href=/o rel=next>Next</a></div><a href=/p2>Next</a>`, "/p2"},
	} {
		r, err := ReadAll(Input{Body: []byte("<!DOCTYPE html><html>" + c.in), MediaType: "text/html", BaseURL: "https://clipzy.example/privacy", Remove: []string{".other", `link[href="/h"]`}}, Options{})
		short := func(list []string) string {
			return strings.ReplaceAll(strings.Join(list, " "), "https://clipzy.example", "")
		}
		if err != nil || short(r.Next) != c.next || r.Reader != Reader {
			t.Errorf("%s: next %q, %v", c.name, r.Next, err)
		}
	}
}

func TestNextIsBounded(t *testing.T) {
	var s strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&s, "<p>text</p><a href=/%d rel=next>x</a><a href=/w%d>Next</a>", i, i)
	}
	r, err := ReadAll(Input{Body: []byte(s.String()), MediaType: "text/html", BaseURL: "https://clipzy.example/"}, Options{})
	if err != nil || len(r.Next) != 2*maxLeads || !slices.Contains(r.Next, "https://clipzy.example/w0") {
		t.Errorf("%d, %v", len(r.Next), err)
	}
}
