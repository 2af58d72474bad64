package main

// The projection, and plane geometry on what it gives.

import "math"

// A point is longitude and latitude in degrees, or x and y in units of the map.
type point [2]float64

// A ring is a line that ends where it begins.
type ring []point

// equalEarth projects degrees to the plane: Equal Earth (Šavrič, Patterson, Jenny 2018), which keeps areas.
func equalEarth(p point) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	t := math.Asin(math.Sqrt(3) / 2 * math.Sin(p[1]*math.Pi/180))
	t2 := t * t
	t6 := t2 * t2 * t2
	x = 2 * math.Sqrt(3) * p[0] * math.Pi / 180 * math.Cos(t) / (3 * (a1 + 3*a2*t2 + t6*(7*a3+9*a4*t2)))
	return x, t * (a1 + a2*t2 + t6*(a3+a4*t2))
}

// project gives the place of a point on the map, whose y grows to the south.
func project(p point) point {
	edge, _ := equalEarth(point{180, 0})
	_, top := equalEarth(point{0, north})
	x, y := equalEarth(p)
	scale := width / 2 / edge
	return point{(x + edge) * scale, (top - y) * scale}
}

func height() float64 { return math.Ceil(project(point{0, south})[1]) }

func (r ring) project() ring {
	out := make(ring, len(r))
	for i, p := range r {
		out[i] = project(p)
	}
	return out
}

// area is that of the ring, without a sign.
func (r ring) area() float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return math.Abs(sum) / 2
}

// box gives two corners.
func (r ring) box() (low, high point) {
	low, high = r[0], r[0]
	for _, p := range r {
		low = point{min(low[0], p[0]), min(low[1], p[1])}
		high = point{max(high[0], p[0]), max(high[1], p[1])}
	}
	return low, high
}

func (r ring) middle() point {
	low, high := r.box()
	return point{(low[0] + high[0]) / 2, (low[1] + high[1]) / 2}
}

// inside is a point well inside the ring: of a grid of points, the one farthest from the line.
func (r ring) inside() (x, y float64) {
	const steps = 60
	low, high := r.box()
	best := -1.0
	for i := range steps {
		for j := range steps {
			p := point{low[0] + (high[0]-low[0])*(float64(i)+0.5)/steps, low[1] + (high[1]-low[1])*(float64(j)+0.5)/steps}
			if !r.holds(p) {
				continue
			}
			if d := r.distance(p); d > best {
				best, x, y = d, p[0], p[1]
			}
		}
	}
	return x, y
}

// holds reports whether a point lies in the ring.
func (r ring) holds(p point) bool {
	in := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}

// distance is that of a point from the line.
func (r ring) distance(p point) float64 {
	least := math.Inf(1)
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		dx, dy := b[0]-a[0], b[1]-a[1]
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = max(0, min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/l))
		}
		least = min(least, math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy))
	}
	return least
}
