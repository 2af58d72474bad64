package analyze

import (
	"testing"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

func TestStatedDates(t *testing.T) {
	text := "Effective: 03/04/2022, updated May 2021"
	doc := &snapshots.Document{Language: "en", Text: text, Blocks: []snapshots.Block{{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{End: len(text)}}}}
	day := func(s string) law.Date {
		d, err := law.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	got, main := statedDates(&Facts{Document: doc}, day("2022-01-01"))
	if e := got.Effective; e == nil || e.Day != "" || len(e.Either) != 2 || e.Quote != "03/04/2022" || text[e.Start:e.End] != e.Quote {
		t.Errorf("%+v", e)
	}
	if u := got.Updated; u == nil || u.Day != "2021-05-01" || u.Precision != dates.ToMonth || main != "2021-05-01" {
		t.Errorf("%+v, %s", u, main)
	}
	if got.Standing != dates.Announced || got.Captured || got.On != day("2022-01-01") {
		t.Errorf("%+v", got)
	}
	got, _ = statedDates(&Facts{Document: doc, Seen: day("2022-06-01")}, day("2022-01-01"))
	if got.Standing != dates.InForce || !got.Captured || got.On != day("2022-06-01") {
		t.Errorf("%+v", got)
	}
	if StatedDay(doc, day("2022-01-01")) != main {
		t.Error("two days of one text")
	}
}
