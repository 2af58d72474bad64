package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// shownRedline is the redline as it is parsed by a browser.
func shownRedline(t interface{ Fatal(...any) }, c *analyze.Comparison, o RedlineOptions) *html.Node {
	s, err := NewRedline(c, o).HTML()
	if err != nil {
		t.Fatal(err)
	}
	n, err := html.Parse(strings.NewReader(string(s)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

// find are the elements for which is holds.
func find(n *html.Node, is func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			out = append(out, d)
		}
	}
	return out
}

func classed(class string) func(*html.Node) bool {
	return func(n *html.Node) bool { return has(n, class) }
}

// words are the words of the policy within n, without those elements for which skip holds.
func policyWords(n *html.Node, skip func(*html.Node) bool) string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			out.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (skip(n) || slices.ContainsFunc([]string{"sr", "ref", "to", "jump", "tag", "notes", "cut", "skip"}, func(c string) bool { return has(n, c) })) {
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(n)
	return bareWords(out.String())
}

// bareWords are words without spaces, signs of ends and characters without width.
func bareWords(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("¶|\u200b\u00ad", r) {
			return -1
		}
		return r
	}, visible(s, " "))
}

func blockWords(d *snapshots.Document) string {
	out := ""
	for _, b := range d.Blocks {
		out += bareWords(d.Quote(b.Span))
	}
	return out
}

// bothTexts says what is wrong with a redline of all of the text: whether it shows both texts, each once.
func bothTexts(root *html.Node, c *analyze.Comparison) string {
	isNew, isOld := "", ""
	for _, n := range find(root, classed("row")) {
		for k := range n.ChildNodes() {
			switch {
			case k.Type != html.ElementNode:
			case has(k, "one"):
				isNew += policyWords(k, func(n *html.Node) bool { return n.Data == "del" || has(n, "out") })
			case has(k, "old") && (has(n, "gone") || has(n, "table") || len(find(n, func(a *html.Node) bool { return strings.HasPrefix(attr(a, "href"), "#away-") })) == 0):
				isOld += policyWords(k, func(*html.Node) bool { return false })
			}
		}
	}
	for _, x := range [][2]string{{isNew, blockWords(c.Redline.New)}, {isOld, blockWords(c.Redline.Old)}} {
		if x[0] != x[1] {
			return fmt.Sprintf("shown\n%q\nof\n%q", x[0], x[1])
		}
	}
	return ""
}

// soundPage says what is wrong with a page: ids that are there twice, links that lead nowhere or out in a way that they
// must not, elements and attributes that no template of ours writes.
func soundPage(root *html.Node) string {
	ids := map[string]int{}
	for _, n := range find(root, func(n *html.Node) bool { return attr(n, "id") != "" }) {
		if ids[attr(n, "id")]++; ids[attr(n, "id")] > 1 {
			return "the id " + attr(n, "id") + " is there twice"
		}
	}
	elements := strings.Fields("html head body div p a b span ins del mark table tbody tr td th fieldset legend label input main article h1 h2 h3 h4 br ul li q bdi section blockquote footer meta title style")
	attributes := strings.Fields("id class href rel lang dir role aria-level aria-label aria-hidden title type name checked tabindex scope colspan charset content http-equiv")
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && !slices.Contains(elements, n.Data) {
			return "an element " + n.Data
		}
		for _, a := range n.Attr {
			switch to, within := strings.CutPrefix(a.Val, "#"); {
			case !slices.Contains(attributes, a.Key):
				return "an attribute " + a.Key
			case a.Key != "href":
			case within && ids[to] == 0:
				return "nothing has the id " + to
			case !within && (!strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") || !strings.Contains(attr(n, "rel"), "noopener noreferrer")):
				return "a link to " + a.Val
			}
		}
	}
	return ""
}

func TestRedlineShowsBothTexts(t *testing.T) {
	for name, p := range pairs {
		t.Run(name, func(t *testing.T) {
			c := compared(policy(p[0]), policy(p[1]))
			root := shownRedline(t, c, RedlineOptions{View: SideBySide, All: true})
			if msg := bothTexts(root, c); msg != "" {
				t.Error(msg)
			}
			for _, o := range []RedlineOptions{{}, {Fixed: true}, {Fixed: true, All: true}, {Fixed: true, View: SideBySide}} {
				if msg := soundPage(shownRedline(t, c, o)); msg != "" {
					t.Errorf("%+v: %s", o, msg)
				}
			}
			for i := range c.Redline.Changes {
				id := fmt.Sprintf("change-%d", i+1)
				if len(find(root, func(n *html.Node) bool { return attr(n, "id") == id })) != 1 {
					t.Errorf("no %s", id)
				}
			}
		})
	}
}

func TestRedlineOfRandomTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) string {
			words := rapid.SliceOfN(rapid.SampledFrom(strings.Fields("we may share your data with partners in Norway. Clipzy, keeps; <b> & for 30 days \u202e “safe” don’t")), 1, 80).Draw(t, "words")
			return rapid.SampledFrom([]string{"", "", "# ", "## ", "- ", "-- ", "| "}).Draw(t, "kind") + strings.Join(words, rapid.SampledFrom([]string{" ", "\u00a0", " | "}).Draw(t, "space"))
		})
		lines := rapid.SliceOfN(line, 0, 8).Draw(t, "old")
		old := policy(strings.Join(lines, "\n"))
		for range rapid.IntRange(0, 5).Draw(t, "edits") {
			i := rapid.IntRange(0, max(len(lines)-1, 0)).Draw(t, "at")
			switch op := rapid.IntRange(0, 2).Draw(t, "op"); {
			case len(lines) == 0 || op == 0:
				lines = append(lines[:i:i], append([]string{line.Draw(t, "new")}, lines[i:]...)...)
			case op == 1:
				lines = append(append(lines[:i:i], lines[i+1:]...), lines[i])
			default:
				lines = append(append(lines[:i:i], lines[i]+" too"), lines[i+1:]...)
			}
		}
		c := compared(old, policy(strings.Join(lines, "\n")))
		for _, d := range []*snapshots.Document{c.Redline.New, c.Redline.New, c.Redline.Old} {
			if n := len(d.Text); n > 0 {
				a := rapid.IntRange(0, n-1).Draw(t, "from")
				f := analyze.Finding{ID: "T01", Level: rules.Note, Start: a, End: rapid.IntRange(a, n).Draw(t, "to"), Today: "note"}
				if d == c.Redline.New {
					c.Appeared = append(c.Appeared, f)
				} else {
					c.Resolved = append(c.Resolved, f)
				}
			}
		}
		root := shownRedline(t, c, RedlineOptions{})
		if msg := bothTexts(root, c) + soundPage(root); msg != "" {
			t.Fatal(msg)
		}
		if msg := soundPage(shownRedline(t, c, RedlineOptions{Fixed: true})); msg != "" {
			t.Fatal(msg)
		}
	})
}

// TestRedlineNotes has notes on words that stand, that came and that went, some of which overlap.
func TestRedlineNotes(t *testing.T) {
	c := withFindings()
	c.Appeared = append(c.Appeared, on(c.Redline.New, "T01", "your data in Singapore."), on(c.Redline.New, "T02", "Write to us"))
	c.Appeared[2].Level = rules.Error
	root := shownRedline(t, c, RedlineOptions{After: func(f *analyze.Finding, resolved bool) template.HTML {
		return template.HTML("<b>" + f.ID + fmt.Sprint(resolved) + "</b>")
	}})
	if msg := soundPage(root) + bothTexts(root, c); msg != "" {
		t.Fatal(msg)
	}
	marked := map[string]string{}
	for _, m := range find(root, func(n *html.Node) bool { return n.Data == "mark" && len(find(n.Parent.Parent, classed("legend"))) == 0 }) {
		marked[attr(m, "class")] += policyWords(m, func(*html.Node) bool { return false }) + ";"
	}
	delete(marked, "fact")
	said := ""
	for _, n := range find(root, classed("beside")) {
		said += policyWords(n, func(*html.Node) bool { return false }) + "\n"
	}
	for _, want := range []string{"1errorFindingthatappeared:T01Destinationnamed", "T05Destinationnamed", "GDPR13(1)(f)", "Aplaceoutside", "warningasof2022-12-02;bythelawoftoday:warning", "T05false", "T11true", "Findingthatisresolved:T11", "Factthatisnew:storage:SG", "Factthatisgone:transfertool:standardcontractualclauses"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if !strings.Contains(marked["error"], "yourdata") || !strings.Contains(marked["error"], "Singapore") || marked["resolved was"] != "standardclauses;" && !strings.Contains(marked["resolved"], "standardclauses") {
		t.Errorf("marked: %q", marked)
	}
	for _, n := range find(root, classed("beside")) {
		number := strings.TrimPrefix(attr(n, "id"), "note-")
		if len(find(root, func(a *html.Node) bool { return attr(a, "href") == "#note-"+number })) == 0 {
			t.Errorf("nothing leads to note %s", number)
		}
	}
	if n := len(find(root, func(n *html.Node) bool { return has(n, "far") })); n != 0 {
		t.Errorf("%d blocks with notes are left out", n)
	}
}

func TestRedlineOptions(t *testing.T) {
	c := compared(long(900, 0), long(900, 0.01))
	text := func(o RedlineOptions) string {
		s, err := NewRedline(c, o).HTML()
		if err != nil {
			t.Fatal(err)
		}
		return string(s)
	}
	all, parts := text(RedlineOptions{Fixed: true, All: true}), text(RedlineOptions{Fixed: true})
	if strings.Contains(all+parts, "<input") || strings.Contains(all+parts, `class="old"`) || !strings.Contains(parts, "unchanged block") || strings.Contains(all, "unchanged block") {
		t.Error("a fixed view has switches, the other side, or the wrong gaps")
	}
	if len(parts) > len(all)*2/3 {
		t.Errorf("%d bytes of changed parts, %d of all", len(parts), len(all))
	}
	if s := text(RedlineOptions{Fixed: true, View: SideBySide}); !strings.Contains(s, `class="redline side"`) || !strings.Contains(s, `class="old"`) {
		t.Error("no side by side")
	}
	if s := text(RedlineOptions{View: SideBySide, All: true}); !strings.Contains(s, `id="redline-side" checked`) || !strings.Contains(s, `id="redline-all" checked`) {
		t.Error("the switches do not show what stands")
	}
	if s := text(RedlineOptions{Words: locale.For("de")}); !strings.Contains(s, "eingefügt") || strings.Contains(s, "inserted") {
		t.Error("not in German")
	}
}

func TestRedlineRightToLeft(t *testing.T) {
	old, new := policy("# سياسة الخصوصية\nنخزن بياناتك في أيرلندا."), policy("# سياسة الخصوصية\nنخزن بياناتك في سنغافورة.")
	old.Language, new.Language = "ar", "ar"
	new.Blocks[0].Language = "en"
	root := shownRedline(t, compared(old, new), RedlineOptions{})
	rows := find(root, classed("one"))
	if len(rows) != 3 || attr(rows[1], "dir") != "ltr" || attr(rows[2], "dir") != "rtl" || attr(rows[2], "lang") != "ar" || attr(root, "dir") != "" {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	new.Language = `en" onclick="x`
	if s := tongueOf(new.Language); s.Lang != "" || s.Dir != "auto" {
		t.Errorf("tongue %v", s)
	}
}

// hostile is a pair of texts that say what a browser must not obey.
func hostilePair() *analyze.Comparison {
	old := policy("# <script>alert(1)</script>\nWe keep names.\n- <img src=x onerror=alert(1)>\n| a\"onmouseover=\"b | <td>\nThe rest stands.")
	new := policy("# <script>alert(2)</script>\nWe keep names at here, there and \u202eeverywhere\u202c \u2067and\u2069 \x00\x1b[31m so on.\n- <img src=x onerror=alert(2)> --> ]]> </style>\n| a\"onmouseover=\"b | <td> c\nThe rest stands. " + strings.Repeat("W", 1<<20))
	link := func(words, to string) {
		i := strings.Index(new.Text, words)
		for k := range new.Blocks {
			if b := &new.Blocks[k]; b.Span.Start <= i && i < b.Span.End {
				b.Links = append(b.Links, snapshots.Link{Span: snapshots.Span{Start: i, End: i + len(words)}, Target: to})
			}
		}
	}
	link("names", "javascript:alert(1)")
	link("here", "data:text/html,<script>alert(1)</script>")
	link("there", "https://clipzy.example/\"onclick=\"x\u202e")
	c := compared(old, new)
	c.New.Title, c.New.Name = "<script>t</script>", "\u202e<b>"
	c.Appeared = []analyze.Finding{{ID: "<i>", Level: rules.Error, Title: "</mark><script>", Message: "<b>", Articles: []string{"<u>"}, Start: 3, End: 30, Today: "error"}}
	return c
}

func TestHostileRedline(t *testing.T) {
	c := hostilePair()
	root := shownRedline(t, c, RedlineOptions{})
	if msg := soundPage(root) + bothTexts(root, c); msg != "" {
		t.Fatalf("%.2000s", msg)
	}
	var b bytes.Buffer
	if err := CompareHTML(&b, c); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	for _, bad := range []string{"\u202e", "\u2067", "\x00", "\x1b", "<script", "<img", `href="javascript`, `href="data`, "#ZgotmplZ"} {
		if strings.Contains(s, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, want := range []string{"[U&#43;202E]everywhere[U&#43;202C]", "␀␛[31m", "[javascript:alert(1)]", "[data:text/html,"} {
		if !strings.Contains(s, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestRedlineIsSmall bounds the page of a policy of 9,000 words.
func TestRedlineIsSmall(t *testing.T) {
	c := compared(long(9000, 0), long(9000, 0.04))
	if n := hunkCount(c); n < 300 {
		t.Fatalf("%d hunks", n)
	}
	var b bytes.Buffer
	if err := CompareHTML(&b, c); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1_500_000 {
		t.Errorf("%d bytes", b.Len())
	}
}

func hunkCount(c *analyze.Comparison) int {
	n := 0
	for i := range c.Redline.Changes {
		for _, e := range c.Redline.Changes[i].Words {
			if e.Op == "insert" {
				n++
			}
		}
	}
	return n
}

func BenchmarkCompareHTML(b *testing.B) {
	c := compared(long(9000, 0), long(9000, 0.04))
	var page bytes.Buffer
	for b.Loop() {
		page.Reset()
		if err := CompareHTML(&page, c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(hunkCount(c)), "hunks")
	b.ReportMetric(float64(page.Len()), "bytes")
}

func BenchmarkRedline(b *testing.B) {
	c := compared(long(9000, 0), long(9000, 0.04))
	for b.Loop() {
		if err := NewRedline(c, RedlineOptions{}).Write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
