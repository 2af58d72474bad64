package archive

import (
	"context"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

// BenchmarkImport writes 200 similar texts of 30 kB in one batch.
func BenchmarkImport(b *testing.B) {
	batch := imports("Clipzy/Privacy Policy.md", texts(1, 200, 30_000))
	for b.Loop() {
		b.StopTimer()
		a := created(b, Options{})
		b.StartTimer()
		if _, err := a.PutImports(batch, Cursor{}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s, err := a.Stats()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(s.Captures)/float64(len(batch)), "B/version")
		closed(b, a)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "versions/s")
}

func BenchmarkCapture(b *testing.B) {
	a := created(b, Options{})
	text := string(texts(1, 1, 30_000)[0])
	for i := 0; b.Loop(); i++ {
		if _, err := a.PutCapture(capture(day(i), text)); err != nil {
			b.Fatal(err)
		}
	}
}

// readings are 100 versions of one text in an archive, ready to be put.
func readings(b *testing.B) (*Archive, []Reading) {
	a := created(b, Options{})
	out, err := a.PutImports(imports("Clipzy/Privacy Policy.md", texts(1, 100, 30_000)), Cursor{})
	if err != nil {
		b.Fatal(err)
	}
	var rs []Reading
	for _, s := range out {
		rs = append(rs, reading(b, a, s))
	}
	return a, rs
}

// BenchmarkPutDocument puts 100 versions with documents of about 30 kB of text in one batch.
func BenchmarkPutDocument(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		a, rs := readings(b)
		b.StartTimer()
		if err := a.PutVersions(rs); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		closed(b, a)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*100)/b.Elapsed().Seconds(), "documents/s")
}

// BenchmarkGetDocument reads documents at random, with nothing at hand.
func BenchmarkGetDocument(b *testing.B) {
	a, rs := readings(b)
	if err := a.PutVersions(rs); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		a.bodies = newCache(1)
		if _, err := a.Document(rs[i*37%len(rs)].Version.Document); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetBody(b *testing.B) {
	a, rs := readings(b)
	var ss []snapshots.Snapshot
	for s, err := range a.Snapshots(clipzy) {
		if err != nil {
			b.Fatal(err)
		}
		ss = append(ss, s)
	}
	for i := 0; b.Loop(); i++ {
		a.bodies = newCache(1)
		if _, err := a.Body(ss[i*37%len(rs)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	a, rs := readings(b)
	if err := a.PutVersions(rs); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if p, err := a.Check(context.Background(), nil); err != nil || len(p) > 0 {
			b.Fatal(p, err)
		}
	}
	b.ReportMetric(float64(b.N*len(rs))/b.Elapsed().Seconds(), "versions/s")
}
