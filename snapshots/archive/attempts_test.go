package archive

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

func TestAttempts(t *testing.T) {
	a := created(t, Options{})
	want := []snapshots.Attempt{
		{Terms: clipzy, URL: "https://clipzy.example/privacy", At: day(1), Kind: "not available now", Status: 429, Why: "too many", Again: day(1).Add(time.Hour)},
		{Terms: clipzy, URL: "https://clipzy.example/privacy", At: day(2), Kind: "gone", Status: 410, Why: strings.Repeat("w", maxWhy) + "…"},
	}
	late := want[1]
	late.Why += "and more"
	for _, x := range []snapshots.Attempt{late, want[0]} {
		if err := a.PutAttempt(x); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []snapshots.Attempt{{}, {Terms: clipzy, URL: "x", At: day(1)}, {URL: "x", At: day(1), Kind: "gone"}, {Terms: clipzy, URL: "x", Kind: "gone"}} {
		if err := a.PutAttempt(wrong); err == nil {
			t.Errorf("attempt %+v was taken", wrong)
		}
	}
	if d := cmp.Diff(want, all(t, a.Attempts(clipzy))); d != "" {
		t.Error(d)
	}
	sound(t, a)
	dir := closed(t, a)
	if _, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, all(t, opened(t, dir, Options{}).Attempts(clipzy))); d != "" {
		t.Error(d)
	}
}
