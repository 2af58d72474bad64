package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/stamp/stamptest"
)

// TestWorkersStamp has two workers ask a time stamp authority for the log: one of them asks, once, and the stamp is in the archive that they share.
func TestWorkersStamp(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\n")
	newHostWeb(t, b, time.Millisecond)
	a := stamptest.New(t, stamptest.Options{})
	dir := filepath.Join(b.dir, ".config", "drittland")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "root.pem"), a.Root, 0o644); err != nil {
		t.Fatal(err)
	}
	b.write(filepath.Join(".config", "drittland", "timestamp.yaml"), "timeout: 5s\nauthorities:\n  - {name: tsa-1, url: \""+serve(t, a)+"/tsr\", roots: root.pem}\n")
	b.track(2, 2)
	for range 2 {
		b.start()
	}
	posted := func() int { return b.ask("select count(*) from river_job where kind = 'post' and state = 'completed'") }
	b.until("a stamp, and two duties behind it", 2*time.Minute, func() bool { return a.Asked.Load() > 0 && posted() >= 4 && b.toDo() == 0 })
	if n := a.Asked.Load(); n != 1 {
		t.Errorf("the authority was asked %d times\n%s", n, b.logs())
	}
	now := time.Now().UTC().Format(time.RFC3339)
	if out, _ := b.must(now, exitOK, "evidence", "status"); !strings.Contains(out, "by tsa-1") {
		t.Errorf("no stamp in the archive:\n%s", out)
	}
	if out, _ := b.must(now, exitOK, "archive", "check"); !strings.Contains(out, "whole: ") {
		t.Error(out)
	}
}
