package extract

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

func TestNormaliseText(t *testing.T) {
	for _, x := range []struct{ step, in, want string }{
		{DropDates, "Today is 22 November 2026, 10:15 UTC", "Today is ,"},
		{DropDates, "Stand: 22.11.2026", "Stand:"},
		{DropDates, "Printed 03/04/2026", "Printed"},
		{DropDates, "At 10:15 we close", "At 10:15 we close"},
		{DropDates, "We store the data that we collected from you before 1 May 2018 on other servers in Ireland.",
			"We store the data that we collected from you before 1 May 2018 on other servers in Ireland."},
		{DropIDs, "Request 8f14e45fceea167a was answered", "Request was answered"},
		{DropIDs, "Ref: 123e4567-e89b-12d3-a456-426614174000.", "Ref: ."},
		{DropIDs, "IBAN DE89370400440532013000, VAT DE123456789", "IBAN DE89370400440532013000, VAT DE123456789"},
		{DropIDs, "the Datenschutz-Grundverordnung-2016-679 applies", "the Datenschutz-Grundverordnung-2016-679 applies"},
		{DropIDs, "Call 00353123456789012345", "Call 00353123456789012345"},
		{DropCounters, "1,234 views", ""},
		{DropCounters, "Privacy Policy · 12 min read · 3.5k likes", "Privacy Policy · ·"},
		{DropCounters, "Aufrufe: 1.234", ""},
		{DropCounters, "Comments (17)", ""},
		{DropCounters, "We keep it for 30 days", "We keep it for 30 days"},
		{DropCounters, "We keep 3 reviewers busy", "We keep 3 reviewers busy"},
		{StripTracking, "1,234 views on 3 May 2026", "1,234 views on 3 May 2026"},
	} {
		if got, _ := without(x.in, cutsOf(x.in, []string{x.step}, false)); got != x.want {
			t.Errorf("%s %q: %q, want %q", x.step, x.in, got, x.want)
		}
	}
}

func TestNormaliseTargets(t *testing.T) {
	for in, want := range map[string]string{
		"https://clipzy.example/list?utm_source=mail&lang=de&gclid=x#eu": "https://clipzy.example/list?lang=de#eu",
		"https://clipzy.example/list;jsessionid=AB12?utm_medium=x":       "https://clipzy.example/list",
		"https://clipzy.example/list?v=8f14e45fceea167a&page=2":          "https://clipzy.example/list?page=2",
		"https://clipzy.example/8f14e45fceea167a/list":                   "https://clipzy.example/8f14e45fceea167a/list",
		"https://clipzy.example/list#8f14e45fceea167a":                   "https://clipzy.example/list",
		"/list?a=%zz&b=1": "/list?a=%zz&b=1",
	} {
		if got := cleanTarget(in, Steps); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := cleanTarget("/x?utm_a=1&v=8f14e45fceea167a", []string{DropIDs}); got != "/x?utm_a=1" {
		t.Errorf("only identifiers: %s", got)
	}
}

// Two visits of a page that puts its own date, counters and identifiers into it read the same, and headings and links stay right.
func TestNormalisePage(t *testing.T) {
	visit := func(day, views, id string) *snapshots.Document {
		page := `<main><h1>Privacy Policy ` + id + `</h1><p>Today is ` + day + `</p><p>` + views + ` views</p>
<h2>Transfers</h2><p>See request ` + id + ` and the <a href="/list?utm_source=` + id + `&amp;l=en">list of countries</a> of our group, which we keep up to date for you.</p>
<table><tr><th>Company</th><th>Since</th></tr><tr><td>Pixelfern Ltd</td><td>3 May 2021</td></tr></table></main>`
		d, err := Read(Input{Body: []byte(page), MediaType: "text/html", BaseURL: "https://clipzy.example/", Normalise: Steps}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		whole(t, d)
		return d
	}
	a, b := visit("21 November 2026, 09:00", "1,204", "8f14e45fceea167a"), visit("22 November 2026, 11:30", "99", "c9f0f895fb98ab91")
	x, _ := a.Pack()
	y, _ := b.Pack()
	if string(x) != string(y) {
		t.Errorf("two visits differ:\n%s\n%s", x, y)
	}
	if strings.HasPrefix(a.EffectiveDate, "2026") || !strings.Contains(a.Text, "3 May 2021") || strings.Contains(a.Text, "views") {
		t.Errorf("date %q, text %q", a.EffectiveDate, a.Text)
	}
	for _, block := range a.Blocks {
		for _, l := range block.Links {
			if a.Quote(l.Span) != "list of countries" || l.Target != "https://clipzy.example/list?l=en" {
				t.Errorf("link %q to %s", a.Quote(l.Span), l.Target)
			}
			if h := a.Quote(a.Blocks[block.Heading].Span); h != "Transfers" {
				t.Errorf("under the heading %q", h)
			}
		}
	}
	if _, err := Read(Input{Body: []byte("text"), Normalise: []string{"drop_everything"}}, Options{}); err == nil {
		t.Error("an unknown step is taken")
	}
}

func TestJoin(t *testing.T) {
	read := func(page string) *snapshots.Document {
		d, err := Read(Input{Body: []byte(page), MediaType: "text/html", BaseURL: "https://clipzy.example/"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := read(`<title>Clipzy</title><main><h1>Privacy Policy</h1><p>We store your data in Ireland.</p><table><tr><th>A</th><th>C</th></tr><tr><td>1</td><td>x</td></tr></table></main>`)
	two := read(`<title>Two</title><main><h2>Transfers</h2><p>See the <a href="/list">list</a>. Effective 3 May 2026.</p><table><tr><th>B</th><th>C</th></tr><tr><td>2</td><td>x</td></tr></table></main>`)
	d, spans := Join([]*snapshots.Document{one, two})
	for i, page := range []*snapshots.Document{one, two} {
		if part := Cut(d, spans[i]); part.Text != page.Text || len(part.Blocks) != len(page.Blocks) {
			t.Errorf("page %d cut out: %+v", i, part)
		} else {
			whole(t, part)
		}
	}
	whole(t, d)
	if d.Text != one.Text+"\n"+two.Text || d.Title != one.Title || d.EffectiveDate != "2026-05-03" || d.Language != "en" {
		t.Errorf("%+v", d)
	}
	tables := map[string]int{}
	for _, b := range d.Blocks {
		if b.Place != nil {
			tables[d.Quote(b.Span)] = b.Place.Table
		}
		for _, l := range b.Links {
			if d.Quote(l.Span) != "list" || d.Quote(d.Blocks[b.Heading].Span) != "Transfers" {
				t.Errorf("link on %q", d.Quote(l.Span))
			}
		}
	}
	if tables["1"] != 0 || tables["2"] != 1 {
		t.Errorf("tables %v", tables)
	}
}
