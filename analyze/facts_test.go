package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

func engine(t testing.TB) *Engine {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(set)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func day(t testing.TB, s string) law.Date {
	t.Helper()
	d, err := law.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// page makes a document of lines: "# " begins a heading, "## " a bold line below it that serves as one, "- " an item, "| a | b |" a row, others a paragraph.
// Links are written [words](address).
func page(language, text string) *snapshots.Document {
	d := &snapshots.Document{Language: language}
	heading, above, row := -1, -1, 0
	add := func(b snapshots.Block, words string) {
		start := len(d.Text)
		for {
			open, rest, ok := strings.Cut(words, "[")
			d.Text += open
			if !ok {
				break
			}
			label, rest, _ := strings.Cut(rest, "](")
			target, rest, _ := strings.Cut(rest, ")")
			b.Links = append(b.Links, snapshots.Link{Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(label)}, Target: target})
			d.Text += label
			words = rest
		}
		b.Span = snapshots.Span{Start: start, End: len(d.Text)}
		b.Heading = heading
		if b.Kind == snapshots.Heading {
			b.Heading, heading = -1, len(d.Blocks)
			if b.Level == boldLevel {
				b.Heading = above
			} else {
				above = heading
			}
		}
		d.Blocks = append(d.Blocks, b)
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "# "):
			add(snapshots.Block{Kind: snapshots.Heading, Level: 1}, line[2:])
		case strings.HasPrefix(line, "## "):
			add(snapshots.Block{Kind: snapshots.Heading, Level: boldLevel}, line[3:])
		case strings.HasPrefix(line, "- "):
			add(snapshots.Block{Kind: snapshots.Item, Level: 1}, line[2:])
		case strings.HasPrefix(line, "|"):
			for i, c := range strings.Split(strings.Trim(line, "| "), "|") {
				if i > 0 {
					d.Text += "\t"
				}
				add(snapshots.Block{Kind: snapshots.Cell, Place: &snapshots.Place{Row: row, Column: i, Header: row == 0}}, strings.TrimSpace(c))
			}
			row++
		default:
			add(snapshots.Block{Kind: snapshots.Paragraph}, line)
		}
		d.Text += "\n"
	}
	return d
}

// brief sums up the facts on transfers in one line.
func brief(tr Transfers) string {
	var out []string
	out = append(out, tr.Statement)
	for _, d := range tr.Destinations {
		kind := ""
		if d.Kind != "named" {
			kind = " " + d.Kind
		}
		out = append(out, d.Country+":"+strings.Join(d.Roles, "+")+kind)
	}
	if tr.Vague {
		out = append(out, "vague")
	}
	for _, x := range tr.Tools {
		out = append(out, x.ID)
	}
	if tr.Copy.Offered {
		out = append(out, "copy")
	}
	if tr.RemoteAccess.Stated.Stated {
		out = append(out, "access")
	}
	if tr.GovernmentAccess.Stated {
		out = append(out, "government")
	}
	if tr.ListURL != nil {
		out = append(out, "list")
	}
	return strings.Join(out, " ")
}

func TestTransfers(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ text, want string }{
		{"We like privacy.", "none"},
		{"We store your data on servers in Singapore.", "yes SG:storage none_stated"},
		{"We store your data in Ireland.", "none"},
		{"Your data are hosted in Germany and can be accessed from the United States.", "yes US:remote_access none_stated access"},
		{"Your information will be transferred to, stored at, or processed in India and Hong Kong.", "yes IN:storage HK:storage none_stated"},
		{"Our colleagues in Brazil may read your personal data.", "yes BR:remote_access none_stated access"},
		{"Engineers based in China can look at your personal data.", "yes CN:remote_access none_stated access"},
		{"You can see your personal data in your account in Canada.", "none"},
		{"Some companies of our group, located in Canada, Israel and Japan, have limited remote access to your data.", "yes CA:remote_access IL:remote_access JP:remote_access none_stated access"},
		{"Certain members of our corporate group, located outside your country (see [here](https://clipzy.example/countries)), have remote access to this information.", "yes vague none_stated access list"},
		{"We do not transfer your data outside the European Union.", "denied"},
		{"We do not transfer your data outside the EEA, except to our support team in India.", "yes IN:remote_access none_stated access"},
		{"We do not transfer your data outside the EEA unless you consent.", "yes vague none_stated"},
		{"We store your data in Ireland and do not transfer it to India, but our support team in Japan can access it.", "yes JP:remote_access none_stated access"},
		{"We do not sell your data; we transfer it to our servers in Canada.", "yes CA:storage none_stated"},
		{"We do not transfer your data to India.", "denied"},
		{"Is any data transferred to a third country? No.", "denied"},
		{"We rely on standard contractual clauses for transfers to countries outside the EEA. A copy of these clauses is available on request.", "yes vague scc copy"},
		{"We no longer rely on the EU-US Privacy Shield.", "none"},
		{"Pixelfern Inc. is certified under the EU-U.S. Data Privacy Framework.", "yes US:recipient implied dpf"},
		{"We transfer data to countries without an adequacy decision on the basis of binding corporate rules.", "yes vague bcr"},
		{"By using the service you consent to the transfer of your data to the United States.", "yes US:recipient consent"},
		{"If you are a resident of California, you may ask which information we share.", "none"},
		{"These terms are governed by the laws of the State of New York, United States.", "none"},
		{"Clipzy Ltd. is a company incorporated in Singapore.", "none"},
		{"Tell us what you think about us and contact us in the US.", "none"},
		{"Please send questions about our third-party partners to: Clipzy Inc., 12 Harbor Street, San Francisco, CA 94107, USA.", "none"},
		{"You may complain to the Information Office, the UK supervisory authority for data protection, at 7 Mill Lane, Leeds, LS1 9ZZ.", "none"},
		{"For our newsletter we use Clipzy, a service of Clipzy Inc., 12 Harbor Street, San Francisco, CA 94107, USA.", "none US:recipient"},
		{"For our newsletter we use Clipzy, a service of Clipzy Inc., 12 Harbor Street, San Francisco, CA 94107, USA. It counts visits. Your data are transferred to a server of Clipzy.", "yes US:recipient none_stated"},
		{"We share your data with Clipzy Inc., 12 Harbor Street, San Francisco, CA 94107, USA.", "yes US:recipient none_stated"},
		{"Clipzy Inc. is headquartered in San Francisco and our services are provided to you by Clipzy Inc.", "none"},
		{"We are established outside the EEA and have designated Nordlicht GmbH in Berlin as our representative.", "none"},
		{"To opt out of tracking by third parties see: Canada: www.pixelfern.example United States: www.clipzy.example", "none"},
		{"We collect how you use CLIPZY.UK and share it with our analytics provider.", "none"},
		{"We handle U.S. requests and share data in accordance with U.S. law.", "none"},
		{"This policy covers the personal information that we collect and share in our shops in the United States.", "none"},
		{"For users located outside the European Union, by providing data you agree to how we use them.", "none"},
		{"We receive your data from other countries when partners share them with us.", "none"},
		{"We log the country of origin of the request that your computer sends to our server.", "none"},
		{"We may transfer your data to partners outside of Canada.", "yes vague none_stated"},
		{"We store data both inside and outside of Canada.", "yes CA:storage vague none_stated"},
		{"If you live outside Canada, please note that we transfer your data to Canada.", "yes CA:recipient none_stated"},
		{"You may use our partners' services once you are old enough where you live, which for most of our games means that you have to be at least 13 years old in Canada.", "none"},
		{"# Non-US customers\nWe transfer your data to the United States.", "yes US:recipient none_stated"},
		{"Your data may be transferred to the following countries, which do not have laws equivalent to those in force in the European Economic Area: India and Turkey.", "yes IN:recipient TR:recipient none_stated"},
		{"Your data are processed at our offices and in any other places where our partners are located.", "yes vague none_stated"},
		{"We may publish your name on our site, in the app or elsewhere.", "none"},
		{"Data are transferred to Pixelfern (New Jersey, USA).", "yes US:recipient none_stated"},
		{"See https://clipzy.example/en-US/cookies for how we store cookies.", "none"},
		{"When we transfer your information outside of the EEA, the UK, or Switzerland, we use standard contractual clauses.", "yes vague scc"},
		{"We share data with authorities in any country, also for national security.", "none government"},
		{"We share data with the tax office and the agency for national security where the law asks for it.", "none"},
		{"We share data with Petit Panier Maroc, our partner in Lyon.", "none"},
		{"A list of [our sub-processors](https://clipzy.example/subs) is available.", "none list"},
		{"More on this in our [cookie policy](https://clipzy.example/cookies).", "none"},
		{"When you use our app, your data may be transferred outside the EEA, including to India.", "yes IN:recipient vague none_stated"},
		{"You transfer your files to India at your own choice.", "none"},
		{"Your data are stored in Spain and in other countries of the European Union.", "none"},
		{"Your data are stored in Spain and in other countries outside the European Union.", "yes vague none_stated"},
		{"We transfer your data to servers outside the EEA (USA).", "yes US:storage none_stated"},
		{"We transfer your data to partners in India, which is outside the EEA.", "yes IN:recipient none_stated"},
		{"We transfer your data to servers outside the EEA, including in India.", "yes IN:storage vague none_stated"},
		{"We transfer your data to servers outside the EEA (e.g. India).", "yes IN:storage vague none_stated"},
		{"People around the world share videos on Clipzy.", "none"},
		{"\"Country\" means the country outside the EEA in which the user lives.", "none"},
		{"# California residents\nWe share your information with partners in Texas.", "none"},
		{"# Users outside the United States\nYour data are stored on servers in the United States.", "yes US:storage none_stated"},
		{"# California privacy notice\n## Your rights\nWe share data with partners in Texas.", "none"},
		{"# California privacy notice\n## European residents\n## International transfers\nWe transfer your data to partners in India.", "yes IN:recipient none_stated"},
		{"# International users\n# Notice for Nevada residents\nWe share your information with partners in Nevada.", "none"},
		{"# International transfers\nWe transfer data to the following countries:\n- Brazil\n- Japan", "yes BR:recipient JP:recipient none_stated"},
		{"We share data with these processors:\n| Processor | Country | Purpose |\n| Pixelfern Inc. | USA | hosting |\n| Nordlicht GmbH | Germany | mail |", "yes US:storage none_stated"},
	} {
		f := e.Facts(page("en", c.text))
		if got := brief(transfers(f.On(day(t, "2026-06-01")), day(t, "2026-06-01"))); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestStandingFollowsTheDate(t *testing.T) {
	e := engine(t)
	f := e.Facts(page("en", "We transfer your data to Brazil, Israel, Norway and the United Kingdom."))
	for date, want := range map[string]string{
		"2019-12-31": "BR none, IL adequate",
		"2022-12-02": "BR none, IL adequate, GB adequate",
		"2026-06-01": "BR adequate, IL adequate, GB adequate",
	} {
		var got []string
		for _, d := range transfers(f.On(day(t, date)), day(t, date)).Destinations {
			got = append(got, d.Country+" "+string(d.Standing))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: got %s, want %s", date, s, want)
		}
	}
}

func TestTodayDiffersFromThen(t *testing.T) {
	e := engine(t)
	f := e.Facts(page("en", "We transfer your data to our servers in Brazil."))
	r := e.Report(f, Dates{AsOf: day(t, "2022-12-02"), Today: day(t, "2026-06-01")})
	i := slices.IndexFunc(r.Findings, func(x Finding) bool { return x.ID == "T01" })
	if i < 0 || r.Findings[i].Level != rules.Error || r.Findings[i].Today != "none" {
		t.Errorf("want T01 as an error in 2022 and none today, got %+v", r.Findings)
	}
}

func TestAnnexGivesDestinationsByReference(t *testing.T) {
	e := engine(t)
	policy := page("en", "Certain members of our corporate group, located outside your country (see [here](https://clipzy.example/countries)), have remote access to this information.")
	annex := page("en", "# Countries\n- Brazil\n- China\n- Malaysia")
	f := e.Facts(policy, Annex{URL: "https://clipzy.example/countries", Document: annex})
	if got := f.AnnexLinks(); !slices.Equal(got, []string{"https://clipzy.example/countries"}) {
		t.Errorf("annex links: %q", got)
	}
	tr := transfers(f.On(day(t, "2026-06-01")), day(t, "2026-06-01"))
	want := "yes BR:remote_access by_reference CN:remote_access by_reference MY:remote_access by_reference vague none_stated access list"
	if got := brief(tr); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, d := range tr.Destinations {
		if q := annex.Quote(snapshots.Span{Start: d.Start, End: d.End}); q == "" || !strings.Contains(annex.Text, q) || d.Source == "" {
			t.Errorf("%s: span %d-%d is not in the annex", d.Country, d.Start, d.End)
		}
	}
}

func TestQuotesAreTheText(t *testing.T) {
	e := engine(t)
	doc := page("en", "# Transfers\nWe may transfer your data to India. Our support team there can access it remotely.\nYou have the right to lodge a complaint with a supervisory authority.")
	r := e.Report(e.Facts(doc), Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")})
	check := func(what, quote string, start, end int) {
		if quote != doc.Text[start:end] {
			t.Errorf("%s: %q is not the text %q", what, quote, doc.Text[start:end])
		}
	}
	for _, d := range r.Transfers.Destinations {
		check(d.Country, d.Quote, d.Start, d.End)
	}
	for _, f := range r.Findings {
		check(f.ID, f.Quote, f.Start, f.End)
	}
	for _, x := range r.Transparency {
		check(x.ID, x.Quote, x.Start, x.End)
	}
	if len(r.Findings) == 0 || len(r.Transfers.Destinations) == 0 {
		t.Fatal("nothing was found")
	}
}

func TestUnreadableLanguageIsSaid(t *testing.T) {
	e := engine(t)
	r := e.Report(e.Facts(page("sw", "Tunahamisha data yako.")), Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")})
	if r.Document.Readable || len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0], "no rules for the language sw") {
		t.Errorf("readable %v, warnings %q", r.Document.Readable, r.Warnings)
	}
	for _, f := range r.Findings {
		if strings.HasPrefix(f.ID, "N") {
			t.Errorf("%s: what is absent cannot be told in a language without rules", f.ID)
		}
	}
}

func TestSameTextSameReport(t *testing.T) {
	e := engine(t)
	doc := page("en", noticeOf(40))
	d := Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")}
	first, err := snapshots.Encode(e.Report(e.Facts(doc), d))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := snapshots.Encode(engine(t).Report(engine(t).Facts(doc), d))
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(again) {
			t.Fatal("two reports on one text differ")
		}
	}
}

// noticeOf makes a notice of n sections.
func noticeOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "# Section %d\n", i)
		b.WriteString("We collect your name and e-mail address in order to deliver your mail. We share it with our payment providers. " +
			"When we transfer your personal data to service providers in India or other countries outside the European Economic Area, we rely on standard contractual clauses. " +
			"You have the right to access, rectify and erase your data and to lodge a complaint with a supervisory authority. We keep messages for 30 days.\n")
	}
	return b.String()
}

func BenchmarkFacts(b *testing.B) {
	e := engine(b)
	doc := page("en", noticeOf(100))
	b.SetBytes(int64(len(doc.Text)))
	b.ReportAllocs()
	for b.Loop() {
		e.Facts(doc)
	}
}

// TestManyFacts judges a text of 8,000 sentences that each give facts. Work that grew with the square of the facts
// would not end within the time of a test run.
func TestManyFacts(t *testing.T) {
	e := engine(t)
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, "# Part %d\nWe may transfer your data to India. We rely on standard contractual clauses.\n", i)
	}
	d := Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")}
	f := e.Facts(page("en", b.String()))
	if n := len(f.Of(FactDestination)); n != 4000 {
		t.Errorf("%d destinations, want 4000", n)
	}
	var got []string
	for _, x := range e.Report(f, d).Findings {
		if x.ID[0] == 'T' {
			got = append(got, x.ID)
		}
	}
	if want := []string{"T06", "T11", "T14", "T30", "T42"}; !slices.Equal(got, want) {
		t.Errorf("findings %v, want %v", got, want)
	}
}

func TestDeniedOfficerIsNotMentioned(t *testing.T) {
	e := engine(t)
	for text, want := range map[string]bool{
		"We have appointed a data protection officer.":       true,
		"We have not appointed any data protection officer.": false,
	} {
		got := slices.ContainsFunc(e.Facts(page("en", text)).Of(FactMention), func(f *Fact) bool { return f.Attr["what"] == "dpo" })
		if got != want {
			t.Errorf("%q: mentioned %v, want %v", text, got, want)
		}
	}
}
