package law

import (
	"slices"
	"testing"
)

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// A list of ten destinations of remote access, as one notice of December 2022 gave it, read on two days.
func TestWorkedExample(t *testing.T) {
	then, now := day("2022-12-02"), day("2026-11-22")
	for _, c := range []struct {
		country   string
		then, now Standing
	}{
		{"BR", None, Adequate},
		{"CA", Conditional, Conditional},
		{"CN", None, None},
		{"MY", None, None},
		{"PH", None, None},
		{"SG", None, None},
		{"IL", Adequate, Adequate},
		{"JP", Conditional, Conditional},
		{"KR", Conditional, Conditional},
		{"US", Lapsed, Conditional},
	} {
		if got := StandingOf(c.country, then); got != c.then {
			t.Errorf("%s on %s: %s, want %s", c.country, then, got, c.then)
		}
		if got := StandingOf(c.country, now); got != c.now {
			t.Errorf("%s on %s: %s, want %s", c.country, now, got, c.now)
		}
	}
}

func TestStandingAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		country, on string
		want        Standing
	}{
		{"US", "2000-10-31", None}, {"US", "2000-11-01", Conditional},
		{"US", "2015-10-05", Conditional}, {"US", "2015-10-06", Lapsed},
		{"US", "2016-07-31", Lapsed}, {"US", "2016-08-01", Conditional},
		{"US", "2020-07-15", Conditional}, {"US", "2020-07-16", Lapsed},
		{"US", "2023-07-09", Lapsed}, {"US", "2023-07-10", Conditional}, {"us", "2023-07-10", Conditional},
		{"JP", "2019-01-22", None}, {"JP", "2019-01-23", Conditional},
		{"KR", "2021-12-16", None}, {"KR", "2021-12-17", Conditional},
		{"BR", "2026-01-25", None}, {"BR", "2026-01-26", Adequate},
		{"HU", "2000-07-25", None}, {"HU", "2000-07-26", Adequate}, {"HU", "2004-04-30", Adequate}, {"HU", "2004-05-01", EEA},
		{"GB", "2020-01-31", EEA}, {"GB", "2020-02-01", Adequate}, {"GB", "2031-12-27", Adequate}, {"GB", "2031-12-28", Lapsed},
		{"GI", "2020-01-31", EEA}, {"GI", "2020-02-01", Adequate}, {"GI", "2020-12-31", Adequate}, {"GI", "2021-01-01", None},
		{"EPO", "2025-07-14", None}, {"EPO", "2025-07-15", Adequate},
		{"HR", "2013-06-30", None}, {"HR", "2013-07-01", EEA},
		{"NO", "2018-07-19", EEA}, {"NO", "2018-07-20", EEA}, {"RE", "2024-01-01", EEA},
		{"FO", "2024-01-01", Conditional}, {"CH", "2024-01-01", Adequate},
		{"", "2024-01-01", None}, {"ZZ", "2024-01-01", None},
	} {
		if got := StandingOf(c.country, day(c.on)); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.country, c.on, got, c.want)
		}
	}
}

// Each row begins on From and has ended on Ended, whatever the table says next year.
func TestEveryIntervalIsHalfOpen(t *testing.T) {
	for _, r := range Default().Adequacy {
		has := func(on Date) bool {
			return slices.ContainsFunc(Rows(r.Country, on), func(x Row) bool { return x == r }) && on.in(r.From, r.Ended)
		}
		if !has(r.From) || has(r.From.AddDays(-1)) {
			t.Errorf("%s: does not begin on %s", r.Name, r.From)
		}
		if !r.Ended.IsZero() && (has(r.Ended) || !has(r.Ended.AddDays(-1))) {
			t.Errorf("%s: does not end on %s", r.Name, r.Ended)
		}
	}
}

func TestUnitedKingdomHasNoGap(t *testing.T) {
	for d := day("2020-02-01"); d.Before(day("2031-12-28")); d = d.AddDays(1) {
		if got := StandingOf("GB", d); got != Adequate {
			t.Fatalf("GB on %s: %s", d, got)
		}
		if rows := Rows("GB", d); len(rows) != 1 {
			t.Fatalf("GB on %s: %d rows in force, want 1", d, len(rows))
		}
		if third := Third("GB", d); third != !d.Before(day("2021-06-28")) {
			t.Fatalf("GB on %s: third country %v", d, third)
		}
	}
}

func TestMembersAreNeverThirdCountries(t *testing.T) {
	members := map[string]bool{}
	for _, m := range Default().Members {
		if Third(m.Country, m.From) || !InEEA(m.Country, m.From) {
			t.Errorf("%s is a third country on %s", m.Country, m.From)
		}
		if InEEA(m.Country, m.From.AddDays(-1)) && m.Kind != "efta" {
			t.Errorf("%s is in the EEA the day before %s", m.Country, m.From)
		}
		if m.Kind == "member" && m.Ended.IsZero() {
			members[m.Country] = true
		}
	}
	if len(members) != 27 {
		t.Errorf("%d member states today, want 27", len(members))
	}
	for _, c := range []string{"CH", "GB", "US", "GI", "IM", ""} {
		if !Third(c, day("2024-05-01")) {
			t.Errorf("%q is no third country", c)
		}
	}
}

func TestRowsExplain(t *testing.T) {
	now := Rows("US", day("2024-01-01"))
	if len(now) != 1 || now[0].Instrument != "Implementing Decision (EU) 2023/1795" || !now[0].Verified {
		t.Errorf("rows of the US in 2024: %+v", now)
	}
	lapsed := Rows("US", day("2021-01-01"))
	if len(lapsed) != 2 || lapsed[1].Ended != day("2020-07-16") {
		t.Errorf("rows of the US in 2021: %+v", lapsed)
	}
	if got := Rows("US", day("1999-01-01")); got != nil {
		t.Errorf("rows of the US in 1999: %+v", got)
	}
	if got := Rows("FR", day("2024-01-01")); got != nil {
		t.Errorf("rows of France: %+v", got)
	}
	if r := Rows("CH", day("2024-01-01")); len(r) != 1 || !r[0].Verified {
		t.Errorf("rows of Switzerland: %+v", r)
	}
	if r := Rows("GI", day("2020-06-01")); len(r) != 1 || r[0].Kind != Interim {
		t.Errorf("rows of Gibraltar in the transition period: %+v", r)
	}
}

func TestTool(t *testing.T) {
	for _, c := range []struct {
		id, on string
		want   Status
	}{
		{"2021/914", "2021-06-26", NotYet}, {"2021/914", "2021-06-27", InForce}, {"2021/914", "2026-11-22", InForce},
		{"2010/87", "2010-05-14", NotYet}, {"2010/87", "2021-09-26", InForce}, {"2010/87", "2021-09-27", Old},
		{"2010/87", "2022-12-27", Old}, {"2010/87", "2022-12-28", Ended},
		{"2001/497", "2022-01-01", Old}, {"2004/915", "2022-12-28", Ended}, {"2002/16", "2010-05-15", Ended},
		{"safe_harbour", "2015-10-05", InForce}, {"safe_harbour", "2015-10-06", Ended},
		{"privacy_shield", "2016-07-31", NotYet}, {"privacy_shield", "2020-07-15", InForce}, {"privacy_shield", "2020-07-16", Ended},
		{"dpf", "2023-07-09", NotYet}, {"dpf", "2023-07-10", InForce},
		{"bcr", "2024-01-01", InForce}, {"uk_idta", "2022-03-20", NotYet}, {"handshake", "2024-01-01", Unknown},
	} {
		if got := Tool(c.id, day(c.on)); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.id, c.on, got, c.want)
		}
	}
	for id, want := range map[string]bool{"2021/914": true, "2021/915": false, "dpf": true, "uk_addendum": false} {
		if row, ok := ToolByID(id); !ok || row.TransferTool != want {
			t.Errorf("%s: transfer tool %v, %v", id, row.TransferTool, ok)
		}
	}
}

func TestEvents(t *testing.T) {
	refs := func(about, until string) (out []string) {
		for _, e := range Events(about, day(until)) {
			out = append(out, e.Ref)
		}
		return out
	}
	for _, c := range []struct {
		about, until string
		want         []string
	}{
		{"dpf", "2023-07-09", nil},
		{"dpf", "2025-12-31", []string{"2023/1795", "COM(2024) 451", "T-553/23", "C-703/25 P"}},
		{"privacy_shield", "2020-07-15", []string{"2016/1250"}},
		{"privacy_shield", "2020-07-16", []string{"2016/1250", "C-311/18"}},
		{"scc", "2010-12-31", []string{"2001/497/EC", "2002/16/EC", "2004/915/EC", "2010/87/EU"}},
		{"BR", "2026-01-26", []string{"EDPB Opinion 28/2025", "2026/179"}},
		{"ZZ", "2100-01-01", nil},
	} {
		if got := refs(c.about, c.until); !slices.Equal(got, c.want) {
			t.Errorf("%s until %s: %q, want %q", c.about, c.until, got, c.want)
		}
	}
	if got := len(refs("", "2100-01-01")); got != len(Default().Timeline) {
		t.Errorf("%d events in all, want %d", got, len(Default().Timeline))
	}
}

// What the tables of decisions and clauses hold, the timeline tells: adoption, and the end of what was struck down.
func TestTimelineTellsEveryDecision(t *testing.T) {
	told := func(about, kind string, on Date) bool {
		return slices.ContainsFunc(Events(about, on), func(e Event) bool { return e.Kind == kind && e.Date == on })
	}
	for _, r := range Default().Adequacy {
		if r.Kind == Decision && !told(r.Country, "decision", r.Adopted) {
			t.Errorf("%s: no event on its adoption, %s", r.Name, r.Adopted)
		}
	}
	for _, r := range Default().Tools {
		switch {
		case (r.Kind == "scc" || r.Kind == "framework") && !told(r.ID, "decision", r.Adopted):
			t.Errorf("%s: no event on its adoption, %s", r.ID, r.Adopted)
		case r.Kind == "neighbour" && !told(r.ID, "law", r.From):
			t.Errorf("%s: no event on its first day, %s", r.ID, r.From)
		case r.Kind == "framework" && !r.Ended.IsZero() && !told(r.ID, "judgment", r.Ended):
			t.Errorf("%s: no judgment on its end, %s", r.ID, r.Ended)
		}
	}
}

func TestRegimeOn(t *testing.T) {
	for on, want := range map[string]Regime{"1998-10-23": Before9546, "1998-10-24": Directive, "2018-05-24": Directive, "2018-05-25": GDPR} {
		if got := RegimeOn(day(on)); got != want {
			t.Errorf("%s: %q, want %q", on, got, want)
		}
	}
}
