package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
)

// TestExamples runs the examples within the built-in packs. Each check must have some of both kinds.
func TestExamples(t *testing.T) {
	set, err := rules.Load(rules.Files())
	if err != nil {
		t.Fatal(err)
	}
	e, err := analyze.New(set)
	if err != nil {
		t.Fatal(err)
	}
	run, failures := runExamples(e, func(*rules.Check) bool { return true })
	for _, f := range failures {
		t.Error(f)
	}
	if run == 0 {
		t.Fatal("no examples were run")
	}
	t.Logf("%d examples of %d checks", run, len(e.Rules().Checks))
	for _, c := range e.Rules().Checks {
		match, clean := 0, 0
		for _, x := range c.Examples {
			if x.Match != "" {
				match++
			} else {
				clean++
			}
		}
		if match == 0 || clean == 0 {
			t.Errorf("%s: %d matching and %d clean examples; a rule carries its proof", c.ID, match, clean)
		}
	}
}

// TestSyntaxGuide runs the worked example of rules/SYNTAX.md as a reader would: its files, written where it says.
func TestSyntaxGuide(t *testing.T) {
	text, err := os.ReadFile("../../rules/SYNTAX.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := regexp.MustCompile("(?s)`my-rules/([^`]+)`:\n\n```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(files) < 3 {
		t.Fatalf("found %d files in the guide", len(files))
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f[1]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"rules", "check", "--rules", dir}, {"rules", "test", "--rules", dir, "X01"}} {
		if code, out, stderr := command(t, "", args...); code != exitOK || !strings.HasPrefix(out, "ok: ") {
			t.Fatalf("%v: code %d\n%s%s", args, code, out, stderr)
		}
	}
	policy := write(t, "policy.md", "# Petit Panier: privacy\n\nOur shop and all of your orders are hosted by KubeCloud. We collect your name and your address.\n")
	code, out, stderr := command(t, "", "check", "--rules", dir, "--fail-on", "warning", policy)
	if code != exitFindings || !strings.Contains(out, "WARNING X01") {
		t.Fatalf("code %d\n%s%s", code, out, stderr)
	}
}

// TestGuideNamesFacts holds the lists of the guide against the packs: each kind of fact and each attribute that a
// built-in check asks for is explained.
func TestGuideNamesFacts(t *testing.T) {
	guide, err := os.ReadFile("../../rules/SYNTAX.md")
	if err != nil {
		t.Fatal(err)
	}
	var visit func(id string, c *rules.Condition)
	visit = func(id string, c *rules.Condition) {
		if c.Fact != "" && !strings.Contains(string(guide), "| `"+c.Fact+"` |") {
			t.Errorf("%s asks for the fact %s, which rules/SYNTAX.md does not list", id, c.Fact)
		}
		for attr := range c.Where {
			if !strings.Contains(string(guide), "`"+attr+"`") {
				t.Errorf("%s asks for the attribute %s of %s, which rules/SYNTAX.md does not name", id, attr, c.Fact)
			}
		}
		for _, list := range [][]rules.Condition{c.All, c.Any, c.With, c.Without} {
			for i := range list {
				visit(id, &list[i])
			}
		}
		if c.Not != nil {
			visit(id, c.Not)
		}
	}
	set, err := rules.Load(rules.Files())
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Checks {
		visit(set.Checks[i].ID, &set.Checks[i].When)
		for _, l := range set.Checks[i].Levels {
			if l.When != nil {
				visit(set.Checks[i].ID, l.When)
			}
		}
	}
}

// TestBuiltinRules makes sure that --rules adds to the built-in rules rather than replacing them.
func TestBuiltinRules(t *testing.T) {
	names, err := fs.Glob(rules.Files(), "packs/*/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("the built-in packs are not there: %v, %v", names, err)
	}
	code, out, stderr := command(t, "", "rules", "explain", "T05", "--rules", t.TempDir())
	if code != exitOK || !strings.HasPrefix(out, "T05") {
		t.Fatalf("code %d\n%s%s", code, out, stderr)
	}
}
