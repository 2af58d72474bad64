package main

// Digests as mail: into the outbox, and out of it.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/send"
)

const maxAddresses = 500 // of one command

// A digestPost is to whom a digest goes, and how.
type digestPost struct {
	*tool
	outbox  *send.Outbox
	list    config.List
	sender  string // address
	to      []string
	now     bool // deliver at once
	skipped bool // nothing is sent of a time with nothing
}

// postOf reads the flags for sending; nil if the digest is to be printed.
func (t *tool) postOf(c *cli.Context, s *config.Settings, list config.List, span timeSpan) (*digestPost, error) {
	if len(c.StringSlice("to")) == 0 && !c.Bool("send") {
		return nil, nil
	}
	p := &digestPost{tool: t, list: list, to: c.StringSlice("to"), now: c.Bool("send"), skipped: list.Quiet == config.QuietSkip}
	if len(p.to) == 0 {
		p.to = list.To
	}
	switch {
	case c.IsSet("format") || c.IsSet("output"):
		return nil, usage(errors.New("a mail has its own forms, text and HTML; leave out --format and --output"), commandName(c))
	case len(p.to) == 0:
		return nil, usage(errors.New("--send needs a list with addresses (--list NAME), or --to ADDRESS"), commandName(c))
	case len(p.to) > maxAddresses:
		return nil, usage(fmt.Errorf("%d addresses; at most %d", len(p.to), maxAddresses), commandName(c))
	case span.until.After(t.env.Now()):
		return nil, &coded{fmt.Errorf("%s is not over yet: what comes until then would never be sent", span.name), exitUsage, "leave out --to and --send to print what there is, or give --since"}
	}
	for i, a := range p.to {
		x, err := mail.ParseAddress(a)
		if err != nil {
			return nil, usage(fmt.Errorf("--to %.200q: is no mail address: %w", a, err), commandName(c))
		}
		p.to[i] = x.Address
	}
	var err error
	if p.sender, err = senderOf(s); err != nil {
		return nil, err
	}
	p.outbox, _, err = t.sharedOutbox(c.Context, s) // closed by the end of the program
	return p, err
}

// senderOf is the address that mails come from.
func senderOf(s *config.Settings) (string, error) {
	from, err := mail.ParseAddress(s.Mail.From)
	if err != nil || s.Mail.Host == "" {
		return "", &coded{errors.New("the settings name no mail server and sender"), exitUsage, "'drittland config example' shows them: mail.host and mail.from"}
	}
	return from.Address, nil
}

// post puts a mail for each address into the outbox, and delivers if that is wanted.
func (p *digestPost) post(ctx context.Context, d *digest.Digest) error {
	if d.Empty() && p.skipped {
		p.say("%s", p.words.F("%s: nothing new, and the list %s wants no mail then", d.Period, p.list.Name))
		return nil
	}
	messages, err := digestMails(d, "digest/"+listKey(p.list)+"/"+d.Period, p.list, p.sender, p.to)
	if err != nil {
		return err
	}
	for _, m := range messages {
		fresh, err := p.outbox.Put(m)
		switch {
		case err != nil:
			return err
		case fresh:
			p.say("%s", p.words.F("%s: put into the outbox", m.Key))
		default:
			p.say("%s", p.words.F("%s: was put into the outbox before; nobody gets it twice", m.Key))
		}
	}
	if !p.now {
		p.say("%s", p.words.T("'drittland digest --send', or 'drittland watch', sends; 'drittland digest outbox' shows what waits"))
		return nil
	}
	return p.deliver(ctx)
}

// deliver sends what is due in the outbox, and says what became of it.
func (p *digestPost) deliver(ctx context.Context) error {
	got, err := p.outbox.Deliver(ctx, p.env.Now())
	if err != nil {
		return err
	}
	for _, e := range got.Sent {
		p.say("%s", p.words.F("%s: sent", e.Key))
	}
	for _, e := range got.Later {
		p.say("%s", p.words.F("%s: not sent, tried again after %s: %s", e.Key, e.Next.UTC().Format(time.RFC3339), p.words.Tell(e.Trouble)))
	}
	for _, e := range got.Abandoned {
		p.say("%s", p.words.F("%s: given up: %s", e.Key, p.words.Tell(e.Trouble)))
	}
	for _, x := range got.Troubles {
		p.say("%s: %s", x.Place, p.words.Tell(x.Why))
	}
	if n := got.Waiting + len(got.Abandoned); n > 0 {
		return &coded{fmt.Errorf("%d could not be sent", n), exitFailed, "nothing is lost: 'drittland digest outbox' shows what waits and why"}
	}
	return nil
}

// digestMails are the mails of a digest, one for each address. Their keys begin with key.
func digestMails(d *digest.Digest, key string, list config.List, sender string, to []string) ([]send.Message, error) {
	var out []send.Message
	for _, a := range to {
		reader := digest.Reader{Address: a, Unsubscribe: list.Unsubscribe}
		if reader.Unsubscribe == "" {
			reader.Unsubscribe = sender
		}
		var text, html bytes.Buffer
		if err := errors.Join(digest.Text(&text, d, reader), digest.HTML(&html, d, reader)); err != nil {
			return nil, err
		}
		out = append(out, send.Message{Key: key + "/" + strings.ToLower(a), Kind: send.Mail, Made: d.Made, Subject: d.Subject(), To: a,
			Text: text.String(), HTML: html.String(), List: list.Name, Unsubscribe: list.Unsubscribe, Language: d.Language})
	}
	return out, nil
}

// listKey names what a digest tells: the list, or a hash of the wish of somebody who named none.
func listKey(list config.List) string {
	if list.Name != "" {
		return list.Name
	}
	b, _ := json.Marshal([]any{list.Services, list.Terms, list.Languages, list.Levels, list.Locale}) // lists of words
	sum := sha256.Sum256(b)
	return "by-hand-" + hex.EncodeToString(sum[:4])
}
