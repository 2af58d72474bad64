package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drittland/drittland/cmd/drittland/config"
)

func schedule(t testing.TB, expr, zone string) config.Schedule {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.ParseSchedule(expr, z)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func newState() *State { return &State{Schema: Schema, Seed: "seed", Lists: map[string]List{}} }

// names are the periods that are due at a time, which is noted as done.
func names(s *State, sched config.Schedule, now time.Time) (out []string) {
	list, _ := s.Missed("legal", sched, now)
	for _, p := range list {
		out = append(out, p.Name)
		s.Lists["legal"] = List{Slot: p.Slot, Until: p.Until}
	}
	return out
}

func TestMissed(t *testing.T) {
	for name, c := range map[string]struct {
		expr, zone string
		steps      []string // time, and behind a blank what is due
	}{
		"weekly": {"weekly", "Europe/Berlin", []string{"2026-11-18T09:00:00Z", "2026-11-23T05:59:00Z", "2026-11-23T06:00:00Z 2026-W47", "2026-11-23T06:00:30Z", "2026-11-29T10:00:00Z",
			"2026-11-30T08:00:00Z 2026-W48"}},
		"down for three weeks": {"weekly", "Europe/Berlin", []string{"2026-11-18T09:00:00Z", "2026-12-09T09:00:00Z 2026-W47 2026-W48 2026-W49", "2026-12-09T09:01:00Z"}},
		"down for a year":      {"weekly", "UTC", []string{"2025-11-18T09:00:00Z", "2026-11-18T09:00:00Z 2025-11-17..2026-10-18 2026-W43 2026-W44 2026-W45 2026-W46"}},
		"daily, clocks set back": {"daily", "Europe/Berlin", []string{"2026-10-24T08:00:00Z", "2026-10-25T05:59:00Z", "2026-10-25T06:00:00Z 2026-10-24",
			"2026-10-26T06:00:00Z 2026-10-25"}},
		"clocks jump over midnight": {"daily", "America/Havana", []string{"2026-03-07T13:00:00Z", "2026-03-08T13:00:00Z 2026-03-07", "2026-03-09T13:00:00Z 2026-03-08"}},
		"twice a day":               {"0 7,19 * * *", "UTC", []string{"2026-11-18T09:00:00Z", "2026-11-18T19:00:00Z 2026-11-18T07:00..2026-11-18T19:00"}},
		"back an hour":              {"hourly", "UTC", []string{"2026-11-18T09:30:00Z", "2026-11-18T10:00:10Z 2026-11-18T09:00..2026-11-18T10:00", "2026-11-18T09:10:00Z", "2026-11-18T10:10:00Z"}},
	} {
		s, sched := newState(), schedule(t, c.expr, c.zone)
		for _, step := range c.steps {
			when, want, _ := strings.Cut(step, " ")
			if got := strings.Join(names(s, sched, at(t, when)), " "); got != want {
				t.Errorf("%s: at %s: %q, want %q", name, when, got, want)
			}
		}
	}
}

func TestChangedSchedule(t *testing.T) {
	s := newState()
	names(s, schedule(t, "weekly", "UTC"), at(t, "2026-11-18T09:00:00Z"))
	if got := names(s, schedule(t, "daily", "UTC"), at(t, "2026-11-19T09:00:00Z")); !slices.Equal(got, []string{"2026-11-16", "2026-11-17", "2026-11-18"}) {
		t.Error("from weekly to daily:", got)
	}
	if got := names(s, schedule(t, "weekly", "UTC"), at(t, "2026-11-23T09:00:00Z")); !slices.Equal(got, []string{"2026-11-19..2026-11-22"}) {
		t.Error("and back:", got)
	}
}

// Whenever the program runs, the times of digests follow each other without gap or overlap, and end before now.
func TestPeriodsAreWhole(t *testing.T) {
	exprs := []string{"weekly", "daily", "hourly", "0 7,19 * * *", "30 6 1 * *", "0 2 * * *", "15 1 * * 0"}
	zones := []string{"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"}
	rapid.Check(t, func(r *rapid.T) {
		sched := schedule(t, rapid.SampledFrom(exprs).Draw(r, "expr"), rapid.SampledFrom(zones).Draw(r, "zone"))
		now := at(t, "2026-01-01T00:00:00Z").Add(time.Duration(rapid.IntRange(0, 3e7).Draw(r, "start")) * time.Second)
		s := newState()
		sched2, _ := s.Missed("legal", sched, now)
		if len(sched2) != 0 {
			r.Fatal("a new list begins with a digest")
		}
		last := s.Lists["legal"].Until
		seen := map[string]bool{}
		for i := 0; i < 6; i++ {
			now = now.Add(time.Duration(rapid.IntRange(1, 2e6).Draw(r, "step")) * time.Second)
			list, next := s.Missed("legal", sched, now)
			if len(list) > mostMissed || !next.After(now) {
				r.Fatalf("%d at %s, next %s", len(list), now, next)
			}
			for _, p := range list {
				if !p.From.Equal(last) || !p.Until.After(p.From) || p.Until.After(now) || seen[p.Name] {
					r.Fatalf("%+v after %s at %s", p, last, now)
				}
				last, seen[p.Name] = p.Until, true
				s.Lists["legal"] = List{Slot: p.Slot, Until: p.Until}
			}
		}
	})
}

func TestCaptureDue(t *testing.T) {
	s, sched := newState(), schedule(t, "daily", "Europe/Berlin")
	step := func(when string, jitter time.Duration, want bool) time.Time {
		t.Helper()
		slot, due, next := s.CaptureDue(sched, at(t, when), jitter)
		if due != want {
			t.Errorf("%s: due %v", when, due)
		}
		if due {
			s.Capture.Slot = slot
		}
		return next
	}
	step("2026-11-18T12:00:00Z", time.Hour, true) // the first time nobody waits
	step("2026-11-18T12:01:00Z", time.Hour, false)
	begin := step("2026-11-19T06:00:00Z", time.Hour, false)
	if d := begin.Sub(at(t, "2026-11-19T06:00:00Z")); d <= 0 || d >= time.Hour {
		t.Errorf("jitter of %s", d)
	}
	if again := step("2026-11-19T06:00:01Z", time.Hour, false); !again.Equal(begin) {
		t.Errorf("another jitter the second time: %s, %s", begin, again)
	}
	step(begin.Format(time.RFC3339Nano), time.Hour, true)
	step("2026-11-26T12:00:00Z", 0, true)  // a week without the program, or a jump: once
	step("2026-11-26T12:00:01Z", 0, false) //
	step("2026-11-25T12:00:00Z", 0, false) // back
	step("2026-11-27T06:00:00Z", 0, true)
}

func TestTrustClock(t *testing.T) {
	s, sched := newState(), schedule(t, "weekly", "UTC")
	names(s, sched, at(t, "2026-11-18T09:00:00Z"))
	names(s, sched, at(t, "2030-01-09T09:00:00Z")) // the clock was wrong
	s.See(at(t, "2030-01-09T09:00:00Z"))
	now := at(t, "2026-11-19T09:00:00Z")
	if s.Behind(now) == 0 {
		t.Fatal("not noticed")
	}
	s.TrustClock(now)
	if s.Behind(now) != 0 || s.Restarts != 1 {
		t.Errorf("%+v", s)
	}
	if got := names(s, sched, at(t, "2026-11-23T09:00:00Z")); len(got) != 1 {
		t.Error("the week after:", got)
	}
	s.TrustClock(at(t, "2026-11-24T09:00:00Z"))
	if s.Restarts != 1 {
		t.Error("a clock that is right was trusted again")
	}
}

func TestState(t *testing.T) {
	f := Folder{Dir: filepath.Join(t.TempDir(), "state")}
	unlock, err := f.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lock(); !errors.Is(err, ErrBusy) {
		t.Error("a second lock:", err)
	}
	s, _, err := f.Load()
	if err != nil || s.Seed == "" {
		t.Fatal(err)
	}
	s.Lists["legal"] = List{Slot: "2026-11-23T07:00", Until: at(t, "2026-11-23T00:00:00Z")}
	if err := f.Save(s); err != nil {
		t.Fatal(err)
	}
	full := Folder{Dir: f.Dir, Write: func(string, []byte) error { return errors.New("no space left on device") }}
	s.Lists["legal"] = List{}
	if err := full.Save(s); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Error("a full disk:", err)
	}
	again, aside, err := f.Load()
	if err != nil || aside != "" || again.Seed != s.Seed || again.Lists["legal"].Slot != "2026-11-23T07:00" {
		t.Errorf("%v %q %+v", err, aside, again)
	}
	unlock()
	if unlock, err = f.Lock(); err != nil {
		t.Fatal("the lock stays:", err)
	}
	unlock()
}

func TestDamagedState(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "cut off": `{"schema":"drittland/watch/1","seed`, "something else": `[]`, "zeros": string(make([]byte, 300))} {
		f := Folder{Dir: t.TempDir()}
		file := filepath.Join(f.Dir, stateFile)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, aside, err := f.Load()
		if err != nil || aside != file+".damaged" {
			t.Fatalf("%s: %v, %q", name, err, aside)
		}
		if kept, _ := os.ReadFile(aside); string(kept) != content {
			t.Errorf("%s: not kept", name)
		}
		// The last digest is made again, if it was not: the outbox knows.
		if got := names(s, schedule(t, "weekly", "UTC"), at(t, "2026-11-25T09:00:00Z")); !slices.Equal(got, []string{"2026-W47"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	f := Folder{Dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(f.Dir, stateFile), []byte(`{"schema":"drittland/watch/2"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Load(); err == nil {
		t.Error("the state of another release was taken")
	}
}

func TestJitter(t *testing.T) {
	var low, high int
	for i := range 200 {
		d := Jitter("seed", fmt.Sprint(i), time.Hour)
		if d < 0 || d >= time.Hour || d != Jitter("seed", fmt.Sprint(i), time.Hour) {
			t.Fatal(d)
		}
		if d < 30*time.Minute {
			low++
		} else {
			high++
		}
	}
	if low < 50 || high < 50 || Jitter("seed", "slot", 0) != 0 {
		t.Errorf("%d low, %d high", low, high)
	}
}
