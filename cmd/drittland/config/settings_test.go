package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const fullSettings = `archive: /srv/archive
state: state
locale: de
time_zone: Europe/Berlin
review_url: https://review.clipzy.example
alarm_after: 3
law_ahead: 0
listen: "[::1]:9464"
capture: {schedule: "15 */6 * * *", jitter: 0s, jobs: 2, budget: 20m, render: never}
mail:
  host: smtp.clipzy.example
  port: 2525
  tls: tls
  user: watch
  password_file: smtp-password
  from: "Wächter <watch@clipzy.example>"
  reply_to: dpo@clipzy.example
  ca: /etc/roots.pem
llm:
  url: https://models.clipzy.example/v1
  model: small-1
  key_env: SMALL_KEY
  key_file: key
  http: loopback
  price: 0.15/0.60 EUR
  budget: 2EUR
  parallel: 2
  timeout: 30s
lists:
  - name: legal
    to: ["Ana <ana@clipzy.example>", bo@clipzy.example]
    services: Clipzy
    terms: [Privacy Policy]
    languages: [EN, de]
    levels: [error]
    locale: nl
    schedule: "0 8 * * 1-5"
    quiet: skip
    unsubscribe: https://clipzy.example/bye
  - {name: all, to: cy@clipzy.example}
alerts:
  - name: hook
    levels: error
    checks: [t05, T29]
    countries: [cn, IN]
    webhook: https://hooks.clipzy.example/x?y=z
    secret_env: HOOK_SECRET
  - {name: chat, chat_file: ../chat, to: [ana@clipzy.example], services: [Clipzy], locale: fr}
`

func TestReadSettings(t *testing.T) {
	got, from, err := ReadSettings("/etc/drittland/config.yaml", []byte(fullSettings),
		Override{"capture.jobs", "8", "DRITTLAND_CAPTURE_JOBS"}, Override{"capture.jobs", "9", "--jobs"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Settings{Archive: "/srv/archive", State: "/etc/drittland/state", Locale: "de", TimeZone: "Europe/Berlin", ReviewURL: "https://review.clipzy.example",
		AlarmAfter: 3, LawAhead: 0, Listen: "[::1]:9464", Capture: Capture{Schedule: "15 */6 * * *", Jobs: 9, Budget: "20m", Render: "never"},
		Mail: Mail{Host: "smtp.clipzy.example", Port: 2525, TLS: TLSFirst, User: "watch", PasswordFile: "/etc/drittland/smtp-password",
			From: "Wächter <watch@clipzy.example>", ReplyTo: "dpo@clipzy.example", CA: "/etc/roots.pem"},
		LLM: LLM{URL: "https://models.clipzy.example/v1", Model: "small-1", KeyEnv: "SMALL_KEY", KeyFile: "/etc/drittland/key", HTTP: HTTPLoopback,
			Price: "0.15/0.60 EUR", Budget: "2EUR", Parallel: 2, Timeout: 30 * time.Second},
		Lists: []List{{Name: "legal", To: []string{"ana@clipzy.example", "bo@clipzy.example"}, Services: []string{"Clipzy"}, Terms: []string{"Privacy Policy"},
			Languages: []string{"en", "de"}, Levels: []string{"error"}, Locale: "nl", Schedule: "0 8 * * 1-5", Quiet: QuietSkip, Unsubscribe: "https://clipzy.example/bye"},
			{Name: "all", To: []string{"cy@clipzy.example"}, Schedule: "weekly", Quiet: QuietSend}},
		Alerts: []Alert{{Name: "hook", Levels: []string{"error"}, Checks: []string{"T05", "T29"}, Countries: []string{"CN", "IN"},
			Webhook: "https://hooks.clipzy.example/x?y=z", SecretEnv: "HOOK_SECRET"},
			{Name: "chat", ChatFile: "/etc/chat", To: []string{"ana@clipzy.example"}, Services: []string{"Clipzy"}, Locale: "fr"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for key, origin := range map[string]string{"locale": "/etc/drittland/config.yaml:3", "capture.jitter": "/etc/drittland/config.yaml:9", "capture.jobs": "--jobs"} {
		if from[key] != origin {
			t.Errorf("%s comes from %q, want %q", key, from[key], origin)
		}
	}
}

// TestDefaultSettings has settings without a file, and with one in which nothing is left but its headings.
func TestDefaultSettings(t *testing.T) {
	for _, source := range []string{"", "mail:\n  # host: x\nlists:\nalerts:\ncapture:\n"} {
		file := ""
		if source != "" {
			file = "x.yaml"
		}
		got, from, err := ReadSettings(file, []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(Default(), got); d != "" || len(from) > 0 {
			t.Error(d, from)
		}
	}
	for _, x := range Table() { // what is the default must be allowed in the file
		if v := x.Value(Default()); v != "" {
			if err := x.set(Default(), v); err != nil {
				t.Errorf("the default of %s: %v", x.Key, err)
			}
		}
	}
}

// TestTable wants each setting to have names of its own.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range Table() {
		for _, name := range []string{x.Key, x.Env, "--" + x.Flag} {
			if seen[name] && name != "--" {
				t.Errorf("%s stands in the table twice", name)
			}
			seen[name] = true
		}
		if !strings.HasPrefix(x.Env, "DRITTLAND_") {
			t.Errorf("%s: variable %q", x.Key, x.Env)
		}
	}
	if Table()[0].Flag != "archive" || !seen["--alarm-after"] || !seen["--jobs"] || seen["--host"] {
		t.Errorf("flags: %v", seen)
	}
}

// good has a list and an alert that are right, into which the mistakes of the tests are written.
const good = `mail: {host: smtp.clipzy.example, from: watch@clipzy.example}
lists:
  - name: legal
    to: [ana@clipzy.example]
alerts:
  - name: hook
    to: [ana@clipzy.example]
`

func TestSettingsMistakes(t *testing.T) {
	many := strings.Repeat("a@clipzy.example, ", maxPeople+1)
	for _, c := range []struct{ from, to, want string }{
		{"mail:", "mial:", `x.yaml:1:1: unknown key "mial" in the settings; did you mean mail?`},
		{"mail:", "time_zone: Europe/Berlln\nmail:", `x.yaml:1:12: time_zone: "Europe/Berlln" is no time zone, such as Europe/Berlin or UTC`},
		{"mail:", "time_zone: europe/berlin\nmail:", "did you mean Europe/Berlin?"},
		{"mail:", "time_zone: Local\nmail:", "is no time zone"},
		{"mail:", "time_zone: ../../etc/passwd\nmail:", "is no time zone"},
		{"mail:", "locale: german\nmail:", `locale: "german": expected de, en, fr or nl`},
		{"mail:", "alarm_after: \"7\"\nmail:", "alarm_after: expected a number without quotes"},
		{"mail:", "alarm_after: 0\nmail:", `alarm_after: "0": expected a number from 1 to 3650`},
		{"mail:", "law_ahead: 9999999999999999999\nmail:", "law_ahead: "},
		{"mail:", "archive: ~/archive\nmail:", "~ is known to shells only"},
		{"mail:", "archive: [a]\nmail:", "expected one value"},
		{"mail:", "review_url: ftp://x\nmail:", "review_url: expected an address"},
		{"mail:", "review_url: https://x.example/?a=b\nmail:", "links are made by adding to it"},
		{"mail:", "listen: :9464\nmail:", "is reached from other machines"},
		{"mail:", "listen: 192.0.2.1:9464\nmail:", "is reached from other machines"},
		{"mail:", "listen: 127.0.0.1\nmail:", "with a port"},
		{"mail:", "capture: {schedule: weakly}\nmail:", `capture.schedule: "weakly" is no schedule`},
		{"mail:", "capture: {schedule: every day}\nmail:", `x.yaml:1:21: capture.schedule: "every day" is no schedule: expected hourly, daily, weekly or five fields`},
		{"mail:", "capture: {schedule: [daily]}\nmail:", "x.yaml:1:21: expected one value"},
		{"mail:", "schedule: daily\nmail:", `unknown key "schedule" in the settings`},
		{"mail:", "capture: {schedule: 99 * * * *}\nmail:", "end of range (99) above maximum (59)"},
		{"mail:", "capture:\n  schedule: */5 * * * *\nmail:", "put quotes around what begins with *"},
		{"mail:", "capture: {jitter: 10}\nmail:", "capture.jitter: \"10\": expected a time from 0s to 12h"},
		{"mail:", "capture: {jobs: 65}\nmail:", "expected a number from 1 to 64"},
		{"mail:", "capture: {budget: soon}\nmail:", "capture.budget: expected a time such as 20m"},
		{"mail:", "capture: {render: allways}\nmail:", "expected auto, always or never; did you mean always?"},
		{"mail:", "capture: fast\nmail:", "expected the settings of capture, with keys and values"},
		{"host: smtp.clipzy.example", "host: \"smtp://clipzy.example\"", "the port stands under port"},
		{"host: smtp.clipzy.example", "host: \"smtp.clipzy.example:25\"", "the port stands under port"},
		{"host: smtp.clipzy.example", "host: smtp.clipzy.example, tls: none", "x.yaml:1:40: mail.tls: mail would be sent in the clear"},
		{"host: smtp.clipzy.example", "host: smtp.clipzy.example, tls: ssl", `mail.tls: "ssl": expected tls, starttls or none`},
		{"host: smtp.clipzy.example", "host: smtp.clipzy.example, port: 70000", "from 1 to 65535"},
		{"host: smtp.clipzy.example", "host: smtp.clipzy.example, password_file: x", "mail.password_file: a password, but no user"},
		{", from: watch@clipzy.example", "", "mail.host: a mail server, but no sender"},
		{"from: watch@clipzy.example", "from: watch", `mail.from: "watch" is no mail address`},
		{"from: watch@clipzy.example", "from: wätch@clipzy.example", "written in ASCII"},
		{"name: legal", "name: le gal", "name: expected up to 60 letters"},
		{"name: legal\n    to", "to", "a list without name"},
		{"    to: [ana@clipzy.example]\nalerts", "alerts", "a list without to"},
		{"to: [ana@clipzy.example]\nalerts", "to: []\nalerts", "a list without to"},
		{"to: [ana@clipzy.example]\nalerts", "to: [ana@clipzy.example, Ana@clipzy.example]\nalerts", "stands here twice"},
		{"to: [ana@clipzy.example]\nalerts", "to: [" + many + "]\nalerts", "to: 201 addresses; at most 200"},
		{"to: [ana@clipzy.example]\nalerts", "to: [\"ana@clipzy.example\\nBcc: x@y.example\"]\nalerts", "is no mail address"},
		{"alerts:", "  - {name: Legal, to: bo@clipzy.example}\nalerts:", `two lists called "Legal"`},
		{"name: legal", "name: legal\n    schedule: \"* * * * *\"", "at most once an hour"},
		{"name: legal", "name: legal\n    schedule: weakly", `x.yaml:4:15: schedule: "weakly" is no schedule`},
		{"name: legal", "name: legal\n    schedule: 0 25 * * *", "above maximum (23)"},
		{"name: hook", "name: hook\n    schedule: daily", `unknown key "schedule" in an alert`},
		{"mail:", "\tmail:", "x.yaml:1:1: found character that cannot start any token; indent with spaces, not with tabs"},
		{"mail: {", "archive: a: b\nmail: {", "x.yaml:1:1: mapping values are not allowed in this context; is a line indented like none before it"},
		{"name: legal", "name: legal\n\t  levels: [error]", "; indent with spaces, not with tabs"},
		{"to: [ana@clipzy.example]\nalerts", "to: [ana@clipzy.example\nalerts", "a bracket"},
		{"name: hook", "name: \"hook", "; is a quote left open?"},
		{"name: legal", "name: legal\n    levels: [eror]", `levels: "eror": expected error, warning or note; did you mean error?`},
		{"name: legal", "name: legal\n    languages: [deutsch]", "languages: \"deutsch\" is no language"},
		{"name: legal", "name: legal\n    quiet: yes", "quiet: \"yes\": expected send or skip"},
		{"name: legal", "name: legal\n    unsubscribe: http://clipzy.example", "unsubscribe: expected a mail address, or"},
		{"name: legal", "name: legal\n    service: Clipzy", `unknown key "service" in a list; did you mean services?`},
		{"lists:\n  - name", "lists:\n    name", "lists: expected a list: each entry begins with a dash"},
		{"name: hook", "name: hook\n    checks: [T999]", `checks: there is no check "T999"`},
		{"name: hook", "name: hook\n    countries: [India]", "did you mean IN?"},
		{"name: hook", "name: hook\n    countries: [XQ7]", "is no country"},
		{"name: hook", "name: hook\n    webhook: http://hooks.clipzy.example\n    secret_env: X", "http sends it in the clear"},
		{"name: hook", "name: hook\n    webhook: https://hooks.clipzy.example", "a webhook without a secret"},
		{"name: hook", "name: hook\n    secret_env: X", "a secret without a webhook"},
		{"name: hook", "name: hook\n    webhook: http://localhost:1\n    secret_env: X\n    secret_file: y", "secret_env and secret_file exclude each other"},
		{"name: hook", "name: hook\n    chat_env: X\n    chat_file: y", "chat_env and chat_file exclude each other"},
		{"mail:", "llm: {url: \"http://models.clipzy.example/v1\"}\nmail:", "llm.url: http sends passages and the key in the clear to models.clipzy.example"},
		{"mail:", "llm: {url: \"https://models.clipzy.example/v1?x=1\"}\nmail:", "leave out what begins with ?"},
		{"mail:", "llm: {url: models.clipzy.example}\nmail:", "llm.url: expected an address"},
		{"mail:", "llm: {http: everywhere}\nmail:", "expected loopback or anywhere"},
		{"mail:", "llm: {budget: 2EUR}\nmail:", "llm.budget: a budget in money needs a price"},
		{"mail:", "llm: {budget: 2EUR, price: 1/2 USD}\nmail:", "the budget is in EUR, the price in USD"},
		{"mail:", "llm: {budget: 0}\nmail:", "expected 1 to 1000000000 tokens"},
		{"mail:", "llm: {budget: a lot}\nmail:", "expected a number of tokens such as 200000, or money such as 2EUR"},
		{"mail:", "llm: {price: 1}\nmail:", "expected what a million tokens cost"},
		{"mail:", "llm: {key_env: small-key}\nmail:", "expected the name of a variable"},
		{"mail:", "llm: {timeout: 2h}\nmail:", "llm.timeout: \"2h\": expected a time from 1s to 1h"},
		{"mail:", "llm: {modle: x}\nmail:", "did you mean model?"},
		{"    to: [ana@clipzy.example]\n$", "", "an alert without to, webhook or chat_env"},
	} {
		source := strings.Replace(good+"$", c.from, c.to, 1)
		if source == good+"$" {
			t.Errorf("%q is not in the settings", c.from)
		}
		_, _, err := ReadSettings("x.yaml", []byte(strings.TrimSuffix(source, "$")))
		var p Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.to[:min(len(c.to), 80)], err, c.want)
		}
	}
	if _, _, err := ReadSettings("x.yaml", []byte(good)); err != nil {
		t.Error(err)
	}
}

// TestSettingsHideSecrets has secrets where they do not belong: the message says where they do, and nothing shows them.
func TestSettingsHideSecrets(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"mail: {password: hunter2}", "no secret stands in this file: set DRITTLAND_SMTP_PASSWORD in the environment"},
		{"mail:\n  password: >\n    hunter2\n  hots: x\n", `unknown key "hots"`},
		{"mail:\n  passwrd: hunter2\n", `unknown key "passwrd" in the settings of mail; did you mean password`},
		{"mail:\n  password: hunter2\n bad", "x.yaml:"},
		{"llm: {key: hunter2}", "no secret stands in this file: set OPENAI_API_KEY in the environment"},
		{"llm: {api_key: hunter2, modle: x}", "or name a file with it in key_file"},
		{"llm: {url: \"https://ana:hunter2@clipzy.example/v1\"}", "an address with a user name or a password"},
		{"alerts: [{name: a, secret: hunter2}]", "secret: no secret stands in this file: name the variable with it in secret_env"},
		{"alerts: [{name: a, chat: hunter2}]", "name the variable with it in chat_env"},
		{"alerts: [{name: a, chat_env: \"slack://hunter2@x\"}]", "expected the name of a variable"},
		{"alerts: [{name: a, secret_env: \"hunter2!\"}]", "expected the name of a variable"},
		{"alerts: [{name: a, webhook: \"https://ana:hunter2@clipzy.example\", secret_env: X}]", "an address with a user name or a password"},
		{"alerts: [{name: a, webhook: \"ftp://clipzy.example/hunter2\", secret_env: X}]", "expected an address"},
	} {
		_, _, err := ReadSettings("x.yaml", []byte(c.source))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.source, err, c.want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the message shows the secret: %v", c.source, err)
		}
	}
}

func TestOverridesMistakes(t *testing.T) {
	for _, c := range []struct {
		o    []Override
		want string
	}{
		{[]Override{{"time_zone", "Mars", "DRITTLAND_TIME_ZONE"}}, `DRITTLAND_TIME_ZONE: "Mars" is no time zone`},
		{[]Override{{"capture.jobs", "x", "--jobs"}}, `--jobs: "x": expected a number from 1 to 64`},
		{[]Override{{"mail.tls", "none", "DRITTLAND_SMTP_TLS"}}, "DRITTLAND_SMTP_TLS: mail.tls: mail would be sent in the clear"},
		{[]Override{{"nothing", "none", "X"}}, `X: there is no setting "nothing"`},
	} {
		if _, _, err := ReadSettings("x.yaml", []byte(good), c.o...); err == nil || err.Error() != c.want && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.o, err, c.want)
		}
	}
	s, _, err := ReadSettings("x.yaml", []byte(good), Override{"mail.tls", "none", "a"}, Override{"mail.host", "localhost", "b"})
	if err != nil || s.Mail.Address() != "localhost:25" {
		t.Errorf("%v: %v", s, err)
	}
}

func TestMailAddress(t *testing.T) {
	for _, c := range []struct {
		m    Mail
		want string
	}{{Mail{Host: "a.example", TLS: TLSStart}, "a.example:587"}, {Mail{Host: "a.example", TLS: TLSFirst}, "a.example:465"}, {Mail{Host: "::1", TLS: TLSNone}, "[::1]:25"},
		{Mail{Host: "a.example", Port: 2525}, "a.example:2525"}} {
		if got := c.m.Address(); got != c.want {
			t.Errorf("%v: %s, want %s", c.m, got, c.want)
		}
	}
}

func TestSettingsAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxLine+1)
	lists := strings.Repeat("- {name: a, to: a@clipzy.example}\n", maxLists+1)
	for _, source := range []string{"# " + strings.Repeat("x", MaxSize), "archive: " + long, "lists:\n" + lists,
		"lists: [{name: a, to: a@clipzy.example, services: [" + strings.Repeat("x, ", maxNarrows+1) + "]}]",
		"a: &a [x]\nb: *a\n", strings.Repeat("{", 100_000)} {
		_, _, err := ReadSettings("x.yaml", []byte(source))
		if err == nil || len(err.Error()) > 20_000 {
			t.Errorf("%.40q: %.200v", source, err)
		}
	}
}

func FuzzReadSettings(f *testing.F) {
	for _, s := range []string{fullSettings, good, "mail:\n", "lists: [{}]", "alerts: [{webhook: \"%\"}]", "capture: {schedule: \"TZ=x\"}", "capture: {schedule: \", , , , ,\"}",
		"mail: {password: x}", "time_zone: \"\\0\"", "capture: {schedule: \"0 0 30 2 *\"}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		s, from, err := ReadSettings("x.yaml", []byte(source))
		if err != nil {
			var p Problems
			if !errors.As(err, &p) || len(p) == 0 || len(p) > maxProblems {
				t.Fatalf("%v", err)
			}
			return
		}
		zone, err := time.LoadLocation(s.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range s.Lists {
			if l.Name == "" || len(l.To) == 0 {
				t.Fatalf("%+v", l)
			}
			if plan, err := ParseSchedule(l.Schedule, zone); err != nil || plan.Next(time.Unix(1e9, 0)).IsZero() {
				t.Fatalf("%q: %v", l.Schedule, err)
			}
		}
		for _, x := range Table() { // what was read can be written and read again
			if v := x.Value(s); from[x.Key] != "" && v != "" {
				if err := x.set(Default(), v); err != nil {
					t.Fatalf("%s: %q: %v", x.Key, v, err)
				}
			}
		}
	})
}
