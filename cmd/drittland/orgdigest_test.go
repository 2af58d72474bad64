package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/api"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/schema"
	"github.com/drittland/drittland/cmd/drittland/teams"
)

// TestOrgDigest has two organisations and the people who run the archive decide on the same kind of text: each digest has what is its own, and no more.
func TestOrgDigest(t *testing.T) {
	x := newAPIRig(t)
	x.does("derive")
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
	for _, c := range []struct {
		now, next string
		want      []string
	}{
		{"2026-11-11T12:01", "2026-11-16T07:00", nil},
		{"2026-11-16T06:59", "2026-11-16T07:00", nil},
		{"2026-11-16T07:00", "2026-11-23T07:00", []string{"2026-W46"}},
		{"2026-11-16T07:10", "2026-11-23T07:00", nil},
		{"2026-12-01T00:00", "2026-12-07T07:00", []string{"2026-W47", "2026-W48"}},
		{"2026-11-20T12:00", "2026-11-23T07:00", nil}, // the clock was wrong
		{"2026-11-23T07:00", "2026-11-30T07:00", []string{"2026-11-20T12:00..2026-11-23T00:00"}},
	} {
		var got []string
		periods, next := missedOf(l, sched, day(c.now))
		for _, p := range periods {
			got = append(got, p.Name)
		}
		if !reflect.DeepEqual(got, c.want) || !next.Equal(day(c.next)) {
			t.Errorf("at %s: %q, next %s", c.now, got, next)
		}
	}
	// nobody looked until after the next slot: nothing is lost
	l = &teams.List{Name: "legal", Made: day("2026-11-11T12:00")}
	if periods, _ := missedOf(l, sched, day("2026-11-17T12:00")); len(periods) != 1 || periods[0].Name != "2026-W46" {
		t.Errorf("%+v", periods)
	}
}
