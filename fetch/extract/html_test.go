package extract

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHTMLBlocks(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings and paragraphs", `<h1 id=top>Privacy&nbsp;notice</h1><p>We  keep
			your data.<h2><div>Transfers</div></h2><div>To <b>India</b>, by <a href="/scc">clauses</a>.</div>`,
			"h1 Privacy notice #top\np We keep your data.\nh2 Transfers\np To India, by clauses. [clauses → https://clipzy.example/scc]\n"},
		{"role heading", `<div role=heading aria-level=3>Who we are</div><p>Clipzy.</p>`, "h3 Who we are\np Clipzy.\n"},
		{"bold line as heading", `<p><strong>Transfers</strong></p><p>We transfer data.</p><p><b>The end</b></p>`,
			"h6 Transfers\np We transfer data.\np The end\n"},
		{"bold sentence is no heading", `<p><b>We transfer data.</b></p><p>Indeed.</p>`, "p We transfer data.\np Indeed.\n"},
		{"bold first line", `<p><b>Transfers</b><br>To Japan.<br>And on.</p>`, "h6 Transfers\np To Japan. And on.\n"},
		{"nested lists", `<p>We share:<ul><li>names<ul><li><p>first</p><p>and more</p><li>last</ul>after<li>mail</ul>`,
			"p We share:\ni1 names\ni2 first\np and more\ni2 last\np after\ni1 mail\n"},
		{"bullets by hand", `<p>• one<br>• two</p><div>- three</div>`, "i1 one\ni1 two\ni1 three\n"},
		{"line breaks", `<p>one line<br>goes on<br><br>another paragraph</p>`, "p one line goes on\np another paragraph\n"},
		{"a column of countries", `<p>Austria<br>Belgium<br>Costa Rica<br>Denmark</p>`, "p Austria\np Belgium\np Costa Rica\np Denmark\n"},
		{"definitions", `<dl><dt>Controller</dt><dd>Clipzy Ltd</dd></dl>`, "p Controller\ni1 Clipzy Ltd\n"},
		{"quotation and preformatted", "<blockquote>Quoted</blockquote><pre>one\ntwo\n\nthree</pre>", "p Quoted\np one two\np three\n"},
		{"closed sections", `<details><summary>Transfers</summary><p>To India.</p></details>
			<h3><button aria-expanded=false aria-controls=p1>Rights</button></h3><div id=p1 hidden>You may ask us at any time.</div>`,
			"h6 Transfers\np To India.\nh3 Rights\np You may ask us at any time. #p1\n"},
		{"tab panels that a class hides", `<div role=tablist><button role=tab aria-controls=eea>EEA</button><button role=tab aria-controls=us>US</button></div>
			<div role=tabpanel id=eea class=active><p>We keep your data in Ireland.</p></div><div role=tabpanel id=us class="hidden d-none"><h3>Storage</h3><p>We keep your data in Ohio.</p></div>`,
			"h6 EEA #eea\np We keep your data in Ireland.\nh2 US #us\nh3 Storage\np We keep your data in Ohio.\n"},
		{"tab panels that the page hides", `<ul role=tablist><li role=presentation><a role=tab href="#eea">EEA</a><li role=presentation><a role=tab href="#us">US</a></ul>
			<div role=tabpanel id=eea><p>We keep your data in Ireland.</p></div><div role=tabpanel id=us aria-hidden=true style="display:none"><p>We keep your data in Ohio.</p></div>`,
			"h6 EEA #eea\np We keep your data in Ireland.\nh6 US #us\np We keep your data in Ohio.\n"},
		{"tabs that their panels name", `<div role=tablist><span role=tab id=t1>EEA</span><span role=tab id=t2>US</span></div>
			<div role=tabpanel aria-labelledby=t1><h2>EEA</h2><p>We keep your data in Ireland.</p></div><div role=tabpanel aria-labelledby=t2 hidden><p>We keep your data in Ohio.</p></div>`,
			"h2 EEA\np We keep your data in Ireland.\nh6 US #t2\np We keep your data in Ohio.\n"},
		{"tabs that share a panel", `<div role=tablist><a role=tab href="#x">EEA</a> <a role=tab href="#x" aria-selected=true>US</a></div><div role=tabpanel id=x><p>We keep your data in Ohio.</p></div>`,
			"p EEA [EEA → https://clipzy.example/privacy#x]\nh6 US #x\np We keep your data in Ohio.\n"},
		{"tabs of nothing", `<div role=tab aria-controls=x>EEA<div role=tabpanel id=x><p>We keep your data in Ohio.</p></div></div><div role=tab>US</div>`,
			"p EEA\np We keep your data in Ohio. #x\np US\n"},
		{"hidden pieces", `<p>Seen</p><p hidden>gone</p><p style="display: none">gone</p><span aria-hidden=true>x</span>`, "p Seen\n"},
		{"menus and boxes", `<nav>Home</nav><header>Clipzy</header><p>Text</p><div id="onetrust-banner-sdk">We use cookies</div>
			<form><input>Subscribe</form><dialog>Sign in</dialog><footer>© Clipzy</footer>`, "p Text\n"},
		{"words for screen readers", `<p>See <a href="https://a.example">the list<span class="sr-only">(opens in a new window)</span></a>.</p>`,
			"p See the list. [the list → https://a.example]\n"},
		{"mail addresses", `<p>Write to <a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="0165716e41626d68717b782f6479606c716d64">[email&#160;protected]</a>
			or <a href="/cdn-cgi/l/email-protection#0165716e41626d68717b782f6479606c716d64">us</a></p>`,
			"p Write to dpo@clipzy.example or us [dpo@clipzy.example → mailto:dpo@clipzy.example] [us → mailto:dpo@clipzy.example]\n"},
		{"noscript does not swallow", `<noscript><iframe src=x></noscript><p>The policy.</p>`, "p The policy.\n"},
		{"anchors", `<a name=old></a><p id=p>See <a href="#t">transfers</a></p><section id=t><h2>Transfers</h2></section>`,
			"p See transfers #p [transfers → https://clipzy.example/privacy#t]\nh2 Transfers #t\n"},
		{"spans stacked by style", `<div><span>Clipzy takes the protection of your data very seriously, always.</span><span></span><span>1. Who are we?</span><span>The data is
			processed by Clipzy Ltd of Dublin and by nobody else.</span><span>2. Transfers</span><span>None are made.</span></div>`,
			"p Clipzy takes the protection of your data very seriously, always.\np 1. Who are we?\np The data is processed by Clipzy Ltd of Dublin and by nobody else.\np 2. Transfers\np None are made.\n"},
		{"inline spans stay", `<p><span>We</span> <span>keep</span><i>ing</i><span>.</span></p>`, "p We keeping.\n"},
		{"faithful text", "<p>über\u00admitt\u200blung, e\u0301t\u00e9 \u201cquoted\u201d\ufeff</p>", "p über\u00admitt\u200blung, été \u201cquoted\u201d\n"},
		{"declarative shadow", `<div><template shadowrootmode=open><p>Shown</p></template><template><p>Not</p></template></div>`, "p Shown\n"},
		{"link around blocks", `<a href=/x><h2>Title</h2><p>Text</p></a>`, "h2 Title [Title → https://clipzy.example/x]\np Text [Text → https://clipzy.example/x]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Read(Input{Body: []byte(c.in), MediaType: "text/html; charset=utf-8", BaseURL: "https://clipzy.example/privacy"}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			invariant(t, d)
			if diff := cmp.Diff(c.want, dump(d)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTables(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"header and cells", `<table><caption>Recipients</caption><tr><th>Recipient<th>Country<tr><td>Clipzy Ltd<td><a href=https://x.example>India</a></table>`,
			"p Recipients\nc0.0.0h Recipient\nc0.0.1h Country\nc0.1.0 Clipzy Ltd\nc0.1.1 India [India → https://x.example]\n"},
		{"spans are repeated", `<table><tr><td rowspan=2>Clipzy<td colspan=2>India<tr><td>Japan<td>Peru</table>`,
			"c0.0.0 Clipzy\nc0.0.1 India\nc0.0.2 India\nc0.1.0 Clipzy\nc0.1.1 Japan\nc0.1.2 Peru\n"},
		{"a block over rows and columns", `<table><tr><td>a<td colspan=2 rowspan=2>b<td>c<tr><td>d<td>e</table>`,
			"c0.0.0 a\nc0.0.1 b\nc0.0.2 b\nc0.0.3 c\nc0.1.0 d\nc0.1.1 b\nc0.1.2 b\nc0.1.3 e\n"},
		{"several pieces in a cell", `<table><tr><th>Recipient</th><th>Country</th></tr><tr><td><p>Clipzy Ltd</p><p>Dublin</p></td><td><ul><li>India<li>United States</ul></td></tr></table>`,
			"c0.0.0h Recipient\nc0.0.1h Country\nc0.1.0 Clipzy Ltd⏎Dublin\nc0.1.1 India⏎United States\n"},
		{"bold first row is a header", `<table><tr><td><b>Tool</b><td><b>Use</b><tr><td>a<td>b</table>`, "c0.0.0h Tool\nc0.0.1h Use\nc0.1.0 a\nc0.1.1 b\n"},
		{"empty cells keep their place", `<table><tr><td>a<td><td>b<tr><td><td>c<td></table>`, "c0.0.0 a\nc0.0.2 b\nc0.1.1 c\n"},
		{"layout by one column", `<table><tr><td><h2>Title</h2><tr><td><p>one<p>two</table>`, "h2 Title\np one\np two\n"},
		{"layout by role", `<table role=presentation><tr><td>left<td>right</table>`, "p left\np right\n"},
		{"table in layout", `<table><tr><td>Menu<td><p>Text<table><tr><td>a<td>b</table></table>`, "p Menu\np Text\nc0.0.0 a\nc0.0.1 b\n"},
		{"table by roles", `<div role=table><div role=row><span role=columnheader>Name</span><span role=columnheader>Country</span></div><div role=row><span role=cell>Clipzy</span><span role=cell>India</span></div></div>`,
			"c0.0.0h Name\nc0.0.1h Country\nc0.1.0 Clipzy\nc0.1.1 India\n"},
		{"two tables", `<table><tr><td>a<td>b</table><table><tr><td>c<td>d</table>`, "c0.0.0 a\nc0.0.1 b\nc1.0.0 c\nc1.0.1 d\n"},
		{"colspan of zero, rowspan to the end", `<table><tr><td rowspan=0>a<td colspan=0>b<tr><td>c<tr><td>d</table>`,
			"c0.0.0 a\nc0.0.1 b\nc0.1.0 a\nc0.1.1 c\nc0.2.0 a\nc0.2.1 d\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, dump(mustRead(t, "text/html", c.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// prose is n sentences of running text.
func prose(n int) string {
	return strings.Repeat("<p>We keep the data that you give us for as long as your account exists, and we delete them when you ask.</p>", n)
}

func TestMainContent(t *testing.T) {
	menu := `<div class="menu">` + strings.Repeat(`<a href="/shop">Our shop</a> `, 30) + `</div>`
	for _, c := range []struct{ name, in, has, hasNot string }{
		{"main", menu + "<div>Stray</div><main>" + prose(5) + "Policy</main>", "Policy", "Stray"},
		{"role main", "<div>Stray</div><div role=main>" + prose(5) + "Policy</div>", "Policy", "Stray"},
		{"article", "<div>Stray</div><article>" + prose(5) + "Policy</article>", "Policy", "Stray"},
		{"a main that holds next to nothing", "<main><p>Teaser</p></main><div>" + prose(20) + "Policy</div>", "Policy", "shop"},
		{"an article that is a teaser", "<article>News</article><div>" + prose(20) + "Policy</div>", "Policy", "shop"},
		{"a form around the whole page", "<form>" + prose(20) + "Policy</form>", "Policy", "shop"},
		{"a dialogue open over the page", "<div aria-hidden=true>" + prose(20) + "Policy</div><div role=dialog>We value your choice</div>", "Policy", "value"},
		{"the title in the site header", "<header><h1>Privacy Policy</h1><nav>Home</nav></header>" + prose(3), "Privacy Policy", "Home"},
		{"a consent box larger than the policy", `<main>` + prose(5) + `Policy</main><div class="cookie-consent-x"><div class="cky-modal">` + prose(30) + "Vendors</div></div>", "Policy", "Vendors"},
		{"an unmarked menu above the title", `<div><a href="/shop">Our shop</a></div><ul><li><a href="/b">Blog</a></ul><h1>Policy</h1>` + prose(5) + `<ul><li><a href="/list">Policy list</a></ul>`, "Policy list", "shop"},
		{"a link in the first sentence", `<div>We of <a href="/">Policy House</a> keep data.</div>` + prose(5), "Policy House", "shop"},
		{"a menu by its name", menu + prose(5), "account", "shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := mustRead(t, "text/html", "<html><body>"+c.in+"</body></html>")
			if !strings.Contains(d.Text, c.has) || strings.Contains(d.Text, c.hasNot) {
				t.Errorf("want %q and not %q in %q", c.has, c.hasNot, d.Text)
			}
		})
	}
}

func TestCrossCheckWarns(t *testing.T) {
	side := strings.Repeat("<li>Offer of the day, see it now</li>", 80)
	d := mustRead(t, "text/html", "<body><div class=text>"+prose(12)+"</div><ul class=sidebar-offers>"+side+"</ul></body>")
	if len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], "two readings of the page differ") {
		t.Errorf("warnings %q", d.Warnings)
	}
	d = mustRead(t, "text/html", "<body><main>"+prose(16)+"</main><ul class=sidebar-offers>"+side+"</ul></body>")
	if len(d.Warnings) != 0 {
		t.Errorf("a marked page warns: %q", d.Warnings)
	}
}

func TestSelectors(t *testing.T) {
	body := `<body><div class=a>One <i>not</i></div><div class=b>Two<div class=a>Three</div></div><p id=c>Four</p></body>`
	read := func(sel, rem []string) (string, error) {
		d, err := Read(Input{Body: []byte(body), MediaType: "text/html", Select: sel, Remove: rem}, Options{})
		if err != nil {
			return "", err
		}
		invariant(t, d)
		return d.Text, nil
	}
	for _, c := range []struct {
		sel, rem []string
		want     string
	}{
		{[]string{"#c", ".a"}, nil, "One not\nThree\nFour"},
		{[]string{".b, .a"}, []string{"i"}, "One\nTwo\nThree"},
		{nil, []string{".b"}, "One not\nFour"},
	} {
		if got, err := read(c.sel, c.rem); err != nil || got != c.want {
			t.Errorf("select %q remove %q: %q, %v; want %q", c.sel, c.rem, got, err, c.want)
		}
	}
	if _, err := read([]string{".none"}, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing selected: %v", err)
	}
	if _, err := read([]string{"p["}, nil); err == nil || !strings.Contains(err.Error(), `selector "p["`) {
		t.Errorf("bad selector: %v", err)
	}
}

func TestBaseElement(t *testing.T) {
	d := mustRead(t, "text/html", `<head><base href="https://nordlicht.example/mail/"></head><p><a href="policy">here</a>`)
	if got := d.Blocks[0].Links[0].Target; got != "https://nordlicht.example/mail/policy" {
		t.Error(got)
	}
	d = mustRead(t, "text/html", `<p><a href="#x">here</a> <a href="javascript:x">there</a>`)
	if got := d.Blocks[0].Links; len(got) != 1 || got[0].Target != "#x" {
		t.Error(got)
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"<title>Privacy Policy | Clipzy</title><h1>Welcome</h1>":                       "Privacy Policy",
		"<title>Petit Panier – Politique de confidentialité</title><h1>Bienvenue</h1>": "Politique de confidentialité",
		"<title>Clipzy - Where data go</title><h1>Where data go</h1>":                  "Where data go",
		"<title>Nordlicht Mail</title><h1>Hallo</h1><h2>Datenschutzerklärung</h2>":     "Datenschutzerklärung",
		"<title>Nordlicht Mail</title><h1>Hallo</h1>":                                  "Nordlicht Mail",
		"<h1>Hallo</h1>": "Hallo",
	} {
		if got := mustRead(t, "text/html", in+"<p>Text.</p>").Title; got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
