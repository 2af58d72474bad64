package config

import (
	"testing"
	"time"
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
