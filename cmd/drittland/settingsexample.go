package main

// The command config example: every setting with a comment, the variable that holds over it, and a value.

import (
	"fmt"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// An exampleWriter writes the example.
type exampleWriter struct {
	strings.Builder
	env map[string]string // variable of each setting
}

// note writes a comment.
func (b *exampleWriter) note(indent, s string) {
	for _, line := range wrapped(s, 100-len(indent)) {
		fmt.Fprintf(b, "%s# %s\n", indent, line)
	}
}

// set writes a setting, as a comment if off is set.
func (b *exampleWriter) set(off bool, section, name, value string) {
	indent, key := "", name
	if section != "" {
		indent, key = "  ", section+"."+name
	}
	if off {
		indent += "#"
	}
	fmt.Fprintf(b, "%-46s # %s\n", indent+name+": "+value, b.env[key])
}

// settingsExample is a file of settings that passes its own check.
func (t *tool) settingsExample() string {
	b := &exampleWriter{env: map[string]string{}}
	for _, x := range config.Table() {
		b.env[x.Key] = x.Env
	}
	w := t.words
	b.note("", w.T("Settings of drittland for what runs unattended. All may be left out but what you need; what begins with # is off. Behind each setting stands the variable of the environment that holds over it. 'drittland config check' says what is wrong, and what follows. 'drittland schema config' prints a schema for editors."))
	b.WriteString("\n")
	b.note("", w.T("Where the archive is, and where is kept what waits to be sent and what was sent already. Paths are found from the place of this file."))
	b.set(true, "", "archive", "/var/lib/drittland/archive")
	b.note("", w.T("An archive that several machines share is a database, postgres://USER@HOST/DATABASE, without a password (that is in PGPASSWORD, or in a file that PGPASSFILE names), and a store of capture files, which needs to be named once: s3://BUCKET/PREFIX, or file:///DIR."))
	b.set(true, "", "objects", "s3://drittland/archive")
	b.set(true, "", "state", "/var/lib/drittland/state")
	b.note("", w.T("Language of digests and alerts that name none: de, en, fr or nl."))
	b.set(false, "", "locale", "en")
	b.note("", w.T("The zone in which schedules are meant and times are shown, by its name in the IANA database."))
	b.set(false, "", "time_zone", "Europe/Berlin")
	b.note("", w.T("Where people reach 'drittland review', for links in digests. Without it there are none."))
	b.set(true, "", "review_url", "https://review.example.org")
	b.note("", w.T("Days after which a text that was not seen is an alarm, and days before a date of the law on which digests tell of it."))
	b.set(false, "", "alarm_after", "7")
	b.set(false, "", "law_ahead", "60")
	b.note("", w.T("Address of this machine on which 'drittland watch' says how it is doing (health, metrics)."))
	b.set(true, "", "listen", "127.0.0.1:9464")
	t.exampleCapture(b)
	t.exampleMail(b)
	t.exampleLLM(b)
	t.exampleLists(b)
	return b.String()
}

func (t *tool) exampleCapture(b *exampleWriter) {
	w := t.words
	b.WriteString("\ncapture:\n")
	b.note("  ", w.T("When is looked for what is due: hourly, daily (07:00), weekly (Monday 07:00), or the five fields of cron in quotes: minute, hour, day of the month, month, day of the week. Only what is due by its own declaration is captured. In the night in which clocks are set forth nothing is left out, in the one in which they are set back nothing is done twice."))
	b.set(false, "capture", "schedule", "hourly")
	b.note("  ", w.T("A run begins up to this much later, so that not all the world asks at the full hour."))
	b.set(false, "capture", "jitter", "10m")
	b.note("  ", w.T("How many sources are captured at a time, after what time or number of requests no further one is begun, and whether with a browser: auto, always or never."))
	b.set(false, "capture", "jobs", "4")
	b.set(true, "capture", "budget", "20m")
	b.set(true, "capture", "render", "auto")
}

func (t *tool) exampleMail(b *exampleWriter) {
	w := t.words
	b.WriteString("\nmail:\n")
	b.set(false, "mail", "host", "smtp.example.org")
	b.note("  ", w.T("starttls (port 587), tls from the first byte (port 465), or none, for a server on this machine only."))
	b.set(false, "mail", "tls", "starttls")
	b.set(true, "mail", "port", "587")
	b.note("  ", w.F("The password is in %s or in a file that others cannot read, never here.", config.PasswordEnv))
	b.set(true, "mail", "user", "watch@example.org")
	b.set(true, "mail", "password_file", "smtp-password")
	b.set(false, "mail", "from", `"drittland <watch@example.org>"`)
	b.set(true, "mail", "reply_to", "dpo@example.org")
	b.note("  ", w.T("Certificates (PEM) of an authority of your own, beside those that the system knows."))
	b.set(true, "mail", "ca", "roots.pem")
}

func (t *tool) exampleLLM(b *exampleWriter) {
	w := t.words
	b.WriteString("\nllm:\n")
	b.note("  ", w.T("The second reader: an OpenAI-compatible interface that is asked where --llm is given and where read below has workers ask it, and never else. Passages of policies and findings are sent to it. Without url, OPENAI_BASE_URL names it."))
	b.set(true, "llm", "url", "http://localhost:11434/v1")
	b.set(true, "llm", "model", "NAME")
	b.note("  ", w.F("The key is in %s, in the variable that is named here, or in a file that others cannot read, never here. Local servers need none.", config.KeyEnv))
	b.set(true, "llm", "key_env", "MODELS_KEY")
	b.set(true, "llm", "key_file", "models-key")
	b.note("  ", w.T("http without TLS is for addresses of this machine: loopback; anywhere allows it for others, who can be listened to."))
	b.set(true, "llm", "http", "loopback")
	b.note("  ", w.T("Which new versions workers have it read by themselves: changes (whose text the service changed, other than in form), alerts (that an alert would tell of) or all. Without it they ask nothing."))
	b.set(true, "llm", "read", "changes")
	b.note("  ", w.T("What a million tokens cost, of questions and of answers, and what one run, or all workers together on a day (UTC), may take: tokens, or money where there is a price. What was answered until then is kept."))
	b.set(true, "llm", "price", "0.15/0.60 EUR")
	b.set(true, "llm", "budget", "2EUR")
	b.note("  ", w.T("Questions at a time, of all workers together, and the longest time for one answer."))
	b.set(true, "llm", "parallel", "4")
	b.set(true, "llm", "timeout", "2m")
}

func (t *tool) exampleLists(b *exampleWriter) {
	w := t.words
	b.WriteString("\n")
	b.note("", w.T("Who gets which digest. Only name and to are needed. A list that was renamed begins anew."))
	b.WriteString(`lists:
  - name: legal
    to: [ana@example.org, bo@example.org]
    schedule: weekly
`)
	for _, x := range []struct{ set, why string }{
		{"services: [Clipzy]", w.T("these alone")},
		{"terms: [Privacy Policy]", w.T("these alone")},
		{"languages: [en, de]", w.T("of the texts")},
		{"levels: [error, warning]", w.T("of the findings")},
		{"locale: de", w.T("of the digest")},
		{"quiet: skip", w.T("no mail where there is nothing to tell; send says so in two lines")},
		{"unsubscribe: dpo@example.org", w.T("whom to write to, or a page, to get it no longer")},
	} {
		fmt.Fprintf(b, "    #%-35s # %s\n", x.set, x.why)
	}
	b.WriteString("\n")
	b.note("", w.T("Who is told at once of what: by mail, by a webhook (signed, so it needs a secret), or in a chat, the address of which is a secret, too. Secrets are in the variables or files that are named here."))
	b.WriteString(`#alerts:
#  - name: transfers
#    levels: [error]
#    checks: [T05, T29]
#    countries: [CN, IN]
#    services: [Clipzy]
#    locale: en
#    to: [dpo@example.org]
#    webhook: https://hooks.example.org/drittland
#    secret_env: HOOK_SECRET
#    chat_file: chat-address
`)
}
