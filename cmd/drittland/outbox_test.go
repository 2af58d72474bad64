package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/send"
)

// outboxOf is a home with an outbox in it, and what runs a command there.
func outboxOf(t *testing.T) (*send.Outbox, func(args ...string) (code int, out, messages string)) {
	t.Helper()
	home := t.TempDir()
	vars := map[string]string{"HOME": home, "DRITTLAND_SMTP_PASSWORD": "T0K3N"}
	file := filepath.Join(home, "config.yaml")
	if err := os.WriteFile(file, []byte("time_zone: Europe/Berlin\nmail:\n  host: 127.0.0.1\n  port: 1\n  user: watch\n  from: watch@example.org\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	vars["DRITTLAND_CONFIG"] = file
	env := environment{Stdin: strings.NewReader(""), Getenv: func(k string) string { return vars[k] }, Now: func() time.Time { return time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC) }}
	settings := config.Default()
	settings.State = filepath.Join(home, ".local/state/drittland")
	settings.Mail = config.Mail{Host: "127.0.0.1", Port: 1, TLS: config.TLSStart, User: "watch", From: "watch@example.org"}
	b, err := (&tool{env: env, words: locale.For("en")}).outbox(settings)
	if err != nil {
		t.Fatal(err)
	}
	return b, func(args ...string) (int, string, string) {
		var out, messages bytes.Buffer
		env := env
		env.Stdout, env.Stderr = &out, &messages
		code := run(context.Background(), append([]string{"drittland"}, args...), env)
		return code, out.String(), messages.String()
	}
}

func putDigest(t *testing.T, b *send.Outbox, to string) {
	t.Helper()
	fresh, err := b.Put(send.Message{Key: "digest/legal/2026-W47/" + to, Kind: send.Mail, Made: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC),
		Subject: "Week 47", To: to, Text: "Nothing \x1b[31mchanged.\n", HTML: "<p>Nothing changed.</p>", List: "legal", Language: "en"})
	if err != nil || !fresh {
		t.Fatalf("fresh %v, %v", fresh, err)
	}
}

func TestOutboxCommand(t *testing.T) {
	b, cmd := outboxOf(t)
	if code, out, messages := cmd("digest", "outbox"); code != exitOK || out != "" || !strings.Contains(messages, "nothing waits to be sent") {
		t.Errorf("empty: %d %q %q", code, out, messages)
	}
	putDigest(t, b, "ana@example.org")
	putDigest(t, b, "bo@example.org")
	d, err := b.Deliver(context.Background(), time.Date(2026, 11, 23, 6, 1, 0, 0, time.UTC))
	if err != nil || d.Waiting != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	code, out, messages := cmd("digest", "outbox")
	if code != exitOK || strings.Count(out, "\n") != 3 || !strings.Contains(out, "waiting  ana@example.org  2026-11-23 07:00  0      –         digest/legal/2026-W47/ana@example.org") {
		t.Errorf("list: %d %s", code, out)
	}
	if want := "mail is held up since 2026-11-23 07:01: the mail server 127.0.0.1 cannot be reached: connect: connection refused"; !strings.Contains(messages, want) {
		t.Errorf("messages: %s", messages)
	}
	code, out, _ = cmd("digest", "outbox", "show", "digest/legal/2026-W47/ana@example.org")
	if code != exitOK || !strings.Contains(out, "State: waiting\nTo: ana@example.org\nSubject: Week 47\nMade: 2026-11-23 07:00\nTries: 0\nID: ") ||
		!strings.HasSuffix(out, "\n\nNothing ␛[31mchanged.\n\n") {
		t.Errorf("show: %d %q", code, out)
	}
	if code, out, _ = cmd("--locale", "de", "digest", "outbox", "drop", "digest/legal/2026-W47/ana@example.org"); code != exitOK || !strings.Contains(out, "ana@example.org: ") {
		t.Errorf("drop: %d %q", code, out)
	}
	if _, out, messages = cmd("digest", "outbox", "list"); !strings.Contains(out, "abandoned  ana@example.org") || !strings.Contains(messages, "dropped by hand") {
		t.Errorf("after drop: %s%s", out, messages)
	}
	if code, _, _ = cmd("digest", "outbox", "retry", "digest/legal/2026-W47/ana@example.org"); code != exitOK {
		t.Errorf("retry: %d", code)
	}
	if e, err := b.Get("digest/legal/2026-W47/ana@example.org"); err != nil || e.State != send.Waiting {
		t.Errorf("after retry: %+v, %v", e, err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"digest", "outbox", "show", "nobody"}, exitFailed, "outbox list --all' lists the keys"},
		{[]string{"digest", "outbox", "retry"}, exitUsage, "name messages by their KEY"},
		{[]string{"digest", "outbox", "show"}, exitUsage, "name one message"},
		{[]string{"digest", "outbox", "list", "--format", "xml"}, exitUsage, "expected one of"},
		{[]string{"digest", "outbox", "list", "x"}, exitUsage, "takes no arguments"},
	} {
		if code, _, messages := cmd(c.args...); code != c.code || !strings.Contains(messages, c.says) {
			t.Errorf("%v: %d %s", c.args, code, messages)
		}
	}
}

// TestOutboxJSON checks the list against its schema, and that no secret is in it.
func TestOutboxJSON(t *testing.T) {
	b, cmd := outboxOf(t)
	putDigest(t, b, "ana@example.org")
	putDigest(t, b, "bo@example.org")
	if _, err := b.Deliver(context.Background(), time.Date(2026, 11, 23, 6, 1, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if err := b.Drop("digest/legal/2026-W47/bo@example.org"); err != nil {
		t.Fatal(err)
	}
	code, out, _ := cmd("digest", "outbox", "--format", "json", "--all")
	if code != exitOK || strings.Contains(out, "T0K3N") {
		t.Fatalf("%d %s", code, out)
	}
	checkJSON(t, "outbox", []byte(out))
	var list outboxList
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Messages) != 2 || len(list.Troubles) != 1 || list.Damaged == nil {
		t.Errorf("%+v, %v", list, err)
	}
}

// checkJSON validates against one of the published schemas.
func checkJSON(t *testing.T, name string, data []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err == nil {
		err = compileSchema(t, name).Validate(v)
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestWebhookSchema posts an alert through the outbox, and checks what arrives against the published schema.
func TestWebhookSchema(t *testing.T) {
	env := environment{Getenv: func(k string) string { return map[string]string{"DESK_SECRET": "T0K3N"}[k] }}
	bodies := make(chan []byte, 2)
	address := serveHook(t, func(h http.Header, body []byte) {
		if _, err := send.Verify("T0K3N", h, body, time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), time.Minute); err != nil {
			t.Error(err)
		}
		bodies <- body
	})
	settings := config.Default()
	settings.State = t.TempDir()
	settings.Alerts = []config.Alert{{Name: "desk", Webhook: address, SecretEnv: "DESK_SECRET"}}
	b, err := (&tool{env: env, words: locale.For("en")}).outbox(settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []send.Message{
		{Key: "alert/1", JSON: []byte(`{"service":"Clipzy"}`), Subject: "Clipzy: storage in Ruritania", Text: "Clipzy stores data in Ruritania.", Language: "en"}, {Key: "alert/2"}} {
		m.Kind, m.To, m.Made = send.Webhook, "desk", time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
		if _, err := b.Put(m); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := b.Deliver(context.Background(), time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)); err != nil || len(d.Sent) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	for range 2 {
		checkJSON(t, "webhook", <-bodies)
	}
	// An alert that was taken out of the settings.
	settings.Alerts = nil
	if _, err := b.Put(send.Message{Key: "alert/3", Kind: send.Webhook, To: "desk", Made: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	d, err := b.Deliver(context.Background(), time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC))
	if err != nil || len(d.Troubles) != 1 || !strings.Contains(d.Troubles[0].Why, `no alert "desk" any more`) {
		t.Errorf("%+v, %v", d, err)
	}
}

// serveHook is a receiver of webhooks on this machine.
func serveHook(t *testing.T, take func(http.Header, []byte)) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		take(r.Header, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/hook"
}
