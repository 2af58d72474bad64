package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// TestReadAgain takes an archive that an older reader read, which lost the clauses on transfers, and one in which older rules
// found less.
func TestReadAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	demoRun(t, "--archive", dir, "demo")
	terms := snapshots.Terms{Service: "Clipzy", Type: defaultType}
	before := demoRun(t, "--archive", dir, "log", "Clipzy", "--format", "json")
	out := demoRun(t, "--archive", dir, "derive")
	if !strings.Contains(out, "read otherwise than before: 0") || !strings.Contains(out, "nothing new") {
		t.Errorf("by the same reader:\n%s", out)
	}
	s := &store{tool: &tool{words: locale.For("en"), env: environment{Stderr: os.Stderr, Now: time.Now, Getenv: func(string) string { return "" }}}, dir: dir}
	older(t, s, terms)
	out = demoRun(t, "--archive", dir, "derive")
	if !strings.Contains(out, "read otherwise than before: 1") || !strings.Contains(out, "Clipzy · Privacy Policy: ") || !strings.Contains(out, "T05") {
		t.Errorf("after an older reader:\n%s", out)
	}
	log := demoRun(t, "--archive", dir, "log", "Clipzy")
	if !strings.Contains(log, "↻") || !strings.Contains(log, "what is found has stood in it since version") {
		t.Errorf("log:\n%s", log)
	}
	var rows, old []row
	for data, into := range map[string]*[]row{before: &old, demoRun(t, "--archive", dir, "log", "Clipzy", "--format", "json"): &rows} {
		if err := json.Unmarshal([]byte(data), into); err != nil {
			t.Fatal(err)
		}
	}
	i := slices.IndexFunc(rows, func(r row) bool { return r.Again })
	if i < 0 || !rows[i].Alert || rows[i].Cause != snapshots.Reading || rows[i].ofVersion() {
		t.Fatalf("rows: %+v", rows)
	}
	told := rows[i]
	demoRun(t, "--archive", dir, "archive", "rebuild")
	var anew []row
	if err := json.Unmarshal([]byte(demoRun(t, "--archive", dir, "log", "Clipzy", "--format", "json")), &anew); err != nil {
		t.Fatal(err)
	}
	if j := slices.IndexFunc(anew, func(r row) bool { return r.Again }); j != i || !slices.Equal(anew[j].Appeared, told.Appeared) || !anew[j].Date.Equal(told.Date) {
		t.Errorf("after a rebuild: row %d, %+v", j, anew)
	}
	if out := demoRun(t, "--archive", dir, "derive"); !strings.Contains(out, "nothing new") {
		t.Errorf("told again after a rebuild:\n%s", out)
	}
	rows = slices.Delete(rows, i, i+1)
	if len(rows) != len(old) || rows[len(rows)-1].Text != old[len(old)-1].Text {
		t.Errorf("the history is not as it was: %d rows, %d before", len(rows), len(old))
	}
	if out := demoRun(t, "--archive", dir, "derive"); !strings.Contains(out, "nothing new") {
		t.Errorf("told twice:\n%s", out)
	}
	if out := demoRun(t, "--archive", dir, "stats", "alerts"); !strings.Contains(out, "alerts on text that stood") {
		t.Errorf("stats:\n%s", out)
	}
	// Broken off when the versions were forgotten and not yet read again: what was told before is still known.
	older(t, s, terms)
	err := s.write(func(a *archive.Archive) error {
		engine, err := s.engine(nil)
		if err != nil {
			return err
		}
		if _, err := findingsTold(t.Context(), a, engine, []snapshots.Terms{terms}, time.Now()); err != nil {
			return err
		}
		return a.ReadAgain(terms)
	})
	if err != nil {
		t.Fatal(err)
	}
	if out := demoRun(t, "--archive", dir, "derive"); !strings.Contains(out, "New findings on text that was always there") {
		t.Errorf("after it was broken off:\n%s", out)
	}
	fewerTold(t, s, terms)
	out = demoRun(t, "--archive", dir, "derive", "clipzy", "--format", "json")
	if !strings.Contains(out, `"read_otherwise": []`) || !strings.Contains(out, `"findings_appeared"`) {
		t.Errorf("after older rules:\n%s", out)
	}
}

// older puts what a reader that keeps the first three blocks only would have made of the snapshots.
func older(t *testing.T, s *store, terms snapshots.Terms) {
	t.Helper()
	err := s.write(func(a *archive.Archive) error {
		h, err := readHistory(a, terms)
		if err != nil {
			return err
		}
		var batch []archive.Reading
		for _, v := range h.Versions {
			doc, err := a.Document(v.Document)
			if err != nil {
				return err
			}
			doc.Blocks = doc.Blocks[:3]
			doc.Text = doc.Text[:doc.Blocks[2].Span.End] + "\n"
			b, err := doc.Pack()
			if err != nil {
				return err
			}
			v.Document, v.Annexes, v.Reader = snapshots.HashOf(b), nil, "drittland-extract/0"
			if err := v.Identify(); err != nil {
				return err
			}
			batch = append(batch, archive.Reading{Version: v, Document: doc})
		}
		if err := a.ReadAgain(terms); err != nil {
			return err
		}
		last := snapshots.Telling{Terms: terms, At: time.Now(), Snapshot: h.Versions[0].Snapshot} // nobody was told of the last one
		if err := a.PutTellings([]snapshots.Telling{last}); err != nil {
			return err
		}
		return a.PutVersions(batch)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fewerTold makes it look as if T05 had not been found when the last version was told.
func fewerTold(t *testing.T, s *store, terms snapshots.Terms) {
	t.Helper()
	err := s.write(func(a *archive.Archive) error {
		l := lineKey{terms: terms}
		x, ok, err := lastTold(a, l)
		if err != nil || !ok || !slices.Contains(x.Findings, "T05") {
			t.Errorf("told: %+v", x)
		}
		x.Findings = slices.DeleteFunc(x.Findings, func(id string) bool { return id == "T05" })
		x.Appeared = nil
		return a.PutTellings([]snapshots.Telling{x})
	})
	if err != nil {
		t.Fatal(err)
	}
}
