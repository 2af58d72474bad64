package digest

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A parsed feed, read by names of RFC 4287 alone and not by what writes it.
type element struct {
	XMLName  xml.Name
	Attr     []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e *element) all(name string) (out []element) {
	for _, c := range e.Children {
		if c.XMLName.Local == name && c.XMLName.Space == "http://www.w3.org/2005/Atom" {
			out = append(out, c)
		}
	}
	return out
}

func (e *element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func parseFeed(t *testing.T, s string) *element {
	t.Helper()
	var feed element
	if err := xml.Unmarshal([]byte(s), &feed); err != nil {
		t.Fatal(err)
	}
	return &feed
}

// one wants exactly one child of a name, and gives its text.
func (e *element) one(t *testing.T, name string) string {
	t.Helper()
	list := e.all(name)
	if len(list) != 1 || strings.TrimSpace(list[0].Text) == "" {
		t.Errorf("%s: %d of <%s>, want one with text", e.XMLName.Local, len(list), name)
		return ""
	}
	return list[0].Text
}

// valid checks a feed against RFC 4287, sections 3 and 4.
func valid(t *testing.T, s string) *element {
	t.Helper()
	feed := parseFeed(t, s)
	if feed.XMLName != (xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"}) {
		t.Fatalf("root %v", feed.XMLName)
	}
	ids := map[string]bool{}
	check := func(e *element) {
		id := e.one(t, "id")
		if u, err := url.Parse(id); err != nil || !u.IsAbs() {
			t.Errorf("id %q is no absolute IRI", id)
		}
		if ids[id] {
			t.Errorf("id %s twice", id)
		}
		ids[id] = true
		e.one(t, "title")
		for _, name := range []string{"updated", "published"} {
			for _, d := range e.all(name) {
				if _, err := time.Parse(time.RFC3339, d.Text); err != nil {
					t.Errorf("<%s> %q", name, d.Text)
				}
			}
		}
		e.one(t, "updated")
		alternate := map[string]bool{}
		for _, l := range e.all("link") {
			if u, err := url.Parse(l.attr("href")); err != nil || !u.IsAbs() || u.Scheme != "https" && u.Scheme != "http" {
				t.Errorf("link %q", l.attr("href"))
			}
			if k := l.attr("rel") + l.attr("type") + l.attr("hreflang"); alternate[k] {
				t.Errorf("two links %q", k)
			} else {
				alternate[k] = true
			}
		}
		for _, c := range e.all("category") {
			if c.attr("term") == "" {
				t.Error("a category without a term")
			}
		}
	}
	check(feed)
	if a := feed.all("author"); len(a) != 1 || a[0].one(t, "name") == "" {
		t.Error("no author")
	}
	for _, e := range feed.all("entry") {
		check(&e)
		if c := e.all("content"); len(c) != 1 || c[0].attr("type") != "html" || len(c[0].Children) != 0 {
			t.Error("an entry needs one content, of escaped HTML")
		}
	}
	return feed
}

func TestAtom(t *testing.T) {
	for _, make := range []func(string) *Digest{full, quiet, trouble, hostile, crowd} {
		for _, f := range []Feed{{}, {Versions: true, Newest: 5, Self: "https://feeds.clipzy.example/all.atom"}} {
			var b bytes.Buffer
			if err := Atom(&b, make("de"), f); err != nil {
				t.Fatal(err)
			}
			feed := valid(t, b.String())
			if n := len(feed.all("entry")); f.Newest > 0 && n > f.Newest {
				t.Errorf("%d entries", n)
			}
		}
	}
}

// TestAtomIDs: an entry keeps its id when its version gets another number or name, its findings other titles, and the feed other
// links and another language; another day makes another one.
func TestAtomIDs(t *testing.T) {
	ids := func(d *Digest) string {
		var b bytes.Buffer
		if err := Atom(&b, d, Feed{}); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range parseFeed(t, b.String()).all("entry") {
			out = append(out, e.one(t, "id"))
		}
		return strings.Join(out, "\n")
	}
	was := ids(full("en"))
	again := full("fr")
	again.ReviewURL, again.Made = "https://elsewhere.example/", again.Made.AddDate(0, 1, 0)
	for i := range again.Findings {
		f := &again.Findings[i]
		f.Number, f.Version, f.Review, f.Title = f.Number+1, "anew-"+f.Version, "", "Another title"
	}
	for i := range again.Facts {
		c := &again.Facts[i]
		c.Number, c.Version, c.Review = c.Number+1, "anew-"+c.Version, ""
	}
	if got := ids(again); got != was {
		t.Errorf("ids changed:\n%s\nwere\n%s", got, was)
	}
	later := full("en")
	later.Facts[1].Date = later.Facts[1].Date.AddDate(0, 0, 1)
	if got := ids(later); got == was {
		t.Error("another version has the same ids")
	}
}

// TestAtomGrammar: xmllint finds feeds valid by the grammar of RFC 4287, and finds what is broken.
func TestAtomGrammar(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs xmllint: apt-get install libxml2-utils")
		}
		t.Skip("needs xmllint: apt-get install libxml2-utils")
	}
	lint := func(feed string) error {
		cmd := exec.Command("xmllint", "--nonet", "--noout", "--relaxng", "testdata/atom.rng", "-")
		cmd.Stdin = strings.NewReader(feed)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("%.300s", out)
		}
		return err
	}
	files, err := filepath.Glob("testdata/*.atom")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d feeds: %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		feed := string(b)
		if lint(feed) != nil {
			t.Errorf("%s is not valid", f)
		}
		for _, broken := range []string{strings.Replace(feed, "<id>urn:uuid:", "<id>", 1), strings.Replace(feed, "<name>drittland</name>", "", 1), strings.Replace(feed, "<updated>2", "<updated>on 2", 1)} {
			if broken == feed || lint(broken) == nil {
				t.Errorf("%s: a broken feed is found valid", f)
			}
		}
	}
}
