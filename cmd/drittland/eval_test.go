package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const wolkeLabel = `{"id": "wolke", "lang": "en", "date": "2024-03-01", "transfers_outside_eea": "yes", "destinations": [{"iso2": "IN", "kind": "named", "role": "storage"}], "mechanisms": [{"id": "bcr"}], "copy_of_safeguards": "not_offered", "remote_access": false}` + "\n"

// labelled is a set of one text.
func labelled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "texts"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"labels.jsonl": wolkeLabel, "texts/wolke.md": readTwice} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestEval scores a set of one text by rules, model and both.
func TestEval(t *testing.T) {
	dir := labelled(t)
	m, home := newModel(t, honest), t.TempDir()
	for range 2 {
		code, out, errs := at(home, nil, "eval", "--llm", "--llm-model", "small", "--llm-url", m.URL+"/v1", "-f", "json", dir)
		if code != 0 {
			t.Fatal(errs)
		}
		validJSON(t, "eval", out)
		type scores struct{ Kinds, Languages map[string]*score }
		var e struct{ Rules, Model, Both scores }
		if err := json.Unmarshal([]byte(out), &e); err != nil {
			t.Fatal(err)
		}
		if e.Rules.Kinds["transfer tool"].F1 != 0 || e.Model.Kinds["transfer tool"].F1 != 1 || e.Both.Kinds["transfer tool"].F1 != 1 || e.Both.Kinds["destination: country"].F1 != 1 ||
			e.Model.Kinds["destination: country"].Missing != 1 || e.Model.Kinds["language of the text"] != nil || e.Both.Languages["en"].Missing != 0 {
			t.Error(out)
		}
	}
	asked := m.count()
	if asked == 0 || asked > 3 {
		t.Errorf("%d questions", asked)
	}
	_, out, _ := at(home, nil, "eval", dir)
	if !strings.Contains(out, "1 of 1 texts scored") || strings.Contains(out, "model") || m.count() != asked {
		t.Error(out)
	}
	for bad, want := range map[string]string{`{"id": "../x", "transfers_outside_eea": "yes"}`: "expected letters, digits", "nonsense": "labels.jsonl:1", "": "no labels",
		`{"id": "a", "transfers_outside_eea": "maybe"}`: "expected yes, no_statement or denied", wolkeLabel + wolkeLabel: "stands here twice"} {
		if err := os.WriteFile(filepath.Join(dir, "labels.jsonl"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := command(t, "", "eval", dir); code != exitUnreadable || !strings.Contains(errs, want) {
			t.Errorf("%q: %d %s", bad, code, errs)
		}
	}
}

// TestEvalWithoutAModel has nobody at the endpoint: the rules are scored as without --llm, and one line says why there is nothing else.
func TestEvalWithoutAModel(t *testing.T) {
	dir := labelled(t)
	more, err := os.ReadFile(filepath.Join(dir, "texts/wolke.md"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "texts/wolke2.md"), more, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "labels.jsonl"), []byte(wolkeLabel+strings.Replace(wolkeLabel, "wolke", "wolke2", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	asking := []string{"eval", "--llm", "--llm-model", "small", "--llm-url", "http://127.0.0.1:1/v1", dir}
	_, without, _ := command(t, "", "eval", dir)
	code, out, errs := command(t, "", asking...)
	if code != 0 || strings.Count(errs, "second reading not possible: no connection") != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("%d %q", code, errs)
	}
	table := func(s string) string { return s[strings.Index(s, "\n\n"):strings.Index(s, "\ntime of the rules")] }
	if table(out) != table(without) || !strings.Contains(without, "transfer tool") || !strings.Contains(out, "2 of 2 texts scored") || !strings.Contains(out, "the model read no text whole") {
		t.Errorf("%s\nwithout a model:\n%s", out, without)
	}
	_, out, _ = command(t, "", append([]string{asking[0], "-f", "json"}, asking[1:]...)...)
	validJSON(t, "eval", out)
	var e struct {
		LeftOut []string `json:"left_out"`
		Both    any
		Model   struct{ Problem string }
		Rules   struct{ Kinds map[string]score }
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatal(err)
	}
	if e.Both != nil || e.Model.Problem != "unreachable" || len(e.LeftOut) != 2 || e.Rules.Kinds["destination: country"].Right != 2 {
		t.Error(out)
	}
}
