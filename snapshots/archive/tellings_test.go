package archive

import (
	"context"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

func telling() snapshots.Telling {
	return snapshots.Telling{Terms: clipzy, At: day(2), Snapshot: identify("told").String(), Findings: []string{"T01", "T34"}}
}

func TestTellings(t *testing.T) {
	a := created(t, Options{})
	first, second := telling(), telling()
	second.Variant, second.Appeared, second.Since, second.Date, second.Alert = "de", []string{"T34"}, identify("before").String(), day(1), true
	if err := a.PutTellings([]snapshots.Telling{first, second}); err != nil {
		t.Fatal(err)
	}
	first.At = day(1) // by a clock that is late; what counts is the order of recording
	if err := a.PutTellings([]snapshots.Telling{first}); err != nil {
		t.Fatal(err)
	}
	if err := a.PutTellings(nil); err != nil {
		t.Error(err)
	}
	want := []snapshots.Telling{telling(), second, first}
	if d := cmp.Diff(want, all(t, a.Tellings(clipzy))); d != "" {
		t.Error(d)
	}
	if got := all(t, a.Tellings(snapshots.Terms{Service: "Clipzy", Type: "Terms of Service"})); len(got) > 0 {
		t.Errorf("told of other terms: %v", got)
	}
	sound(t, a)
	dir := closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatal(p, err)
	}
	a = opened(t, dir, Options{})
	if d := cmp.Diff(want, all(t, a.Tellings(clipzy))); d != "" {
		t.Errorf("after a rebuild: %s", d)
	}
	for name, change := range map[string]func(*snapshots.Telling){
		"no terms":          func(x *snapshots.Telling) { x.Terms = snapshots.Terms{} },
		"no date":           func(x *snapshots.Telling) { x.At = time.Time{} },
		"no snapshot":       func(x *snapshots.Telling) { x.Snapshot = "" },
		"too many findings": func(x *snapshots.Telling) { x.Findings = make([]string, maxFindings+1) },
	} {
		x := telling()
		change(&x)
		if err := a.PutTellings([]snapshots.Telling{telling(), x}); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
	if got := all(t, a.Tellings(clipzy)); len(got) != len(want) {
		t.Errorf("%d tellings, want %d", len(got), len(want))
	}
}
