package extract

import "testing"

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"<title>Privacy – Clipzy</title><main><h1 id=top>Privacy</h1><p>We <b>store</b> data in <a href=/in>India</a>.</p></main>",
		"<table><tr><th>Recipient<th>Country<tr><td rowspan=9999999>Clipzy Ltd<td colspan=3>India<tr><td><ul><li>a<li>b</ul></table>",
		"<ul><li>a<ul><li><p>b<p>c</ul><li>• d</ul><dl><dt>t<dd>d</dl><pre>a\n\nb</pre>",
		"<p>a\u0301<a href=x>\u0301b</a>e<b>\u0301</b>\x00\xff\ufeff\u00a0\u00ad</p>",
		"<noscript><iframe></noscript><p>text<!--x--><template shadowrootmode=open><p>in",
		"<a class=__cf_email__ data-cfemail=543a3b3a31143c3d303031357a313835393d3831>x</a><br><br>b<div hidden>c</div>",
		"<div><span>One sentence here.</span><span>Another sentence there.</span><span>1. Third</span></div>",
		"<body><base href='//x'><h2><div>x</div></h2><summary>y</summary><button aria-expanded=false>z",
		"<div role=table><div role=row><span role=columnheader>a</span><span role=cell>b</span></div></div>",
		"<a role=tab id=t href='#a'>x<p role=tabpanel id=b>y</a><b role=tab aria-controls=b>z<p role=tabpanel id=a>w<h3>v</h3></b><link rel=next href=?2>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, "text/html", body) })
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# Privacy {#top}\n\nWe **store** data in [India](/in).\n\n*   a\n    *   b\n\n8. Transfers\n\ntext",
		"**1. Transfers**\n----\n\n| Recipient | Country |\n| --- | --- |\n| Clipzy \\| Ltd | India<br>Japan |\n",
		"a\\_b &amp; &#x41; <b>x</b> <a href=y>z</a> https://clipzy.example dpo@clipzy.example\n",
		"<table><tr><td>a</td></tr></table>\n\n> > quote\n\n```\ncode\n```\n\n{: datetime=\"x\" }\n",
		"e\u0301\u0301 [\u0301](x) **\u0301**\n• a\n• b\n\nx  \ny\n",
		"---\ntitle: x\n---\n\n![img](x) `code` ~~gone~~\n\n[ref]: http://x\n[ref]",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, "text/markdown", body) })
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"PRIVACY NOTICE\n\n1. Transfers\nWe store data in India, and this line is\nhard wrapped at forty characters or so.\n\n• one\n• two\n- three\na) four",
		"Stand: Mai 2024\r\n\r\nWrite to dpo@clipzy.example or see https://clipzy.example/x.",
		"\xff\xfeP\x00r\x00i\x00v\x00a\x00c\x00y\x00 \x00n\x00o\x00t\x00i\x00c\x00e\x00",
		"Datenschutz f\xfcr Kunden", "e\u0301\u0301\n\u0301\n\n\t\u2028x\u2029y\f",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, "text/plain", body) })
}
