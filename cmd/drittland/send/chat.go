package send

// Chats: plain text, through a library that knows the ways of each.

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
)

const maxChat = 1800 // runes; the least that one of the chats takes is 2,000

// notChats are services of the library that are none.
var notChats = map[string]bool{"logger": true, "smtp": true}

// A room is a chat that is ready.
type room struct {
	url     string
	timeout time.Duration
}

// openChat looks up where the chat of an alert is. Nothing is sent. Chats are often on a server of one's own network, so that its
// address, which only the operator can set, may be private.
func (b *Outbox) openChat(alert string) (carrier, error) {
	if b.o.Chat == nil {
		return nil, &hindrance{settings, "no chat is configured"}
	}
	address, err := b.o.Chat(alert)
	if err != nil {
		return nil, &hindrance{settings, err.Error()}
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || notChats[strings.ToLower(u.Scheme)] { // the error would show the address
		return nil, &hindrance{settings, "the address of the chat is none that is known, such as slack://… or matrix://…"}
	}
	return &room{address, b.o.Timeout}, nil
}

func (r *room) close() {}

// carry says one message. The library knows no context: what takes too long is left to itself. Its errors show addresses, which are
// secrets, so that nothing of them is kept but a status.
func (r *room) carry(_ context.Context, e *Entry) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- errPanicked
			}
		}()
		done <- shoutrrr.Send(r.url, plain(e))
	}()
	select {
	case err := <-done:
		if err == nil {
			return nil
		}
		return &refusal{why: "the chat did not take it" + status(err)}
	case <-time.After(r.timeout):
		return &refusal{why: fmt.Sprintf("no answer from the chat within %s", r.timeout)}
	}
}

var errPanicked = fmt.Errorf("the library broke")

var statusCode = regexp.MustCompile(`(?i)\bstatus(?: code)?:? "?([1-5][0-9]{2})\b`)

// status is that of an answer, if an error names one.
func status(err error) string {
	if m := statusCode.FindStringSubmatch(err.Error()); m != nil {
		return ": status " + m[1]
	}
	return ""
}

var calls = regexp.MustCompile(`@(everyone|here|channel|all|room|online)\b`)

// plain is what a chat shows: words that call nobody and link to nothing but themselves.
func plain(e *Entry) string {
	s := strings.TrimSpace(e.Subject + "\n\n" + e.Text)
	s = calls.ReplaceAllString(s, "@\u200b$1")
	s = strings.NewReplacer("<", "‹", ">", "›").Replace(s)
	if r := []rune(s); len(r) > maxChat {
		s = string(r[:maxChat]) + " …"
	}
	return s
}
