package send

// Composing a mail: text and HTML side by side, and headers that say what it is.

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

const width = 78 // runes of a line of text, as RFC 5322 asks

// compose makes the mail of an entry. It is the same each time.
func (b *Outbox) compose(e *Entry) (*gomail.Msg, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithBoundary("drittland-"+hashOf(e.Key)))
	err := errors.Join(addressed(msg.FromMailAddress, b.o.Mail.From), addressed(func(a *mail.Address) { msg.ToMailAddress(a) }, e.To))
	if b.o.Mail.ReplyTo != "" {
		err = errors.Join(err, addressed(func(a *mail.Address) { msg.ReplyToMailAddress(a) }, b.o.Mail.ReplyTo))
	}
	if err != nil {
		return nil, err
	}
	msg.Subject(e.Subject)
	msg.SetMessageIDWithValue(e.ID)
	msg.SetDateWithValue(e.Made)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody answers to it by a machine
	if e.Language != "" {
		msg.SetGenHeader("Content-Language", e.Language)
	}
	if e.List != "" {
		msg.SetGenHeaderPreformatted("List-Id", "<"+listID(e.List)+"."+b.domain()+">") // RFC 2919
	}
	if e.List != "" || e.Unsubscribe != "" {
		where, err := e.unsubscribe(b.o.Mail.From)
		if err != nil {
			return nil, err
		}
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+where+">") // RFC 2369
		if strings.HasPrefix(where, "https:") {
			msg.SetGenHeaderPreformatted("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, wrap(e.Text))
	if e.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, e.HTML)
	}
	return msg, nil
}

// addressed hands over an address, if it is one.
func addressed(set func(*mail.Address), s string) error {
	if strings.ContainsAny(s, "\r\n\x00") {
		return errors.New("an address has a line end")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return fmt.Errorf("%q is no mail address: %w", s, err)
	}
	set(a)
	return nil
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// listID is the name of a list as List-Id takes it.
func listID(name string) string {
	if id := strings.Trim(notInID.ReplaceAllString(name, "."), "."); id != "" {
		return id
	}
	return "list"
}

// unsubscribe is the URL at which a list is left: that of the message, or a mail to the sender.
func (m *Message) unsubscribe(sender string) (string, error) {
	s := m.Unsubscribe
	if s == "" && sender == "" {
		return "", nil
	}
	if s == "" {
		s = sender
	}
	if strings.ContainsAny(s, "<>\"\\ \t") && !strings.Contains(s, "@") {
		return "", fmt.Errorf("%q is neither an address nor an https URL", s)
	}
	if a, err := mail.ParseAddress(s); err == nil {
		return "mailto:" + url.PathEscape(a.Address) + "?subject=unsubscribe%20" + url.PathEscape(m.List), nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "mailto" || u.Scheme == "https" && u.Host == "" || u.User != nil || strings.ContainsAny(u.String(), "<> \t,") {
		return "", fmt.Errorf("%q is neither an address nor an https URL", s)
	}
	return u.String(), nil
}

// wrap breaks long lines of text between words. The next line begins as the one before, with its spaces and signs of quoting; words that
// are longer, such as links, stay whole.
func wrap(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if line == "-- " { // what mail programs know a foot by
			continue
		}
		lines[i] = wrapLine(strings.TrimRight(line, " "))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\r\n")
}

func wrapLine(line string) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	body := strings.TrimLeft(line, " >")
	lead := line[:len(line)-len(body)]
	if utf8.RuneCountInString(lead) > width/2 {
		lead = ""
	}
	var out strings.Builder
	out.WriteString(lead)
	at := utf8.RuneCountInString(lead)
	begun := false
	for word := range strings.SplitSeq(body, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case begun && at+1+n > width:
			out.WriteString("\n" + lead)
			at = utf8.RuneCountInString(lead)
		case begun:
			out.WriteByte(' ')
			at++
		}
		out.WriteString(word)
		at += n
		begun = true
	}
	return out.String()
}
