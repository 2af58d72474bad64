package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

// crowded is a record with every country in every role, each from a day of its own.
func crowded() *Record {
	var versions []string
	words := ""
	for i, c := range strings.Fields("AR AU BR CA CL CN CO EG GB GH HK ID IL IN JO JP KE KR LK MA MX MY NG NZ PE PH PK QA RS RU SA SG TH TN TR TW TZ UA US UY VN ZA") {
		for j, role := range []string{"storage", "remote_access", "recipient", "support"} {
			words += " " + role + ":" + c
			if (i+j)%5 == 0 {
				versions = append(versions, at("2014-01-01").AddDate(0, 0, i*100+j*20).Format(time.DateOnly)+" -"+words)
			}
		}
	}
	return historyOf("2026-06-20", append(versions, "2026-01-02 -"+words)...)
}

// A shape is an element of an SVG document with what a reader sees.
type shape struct {
	name       string
	x, y, w, h float64
	words      string
}

// shapes reads an SVG document; it fails if it is not well formed or holds something from elsewhere.
func shapes(t *testing.T, b []byte) []shape {
	t.Helper()
	var out []shape
	dec := xml.NewDecoder(bytes.NewReader(b))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if !slices.Contains([]string{"svg", "title", "desc", "defs", "pattern", "rect", "circle", "path", "text"}, x.Name.Local) {
				t.Errorf("element %s", x.Name.Local)
			}
			s := shape{name: x.Name.Local}
			size := normal
			for _, a := range x.Attr {
				if v, ok := map[string]*float64{"x": &s.x, "y": &s.y, "width": &s.w, "height": &s.h, "font-size": &size}[a.Name.Local]; ok {
					*v, _ = strconv.ParseFloat(a.Value, 64)
				}
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") || strings.Contains(a.Value, "url(") && !strings.HasPrefix(a.Value, "url(#dl-") {
					t.Errorf("%s has %s=%q", s.name, a.Name.Local, a.Value)
				}
			}
			if s.name == "text" {
				s.h = size
			}
			out = append(out, s)
		case xml.CharData:
			if n := len(out) - 1; n >= 0 && strings.TrimSpace(string(x)) != "" {
				out[n].words = string(x)
				if out[n].name == "text" {
					out[n].w = advance(string(x), out[n].h)
				}
			}
		}
	}
}

func TestTimelineFitsOnePage(t *testing.T) {
	few := historyOf("2020-01-20", "2020-01-02 - ")
	for name, rec := range map[string]*Record{"story": story(), "crowded": crowded(), "few": few} {
		for _, lang := range []string{"en", "de", "fr", "nl"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				line := NewTimeline(locale.For(lang), rec)
				var b bytes.Buffer
				if err := TimelineSVG(&b, line); err != nil {
					t.Fatal(err)
				}
				texts := []shape{}
				for _, s := range shapes(t, b.Bytes()) {
					if s.name == "text" {
						texts = append(texts, s)
						if s.x < 0 || s.x+s.w > pageWidth || s.y > pageHeight-8 {
							t.Errorf("beyond the page: %+v", s)
						}
					}
				}
				for i, a := range texts {
					for _, o := range texts[i+1:] {
						if a.h > 8 && o.h > 8 && a.x < o.x+o.w && o.x < a.x+a.w && max(a.y-o.y, o.y-a.y) < 8 {
							t.Errorf("lie on each other: %+v %+v", a, o)
						}
					}
				}
			})
		}
	}
}

// TestTimelineNamesAll holds that a country without a row of its own is named at least.
func TestTimelineNamesAll(t *testing.T) {
	line := NewTimeline(locale.For("en"), crowded())
	for _, g := range line.Groups[:4] {
		n := len(g.Rest)
		for _, r := range g.Rows {
			n += len(r.IDs)
		}
		if n != 42 {
			t.Errorf("%s: %d countries, want 42", g.Title, n)
		}
	}
	if n := lines(line.Groups); n > mostLines {
		t.Errorf("%d lines", n)
	}
}

func TestTimelineHarmless(t *testing.T) {
	const evil = "</text><script>alert(1)</script>\x1b[31m*\u202e\x07&\""
	rec := historyOf("2024-06-30", "2024-01-01 A storage:US tool:"+strings.Fields(evil)[0], "2024-02-01 B ", "2024-02-02 A storage:US")
	rec.Terms = snapshots.Terms{Service: evil, Type: evil}
	for i := range rec.Events {
		rec.Events[i].Class, rec.Events[i].Alert, rec.Events[i].Why, rec.Events[i].Variant = evil, true, evil, rec.Events[i].Variant+evil
	}
	rec.Failed = []Miss{{at("2024-02-10"), evil, true}}
	line := NewTimeline(locale.For("en"), rec)
	for name, write := range map[string]func(io.Writer) error{
		"svg":  func(w io.Writer) error { return TimelineSVG(w, line) },
		".txt": func(w io.Writer) error { return TimelineText(w, line, Style{}) },
		"json": func(w io.Writer) error { return JSON(w, line) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			if name == "svg" {
				shapes(t, b.Bytes())
			}
			if name != "json" { // a string in JSON is no place for a script; its escapes are held by other tests
				harmless(t, name, b.String())
			}
		})
	}
}

// TestTimelinePicture is as high as what is drawn on it, and not higher than a page.
func TestTimelinePicture(t *testing.T) {
	for name, rec := range map[string]*Record{"short": historyOf("2024-01-01", "2023-01-01 - storage:US"), "crowded": crowded()} {
		var page, picture bytes.Buffer
		line := NewTimeline(locale.For("en"), rec)
		if err := errors.Join(TimelineSVG(&page, line), TimelinePicture(&picture, line)); err != nil {
			t.Fatal(err)
		}
		var size struct {
			Height float64 `xml:"height,attr"`
		}
		if err := xml.Unmarshal(picture.Bytes(), &size); err != nil {
			t.Fatal(err)
		}
		lowest := 0.0
		for _, s := range shapes(t, picture.Bytes()) {
			lowest = max(lowest, s.y)
		}
		if size.Height > pageHeight || size.Height < lowest || name == "short" && size.Height > pageHeight/2 {
			t.Errorf("%s: %g high, the lowest thing at %g", name, size.Height, lowest)
		}
		_, a, _ := strings.Cut(page.String(), "<title")
		_, b, _ := strings.Cut(picture.String(), "<title")
		if a != b {
			t.Errorf("%s: the picture shows something else than the page", name)
		}
	}
}
