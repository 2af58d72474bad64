package llm

// Exchanges as they go over the wire, recorded from our own server with -update, and without its address and the key. They show what is sent, and
// are answered once more from the file.

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "record exchanges anew")

const (
	exchangesFile = "testdata/exchanges.json"
	testKey       = "sk-test-0123456789"
)

// An exchanged is one request and its answer.
type exchanged struct {
	To      string            `json:"to"`
	Headers map[string]string `json:"headers"`
	Asked   json.RawMessage   `json:"asked"`
	Status  int               `json:"status"`
	Said    json.RawMessage   `json:"said"`
}

// A recorder keeps what goes through it, scrubbed.
type recorder struct {
	mu   sync.Mutex
	list []exchanged
}

func (x *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(asked))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(said))
	headers := map[string]string{}
	for name := range r.Header {
		headers[name] = strings.ReplaceAll(r.Header.Get(name), testKey, "…")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = append(x.list, exchanged{r.Method + " " + r.URL.Path, headers, asked, resp.StatusCode, bytes.TrimSpace(said)})
	return resp, err
}

const india = "# Where your data go\nWe store your personal data on servers in India. Our office shows you the papers behind it."

// indiaSays is a model on that text.
func indiaSays(w http.ResponseWriter, r *request, _ int) {
	say(w, r, an(r, []said{dest("IN", "servers in India"), {Kind: "copy", Quote: "shows you the papers"}, dest("BR", "servers in Brazil")}, Disagree, "the papers behind it"), "stop")
}

func TestExchanges(t *testing.T) {
	x := &recorder{}
	r := reader(serve(t, indiaSays))
	r.Key, r.HTTP, r.Limits.Parallel = testKey, &http.Client{Transport: x}, 1
	first := read(t, r, page("en", india))
	got, err := json.MarshalIndent(x.list, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(exchangesFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(exchangesFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(exchangesFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(kept), string(got)); d != "" {
		t.Errorf("other words go over the wire than %s has (-update records them): %s", exchangesFile, d)
	}
	for _, secret := range []string{"sk-", "127.0.0.1", "localhost"} {
		if bytes.Contains(kept, []byte(secret)) {
			t.Errorf("%s holds %q", exchangesFile, secret)
		}
	}
	if len(first.Added) != 1 || len(first.Doubted) == 0 || first.Counts.Dropped.Total() == 0 {
		t.Fatalf("the exchanges show too little: %+v", first.Counts)
	}
	replayed(t, kept, first)
}

// replayed answers from the file, and fails for what is not in it.
func replayed(t *testing.T, kept []byte, want *Reading) {
	t.Helper()
	var list []exchanged
	if err := json.Unmarshal(kept, &list); err != nil {
		t.Fatal(err)
	}
	said := map[string]exchanged{}
	for _, x := range list {
		said[compact(t, x.Asked)] = x
	}
	r := &Reader{Endpoint: "https://models.example/v1", Model: "second-1", HTTP: &http.Client{Transport: fromFile{t, said}}, Now: func() time.Time { return noon }}
	got := read(t, r, page("en", india))
	for _, reading := range []*Reading{want, got} {
		for i := range reading.Opinions {
			reading.Opinions[i].Host, reading.Opinions[i].ID = "", ""
		}
	}
	if d := cmp.Diff(want.Opinions, got.Opinions); d != "" || got.Status != Complete {
		t.Errorf("status %q, %s", got.Status, d)
	}
}

type fromFile struct {
	t    *testing.T
	said map[string]exchanged
}

func (f fromFile) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	x, ok := f.said[compact(f.t, b)]
	if !ok {
		f.t.Errorf("no exchange of %d begins with %.200s", len(f.said), b)
	}
	return &http.Response{StatusCode: x.Status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(x.Said)), Request: r}, nil
}

func compact(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
