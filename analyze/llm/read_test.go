package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/snapshots"
)

// honest answers what the text says, in the words of the text.
func honest(w http.ResponseWriter, r *request, _ int) {
	var facts []said
	if strings.Contains(r.Messages[1].Content, "Manila") {
		facts = []said{
			{Kind: "destination", Country: "PH", Role: "remote_access", Quote: "sits in Manila, Philippines, with your clips on their screens"},
			{Kind: "destination", Country: "SG", Role: "storage", Quote: "servers in Singapore"},
			{Kind: "tool", Tool: "scc", Quote: "Standard Contractual Clauses"},
		}
	}
	verdict, quote := Unsure, ""
	if strings.HasPrefix(r.Messages[1].Content, "Finding T14: ") {
		verdict, quote = Disagree, "ask us for a copy"
	}
	say(w, r, an(r, facts, verdict, quote), "stop")
}

func TestReadsBesideTheRules(t *testing.T) {
	s := serve(t, honest)
	d := page("en", clipzy)
	_, rep := judged(d)
	got := read(t, reader(s), d)
	if got.Status != Complete || got.Problem != (Problem{}) || got.Counts.Dropped.Total() != 0 {
		t.Fatalf("status %q, problem %v, dropped %+v", got.Status, got.Problem, got.Counts.Dropped)
	}
	if len(got.Added) != 1 || got.Added[0].Fact.Country != "PH" || !slices.Contains(got.Added[0].Articles, "GDPR 44") {
		t.Errorf("added %+v; want the Philippines alone, which the rules did not read", got.Added)
	}
	if a := got.Added; len(a) == 1 && d.Quote(a[0].Fact.Span) != "sits in Manila, Philippines, with your clips on their screens" {
		t.Errorf("the span of what was added is %q", d.Quote(a[0].Fact.Span))
	}
	if len(got.Facts()) != 3 || len(got.Doubted) != 1 || got.Counts.Unsure != got.Counts.Findings-1 {
		t.Errorf("%d facts, %d doubts, counts %+v", len(got.Facts()), len(got.Doubted), got.Counts)
	}
	for _, x := range got.Doubted {
		if d.Quote(x.Span) != x.Quote || x.Quote != "Ask us for a copy" || x.Check != "T14" || x.Finding != fingerprintOf(rep, "T14") {
			t.Errorf("doubt %+v: its words are not those of the text", x)
		}
	}
	if n := got.Counts; n.Asked != len(s.got()) || n.Asked != len(got.Opinions) || n.Findings+n.Left < len(rep.Findings) || got.Tokens.In != 900*n.Asked {
		t.Errorf("%d requests, %d opinions, %d findings, counts %+v, tokens %+v", len(s.got()), len(got.Opinions), len(rep.Findings), n, got.Tokens)
	}
}

func fingerprintOf(rep *analyze.Report, check string) string {
	for _, f := range rep.Findings {
		if f.ID == check {
			return f.Fingerprint
		}
	}
	return "none"
}

func TestRequestsAreChatCompletions(t *testing.T) {
	s := serve(t, nothing)
	r := reader(s)
	r.Key = "sk-clipzy-1"
	read(t, r, page("en", clipzy))
	for _, q := range s.got() {
		if q.Model != "second-1" || q.MaxTokens != 2000 || q.Temperature == nil || *q.Temperature > 1e-30 || q.header.Get("Authorization") != "Bearer sk-clipzy-1" {
			t.Errorf("model %q, most tokens %d, temperature %v", q.Model, q.MaxTokens, q.Temperature)
		}
		if q.format() != "json_schema" || !q.Format.Schema.Strict || q.job() == "" || q.Format.Schema.Name != string(q.job()) || !json.Valid(q.Format.Schema.Schema) {
			t.Errorf("answers are asked for in the form %+v", q.Format)
		}
		if len(q.Messages) != 2 || q.Messages[0].Role != "system" || q.Messages[1].Role != "user" {
			t.Errorf("messages %+v", q.Messages)
		}
	}
}

func TestNoKeyIsSentWhereThereIsNone(t *testing.T) {
	s := serve(t, nothing)
	read(t, reader(s), page("en", clipzy))
	for _, q := range s.got() {
		if v, ok := q.header["Authorization"]; ok {
			t.Errorf("the request has the header Authorization: %q", v)
		}
	}
}

func TestPlanIsWhatIsSent(t *testing.T) {
	s := serve(t, nothing)
	r := reader(s)
	r.Price = Price{In: 1, Out: 2}
	f, rep := judged(page("en", clipzy))
	p, err := r.Plan(f, rep)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.got()) != 0 {
		t.Fatal("a plan sent something")
	}
	read(t, r, f.Document)
	var want, got []string
	for _, q := range p.Questions {
		want = append(want, q.Messages[0].Content+q.Messages[1].Content)
		if q.Tokens.In < len(q.Messages[0].Content)/4 {
			t.Errorf("a question of %d bytes is estimated at %d tokens", len(q.Messages[0].Content)+len(q.Messages[1].Content), q.Tokens.In)
		}
	}
	for _, q := range s.got() {
		got = append(got, q.Messages[0].Content+q.Messages[1].Content)
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if p.Passages == 0 || p.Findings == 0 || p.Tokens.Out != 2000*len(p.Questions) || p.Cost != r.Price.Cost(p.Tokens) {
		t.Errorf("plan: %d passages, %d findings, tokens %+v, cost %v", p.Passages, p.Findings, p.Tokens, p.Cost)
	}
}

// shelf is a cache in memory.
type shelf struct {
	mu   sync.Mutex
	held map[Key][]byte
}

func (s *shelf) Get(k Key) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.held[k]
	return b, ok
}

func (s *shelf) Put(k Key, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[k] = b
	return nil
}

func encoded(t *testing.T, r *Reading) string {
	t.Helper()
	b, err := snapshots.Encode(r.Opinions)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSecondRunAsksNothing(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *request, n int) {
		switch n % 5 {
		case 1:
			say(w, r, "I cannot help with that.", "stop")
		case 2:
			say(w, r, `{"passage":`, "length")
		default:
			honest(w, r, n)
		}
	})
	r := reader(s)
	r.Limits.Parallel = 1
	first := &shelf{held: map[Key][]byte{}}
	r.Cache = first
	d := page("en", clipzy)
	once := read(t, r, d)
	asked := len(s.got())
	if once.Counts.NoOpinion == 0 {
		t.Fatalf("counts %+v: the server gave answers that cannot be used", once.Counts)
	}
	records := &shelf{held: map[Key][]byte{}}
	for i := range once.Opinions {
		k, b := once.Opinions[i].Entry()
		records.held[k] = b
		if kept, _ := first.Get(k); !bytes.Equal(kept, b) {
			t.Errorf("the record %s does not give the entry of the cache:\n%s\n%s", once.Opinions[i].ID, b, kept)
		}
	}
	for _, c := range []*shelf{first, records} {
		r.Cache, r.Endpoint = c, "http://127.0.0.1:1/v1" // nobody is there
		twice := read(t, r, d)
		if twice.Counts.Cached != len(once.Opinions) || twice.Counts.Asked != 0 || twice.Tokens != (Usage{}) || twice.Status != Complete || len(s.got()) != asked {
			t.Errorf("status %q, counts %+v, tokens %+v, %d requests more", twice.Status, twice.Counts, twice.Tokens, len(s.got())-asked)
		}
		if a, b := encoded(t, once), encoded(t, twice); a != b {
			t.Errorf("the records of the second run differ:\n%s", cmp.Diff(a, b))
		}
		if d := cmp.Diff(once.Added, twice.Added); d != "" {
			t.Error(d)
		}
	}
}

func TestAnotherModelIsAskedAnew(t *testing.T) {
	s := serve(t, nothing)
	r := reader(s)
	r.Cache = &shelf{held: map[Key][]byte{}}
	d := page("en", clipzy)
	n := read(t, r, d).Counts.Asked
	r.Model = "second-2"
	if got := read(t, r, d).Counts; got.Asked != n || got.Cached != 0 {
		t.Errorf("counts %+v; want %d asked", got, n)
	}
}

func TestBrokenCacheIsNoCache(t *testing.T) {
	s := serve(t, nothing)
	r := reader(s)
	d := page("en", clipzy)
	f, rep := judged(d)
	p, err := r.Plan(f, rep)
	if err != nil {
		t.Fatal(err)
	}
	c := &shelf{held: map[Key][]byte{}}
	for _, q := range p.Questions {
		c.held[q.Key] = []byte(`{"raw": "{`)
	}
	r.Cache = c
	if got := read(t, r, d).Counts; got.Cached != 0 || got.Asked != len(p.Questions) {
		t.Errorf("counts %+v", got)
	}
}

func TestBudgetStops(t *testing.T) {
	for name, limit := range map[string]func(*Reader){
		"tokens": func(r *Reader) { r.Limits.Tokens = 8000 },
		"money":  func(r *Reader) { r.Price, r.Limits.Money = Price{In: 1, Out: 10}, 0.024 },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, honest)
			r := reader(s)
			limit(r)
			got := read(t, r, page("en", clipzy))
			if got.Status != Stopped || got.Problem.Kind != OverBudget || got.Counts.Asked == 0 || got.Counts.Unasked == 0 || len(got.Opinions) != got.Counts.Asked {
				t.Errorf("status %q, problem %v, counts %+v, %d opinions", got.Status, got.Problem, got.Counts, len(got.Opinions))
			}
			if got.Tokens.Total() > 8000 || name == "money" && (got.Cost > 0.024 || got.Cost == 0) {
				t.Errorf("it took %+v for %v", got.Tokens, got.Cost)
			}
		})
	}
	t.Run("too small for one question", func(t *testing.T) {
		s := serve(t, honest)
		r := reader(s)
		r.Limits.Tokens = 100
		if got := read(t, r, page("en", clipzy)); got.Status != Stopped || len(s.got()) != 0 {
			t.Errorf("status %q, %d requests", got.Status, len(s.got()))
		}
	})
}

func TestSoManyAtATime(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	s := serve(t, func(w http.ResponseWriter, r *request, n int) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		nothing(w, r, n)
		mu.Lock()
		now--
		mu.Unlock()
	})
	r := reader(s)
	r.Limits.Parallel = 2
	if read(t, r, page("en", clipzy)); most > 2 {
		t.Errorf("%d questions at a time", most)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := serve(t, func(w http.ResponseWriter, r *request, n int) {
		if n == 1 {
			cancel()
		}
		nothing(w, r, n)
	})
	r := reader(s)
	r.Limits.Parallel = 1
	f, rep := judged(page("en", clipzy))
	got, err := r.Read(ctx, f, rep)
	if err != nil || got.Problem.Kind != Interrupted || got.Counts.Unasked == 0 || got.Counts.Asked == 0 {
		t.Errorf("error %v, problem %v, counts %+v", err, got.Problem, got.Counts)
	}
}

func TestJobsApart(t *testing.T) {
	for _, job := range []Job{ReadJob, ReviewJob} {
		s := serve(t, nothing)
		r := reader(s)
		r.Jobs = []Job{job}
		read(t, r, page("en", clipzy))
		for _, q := range s.got() {
			if q.job() != job {
				t.Errorf("asked for the job %q: the request is of %q", job, q.job())
			}
		}
		if len(s.got()) == 0 {
			t.Errorf("%s: nothing was asked", job)
		}
	}
}

func TestMoneyNeedsPrices(t *testing.T) {
	r := &Reader{Endpoint: "http://localhost/v1", Model: "m", Limits: Limits{Money: 1}}
	if err := r.Check(); err == nil || !strings.Contains(err.Error(), "price") {
		t.Errorf("%v", err)
	}
	if r.Price.Out = 2; r.Check() != nil {
		t.Errorf("%v", r.Check())
	}
}

func TestPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	if err := pause(ctx, 0); err != nil {
		t.Error(err)
	}
	cancel()
	if err := pause(ctx, time.Hour); err == nil {
		t.Error("it waited for an hour")
	}
}

func TestAddressesOfReaders(t *testing.T) {
	for _, c := range []struct {
		endpoint, model, want string
	}{
		{"http://localhost:11434/v1", "m", ""},
		{"https://clipzy.example/v1", "", "needs the name of a model"},
		{"clipzy.example/v1", "m", "want http(s)://host/path"},
		{"ftp://clipzy.example", "m", "want http(s)://host/path"},
		{"https://me:secret@clipzy.example/v1", "m", "has a name, a password"},
		{"https://clipzy.example/v1?key=1", "m", "a query"},
	} {
		err := (&Reader{Endpoint: c.endpoint, Model: c.model}).Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v; want %q", c.endpoint, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells a password: %v", err)
		}
	}
}
