package main

import (
	"testing"
	"time"
	_ "time/tzdata" // zones where the machine has none

	"github.com/drittland/drittland/rules/law"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWeeks(t *testing.T) {
	for _, c := range []struct {
		week, zone, from, until string
		hours                   float64
	}{
		{"2026-W47", "UTC", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", 168},
		{"2026-W47", "Europe/Berlin", "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z", 168},
		{"2026-W13", "Europe/Berlin", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z", 167}, // clocks are put forward
		{"2026-W43", "Europe/Berlin", "2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z", 169}, // and back
		{"2026-W01", "UTC", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z", 168},
		{"2026-W53", "UTC", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z", 168},
		{"2026W47", "America/Los_Angeles", "2026-11-16T08:00:00Z", "2026-11-23T08:00:00Z", 168},
		{"2018-W45", "America/Sao_Paulo", "2018-11-05T02:00:00Z", "2018-11-12T02:00:00Z", 168},
		{"2024-W12", "Africa/Cairo", "2024-03-17T22:00:00Z", "2024-03-24T22:00:00Z", 168},
		{"2026-W47", "Pacific/Kiritimati", "2026-11-15T10:00:00Z", "2026-11-22T10:00:00Z", 168},
	} {
		p, err := parseWeek(c.week, zoneOf(t, c.zone))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.from.UTC().Format(time.RFC3339) + " " + p.until.UTC().Format(time.RFC3339); got != c.from+" "+c.until || p.until.Sub(p.from).Hours() != c.hours {
			t.Errorf("%s in %s: %s, %s", c.week, c.zone, got, p.until.Sub(p.from))
		}
	}
	for _, bad := range []string{"2025-W53", "2026-W00", "2026-W54", "2026-47", "W47", "2026-W7", "2026-W47x", ""} {
		if p, err := parseWeek(bad, time.UTC); err == nil {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
}

// TestWeeksFollow: whatever the zone, weeks and days leave no gap and do not overlap.
func TestWeeksFollow(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia"} {
		zone := zoneOf(t, name)
		p := weekOf(time.Date(2009, 12, 29, 12, 0, 0, 0, zone))
		for p.from.Year() < 2028 {
			next := weekOf(p.until.Add(time.Hour))
			if !next.from.Equal(p.until) || next.name <= p.name || p.from.Weekday() != time.Monday {
				t.Fatalf("%s: %s from %s to %s, then %s from %s", name, p.name, p.from, p.until, next.name, next.from)
			}
			if again, err := parseWeek(p.name, zone); err != nil || !again.from.Equal(p.from) || !again.until.Equal(p.until) {
				t.Fatalf("%s: %s is %+v by name: %v", name, p.name, again, err)
			}
			p = next
		}
	}
	// That Sunday had no midnight in São Paulo: clocks were put forward then.
	if got := dayStart(2018, 11, 4, zoneOf(t, "America/Sao_Paulo")).Format(time.RFC3339); got != "2018-11-04T01:00:00-02:00" {
		t.Errorf("the day begins at %s", got)
	}
}

func TestLastWeek(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	for now, want := range map[string]string{"2026-11-22T22:59:59Z": "2026-W46", "2026-11-22T23:00:00Z": "2026-W47", "2026-11-23T06:00:00Z": "2026-W47", "2027-01-04T06:00:00Z": "2026-W53"} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if p := lastWeek(at, berlin); p.name != want || p.until.After(at) {
			t.Errorf("at %s: %s, want %s", now, p.name, want)
		}
	}
}

func TestSince(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	now := time.Date(2026, 10, 26, 7, 0, 0, 0, berlin) // the day after clocks were put back
	for s, want := range map[string]string{"7d": "2026-10-19..2026-10-26 2026-10-19T05:00:00Z", "2w": "2026-10-12..2026-10-26 2026-10-12T05:00:00Z", "36h": "2026-10-24T20:00..2026-10-26T07:00 2026-10-24T18:00:00Z"} {
		p, err := parseSince(s, now, berlin)
		if got := p.name + " " + p.from.UTC().Format(time.RFC3339); err != nil || got != want || !p.until.Equal(now) {
			t.Errorf("%s: %s, want %s (%v)", s, got, want, err)
		}
	}
	for _, bad := range []string{"0d", "7", "d", "-7d", "99999d", "99999w", "7 d", "1y", "99999h "} {
		if p, err := parseSince(bad, now, berlin); err == nil {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
	p := namedDays(law.Date{Year: 2026, Month: 10, Day: 25}, law.Date{Year: 2026, Month: 10, Day: 25}, berlin)
	if p.until.Sub(p.from) != 25*time.Hour || p.name != "2026-10-25..2026-10-25" {
		t.Errorf("the day on which clocks are put back: %+v", p)
	}
}
