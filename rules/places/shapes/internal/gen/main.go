// Command gen makes the table of package shapes from a world in TopoJSON and the positions in points.tsv.
//
// Usage: gen -world FILE -points FILE -out FILE
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// The map goes from the north of Greenland to the south of Chile. Antarctica is nobody's destination.
const (
	north, south = 84.0, -56.5
	width        = 1000.0
)

// small is the area, in square units, below which a country cannot be seen or pointed at.
const small = 12.0

// speck is the area below which an island is left out, unless its country has no larger one.
const speck = 0.4

// codes are the codes of the atlas that are not those of ISO 3166-1, or that belong to another country by the view of
// the United Nations and of the Union.
var codes = map[string]string{"XKX": "XK", "CYN": "CY", "SOL": "SO"}

// parts are territories with a code of their own that the atlas draws as part of a country, by the box they lie in.
var parts = []struct {
	of, code                 string
	west, south, east, north float64
}{
	{"FR", "GF", -56, 1, -50, 7},    // French Guiana
	{"NO", "SJ", -10, 70.5, 40, 82}, // Svalbard and Jan Mayen; the mainland is split off by its centre
}

// A country is what a line of the table holds.
type country struct {
	rings []ring
	x, y  float64
	small bool
}

func main() {
	log.SetFlags(0)
	world := flag.String("world", "", "TopoJSON of the world")
	points := flag.String("points", "", "positions of what it does not draw")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := generate(*world, *points, *out); err != nil {
		log.Fatal(err)
	}
}

func generate(world, points, out string) error {
	b, err := os.ReadFile(world)
	if err != nil {
		return err
	}
	var t topology
	if err := json.Unmarshal(b, &t); err != nil {
		return fmt.Errorf("read %s: %w", world, err)
	}
	countries, err := t.countries()
	if err != nil {
		return fmt.Errorf("read %s: %w", world, err)
	}
	if err := addPoints(points, countries); err != nil {
		return err
	}
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "%s\t%s\n", number(width), number(height()))
	for _, code := range slices.Sorted(maps.Keys(countries)) {
		c := countries[code]
		mark := ""
		if c.small {
			mark = "small"
		}
		fmt.Fprintf(&buf, "%s\t%s\t%s\t%s\t%s\n", code, number(c.x), number(c.y), mark, path(c.rings))
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

// countries projects the shapes of the atlas and finds the point of each.
func (t *topology) countries() (map[string]*country, error) {
	arcs := map[string][][][]int{} // polygons by code
	for _, g := range t.Objects.Countries.Geometries {
		code := codes[g.Properties.A3]
		if code == "" {
			region, err := language.ParseRegion(g.Properties.A3)
			if err != nil {
				return nil, fmt.Errorf("code %q: %w", g.Properties.A3, err)
			}
			code = region.String()
		}
		if code == "AQ" {
			continue
		}
		polygons, err := g.polygons()
		if err != nil {
			return nil, err
		}
		arcs[code] = append(arcs[code], polygons...)
	}
	out := map[string]*country{}
	for code, polygons := range arcs {
		var whole []ring
		for _, r := range t.join(polygons) {
			whole = append(whole, r.cut()...)
		}
		for _, r := range whole {
			owner := code
			for _, p := range parts {
				if c := r.middle(); p.of == code && c[0] > p.west && c[0] < p.east && c[1] > p.south && c[1] < p.north {
					owner = p.code
				}
			}
			if out[owner] == nil {
				out[owner] = &country{}
			}
			out[owner].rings = append(out[owner].rings, r.project())
		}
	}
	for _, c := range out {
		c.finish()
	}
	return out, nil
}

// finish orders the rings, leaves out specks and finds the point.
func (c *country) finish() {
	slices.SortStableFunc(c.rings, func(a, b ring) int {
		switch d := b.area() - a.area(); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	total := 0.0
	for _, r := range c.rings {
		total += r.area()
	}
	largest := c.rings[0]
	c.rings = slices.DeleteFunc(c.rings, func(r ring) bool { return r.area() < speck && r.area() < largest.area() })
	c.small = total < small
	c.x, c.y = largest.inside()
}

// addPoints adds those of a file of codes, latitudes and longitudes that have no shape.
func addPoints(file string, countries map[string]*country) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != 3 {
			return fmt.Errorf("read %s: %q has no code, latitude and longitude", file, lines.Text())
		}
		lat, err := strconv.ParseFloat(cells[1], 64)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		lon, err := strconv.ParseFloat(cells[2], 64)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if countries[cells[0]] != nil {
			return fmt.Errorf("read %s: %s has a shape", file, cells[0])
		}
		p := project(point{lon, lat})
		countries[cells[0]] = &country{x: p[0], y: p[1], small: true}
	}
	return lines.Err()
}

// path writes rings as path data with one decimal.
func path(rings []ring) string {
	var b strings.Builder
	for _, r := range rings {
		last := ""
		for i, p := range r[:len(r)-1] {
			at := number(p[0]) + " " + number(p[1])
			if at == last {
				continue
			}
			if last = at; i == 0 {
				b.WriteString("M" + at)
			} else {
				b.WriteString("L" + at)
			}

		}
		b.WriteString("Z")
	}
	return b.String()
}

func number(f float64) string {
	s := strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	if s == "-0" {
		return "0"
	}
	return s
}
