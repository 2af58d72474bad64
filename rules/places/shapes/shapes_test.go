package shapes

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// Every place that a text can name can be shown.
func TestEveryPlaceHasAShapeOrAPoint(t *testing.T) {
	var want []string
	for _, e := range places.Entries("en") {
		want = append(want, e.Country)
	}
	for _, m := range law.Default().Members {
		want = append(want, m.Country)
	}
	for _, r := range law.Default().Adequacy {
		if r.Country != "EPO" { // an organisation
			want = append(want, r.Country)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if len(want) < 240 {
		t.Fatalf("only %d places", len(want))
	}
	for _, code := range want {
		if s, ok := Of(code); !ok || s.Code != code || s.Path == "" && !s.Small {
			t.Errorf("%s: %+v, %v", code, s, ok)
		}
	}
	for _, s := range Shapes() {
		if !slices.Contains(want, s.Code) {
			t.Errorf("%s is no place", s.Code)
		}
	}
	for _, code := range []string{"", "eu", "ZZ", "AQ", "D", "DEU", "\x00\x00"} {
		if s, ok := Of(code); ok {
			t.Errorf("%q: %+v", code, s)
		}
	}
	if s, ok := Of("de"); !ok || s.Code != "DE" {
		t.Errorf("de: %+v", s)
	}
}

// outlines is all that a path may be, so that it is safe within an attribute of SVG.
var outlines = regexp.MustCompile(`^(?:M-?[0-9]+(?:\.[0-9])? -?[0-9]+(?:\.[0-9])?(?:L-?[0-9]+(?:\.[0-9])? -?[0-9]+(?:\.[0-9])?){2,}Z)+$`)

func TestShapesLieOnTheMap(t *testing.T) {
	w, h := Size()
	if w != 1000 || h < 400 || h > 520 || ViewBox() != "0 0 1000 "+strconv.FormatFloat(h, 'f', -1, 64) {
		t.Fatalf("%g by %g, view box %q", w, h, ViewBox())
	}
	for _, s := range Shapes() {
		if s.X < 0 || s.X > w || s.Y < 0 || s.Y > h {
			t.Errorf("%s has its point at %g, %g", s.Code, s.X, s.Y)
		}
		if s.Path == "" {
			continue
		}
		if !outlines.MatchString(s.Path) {
			t.Errorf("%s: bad path %.80q", s.Code, s.Path)
			continue
		}
		for _, r := range rings(t, s.Path) {
			for _, p := range r {
				if p[0] < 0 || p[0] > w || p[1] < 0 || p[1] > h {
					t.Errorf("%s goes to %v", s.Code, p)
				}
			}
		}
		if !holds(rings(t, s.Path)[0], s.X, s.Y) {
			t.Errorf("%s: its point %g, %g is outside", s.Code, s.X, s.Y)
		}
	}
	if len(world) > 250_000 {
		t.Errorf("the table has %d bytes", len(world))
	}
}

// The projection keeps areas: countries measured against their land area in 1000 km².
func TestAreasAreTrue(t *testing.T) {
	w, _ := Size()
	// The map is 2√3·π / 1.340264 / 3 × 2 radii wide.
	unit := 4 * math.Sqrt(3) * math.Pi / (3 * 1.340264) * 6371 / w
	for code, want := range map[string]float64{"DE": 357, "BR": 8510, "IN": 3290, "CN": 9600, "US": 9400, "RU": 17100, "GL": 2166, "ZA": 1220, "FI": 338, "AU": 7690, "GF": 84} {
		s, _ := Of(code)
		got := 0.0
		for _, r := range rings(t, s.Path) {
			got += area(r)
		}
		if got = got * unit * unit / 1000; math.Abs(got-want) > want/8 {
			t.Errorf("%s covers %.0f thousand km² on the map, want about %.0f", code, got, want)
		}
	}
}

// Neighbours stand where they stand on earth, and what is small is marked.
func TestPlacesOfPoints(t *testing.T) {
	of := func(code string) Shape { s, _ := Of(code); return s }
	for _, c := range [][2]string{{"US", "DE"}, {"PT", "ES"}, {"DE", "PL"}, {"IN", "CN"}, {"MT", "CY"}, {"IE", "GB"}, {"AU", "NZ"}, {"BM", "MT"}, {"MY", "PH"}} {
		if of(c[0]).X >= of(c[1]).X {
			t.Errorf("%s is not west of %s", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"NO", "DE"}, {"DE", "IT"}, {"IT", "MT"}, {"US", "BR"}, {"JP", "SG"}, {"SG", "MU"}, {"MU", "ZA"}, {"SJ", "NO"}, {"FO", "GB"}} {
		if of(c[0]).Y >= of(c[1]).Y {
			t.Errorf("%s is not north of %s", c[0], c[1])
		}
	}
	for code, small := range map[string]bool{"SG": true, "MT": true, "LU": true, "LI": true, "HK": true, "BH": true, "BM": true, "GI": true, "DE": false, "BE": false, "CH": false, "IL": false} {
		if of(code).Small != small {
			t.Errorf("%s is small: %v", code, !small)
		}
	}
}

// Whose lines they are: the comment of the package says so. The points are towns, projected.
func TestWhatIsDrawnWithWhat(t *testing.T) {
	for _, c := range []struct {
		town, code string
		x, y       float64
	}{
		{"Simferopol", "UA", 581.2, 82.6}, {"Kyrenia", "CY", 584.3, 113.8}, {"Hargeisa", "SO", 621.6, 205.7}, {"Smara", "EH", 469.3, 143.3},
		{"Ramallah", "PS", 590.6, 125.3}, {"Pristina", "XK", 551.2, 89.8}, {"Taipei", "TW", 822, 150.1}, {"Cayenne", "GF", 354.7, 223.8},
		{"Anchorage", "US", 190.4, 37.2}, {"Anadyr", "RU", 854, 29.3}, {"Uelen, beyond the edge", "RU", 163.7, 26.4},
	} {
		var drawn []string
		for _, s := range Shapes() {
			if s.Path != "" && slices.ContainsFunc(rings(t, s.Path), func(r [][2]float64) bool { return holds(r, c.x, c.y) }) {
				drawn = append(drawn, s.Code)
			}
		}
		if !slices.Equal(drawn, []string{c.code}) {
			t.Errorf("%s lies in %v, want %s", c.town, drawn, c.code)
		}
	}
}

func TestShapesAreTheCallersOwn(t *testing.T) {
	Shapes()[0].Code = "??"
	if got := Shapes()[0].Code; got != "AD" {
		t.Errorf("the first shape is %q", got)
	}
}

func TestBadTablesAreRefused(t *testing.T) {
	good := "1000\t500\nDE\t1\t2\t\tM0 0L1 1L1 0Z\n"
	if got, err := read(good); err != nil || len(got.shapes) != 1 || got.height != 500 {
		t.Errorf("a good one: %+v, %v", got, err)
	}
	for _, bad := range []string{"", "\n", "1000\n", "1000\t500\n", "1000\tx\nDE\t1\t2\t\t\n", good + "DE\t1\t2\t\t\n", good + "AT\t1\t2\t\t\n", good + "FRA\t1\t2\t\t\n",
		good + "FR\t1\t2\ttiny\t\n", good + "FR\t1\t2\n", good + "FR\t1\ty\t\t\n", good + "\n"} {
		if got, err := read(bad); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// rings are the points of a path.
func rings(t *testing.T, path string) (out [][][2]float64) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimSuffix(path, "Z"), "Z") {
		var r [][2]float64
		for at := range strings.SplitSeq(part[1:], "L") {
			x, y, _ := strings.Cut(at, " ")
			var p [2]float64
			var errX, errY error
			p[0], errX = strconv.ParseFloat(x, 64)
			if p[1], errY = strconv.ParseFloat(y, 64); errX != nil || errY != nil {
				t.Fatalf("point %q", at)
			}
			r = append(r, p)
		}
		out = append(out, r)
	}
	return out
}

func area(r [][2]float64) float64 {
	sum := 0.0
	for i, p := range r {
		q := r[(i+1)%len(r)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return math.Abs(sum) / 2
}

func holds(r [][2]float64, x, y float64) bool {
	in := false
	for i, a := range r {
		b := r[(i+1)%len(r)]
		if (a[1] > y) != (b[1] > y) && x < (b[0]-a[0])*(y-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}
