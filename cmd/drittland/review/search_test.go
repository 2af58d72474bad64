package review

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A searchDesk answers searches; it has nothing else.
type searchDesk struct {
	Desk
	asked Query
	found Found
	err   error
}

func (d *searchDesk) Search(_ context.Context, q Query) (*Found, error) {
	d.asked = q
	f := d.found
	return &f, d.err
}

func (d *searchDesk) get(t *testing.T, address string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Host = "localhost"
	New(d, Options{}).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func wants(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, x := range words {
		if no, is := strings.CutPrefix(x, "!"); is == strings.Contains(page, no) || !is && !strings.Contains(page, x) {
			t.Errorf("%q in\n%s", x, page)
		}
	}
}

func TestSearchPage(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	d := &searchDesk{found: Found{First: 26, Total: 60, Services: 2, More: true, Read: 1, Terms: 2, All: []string{"Clipzy", "<b>Nord</b>"}, Languages: []string{"ar", "en"}, Hits: []Hit{
		{At: Where{Terms: snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}, Number: 2}, From: day(1), Versions: 3, Runs: []search.Run{{First: 2, Last: 4}}, Language: "en",
			Parts: []search.Part{{Text: "Staff have "}, {Text: "remote <script>", Marked: true}, {Text: " to \u202edata\x1b[31m."}}},
		{At: Where{Terms: snapshots.Terms{Service: `"><img>`, Type: "Privacy Policy"}, Line: "de", Number: 1}, From: day(1), Until: day(9), Gone: 3, Versions: 2, Runs: []search.Run{{First: 1, Last: 2}}, Language: "ar",
			Annex: "javascript:alert(1)", Parts: []search.Part{{Text: "الوصول عن بعد", Marked: true}}},
	}}}
	code, page := d.get(t, "/search?q="+url.QueryEscape(`remote "<i>`)+"&service=Clipzy&lang=en&last=1&page=1")
	if code != http.StatusOK || d.asked != (Query{Words: `remote "<i>`, Service: "Clipzy", Language: "en", Last: true, Page: 1}) {
		t.Errorf("code %d, asked %+v", code, d.asked)
	}
	wants(t, page, `value="remote &#34;&lt;i&gt;"`, "<mark>remote &lt;script&gt;</mark>", "!<script>", "!\u202e", "!\x1b", "!<img", `!href="javascript`, "!<b>Nord", "!<i>",
		`href="/change?s=Clipzy&amp;t=Privacy&#43;Policy&amp;v=2"`, `v=de%3A3"`, "from 2024-01-01, gone since 2024-01-09", "3 versions (2–4)", `<p class="quote" dir="auto"><mark>الوصول`,
		`<option value="Clipzy" selected>`, `<option value="en" selected>`, `name="last" value="1" checked`, "26 to 27 of 60", `rel="prev"`, `page=2&amp;q=`, `rel="next"`, `<ol class="hits" start="26">`,
		"1 of 2 terms so far")
}

func TestSearchPageWithout(t *testing.T) {
	d := &searchDesk{found: Found{All: []string{"Clipzy"}}}
	code, page := d.get(t, "/search")
	wants(t, page, "!Nothing found", `name="q" value=""`, "autofocus", `aria-current="page">Search`, "!so far")
	if code != http.StatusOK {
		t.Errorf("code %d", code)
	}
	_, page = d.get(t, "/search?q=zebra&service=Gone&page=-7")
	wants(t, page, "Nothing found.", `<option value="Gone" selected>`)
	if d.asked.Page != 0 {
		t.Errorf("page %d", d.asked.Page)
	}
	d.err = &search.Mistake{Fault: search.UnknownField, Part: "<lnag>:"}
	code, page = d.get(t, "/search?q=lnag:de")
	wants(t, page, `role="alert"`, "there is no field &lt;lnag&gt;:", `aria-invalid="true"`, `value="lnag:de"`, "Clipzy", "!Nothing found")
	if code != http.StatusBadRequest {
		t.Errorf("code %d", code)
	}
}

// What was not counted or not looked at is said.
func TestSearchPageOfPart(t *testing.T) {
	hit := Hit{At: Where{Terms: snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}, Number: 1}, From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Versions: 1}
	since := time.Date(2024, 5, 6, 7, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		found Found
		words []string
	}{
		"all":         {Found{First: 1, Total: 1, Services: 1, Hits: []Hit{hit}}, []string{"1 passage · 1 service", "1 to 1 of 1<", "!at least", "!warning-box"}},
		"many":        {Found{First: 1, Total: 4000, Services: 70, Least: true, More: true, Hits: []Hit{hit}}, []string{"at least 4,000 passages · 70 services", "1 to 1 of at least 4000", "!warning-box", `rel="next"`}},
		"not all":     {Found{First: 1, Total: 1, Services: 1, Least: true, Since: since, Hits: []Hit{hit}}, []string{"at least 1 passage", "Not all passages were looked at that appeared until 2024-05-06: add a word"}},
		"none so far": {Found{Least: true, Since: since}, []string{"Nothing found so far.", "until 2024-05-06", "!Nothing found.<"}},
		"too long":    {Found{Slow: true}, []string{"Nothing found so far.", "There are too many passages to look through in time"}},
		"left out":    {Found{First: 1, Total: 2, Services: 1, Least: true, Cut: true, Hits: []Hit{hit}}, []string{"at least 2 passages", "There is more than was counted"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &searchDesk{found: c.found}
			code, page := d.get(t, "/search?q=data")
			if code != http.StatusOK {
				t.Errorf("code %d", code)
			}
			wants(t, page, c.words...)
		})
	}
}

func (*fake) Search(context.Context, Query) (*Found, error) { return &Found{}, nil }
