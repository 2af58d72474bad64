package review

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places/shapes"
)

// flow is one destination of a service.
func flow(service, country, kind, quote string, version int, roles ...string) Flow {
	return Flow{At: Where{Terms: privacy(service), Number: version}, Since: law.Date{Year: 2025, Month: 3, Day: version}, Country: country, Standing: law.StandingOf(country, law.DateOf(noon)), Kind: kind, Roles: roles, Quote: quote}
}

func theWorld() *fakeWorld {
	return &fakeWorld{
		days: []law.Date{{Year: 2024, Month: 1, Day: 2}, {Year: 2025, Month: 3, Day: 4}, law.DateOf(noon)},
		flows: []Flow{flow("Clipzy", "IN", "named", "servers in India "+hostile, 2, "storage"), flow("Appzy", "IN", "by_reference", "https://appzy.example/list", 5, "remote_access"), flow("Appzy", "SG", "by_reference", "https://appzy.example/list", 5, "remote_access"),
			flow("Clipzy", "CH", "named", "Zurich", 1, "recipient"), flow("Clipzy", "EPO", "implied", "", 1, "recipient"), flow(hostile, "CN", "named", "China", 1, "support")},
		vague: []Where{{Terms: privacy("Appzy"), Number: 5}},
	}
}

// drawn are the countries on the map with their classes, in its order.
func drawn(page string) string {
	var out []string
	for _, m := range regexp.MustCompile(`<a href="#country-(\w+)" class="target s-(\w+)( indirect)?"`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1]+" "+m[2]+m[3])
	}
	return strings.Join(out, ", ")
}

// tabled are the countries in the table with what stands beside them.
func tabled(page string) string {
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<tr id="country-(\w+)">.*?</span> [^<]*</td><td data-label="Roles">(.*?)</td>`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1]+": "+m[2])
	}
	return strings.Join(out, "; ")
}

func TestMap(t *testing.T) {
	for query, want := range map[string][2]string{
		"":                              {"IN none, CN none, CH adequate, SG none indirect", "IN: storage, remote access; CN: support; SG: remote access; EPO: recipient; CH: recipient"},
		"?service=Clipzy":               {"IN none, CH adequate", "IN: storage; EPO: recipient; CH: recipient"},
		"?role=remote_access":           {"IN none indirect, SG none indirect", "IN: remote access; SG: remote access"},
		"?service=Clipzy&role=storage":  {"IN none", "IN: storage"},
		"?service=Nobody":               {"", ""},
		"?role=nonsense&on=2025-01-01":  {"", ""},
		"?country=IN&role=support":      {"CN none", "CN: support"},
		"?on=2030-01-01&service=Clipzy": {"IN none, CH adequate", "IN: storage; EPO: recipient; CH: recipient"}, // no day to come
	} {
		f := theWorld()
		page := over(t, f).get("/map" + query)
		if got := drawn(page); got != want[0] {
			t.Errorf("%q: drawn %q, want %q", query, got, want[0])
		}
		if got := tabled(page); got != want[1] {
			t.Errorf("%q: in the table %q, want %q", query, got, want[1])
		}
	}
	f := theWorld()
	page := over(t, f).get("/map?on=2025-03-04")
	if f.asked[0] != " 2025-03-04" {
		t.Errorf("asked for %q", f.asked)
	}
	for _, want := range []string{`href="/change?s=Clipzy&amp;t=Privacy&#43;Policy&amp;v=2"`, "version 5, 2025-03-05 · on a linked page", `href="/map?on=2024-01-02" rel="prev"`, `href="/map?on=2026-11-20" rel="next"`,
		`min="0" max="2" value="1" aria-valuetext="2025-03-04" data-days="2024-01-02 2025-03-04 2026-11-20"`, "2 texts stood on this day; 5 countries that data go to", "Not on the map:", `<circle class="dot"`,
		`aria-label="India (IN): no adequacy decision; storage, remote access; 2 texts"`, `<p class="soft small">Outlines: Natural Earth`} {
		if !strings.Contains(page, want) {
			t.Errorf("the map lacks %q", want)
		}
	}
	harmless(t, "map", page)
	harmless(t, "map of one service", over(t, f).get("/map?service=Clipzy"))
	if page := over(t, f).get("/map?service=Nobody"); !strings.Contains(page, "The archive holds no text of this service.") {
		t.Error("a service that is not there is not told")
	}
}

func TestMapDays(t *testing.T) {
	for on, want := range map[string]string{ // the days before and after, and the slider's place
		"2023-01-01": "; 2024-01-02; 0",
		"2024-01-02": "; 2025-03-04; 0",
		"2024-07-01": "2024-01-02; 2025-03-04; 0",
		"2025-03-04": "2024-01-02; 2026-11-20; 1",
		"2026-01-01": "2025-03-04; 2026-11-20; 1",
		"2026-11-20": "2025-03-04; ; 2",
	} {
		page := over(t, theWorld()).get("/map?on=" + on)
		find := func(re string) string {
			m := regexp.MustCompile(re).FindStringSubmatch(page)
			if m == nil {
				return ""
			}
			return m[1]
		}
		if got := find(`href="/map\?on=([\d-]+)" rel="prev"`) + "; " + find(`href="/map\?on=([\d-]+)" rel="next"`) + "; " + find(`max="2" value="(\d)"`); got != want {
			t.Errorf("%s: %q, want %q", on, got, want)
		}
	}
	c := over(t, theWorld())
	for query, want := range map[string]string{"?step=1&service=Clipzy": "/map?on=2025-03-04&service=Clipzy&slide=1", "?step=99": "/map?on=2026-11-20&slide=1", "?step=-4&role=storage": "/map?on=2024-01-02&role=storage&slide=1"} {
		if w := c.do("GET", "/map"+query, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", query, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w := c.do("GET", "/map?on=yesterday%3Cb%3E", nil); w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "<b>") {
		t.Errorf("no day: %d\n%s", w.Code, w.Body)
	}
	if page := over(t, &fakeWorld{}).get("/map"); strings.Contains(page, `type="range"`) || !strings.Contains(page, "No text of this day") {
		t.Error("an empty archive has a slider, or is not told")
	}
}

func TestMapOfOneCountry(t *testing.T) {
	f := theWorld()
	for i := range 230 {
		f.flows = append(f.flows, flow(fmt.Sprintf("Service %03d", i), "IN", "named", "in India", 1, "storage"))
	}
	page := over(t, f).get("/map")
	if n := strings.Count(page, "<bdi>Service "); n > perCountry || !strings.Contains(page, `href="/map?country=IN#one">229 more</a>`) {
		t.Errorf("%d texts of one country in the table of all", n)
	}
	first, last := over(t, f).get("/map?country=in"), over(t, f).get("/map?country=IN&page=2")
	one := func(page string) string {
		return page[strings.Index(page, `id="one"`):strings.Index(page, `id="countries"`)]
	}
	if a, b := strings.Count(one(first), `<tr><th scope="row"`), strings.Count(one(last), `<tr><th scope="row"`); a != perList || b != 32 {
		t.Errorf("%d and %d texts", a, b)
	}
	if !strings.Contains(one(first), "page=1#one") || strings.Contains(one(last), "page=3") || !strings.Contains(one(last), "page=1#one") {
		t.Error("the pages of the list do not lead on")
	}
	if !strings.Contains(one(first), "on a linked page <bdi class=\"hash\">https://appzy.example/list") {
		t.Error("the list that names the country is not shown")
	}
}

// TestDrawWorld draws all countries at once: names lie on no other, and whatever is small has a dot.
func TestDrawWorld(t *testing.T) {
	var all []countryRow
	small := 0
	for _, s := range shapes.Shapes() {
		all = append(all, countryRow{Code: s.Code, Sign: "N", Class: "none"})
		if s.Small || s.Path == "" {
			small++
		}
	}
	d := drawWorld(locale.For("en"), all, law.DateOf(noon))
	if len(d.Targets) != len(all) || len(d.Land) != 0 {
		t.Fatalf("%d of %d countries, and %d others", len(d.Targets), len(all), len(d.Land))
	}
	dots, named := 0, 0
	over := map[string]string{}
	for i, x := range d.Targets {
		if x.Dot {
			dots++
		} else if dots > 0 {
			t.Fatalf("%s is drawn over dots", x.Code)
		}
		if x.Text == "" {
			continue
		}
		named++
		if other := over[x.TextX+" "+x.TextY]; other != "" {
			t.Errorf("%s and %s have their names in one place", other, d.Targets[i].Code)
		}
		over[x.TextX+" "+x.TextY] = x.Code
	}
	if dots < small || named < len(all)/3 {
		t.Errorf("%d dots for %d small countries; %d names", dots, small, named)
	}
	if d := drawWorld(locale.For("en"), nil, law.Date{Year: 2019, Month: 1, Day: 1}); !strings.Contains(fmt.Sprint(d.Land), "eea") || len(d.Targets) != 0 {
		t.Error("the EEA is not drawn")
	}
	if b := extent("M1 2L3.5 -4L-6 7ZM10 20L0 1"); b != (box{-6, -4, 10, 20}) {
		t.Errorf("extent: %v", b)
	}
}

func TestSignsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, st := range standingOrder {
		if signs[st] == "" || seen[signs[st]] {
			t.Errorf("%s: sign %q", st, signs[st])
		}
		seen[signs[st]] = true
	}
	if class("<x>") != "none" {
		t.Error("a standing that nobody knows names a class of its own")
	}
}

func BenchmarkMap(b *testing.B) {
	f := theWorld()
	for i := range 2000 {
		for _, country := range []string{"US", "IN", "CN", "SG", "CH", "JP", "BR", "KR"} {
			f.flows = append(f.flows, flow(fmt.Sprintf("Service %04d", i), country, "named", "in many countries", 1, "storage", "remote_access"))
		}
	}
	c := over(b, f)
	size := 0
	for b.Loop() {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/map", nil))
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size), "bytes/page")
}
