package main

// An alert of which a finding, its country and its service are chosen goes out by mail, webhook and chat, once each, whenever the
// program dies.

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/send"
)

// Ears take what is posted to a webhook and said in a chat.
type ears struct {
	*httptest.Server
	mu           sync.Mutex
	hooks, chats []string // bodies
	ids          map[string]bool
	wrong        []error // signatures
}

func newEars(t *testing.T, now time.Time) *ears {
	h := &ears{ids: map[string]bool{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.URL.Path == "/chat" {
			h.chats = append(h.chats, string(body))
			return
		}
		id, err := send.Verify("signed", r.Header, body, now, 24*time.Hour)
		if err != nil {
			h.wrong = append(h.wrong, err)
		}
		h.ids[id] = true
		h.hooks = append(h.hooks, string(body))
	}))
	t.Cleanup(h.Close)
	return h
}

// counted is how much came of each kind.
func (h *ears) counted() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%d webhooks with %d ids, %d chats", len(h.hooks), len(h.ids), len(h.chats))
}

func TestAlertGoesOutOnceEachWay(t *testing.T) {
	for _, step := range []string{"captured", "alerted", "sent", ""} {
		t.Run("dies when "+step, func(t *testing.T) {
			h := newEars(t, time.Date(2026, 11, 18, 8, 0, 0, 0, time.UTC))
			alert := "alerts:\n  - {name: at-once, levels: [error], checks: [T05], countries: [CN], to: [dpo@example.org], webhook: '" + h.URL + "/hook', secret_file: word, chat_env: CHAT}\n"
			b := newWatchBench(t, "capture: {schedule: daily, jitter: 0s, render: never}\n"+alert)
			b.write("word", "signed\n")
			b.env = append(b.env, "CHAT="+strings.Replace(h.URL, "http://", "generic://", 1)+"/chat?disabletls=yes&template=json")
			for _, name := range []string{"clipzy", "appzy", "wavezy"} {
				b.page(name, "We store your personal data on servers in Ireland.")
				b.must("2026-11-17T07:00:00Z", exitOK, "track", "add", strings.ToUpper(name[:1])+name[1:], "http://"+name+".example/"+name)
			}
			b.once("2026-11-17T08:00:00Z", exitOK)
			b.page("clipzy", "Companies of our group in China have remote access to your personal data.")
			b.page("appzy", "Companies of our group in India have remote access to your personal data.") // T05, of another country
			b.page("wavezy", "We store your personal data on servers in China.")                         // the country, and no T05
			if step != "" {
				b.died("2026-11-18T08:00:00Z", step)
			}
			b.once("2026-11-18T09:00:00Z", exitOK)
			b.once("2026-11-19T09:00:00Z", exitOK)
			if got := b.all() + ", " + h.counted(); got != "dpo@example.org, 1 webhooks with 1 ids, 1 chats" {
				t.Fatal("came:", got)
			}
			h.tells(t, b.post.got()[0])
		})
	}
}

// tells compares what came: the finding, its words and its country, in a form that fits each.
func (h *ears) tells(t *testing.T, l *mailed) {
	t.Helper()
	var hook send.Payload
	var d digest.Digest
	if err := json.Unmarshal([]byte(h.hooks[0]), &hook); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(hook.Data, &d); err != nil {
		t.Fatal(err)
	}
	if len(h.wrong) > 0 || hook.Alert != "at-once" || len(d.Findings) != 1 || d.Findings[0].ID != "T05" || d.Findings[0].Terms.Service != "Clipzy" {
		t.Errorf("webhook: %v\n%s", h.wrong, h.hooks[0])
	}
	for what, text := range map[string]string{"mail": l.subject + "\n" + l.text, "page": l.html, "chat": h.chats[0]} {
		for _, want := range []string{"Clipzy", "T05", "China"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s does not say %q:\n%s", what, want, text)
			}
		}
	}
}
