package extract

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// policyPage writes a page of the size and the make of real ones: long menus, scripts, style classes, sections with
// paragraphs, lists, links and a table. size is about how many bytes of HTML.
func policyPage(size int, landmark string) string {
	var s strings.Builder
	s.WriteString("<!DOCTYPE html><html lang=en><head><title>Privacy Policy | Clipzy</title><style>" + strings.Repeat(".a1b2{margin:0 auto;color:#123456}", size/300) +
		"</style><script>" + strings.Repeat("window.d=window.d||[];d.push({k:1,v:'x'});", size/200) + "</script></head><body><nav><ul>")
	for i := range 120 {
		fmt.Fprintf(&s, `<li class="nav-item nav-item--level-2"><a class="link link--quiet" href="/products/%d">Product number %d</a></li>`, i, i)
	}
	s.WriteString("</ul></nav><" + landmark + `><h1>Privacy Policy</h1><p>Last updated: 3 May 2024</p>`)
	for i := 0; s.Len() < size; i++ {
		fmt.Fprintf(&s, `<section id="s%d" class="section section--text"><h2 class="heading heading--2">%d. Transfers of data</h2>`, i, i+1)
		for range 4 {
			s.WriteString(`<div class="block"><p class="text text--body"><span style="font-weight:400">We transfer the personal data that you give us to recipients in India, in Japan and
				in the United States, on the basis of the <a href="/legal/scc" target="_blank" rel="noopener noreferrer">standard contractual clauses</a> or of an adequacy decision.</span></p></div>`)
		}
		s.WriteString("<ul>" + strings.Repeat(`<li class="item"><strong>Account data</strong>, such as your name, your address and the settings of your account;</li>`, 6) + "</ul>")
		if i%5 == 0 {
			s.WriteString("<table><thead><tr><th>Recipient</th><th>Country</th></tr></thead>" + strings.Repeat("<tr><td>Clipzy Hosting Ltd</td><td>India</td></tr>", 12) + "</table>")
		}
		s.WriteString("</section>")
	}
	s.WriteString("</" + landmark + "><footer>© Clipzy</footer></body></html>")
	return s.String()
}

func BenchmarkRead(b *testing.B) {
	marked := policyPage(250_000, "main")
	d, err := Read(Input{Body: []byte(marked), MediaType: "text/html"}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	var md strings.Builder
	if err := Markdown(&md, d); err != nil {
		b.Fatal(err)
	}
	file := func(name string) string {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			b.Fatal(err)
		}
		return string(body)
	}
	for _, c := range []struct{ name, mediaType, body string }{
		{"HTML", "text/html", marked},
		{"HTML-without-landmark", "text/html", policyPage(250_000, "div")},
		{"Markdown", "text/markdown", md.String()},
		{"text", "text/plain", d.Text},
		{"PDF-tagged", "application/pdf", file("policy-chromium.pdf")},
		{"PDF", "application/pdf", file("policy-libreoffice.pdf")},
		{"DOCX", "", file("policy.docx")},
	} {
		b.Run(c.name, func(b *testing.B) {
			in := Input{Body: []byte(c.body), MediaType: c.mediaType, BaseURL: "https://clipzy.example/privacy"}
			b.SetBytes(int64(len(in.Body)))
			b.ReportAllocs()
			start := time.Now()
			defer func() { b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "pages/s") }()
			for b.Loop() {
				if _, err := Read(in, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLanguage(b *testing.B) {
	text := strings.Repeat(spoken["de"]+" ", 100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Language(text, "")
	}
}
