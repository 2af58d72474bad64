package dates

// This file reads the dates in a line of text.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// Years within which a text may state a date. What lies outside is a slip, or no date.
const (
	firstYear = 1995
	lastYear  = 2060
)

// Precision says how much of a date a text gives.
type Precision string

// The precisions.
const (
	ToDay   Precision = "day"
	ToMonth Precision = "month" // Day is the first of the month then
)

// A Date is a day and where a text gives it.
//
// A year that leads is followed by month and day, and stops between numbers (3.4.2022) put the day first. With strokes
// (3/4/2022) the day stands first, except in English and where the language is not known: there the number above 12 is the day,
// and where both could be, nothing is guessed: Day is "" and Either has the two ways to read it.
type Date struct {
	Day       string    // YYYY-MM-DD
	Either    [2]string // the day with the first number as the day, and with the first number as the month; the same form
	Precision Precision
	Span      snapshots.Span // within the text
	bare      bool           // "05/2024": two numbers, which mean a month only where a word says so
}

// Found reports whether there is a date, even one that can be read in two ways.
func (d Date) Found() bool { return d.Precision != "" }

// String is the date as far as the text gives it: YYYY-MM-DD, YYYY-MM, or two days with "|"; "" for none.
func (d Date) String() string {
	switch {
	case d.Found() && d.Day == "":
		return d.Either[0] + "|" + d.Either[1]
	case d.Precision == ToMonth && len(d.Day) > len("2006-01"):
		return d.Day[:len("2006-01")]
	}
	return d.Day
}

// Find finds the dates in s, with those that can be read in two ways. lang (BCP 47) is the language of s: it says which numbers
// stand first, and what "listopad" means.
func Find(s, lang string) []Date {
	var out []Date
	for _, d := range find(s, lang) {
		if !d.bare {
			out = append(out, d)
		}
	}
	return out
}

// Spans are where dates stand in s, also such as no calendar has.
func Spans(s string) []snapshots.Span {
	var out []snapshots.Span
	eachDate(s, "", func(r reading, span snapshots.Span) {
		if !r.bare {
			out = append(out, span)
		}
	})
	return out
}

func find(s, lang string) []Date {
	var out []Date
	eachDate(s, lang, func(r reading, span snapshots.Span) {
		if d, ok := r.date(); ok {
			d.Span = span
			out = append(out, d)
		}
	})
	return out
}

// A reading is a date as it is written. If it may be read in two ways, m and d may change places.
type reading struct {
	y, m, d   int
	month     bool // there is no day
	ambiguous bool
	bare      bool
}

// date is false for a day that is in no calendar, or too far away.
func (r reading) date() (Date, bool) {
	if !validDate(r.y, r.m, r.d) {
		return Date{}, false
	}
	d := Date{Day: dayOf(r.y, r.m, r.d), Precision: ToDay, bare: r.bare}
	if r.month {
		d.Precision = ToMonth
	}
	if r.ambiguous {
		d.Day, d.Either = "", [2]string{d.Day, dayOf(r.y, r.d, r.m)}
	}
	return d, true
}

func dayOf(y, m, d int) string { return fmt.Sprintf("%04d-%02d-%02d", y, m, d) }

// eachDate gives do each date in s, in order.
func eachDate(s, lang string, do func(reading, snapshots.Span)) {
	if !mayHoldDate(s) {
		return
	}
	ts := tokens(s)
	for i := 0; i < len(ts); {
		r, n := dateAt(s, ts[i:], lang)
		if n == 0 {
			r, n = monthInNumbers(s, ts, i)
		}
		if n == 0 {
			i++
			continue
		}
		do(r, snapshots.Span{Start: ts[i].start, End: ts[i+n-1].end})
		i += n
	}
}

// mayHoldDate is quick and false for most texts without a date: each has a year, of four digits or of two behind two numbers.
func mayHoldDate(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0xd9 && c <= 0xdb { // digits of Arabic and Persian
			if r, _ := utf8.DecodeRuneInString(s[i:]); unicode.IsDigit(r) {
				return true
			}
		}
		if c < '0' || c > '9' {
			continue
		}
		from := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		switch {
		case i-from == 4 && (s[from:from+2] == "19" || s[from:from+2] == "20"):
			return true
		case i-from == 2 && numberBefore(s, from):
			return true
		}
		i--
	}
	return false
}

// numberBefore reports whether a number and a mark of dates stand before i, with nothing but spaces between.
func numberBefore(s string, i int) bool {
	before := strings.TrimRight(s[max(0, i-12):i], " \t\n\u00a0")
	if before == "" || before[len(before)-1] != '.' && before[len(before)-1] != '/' {
		return false
	}
	before = strings.TrimRight(before[:len(before)-1], " \t\n\u00a0")
	return before != "" && '0' <= before[len(before)-1] && before[len(before)-1] <= '9'
}

// A token is a number or a word of a date.
type token struct {
	start, end int
	number     int // -1 for a word
	digits     int
	word       string // folded
}

// ordinals are what may follow the digits of a day: 1st, 1er, 3rd, 1º, 3ης; and the time of "2022-03-22T10:00Z".
var ordinals = wordSet("st nd rd th er eme e º ª o a de η ησ u t00 t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23")

func tokens(s string) []token {
	var ts []token
	for _, w := range text.Words(s) {
		raw := latinDigits(s[w.Start:w.End])
		t := token{start: w.Start, end: w.End, number: -1}
		if d := len(raw) - len(strings.TrimLeft(raw, "0123456789")); d > 0 && d <= 4 {
			if rest := text.Fold(raw[d:]); rest == "" || ordinals[rest] {
				t.number, _ = strconv.Atoi(raw[:d])
				t.digits = d
			}
		}
		if t.number < 0 {
			t.word = text.Fold(raw)
			if n := len(ts); n > 0 && ts[n-1].number < 0 && w.Start-ts[n-1].end <= 2 && months()[""][ts[n-1].word+" "+t.word] > 0 {
				ts[n-1].end, ts[n-1].word = w.End, ts[n-1].word+" "+t.word // "Meán Fómhair"
				continue
			}
		}
		ts = append(ts, t)
	}
	return ts
}

// latinDigits puts 0 to 9 in the place of the digits of Arabic and Persian.
func latinDigits(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > utf8.RuneSelf && unicode.IsDigit(r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case '٠' <= r && r <= '٩':
			return '0' + r - '٠'
		case '۰' <= r && r <= '۹':
			return '0' + r - '۰'
		}
		return r
	}, s)
}

// fillers are the small words of dates: "2 de mayo de 2022", "2022. gada 3. maijs", "3 ta’ Mejju 2022", "2022 m.".
var fillers = wordSet("de del of the den d gada m ta a du di sz godu года г ден r eta day mi na t dan men")

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[text.Fold(w)] = true
	}
	return set
}

// dateAt reads a date at the beginning of ts, and says of how many tokens; 0 if there is none.
func dateAt(s string, ts []token, lang string) (reading, int) {
	if r, n := numericDate(s, ts, lang); n > 0 {
		return r, n
	}
	if ts[0].number < 0 && monthOf(ts[0].word, lang) == 0 {
		return reading{}, 0
	}
	var part []token // up to three tokens that are not fillers
	var last []int
	for i := 0; i < len(ts) && i < 6 && len(part) < 3; i++ {
		if i > 0 && ts[i].start-ts[i-1].end > 5 { // as much as ", " and an apostrophe take
			break
		}
		if i > 0 && fillers[ts[i].word] {
			continue
		}
		part, last = append(part, ts[i]), append(last, i+1)
	}
	month := func(i int) int {
		if i < len(part) && part[i].number < 0 {
			return monthOf(part[i].word, lang)
		}
		return 0
	}
	year := func(i int) bool {
		return i < len(part) && part[i].digits == 4 && 1900 <= part[i].number && part[i].number <= 2100
	}
	day := func(i int) bool { return i < len(part) && 0 < part[i].digits && part[i].digits <= 2 }
	switch {
	case day(0) && month(1) > 0 && year(2): // 2 December 2022
		return reading{y: part[2].number, m: month(1), d: part[0].number}, last[2]
	case month(0) > 0 && day(1) && year(2): // December 2, 2022
		return reading{y: part[2].number, m: month(0), d: part[1].number}, last[2]
	case year(0) && month(1) > 0 && day(2): // 2022. december 2.
		return reading{y: part[0].number, m: month(1), d: part[2].number}, last[2]
	case year(0) && day(1) && month(2) > 0: // 2022. gada 2. decembris
		return reading{y: part[0].number, m: month(2), d: part[1].number}, last[2]
	case month(0) > 0 && year(1): // December 2022
		return reading{y: part[1].number, m: month(0), d: 1, month: true}, last[1]
	case year(0) && month(1) > 0 && !year(2): // 2022. december
		return reading{y: part[0].number, m: month(1), d: 1, month: true}, last[1]
	}
	return reading{}, 0
}

// numericDate reads three numbers. The year leads, or the marks between them and the language tell day from month.
func numericDate(s string, ts []token, lang string) (r reading, n int) {
	if len(ts) < 3 || ts[0].number < 0 || ts[1].number < 0 || ts[2].number < 0 {
		return r, 0
	}
	mark := strings.TrimSpace(s[ts[0].end:ts[1].start])
	if mark != strings.TrimSpace(s[ts[1].end:ts[2].start]) || len(mark) != 1 || !strings.Contains("./-", mark) {
		return r, 0
	}
	a, b, c := ts[0].number, ts[1].number, ts[2].number
	switch {
	case ts[0].digits == 4 && ts[2].digits <= 2:
		return reading{y: a, m: b, d: c}, 3
	case ts[2].digits == 2 && mark != "-":
		c += 2000
	case ts[2].digits != 4:
		return r, 0
	}
	english := lang == "" || lang == "und" || lang == "en" || strings.HasPrefix(lang, "en-")
	switch {
	case mark == "." || a > 12 || a == b:
		return reading{y: c, m: b, d: a}, 3
	case b > 12:
		return reading{y: c, m: a, d: b}, 3
	}
	return reading{y: c, m: b, d: a, ambiguous: english}, 3
}

// monthInNumbers reads a month and a year: "05/2024", "05.2024", "2024-05".
func monthInNumbers(s string, ts []token, i int) (r reading, n int) {
	if i+1 >= len(ts) || ts[i].number < 0 || ts[i+1].number < 0 || touches(s, ts[i].start-1) || touches(s, ts[i+1].end) {
		return r, 0
	}
	mark := strings.TrimSpace(s[ts[i].end:ts[i+1].start])
	if len(mark) != 1 || !strings.Contains("./-", mark) {
		return r, 0
	}
	switch a, b := ts[i], ts[i+1]; {
	case a.digits == 2 && b.digits == 4, a.digits == 1 && b.digits == 4 && mark == "/":
		return reading{y: b.number, m: a.number, d: 1, month: true, bare: true}, 2
	case a.digits == 4 && b.digits == 2 && mark == "-":
		return reading{y: a.number, m: b.number, d: 1, month: true, bare: true}, 2
	}
	return r, 0
}

// touches reports whether at i stands a mark that makes numbers beside it part of something longer.
func touches(s string, i int) bool {
	if i < 0 || i >= len(s) || strings.IndexByte("./-", s[i]) < 0 {
		return false
	}
	next := func(j int) bool { return j >= 0 && j < len(s) && '0' <= s[j] && s[j] <= '9' }
	return next(i-1) && next(i+1)
}

func validDate(y, m, d int) bool {
	if y < firstYear || y > lastYear || m < 1 || m > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && y%4 == 0 {
		days = 29
	}
	return d <= days
}
