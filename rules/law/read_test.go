package law

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

const adequacyHeader = "country,name,standing,kind,scope,instrument,adopted,from,ended,verified,source\n"

const articlesHeader = "article,en,de,fr,nl,verified,source\n"

const article = "GDPR 1,Do.,Tut.,Faites.,Doe.,yes,https://eur-lex.europa.eu/eli/reg/2016/679/oj\n"

// files are the embedded tables, with one of them replaced.
func files(t testing.TB, name, content string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	for _, n := range []string{"adequacy.csv", "eea.csv", "tools.csv", "timeline.csv", "articles.csv"} {
		b, err := fs.ReadFile(data, "data/"+n)
		if err != nil {
			t.Fatal(err)
		}
		m[n] = &fstest.MapFile{Data: b}
	}
	if name != "" {
		m[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return m
}

func TestEmbeddedDataAreComplete(t *testing.T) {
	f, err := Read(files(t, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Adequacy) < 23 || len(f.Members) < 34 || len(f.Tools) < 9 || len(f.Timeline) < 90 {
		t.Errorf("tables are short: %d adequacy, %d members, %d tools, %d events", len(f.Adequacy), len(f.Members), len(f.Tools), len(f.Timeline))
	}
	sourced := func(what, source string, verified bool) {
		if source == "" {
			t.Errorf("%s has no source", what)
		}
		if verified && strings.HasPrefix(source, "from memory") {
			t.Errorf("%s is verified, from memory only", what)
		}
	}
	for _, r := range f.Adequacy {
		sourced(r.Name, r.Source, r.Verified)
	}
	for _, r := range f.Members {
		sourced(r.Name, r.Source, r.Verified)
	}
	for _, r := range f.Tools {
		sourced(r.ID, r.Source, r.Verified)
	}
	for _, r := range f.Timeline {
		sourced(r.Ref, r.Source, r.Verified)
		for _, a := range r.About {
			if _, ok := f.ToolByID(a); !ok && len(a) != 2 && a != "EPO" {
				t.Errorf("%s is about %q, which is neither a country nor a tool", r.Ref, a)
			}
		}
	}
}

func TestBadRowsAreRefused(t *testing.T) {
	good := "XA,Examplia,adequate,decision,general,Decision 1/1,2020-01-01,2020-01-02,,yes,OJ L 1\n"
	for _, c := range []struct{ name, table, want string }{
		{"adequacy.csv", "", "empty"},
		{"adequacy.csv", "country,name\n", "wrong number of fields"},
		{"adequacy.csv", strings.ToUpper(adequacyHeader), "line 1: header"},
		{"adequacy.csv", adequacyHeader + good + strings.Replace(good, "XA", "xa", 1), "line 3: country"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "adequate", "fine", 1), "line 2: standing"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "decision", "hope", 1), "line 2: kind"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "2020-01-02,", "2020-02-30,", 1), "line 2: from: read date"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "2020-01-02,,", "2020-01-02,2019-01-01,", 1), "2019-01-01 stands after"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, ",yes,", ",MEMORY,", 1), "line 2: verified"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "OJ L 1", "", 1), "line 2: source"},
		{"adequacy.csv", adequacyHeader + strings.Replace(good, "Examplia", "\"Exam\nplia\"", 1) + "XA,short\n", "line 4"},
		{"tools.csv", "id,name,kind,transfer_tool,instrument,adopted,from,closed,ended,verified,source\n" +
			"a,A,scc,yes,I,2020-01-01,2020-01-01,,,no,s\na,A,scc,yes,I,2020-01-01,2020-01-01,,,no,s\n", "line 3: id \"a\" stands twice"},
		{"timeline.csv", "date,kind,ref,about,what,verified,source\n2021-01-01,rumour,a,,w,no,s\n", "line 2: kind is \"rumour\""},
		{"timeline.csv", "date,kind,ref,about,what,verified,source\n2021-01-01,law,a,,w,no,s\n2020-01-01,law,b,,w,no,s\n", "line 3: date"},
		{"articles.csv", articlesHeader + article + article, "line 3: article \"GDPR 1\" stands twice"},
		{"articles.csv", articlesHeader + strings.Replace(article, "Tut.", "Tut", 1), "line 2: de is \"Tut\": want one sentence"},
		{"articles.csv", articlesHeader + strings.Replace(article, "Doe.", "\"Doe\ndat.\"", 1), "line 2: nl is"},
		{"articles.csv", articlesHeader + strings.Replace(article, "Do.", strings.Repeat("é", 240)+".", 1), "line 2: en has 241 characters"},
		{"articles.csv", articlesHeader + strings.Replace(article, "https:", "http:", 1), "line 2: source is \"http:"},
		{"articles.csv", articlesHeader + strings.Replace(article, "/oj", "/oj?a=<b>", 1), "line 2: source is"},
	} {
		_, err := Read(files(t, c.name, c.table))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s %q: %v, want an error with %q", c.name, c.table, err, c.want)
		}
	}
	missing := files(t, "", "")
	delete(missing, "eea.csv")
	if _, err := Read(missing); err == nil || !strings.Contains(err.Error(), "eea.csv") {
		t.Errorf("without eea.csv: %v", err)
	}
	f, err := Read(files(t, "adequacy.csv", adequacyHeader+good))
	if err != nil || f.StandingOf("XA", day("2020-01-02")) != Adequate || f.StandingOf("XA", day("2020-01-01")) != None {
		t.Errorf("a good row: %v", err)
	}
}

func TestDate(t *testing.T) {
	for _, s := range []string{"", "2020", "2020-1-1", "2021-02-29", "2020-13-01", "2020-01-01T00:00:00Z", " 2020-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", s, d)
		}
	}
	d := day("2020-02-28")
	if got := d.AddDays(2).String(); got != "2020-03-01" {
		t.Errorf("two days after %s: %s", d, got)
	}
	if !d.Before(d.AddDays(1)) || d.Before(d) || d.Compare(day("2019-12-31")) != 1 {
		t.Error("dates do not compare")
	}
	var back Date
	if b, _ := d.MarshalText(); back.UnmarshalText(b) != nil || back != d {
		t.Errorf("%s came back as %s", d, back)
	}
	if err := back.UnmarshalText(nil); err != nil || !back.IsZero() || back.String() != "" {
		t.Errorf("an empty date: %v, %v", back, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(adequacyHeader + "XA,Examplia,adequate,decision,general,Decision 1/1,2020-01-01,2020-01-02,,yes,OJ L 1\n")
	f.Add(adequacyHeader + "\"XA\n,")
	f.Fuzz(func(t *testing.T, table string) {
		law, err := Read(files(t, "adequacy.csv", table))
		if err != nil {
			return
		}
		for _, r := range law.Adequacy {
			if s := law.StandingOf(r.Country, r.From); s == None {
				t.Errorf("%q: %s has no standing on its first day", table, r.Country)
			}
		}
	})
}
