package main

// Organisations and the API over a real archive on a server: by the commands, over the network, held to the description.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/api"
	"github.com/drittland/drittland/cmd/drittland/api/apitest"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// An apiRig is an archive on a server, with a clock, and its API.
type apiRig struct {
	t       *testing.T
	address string
	now     time.Time
	api     string // where the API is
	check   *apitest.Checker
}

// command runs a command and gives its exit code and what it says.
func (x *apiRig) command(args ...string) (code int, stdout, stderr string) {
	x.t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"drittland", "--archive", x.address}, args...), environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string { return map[string]string{"USER": "kb"}[name] }, Now: func() time.Time { return x.now }})
	return code, out.String(), errs.String()
}

// does runs a command that must succeed.
func (x *apiRig) does(args ...string) string {
	x.t.Helper()
	code, out, errs := x.command(args...)
	if code != exitOK {
		x.t.Fatalf("%q: %d %s", args, code, errs)
	}
	return out
}

// asks asks the API.
func (x *apiRig) asks(token, method, path, body string) (int, string) {
	x.t.Helper()
	r, err := http.NewRequest(method, x.api+path, strings.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	x.check.Check(x.t, r, resp, b)
	return resp.StatusCode, string(b)
}

// serve serves the API until the test ends.
func (x *apiRig) serve() {
	x.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, []string{"drittland", "--archive", x.address, "serve", "api", "--listen", "127.0.0.1:0"},
			environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: w, Getenv: func(string) string { return "" }, Now: func() time.Time { return x.now }})
		w.Close()
	}()
	x.t.Cleanup(func() { cancel(); <-done })
	line := make([]byte, 4096)
	n, _ := r.Read(line)
	go io.Copy(io.Discard, r)
	m := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).Find(line[:n])
	if m == nil {
		x.t.Fatalf("says %q", line[:n])
	}
	x.api, x.check = string(m), apitest.New(x.t, api.Document)
}

func newAPIRig(t *testing.T) *apiRig {
	server := pgtest.Need(t)
	objects := t.TempDir()
	x := &apiRig{t: t, address: server.Database(t), now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	o := archive.Options{Objects: "file://" + objects}
	if _, err := archive.CreateShared(t.Context(), x.address, o); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(x.address, o)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	texts := []string{"# Privacy policy\n\nWe store your personal data in Germany.\n", "# Privacy policy\n\nWe store your personal data in Germany. We transfer your personal data to recipients outside the European Economic Area.\n"}
	for _, service := range []string{"Clipzy", "Parcelito"} {
		for i, text := range texts {
			s := snapshots.Snapshot{Terms: snapshots.Terms{Service: service, Type: defaultType}, At: x.now.AddDate(0, i-2, 0), MediaType: "text/markdown",
				Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprintf("%040x", i+1), Path: service + "/Privacy Policy.md"}}
			if _, err := a.PutImport(s, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return x
}

func TestServeAPI(t *testing.T) {
	x := newAPIRig(t)
	x.does("derive")
	x.does("org", "add", "north")
	x.does("org", "add", "south")
	x.does("org", "watch", "add", "north", "clipzy")
	x.does("org", "watch", "add", "south", "Parcelito", "Privacy Policy")
	north, south := x.does("org", "token", "add", "north", "--role", "reviewer", "--handle", "mk", "--expires", "90d"), x.does("org", "token", "add", "south", "--role", "admin")
	x.serve()

	code, b := x.asks(north, "GET", "/v1/terms", "")
	var terms struct {
		Items []struct {
			Service  string
			Versions int
			Last     struct{ ID, Snapshot string }
		}
	}
	if err := json.Unmarshal([]byte(b), &terms); err != nil || code != 200 || len(terms.Items) != 1 || terms.Items[0].Service != "Clipzy" || terms.Items[0].Versions != 2 {
		t.Fatalf("%d %v %s", code, err, b)
	}
	last := terms.Items[0].Last
	if _, b := x.asks(north, "GET", "/v1/terms/Clipzy/Privacy%20Policy/versions", ""); strings.Count(b, `"number"`) != 2 {
		t.Errorf("versions: %s", b)
	}
	code, b = x.asks(north, "GET", "/v1/versions/"+last.ID, "")
	shownHere := x.does("show", "Clipzy", "--format", "json")
	if code != 200 || b != shownHere {
		t.Errorf("the version is told otherwise than by show: %d %s\n%s", code, b, shownHere)
	}
	if code, b := x.asks(north, "GET", "/v1/captures/"+last.Snapshot+"?body=true", ""); code != 200 || !strings.Contains(b, "outside the European Economic Area") {
		t.Errorf("%d %s", code, b)
	}
	var found api.Findings
	code, b = x.asks(north, "GET", "/v1/versions/"+last.ID+"/findings", "")
	if err := json.Unmarshal([]byte(b), &found); err != nil || code != 200 || len(found.Findings) == 0 || found.Change == nil || found.Number != 2 {
		t.Fatalf("%d %v %s", code, err, b)
	}
	fingerprint := found.Findings[0].Fingerprint
	draft := fmt.Sprintf(`{"version": %q, "about": "finding", "fingerprint": %q, "judgement": "relevant", "note": "of the north"}`, last.ID, fingerprint)
	if code, b := x.asks(north, "POST", "/v1/decisions", draft); code != 201 || !strings.Contains(b, `"by": "mk"`) {
		t.Fatalf("%d %s", code, b)
	}
	if code, _ := x.asks(north, "POST", "/v1/decisions", draft); code != 409 {
		t.Errorf("decided twice: %d", code)
	}
	for _, path := range []string{"/v1/versions/" + last.ID, "/v1/versions/" + last.ID + "/findings", "/v1/decisions"} {
		if _, b := x.asks(north, "GET", path, ""); !strings.Contains(b, "of the north") {
			t.Errorf("%s does not tell the decision: %s", path, b)
		}
		if code, b := x.asks(south, "GET", path, ""); strings.Contains(b, "of the north") || path != "/v1/decisions" && code != 404 {
			t.Errorf("%s, to the south: %d %s", path, code, b)
		}
	}
	if _, b := x.asks(south, "GET", "/v1/audit", ""); !strings.Contains(b, `"handle": "kb"`) || strings.Contains(b, "mk") {
		t.Errorf("the log of the south: %s", b)
	}
	if out := x.does("decisions", "--format", "json"); strings.Contains(out, "of the north") {
		t.Errorf("the archive's own decisions hold one of an organisation: %s", out)
	}
	x.does("org", "token", "revoke", "north", strings.TrimSpace(north))
	if code, _ := x.asks(north, "GET", "/v1/terms", ""); code != 401 {
		t.Errorf("a token that was revoked: %d", code)
	}
}

func TestOrgCommands(t *testing.T) {
	x := newAPIRig(t)
	x.does("org", "add", "north")
	secret := strings.TrimSpace(x.does("org", "token", "add", "north", "--expires", "2026-11-20"))
	x.does("org", "token", "add", "north", "--role", "admin")
	x.does("org", "watch", "add", "north", "Clipzy")
	x.does("org", "digest", "add", "north", "legal", "--to", "ana@north.example", "--service", "clipzy", "--level", "error")
	form := compileSchema(t, "organisations")
	for _, args := range [][]string{{"org", "list"}, {"org", "token", "list", "north"}, {"org", "watch", "list", "north"}, {"org", "digest", "list", "north"}} {
		out := x.does(append(args, "--format", "json")...)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err == nil {
			err = form.Validate(v)
		}
		if err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if strings.Contains(out, secret) {
			t.Errorf("%q shows a token", args)
		}
	}
	if out := x.does("org", "list"); !strings.Contains(out, "north") || !strings.Contains(out, "2 tokens") || !strings.Contains(out, "1 watch") || !strings.Contains(out, "1 list") {
		t.Error(out)
	}
	x.now = x.now.AddDate(0, 0, 1)
	if out := x.does("org", "token", "list", "north"); !strings.Contains(out, "expired on 2026-11-21") || !strings.Contains(out, "until it is revoked") {
		t.Error(out)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitFailed, "one of this name already", []string{"org", "add", "north"}},
		{exitUsage, "lower-case", []string{"org", "add", "North"}},
		{exitFailed, "no such organisation", []string{"org", "token", "list", "west"}},
		{exitUsage, "expected reader, reviewer or admin", []string{"org", "token", "add", "north", "--role", "owner"}},
		{exitUsage, "is over", []string{"org", "token", "add", "north", "--expires", "2026-11-20"}},
		{exitUsage, "90d", []string{"org", "token", "add", "north", "--expires", "90"}},
		{exitUsage, "--handle", []string{"org", "token", "add", "north", "--handle", "a b"}},
		{exitFailed, "no token", []string{"org", "token", "revoke", "north", "x"}},
		{exitUsage, "no service", []string{"org", "watch", "add", "north", "Nothing"}},
		{exitFailed, "does not watch", []string{"org", "watch", "remove", "north", "Parcelito", "Privacy Policy"}},
		{exitUsage, "1 watch", []string{"org", "remove", "north"}},
		{exitFailed, "one of this name already", []string{"org", "digest", "add", "north", "legal", "--to", "bo@north.example"}},
		{exitUsage, "say who gets it", []string{"org", "digest", "add", "north", "board"}},
		{exitUsage, "full domain", []string{"org", "digest", "add", "north", "board", "--to", "root@localhost"}},
		{exitUsage, "once a day", []string{"org", "digest", "add", "north", "board", "--to", "bo@north.example", "--schedule", "hourly"}},
		{exitUsage, "does not watch", []string{"org", "digest", "add", "north", "board", "--to", "bo@north.example", "--service", "Parcelito"}},
		{exitUsage, "what is to change", []string{"org", "digest", "change", "north", "legal"}},
		{exitFailed, "no list", []string{"org", "digest", "change", "north", "board", "--schedule", "daily"}},
		{exitFailed, "no list", []string{"org", "digest", "remove", "north", "board"}},
		{exitFailed, "no list", []string{"digest", "--org", "north", "--list", "board"}},
		{exitFailed, "no such organisation", []string{"digest", "--org", "west"}},
		{exitUsage, "does not watch", []string{"digest", "--org", "north", "--service", "Parcelito"}},
		{exitUsage, "leave out --to", []string{"digest", "--org", "north", "--to", "bo@north.example"}},
		{exitUsage, "leave out --to", []string{"digest", "--org", "north", "--list", "legal", "--send"}},
		{exitUsage, "takes no arguments", []string{"org", "list", "x"}},
		{exitUsage, "tokens would pass", []string{"serve", "api", "--listen", "0.0.0.0:8081"}},
		{exitUsage, "--rate", []string{"serve", "api", "--rate", "0"}},
	} {
		if code, _, said := x.command(c.args...); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%q: %d %s", c.args, code, said)
		}
	}
	x.does("org", "digest", "change", "north", "legal", "--service", "", "--schedule", "daily", "--to", "bo@north.example", "--to", "cy@north.example")
	if out := x.does("org", "digest", "list", "north"); !strings.Contains(out, "daily") || !strings.Contains(out, "bo@north.example, cy@north.example") || !strings.Contains(out, "all that it watches") {
		t.Error(out)
	}
	x.does("org", "digest", "remove", "north", "legal")
	if out := x.does("org", "digest", "list", "north"); out != "" {
		t.Error(out)
	}
	x.does("org", "watch", "remove", "north", "Clipzy", "Privacy Policy")
	x.does("org", "remove", "north", "--yes")
	if out := x.does("org", "list"); out != "" {
		t.Errorf("left: %s", out)
	}
}

// The API says of itself whether it works, to whoever may start a program beside it.
func TestAPIHealth(t *testing.T) {
	x := newAPIRig(t)
	x.serve()
	at := strings.TrimPrefix(x.api, "http://")
	if code, out, said := x.command("serve", "api", "--health", "--listen", at); code != exitOK || out+said != "" {
		t.Errorf("%d %s%s", code, out, said)
	}
	for listen, want := range map[string]int{at[:len(at)-1] + "x": exitFailed, "127.0.0.1": exitUsage} {
		if code, _, said := x.command("serve", "api", "--health", "--listen", listen); code != want || said == "" {
			t.Errorf("%s: %d %s", listen, code, said)
		}
	}
}

// An archive in a directory has no organisations, and says so.
func TestOrgsNeedServer(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"org", "list"}, {"org", "add", "north"}, {"serve", "api"}, {"digest", "--org", "north"}} {
		x := &apiRig{t: t, address: dir, now: time.Now()}
		if code, _, said := x.command(args...); code != exitUsage || !strings.Contains(said, "an archive on a server") {
			t.Errorf("%q: %d %s", args, code, said)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("something was made: %v", left)
	}
}
