package config

// Schedules: when something is to be done, in the wall time of a zone, and each time once whatever daylight saving does.

import (
	"fmt"
	"math/bits"
	"sort"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	maxSchedule = 200 // bytes of an expression
	// rarest is the longest time between two slots: 29 February, around a year such as 2100.
	rarest = 9 * 366 * 24 * time.Hour
	// shifts are more than a zone ever lies from UTC, and than clocks were ever set forth or back.
	shifts = 26 * time.Hour
	// starBit is how the parser marks a field that was left open.
	starBit = 1 << 63
)

// named are the schedules with a name.
var named = map[string]string{"hourly": "0 * * * *", "daily": "0 7 * * *", "weekly": "0 7 * * 1"}

// A Schedule is a row of slots. A slot begins at a wall time of the zone, to the minute, and lasts until the next one. Where clocks
// are set forth over the wall time, it begins right after; slots that would begin together are one. Where clocks are set back and
// the wall time comes twice, the first one counts.
type Schedule struct {
	spec *cron.SpecSchedule // in wall time, written as UTC: so it knows of no daylight saving
	zone *time.Location
}

// ParseSchedule reads "hourly", "daily" (07:00), "weekly" (Monday 07:00) or a cron expression of five fields: minute, hour, day of
// the month, month, day of the week.
func ParseSchedule(expr string, zone *time.Location) (Schedule, error) {
	s := Schedule{zone: zone}
	if len(expr) > maxSchedule {
		return s, fmt.Errorf("a schedule of %d bytes; at most %d", len(expr), maxSchedule)
	}
	fields := expr
	if plain, ok := named[expr]; ok {
		fields = plain
	}
	if strings.ContainsFunc(fields, func(r rune) bool { // the library reads zones, too, and breaks over bad ones
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("*/,- ", r))
	}) || len(strings.Fields(fields)) != 5 {
		return s, fmt.Errorf("%q is no schedule: expected hourly, daily, weekly or five fields such as \"30 6 * * 1-5\": "+
			"minute, hour, day of the month, month, day of the week", expr)
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(fields)
	if err != nil {
		return s, fmt.Errorf("%q is no schedule: %w; Sunday is 0", expr, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok || spec.Minute == 0 || spec.Hour == 0 || spec.Dom == 0 || spec.Month == 0 || spec.Dow == 0 {
		return s, fmt.Errorf("%q is no schedule: a field is empty", expr)
	}
	spec.Location = time.UTC
	s.spec = spec
	if s.wallAfter(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return s, fmt.Errorf("%q is no schedule: that day never comes", expr)
	}
	return s, nil
}

// Zone is that in which the schedule is read.
func (s Schedule) Zone() *time.Location { return s.zone }

// Next is when the first slot after a time begins, in UTC.
func (s Schedule) Next(after time.Time) time.Time {
	for wall := s.wallAfter(s.wallOf(after)); ; wall = s.wallAfter(wall) {
		if at := s.instant(wall); at.After(after) { // not so within an hour that comes twice
			return at
		}
	}
}

// Last is when the slot that holds t began, in UTC.
func (s Schedule) Last(t time.Time) time.Time { return s.instant(s.wallBefore(t)) }

// Slot names the slot that holds t by the wall time at which it was to begin, such as 2026-11-23T07:00. A slot has the same name
// whenever it is asked for, and no two have the same.
func (s Schedule) Slot(t time.Time) string { return s.wallBefore(t).Format("2006-01-02T15:04") }

// wallAfter is the first wall time of the schedule after another.
func (s Schedule) wallAfter(wall time.Time) time.Time {
	if next := s.spec.Next(wall); !next.IsZero() {
		return next
	}
	return s.spec.Next(wall.AddDate(4, 0, 0)) // the library looks five years ahead
}

// wallBefore is the last wall time of the schedule whose slot began at t or before.
func (s Schedule) wallBefore(t time.Time) time.Time {
	from := s.wallOf(t).Truncate(time.Minute).Add(shifts)
	back := func(i int) time.Time { return s.wallAfter(from.Add(-time.Duration(i) * time.Minute)) }
	i := sort.Search(int((rarest+shifts)/time.Minute), func(i int) bool { return !s.instant(back(i)).After(t) })
	return back(i)
}

// wallOf is what the clock on the wall shows, written as UTC.
func (s Schedule) wallOf(t time.Time) time.Time { return t.UTC().Add(s.offset(t)) }

// instant is when a clock on the wall shows a time first, or, where it never does, when it jumps over it.
func (s Schedule) instant(wall time.Time) time.Time {
	begin := wall.Add(-shifts) // surely before
	for {
		at := wall.Add(-s.offset(begin))
		end, shifted := s.shift(begin, wall.Add(shifts))
		switch {
		case at.Before(begin):
			return begin
		case !shifted || at.Before(end):
			return at
		}
		begin = end
	}
}

// offset is how far clocks are ahead of UTC.
func (s Schedule) offset(t time.Time) time.Duration {
	_, seconds := t.In(s.zone).Zone()
	return time.Duration(seconds) * time.Second
}

// shift finds when clocks are set forth or back first, after one time and until another. Time.ZoneBounds does not serve: for
// years that the rule of a zone stands for, as from 2038 on, it gives bounds that are none.
func (s Schedule) shift(after, until time.Time) (time.Time, bool) {
	const step = 12 * time.Hour // no zone was shifted twice in less
	for before := s.offset(after); after.Before(until); after = after.Add(step) {
		if s.offset(after.Add(step)) != before {
			i := sort.Search(int(step/time.Second), func(i int) bool { return s.offset(after.Add(time.Duration(i)*time.Second)) != before })
			return after.Add(time.Duration(i) * time.Second), true
		}
	}
	return time.Time{}, false
}

// hourlyAtMost reports whether no hour has more than one slot.
func (s Schedule) hourlyAtMost() bool { return bits.OnesCount64(s.spec.Minute&^starBit) == 1 }

// DailyAtMost reports whether no day has more than one slot.
func (s Schedule) DailyAtMost() bool {
	return s.hourlyAtMost() && bits.OnesCount64(s.spec.Hour&^starBit) == 1
}

// Every is how a schedule repeats, where that can be said in a word.
type Every int

// The ways to repeat.
const (
	Otherwise Every = iota
	Hourly
	Daily
	Weekly
)

// Plain says how the schedule repeats, and, where that means something, on which day and when.
func (s Schedule) Plain() (e Every, day time.Weekday, hour, minute int) {
	m, h, d := s.spec.Minute&^starBit, s.spec.Hour&^starBit, s.spec.Dow&^starBit
	if bits.OnesCount64(m) != 1 || bits.OnesCount64(s.spec.Dom&^starBit) != 31 || bits.OnesCount64(s.spec.Month&^starBit) != 12 {
		return Otherwise, 0, 0, 0
	}
	minute, hour, day = bits.TrailingZeros64(m), bits.TrailingZeros64(h), time.Weekday(bits.TrailingZeros64(d))
	allDays := bits.OnesCount64(d) == 7
	switch {
	case allDays && bits.OnesCount64(h) == 24:
		return Hourly, 0, 0, minute
	case allDays && bits.OnesCount64(h) == 1:
		return Daily, 0, hour, minute
	case bits.OnesCount64(d) == 1 && bits.OnesCount64(h) == 1 && s.spec.Dom&starBit != 0:
		return Weekly, day, hour, minute
	}
	return Otherwise, 0, 0, 0
}
