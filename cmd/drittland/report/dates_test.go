package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots/dates"
)

func TestDates(t *testing.T) {
	on := func(s string) *analyze.StatedDate { return &analyze.StatedDate{Day: s, Precision: dates.ToDay} }
	month := &analyze.StatedDate{Day: "2024-05-01", Precision: dates.ToMonth}
	two := &analyze.StatedDate{Either: []string{"2022-04-03", "2022-03-04"}, Precision: dates.ToDay}
	announced := analyze.StatedDates{Updated: on("2022-11-02"), Effective: on("2022-12-02"), Standing: dates.Announced, On: day("2022-11-20"), Captured: true}
	l := locale.For("en")
	for _, c := range []struct {
		d    analyze.StatedDates
		want string
		not  string
	}{
		{announced, "in force from 2022-12-02, last changed 2022-11-02", "Announced 2022-11-02, in force from 2022-12-02: not yet in force on 2022-11-20, the day of the capture."},
		{analyze.StatedDates{Effective: month, Standing: dates.Announced, On: day("2024-04-30")}, "in force from 2024-05", "In force from 2024-05: not yet in force on 2024-04-30."},
		{analyze.StatedDates{Updated: &analyze.StatedDate{Day: "2018-05-25", Alone: true}}, "dated 2018-05-25", ""},
		{analyze.StatedDates{Updated: two}, "last changed 2022-04-03 or 2022-03-04", ""},
		{analyze.StatedDates{Until: on("2022-12-02"), Standing: dates.Ended, On: day("2022-12-03")}, "in force until 2022-12-02", "In force until 2022-12-02: no longer in force on 2022-12-03."},
		{analyze.StatedDates{Next: on("2022-12-02"), On: day("2022-11-02")}, "announces another text from 2022-12-02", "The text announces another one, in force from 2022-12-02: not yet in force on 2022-11-02."},
		{analyze.StatedDates{}, "", ""},
	} {
		if got, not := strings.Join(Dates(l, &c.d), ", "), NotInForce(l, &c.d); got != c.want || not != c.not {
			t.Errorf("%q and %q, want %q and %q", got, not, c.want, c.not)
		}
	}
	for lang, want := range map[string]string{
		"de": "Angekündigt 2022-11-02, in Kraft ab 2022-12-02: noch nicht in Kraft am 2022-11-20, dem Tag des Abrufs.",
		"fr": "Annoncé le 2022-11-02, en vigueur à compter du 2022-12-02\u00a0: pas encore en vigueur le 2022-11-20, jour de la capture.",
		"nl": "Aangekondigd op 2022-11-02, van kracht vanaf 2022-12-02: nog niet van kracht op 2022-11-20, de dag van de opname.",
	} {
		if got := NotInForce(locale.For(lang), &announced); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	later := announced
	later.Effective, later.Updated = on("2023-01-02"), nil
	if got := changedDates(l, &announced, &later); !slices.Equal(got, []string{"Date of entry into force: 2023-01-02, before: 2022-12-02.", "Date of the last change: not stated, before: 2022-11-02."}) {
		t.Errorf("%q", got)
	}
	if got := changedDates(l, &announced, &announced); got != nil {
		t.Errorf("%q", got)
	}
}
