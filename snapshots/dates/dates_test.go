package dates

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

// document is a document with one block for each line.
func document(lang string, lines ...string) *snapshots.Document {
	d := &snapshots.Document{Language: lang, Text: strings.Join(lines, "\n")}
	at := 0
	for _, l := range lines {
		d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: at, End: at + len(l)}})
		at += len(l) + 1
	}
	return d
}

// filler are n lines without a date.
func filler(n int) []string {
	var out []string
	for range n {
		out = append(out, "We keep your films for as long as you use Clipzy.")
	}
	return out
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		name, captured    string
		effective, update string
		lines             []string
	}{
		{"both", "2022-11-20", "2022-12-02", "2022-11-02", []string{"Privacy Policy", "Last updated: 2 November 2022. Effective from 2 December 2022."}},
		{"label before a label", "", "2020-01-01", "2019-12-17", []string{"Privacy Policy", "Posted: December 17, 2019 Effective: January 1, 2020"}},
		{"label in a block of its own", "", "2021-10-06", "", []string{"Effective Date", "October 6, 2021"}},
		{"alone", "", "", "2018-05-25", []string{"Privacy Policy", "25 May 2018"}},
		{"a law", "", "", "", []string{"The DPF has been in force since 10 July 2023.", "Under the GDPR of 27 April 2016, effective from 25 May 2018, you have rights."}},
		{"a consent", "", "", "", []string{"The effective date of your consent is 3 May 2021.", "Your subscription is valid from 3 May 2021."}},
		{"retention", "", "", "", []string{"We keep invoices until 31 December 2029.", "Orders from before 1 May 2020 have been deleted."}},
		{"another text", "", "", "", []string{"Our previous policy was in force from 3 May 2021.", "The previous privacy policy was posted on 12 September 2025.", "Archived versions: effective 3 May 2020"}},
		{"a history", "", "", "", []string{"3 May 2021: Updated the list of our processors.", "4 May 2020: Updated our address and that of the officer."}},
		{"too late", "2024-05-01", "", "", []string{"Effective date: 2 May 2026"}},
		{"within two years", "2024-05-01", "2026-05-01", "", []string{"Effective date: 1 May 2026"}},
		{"too early", "", "", "", []string{"Last updated: 3 May 1994"}},
		{"no day", "", "", "", []string{"Last updated: 31 February 2022", "Gültig ab 30.02.2022", "Updated 2023-02-29"}},
		{"leap day", "", "", "2024-02-29", []string{"Updated 2024-02-29"}},
		{"until", "2022-11-20", "2020-05-01", "", []string{"This policy applies until 1 December 2022.", "It is in force from 1 May 2020.", "Our new policy takes effect on 2 December 2022."}},
		{"changed after it was captured", "2022-04-01", "", "2022-03-12", []string{"Last updated: 03/12/2022"}},
	} {
		got := Of(document("en", c.lines...), c.captured)
		if got.Effective.Day != c.effective || got.Updated.Day != c.update {
			t.Errorf("%s: effective %q, updated %q; want %q and %q", c.name, got.Effective.Day, got.Updated.Day, c.effective, c.update)
		}
	}
}

func TestPlaces(t *testing.T) {
	middle := func(lines ...string) []string { return append(append(filler(60), lines...), filler(60)...) }
	for _, c := range []struct {
		name, want string
		lines      []string
	}{
		{"a line of its own", "2018-05-25", middle("Last updated 25 May 2018")},
		{"a sentence on this policy", "2018-05-25", middle("We may change this policy, which was last revised on 25 May 2018, whenever our service changes, and will tell you.")},
		{"a sentence on something else", "", middle("The table of our cookies below names the services that set them and how long they stay, and it was last updated on 25 May 2018.")},
		{"two texts", "", middle("Last updated 25 May 2018", "Last updated 26 May 2018")},
		{"the beginning goes before the middle", "2020-01-02", append([]string{"Last updated 2 January 2020"}, middle("Last updated 25 May 2018")...)},
		{"at the end", "2018-05-25", append(filler(60), "Last updated 25 May 2018")},
	} {
		d := document("en", c.lines...)
		got := Of(d, "").Updated
		if got.Day != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.Day, c.want)
		}
		if q := d.Quote(got.Span); got.Found() && q != "25 May 2018" && q != "2 January 2020" {
			t.Errorf("%s: span of %q", c.name, q)
		}
	}
}

func TestStanding(t *testing.T) {
	for _, c := range []struct {
		name, day string
		want      Standing
		lines     []string
	}{
		{"before", "2022-12-01", Announced, []string{"Effective: 2 December 2022"}},
		{"on the day", "2022-12-02", InForce, []string{"Effective: 2 December 2022"}},
		{"before the month", "2022-11-30", Announced, []string{"Effective: December 2022"}},
		{"within the month", "2022-12-10", InForce, []string{"Effective: December 2022"}},
		{"over", "2022-12-03", Ended, []string{"This policy applies until 2 December 2022."}},
		{"last day", "2022-12-02", InForce, []string{"This policy applies until 2 December 2022."}},
		{"last month", "2022-12-30", InForce, []string{"This policy applies until December 2022."}},
		{"silent", "2022-12-02", NotStated, []string{"Last updated: 2 November 2022"}},
		{"two ways, before both", "2022-03-01", Announced, []string{"Effective: 03/04/2022"}},
		{"two ways, between", "2022-03-10", NotStated, []string{"Effective: 03/04/2022"}},
		{"two ways, after both", "2022-05-01", InForce, []string{"Effective: 03/04/2022"}},
	} {
		if got := Of(document("en", c.lines...), c.day).On(c.day); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestNext(t *testing.T) {
	old := "Last updated: 5 October 2021"
	for _, c := range []struct{ name, banner, label, effective, next string }{
		{"a banner over the old text", "We are updating our Privacy Policy with effect from 2 December 2022.", old, "", "2022-12-02"},
		{"a text on itself", "This version of the Privacy Policy takes effect on 2 December 2022.", old, "2022-12-02", ""},
		{"labels", "Effective: 2 December 2022", old, "2022-12-02", ""},
		{"a text made for it", "Our new Privacy Policy comes into effect on 2 December 2022.", "Last updated: 2 November 2022", "2022-12-02", ""},
	} {
		got := Of(document("en", "Privacy Policy", c.banner, c.label), "2022-11-02")
		if got.Effective.Day != c.effective || got.Next.Day != c.next {
			t.Errorf("%s: effective %q, next %q", c.name, got.Effective.Day, got.Next.Day)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ in, lang, want, either string }{
		{"2022-03-04", "en", "2022-03-04", ""},
		{"2022/03/04", "en", "2022-03-04", ""},
		{"03/04/2022", "en", "", "2022-04-03 2022-03-04"},
		{"03/04/2022", "en-US", "", "2022-04-03 2022-03-04"},
		{"03/04/2022", "und", "", "2022-04-03 2022-03-04"},
		{"03/04/2022", "fr", "2022-04-03", ""},
		{"03-04-2022", "nl", "2022-04-03", ""},
		{"3.4.2022", "en", "2022-04-03", ""},
		{"04/23/2022", "fr", "2022-04-23", ""},
		{"23/04/2022", "en", "2022-04-23", ""},
		{"4/4/2022", "en", "2022-04-04", ""},
		{"13/13/2022", "en", "", ""},
		{"1st May, 2022", "en", "2022-05-01", ""},
		{"May 1, 2022", "en", "2022-05-01", ""},
		{"listopad 2022", "pl", "2022-11-01", ""},
		{"listopad 2022", "hr", "2022-10-01", ""},
		{"listopad 2022", "en", "", ""},
		{"192.168.20.22", "en", "", ""},
	} {
		got := Find("x "+c.in+" x", c.lang)
		if c.want == "" && c.either == "" {
			if len(got) > 0 {
				t.Errorf("%s (%s): %+v", c.in, c.lang, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Day != c.want || strings.TrimSpace(strings.Join(got[0].Either[:], " ")) != c.either || got[0].Span != (snapshots.Span{Start: 2, End: 2 + len(c.in)}) {
			t.Errorf("%s (%s): %+v", c.in, c.lang, got)
		}
	}
}

func FuzzMentions(f *testing.F) {
	for lang, s := range sentences {
		f.Add(strings.Join(s[:], "\n"), lang)
	}
	f.Fuzz(func(t *testing.T, s, lang string) {
		d := document(lang, strings.Split(s, "\n")...)
		for _, m := range Mentions(d) {
			if d.Quote(m.Span) == "" || m.Day == "" && m.Either[0] == "" {
				t.Errorf("%+v", m)
			}
		}
		_ = Of(d, "2024-01-01").On("2024-01-01")
	})
}

func BenchmarkOf(b *testing.B) {
	d := document("en", append(append([]string{"Privacy Policy", "Last updated: 2 November 2022", "This policy takes effect on 2 December 2022."}, filler(1000)...), "© 2022 Clipzy")...)
	b.SetBytes(int64(len(d.Text)))
	for b.Loop() {
		Of(d, "2022-11-20")
	}
}
