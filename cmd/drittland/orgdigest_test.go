package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/api"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/schema"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// TestOrgDigest has two organisations and the people who run the archive decide on the same kind of text: each digest has what is its own, and no more.
func TestOrgDigest(t *testing.T) {
	x := newAPIRig(t)
	x.does("derive")
	now := x.now
	x.now = now.AddDate(0, -2, 0) // tracked since then, and never seen
	for _, service := range []string{"Clipzy", "Parcelito"} {
		x.does("track", "add", service, "https://"+strings.ToLower(service)+".example/privacy")
	}
	x.now = now
	tokens, names := map[string]string{}, map[string][]string{"north": {"Clipzy"}, "south": {"Clipzy", "Parcelito"}}
	for org, watched := range names {
		x.does("org", "add", org)
		for _, w := range watched {
			x.does("org", "watch", "add", org, w)
		}
		tokens[org] = x.does("org", "token", "add", org, "--role", "admin", "--handle", "hand-"+org)
	}
	x.does("decide", "Clipzy", "--change", "--as", "relevant", "--by", "runner", "--note", "of the archive")
	x.serve()
	for org := range names {
		_, b := x.asks(tokens[org], "GET", "/v1/terms", "")
		var terms struct {
			Items []struct{ Last struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(b), &terms); err != nil || len(terms.Items) != len(names[org]) {
			t.Fatal(err, b)
		}
		var found api.Findings
		_, b = x.asks(tokens[org], "GET", "/v1/versions/"+terms.Items[0].Last.ID+"/findings", "")
		if err := json.Unmarshal([]byte(b), &found); err != nil || found.Change == nil || len(found.Findings) == 0 {
			t.Fatal(err, b)
		}
		for about, print := range map[string]string{"change": found.Change.Fingerprint, "finding": found.Findings[0].Fingerprint} {
			draft := fmt.Sprintf(`{"version": %q, "about": %q, "fingerprint": %q, "judgement": "relevant", "note": "of the %s"}`, terms.Items[0].Last.ID, about, print, org)
			if code, b := x.asks(tokens[org], "POST", "/v1/decisions", draft); code != 201 {
				t.Fatalf("%d %s", code, b)
			}
		}
		x.does("org", "digest", "add", org, "legal", "--to", "dpo@"+org+".example", "--report-language", "de")
	}
	form := compileSchema(t, "digest")
	days := []string{"--from", "2026-10-01", "--until", "2026-11-20"}
	for org, other := range map[string]string{"north": "south", "south": "north"} {
		told := map[string]string{}
		for _, f := range []string{"text", "html", "md", "json", "atom"} {
			told[f] = x.does(append([]string{"digest", "--org", org, "--format", f}, days...)...)
		}
		told["list"] = x.does(append([]string{"digest", "--org", org, "--list", "legal", "--format", "json"}, days...)...)
		code, b := x.asks(tokens[org], "GET", "/v1/digest?list=legal&from=2026-10-01&until=2026-11-20", "")
		if told["api"] = b; code != 200 {
			t.Errorf("%d %s", code, b)
		}
		if told["api"] != told["list"] {
			t.Errorf("the API tells the digest otherwise than the command:\n%s\n%s", told["api"], told["list"])
		}
		for f, text := range told {
			if !strings.Contains(text, "Clipzy") || !strings.Contains(text, "of the "+org) || !strings.Contains(text, org) {
				t.Errorf("%s, %s: something is missing:\n%s", org, f, text)
			}
			for _, not := range []string{"of the " + other, "hand-" + other, "of the archive", "runner", "evidence export", "/change?"} {
				if strings.Contains(text, not) {
					t.Errorf("%s, %s: it has %q:\n%s", org, f, not, text)
				}
			}
			if strings.Contains(text, "https://parcelito.example/") != (org == "south") || !strings.Contains(text, "https://clipzy.example/") {
				t.Errorf("%s, %s: what could not be verified:\n%s", org, f, text)
			}
			if strings.Contains(text, "Parcelito") != (org == "south") {
				t.Errorf("%s, %s: tells of what it does not watch, or not of what it does:\n%s", org, f, text)
			}
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(told["api"]))
		if err == nil {
			err = form.Validate(v)
		}
		if err != nil {
			t.Error(err)
		}
		if !strings.Contains(told["api"], `"report_language": "de"`) {
			t.Errorf("not in the language of the list: %s", told["api"])
		}
	}
	if out := x.does(append([]string{"digest"}, days...)...); !strings.Contains(out, "of the archive") || strings.Contains(out, "hand-") || strings.Contains(out, "of the north") {
		t.Errorf("the digest of the archive: %s", out)
	}
	x.does("org", "watch", "remove", "north", "Clipzy", "Privacy Policy")
	if out := x.does(append([]string{"digest", "--org", "north"}, days...)...); strings.Contains(out, "Clipzy") || !strings.Contains(out, "Nothing is followed") {
		t.Errorf("it watches nothing: %s", out)
	}
}

// The API describes a digest as the schema does.
func TestDigestIsDescribed(t *testing.T) {
	var file struct {
		Properties map[string]any
		Required   []any
		Defs       map[string]any `json:"$defs"`
	}
	var doc struct {
		Components struct{ Schemas map[string]map[string]any }
	}
	b, err := schema.Get("digest")
	if err != nil {
		t.Fatal(err)
	}
	named := b
	var defs struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(b, &defs); err != nil {
		t.Fatal(err)
	}
	of := func(name string) string { return "Digest" + strings.ToUpper(name[:1]) + name[1:] }
	for name := range defs.Defs {
		named = []byte(strings.ReplaceAll(string(named), `"#/$defs/`+name+`"`, `"#/components/schemas/`+of(name)+`"`))
	}
	if err := json.Unmarshal(named, &file); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(api.Document, &doc); err != nil {
		t.Fatal(err)
	}
	got := doc.Components.Schemas["Digest"]
	if !reflect.DeepEqual(got["properties"], any(file.Properties)) || !reflect.DeepEqual(got["required"], any(file.Required)) {
		t.Error("Digest is described otherwise than in schema/digest.schema.json")
	}
	for name, want := range file.Defs {
		if !reflect.DeepEqual(any(doc.Components.Schemas[of(name)]), want) {
			t.Errorf("%s is described otherwise than in schema/digest.schema.json", of(name))
		}
	}
}

// What a list is told of begins with the slot that held the time at which it was made, and goes on without gap or repeat, whatever the clock does.
func TestMissedOf(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse("2006-01-02T15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	sched, err := config.ParseSchedule("weekly", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	l := &teams.List{Name: "legal", Made: day("2026-11-11T12:00")} // a Wednesday
	type visit struct {
		now, next string
		want      []string
	}
	visited := func(c visit) {
		t.Helper()
		var got []string
		periods, next := missedOf(l, sched, day(c.now))
		for _, p := range periods {
			got = append(got, p.Name)
		}
		if !reflect.DeepEqual(got, c.want) || !next.Equal(day(c.next)) {
			t.Errorf("at %s: %q, next %s", c.now, got, next)
		}
	}
	for _, c := range []visit{
		{"2026-11-11T12:01", "2026-11-16T07:00", nil},
		{"2026-11-16T06:59", "2026-11-16T07:00", nil},
		{"2026-11-16T07:00", "2026-11-23T07:00", []string{"2026-W46"}},
		{"2026-11-16T07:10", "2026-11-23T07:00", nil},
		{"2026-12-01T00:00", "2026-12-07T07:00", []string{"2026-W47", "2026-W48"}},
		{"2026-11-20T12:00", "2026-11-23T07:00", nil}, // the clock was wrong
		{"2026-11-23T07:00", "2026-11-30T07:00", []string{"2026-11-20T12:00..2026-11-23T00:00"}},
	} {
		visited(c)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if sched, err = config.ParseSchedule("30 2 * * *", berlin); err != nil {
		t.Fatal(err)
	}
	l = &teams.List{Name: "night", Made: day("2027-03-26T12:00")}
	for _, c := range []visit{
		{"2027-03-27T01:29", "2027-03-27T01:30", nil},
		{"2027-03-27T01:30", "2027-03-28T01:00", []string{"2027-03-26"}}, // the next night has no half past two: three o'clock comes at once
		{"2027-03-28T00:59", "2027-03-28T01:00", nil},
		{"2027-03-28T01:00", "2027-03-29T00:30", []string{"2027-03-27"}},
		{"2027-03-28T01:30", "2027-03-29T00:30", nil},
		{"2027-03-29T00:30", "2027-03-30T00:30", []string{"2027-03-28"}},
	} {
		visited(c)
	}
	l = &teams.List{Name: "night", Made: day("2027-10-29T12:00")}
	for now, want := range []int{1, 0, 0, 1} { // half past two comes twice in the night to the 31st, an hour apart
		at := []string{"2027-10-31T00:30", "2027-10-31T01:30", "2027-10-31T23:00", "2027-11-01T01:30"}[now]
		if now == 0 { // the night before
			missedOf(l, sched, day("2027-10-30T00:30"))
		}
		if periods, _ := missedOf(l, sched, day(at)); len(periods) != want {
			t.Errorf("at %s: %+v", at, periods)
		}
	}
	if sched, err = config.ParseSchedule("weekly", time.UTC); err != nil {
		t.Fatal(err)
	}
	// nobody looked until after the next slot: nothing is lost
	l = &teams.List{Name: "legal", Made: day("2026-11-11T12:00")}
	if periods, _ := missedOf(l, sched, day("2026-11-17T12:00")); len(periods) != 1 || periods[0].Name != "2026-W46" {
		t.Errorf("%+v", periods)
	}
}

// TestOrgDigestsAreSentOnce kills workers in the middle of their duties: each organisation gets its digests once, a list with which something is wrong holds up no other, and
// what waits for a list that is gone is not sent. All lists have the same name.
func TestOrgDigestsAreSentOnce(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, weeksSettings)
	for _, name := range []string{"clipzy", "mailzy"} {
		b.page(name, "We store your personal data on servers in Ireland, which are run by our own staff in Dublin.")
		b.use(func(a *archive.Archive) error {
			return a.PutDeclaration(snapshots.Declaration{Service: strings.ToUpper(name[:1]) + name[1:], TermsType: "Privacy Policy",
				Added: time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC), Sources: []snapshots.Source{{URL: "http://" + name + ".example/" + name}}})
		})
	}
	lists := map[string]string{"north": "Clipzy", "south": "Mailzy", "east": "Clipzy", "west": "Clipzy"}
	for org, service := range lists {
		for _, args := range [][]string{{"add", org}, {"watch", "add", org, service}, {"digest", "add", org, "legal", "--to", "dpo@" + org + ".example"}} {
			b.must("2023-06-19T07:00:00Z", exitOK, append([]string{"org"}, args...)...)
		}
	}
	if _, messages := b.must("2023-06-19T07:00:00Z", exitFailed, "org", "digest", "add", "north", "legal", "--to", "ana@north.example"); !strings.Contains(messages, "'drittland org digest change' changes it") {
		t.Errorf("made twice: %s", messages)
	}
	b.must("2023-06-19T07:00:00Z", exitOK, "org", "digest", "change", "south", "legal", "--to", "dpo@south.example", "--to", "cy@south.example", "--mail", "text")
	if n := b.ask("with x as (update org_lists set schedule = 'never' where org = (select id from orgs where name = 'west') returning 1) select count(*) from x"); n != 1 {
		t.Fatal("the list of the west is as it was")
	}
	b.post.set(func() { b.post.refuse["dpo@east.example"] = &smtp.SMTPError{Code: 451, Message: "later"} })
	b.flags = append(b.flags, "--delay", "10ms")
	idle := func() bool {
		return b.ask("select count(*) from river_job where kind not in ('schedule', 'post') and state not in ('completed', 'cancelled', 'discarded')") == 0
	}
	p := b.startAt("2023-06-21T08:00:00Z", "")
	b.until("the first captures", time.Minute, func() bool {
		return b.ask("select count(*) from kv_versions") == 2 && idle() && b.ask("select count(*) from orgs where digest_due > '2023-06-21 08:00'") == 4
	})
	if n := b.ask("select count(*) from work_files where name like 'outbox/%'"); n != 0 {
		t.Errorf("%d messages in the middle of the week", n)
	}
	_ = p.Process.Signal(syscall.SIGTERM)
	<-p.done
	b.page("clipzy", "We transfer your personal data to our servers in India, where our group companies have access to them.")
	for _, step := range []string{"posted for organisations", "sent"} {
		p := b.startAt("2023-06-26T09:00:00Z", step, "--queue", "digest")
		select {
		case <-p.done:
		case <-time.After(time.Minute):
			t.Fatalf("nobody was killed when it had %s\n%s", step, b.logs())
		}
	}
	for range 2 {
		b.startAt("2023-06-26T09:01:00Z", "")
	}
	want := map[string]int{"ana@example.org": 1, "bo@example.org": 1, "dpo@example.org": 1, "dpo@north.example": 1, "dpo@south.example": 1, "cy@south.example": 1}
	b.until("the mails", time.Minute, func() bool {
		return len(b.post.got()) >= len(want) && idle() && b.ask("select count(*) from orgs where digest_due > '2023-06-26 09:01'") == 4
	})
	out, _ := b.must("2023-06-26T09:05:00Z", exitOK, "digest", "outbox", "list", "--all")
	if strings.Count(out, "org/") != 4 || !strings.Contains(out, "/east/legal/2023-W25/dpo@east.example") || strings.Contains(out, "west") {
		t.Errorf("the outbox of the workers:\n%s", out)
	}
	b.must("2023-06-26T09:05:00Z", exitOK, "org", "digest", "remove", "east", "legal")
	b.must("2023-06-26T09:05:00Z", exitOK, "org", "remove", "south", "--yes")
	b.post.set(func() { clear(b.post.refuse) })
	for _, p := range b.procs {
		_ = p.Process.Signal(syscall.SIGTERM)
		<-p.done
	}
	b.startAt("2023-06-27T09:00:00Z", "")
	b.until("what waits for the list is gone", time.Minute, func() bool {
		out, _ := b.must("2023-06-27T09:01:00Z", exitOK, "digest", "outbox", "list")
		return !strings.Contains(out, "east")
	})
	for _, l := range b.post.got() {
		if want[l.to]--; !strings.HasPrefix(l.to, "dpo@") && !strings.HasPrefix(l.to, "cy@") || l.to == "dpo@example.org" {
			continue
		}
		if l.to == "dpo@north.example" && (!strings.Contains(l.text, "Clipzy") || strings.Contains(l.text+l.html, "Mailzy") || l.html == "" || !strings.Contains(l.header.Get("List-Id"), "legal.north.")) {
			t.Errorf("to the north: %v %s", l.header, l.text)
		}
		if strings.HasSuffix(l.to, "@south.example") && (!strings.Contains(l.text, "Mailzy") || strings.Contains(l.text+l.html, "Clipzy") || l.html != "") {
			t.Errorf("to the south: %v %s", l.header, l.text)
		}
		if strings.Contains(l.text+l.html, "review.clipzy.example") || strings.Contains(l.text+l.html, "evidence export") {
			t.Errorf("to %s, with links that are not for them: %s", l.to, l.text)
		}
	}
	for to, n := range want {
		if n != 0 {
			t.Errorf("%s got %d mails too few: %q\n%s", to, n, b.subjects(), b.logs())
		}
	}
}
