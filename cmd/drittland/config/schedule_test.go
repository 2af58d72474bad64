package config

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func schedule(t *testing.T, expr, zone string) Schedule {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSchedule(expr, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestScheduleAtShifts goes through the nights in which clocks are set forth or back, in several zones.
func TestScheduleAtShifts(t *testing.T) {
	for _, c := range []struct {
		expr, zone, after string
		next              []string // in UTC
		slots             []string
	}{
		{"weekly", "Europe/Berlin", "2026-11-22T20:00:00Z", []string{"2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z"}, []string{"2026-11-23T07:00", "2026-11-30T07:00"}},
		{"weekly", "Europe/Berlin", "2027-03-23T00:00:00Z", []string{"2027-03-29T05:00:00Z", "2027-04-05T05:00:00Z"}, nil},
		{"30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", []string{"2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"},
			[]string{"2027-03-27T02:30", "2027-03-28T02:30", "2027-03-29T02:30"}},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T00:30:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}, []string{"2026-10-25T02:30", "2026-10-26T02:30"}},
		// Hours that fall together are one, hours that come twice count once.
		{"hourly", "Europe/Berlin", "2027-03-28T00:00:00Z", []string{"2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z"}, []string{"2027-03-28T03:00", "2027-03-28T04:00"}},
		{"hourly", "Europe/Berlin", "2026-10-24T23:30:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"}, []string{"2026-10-25T02:00", "2026-10-25T03:00"}},
		{"*/20 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", []string{"2027-03-28T01:00:00Z", "2027-03-29T00:00:00Z"}, []string{"2027-03-28T02:40", "2027-03-29T02:00"}},
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"}, nil},
		// From within the second pass of the hour.
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", []string{"2026-10-25T02:00:00Z"}, []string{"2026-10-25T03:00"}},
		// Lord Howe shifts by half an hour: 02:00 to 02:30 is skipped in October, 01:30 to 02:00 comes twice in April.
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"}, []string{"2026-10-04T02:15", "2026-10-05T02:15"}},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}, []string{"2026-04-05T01:45", "2026-04-06T01:45"}},
		// A midnight that was not, and a whole day that was not.
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", []string{"2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}, []string{"2018-11-04T00:00", "2018-11-05T00:00"}},
		{"daily", "Pacific/Apia", "2011-12-29T18:00:00Z", []string{"2011-12-30T10:00:00Z", "2011-12-30T17:00:00Z"}, []string{"2011-12-30T07:00", "2011-12-31T07:00"}},
		{"0 12 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T12:00:00Z"}, []string{"2104-02-29T12:00"}},
		{"0 7 1 * 1", "UTC", "2026-11-23T07:00:00Z", []string{"2026-11-30T07:00:00Z", "2026-12-01T07:00:00Z"}, nil}, // the first, and Mondays
	} {
		s := schedule(t, c.expr, c.zone)
		at, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.next {
			at = s.Next(at)
			if got := at.Format(time.RFC3339); got != want {
				t.Errorf("%s %s after %s: slot %d begins %s, want %s", c.expr, c.zone, c.after, i, got, want)
			}
			if c.slots != nil && s.Slot(at) != c.slots[i] {
				t.Errorf("%s %s: the slot of %s is %s, want %s", c.expr, c.zone, want, s.Slot(at), c.slots[i])
			}
		}
	}
}

func TestBadSchedules(t *testing.T) {
	for _, c := range [][2]string{
		{"", "expected hourly, daily, weekly or five fields"}, {"monthly", "expected hourly"}, {"* * * *", "expected hourly"}, {"* * * * * *", "expected hourly"},
		{"TZ=Europe/Berlin", "expected hourly"}, {"TZ=UTC 0 7 * * 1", "expected hourly"}, {"CRON_TZ=x", "expected hourly"}, {"@every 1s", "expected hourly"},
		{"60 * * * *", "above maximum (59)"}, {"0 24 * * *", "above maximum"}, {"0 7 * * 7", "Sunday is 0"}, {"0 7 * * moonday", "moonday"},
		{", * * * *", "a field is empty"}, {"*/0 * * * *", "positive"}, {"0 0 30 2 *", "that day never comes"}, {"0 0 31 4,6 *", "that day never comes"},
		{"5-1 * * * *", "beyond end of range"}, {strings.Repeat("1", 201), "at most 200"},
	} {
		if _, err := ParseSchedule(c[0], time.UTC); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v, want %q", c[0], err, c[1])
		}
	}
}

func TestPlainSchedules(t *testing.T) {
	for _, c := range []struct {
		expr  string
		every Every
		day   time.Weekday
		at    string
	}{
		{"weekly", Weekly, time.Monday, "7:0"}, {"daily", Daily, 0, "7:0"}, {"hourly", Hourly, 0, "0:0"}, {"15 * * * *", Hourly, 0, "0:15"}, {"30 6 * * 5", Weekly, time.Friday, "6:30"},
		{"30 6 * * 0-6", Daily, 0, "6:30"}, {"30 6 * * 1-5", Otherwise, 0, "0:0"}, {"0 7 1 * *", Otherwise, 0, "0:0"}, {"0 7 1-31 * 1", Otherwise, 0, "0:0"},
		{"0 7 * 1 1", Otherwise, 0, "0:0"}, {"0,30 7 * * *", Otherwise, 0, "0:0"},
	} {
		every, day, hour, minute := schedule(t, c.expr, "UTC").Plain()
		if at := fmt.Sprintf("%d:%d", hour, minute); every != c.every || day != c.day || at != c.at {
			t.Errorf("%s: %d %s %s", c.expr, every, day, at)
		}
	}
}

// zones are some in which clocks are shifted by an hour, by half of one, at midnight, for a month of fasting, over a day, or never.
var zones = []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "America/Santiago",
	"Asia/Tehran", "Antarctica/Troll", "Australia/Adelaide", "Asia/Kolkata", "UTC"}

// TestScheduleOverYears goes through ten years of slots in each zone, and holds them against a list that is made otherwise: quarter by quarter
// of an hour of real time, each wall time that a clock shows, or jumps over, for the first time.
func TestScheduleOverYears(t *testing.T) {
	for _, year := range []int{2009, 2035} { // what is known, and what the rule of a zone stands for
		for i, zone := range zones {
			for _, expr := range []string{"hourly", "30 2 * * *", "15 0 * * *", "*/15 1-2 * * *", "weekly"} {
				if expr == "hourly" && i > 1 { // two zones are enough for so many
					continue
				}
				holdAgainst(t, schedule(t, expr, zone), zone+" "+expr, time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(year+10, 12, 31, 0, 0, 0, 0, time.UTC))
			}
		}
	}
}

// holdAgainst wants the slots of a time to be those of slowly. Names are asked for around each shift, and now and then.
func holdAgainst(t *testing.T, s Schedule, what string, from, until time.Time) {
	t.Helper()
	at, names := from, map[string]bool{}
	for i, want := range slowly(s, from, until) {
		next := s.Next(at)
		if !next.Equal(want) || !next.After(at) {
			t.Fatalf("%s: slot %d after %s begins %s, want %s", what, i, at, next, want)
		}
		if i > 0 && (i%100 == 0 || s.offset(next.Add(-24*time.Hour)) != s.offset(next.Add(24*time.Hour))) {
			name := s.Slot(next)
			if names[name] {
				t.Fatalf("%s: two slots are called %s", what, name)
			}
			if names[name] = true; !s.Last(next).Equal(next) || s.Slot(next.Add(-time.Second)) != s.Slot(at) || !s.Last(next.Add(-1)).Equal(at) {
				t.Fatalf("%s: the slot before %s is not that of %s", what, next, at)
			}
		}
		at = next
	}
	if next := s.Next(at); next.Before(until) {
		t.Fatalf("%s: a slot too many at %s", what, next)
	}
}

// slowly are the slots that begin after from and before until, by a walk in quarters of an hour.
func slowly(s Schedule, from, until time.Time) (out []time.Time) {
	wall := s.wallOf(from)
	due := s.spec.Next(wall)
	for at := from.Add(15 * time.Minute); at.Before(until); at = at.Add(15 * time.Minute) {
		if now := s.wallOf(at); now.After(wall) { // not in an hour that comes again
			wall = now
		}
		if due.After(wall) {
			continue
		}
		out = append(out, at)
		for !due.After(wall) { // those that were jumped over are one
			due = s.spec.Next(due)
		}
	}
	return out
}

// TestScheduleProperties asks schedules that nobody thought of, at times that nobody thought of.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := func(name string, least, most int) string {
			n := rapid.IntRange(least, most)
			return rapid.OneOf(rapid.Just("*"), rapid.Map(n, strconv.Itoa), rapid.Map(rapid.SliceOfN(n, 2, 4), func(l []int) string {
				return strings.Trim(strings.ReplaceAll(fmt.Sprint(l), " ", ","), "[]")
			}), rapid.Map(rapid.IntRange(1, most), func(i int) string { return fmt.Sprintf("*/%d", i) })).Draw(t, name)
		}
		expr := field("minute", 0, 59) + " " + field("hour", 0, 23) + " " + field("day", 1, 28) + " " + field("month", 1, 12) + " " + field("weekday", 0, 6)
		zone, err := time.LoadLocation(rapid.SampledFrom(append(zones, "America/St_Johns")).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseSchedule(expr, zone)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0)
		next, last := s.Next(at), s.Last(at)
		after := s.Next(next)
		switch {
		case !next.After(at) || last.After(at) || !after.After(next):
			t.Fatalf("%s: %s, %s, %s, %s do not follow each other", expr, last, at, next, after)
		case !s.Next(last).Equal(next):
			t.Fatalf("%s: after %s comes %s, and not %s", expr, last, s.Next(last), next)
		case s.Slot(at) != s.Slot(last) || s.Slot(at) == s.Slot(next) || s.Slot(next) >= s.Slot(after):
			t.Fatalf("%s: names %s, %s, %s", expr, s.Slot(at), s.Slot(next), s.Slot(after))
		}
	})
}

// TestScheduleUnderJumps has a clock run, jump back and jump forth, also through both nights of the year: whoever does the slot that holds now
// unless its name is remembered does none twice, and does that of every moment at which he looked.
func TestScheduleUnderJumps(t *testing.T) {
	for _, night := range []string{"2027-03-28T00:30:00Z", "2026-10-25T00:10:00Z"} {
		s := schedule(t, "*/30 * * * *", "Europe/Berlin")
		now, err := time.Parse(time.RFC3339, night)
		if err != nil {
			t.Fatal(err)
		}
		done := map[string]time.Time{}
		for i, step := range []time.Duration{0, time.Minute, 2 * time.Hour, -2 * time.Hour, time.Second, 90 * time.Minute, -time.Hour, 415 * time.Minute, -24 * time.Hour, 24 * time.Hour, 10 * time.Minute} {
			now = now.Add(step)
			begin, name := s.Last(now), s.Slot(now)
			if before, ok := done[name]; ok && !before.Equal(begin) {
				t.Errorf("step %d: %s began %s, and now %s", i, name, before, begin)
			}
			for other, at := range done {
				if at.Equal(begin) && other != name {
					t.Errorf("step %d: %s and %s are one slot", i, name, other)
				}
			}
			done[name] = begin
		}
		if len(done) < 4 {
			t.Errorf("only %v", done)
		}
	}
}
