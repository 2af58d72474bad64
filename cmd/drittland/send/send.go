// Package send delivers digests and alerts: mail by SMTP, webhooks, chats, and the outbox that keeps each of them from before it is
// sent until it is, so that none is lost and none is sent twice.
package send

import "time"

// A Message is one thing to deliver to one place.
type Message struct {
	Key         string    `json:"key"`  // names it for all time: "digest/legal/2026-W47/ana@example.org"; a second one of the same key is refused
	Kind        string    `json:"kind"` // "mail", "webhook" or "chat"
	Made        time.Time `json:"made"`
	Subject     string    `json:"subject,omitempty"`
	To          string    `json:"to"` // address; of a webhook or chat the name of the alert, since the address may be a secret
	Text        string    `json:"text,omitempty"`
	HTML        string    `json:"html,omitempty"`
	JSON        []byte    `json:"json,omitempty"` // of a webhook
	List        string    `json:"list,omitempty"` // for List-Id and List-Unsubscribe
	Unsubscribe string    `json:"unsubscribe,omitempty"`
	Language    string    `json:"language,omitempty"`
}

// The states of a message in the outbox.
const (
	Waiting   = "waiting" // not sent yet, or to be tried again
	Sending   = "sending" // being sent; found after a crash: nobody knows whether it arrived
	Sent      = "sent"
	Abandoned = "abandoned" // refused for good, or given up
)

// An Entry is a message in the outbox.
type Entry struct {
	Message
	State   string    `json:"state"`
	Tries   int       `json:"tries"`
	Last    time.Time `json:"last,omitzero"` // when it was tried last
	Next    time.Time `json:"next,omitzero"` // before which it is not tried again
	Trouble string    `json:"trouble,omitempty"`
	SentAt  time.Time `json:"sent_at,omitzero"`
	ID      string    `json:"message_id,omitempty"` // Message-ID, the same each time it is tried
}
