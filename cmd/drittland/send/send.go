// Package send delivers digests and alerts: mail by SMTP, webhooks, chats, and the outbox that keeps each of them from before it is
// sent until it is, so that none is lost and none is sent twice.
//
// A message is written into the outbox by Put, before anything is sent, and named by its key for all time. Deliver sends what is due.
// It records that a message is being sent before a byte of it leaves, and that it was sent once the server took it. In between lies the
// one window that cannot be closed: if the program dies, or the connection does, after the server took the message and before its answer
// was recorded, nobody here knows whether it arrived. RFC 5321, sections 4.5.3.2.6 and 6.1, asks senders to try again then, and so does
// Deliver: a message may arrive twice rather than never. Both have the same Message-ID (of a webhook, the same id), so that receivers tell.
//
// What refuses one message (no such recipient) is told apart from what keeps all of them (wrong password, no such server). The first is
// tried again ever later or given up; the second is nobody's fault but the server's: all its messages wait, however long it takes.
package send

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// The kinds of messages.
const (
	Mail    = "mail"
	Webhook = "webhook"
	Chat    = "chat"
)

// A Message is one thing to deliver to one place.
type Message struct {
	Key         string    `json:"key"`  // names it for all time: "digest/legal/2026-W47/ana@example.org"; a second one of the same key is refused
	Kind        string    `json:"kind"` // Mail, Webhook or Chat
	Made        time.Time `json:"made"`
	Subject     string    `json:"subject,omitempty"`
	To          string    `json:"to"` // address; of a webhook or chat the name of the alert, since the address may be a secret
	Text        string    `json:"text,omitempty"`
	HTML        string    `json:"html,omitempty"`        // of a mail, beside Text
	JSON        []byte    `json:"json,omitempty"`        // of a webhook: what stands in its "data"
	List        string    `json:"list,omitempty"`        // for List-Id and List-Unsubscribe
	Unsubscribe string    `json:"unsubscribe,omitempty"` // address, mailto: or https: URL; "" for the address of the sender, if there is a list
	Language    string    `json:"language,omitempty"`
}

// The states of a message in the outbox.
const (
	Waiting   = "waiting"   // not sent yet, or to be tried again
	Sending   = "sending"   // being sent; found after a crash: nobody knows whether it arrived
	Sent      = "sent"      // the server took it
	Abandoned = "abandoned" // refused for good, given up, or dropped by hand
)

// An Entry is a message in the outbox.
type Entry struct {
	Message
	State   string    `json:"state"`
	Tries   int       `json:"tries"`
	First   time.Time `json:"first,omitzero"` // when it was refused or got no answer first
	Last    time.Time `json:"last,omitzero"`  // when it was tried last
	Next    time.Time `json:"next,omitzero"`  // before which it is not tried again
	Trouble string    `json:"trouble,omitempty"`
	SentAt  time.Time `json:"sent_at,omitzero"`
	ID      string    `json:"message_id,omitempty"` // Message-ID without brackets, or id of a webhook; made of the key, the same each time it is tried
}

// Options say how messages are delivered. Package send reads neither the environment nor files of secrets: the functions do.
type Options struct {
	Mail     config.Mail
	Password func() (string, error)                             // of Mail.User; called for each connection
	Webhook  func(alert string) (url, secret string, err error) // where the webhook of an alert is, and what signs it
	Chat     func(alert string) (url string, err error)         // shoutrrr URL of the chat of an alert

	Roots    *x509.CertPool // that certificates are checked against, with those of Mail.CA; nil for those of the system
	Timeout  time.Duration  // for a connection and for each answer; 0 for a minute
	Patience time.Duration  // for the answer to a whole mail; 0 for ten minutes, as RFC 5321 says

	Random func() float64 // in [0,1), for the jitter; nil for that of math/rand
	// Wanted says, right before a message is sent, whether it still is to be; one that is not leaves the outbox without a trace. nil for all.
	Wanted func(ctx context.Context, m *Message) (bool, error)
	Disk   Disk // where the files of the outbox are; nil for the file system
}

// A Delivery is what one call of Deliver did.
type Delivery struct {
	Sent      []Entry
	Later     []Entry // tried in vain; to be tried again
	Abandoned []Entry
	Troubles  []Trouble // what keeps all messages of a place
	Damaged   []string  // files that were set aside
	Waiting   int       // messages that are still to be sent, those of Later among them
	Next      time.Time // when the next of them is due; zero if none waits
}

// A Trouble is what keeps all messages of one place waiting.
type Trouble struct {
	Place string    `json:"place"` // "mail", or the name of an alert behind "webhook " or "chat "
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
	New   bool      `json:"-"` // not told before, by this process or an earlier one
}

var (
	// ErrBusy says that another process delivers, or changes the outbox, right now.
	ErrBusy = errors.New("another drittland is at work on the outbox")
	// ErrUnknown says that no message has that key.
	ErrUnknown = errors.New("there is no such message in the outbox")
	// ErrDamaged says that the file of a message was damaged, so that nobody knows whether it was sent.
	ErrDamaged = errors.New("its file in the outbox is damaged, so that nobody knows whether it was sent")
	// ErrSent says that a message was sent already.
	ErrSent = errors.New("it was sent already")
)
