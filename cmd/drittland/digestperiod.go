package main

// The time that a digest is about: an ISO week, the last days, or days by name, in the zone of the readers. All are half-open, and
// begin and end with days of that zone, however long these are.

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/drittland/drittland/rules/law"
)

// A timeSpan is a time with the name that it has for good.
type timeSpan struct {
	name        string
	from, until time.Time
}

// maxPeriod bounds the time of a digest, in days.
const maxPeriod = 3660

// dayStart is the first moment of a day in a zone, which need not be midnight where clocks are put forward then.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone)
	y, m, d = noon.Date()
	t := noon.Add(-15 * time.Hour).Truncate(time.Minute)
	for {
		if ty, tm, td := t.Date(); ty == y && tm == m && td == d {
			return t
		}
		t = t.Add(time.Minute)
	}
}

// weekOf is the ISO week of a day.
func weekOf(t time.Time) timeSpan {
	year, week := t.ISOWeek()
	back := (int(t.Weekday()) + 6) % 7
	y, m, d := t.Date()
	return timeSpan{fmt.Sprintf("%d-W%02d", year, week), dayStart(y, m, d-back, t.Location()), dayStart(y, m, d-back+7, t.Location())}
}

// lastWeek is the last ISO week that was over at a time.
func lastWeek(now time.Time, zone *time.Location) timeSpan {
	y, m, d := now.In(zone).Date()
	return weekOf(time.Date(y, m, d-7, 12, 0, 0, 0, zone))
}

var weekName = regexp.MustCompile(`^(\d{4})-?W(\d{2})$`)

// parseWeek reads an ISO week such as 2026-W47.
func parseWeek(s string, zone *time.Location) (timeSpan, error) {
	m := weekName.FindStringSubmatch(s)
	if m == nil {
		return timeSpan{}, fmt.Errorf("--week %.40s: expected an ISO week such as 2026-W47", s)
	}
	year, _ := strconv.Atoi(m[1])
	week, _ := strconv.Atoi(m[2])
	p := weekOf(time.Date(year, time.January, 4+7*(week-1), 12, 0, 0, 0, zone)) // 4 January is always in week 1
	if week == 0 || p.name != m[1]+"-W"+m[2] {
		return timeSpan{}, fmt.Errorf("--week %s: %s has no week %d", s, m[1], week)
	}
	return p, nil
}

var sinceName = regexp.MustCompile(`^(\d{1,5})([hdw])$`)

// parseSince reads how long ago a time began that ends now: 7d, 2w, 36h.
func parseSince(s string, now time.Time, zone *time.Location) (timeSpan, error) {
	m := sinceName.FindStringSubmatch(s)
	if m == nil {
		return timeSpan{}, fmt.Errorf("--since %.40s: expected days, weeks or hours, such as 7d, 2w or 36h", s)
	}
	n, _ := strconv.Atoi(m[1])
	now = now.In(zone)
	p, form := timeSpan{until: now}, time.DateOnly
	days := n
	switch m[2] {
	case "h":
		days, form = n/24, "2006-01-02T15:04"
		p.from = now.Add(-time.Duration(n) * time.Hour)
	case "w":
		days = 7 * n
		fallthrough
	default:
		p.from = now.AddDate(0, 0, -days)
	}
	if n == 0 || days > maxPeriod {
		return timeSpan{}, fmt.Errorf("--since %s: expected 1h to %dd", s, maxPeriod)
	}
	p.name = p.from.Format(form) + ".." + now.Format(form)
	return p, nil
}

// namedDays are days by name, both included.
func namedDays(first, last law.Date, zone *time.Location) timeSpan {
	return timeSpan{first.String() + ".." + last.String(), dayStart(first.Year, first.Month, first.Day, zone), dayStart(last.Year, last.Month, last.Day+1, zone)}
}
