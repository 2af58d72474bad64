package archive

// This file counts how often an archive on a server waits for it.

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// trips stands between an archive and its server.
type trips struct{ n atomic.Int64 }

// through gives an address that leads to the server at another, and counts round trips; each takes delay.
func (c *trips) through(b testing.TB, address string, delay time.Duration) string {
	b.Helper()
	_, dir, _ := strings.Cut(address, "host=")
	near := b.TempDir()
	l, err := net.Listen("unix", filepath.Join(near, ".s.PGSQL.5432"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.5432"))
			if err != nil {
				from.Close()
				return
			}
			var asked atomic.Bool
			go func() {
				_, _ = io.Copy(turning{to, func() { asked.Store(true) }}, from)
				to.Close()
			}()
			go func() {
				_, _ = io.Copy(turning{from, func() {
					if asked.Swap(false) {
						c.n.Add(1)
						time.Sleep(delay)
					}
				}}, to)
				from.Close()
			}()
		}
	}()
	return strings.Replace(address, dir, near, 1)
}

type turning struct {
	io.Writer
	turn func()
}

func (t turning) Write(b []byte) (int, error) { t.turn(); return t.Writer.Write(b) }

// BenchmarkPutTogether has many goroutines of one process put captures of 30 kB of many services, over a network with round trips of 1 ms.
func BenchmarkPutTogether(b *testing.B) {
	text := string(texts(1, 1, 30_000)[0])
	for _, writers := range []int{1, 4, 16} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			var c trips
			address := createdOnServer(b)
			a := opened(b, c.through(b, address, time.Millisecond), Options{})
			put := func(n int) {
				x := capture(day(n/8), fmt.Sprint(text, n))
				x.Terms = snapshots.Terms{Service: fmt.Sprint("Service ", n%8), Type: "Privacy Policy"}
				if _, err := a.PutCapture(x); err != nil {
					b.Error(err)
				}
			}
			for n := range 16 {
				put(n)
			}
			next := atomic.Int64{}
			next.Store(16)
			before := c.n.Load()
			b.ResetTimer()
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(16+b.N); n = next.Add(1) {
						put(int(n))
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(c.n.Load()-before)/float64(b.N), "trips/put")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}
