package archive

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// Whoever puts while the index is made anew waits, and finds the new one. DRITTLAND_TEST_RECORDS is how many texts there are.
func TestPutWhileRebuilding(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	n, _ := strconv.Atoi(os.Getenv("DRITTLAND_TEST_RECORDS"))
	n = max(n, 400)
	for at := 0; at < n; at += 1000 {
		var batch []Import
		for i := at; i < min(at+1000, n); i++ {
			x := imports(fmt.Sprintf("Service %d/Privacy Policy.md", i%500), [][]byte{fmt.Appendf(nil, "Service %d stores record %d in Norway.", i%500, i)})[0]
			x.Snapshot.At, x.Snapshot.Origin.Commit = day(i/500), fmt.Sprintf("%040x", i)
			batch = append(batch, x)
		}
		if _, err := a.PutImports(batch, Cursor{}); err != nil {
			t.Fatal(err)
		}
	}
	var most atomic.Uint64
	put := make(chan error)
	begun, began := false, time.Now()
	_, err := Rebuild(t.Context(), address, Options{}, func(p Progress) {
		if !begun {
			begun = true
			go func() {
				_, err := a.PutCapture(captureOf(9000, 1))
				put <- err
			}()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most.Store(max(most.Load(), m.HeapInuse))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d texts in %s, heap up to %d MB", n, time.Since(began).Round(time.Millisecond), most.Load()>>20)
	if err := <-put; err != nil {
		t.Fatal(err)
	}
	s, err := a.Stats()
	if err != nil || s.Snapshots != n+1 {
		t.Errorf("%d snapshots, not %d: %v", s.Snapshots, n+1, err)
	}
	if n <= 1000 {
		sound(t, a)
	}
	proven(t, a, all(t, a.Snapshots(captureOf(9000, 1).Terms))[0].ID)
}
