package main

// The files beside the guide to an archive on a server: the Compose file and the rules of Prometheus.

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/watch"
)

// parses reports whether the program knows the command and the flags of a command line. Nothing is done.
func parses(args []string) error {
	none := environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now}
	app := newApp(none, locale.For("en"), nil)
	reached := false
	var still func([]*cli.Command)
	still = func(list []*cli.Command) {
		for _, c := range list {
			if c.Action != nil {
				c.Action = func(*cli.Context) error { reached = true; return nil }
			}
			still(c.Subcommands)
		}
	}
	still(app.Commands)
	arranged, err := arrange(app, append([]string{"drittland"}, args...))
	if err == nil {
		err = app.Run(arranged)
	}
	if err == nil && !reached {
		err = errors.New("no such command")
	}
	return err
}

func TestParses(t *testing.T) {
	for line, want := range map[string]bool{"worker -n 8": true, "worker --nn 8": false, "serve api --listen x": true, "workers": false, "worker -n x": false} {
		if err := parses(strings.Fields(line)); (err == nil) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestGuideCommands has the program read each command line of the guide, those that no test runs as well, and looks at the names that the guide sets.
func TestGuideCommands(t *testing.T) {
	blocks, names := guideBlocks(t)
	n := 0
	for _, name := range names {
		for line := range strings.Lines(blocks[name]) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
			args, ok := strings.CutPrefix(line, "drittland ")
			if !ok {
				continue
			}
			n++
			if err := parses(strings.Fields(strings.ReplaceAll(args, `"`, ""))); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if n < 12 {
		t.Errorf("%d command lines", n)
	}
	env := map[string]bool{"PGHOST": true, "PGDATABASE": true, "PGUSER": true, "PGPASSFILE": true, "DRITTLAND_ARCHIVE": true, "OBJECTS": true, "STORE": true, "BACKUP": true} // of newGuideRig
	for _, m := range regexp.MustCompile(`\b([A-Z_]+)=`).FindAllStringSubmatch(blocks["names"], -1) {
		if !env[m[1]] {
			t.Errorf("the tests of the guide do not set %s", m[1])
		}
	}
	guide, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\]\(([a-z.]+)\)`).FindAllStringSubmatch(string(guide), -1) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(guideFile), m[1])); err != nil {
			t.Error(err)
		}
	}
}

// A composeService is what the test looks at of a service of the Compose file.
type composeService struct {
	Command     []string          `json:"command"`
	User        string            `json:"user"`
	ReadOnly    bool              `json:"read_only"`
	Restart     string            `json:"restart"`
	Ports       []string          `json:"ports"`
	CapDrop     []string          `json:"cap_drop"`
	Security    []string          `json:"security_opt"`
	Environment map[string]string `json:"environment"`
	Networks    []string          `json:"networks"`
	Volumes     []string          `json:"volumes"`
	Image       string            `json:"image"`
	Health      struct {
		Test    []string `json:"test"`
		Disable bool     `json:"disable"`
	} `json:"healthcheck"`
	Deploy struct {
		Resources struct {
			Limits struct {
				CPUs   string `json:"cpus"`
				Memory string `json:"memory"`
				PIDs   int    `json:"pids"`
			} `json:"limits"`
		} `json:"resources"`
	} `json:"deploy"`
}

// readCompose holds the Compose file against the schema of the specification, and gives its services.
func readCompose(t *testing.T) map[string]composeService {
	t.Helper()
	text, err := os.ReadFile("watch/deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree any // with what is merged in its place
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err == nil {
		err = jsonSchema(t, "testdata/compose/compose-spec.json").Validate(value)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]composeService `json:"services"`
	}
	if err := json.Unmarshal(asJSON, &file); err != nil {
		t.Fatal(err)
	}
	return file.Services
}

func jsonSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("compose", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("compose")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCompose reads the Compose file by the schema of its specification, has the program read its command lines, and looks for what would let somebody in.
func TestCompose(t *testing.T) {
	services := readCompose(t)
	if len(services) != 4 {
		t.Errorf("%d services", len(services))
	}
	for name, s := range services {
		limits := s.Deploy.Resources.Limits
		if s.User == "" || strings.HasPrefix(s.User, "0") || !s.ReadOnly || s.Restart == "" || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.Security, "no-new-privileges:true") ||
			limits.CPUs == "" || limits.Memory == "" || limits.PIDs == 0 {
			t.Errorf("%s may do more than it needs: %+v", name, s)
		}
		if !s.Health.Disable && len(s.Health.Test) < 2 {
			t.Errorf("%s has no health check", name)
		}
		for _, port := range s.Ports {
			if name == "database" || !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is for the world", name, port)
			}
		}
		for key, value := range s.Environment {
			if strings.Contains(strings.ToUpper(key), "PASSWORD") && !strings.HasPrefix(value, "/run/secrets/") || strings.Contains(value, ":") && strings.Contains(value, "@") && strings.Count(value, ":") > 1 {
				t.Errorf("%s: a secret in %s", name, key)
			}
		}
		if name == "database" {
			if !slices.Equal(s.Networks, []string{"inside"}) {
				t.Errorf("the database is in the networks %v", s.Networks)
			}
			continue
		}
		if err := parses(s.Command); err != nil {
			t.Errorf("%s: %v: %v", name, s.Command, err)
		}
		if !s.Health.Disable {
			if s.Health.Test[0] != "CMD" || s.Health.Test[1] != "/usr/local/bin/drittland" {
				t.Errorf("%s: %v", name, s.Health.Test)
			}
			if err := parses(s.Health.Test[2:]); err != nil {
				t.Errorf("%s: %v: %v", name, s.Health.Test, err)
			}
		}
	}
}

// TestDatabaseScript holds the roles that the container of the database makes against those of the guide, which a test makes.
func TestDatabaseScript(t *testing.T) {
	script, err := os.ReadFile("watch/deploy/database.sh")
	if err != nil {
		t.Fatal(err)
	}
	blocks, _ := guideBlocks(t)
	sql := func(s string) string {
		_, s, _ = strings.Cut(s, "<<'SQL'\n")
		s, _, _ = strings.Cut(s, "\nSQL")
		return strings.ReplaceAll(s, " PASSWORD :'password'", "")
	}
	if got, want := sql(string(script)), sql(blocks["roles"]); got != want || got == "" {
		t.Errorf("database.sh makes\n%s\nand the guide\n%s", got, want)
	}
}

// TestAlertRules holds the rules of Prometheus against the metrics of a worker: each name that an expression asks for is there, with the labels that it asks by.
func TestAlertRules(t *testing.T) {
	b, err := os.ReadFile("watch/deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	s := watch.Standing{Queue: &watch.Queue{Jobs: map[[2]string]int{{"capture", "available"}: 1}, Lag: map[string]time.Duration{"capture": 1}, Done: map[[2]string]int{{"capture", "done"}: 1}, DeadOf: map[string]int{"other": 1}}}
	var out strings.Builder
	if err := s.WriteMetrics(&out, time.Now()); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`drittland_[a-z_]+`)
	by := regexp.MustCompile(`by \((\w+)\) \(?(drittland_[a-z_]+)|(drittland_[a-z_]+)\{(\w+)`)
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			names := asked.FindAllString(r.Expr, -1)
			if r.Alert == "" || len(names) == 0 || r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.Labels["severity"] == "" {
				t.Errorf("%s: asks for nothing, or says nothing", r.Alert)
			}
			for _, name := range names {
				if families[name] == nil {
					t.Errorf("%s: there is no metric %s", r.Alert, name)
				}
			}
			for _, m := range by.FindAllStringSubmatch(r.Expr, -1) {
				label, name := m[1]+m[4], m[2]+m[3]
				if label == "instance" { // of Prometheus
					continue
				}
				if f := families[name]; f != nil && f.Metric[0].Label[0].GetName() != label {
					t.Errorf("%s: %s has no label %s", r.Alert, name, label)
				}
			}
		}
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 8 {
		t.Errorf("%+v", file)
	}
}
