package main

// The command config check: what follows from the settings in plain words, and what may stand in the way.

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
)

// A settingsTeller says what follows from settings.
type settingsTeller struct {
	*tool
	c *cli.Context
	s *settled
}

func (t *tool) configCheck(c *cli.Context) error {
	if c.NArg() > 1 {
		return usage(errors.New("takes one file at most"), commandName(c))
	}
	file := c.Args().First()
	if file == "" {
		file = c.String("config")
	}
	s, err := t.settle(c, file)
	if err != nil {
		return err
	}
	x := &settingsTeller{t, c, s}
	if s.file == "" {
		x.line(t.words.F("There is no file %s; what follows are the defaults, and what the environment says.", s.sought))
	} else {
		x.line(t.words.F("%s has no mistakes.", s.file))
	}
	x.general()
	for i := range s.Lists {
		x.list(&s.Lists[i])
	}
	for i := range s.Alerts {
		x.alert(&s.Alerts[i])
	}
	for _, w := range x.warnings() {
		x.line(t.words.T("warning") + ": " + w)
	}
	return nil
}

func (x *settingsTeller) line(s string) { fmt.Fprintln(x.env.Stdout, report.Line(s)) }

// general tells what holds for all.
func (x *settingsTeller) general() {
	w, s := x.words, x.s
	x.line(w.F("archive: %s; state: %s", archiveName(s.Archive), s.State))
	jitter := ""
	if s.Capture.Jitter > 0 {
		jitter = ", " + w.F("up to %s later", config.ShortTime(s.Capture.Jitter))
	}
	x.line(w.F("capture: %s%s", x.when(s.Capture.Schedule), jitter))
	if s.Mail.Host != "" {
		security := map[string]string{config.TLSFirst: "TLS", config.TLSStart: "STARTTLS", config.TLSNone: w.T("not encrypted")}[s.Mail.TLS]
		user := w.T("without a password")
		if s.Mail.User != "" {
			user = w.F("as %s", s.Mail.User)
		}
		x.line(w.F("mail: by %s (%s), %s, from %s", s.Mail.Address(), security, user, s.Mail.From))
	}
	if s.LLM.Model != "" || s.LLM.URL != "" {
		x.line(w.F("second reader: model %s at %s, where --llm is given; budget %s", cmp.Or(s.LLM.Model, "?"), cmp.Or(s.LLM.URL, "OPENAI_BASE_URL"), cmp.Or(s.LLM.Budget, w.F("%s tokens", w.Number(usualTokens)))))
		x.readByItself()
	}
	if s.Listen != "" {
		x.line(w.F("health and metrics: on %s", s.Listen))
	}
}

// readByItself says which new versions workers have the second reader read.
func (x *settingsTeller) readByItself() {
	w := x.words
	which := map[string]string{config.ReadChanges: w.T("whose text the service changed"), config.ReadAlerts: w.T("that an alert would tell of"), config.ReadAll: w.T("all")}[x.s.LLM.Read]
	if which != "" {
		x.line(w.F("workers ask it about new versions by themselves: %s; the budget is that of a day of all of them", which))
	}
}

// weekdays are the days as time.Weekday counts them.
var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// when says when a schedule comes, and when next.
func (x *settingsTeller) when(expr string) string {
	s, err := config.ParseSchedule(expr, x.s.Zone())
	if err != nil { // was checked
		return expr
	}
	w := x.words
	every, day, hour, minute := s.Plain()
	at := fmt.Sprintf("%02d:%02d %s", hour, minute, x.s.TimeZone)
	var words string
	switch every {
	case config.Hourly:
		words = w.F("hourly at minute %d", minute)
	case config.Daily:
		words = w.F("daily at %s", at)
	case config.Weekly:
		words = w.F("weekly on %s %s", w.T(weekdays[day]), at)
	default:
		words = w.F("by cron \"%s\" %s", expr, x.s.TimeZone)
	}
	return w.F("%s, next %s", words, s.Next(x.env.Now()).Format("2006-01-02 15:04 UTC"))
}

// narrowed says of which services and the like; all is what "" stands for.
func narrowed(all string, list []string) string {
	if len(list) == 0 {
		return all
	}
	const most = 5
	if len(list) > most {
		return strings.Join(list[:most], ", ") + " …"
	}
	return strings.Join(list, ", ")
}

func (x *settingsTeller) list(l *config.List) {
	w := x.words
	parts := []string{w.N("%s person", "%s people", len(l.To)), x.when(l.Schedule), narrowed(w.T("all services"), l.Services),
		narrowed("error, warning", l.Levels), cmp.Or(l.Locale, x.s.Locale)}
	if l.Quiet == config.QuietSkip {
		parts = append(parts, w.T("nothing where there is nothing to tell"))
	}
	x.line(w.F("list %s: %s", l.Name, strings.Join(parts, "; ")))
}

func (x *settingsTeller) alert(a *config.Alert) {
	w := x.words
	var to []string
	if len(a.To) > 0 {
		to = append(to, w.N("mail to %s person", "mail to %s people", len(a.To)))
	}
	if a.Webhook != "" {
		to = append(to, w.F("webhook %s", hookHost(a.Webhook)))
	}
	if a.ChatEnv+a.ChatFile != "" {
		to = append(to, w.T("chat"))
	}
	x.line(w.F("alert %s: %s", a.Name, strings.Join([]string{strings.Join(to, ", "), narrowed(w.T("all services"), a.Services), narrowed("error", a.Levels),
		narrowed(w.T("all checks"), a.Checks), narrowed(w.T("all countries"), a.Countries)}, "; ")))
}

// warnings are what may stand in the way.
func (x *settingsTeller) warnings() (out []string) {
	w, s := x.words, x.s
	out = append(out, x.exposure()...)
	for _, n := range secretsOf(s.Settings) {
		if _, err := x.secret(n.env, n.file); err != nil {
			out = append(out, n.what+": "+err.Error())
		}
	}
	if _, err := x.llmKey(&s.LLM); err != nil {
		out = append(out, "llm: "+err.Error())
	}
	if u := s.LLM.URL; s.LLM.HTTP == config.HTTPAnywhere && (&config.LLM{HTTP: config.HTTPLoopback}).Clear(u) != nil {
		out = append(out, w.F("passages and the key of the second reader are sent in the clear to %s", u))
	}
	if s.Mail.CA != "" {
		if _, err := os.Stat(s.Mail.CA); err != nil {
			out = append(out, w.F("the file of mail.ca cannot be read: %s", err))
		}
	}
	people := len(s.Lists)
	for _, a := range s.Alerts {
		people += len(a.To)
	}
	if people > 0 && s.Mail.Host == "" {
		out = append(out, w.T("somebody is to get mail, but no server is named: mail.host, or DRITTLAND_SMTP_HOST"))
	}
	switch {
	case s.Mail.Port == 465 && s.Mail.TLS == config.TLSStart:
		out = append(out, w.T("servers on port 465 expect tls, and not starttls"))
	case (s.Mail.Port == 587 || s.Mail.Port == 25) && s.Mail.TLS == config.TLSFirst:
		out = append(out, w.F("servers on port %d expect starttls, and not tls", s.Mail.Port))
	}
	return append(out, x.untracked()...)
}

// exposure warns of a file that others may read or change: addresses of people stand in it, and it says where secrets are and where
// everything is sent.
func (x *settingsTeller) exposure() []string {
	if x.s.file == "" || runtime.GOOS == "windows" {
		return nil
	}
	info, err := os.Stat(x.s.file)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	mode := info.Mode().Perm()
	switch {
	case mode&0o022 != 0:
		return []string{x.words.F("%s may be changed by others, who could have everything sent elsewhere (mode %s): chmod 600", x.s.file, fmt.Sprintf("%04o", mode))}
	case mode&0o004 != 0 && len(x.s.Lists)+len(x.s.Alerts) > 0:
		return []string{x.words.F("%s may be read by everybody on this machine, and addresses of people stand in it (mode %s): chmod 600", x.s.file, fmt.Sprintf("%04o", mode))}
	}
	return nil
}

// untracked names the services that lists and alerts are about and that nobody tracks, if there is an archive to tell.
func (x *settingsTeller) untracked() (out []string) {
	known, names := map[string]bool{}, []string{}
	st := x.storeOf(x.c, x.s.Settings)
	if st.dir == "" || st.missing() {
		return nil
	}
	err := st.look(func(a *archive.Archive) error {
		list, err := a.Declarations()
		for _, d := range list {
			if d.Removed.IsZero() && !known[strings.ToLower(d.Service)] {
				known[strings.ToLower(d.Service)], names = true, append(names, d.Service)
			}
		}
		return err
	})
	if err != nil {
		return []string{x.words.F("the archive cannot be read: %s", err)}
	}
	tell := func(what string, services []string) {
		for _, s := range services {
			if !known[strings.ToLower(s)] {
				out = append(out, x.words.F("%s: %s is not tracked%s", what, s, config.DidYouMean(s, names)))
			}
		}
	}
	for _, l := range x.s.Lists {
		tell(l.Name, l.Services)
	}
	for _, a := range x.s.Alerts {
		tell(a.Name, a.Services)
	}
	return out
}
