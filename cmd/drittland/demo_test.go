package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
)

// demoRun runs the program on an archive of its own and gives what it printed.
func demoRun(t *testing.T, args ...string) string {
	t.Helper()
	var out, messages bytes.Buffer
	code := run(context.Background(), append([]string{"drittland"}, args...), environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &messages,
		Getenv: func(string) string { return "" }, Now: time.Now})
	if code != exitOK {
		t.Fatalf("drittland %s: exit code %d\n%s%s", strings.Join(args, " "), code, out.String(), messages.String())
	}
	return out.String()
}

// TestDemo runs the demonstration: HTTP, WARC, extraction, archive, comparison, rules.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	out := demoRun(t, "--archive", dir, "demo")
	for _, want := range []string{
		`\+ storage: Singapore \(SG\), United States \(US\)`,
		`“Staff of Clipzy companies .* have\s+remote access`,
		`ERROR +T05 `, ` T07 `, `tool: standard contractual clauses`,
		`\[-Ireland and Germany-\]\[\+Singapore and the United`,
		`Clipzy +version 2 +English, with 1 linked page`, `Clipzy-DE +version 2 +German`,
		`Clipzy +version 3 +English, with 1 linked page.*\+ remote access: ID\n`,
		`log Clipzy\n`, `diff Clipzy@1 Clipzy@2 --format html`,
	} {
		if !regexp.MustCompile(`(?s)` + want).MatchString(out) {
			t.Errorf("the demonstration does not show %s", want)
		}
	}
	if lines := strings.Count(out, "\n"); lines > 130 {
		t.Errorf("the demonstration has %d lines: too many to read", lines)
	}
	if t.Failed() {
		t.Log(out)
	}
	checkDemoLog(t, dir, "Clipzy")
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := analyze.New(set)
	if err != nil {
		t.Fatal(err)
	}
	if !engine.Reads("de") {
		t.Log("there are no rules for German: what the German text says on transfers is not checked")
		return
	}
	checkDemoLog(t, dir, "Clipzy-DE")
}

// checkDemoLog looks at what the second version of a text changed.
func checkDemoLog(t *testing.T, dir, service string) {
	t.Helper()
	var rows []row
	if err := json.Unmarshal([]byte(demoRun(t, "--archive", dir, "log", service, "--format", "json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 {
		t.Fatalf("%s: %d versions, want 3", service, len(rows))
	}
	if r := rows[2]; r.Text != rows[1].Text || r.Class != "substantive_transfers" || !r.Alert || len(r.CountriesAdded) != 1 || r.CountriesAdded[0] != "ID" ||
		len(r.Facts) != 2 || r.Facts[0].Value != "ID" || r.Facts[0].Role != "remote_access" || r.Facts[1].What != "annex_changed" {
		t.Errorf("%s: a country more on the linked page alone: %+v", service, r)
	}
	r := rows[1]
	if r.Class != "substantive_transfers" || !r.Alert {
		t.Errorf("%s: class %s, alert %t", service, r.Class, r.Alert)
	}
	stored, linked := map[string]bool{}, map[string]bool{}
	for _, d := range r.Transfers.Destinations {
		if d.Kind == "by_reference" {
			linked[d.Country] = true
		} else if slices.Contains(d.Roles, "storage") {
			stored[d.Country] = true
		}
	}
	if len(stored) != 2 || !stored["SG"] || !stored["US"] {
		t.Errorf("%s: stored in %v, want SG and US", service, stored)
	}
	if len(linked) != 10 || !linked["CN"] || !linked["BR"] {
		t.Errorf("%s: %d destinations by reference, want 10: %v", service, len(linked), linked)
	}
	for _, id := range []string{"T05", "T07"} {
		if !slices.Contains(r.Appeared, id) {
			t.Errorf("%s: no finding %s among %v", service, id, r.Appeared)
		}
	}
	if !slices.Contains(r.CountriesAdded, "SG") || !slices.Contains(r.ToolsAdded, "scc") {
		t.Errorf("%s: countries added %v, tools added %v", service, r.CountriesAdded, r.ToolsAdded)
	}
	if !strings.Contains(r.Transfers.RemoteAccess.Quote, "Clipzy") {
		t.Errorf("%s: remote access is not quoted: %q", service, r.Transfers.RemoteAccess.Quote)
	}
	if _, err := os.Stat(filepath.Join(dir, "captures", "000001.warc.gz")); err != nil {
		t.Error(err)
	}
}
