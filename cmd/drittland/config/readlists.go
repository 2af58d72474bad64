package config

// This file reads who gets what: lists of digests, and alerts.

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxLists   = 100 // and as many alerts
	maxPeople  = 200 // of one of them
	maxNarrows = 500 // services and the like
)

type fields = map[string]func(*yaml.Node)

// each goes through a list of maps.
func (r *settingsReader) each(n *yaml.Node, what string, one func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "%s: expected a list: each entry begins with a dash", what)
		return
	}
	r.list(n, maxLists, one)
}

func (r *settingsReader) readList(n *yaml.Node) {
	l := List{Schedule: "weekly", Quiet: QuietSend}
	r.fields(n, "a list", fields{
		"name":        func(n *yaml.Node) { l.Name = r.name(n) },
		"to":          r.people(&l.To),
		"services":    r.values(&l.Services, "services", line),
		"terms":       r.values(&l.Terms, "terms", line),
		"languages":   r.values(&l.Languages, "languages", parseLanguage),
		"levels":      r.values(&l.Levels, "levels", same(checkLevel)),
		"locale":      r.value(&l.Locale, "locale", checkLocale),
		"schedule":    r.value(&l.Schedule, "schedule", checkDigestSchedule),
		"quiet":       r.value(&l.Quiet, "quiet", checkQuiet),
		"unsubscribe": r.value(&l.Unsubscribe, "unsubscribe", checkUnsubscribe),
	})
	if slices.ContainsFunc(r.s.Lists, func(o List) bool { return strings.EqualFold(o.Name, l.Name) }) && l.Name != "" {
		r.wrong(n, "there are two lists called %q: what was sent is remembered by name", l.Name)
	}
	if l.Name == "" {
		r.wrong(n, "a list without name")
	}
	if len(l.To) == 0 {
		r.wrong(n, "a list without to: say who gets it")
	}
	r.s.Lists = append(r.s.Lists, l)
}

func (r *settingsReader) readAlert(n *yaml.Node) {
	var a Alert
	f := fields{
		"name":        func(n *yaml.Node) { a.Name = r.name(n) },
		"levels":      r.values(&a.Levels, "levels", same(checkLevel)),
		"checks":      r.values(&a.Checks, "checks", parseCheck),
		"countries":   r.values(&a.Countries, "countries", parseCountry),
		"services":    r.values(&a.Services, "services", line),
		"locale":      r.value(&a.Locale, "locale", checkLocale),
		"to":          r.people(&a.To),
		"webhook":     func(n *yaml.Node) { a.Webhook = r.webhook(n) },
		"secret_env":  r.variable(&a.SecretEnv, "secret_env"),
		"secret_file": r.fileName(&a.SecretFile, "secret_file"),
		"chat_env":    r.variable(&a.ChatEnv, "chat_env"),
		"chat_file":   r.fileName(&a.ChatFile, "chat_file"),
	}
	for key, pair := range map[string]string{"secret": "secret", "password": "secret", "token": "secret", "chat": "chat", "chat_url": "chat"} {
		f[key] = func(n *yaml.Node) {
			r.wrongSecret(n, fmt.Sprintf("%s: no secret stands in this file: name the variable with it in %s_env, or a file in %s_file", key, pair, pair))
		}
	}
	r.fields(n, "an alert", f)
	r.checkAlert(n, &a)
	r.s.Alerts = append(r.s.Alerts, a)
}

// checkAlert refuses an alert of which parts are missing, or too many.
func (r *settingsReader) checkAlert(n *yaml.Node, a *Alert) {
	secrets, chats := 0, 0
	for s, count := range map[string]*int{"e" + a.SecretEnv: &secrets, "f" + a.SecretFile: &secrets, "E" + a.ChatEnv: &chats, "F" + a.ChatFile: &chats} {
		if len(s) > 1 {
			*count++
		}
	}
	switch {
	case a.Name == "":
		r.wrong(n, "an alert without name")
	case slices.ContainsFunc(r.s.Alerts, func(o Alert) bool { return strings.EqualFold(o.Name, a.Name) }):
		r.wrong(n, "there are two alerts called %q: what was sent is remembered by name", a.Name)
	case secrets > 1:
		r.wrong(n, "secret_env and secret_file exclude each other")
	case chats > 1:
		r.wrong(n, "chat_env and chat_file exclude each other")
	case a.Webhook != "" && secrets == 0:
		r.wrong(n, "a webhook without a secret: what it gets is signed; name the variable with the secret in secret_env, or a file in secret_file")
	case a.Webhook == "" && secrets > 0:
		r.wrong(n, "a secret without a webhook")
	case len(a.To) == 0 && a.Webhook == "" && chats == 0 && !r.names(n, "to", "webhook", "chat", "chat_url"):
		r.wrong(n, "an alert without to, webhook or chat_env: say who is told")
	}
}

// names reports whether a map has one of some keys, whatever their values are.
func (r *settingsReader) names(n *yaml.Node, keys ...string) bool {
	return n.Kind == yaml.MappingNode && slices.ContainsFunc(n.Content, func(k *yaml.Node) bool { return slices.Contains(keys, k.Value) })
}

func (r *settingsReader) name(n *yaml.Node) string {
	var v string
	r.value(&v, "name", checkName)(n)
	return v
}

// value reads a single value into to.
func (r *settingsReader) value(to *string, what string, check func(string) error) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if *to = r.text(n); *to == "" {
			return
		}
		if err := check(*to); err != nil {
			r.wrong(n, "%s: %v", what, err)
		}
	}
}

// values reads a list of values, or a single one.
func (r *settingsReader) values(to *[]string, what string, parse func(string) (string, error)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = nil
		r.list(n, maxNarrows, func(n *yaml.Node) {
			raw := r.text(n)
			if raw == "" {
				return
			}
			v, err := parse(raw)
			switch {
			case err != nil:
				r.wrong(n, "%s: %v", what, err)
			case slices.ContainsFunc(*to, func(o string) bool { return strings.EqualFold(o, v) }):
				r.wrong(n, "%s: %q stands here twice", what, v)
			default:
				*to = append(*to, v)
			}
		})
	}
}

// people reads mail addresses, without names.
func (r *settingsReader) people(to *[]string) func(*yaml.Node) {
	read := r.values(to, "to", parseRecipient)
	return func(n *yaml.Node) {
		if n.Kind == yaml.SequenceNode && len(n.Content) > maxPeople {
			r.wrong(n, "to: %d addresses; at most %d", len(n.Content), maxPeople)
			return
		}
		read(n)
	}
}

func (r *settingsReader) webhook(n *yaml.Node) string {
	v := r.text(n)
	if v == "" {
		return ""
	}
	if _, err := webAddress(v, false); err != nil {
		r.wrongSecret(n, fmt.Sprintf("webhook: %v", err))
	}
	return v
}

// variable reads the name of a variable. People write the secret itself there, so it is not shown.
func (r *settingsReader) variable(to *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if *to = r.text(n); *to != "" && !envName.MatchString(*to) {
			r.wrongSecret(n, what+": expected the name of a variable of the environment in capitals, such as HOOK_SECRET, and not what it holds")
		}
	}
}

func (r *settingsReader) fileName(to *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v := r.text(n)
		if err := checkPath(v); err != nil {
			r.wrong(n, "%s: %v", what, err)
		}
		*to = r.beside(v)
	}
}

// line is text on a line, as it stands.
func line(v string) (string, error) { return v, checkLine(v) }

// same gives a value as it is, if check has nothing against it.
func same(check func(string) error) func(string) (string, error) {
	return func(v string) (string, error) { return v, check(v) }
}
