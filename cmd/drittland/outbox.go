package main

// The outbox of digests and alerts: how it is opened, and the command that shows what waits in it.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots/archive"
)

// outboxSchema names the form of the list as JSON.
const outboxSchema = "drittland/outbox/1"

// outbox opens the outbox that the settings name. Secrets are read when they are needed.
func (t *tool) outbox(s *config.Settings) (*send.Outbox, error) {
	if s.State == "" {
		return nil, &coded{errors.New("no place is known for the outbox"), exitUsage, "set HOME, or name a directory as 'state' in the settings"}
	}
	return t.outboxOn(s, filepath.Join(s.State, "outbox"), nil), nil
}

// sharedOutbox is the outbox of the workers of an archive on a server, where there are any, and else the one that the settings name. done closes it.
func (t *tool) sharedOutbox(ctx context.Context, s *config.Settings) (box *send.Outbox, done func(), err error) {
	if archive.OnServer(s.Archive) {
		q, err := work.Open(ctx, s.Archive, 4)
		if err == nil {
			if err = q.There(ctx); err == nil {
				return t.outboxOn(s, sharedBox, q), func() { _ = q.Close() }, nil
			}
			_ = q.Close() // nothing was asked for but whether there is one
		}
		if !errors.Is(err, work.ErrNone) {
			return nil, nil, err
		}
	}
	box, err = t.outbox(s)
	return box, func() {}, err
}

// sharedBox is the folder of the outbox among the files that workers share.
const sharedBox = "outbox"

// outboxOn is the outbox in a folder, among the files that workers share if there is a queue.
func (t *tool) outboxOn(s *config.Settings, dir string, q *work.Queue) *send.Outbox {
	var disk send.Disk // the file system
	var wanted func(context.Context, *send.Message) (bool, error)
	if q != nil {
		disk, wanted = q.Files(), wantedBy(q)
	}
	named := func(name string) (config.Alert, error) {
		i := slices.IndexFunc(s.Alerts, func(a config.Alert) bool { return a.Name == name })
		if i < 0 {
			return config.Alert{}, fmt.Errorf("the settings have no alert %q any more", name)
		}
		return s.Alerts[i], nil
	}
	return send.New(dir, send.Options{
		Disk:     disk,
		Wanted:   wanted,
		Mail:     s.Mail,
		Password: func() (string, error) { return t.secret("DRITTLAND_SMTP_PASSWORD", s.Mail.PasswordFile) },
		Webhook: func(name string) (string, string, error) {
			a, err := named(name)
			if err != nil {
				return "", "", err
			}
			secret, err := t.secret(a.SecretEnv, a.SecretFile)
			return a.Webhook, secret, err
		},
		Chat: func(name string) (string, error) {
			a, err := named(name)
			if err != nil {
				return "", err
			}
			return t.secret(a.ChatEnv, a.ChatFile)
		},
	})
}

func (t *tool) outboxCommand() *cli.Command {
	format := func() []cli.Flag {
		return []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}
	}
	return &cli.Command{
		Name:  "outbox",
		Usage: "digests and alerts that wait to be sent, and what keeps them",
		Description: `Each digest and alert is written into the outbox before it is sent, and stays there
with its state:

   waiting     not sent yet, or refused for now and tried again at the time shown
   sending     being sent; if the program ended meanwhile, it is sent once more
   sent        the server took it
   abandoned   refused for good, in vain for five days, or dropped by hand

What is refused for now is tried again after 5 minutes, then ever later, up to 6 hours.
While a server cannot be reached or refuses the password, its messages wait, however
long it takes. KEY names a message for all time, so that none is sent twice: what was
sent is known even when its words and its recipient are long forgotten (30 and 400 days).

   drittland digest outbox
   drittland digest outbox list --all --format json
   drittland digest outbox show digest/legal/2026-W47/ana@example.org
   drittland digest outbox retry digest/legal/2026-W47/ana@example.org`,
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list what waits or was abandoned", ArgsUsage: " ", OnUsageError: usageError, Action: t.outboxList,
				Flags: append(format(), &cli.BoolFlag{Name: "all", Usage: "list what was sent as well"})},
			{Name: "show", Usage: "print a message as text", ArgsUsage: "KEY", OnUsageError: usageError, Action: t.outboxShow, Flags: format()},
			{Name: "retry", Usage: "have messages tried the next time, abandoned ones, too", ArgsUsage: "KEY ...", OnUsageError: usageError,
				Action: func(c *cli.Context) error {
					return t.outboxChange(c, (*send.Outbox).Retry, t.words.T("tried the next time that something is sent"))
				}},
			{Name: "drop", Usage: "give messages up, so that they are never sent", ArgsUsage: "KEY ...", OnUsageError: usageError,
				Action: func(c *cli.Context) error { return t.outboxChange(c, (*send.Outbox).Drop, t.words.T("dropped")) }},
		},
		Flags:        append(format(), &cli.BoolFlag{Name: "all", Usage: "list what was sent as well"}),
		OnUsageError: usageError,
		Action:       t.outboxList,
	}
}

// A posted message is one of the outbox as it is listed, without its words.
type posted struct {
	Key     string    `json:"key"`
	State   string    `json:"state"`
	Kind    string    `json:"kind"`
	To      string    `json:"to"`
	Subject string    `json:"subject,omitempty"`
	Made    time.Time `json:"made"`
	Tries   int       `json:"tries"`
	Last    time.Time `json:"last,omitzero"`
	Next    time.Time `json:"next,omitzero"`
	SentAt  time.Time `json:"sent_at,omitzero"`
	Trouble string    `json:"trouble,omitempty"`
	ID      string    `json:"message_id"`
}

// An outboxList is all that the command lists.
type outboxList struct {
	Schema   string         `json:"schema"`
	Messages []posted       `json:"messages"`
	Troubles []send.Trouble `json:"troubles"` // what keeps all messages of a place
	Damaged  []string       `json:"damaged"`  // files
}

func (t *tool) outboxList(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; 'drittland digest outbox show KEY' shows one message"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	s, err := t.settings(c)
	if err != nil {
		return err
	}
	b, done, err := t.sharedOutbox(c.Context, s)
	if err != nil {
		return err
	}
	defer done()
	list := outboxList{Schema: outboxSchema, Messages: []posted{}}
	entries, damaged, err := b.List()
	if err != nil {
		return err
	}
	if list.Troubles, err = b.Troubles(); err != nil {
		return err
	}
	for _, e := range entries {
		if e.State != send.Sent || c.Bool("all") {
			list.Messages = append(list.Messages, posted{e.Key, e.State, e.Kind, e.To, e.Subject, e.Made, e.Tries, e.Last, e.Next, e.SentAt, e.Trouble, e.ID})
		}
	}
	list.Damaged = append([]string{}, damaged...)
	if c.String("format") == "json" {
		list.Troubles = append([]send.Trouble{}, list.Troubles...)
		return report.JSON(t.env.Stdout, list)
	}
	return t.printOutbox(&list, s.Zone())
}

// printOutbox prints a table of messages, and below it what keeps them.
func (t *tool) printOutbox(list *outboxList, zone *time.Location) error {
	if len(list.Messages) == 0 {
		t.say("%s", t.words.T("nothing waits to be sent"))
	} else {
		w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, t.head("STATE", "TO", "MADE", "TRIES", "NEXT TRY", "KEY"))
		for _, m := range list.Messages {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", t.stateName(m.State), report.Line(m.To), m.Made.In(zone).Format(shortTime), m.Tries, minuteOr(m.Next, zone, "–"), report.Line(m.Key))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, m := range list.Messages {
		if m.Trouble != "" {
			t.say("%s: %s", m.Key, t.words.Tell(m.Trouble))
		}
	}
	for _, x := range list.Troubles {
		t.say("%s", t.words.F("%s is held up since %s: %s", x.Place, x.Since.In(zone).Format(shortTime), x.Why))
	}
	for _, f := range list.Damaged {
		t.say("%s", t.words.F("%s is damaged, and nobody knows whether it was sent; 'outbox drop KEY' lets it be made again", f))
	}
	return nil
}

const shortTime = "2006-01-02 15:04"

// minuteOr is a time to the minute, or something else for none.
func minuteOr(at time.Time, zone *time.Location, none string) string {
	if at.IsZero() {
		return none
	}
	return at.In(zone).Format(shortTime)
}

// stateName is a state of the outbox in the user's language.
func (t *tool) stateName(state string) string {
	switch state {
	case send.Waiting:
		return t.words.T("waiting")
	case send.Sending:
		return t.words.T("being sent")
	case send.Sent:
		return t.words.T("sent")
	}
	return t.words.T("abandoned")
}

func (t *tool) outboxShow(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one message by its KEY, as the list shows it"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	s, err := t.settings(c)
	if err != nil {
		return err
	}
	b, done, err := t.sharedOutbox(c.Context, s)
	if err != nil {
		return err
	}
	defer done()
	e, err := b.Get(c.Args().First())
	if err != nil {
		return outboxError(c.Args().First(), err)
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, struct {
			send.Entry
			JSON json.RawMessage `json:"json,omitempty"` // as it is, not as bytes
		}{e, e.JSON})
	}
	zone := s.Zone()
	for _, f := range [][2]string{{t.words.T("State"), t.stateName(e.State)}, {t.words.T("To"), e.To}, {t.words.T("Subject"), e.Subject},
		{t.words.T("Made"), e.Made.In(zone).Format(shortTime)}, {t.words.T("Tries"), fmt.Sprint(e.Tries)}, {t.words.T("Next try"), minuteOr(e.Next, zone, "")},
		{t.words.T("Sent"), minuteOr(e.SentAt, zone, "")}, {t.words.T("Trouble"), t.words.Tell(e.Trouble)}, {"ID", e.ID}} {
		if f[1] != "" {
			fmt.Fprintf(t.env.Stdout, "%s: %s\n", f[0], report.Line(f[1]))
		}
	}
	_, err = fmt.Fprintf(t.env.Stdout, "\n%s\n", report.Printable(cmp.Or(e.Text, string(e.JSON), t.words.T("(its words are not kept any more)"))))
	return err
}

// outboxChange does something to each message that is named.
func (t *tool) outboxChange(c *cli.Context, change func(*send.Outbox, string) error, done string) error {
	if c.NArg() == 0 {
		return usage(errors.New("name messages by their KEY, as the list shows it"), commandName(c))
	}
	s, err := t.settings(c)
	if err != nil {
		return err
	}
	b, end, err := t.sharedOutbox(c.Context, s)
	if err != nil {
		return err
	}
	defer end()
	for _, key := range c.Args().Slice() {
		if err := change(b, key); err != nil {
			return outboxError(key, err)
		}
		fmt.Fprintln(t.env.Stdout, report.Line(key)+": "+done)
	}
	return nil
}

// outboxError says of which message something could not be done.
func outboxError(key string, err error) error {
	err = fmt.Errorf("%.200q: %w", key, err)
	switch {
	case errors.Is(err, send.ErrUnknown):
		return &coded{err, exitFailed, "'drittland digest outbox list --all' lists the keys"}
	case errors.Is(err, send.ErrBusy):
		return &coded{err, exitBusy, "try again in a moment"}
	case errors.Is(err, send.ErrDamaged):
		return &coded{err, exitDamaged, "look at the file; 'drittland digest outbox drop KEY' lets the message be made again"}
	}
	return err
}
