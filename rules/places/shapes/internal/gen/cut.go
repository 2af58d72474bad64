package main

// Rings that cross the edge of the map, longitude 180, in two.

import "math"

// cut gives the parts of a ring, in degrees, that lie between longitudes -180 and 180.
func (r ring) cut() []ring {
	flat := ring{r[0]}
	for i := 1; i < len(r); i++ { // where the longitude jumps, the line goes on beyond the edge
		last := flat[i-1][0]
		flat = append(flat, point{r[i][0] - 360*math.Round((r[i][0]-last)/360), r[i][1]})
	}
	var out []ring
	for _, turn := range []float64{-360, 0, 360} {
		part := make(ring, len(flat))
		for i, p := range flat {
			part[i] = point{p[0] + turn, p[1]}
		}
		if part = part.beyond(-180, 1).beyond(180, -1); len(part) > 3 && part.area() > 0 {
			out = append(out, part)
		}
	}
	return out
}

// beyond is the part of a ring on one side of a meridian: to the east for a side of 1, to the west for -1.
func (r ring) beyond(meridian, side float64) ring {
	var out ring
	for i := 1; i < len(r); i++ { // none of an empty one
		a, b := r[i-1], r[i]
		in, next := (a[0]-meridian)*side >= 0, (b[0]-meridian)*side >= 0
		if in {
			out = append(out, a)
		}
		if in != next {
			out = append(out, point{meridian, a[1] + (b[1]-a[1])*(meridian-a[0])/(b[0]-a[0])})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return append(out, out[0])
}
