package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

// repeating has a service serve three texts in turn, each several times with another token around it, and one of the captures twice. It gives the
// snapshots, and reads what is pending as the token taken away.
func repeating(t testing.TB, a *Archive) []snapshots.Snapshot {
	t.Helper()
	var out []snapshots.Snapshot
	for n := range 9 {
		token := n
		if n == 5 {
			token = 4 // the same bytes: a revisit
		}
		s, err := a.PutCapture(capture(day(n), fmt.Sprintf("%d: Clipzy stores data in Norway, text %d.", token, n/3)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	readRepeats(t, a)
	return out
}

func readRepeats(t testing.TB, a *Archive) {
	t.Helper()
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		v := snapshots.Version{Terms: s.Terms, Snapshot: s.ID, Date: s.At, Cause: snapshots.First, Reader: "lines/1"}
		var d *snapshots.Document
		if x, gone, err := a.Erased(s.ID); err != nil {
			t.Fatal(err)
		} else if gone {
			v.Refused, v.RefusedAs = x.Why, "erased"
		} else {
			body, err := a.Body(s)
			if err != nil {
				t.Fatal(err)
			}
			d = document(string(body[3:]))
			v.Document = hashOf(t, d)
			for last, err := range a.Versions(s.Terms) {
				if err != nil {
					t.Fatal(err)
				}
				if last.Refused == "" {
					v.Previous, v.Refused = last.ID, ""
					if last.Document == v.Document {
						v.Refused = "unchanged since the version before"
					}
				}
			}
		}
		if err := errors.Join(v.Identify(), a.PutVersion(v, d, nil)); err != nil {
			t.Fatal(err)
		}
	}
}

// Repeats go once they are old; each text stays, and the ledger proves everything as before.
func TestPrune(t *testing.T) {
	a := created(t, Options{})
	s := repeating(t, a)
	sound(t, a)
	want := []string{s[1].ID, s[2].ID, s[4].ID, s[5].ID, s[7].ID}
	plan, err := a.Prunable(day(8))
	if err != nil || !slices.Equal(plan.Snapshots, want) || plan.Shared != 0 || plan.Bytes < 1000 {
		t.Fatalf("%+v: %v", plan, err)
	}
	// Of two captures with the same bytes the older cannot go without the other.
	if plan, err := a.Prunable(day(5)); err != nil || !slices.Equal(plan.Snapshots, want[:2]) || plan.Shared != 1 {
		t.Errorf("%+v: %v", plan, err)
	}
	before := dumped(t, a, true)
	if _, err := a.Prune(day(8), day(900), ""); err == nil {
		t.Error("without a reason")
	}
	if dumped(t, a, true) != before {
		t.Error("what was only planned has changed something")
	}
	done, err := a.Prune(day(8), day(900), "repeats of more than two years")
	if err != nil || !slices.Equal(done.Snapshots, want) || done.Bytes != plan.Bytes {
		t.Fatalf("%+v: %v", done, err)
	}
	readRepeats(t, a)
	sound(t, a)
	for i, x := range s {
		_, err := a.Body(x)
		if slices.Contains(want, x.ID) != errors.Is(err, ErrErased) || err != nil && !errors.Is(err, ErrErased) {
			t.Errorf("capture %d: %v", i, err)
		}
		proven(t, a, x.ID)
	}
	var texts []string
	for v, err := range a.Versions(clipzy) {
		if err != nil {
			t.Fatal(err)
		}
		if v.Refused == "" {
			texts = append(texts, v.Snapshot)
		}
	}
	if !slices.Equal(texts, []string{s[0].ID, s[3].ID, s[6].ID}) {
		t.Errorf("versions of %q", texts)
	}
	if again, err := a.Prune(day(8), day(901), "again"); err != nil || len(again.Snapshots) > 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	where := closed(t, a)
	if p, err := Rebuild(context.Background(), where, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatal(p, err)
	}
	a = opened(t, where, Options{})
	readRepeats(t, a)
	sound(t, a)
}

// What others captured, imports, annexes and texts of several pages stay, whatever was read of them.
func TestPruneLeavesOthersAlone(t *testing.T) {
	a, _ := withSecret(t)
	if plan, err := a.Prunable(day(2000)); err != nil || len(plan.Snapshots) > 0 {
		t.Errorf("%+v: %v", plan, err)
	}
	if done, err := a.Prune(day(2000), day(2001), "nothing to do"); err != nil || len(done.Snapshots) > 0 {
		t.Errorf("%+v: %v", done, err)
	}
	sound(t, a)
}
