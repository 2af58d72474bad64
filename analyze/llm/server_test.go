package llm

// A server that speaks chat completions, and documents to ask it about.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// request is what a server gets.
type request struct {
	Model       string
	Messages    []Message
	Temperature *float64
	MaxTokens   int `json:"max_tokens"`
	NewMaximum  int `json:"max_completion_tokens"`
	Stream      bool
	Format      *struct {
		Type   string
		Schema *struct {
			Name   string
			Strict bool
			Schema json.RawMessage
		} `json:"json_schema"`
	} `json:"response_format"`
	header http.Header
	ctx    context.Context
}

func (r *request) format() string {
	if r.Format == nil {
		return ""
	}
	return r.Format.Type
}

// job is what the request asks for, by its instructions.
func (r *request) job() Job {
	for job, p := range prompts() {
		if r.Messages[0].Content == p.system {
			return job
		}
	}
	return ""
}

// mark is the number of the passage that the request is about.
func (r *request) mark() string { return between(r.Messages[1].Content, "\n<<<DATA ", "\n") }

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// A server answers requests with whatever speak writes, and keeps them.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

// serve starts a server. speak gets the number of the request, from 0.
func serve(t testing.TB, speak func(w http.ResponseWriter, r *request, n int)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, h *http.Request) {
		b, err := io.ReadAll(h.Body)
		r := request{header: h.Header, ctx: h.Context()}
		if err != nil || h.Method != http.MethodPost || h.URL.Path != "/v1/chat/completions" || json.Unmarshal(b, &r) != nil || len(r.Messages) < 2 || r.Stream {
			t.Errorf("%s %s %q: no request for a chat completion without a stream", h.Method, h.URL, b)
		}
		s.mu.Lock()
		n := len(s.requests)
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		speak(w, &r, n)
	}))
	t.Cleanup(s.Close)
	return s
}

// got are the requests until now.
func (s *server) got() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request{}, s.requests...)
}

// say writes a chat completion.
func say(w http.ResponseWriter, r *request, content, finish string) {
	completion(w, r.Model, map[string]any{"role": "assistant", "content": content}, finish)
}

func completion(w http.ResponseWriter, model string, message map[string]any, finish string) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish}},
		"usage":   map[string]int{"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960}})
}

// complain writes an error as servers do.
func complain(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": code}})
}

// an is an answer to r: facts of the passage, or a verdict on the finding.
func an(r *request, facts []said, verdict Verdict, quote string) string {
	out := map[string]any{"passage": r.mark()}
	if r.job() == ReviewJob {
		out["verdict"], out["quote"], out["article"] = verdict, quote, ""
	} else {
		list := []any{}
		for _, f := range facts {
			list = append(list, map[string]any{"kind": f.Kind, "country": f.Country, "role": f.Role, "tool": f.Tool, "who": f.Who, "hedged": f.Hedged, "article": f.Article, "quote": f.Quote})
		}
		out["facts"] = list
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// nothing answers that there is nothing, and is unsure about every finding.
func nothing(w http.ResponseWriter, r *request, _ int) { say(w, r, an(r, nil, Unsure, ""), "stop") }

// noon is the clock of the tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// reader asks s without waiting between tries.
func reader(s *server) *Reader {
	return &Reader{Endpoint: s.URL + "/v1", Model: "second-1", Now: func() time.Time { return noon },
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

// page makes a document of lines: "# " begins a heading, others are paragraphs.
func page(language, words string) *snapshots.Document {
	d := &snapshots.Document{Language: language}
	heading := -1
	for l := range strings.SplitSeq(strings.TrimSpace(words), "\n") {
		b := snapshots.Block{Kind: snapshots.Paragraph, Heading: heading}
		if h, ok := strings.CutPrefix(l, "# "); ok {
			b, l, heading = snapshots.Block{Kind: snapshots.Heading, Level: 1, Heading: -1}, h, len(d.Blocks)
		}
		if l == "" {
			continue
		}
		if d.Text != "" {
			d.Text += "\n"
		}
		b.Span = snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(l)}
		d.Text += l
		d.Blocks = append(d.Blocks, b)
	}
	return d
}

var engine = sync.OnceValue(func() *analyze.Engine {
	set, err := rules.Builtin()
	if err != nil {
		panic(err)
	}
	e, err := analyze.New(set)
	if err != nil {
		panic(err)
	}
	return e
})

var today = law.Date{Year: 2026, Month: 11, Day: 22}

// judged reads a document and judges it.
func judged(d *snapshots.Document) (*analyze.Facts, *analyze.Report) {
	f := engine().Facts(d)
	return f, engine().Report(f, analyze.Dates{AsOf: today, Today: today})
}

// clipzy is a policy whose last sentence on destinations the rules do not understand.
const clipzy = `# Privacy policy of Clipzy
Clipzy is an app for short videos. This policy says what we do with your data.
# Your videos
You can add music to your videos. Videos that you delete are gone after a month.
# Where your data go
We store your videos on servers in Singapore and in the United States.
Our support teams in Malaysia may see your account data to help you.
We rely on standard contractual clauses of the European Commission for these transfers. Ask us for a copy.
The night shift of our moderators sits in Manila, Philippines, with your clips on their screens.
# Cookies
We set one cookie, which remembers the language that you chose.
# Changes
We tell you in the app when this policy changes.`

// frozen is everything that the rules said, as bytes.
func frozen(t testing.TB, f *analyze.Facts, r *analyze.Report) string {
	t.Helper()
	b, err := json.Marshal([]any{r, f.All, f.Document, r.Facts().All})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// read asks s about a document, and fails if that changed a thing of the rules.
func read(t testing.TB, r *Reader, d *snapshots.Document) *Reading {
	t.Helper()
	f, rep := judged(d)
	before := frozen(t, f, rep)
	got, err := r.Read(context.Background(), f, rep)
	if err != nil {
		t.Fatal(err)
	}
	if frozen(t, f, rep) != before {
		t.Fatal("the report of the rules changed")
	}
	return got
}

var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// told is a problem in one line, without the port of the test.
func told(p Problem) string {
	return address.ReplaceAllString(fmt.Sprintf("%s: %s", p.Kind, p.Detail), "HOST")
}
