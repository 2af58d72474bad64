package main

// TopoJSON: lines that neighbours share, quantized and as differences, and the shapes made of them.

import (
	"encoding/json"
	"fmt"
)

type topology struct {
	Transform struct{ Scale, Translate point }
	Arcs      [][]point
	Objects   struct {
		Countries struct{ Geometries []geometry }
	}
}

type geometry struct {
	Type       string
	Arcs       json.RawMessage
	Properties struct{ A3 string }
}

// polygons are the rings of a geometry as arcs; ^n is the arc n backwards.
func (g *geometry) polygons() ([][][]int, error) {
	if g.Type == "Polygon" {
		var one [][]int
		err := json.Unmarshal(g.Arcs, &one)
		return [][][]int{one}, err
	}
	var many [][][]int
	if g.Type != "MultiPolygon" {
		return nil, fmt.Errorf("%s is a %s", g.Properties.A3, g.Type)
	}
	return many, json.Unmarshal(g.Arcs, &many)
}

// join gives the rings of polygons, in degrees, without the lines that two of them share.
func (t *topology) join(polygons [][][]int) []ring {
	used := map[int]bool{}
	for _, p := range polygons {
		for _, r := range p {
			for _, a := range r {
				used[a] = true
			}
		}
	}
	var lines []ring // open ones wait for what goes on where they end
	for _, p := range polygons {
		for _, r := range p {
			var line ring
			for _, a := range r {
				if used[^a] {
					if len(line) > 1 {
						lines = append(lines, line)
					}
					line = nil
					continue
				}
				line = append(line, t.arc(a)...)
			}
			if len(line) > 1 {
				lines = append(lines, line)
			}
		}
	}
	return rings(lines)
}

// rings joins lines at their ends into rings.
func rings(lines []ring) []ring {
	var out []ring
	for len(lines) > 0 {
		r := lines[0]
		lines = lines[1:]
		for r[0] != r[len(r)-1] {
			next := -1
			for i, l := range lines {
				if l[0] == r[len(r)-1] {
					next = i
				}
			}
			if next < 0 {
				r = append(r, r[0])
				break
			}
			r = append(r, lines[next]...)
			lines = append(lines[:next:next], lines[next+1:]...)
		}
		out = append(out, r)
	}
	return out
}

// arc is one line in degrees.
func (t *topology) arc(n int) ring {
	back := n < 0
	if back {
		n = ^n
	}
	var x, y float64
	out := make(ring, len(t.Arcs[n]))
	for i, d := range t.Arcs[n] {
		x, y = x+d[0], y+d[1]
		at := i
		if back {
			at = len(out) - 1 - i
		}
		out[at] = point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]}
	}
	return out
}
