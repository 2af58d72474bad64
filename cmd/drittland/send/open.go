package send

// What takes messages to their places.

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/report"
)

const maxWords = 300 // bytes of what others said that are kept

// clean makes what others said fit to be kept and shown.
func clean(s string) string {
	s = report.Line(strings.ToValidUTF8(s, "\ufffd"))
	if len(s) <= maxWords {
		return s
	}
	cut := maxWords
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + " …"
}

// open makes ready what carries a message, and others to the same place.
func (b *Outbox) open(ctx context.Context, e *Entry) (carrier, error) {
	switch e.Kind {
	case Webhook:
		return b.openWebhook(e.To)
	case Chat:
		return b.openChat(e.To)
	}
	return b.openMail(ctx)
}
