package main

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// imported is an archive with texts of the privacy policy of Petit Panier, a month apart.
func imported(t *testing.T, texts ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		s := snapshots.Snapshot{Terms: snapshots.Terms{Service: "Petit Panier", Type: "Privacy Policy"}, MediaType: "text/markdown",
			At:     time.Date(2026, time.Month(1+i), 1, 8, 0, 0, 0, time.UTC),
			Origin: &snapshots.Origin{Repo: "texts", Commit: strings.Repeat(string(rune('a'+i)), 40), Path: "Petit Panier/Privacy Policy.md"}}
		if _, err := a.PutImport(s, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDecisionsSchema holds decisions of each kind against the schema, which must refuse what lacks a field.
func TestDecisionsSchema(t *testing.T) {
	dir := imported(t, oldPolicy, newPolicy)
	for _, args := range [][]string{
		{"--finding", "T01", "--as", "not-relevant", "--note", "to\nbe\x1b[2J seen", "--until", "2026-12-31"},
		{"--finding", "T01", "--as", "second-look"},
		{"--finding", "T05", "--as", "relevant"},
		{"--finding", "T05", "--withdraw"},
		{"--change", "--as", "escalated"},
	} {
		if code, _, stderr := command(t, "", append([]string{"--archive", dir, "decide", "Petit Panier", "--by", "mk"}, args...)...); code != 0 {
			t.Fatalf("%v: %s", args, stderr)
		}
	}
	args := []string{"--archive", dir, "decisions", "--format", "json"}
	for _, s := range []string{"open", "decided", "withdrawn", "lapsed-by-words", "lapsed-by-date"} {
		args = append(args, "--state", s)
	}
	_, out, stderr := command(t, "", args...)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, stderr)
	}
	s := compileSchema(t, "decisions")
	if err := s.Validate(v); err != nil {
		t.Errorf("%#v", err)
	}
	states := map[string]int{}
	var list decisionList
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	for _, m := range list.Matters {
		states[string(m.State)]++
		if m.Check == "T01" && (len(m.Earlier) != 1 || m.Earlier[0].Note != "to\nbe\x1b[2J seen") {
			t.Errorf("decisions on T01: %+v", m)
		}
	}
	if states["decided"] != 2 || states["withdrawn"] != 1 || states["open"] == 0 {
		t.Errorf("states %v", states)
	}
	whole := v.(map[string]any)
	for _, field := range slices.Sorted(maps.Keys(whole)) {
		less := maps.Clone(whole)
		delete(less, field)
		if s.Validate(less) == nil {
			t.Errorf("a list without %s passes", field)
		}
	}
	matter := whole["matters"].([]any)[0].(map[string]any)
	delete(matter, "decision")
	if s.Validate(v) == nil {
		t.Error("a matter without its decision passes")
	}
}

// A decision that somebody else made meanwhile is named, and not written over.
func TestDecideAtOnce(t *testing.T) {
	dir := imported(t, oldPolicy, newPolicy)
	decide := func(by string, more ...string) (int, string) {
		args := append([]string{"--archive", dir, "decide", "Petit Panier", "--change", "--as", "relevant", "--by", by}, more...)
		code, out, stderr := command(t, "", args...)
		return code, out + stderr
	}
	if code, out := decide("mk"); code != 0 {
		t.Fatal(out)
	}
	code, out := decide("jo")
	_, id, _ := strings.Cut(out, "--revises ")
	if code != exitFailed || !strings.Contains(out, "mk decided on this change at") || len(strings.TrimSpace(id)) != 16 {
		t.Fatalf("%d: %s", code, out)
	}
	if code, out := decide("jo", "--revises", strings.TrimSpace(id)); code != 0 {
		t.Error(out)
	}
	if code, out := decide("mk", "--revises", strings.TrimSpace(id)); code != exitFailed || !strings.Contains(out, "jo decided on this change at") {
		t.Errorf("%d: %s", code, out)
	}
}
