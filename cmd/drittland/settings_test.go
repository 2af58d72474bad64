package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/locale"
)

// uncommented turns on what an example has off: lines such as "#key: value" and "#  - name: x".
func uncommented(example string) string {
	lines := strings.Split(example, "\n")
	for i, l := range lines {
		if at := strings.Index(l, "#"); at >= 0 && strings.TrimSpace(l[:at]) == "" && !strings.HasPrefix(l[at:], "# ") {
			lines[i] = l[:at] + l[at+1:]
		} else if strings.HasPrefix(l, "#  ") {
			lines[i] = l[1:]
		}
	}
	return strings.Join(lines, "\n")
}

// TestSettingsExample has the example of each language pass the reader and the schema, as it is and with all that is off turned on, and
// name every setting with its variable.
func TestSettingsExample(t *testing.T) {
	s := compileSchema(t, "config")
	for _, lang := range locale.Languages() {
		example := (&tool{words: locale.For(lang)}).settingsExample()
		for _, source := range []string{example, uncommented(example)} {
			got, _, err := config.ReadSettings("x.yaml", []byte(source))
			if err != nil {
				t.Fatalf("%s: %v", lang, err)
			}
			if len(got.Lists) != 1 || (len(got.Alerts) == 1) != (source != example) {
				t.Errorf("%s: %+v", lang, got)
			}
			if err := s.Validate(asJSON(t, source)); err != nil {
				t.Errorf("%s: %#v", lang, err)
			}
		}
		all := asJSON(t, uncommented(example)).(map[string]any)
		for _, x := range config.Table() {
			in, name := all, x.Key
			if section, rest, ok := strings.Cut(x.Key, "."); ok {
				in, name = all[section].(map[string]any), rest
			}
			if in[name] == nil || !strings.Contains(example, "# "+x.Env+"\n") {
				t.Errorf("%s: the example does not name %s and %s", lang, x.Key, x.Env)
			}
		}
	}
}

// asJSON is a YAML document as the validator wants it.
func asJSON(t *testing.T, source string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(source), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestConfigSchemaRefuses makes sure that the schema can fail.
func TestConfigSchemaRefuses(t *testing.T) {
	s := compileSchema(t, "config")
	for _, source := range []string{"mial: {}", "mail: {password: x}", "capture: {jobs: 65}", "lists: [{name: a}]", "alerts: [{to: a@b.example}]", "lists: [{name: a, to: [x@y.example], levels: [bad]}]"} {
		if s.Validate(asJSON(t, source)) == nil {
			t.Errorf("%s passes", source)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	tl := &tool{env: environment{Getenv: func(name string) string {
		return map[string]string{"GOOD": "hunter2", "LINES": "hunter2\nx", "LONG": strings.Repeat("hunter2", 1000)}[name]
	}}}
	for _, c := range []struct{ env, file, want, trouble string }{
		{"GOOD", "", "hunter2", ""},
		{"GOOD", file("other", "other", 0o600), "hunter2", ""},
		{"UNSET", file("a", "hunter2\n", 0o600), "hunter2", ""},
		{"", file("b", "hunter2\r\n", 0o440), "hunter2", ""},
		{"", file("c", " hunter2 ", 0o400), " hunter2 ", ""},
		{"", "", "", "neither a variable nor a file"},
		{"UNSET", "", "", "UNSET is not set"},
		{"LINES", "", "", "single line"},
		{"LONG", "", "", "more than 4096 bytes"},
		{"", file("d", "hunter2\n\n", 0o600), "", "single line"},
		{"", file("e", "\n", 0o600), "", "it is empty"},
		{"", file("f", strings.Repeat("hunter2", 1000), 0o600), "", "more than 4096 bytes"},
		{"", file("g", "hunter2", 0o644), "", "everybody on this machine may read or change it (mode 0644)"},
		{"", file("h", "hunter2", 0o620), "", "(mode 0620)"},
		{"", filepath.Join(dir, "none"), "", "there is no such file"},
		{"", dir, "", "is no regular file"},
	} {
		got, err := tl.secret(c.env, c.file)
		switch {
		case c.trouble == "" && (err != nil || got != c.want):
			t.Errorf("%s %s: %q, %v", c.env, c.file, got, err)
		case c.trouble != "" && (err == nil || !strings.Contains(err.Error(), c.trouble)):
			t.Errorf("%s %s: %v, want %q", c.env, c.file, err, c.trouble)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s %s: the message shows the secret", c.env, c.file)
		}
	}
}

// TestSettingsPrecedence has the file, the environment and a flag say different things.
func TestSettingsPrecedence(t *testing.T) {
	file := write(t, "c.yaml", "locale: de\ntime_zone: Europe/Berlin\narchive: here\n")
	shown := func(env map[string]string, args ...string) string {
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"drittland", "config", "show"}, args...), environment{Stdout: &out, Stderr: &errs, Now: time.Now,
			Getenv: func(name string) string { return env[name] }})
		if code != 0 {
			t.Fatalf("%v: %s", args, errs.String())
		}
		return out.String()
	}
	for _, c := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{nil, []string{"--config", file}, "locale: de # " + file + ":1"},
		{map[string]string{"DRITTLAND_CONFIG": file}, nil, "time_zone: Europe/Berlin # " + file + ":2"},
		{map[string]string{"XDG_CONFIG_HOME": t.TempDir()}, nil, "time_zone: UTC # default"},
		{map[string]string{"DRITTLAND_LOCALE": "fr", "DRITTLAND_CONFIG": file}, nil, "locale: fr # DRITTLAND_LOCALE"},
		{map[string]string{"DRITTLAND_LOCALE": "fr", "DRITTLAND_CONFIG": file}, []string{"--locale", "nl"}, "locale: nl # --locale"},
		{map[string]string{"DRITTLAND_CONFIG": file}, nil, "archive: " + filepath.Join(filepath.Dir(file), "here")},
		{map[string]string{"DRITTLAND_CONFIG": file, "DRITTLAND_ARCHIVE": "/a"}, nil, "archive: /a # DRITTLAND_ARCHIVE"},
		{map[string]string{"DRITTLAND_CONFIG": file, "DRITTLAND_ARCHIVE": "/a"}, []string{"--archive", "/b"}, "archive: /b # --archive"},
		{nil, []string{"--config", file}, "schedule: hourly # default"},
		{map[string]string{"DRITTLAND_CONFIG": file, "DRITTLAND_CAPTURE_SCHEDULE": "0 6 * * *"}, nil, "schedule: 0 6 * * * # DRITTLAND_CAPTURE_SCHEDULE"},
		{map[string]string{"XDG_STATE_HOME": "/s"}, nil, "state: /s/drittland # default"},
		{map[string]string{"HOME": "/h"}, nil, "state: /h/.local/state/drittland # default"},
	} {
		if out := shown(c.env, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("%v %v: no %q in\n%s", c.env, c.args, c.want, out)
		}
	}
}

// TestSettingsForCommands has settings as commands get them: with the directories filled in, or a message that says where to look.
func TestSettingsForCommands(t *testing.T) {
	env := map[string]string{"DRITTLAND_CONFIG": write(t, "c.yaml", "time_zone: Europe/Berlin\n"), "HOME": "/h"}
	tl := &tool{env: environment{Getenv: func(name string) string { return env[name] }}}
	c := cli.NewContext(cli.NewApp(), flag.NewFlagSet("watch", flag.ContinueOnError), nil)
	s, err := tl.settings(c)
	if err != nil || s.State != "/h/.local/state/drittland" || s.Archive != "/h/.local/share/drittland/archive" || s.TimeZone != "Europe/Berlin" {
		t.Errorf("%+v, %v", s, err)
	}
	env["DRITTLAND_CONFIG"] = "none.yaml"
	if _, err := tl.settings(c); err == nil || diagnose(err).code != exitUnreadable || !strings.Contains(diagnose(err).hint, "config example") {
		t.Errorf("a missing file: %v", err)
	}
}
