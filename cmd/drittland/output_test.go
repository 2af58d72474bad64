package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/schema"
	"github.com/drittland/drittland/snapshots"
)

// command runs one command line in memory.
func command(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	home := t.TempDir()
	env := environment{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &err, Loopback: true,
		Now: func() time.Time { return time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC) },
		Getenv: func(name string) string {
			if name == "HOME" {
				return home
			}
			return ""
		}}
	code = run(context.Background(), append([]string{"drittland"}, args...), env)
	return code, out.String(), err.String()
}

// write puts a text into a file and gives its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const oldPolicy = `# Petit Panier: privacy

Effective date: 1 March 2021

## Where your data are

We store your personal data on servers in Ireland. You may ask us for access to your data at any time.
`

const newPolicy = `# Petit Panier: privacy

Effective date: 1 March 2024

## Where your data are

We store your personal data on servers in India, and companies of our group outside the European Economic Area may access them.
The countries are listed [here](https://petit-panier.example/countries). You may ask us for access to your data at any time.
`

func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	b, err := schema.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemas holds what the commands really print against the schemas.
func TestSchemas(t *testing.T) {
	before, after := write(t, "old.md", oldPolicy), write(t, "new.md", newPolicy)
	basque := write(t, "eu.txt", "Zure datu pertsonalak Indiako zerbitzarietara bidaltzen ditugu, eta han gordetzen ditugu bost urtez.")
	seat := write(t, "seat.md", "We share your personal data with our hosting provider, DigitalOcean, LLC.")
	passages := `{"id": 1, "text": "We transfer your personal data to India under standard contractual clauses.", "lang": "en"}` + "\n" + `{"id": "b"}` + "\n" + `nonsense` + "\n"
	for _, c := range []struct {
		schema, stdin string
		args          []string
		lines         bool
	}{
		{"report", "", []string{"check", "-f", "json", before}, false},
		{"report", "", []string{"check", "-f", "json", after}, false},
		{"report", "", []string{"check", "-f", "json", basque}, false},
		{"report", "", []string{"check", "-f", "json", seat}, false},
		{"diff", "", []string{"diff", "-f", "json", before, after}, false},
		{"diff", "", []string{"diff", "-f", "json", after, before}, false},
		{"diff", "", []string{"diff", "-f", "json", before, basque}, false},
		{"diff", "", []string{"diff", "-f", "json", before, seat}, false},
		{"diff", "", []string{"diff", "-f", "json", before, before}, false},
		{"classify", passages, []string{"classify"}, true},
		{"explanation", "", []string{"explain", "T01", "-f", "json", after}, false},
		{"explanation", "", []string{"explain", "T35", "-f", "json", before, after}, false},
	} {
		t.Run(strings.Join(append([]string{c.schema}, c.args[0]), " "), func(t *testing.T) {
			_, out, stderr := command(t, c.stdin, c.args...)
			if out == "" {
				t.Fatalf("no output: %s", stderr)
			}
			parts := []string{out}
			if c.lines {
				parts = strings.Split(strings.TrimSpace(out), "\n")
			}
			s := compileSchema(t, c.schema)
			for _, p := range parts {
				v, err := jsonschema.UnmarshalJSON(strings.NewReader(p))
				if err != nil {
					t.Fatalf("%v in %s", err, p)
				}
				if err := s.Validate(v); err != nil {
					t.Errorf("%#v", err)
				}
			}
		})
	}
}

// TestSchemasRefuse makes sure that the schemas can fail.
func TestSchemasRefuse(t *testing.T) {
	_, out, _ := command(t, "", "check", "-f", "json", write(t, "new.md", newPolicy))
	for _, field := range []string{"schema", "document", "as_of", "transfers", "transparency", "findings", "findings_today", "report_language"} {
		var v map[string]any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatal(err)
		}
		delete(v, field)
		if compileSchema(t, "report").Validate(v) == nil {
			t.Errorf("a report without %s passes", field)
		}
	}
}

// TestQuotes holds the quotes of a report against the text from start to end.
func TestQuotes(t *testing.T) {
	_, out, _ := command(t, "", "check", "-f", "json", write(t, "new.md", newPolicy))
	var r struct {
		Findings []struct {
			Start, End int
			Quote      string
		}
		Transfers struct {
			Destinations []struct {
				Start, End int
				Quote      string
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	in, err := (&intake{tool: &tool{}}).document("new.md", &snapshots.Capture{Body: []byte(newPolicy), MediaType: "text/markdown"}, "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, q := range append(r.Findings, r.Transfers.Destinations...) {
		if q.Quote != "" && in.Document.Text[q.Start:q.End] != q.Quote {
			t.Errorf("text from %d to %d is %q, the quote is %q", q.Start, q.End, in.Document.Text[q.Start:q.End], q.Quote)
		}
		n++
	}
	if n < 2 {
		t.Fatalf("%d quotes in %s", n, out)
	}
}

// TestAddress checks a page of a web server: it is kept in the archive, unless told otherwise.
func TestAddress(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/privacy":
			fmt.Fprint(w, "<html lang=en><head><title>Nordlicht Mail: Privacy</title></head><body><main><h1>Privacy policy</h1><p>We transfer your personal data to our servers in India, where they are kept for as long as you use the service.</p></main></body></html>")
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	archive := filepath.Join(t.TempDir(), "archive")
	code, out, stderr := command(t, "", "check", "--archive", archive, "--no-save", web.URL+"/privacy")
	if _, err := os.Stat(archive); code != exitFindings || !strings.Contains(out, "India (IN)") || err == nil {
		t.Fatalf("code %d, %v\n%s%s", code, err, out, stderr)
	}
	code, out, stderr = command(t, "", "check", web.URL+"/privacy", "--archive", archive)
	if code != exitFindings || !strings.Contains(stderr, "is kept in the archive") {
		t.Fatalf("code %d\n%s%s", code, out, stderr)
	}
	if code, out, stderr = command(t, "", "archive", "check", "--archive", archive); code != exitOK {
		t.Fatalf("archive check: code %d\n%s%s", code, out, stderr)
	}
	code, out, stderr = command(t, "", "check", "--archive", archive, web.URL+"/gone")
	if code != exitUnreadable || out != "" || !strings.Contains(stderr, "hint: look up where the policy is now") {
		t.Fatalf("code %d\n%s%s", code, out, stderr)
	}
}

// TestAddressWithList checks a page whose countries stand on a linked page: they are read and kept with it.
func TestAddressWithList(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/privacy":
			fmt.Fprint(w, "<html lang=en><title>Clipzy: Privacy</title><main><h1>Privacy policy</h1><p>Certain companies of our group, located outside the European Economic Area (see <a href=/countries>here</a>), have remote access to your personal data so that they can answer your questions.</p><p>A <a href=/gone>list of our sub-processors</a> outside the EEA is on a page of its own.</p></main>")
		case "/countries":
			fmt.Fprint(w, "<html lang=en><title>Countries</title><main><h1>Countries of our group</h1><p>These are the countries from which our group has access.</p><ul><li>Brazil</li><li>Malaysia</li></ul></main>")
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	archive := filepath.Join(t.TempDir(), "archive")
	code, out, stderr := command(t, "", "check", "--archive", archive, "--format", "json", web.URL+"/privacy")
	var rep analyze.Report
	if err := json.Unmarshal([]byte(out), &rep); err != nil {
		t.Fatalf("code %d, %v\n%s%s", code, err, out, stderr)
	}
	var got []string
	for _, d := range rep.Transfers.Destinations {
		got = append(got, d.Country+" "+d.Kind+" "+strings.Join(d.Roles, "+")+" "+strings.TrimPrefix(d.Source, web.URL))
	}
	if want := "BR by_reference remote_access /countries, MY by_reference remote_access /countries"; strings.Join(got, ", ") != want {
		t.Errorf("destinations %s, want %s", strings.Join(got, ", "), want)
	}
	if !strings.Contains(stderr, "linked page not read: ") {
		t.Errorf("the page that is gone is not told of: %s", stderr)
	}
	if code, out, stderr = command(t, "", "archive", "stats", "--archive", archive); !strings.Contains(out, "snapshots      2") {
		t.Errorf("code %d, want 2 snapshots\n%s%s", code, out, stderr)
	}
}
