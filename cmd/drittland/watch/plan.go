// Package watch is what the command watch knows without doing anything: which slots of which schedules are due, what was done, how it
// stands, and how that is told to who asks for health and metrics. What is done, cmd/drittland does.
package watch

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// mostMissed is how many digests are made of times in which the program did not run; of more, the earliest become one.
const mostMissed = 5

// Jitter is by how much a slot begins later on this machine: the same each time it is asked for, from 0 up to most.
func Jitter(seed, slot string, most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed + "\x00" + slot)) // never fails
	return time.Duration(h.Sum64() % uint64(most))
}

// CaptureDue reports whether the slot that holds now is to be captured, and else when the next one is. Of slots that were missed the last
// one stands for all. jitter is at most by how much it begins later.
func (s *State) CaptureDue(sched config.Schedule, now time.Time, jitter time.Duration) (slot string, due bool, next time.Time) {
	slot = sched.Slot(now)
	if slot > s.Capture.Slot {
		begin := sched.Last(now).Add(Jitter(s.Seed, slot, jitter))
		if s.Capture.Slot == "" || !begin.After(now) { // the first time nobody waits
			return slot, true, now
		}
		return slot, false, begin
	}
	begin := sched.Next(now)
	return slot, false, begin.Add(Jitter(s.Seed, sched.Slot(begin), jitter))
}

// A Period is the time of which a digest tells.
type Period struct {
	Name        string // "2026-W47", "2026-11-16", "2026-11-16..2026-11-18", or with hours
	Slot        string // at which it is made
	From, Until time.Time
}

// Missed are the periods of a list whose digests are to be made at now, oldest first; they follow each other without a gap. A list that
// was not seen before begins with the period that holds now. next is when the next slot begins.
func (s *State) Missed(list string, sched config.Schedule, now time.Time) (periods []Period, next time.Time) {
	next = sched.Next(now)
	last, ok := s.Lists[list]
	if !ok {
		begin := sched.Last(now)
		if s.anew {
			begin = sched.Last(begin.Add(-time.Nanosecond))
		}
		last = List{Slot: sched.Slot(begin), Until: until(sched, begin)}
		s.Lists[list] = last
	}
	from := last.Until
	for begin := sched.Next(last.Until.Add(-time.Nanosecond)); !begin.After(now); begin = sched.Next(begin) {
		end := until(sched, begin)
		if !end.After(from) {
			continue
		}
		periods = append(periods, Period{Slot: sched.Slot(begin), From: from, Until: end})
		if n := len(periods); n > mostMissed {
			periods[1].From = periods[0].From
			periods = append(periods[:0], periods[1:]...)
		}
		from = end
	}
	for i := range periods {
		periods[i].Name = PeriodName(periods[i].From, periods[i].Until, sched.Zone())
	}
	return periods, next
}

// until is the end of the time of which a digest tells that is made in a slot: of daily and weekly ones the day before is the last, of
// others it is the slot.
func until(sched config.Schedule, begin time.Time) time.Time {
	if every, _, _, _ := sched.Plain(); every != config.Daily && every != config.Weekly {
		return begin
	}
	return days(sched.Zone()).Last(begin)
}

// days begin at midnight, or, where clocks jump over it, right after.
func days(zone *time.Location) config.Schedule {
	s, _ := config.ParseSchedule("0 0 * * *", zone) // it is one
	return s
}

// PeriodName names a time: a week of ISO 8601, a day, the first and the last day, or, if it does not begin and end with days, both ends.
func PeriodName(from, until time.Time, zone *time.Location) string {
	a, b := from.In(zone), until.In(zone)
	day := days(zone)
	if !day.Last(a).Equal(a) || !day.Last(b).Equal(b) || !a.Before(b) {
		const minute = "2006-01-02T15:04"
		return a.Format(minute) + ".." + b.Format(minute)
	}
	year, week := a.ISOWeek()
	last := b.Add(-time.Minute)
	first, end := a.Format(time.DateOnly), last.Format(time.DateOnly)
	_, lastWeek := last.ISOWeek()
	switch {
	case a.Weekday() == time.Monday && last.Weekday() == time.Sunday && lastWeek == week && b.Sub(a) < 8*24*time.Hour:
		return fmt.Sprintf("%d-W%02d", year, week)
	case first == end:
		return first
	}
	return first + ".." + end
}
