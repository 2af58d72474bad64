package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

func sketch(t *testing.T, s string) *Sketch {
	t.Helper()
	return NewSketch(page(s))
}

func TestNearest(t *testing.T) {
	plain := notice
	banner := "Our new notice for the harbour applies from 11 November.\n" + notice
	other := swap("30 days after", "60 days after")
	edited := swap("We share usage statistics", "We share aggregated usage statistics")
	tests := []struct {
		name, text, before string
		earlier            []string
		want               int
	}{
		{"comes back", plain, banner, []string{plain, banner}, 0},
		{"comes back with another date", swap("3 May 2023", "14 June 2024"), banner, []string{plain, banner}, 0},
		{"the latest of those as near", plain, banner, []string{plain, plain, banner}, 1},
		{"goes on", edited, plain, []string{banner, plain}, -1},
		{"only a number changed", other, plain, []string{plain, other, plain}, -1},
		{"nothing is near", strings.ToUpper(notice[:200]), banner, []string{plain, banner}, -1},
	}
	for _, x := range tests {
		var earlier []*Sketch
		for _, e := range x.earlier {
			earlier = append(earlier, sketch(t, e))
		}
		earlier = append(earlier, nil)
		if got := sketch(t, x.text).Nearest(earlier, sketch(t, x.before)); got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
}

func TestDistance(t *testing.T) {
	a, b := sketch(t, "One two three.\nFour five.\nFour five."), sketch(t, "Four 5 five.\nsix")
	if got := a.Distance(b); got != 3+2+1 {
		t.Errorf("distance %d, want 6", got)
	}
	if a.Distance(b) != b.Distance(a) || a.Distance(a) != 0 {
		t.Error("a distance is the same both ways, and none to the text itself")
	}
}

func TestLines(t *testing.T) {
	for _, x := range []struct{ from, want string }{
		{"-1 0 1 2", "0 0 0 0"},
		{"-1 0 0 1 2 3", "0 1 0 1 0 1"},       // A B A B A B
		{"-1 0 1 0 2 4 3", "0 1 1 0 1 1 0"},   // A B B' A B" B" A
		{"-1 0 1 2 1 3 0", "0 1 2 2 1 2 0"},   // three variants
		{"-1 0 -1 1 2", "0 0 1 0 1"},          // another that continues nothing
		{"-1 0 1 0 3 4 2", "0 1 1 0 0 0 1"},   // one goes on, the other comes back
		{"", ""}, {"-1", "0"}, {"5 0", "0 0"}, // a text cannot continue a later one
	} {
		var from []int
		for _, f := range strings.Fields(x.from) {
			n := 0
			_, _ = fmt.Sscan(f, &n)
			from = append(from, n)
		}
		if got := strings.Trim(fmt.Sprint(Lines(from)), "[]"); got != x.want {
			t.Errorf("%s: %s, want %s", x.from, got, x.want)
		}
	}
}

func TestSketchOfNothing(t *testing.T) {
	empty := NewSketch(&snapshots.Document{})
	full := sketch(t, notice)
	if full.Distance(empty) != full.words || empty.Nearest([]*Sketch{full}, full) != -1 {
		t.Error("an empty text is as far from another as that has words")
	}
}
