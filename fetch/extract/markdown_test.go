package extract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdownBlocks(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings", "Privacy\n=======\n\n**Transfers**\n-------------\n\nText.\n\n### Sub {#sub}\n", "h1 Privacy\nh2 Transfers\np Text.\nh3 Sub #sub\n"},
		{"escapes", "1\\. Transfers\n-------------\n\nA\\_b &amp; c\\*\n\n\\- item by hand\n", "h2 1. Transfers\np A_b & c*\ni1 item by hand\n"},
		{"bold line", "**TRANSFERS**\n\nTo India.\n", "h6 TRANSFERS\np To India.\n"},
		{"bold line above text", "**Transfers**  \nTo India.\n", "h6 Transfers\np To India.\n"},
		{"lists", "*   one\n    *   [two](/t)\n*   three\n\n    more\n", "i1 one\ni2 two [two → /t]\ni1 three\np more\n"},
		{"table", "| Recipient | Country |\n| --- | --- |\n| Clipzy \\| Ltd | India<br>Japan |\n|  | Peru |\n",
			"c0.0.0h Recipient\nc0.0.1h Country\nc0.1.0 Clipzy | Ltd\nc0.1.1 India⏎Japan\nc0.2.1 Peru\n"},
		{"table without header", "|  |  |\n| --- | --- |\n| **Tool** | **Use** |\n| a | b |\n", "c0.1.0h Tool\nc0.1.1h Use\nc0.2.0 a\nc0.2.1 b\n"},
		{"addresses", "See https://clipzy.example/x or dpo@clipzy.example.\n",
			"p See https://clipzy.example/x or dpo@clipzy.example. [https://clipzy.example/x → https://clipzy.example/x] [dpo@clipzy.example → mailto:dpo@clipzy.example]\n"},
		{"stray tags", "A <b>bold</b> <a href=\"/l\">link</a><br>x <!-- no --> y\n", "p A bold link x y [link → /l]\n"},
		{"blocks of HTML", "<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>\n\nText\n", "c0.0.0h A\nc0.0.1h B\nc0.1.0 1\nc0.1.1 2\np Text\n"},
		{"a number is not lost", "8. Transfers\n\nWe transfer data to India, among others.\n", "h6 8. Transfers\np We transfer data to India, among others.\n"},
		{"nor that of a date", "# Notice\n\n25. maj 2018\n\nText.\n", "h1 Notice\np 25. maj 2018\np Text.\n"},
		{"attributes of another dialect", "Text.\n{: class=\"x\" }\n\nMore \"text\".\n", "p Text.\np More \"text\".\n"},
		{"bullets that are none", "We use:\n\n• one\n• two\n", "p We use:\ni1 one\ni1 two\n"},
		{"no marked headings", "Transfers abroad\n\nWe transfer data to recipients in India and in Japan.\n", "h6 Transfers abroad\np We transfer data to recipients in India and in Japan.\n"},
		{"front matter", "---\ntitle: x\ndate: 2024\n---\n\n# Notice\n\nText.\n", "h1 Notice\np Text.\n"},
		{"code", "Use `a_b`.\n\n    indented text\n", "p Use a_b.\np indented text\n"},
		{"links around paragraphs", "See\n\n[\n\nHow to stop\n\nClipzy Help\n\n\n\n](https://clipzy.example/a?h=x_1(b))[\n\nNext\n\n](/n)\n\nEnd [1].\n",
			"h6 See\np How to stop\np Clipzy Help [Clipzy Help → https://clipzy.example/a?h=x_1(b)]\np Next [Next → /n]\np End [1].\n"},
		{"links around headings and items", "[\n\n### Transfers\n\n](/t)\n\n*   [\n\n    India\n\n    ](/i)\n*   Peru\n", "h3 Transfers [Transfers → /t]\ni1 India [India → /i]\ni1 Peru\n"},
		{"links around a picture and words", "[![logo](/x.png)\n\nOur clauses](/c) are open [to\nyou](/y).\n", "p Our clauses are open to you. [Our clauses → /c] [to you → /y]\n"},
		{"brackets that are no links", "We [the company\n\nkeep data] for (long) and a \\[\n\nb](/c)\n", "p We [the company\np keep data] for (long) and a [\np b](/c)\n"},
		{"images vanish", "![logo](x.png)\n\n[![x](y)](z) Text\n", "p Text\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, dump(mustRead(t, "text/markdown", c.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMarkdownRoundTrip: what Markdown writes reads as the same blocks.
func TestMarkdownRoundTrip(t *testing.T) {
	in := `<h1>Privacy *notice* of Clipzy</h1><p>1. We keep <a href="https://clipzy.example/a(b)">your_data_</a> &amp; more &lt;b&gt; [x].</p>
		<h2># Transfers</h2><ul><li>one<ul><li>deep - er</ul><li>two</ul><p>Then:</p>
		<table><tr><th>Recipient<th>Country<tr><td>A | B<td>India<br>Japan<tr><td rowspan=2>C<td>Peru<tr><td>Chile</table><p>- The end</p><p>~~~ x &amp;amp; y</p>`
	first := mustRead(t, "text/html", in)
	var md strings.Builder
	if err := Markdown(&md, first); err != nil {
		t.Fatal(err)
	}
	second := mustRead(t, "text/markdown", md.String())
	if diff := cmp.Diff(dump(first), dump(second)); diff != "" {
		t.Errorf("%s\n%s", diff, md.String())
	}
}

func TestMarkdownWriter(t *testing.T) {
	d := mustRead(t, "text/html", `<h2>Transfers</h2><p>To <a href=https://x.example/y>India</a>.<ul><li>a<ul><li>b</ul></ul><table><tr><td>x<td>y</table>`)
	var got strings.Builder
	if err := Markdown(&got, d); err != nil {
		t.Fatal(err)
	}
	want := "## Transfers\n\nTo [India](https://x.example/y).\n\n*   a\n    *   b\n\n|  |  |\n| --- | --- |\n| x | y |\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPlainBlocks(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs by empty lines", "PRIVACY NOTICE\n\nWe keep your data. See https://clipzy.example/a.\n\nWrite to dpo@clipzy.example.",
			"h2 PRIVACY NOTICE\np We keep your data. See https://clipzy.example/a. [https://clipzy.example/a → https://clipzy.example/a]\n" +
				"p Write to dpo@clipzy.example. [dpo@clipzy.example → mailto:dpo@clipzy.example]\n"},
		{"paragraphs by lines", "Who we are\nClipzy Ltd of Dublin is the controller of the data that you give us.\nWe keep them for a year.",
			"h3 Who we are\np Clipzy Ltd of Dublin is the controller of the data that you give us.\np We keep them for a year.\n"},
		{"hard wraps", "We keep the data that you give us for as long as\nyour account exists, and we delete them when you\nask.\nWe do not sell data to anybody, wherever they may\nbe.",
			"p We keep the data that you give us for as long as your account exists, and we delete them when you ask.\np We do not sell data to anybody, wherever they may be.\n"},
		{"items", "We use:\n• one\n- two\n* three\n1. four\na) five", "p We use:\ni1 one\ni1 two\ni1 three\ni1 1. four\ni1 a) five\n"},
		{"numbered headings", "1. Transfers\nWe transfer data to India, to Japan and to recipients elsewhere.\n2. Rights\nYou may ask us for a copy of the data that we hold about you.",
			"h3 1. Transfers\np We transfer data to India, to Japan and to recipients elsewhere.\nh3 2. Rights\np You may ask us for a copy of the data that we hold about you.\n"},
		{"rules and returns", "One.\r\n-----\r\nTwo.\r\n\r\n", "p One.\np Two.\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, dump(mustRead(t, "text/plain", c.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTornLines: a page with an element for each printed line reads as paragraphs.
func TestTornLines(t *testing.T) {
	var page strings.Builder
	for range 8 {
		page.WriteString("<div>This notice is about the processing of your personal data</div><div>while you use the application of Petit Panier, which is</div><div>published in Lyon.</div><div>Transfers</div>")
	}
	d := mustRead(t, "text/html", "<main>"+page.String()+"</main>")
	want := "p This notice is about the processing of your personal data while you use the application of Petit Panier, which is published in Lyon.\np Transfers\n"
	if diff := cmp.Diff(strings.Repeat(want, 8), dump(d)); diff != "" {
		t.Error(diff)
	}
}
