package extract

import (
	"errors"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

const ranged = `<!DOCTYPE html><html><body><div id="top">Menu of the site</div>
<h1>Privacy</h1><p id="one">We store data in Ireland.</p>
<p>Before <b class="cut">the mark</b> and behind <a href="/x">a link</a> it.</p>
<ul><li>first</li><li class="mid">second</li><li>third</li></ul>
<div class="ads">Buy a camera</div><p id="last">Write to us.</p><footer id="foot">Bottom line</footer></body></html>`

func TestRanges(t *testing.T) {
	for _, x := range []struct {
		name           string
		selects, takes []snapshots.Range
		css            []string
		want           string
		links          int
	}{
		{"both ends belong", []snapshots.Range{{StartBefore: "h1", EndAfter: "#one"}}, nil, nil, "Privacy|We store data in Ireland.", 0},
		{"neither end belongs", []snapshots.Range{{StartAfter: "h1", EndBefore: "ul"}}, nil, nil,
			"We store data in Ireland.|Before the mark and behind a link it.", 1},
		{"within a sentence", []snapshots.Range{{StartAfter: ".cut", EndBefore: "ul"}}, nil, nil, "and behind a link it.", 1},
		{"within a list", []snapshots.Range{{StartBefore: ".mid", EndBefore: ".ads"}}, nil, nil, "second|third", 0},
		{"across depths", []snapshots.Range{{StartAfter: ".mid", EndBefore: "#last"}}, nil, nil, "third|Buy a camera", 0},
		{"with a selector, in the order of the page", []snapshots.Range{{StartBefore: ".ads", EndAfter: "#last"}}, nil, []string{"h1"},
			"Privacy|Buy a camera|Write to us.", 0},
		{"left out", []snapshots.Range{{StartBefore: "h1", EndBefore: "#foot"}}, []snapshots.Range{{StartBefore: "#one", EndAfter: ".ads"}}, nil,
			"Privacy|Write to us.", 0},
		{"left out within a sentence", []snapshots.Range{{StartBefore: "h1", EndBefore: "ul"}}, []snapshots.Range{{StartAfter: ".cut", EndBefore: "ul"}}, nil,
			"Privacy|We store data in Ireland.|Before the mark", 0},
	} {
		d, err := Read(Input{Body: []byte(ranged), MediaType: "text/html", Select: x.css, SelectRanges: x.selects, RemoveRanges: x.takes}, Options{})
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		if got := strings.ReplaceAll(d.Text, "\n", "|"); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
		links := 0
		for _, b := range d.Blocks {
			for _, l := range b.Links {
				if links++; d.Quote(l.Span) != "a link" {
					t.Errorf("%s: link on %q", x.name, d.Quote(l.Span))
				}
			}
		}
		if links != x.links {
			t.Errorf("%s: %d links, want %d", x.name, links, x.links)
		}
	}
}

func TestRangesThatCannotBeUsed(t *testing.T) {
	read := func(r snapshots.Range) error {
		_, err := Read(Input{Body: []byte(ranged), MediaType: "text/html", SelectRanges: []snapshots.Range{r}}, Options{})
		return err
	}
	for _, r := range []snapshots.Range{{StartBefore: "#gone", EndAfter: "#one"}, {StartBefore: "#last", EndBefore: "h1"}} {
		if err := read(r); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v, want ErrEmpty", r, err)
		}
	}
	for _, r := range []snapshots.Range{{}, {StartBefore: "h1"}, {EndAfter: "h1"}, {StartBefore: "h1", StartAfter: "h1", EndAfter: "p"}, {StartBefore: "h1[", EndAfter: "p"}} {
		if err := read(r); err == nil || errors.Is(err, ErrEmpty) || CheckRange(r) == nil {
			t.Errorf("%#v: %v, %v", r, err, CheckRange(r))
		}
	}
}

func FuzzRanges(f *testing.F) {
	f.Add(ranged, "h1", ".ads", true, false)
	f.Add("<p>a<b>b</b>c", "b", "b", false, true)
	f.Fuzz(func(t *testing.T, page, start, end string, before, through bool) {
		r := snapshots.Range{StartBefore: start, EndBefore: end}
		if !before {
			r.StartBefore, r.StartAfter = "", start
		}
		if through {
			r.EndBefore, r.EndAfter = "", end
		}
		if CheckRange(r) != nil || len(page) > 1<<14 {
			return
		}
		d, err := Read(Input{Body: []byte(page), MediaType: "text/html", SelectRanges: []snapshots.Range{r}, Normalise: Steps}, Options{})
		if err == nil {
			whole(t, d)
		}
	})
}

// whole checks that the spans of a document lie within its text, in order.
func whole(t *testing.T, d *snapshots.Document) {
	t.Helper()
	at := 0
	for i, b := range d.Blocks {
		if b.Span.Start < at || b.Span.Len() <= 0 || b.Span.End > len(d.Text) || b.Heading >= i {
			t.Fatalf("block %d %+v does not stand behind %d in %q", i, b, at, d.Text)
		}
		for _, l := range b.Links {
			if !b.Span.Contains(l.Span) {
				t.Fatalf("link %+v outside of block %+v", l, b)
			}
		}
		at = b.Span.End
	}
}
