package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

func at(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Add(8 * time.Hour)
}

// says are transfers in short: "storage:SG~ tool:scc text:vague", where ~ marks a linked page and ? what is implied.
func says(s string) *analyze.Transfers {
	t := &analyze.Transfers{Statement: "none"}
	for _, w := range strings.Fields(s) {
		group, id, _ := strings.Cut(w, ":")
		switch group {
		case "tool":
			t.Tools = append(t.Tools, analyze.Tool{ID: id})
		case "text":
			switch id {
			case "vague":
				t.Vague = true
			case "list":
				t.ListURL = new(string)
			case "remote":
				t.RemoteAccess.Stated.Stated = true
			case "copy":
				t.Copy.Offered = true
			default:
				t.Statement = id
			}
		default:
			d := analyze.Destination{Country: id[:2], Kind: "named", Roles: []string{group}}
			switch id[2:] {
			case "~":
				d.Kind = "by_reference"
			case "?":
				d.Kind = "implied"
			}
			t.Destinations = append(t.Destinations, d)
		}
	}
	return t
}

// story is the record of a service that does not exist, over ten years.
func story() *Record {
	rec := &Record{Terms: snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}, Now: at("2026-06-20")}
	var last *Event
	add := func(day, words string, change func(*Event)) {
		e := Event{Number: len(rec.Seen) + 1, ID: fmt.Sprintf("%016x", len(rec.Seen)), At: at(day), Cause: snapshots.TermsCh, Class: "substantive_transfers", Alert: true,
			Why: "The facts on transfers, or the words of a clause on transfers, changed.", Variant: "A", Transfers: says(words)}
		if change != nil {
			change(&e)
		}
		rec.Events, rec.Seen = append(rec.Events, e), append(rec.Seen, Sight{e.At, true})
		last = &rec.Events[len(rec.Events)-1]
	}
	quiet := func(e *Event) { e.Class, e.Alert, e.Why = "editorial", false, "" }
	same := func(from, until string, days int) { // versions that change nothing of note
		words := *last.Transfers
		for d := at(from); d.Before(at(until)); d = d.AddDate(0, 0, days) {
			add(d.Format(time.DateOnly), "", func(e *Event) { quiet(e); e.Transfers = &words })
		}
	}
	add("2015-08-03", "recipient:US? tool:safe_harbour text:yes", func(e *Event) { e.Cause, e.Class, e.Alert = snapshots.First, "", false })
	rec.Events = append(rec.Events, Event{Number: 1, ID: rec.Events[0].ID, At: at("2015-10-06"), Cause: snapshots.Law, Class: "none", Alert: true,
		Law: []analyze.LawChange{{Date: day("2015-10-06"), About: "safe_harbour", Instrument: "Decision 2000/520/EC", Change: analyze.Ends}}})
	same("2015-10-20", "2016-09-01", 30)
	add("2016-09-12", "storage:US recipient:US tool:privacy_shield text:yes text:vague", nil)
	same("2016-10-01", "2018-05-20", 21)
	add("2018-05-22", "storage:US recipient:US recipient:GB tool:privacy_shield tool:scc text:yes text:vague text:copy", nil)
	same("2018-06-02", "2019-02-01", 21)
	for d, i := at("2019-02-05"), 0; i < 25; d, i = d.AddDate(0, 0, 2), i+1 { // two texts side by side
		words, letter := "storage:US recipient:US recipient:GB tool:privacy_shield tool:scc text:yes text:vague text:copy", "A"
		if i%3 == 2 {
			words, letter = "text:denied", "B"
		}
		add(d.Format(time.DateOnly), words, func(e *Event) { quiet(e); e.Class, e.Variant = "flip_variant", letter })
	}
	same("2019-06-01", "2020-07-01", 28)
	for _, d := range []string{"2020-01-10", "2020-03-05"} {
		i := slices.IndexFunc(rec.Events, func(e Event) bool { return e.At.After(at(d)) })
		rec.Events[i].Broken, rec.Events[i].Variant, rec.Events[i].Alert, rec.Events[i].Transfers = true, "", true, says("")
	}
	rec.Events = append(rec.Events, Event{Number: len(rec.Seen), ID: last.ID, At: at("2020-07-16"), Cause: snapshots.Law, Class: "none", Alert: true,
		Law: []analyze.LawChange{{Date: day("2020-07-16"), About: "privacy_shield", Instrument: "Implementing Decision (EU) 2016/1250", Change: analyze.Ends}}})
	add("2020-11-02", "storage:US storage:SG recipient:US recipient:GB tool:scc text:yes text:vague text:copy text:remote", nil)
	same("2020-12-01", "2021-09-01", 25)
	for _, d := range []string{"2021-10-04", "2021-10-08", "2022-01-20"} {
		rec.Failed = append(rec.Failed, Miss{at(d), "blocked", true})
	}
	list := ""
	for _, c := range strings.Fields("AR AU BR CA CL CO EG GH HK ID IL IN JO JP KE KR LK MA MX MY NG NZ PE PH PK QA RS SA TH TN TR TW TZ UA UY VN ZA") {
		list += " recipient:" + c + "~"
	}
	add("2022-03-01", "storage:US storage:SG remote_access:CN remote_access:MY recipient:US recipient:GB tool:scc tool:adequacy text:yes text:list text:remote"+list, nil)
	same("2022-03-20", "2023-09-01", 17)
	add("2023-09-15", "storage:US storage:SG storage:MY remote_access:CN remote_access:MY recipient:US recipient:GB tool:scc tool:dpf tool:adequacy text:yes text:list text:remote"+strings.ReplaceAll(list, " recipient:HK~", ""), nil)
	add("2024-02-01", "storage:US storage:SG storage:MY recipient:US recipient:GB support:PH unspecified:IN tool:scc tool:dpf tool:adequacy text:yes text:list text:remote text:vague"+list,
		func(e *Event) { quiet(e); e.Cause, e.Class = snapshots.Reading, "none" })
	same("2024-02-20", "2025-10-01", 15)
	return rec
}

func TestTimeline(t *testing.T) {
	line, german := NewTimeline(locale.For("en"), story()), NewTimeline(locale.For("de"), story())
	for name, write := range map[string]func(io.Writer) error{
		"timeline.txt":    func(w io.Writer) error { return TimelineText(w, line, Style{}) },
		"timeline80.txt":  func(w io.Writer) error { return TimelineText(w, line, Style{Width: 80}) },
		"timeline.de.txt": func(w io.Writer) error { return TimelineText(w, german, Style{}) },
		"timeline.svg":    func(w io.Writer) error { return TimelineSVG(w, line) },
		"timeline.json":   func(w io.Writer) error { return JSON(w, line) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

// historyOf is a record of versions as "2020-01-02 A storage:US": the day, the variant, "-" for none, "!" for a broken capture, and what the text says.
func historyOf(now string, versions ...string) *Record {
	rec := &Record{Terms: snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}, Now: at(now)}
	for i, v := range versions {
		f := strings.SplitN(v, " ", 3)
		e := Event{Number: i + 1, ID: fmt.Sprintf("%016x", i), At: at(f[0]), Cause: snapshots.TermsCh, Class: "editorial", Transfers: says(f[2])}
		switch f[1] {
		case "-":
		case "!":
			e.Broken = true
		default:
			e.Variant = f[1]
		}
		rec.Events, rec.Seen = append(rec.Events, e), append(rec.Seen, Sight{At: e.At})
	}
	return rec
}

// rows are the rows of a timeline in short: "storage US 2020-01-02..2021-01-02".
func rows(t *Timeline) []string {
	var out []string
	for _, g := range t.Groups {
		for _, r := range g.Rows {
			for _, s := range r.Spans {
				until := ""
				if !s.Until.IsZero() {
					until = s.Until.Format(time.DateOnly)
				}
				kind := map[string]string{"by_reference": "~", "implied": "?"}[s.Kind]
				out = append(out, g.ID+" "+strings.Join(r.IDs, "+")+kind+" "+s.From.Format(time.DateOnly)+".."+until)
			}
		}
	}
	return out
}

func TestTimelineSpans(t *testing.T) {
	flip := []string{"2020-01-01 A storage:US", "2020-02-01 B storage:SG", "2020-02-03 A storage:US", "2020-02-05 B storage:SG", "2020-02-06 A storage:US"}
	for _, c := range []struct {
		name        string
		rec         *Record
		variant     string
		from, until string
		want        string
	}{
		{"comes and goes", historyOf("2022-01-01", "2020-01-01 - storage:US", "2020-06-01 - storage:US storage:SG", "2021-01-01 - storage:SG"), "", "", "",
			"storage US 2020-01-01..2021-01-01; storage SG 2020-06-01.."},
		{"comes back", historyOf("2022-01-01", "2020-01-01 - tool:scc", "2020-06-01 - ", "2021-01-01 - tool:scc"), "", "", "",
			"tool scc 2020-01-01..2020-06-01; tool scc 2021-01-01.."},
		{"only by link is told apart", historyOf("2022-01-01", "2020-01-01 - recipient:IN~", "2021-01-01 - recipient:IN~ recipient:IN"), "", "", "",
			"recipient IN~ 2020-01-01..2021-01-01; recipient IN 2021-01-01.."},
		{"broken capture is no fact", historyOf("2022-01-01", "2020-01-01 - storage:US", "2020-06-01 ! storage:CN", "2021-01-01 - storage:US"), "", "", "",
			"storage US 2020-01-01.."},
		{"broken at the end", historyOf("2022-01-01", "2020-01-01 - storage:US", "2020-06-01 ! "), "", "", "", "storage US 2020-01-01.."},
		{"variant of most days", historyOf("2020-03-01", flip...), "", "", "", "storage US 2020-01-01.."},
		{"other variant, before it came the first", historyOf("2020-03-01", flip...), "B", "", "", "storage US 2020-01-01..2020-02-01; storage SG 2020-02-01.."},
		{"variant that is seen no more", historyOf("2022-01-01", append(flip, "2020-03-01 B storage:SG", "2021-06-01 B storage:IN")...), "A", "", "",
			"storage US 2020-01-01..2020-03-01; storage SG 2020-03-01..2021-06-01; storage IN 2021-06-01.."},
		{"variant that was away for a year", historyOf("2022-01-01", append(flip, "2020-03-01 B storage:SG", "2021-06-01 A storage:US")...), "A", "", "",
			"storage US 2020-01-01..2020-03-01; storage US 2021-06-01..; storage SG 2020-03-01..2021-06-01"},
		{"a new variant is last", historyOf("2020-03-01", "2020-01-01 A storage:US", "2020-02-01 B storage:SG", "2020-02-03 A storage:US", "2020-02-05 C storage:IN"), "", "", "",
			"storage US 2020-01-01..2020-02-05; storage IN 2020-02-05.."},
		{"a known variant is last", historyOf("2020-03-01", "2020-01-01 A storage:US", "2020-02-01 B storage:SG", "2020-02-03 A storage:US", "2020-02-05 B storage:SG"), "", "", "",
			"storage US 2020-01-01.."},
		{"long version, then a flip", historyOf("2022-01-01", "2019-01-01 A storage:US", "2021-01-01 B ", "2021-01-02 A storage:US"), "", "", "", "storage US 2019-01-01.."},
		{"part of the axis", historyOf("2022-01-01", "2018-01-01 - storage:CN", "2019-01-01 - storage:US", "2020-06-01 - storage:US storage:SG", "2021-01-01 - storage:IN"), "", "2020-01-01", "2020-12-31",
			"storage US 2019-01-01..; storage SG 2020-06-01.."},
		{"nothing until then", historyOf("2022-01-01", "2020-01-01 - storage:US"), "", "", "2019-01-01", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rec.Variant = c.variant
			if c.from != "" {
				c.rec.From = at(c.from)
			}
			if c.until != "" {
				c.rec.Until = at(c.until)
			}
			line := NewTimeline(locale.For("en"), c.rec)
			if got := strings.Join(rows(line), "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if c.until != "" && line.Until.After(c.rec.Until) {
				t.Errorf("the axis ends on %s", line.Until)
			}
		})
	}
}

// TestTimelineCells holds that neither a short time nor a break is lost in the columns of a bar.
func TestTimelineCells(t *testing.T) {
	for _, c := range []struct {
		name, want string
		versions   []string
	}{
		{"throughout", "██████████", []string{"2020-01-01 - storage:US"}},
		{"half", "     █████", []string{"2020-01-01 - ", "2024-12-31 - storage:US"}},
		{"a day", "   █      ", []string{"2020-01-01 - ", "2023-05-01 - storage:US", "2023-05-02 - "}},
		{"a break of a year", "████ █████", []string{"2020-01-01 - storage:US", "2024-01-01 - ", "2025-01-01 - storage:US"}},
		{"most of a column", "▒▒▒▒██████", []string{"2020-01-01 - storage:US~", "2024-03-01 - storage:US"}},
		{"less than a column", "▒▒▒▒░▒▒▒▒▒", []string{"2020-01-01 - storage:US~", "2024-03-01 - storage:US?", "2024-05-01 - storage:US~"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := NewTimeline(locale.For("en"), historyOf("2030-01-01", c.versions...))
			x := &strip{t: line, bar: 10}
			if got := string(x.cells(line.Groups[0].Rows[0].Spans)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTimelineGaps(t *testing.T) {
	daily := func(rec *Record, from, until string) {
		for d := at(from); d.Before(at(until)); d = d.AddDate(0, 0, 1) {
			rec.Seen = append(rec.Seen, Sight{d, true})
		}
	}
	fails := func(rec *Record, from, until string) {
		for d := at(from); d.Before(at(until)); d = d.AddDate(0, 0, 1) {
			rec.Failed = append(rec.Failed, Miss{d, "blocked", true})
		}
	}
	for _, c := range []struct {
		name string
		make func(*Record)
		want string
	}{
		{"without a break", func(r *Record) { daily(r, "2024-01-02", "2024-06-30") }, ""},
		{"a weekend off", func(r *Record) { daily(r, "2024-01-02", "2024-03-01"); daily(r, "2024-03-04", "2024-06-30") }, ""},
		{"nobody looked", func(r *Record) { daily(r, "2024-01-02", "2024-03-01"); daily(r, "2024-04-01", "2024-06-30") },
			"2024-02-29..2024-04-01 not captured"},
		{"captures fail", func(r *Record) {
			daily(r, "2024-01-02", "2024-03-01")
			fails(r, "2024-03-01", "2024-04-01")
			daily(r, "2024-04-01", "2024-06-30")
		}, "2024-03-01..2024-04-01 blocked"},
		{"fail until now", func(r *Record) { daily(r, "2024-01-02", "2024-06-01"); fails(r, "2024-06-01", "2024-06-30") }, "2024-06-01..2024-06-30 blocked open"},
		{"fail for two days", func(r *Record) {
			daily(r, "2024-01-02", "2024-03-01")
			fails(r, "2024-03-01", "2024-03-03")
			daily(r, "2024-03-03", "2024-06-30")
		}, ""},
		{"a collection is silent", func(r *Record) { r.Seen = append(r.Seen, Sight{At: at("2024-05-20")}) }, ""},
		{"a collection ends", func(*Record) {}, "2024-01-01..2024-06-30 not verified since open"},
		{"monthly captures", func(r *Record) {
			for _, d := range []string{"2024-01-05", "2024-02-05", "2024-03-05", "2024-04-20", "2024-05-20", "2024-06-20"} {
				r.Seen = append(r.Seen, Sight{at(d), true})
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := historyOf("2024-06-30", "2024-01-01 - storage:US")
			c.make(rec)
			var got []string
			for _, g := range NewTimeline(locale.For("en"), rec).Gaps {
				s := g.From.Format(time.DateOnly) + ".." + g.Until.Format(time.DateOnly) + " " + g.Why
				if g.Open {
					s += " open"
				}
				got = append(got, s)
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTimelineLaw(t *testing.T) {
	var got []string
	for _, x := range NewTimeline(locale.For("en"), historyOf("2024-01-01", "2015-01-01 - storage:US recipient:GB?", "2016-01-01 - storage:JP")).Law {
		got = append(got, x.Date.String()+" "+x.Label)
	}
	want := []string{"2015-10-06 Safe Harbour ended (C-362/14)", "2016-08-01 Privacy Shield in force", "2018-05-25 GDPR applies", "2019-01-23 Japan: adequacy decision",
		"2020-02-01 United Kingdom: leaves the EEA", "2020-07-16 Privacy Shield ended (C-311/18)", "2021-06-27 SCC 2021/914 in force",
		"2021-06-28 United Kingdom: adequacy decision", "2021-09-27 old SCC: no new use", "2022-12-28 old SCC ended", "2023-07-10 Data Privacy Framework in force"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
