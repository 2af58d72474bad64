package objects

import (
	"context"
	"fmt"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
)

// stores runs a benchmark on each kind of store, with objects of the size of a short and of a long policy.
func stores(b *testing.B, bench func(b *testing.B, s Store, text []byte)) {
	open := map[string]func(b *testing.B) Store{
		"folder": func(b *testing.B) Store { return openDir(b, b.TempDir()) },
		"bucket": func(b *testing.B) Store {
			srv := s3test.New(b)
			s, err := openTest("s3://"+srv.Bucket(b), srv.Address, usual)
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
	}
	for _, kind := range []string{"folder", "bucket"} {
		for _, size := range []int{2_000, 200_000} {
			b.Run(fmt.Sprintf("%s/%dKB", kind, size/1000), func(b *testing.B) {
				s := open[kind](b)
				b.SetBytes(int64(size))
				bench(b, s, noise(1, size))
			})
		}
	}
}

func BenchmarkPut(b *testing.B) {
	stores(b, func(b *testing.B, s Store, text []byte) {
		for i := 0; b.Loop(); i++ {
			if err := s.Put(context.Background(), fmt.Sprintf("captures/%02x/%06d.warc.gz", i%256, i), text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReadAt(b *testing.B) {
	stores(b, func(b *testing.B, s Store, text []byte) {
		if err := s.Put(context.Background(), "captures/a.warc.gz", text); err != nil {
			b.Fatal(err)
		}
		for got := make([]byte, len(text)); b.Loop(); {
			if err := s.ReadAt(context.Background(), "captures/a.warc.gz", got, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
