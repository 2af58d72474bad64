package main

// Second readings by workers that are processes, of a model that notes how it is asked.

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const paidKey = "hunter2-paid-key"

// A paidModel answers questions, each for 900 and 60 tokens.
type paidModel struct {
	*httptest.Server
	mu       sync.Mutex
	answers  int // that were given
	now      int // that are answered
	most     int
	refused  int // requests that got no answer
	say      func(mark, finding, text string) string
	trouble  func(w http.ResponseWriter, n int) bool // reports whether it took the place of the answer to the n-th request
	requests int
}

func newPaidModel(t *testing.T, b *workBench) *paidModel {
	m := &paidModel{say: honest}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	b.env = append(b.env, "OPENAI_API_KEY="+paidKey, "DRITTLAND_LLM_URL="+m.URL+"/v1", "DRITTLAND_LLM_MODEL=small")
	return m
}

func (m *paidModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	var q struct{ Messages []llm.Message }
	if json.Unmarshal(b, &q) != nil || len(q.Messages) < 2 || r.Header.Get("Authorization") != "Bearer "+paidKey {
		http.Error(w, "no question", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.requests++
	m.now++
	m.most = max(m.most, m.now)
	n, trouble, say := m.requests, m.trouble, m.say
	m.mu.Unlock()
	defer func() { m.mu.Lock(); m.now--; m.mu.Unlock() }()
	if trouble != nil && trouble(w, n) {
		m.mu.Lock()
		m.refused++
		m.mu.Unlock()
		return
	}
	time.Sleep(20 * time.Millisecond) // a model thinks
	text := q.Messages[1].Content
	_, mark, _ := strings.Cut(text, "\n<<<DATA ")
	mark, _, _ = strings.Cut(mark, "\n")
	_, finding, _ := strings.Cut(text, "Give your verdict on finding ")
	finding, _, _ = strings.Cut(finding, " ")
	m.mu.Lock()
	m.answers++
	m.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "chat.completion", "model": "small", "usage": map[string]int{"prompt_tokens": 900, "completion_tokens": 60},
		"choices": []any{map[string]any{"finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": say(mark, finding, text)}}}}) // who asked may be dead
}

// answered is how many questions were answered.
func (m *paidModel) answered() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers
}

func (m *paidModel) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// toRead is how many second readings are still to be made.
func (b *workBench) toRead() int {
	return b.ask("select count(*) from river_job where kind = 'second_read' and state not in ('completed', 'cancelled', 'discarded')")
}

// captured has services captured by a worker that asks no model.
func (b *workBench) captured(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.use(func(a *archive.Archive) error {
			return a.PutDeclaration(snapshots.Declaration{Service: strings.ToUpper(name[:1]) + name[1:], TermsType: "Privacy Policy",
				Added: time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC), Sources: []snapshots.Source{{URL: "http://" + name + ".example/" + name}}})
		})
	}
	p := b.startAt("2023-06-21T08:00:00Z", "", "--queue", "capture,derive")
	b.until("the first captures", time.Minute, func() bool { return b.ask("select count(*) from kv_versions") == len(names) && b.toDo() == 0 })
	_ = p.Process.Kill()
	<-p.done
}

// opinions are those in the archive, by service.
func (b *workBench) opinions() map[string]int {
	b.t.Helper()
	out := map[string]int{}
	b.use(func(a *archive.Archive) error {
		terms, err := a.Terms()
		for _, t := range terms {
			for x, err := range a.Opinions(t) {
				if err != nil {
					return err
				}
				out[t.Service] += len(x.List)
			}
		}
		return err
	})
	return out
}

// opined is how many opinions there are.
func (b *workBench) opined() (n int) {
	for _, x := range b.opinions() {
		n += x
	}
	return n
}

// secret fails if the key of the endpoint stands in a row of the database or in a log.
func (b *workBench) secret() {
	b.t.Helper()
	for _, table := range []string{"river_job", "llm_endpoints", "llm_calls", "llm_days", "llm_answers", "work_files"} {
		if n := b.ask("select count(*) from "+table+" x where position($1 in x::text) > 0", paidKey); n != 0 {
			b.t.Errorf("%s holds the key (%d)", table, n)
		}
	}
	for _, p := range b.procs {
		if strings.Contains(p.log.String(), paidKey) {
			b.t.Error("the log holds the key")
		}
	}
}

func (b *workBench) paidTokens() int {
	return b.ask("select coalesce(sum(tokens_in + tokens_out), 0)::int from llm_days") + b.ask("select coalesce(sum(tokens_in + tokens_out), 0)::int from llm_calls")
}

const settingsOfReading = "capture: {schedule: daily, jitter: 0s}\nllm: {read: changes, parallel: 2, price: 1/2 EUR}\n"

// sendsAbroad is a policy of which a model is asked more than one question.
func sendsAbroad(i int) []string {
	out := []string{fmt.Sprintf("We store your personal data on servers in India, in building %d. Our group has house rules that bind every company of it.", i)}
	for j, who := range []string{"support", "billing", "research", "security", "advertising", "hosting", "analysis", "translation", "payment", "delivery", "statistics", "recruiting"} {
		where := []string{"Brazil", "Malaysia", "Singapore", "Ukraine", "Vietnam", "Mexico"}[(i+j)%6]
		out = append(out, fmt.Sprintf("For %s we transfer your personal data to our providers of %s in %s, who may have access to what you tell us about %s. These recipients keep what they receive for %d months, "+
			"and their staff in office %d of %s answer to us for that.", who, who, where, who, 3+i+j, 100*i+j, where))
	}
	return out
}

// TestSecondReadingsByWorkers has workers read what changed, while some are killed: each version is read once, what was answered is paid once, and the
// findings are what they were.
func TestSecondReadingsByWorkers(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, settingsOfReading)
	m := newPaidModel(t, b)
	b.flags = append(b.flags, "--delay", "10ms")
	names := []string{"clipzy", "mailzy", "wavezy", "appzy"}
	for i, name := range names {
		b.page(name, append([]string{"We store your personal data on servers in Ireland, which are run by our own staff in Dublin."}, sendsAbroad(i)[1:]...)...)
	}
	b.captured(names...)
	for i, name := range names[:3] {
		b.page(name, sendsAbroad(i)...)
	}
	for range 3 { // each dies when an answer is kept and paid
		p := b.startAt("2023-06-26T09:00:00Z", "asked", "-n", "1")
		select {
		case <-p.done:
		case <-time.After(time.Minute):
			t.Fatalf("nobody was killed\n%s", b.logs())
		}
	}
	if n := m.answered(); n != 3 {
		t.Errorf("%d questions were answered when three workers had died", n)
	}
	for range 2 {
		b.startAt("2023-06-26T09:01:00Z", "", "-n", "3")
	}
	b.until("all is read", 2*time.Minute, func() bool {
		return b.ask("select count(*) from river_job where kind = 'second_read' and state = 'completed'") == 3 && b.toRead() == 0 && b.toDo() == 0
	})
	n := m.answered()
	if m.most > 2 {
		t.Errorf("%d questions were asked at a time", m.most)
	}
	if got := b.paidTokens(); got != 960*n || n < 9 {
		t.Errorf("%d tokens are in the account, %d questions were answered", got, n)
	}
	if n := b.ask("select count(*) from llm_answers"); n != 0 {
		t.Errorf("%d answers are kept though they are recorded", n)
	}
	got := b.opinions()
	if len(got) != 3 || got["Appzy"] != 0 || got["Clipzy"]+got["Mailzy"]+got["Wavezy"] != n {
		t.Errorf("%v are recorded of %d", got, n)
	}
	b.secret()
	out, _ := b.must("2023-06-26T10:00:00Z", exitOK, "show", "Clipzy", "--format", "report")
	if !strings.Contains(out, "house rules") || !strings.Contains(out, "opinion (model small)") {
		t.Errorf("the opinions are not shown:\n%s", out)
	}
	if _, messages := b.must("2023-06-26T10:00:00Z", exitOK, "second-read", "--queue", "Clipzy@2"); !strings.Contains(messages, "read before: 1") {
		t.Errorf("it is put into the queue once more: %s", messages)
	}
}

// TestSecondBudgetOfAllWorkers has two workers draw on one budget, until it is used up and jobs wait for the next day, and goes on with a larger one.
func TestSecondBudgetOfAllWorkers(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\nllm: {parallel: 8, price: 1/2 EUR}\nlisten: 127.0.0.1:0\n")
	m := newPaidModel(t, b)
	b.flags = append(b.flags, "--delay", "10ms")
	names := []string{"clipzy", "mailzy", "wavezy"}
	for i, name := range names {
		b.page(name, sendsAbroad(i)...)
	}
	b.captured(names...)
	now := "2023-06-22T08:00:00Z"
	out, _ := b.must(now, exitOK, "second-read", "--queue", "--all", "--llm-dry-run")
	if n := b.ask("select count(*) from river_job where kind = 'second_read'"); !strings.Contains(out, "at most") || n != 0 || m.requests != 0 {
		t.Errorf("a dry run put %d jobs and asked %d questions: %s", n, m.requests, out)
	}
	for i, want := range []string{"put into the queue: 3 of 3 versions", "put into the queue: 0 of 3 versions; read before: 0, in the queue already: 3"} {
		if _, messages := b.must(now, exitOK, "second-read", "--queue", "--all"); !strings.Contains(messages, want) {
			t.Errorf("time %d: %s", i, messages)
		}
	}
	const most = 16_000
	for range 2 {
		b.startAt(now, "", "--queue", "llm", "--llm-budget", fmt.Sprint(most))
	}
	putOff := func() int {
		return b.ask("select count(*) from river_job where kind = 'second_read' and state = 'scheduled' and attempt = 0 and scheduled_at > (now() at time zone 'utc')::date + 1")
	}
	b.until("the budget is used up", time.Minute, func() bool {
		return putOff() == b.toRead() && putOff() > 0 && b.ask("select count(*) from llm_calls") == 0
	})
	n := m.answered()
	if got := b.paidTokens(); got > most || got != 960*n || n == 0 || b.opined() != n {
		t.Errorf("%d tokens of %d were taken by %d questions, of which %d are recorded", got, most, n, b.opined())
	}
	if out, _ := b.must(now, exitOK, "jobs", "list", "--queue", "llm"); !strings.Contains(out, "the budget of ") || !strings.Contains(out, "(16000 tokens)") {
		t.Errorf("the reason is not listed:\n%s", out)
	}
	b.asks("/healthz", "ok\nnote: the budget of the second reader")
	b.asks("/metrics", "drittland_llm_budget_used_up 1\n", fmt.Sprintf("drittland_llm_day_tokens %d\n", 960*n), `drittland_llm_day_cost{currency="EUR"} 0.01`, `drittland_llm_calls_total{result="answered"} `)
	for _, p := range b.procs {
		_ = p.Process.Kill()
	}
	b.startAt(now, "", "--queue", "llm")
	b.must(now, exitOK, "jobs", "retry", "--all")
	b.until("a larger budget suffices", time.Minute, func() bool { return b.toRead() == 0 })
	if n := m.answered(); b.opined() != n || b.paidTokens() != 960*n || len(b.opinions()) != 3 { // what was recorded was not asked for again
		t.Errorf("%d questions, %d tokens: %v", n, b.paidTokens(), b.opinions())
	}
	b.secret()
}

// asks wants words in what one of the workers serves that live.
func (b *workBench) asks(path string, want ...string) {
	b.t.Helper()
	b.until(path+" tells of the second reader", time.Minute, func() bool {
		return slices.ContainsFunc(b.procs, func(p *workProcess) bool {
			_, rest, _ := strings.Cut(p.log.String(), `msg="health and metrics" address=`)
			address, _, _ := strings.Cut(rest, "\n")
			r, err := http.Get("http://" + address + path)
			if err != nil { // it is dead
				return false
			}
			defer r.Body.Close()
			body, err := io.ReadAll(r.Body)
			return err == nil && !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(string(body), w) })
		})
	})
}

// TestSecondReadingsInTrouble has an endpoint want to be left alone, fail, refuse, and answer nonsense.
func TestSecondReadingsInTrouble(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\nllm: {parallel: 8, budget: 100000000}\n")
	m := newPaidModel(t, b)
	b.flags = append(b.flags, "--delay", "10ms", "--queue", "llm")
	names := []string{"clipzy", "mailzy", "wavezy", "appzy", "pagezy"}
	for i, name := range names {
		b.page(name, sendsAbroad(i)...)
	}
	b.flags = b.flags[:len(b.flags)-2]
	b.captured(names...)
	b.flags = append(b.flags, "--queue", "llm")
	now := "2023-06-22T08:00:00Z"
	put := func(name string) { b.must(now, exitOK, "second-read", "--queue", name) }
	done := func(n int) func() bool {
		return func() bool {
			return b.toRead() == 0 && b.ask("select count(*) from river_job where kind = 'second_read' and state = 'completed'") == n
		}
	}
	for range 2 {
		b.startAt(now, "")
	}
	m.set(func() {
		m.trouble = func(w http.ResponseWriter, n int) bool {
			if n%3 != 1 {
				return false
			}
			w.Header().Set("Retry-After", "1")
			http.Error(w, `{"error": {"message": "slow down, `+paidKey+`"}}`, http.StatusTooManyRequests)
			return true
		}
	})
	put("Clipzy")
	b.until("it is read, slowly", 2*time.Minute, done(1))
	m.set(func() {
		m.trouble = func(w http.ResponseWriter, n int) bool {
			http.Error(w, "down", http.StatusInternalServerError)
			return true
		}
		m.refused = 0
	})
	put("Mailzy")
	put("Wavezy")
	b.until("the endpoint has failed some times", time.Minute, func() bool { return b.ask("select coalesce(max(failures), 0) from llm_endpoints") >= 3 })
	ends := b.procs[len(b.procs)-1] // while its job waits for the endpoint
	_ = ends.Process.Signal(syscall.SIGTERM)
	<-ends.done
	if strings.Contains(ends.log.String(), "Soft stop timeout") {
		t.Errorf("a worker that was told to end waited for the endpoint:\n%s", ends.log.String())
	}
	b.startAt(now, "")
	m.set(func() {
		if m.refused > 8 { // of two jobs in two workers
			t.Errorf("it was asked %d times while it was down", m.refused)
		}
		m.trouble = nil
	})
	b.until("it is there again", 3*time.Minute, done(3))
	if n := b.ask("select max(failures) from llm_endpoints"); n != 0 {
		t.Errorf("%d failures are counted", n)
	}
	m.set(func() {
		m.say = func(string, string, string) string { return "\x1b[2J\u202e<script>" + paidKey + `{"findings": []}` }
	})
	put("Appzy")
	b.until("nonsense is an answer", time.Minute, done(4))
	m.set(func() {
		m.trouble = func(w http.ResponseWriter, n int) bool {
			http.Error(w, "too long, "+paidKey, http.StatusBadRequest)
			return true
		}
	})
	put("Pagezy")
	b.until("what it refuses is dead", 3*time.Minute, func() bool {
		return b.ask("select count(*) from river_job where kind = 'second_read' and state = 'cancelled'") == 1
	})
	if out, _ := b.must(now, exitOK, "jobs", "--state", "dead"); !strings.Contains(out, "second reader: refused: HTTP 400") {
		t.Errorf("the reason:\n%s", out)
	}
	b.secret()
	if n := m.answered(); b.paidTokens() != 960*n || n != b.opined()+b.opinions()["Appzy"] { // nonsense is asked for twice
		t.Errorf("%d tokens for %d answers: %v", b.paidTokens(), n, b.opinions())
	}
}

// TestSecondReadingOfWhatIsErased has a text erased that waits to be read.
func TestSecondReadingOfWhatIsErased(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, settingsOfReading)
	m := newPaidModel(t, b)
	b.page("clipzy", sendsAbroad(1)...)
	b.flags = append(b.flags, "--delay", "10ms")
	b.captured("clipzy")
	now := "2023-06-22T08:00:00Z"
	b.must(now, exitOK, "second-read", "--queue", "Clipzy")
	out, messages := b.must(now, exitOK, "archive", "erase", "Clipzy", "1", "--why", "a person asked")
	b.startAt(now, "", "--queue", "llm")
	b.until("nothing is left to do", time.Minute, func() bool { return b.toRead() == 0 })
	if n := b.ask("select count(*) from river_job where kind = 'second_read' and state = 'completed' and errors is null"); n != 1 || m.requests != 0 {
		t.Errorf("%d jobs are done, %d questions were asked of a text that is erased\n%s%s", n, m.requests, out, messages)
	}
}

// TestWhoIsAskedByWorkers wants nobody to be asked who was not named for it.
func TestWhoIsAskedByWorkers(t *testing.T) {
	const nowhere = "postgres://127.0.0.1:1/drittland"
	for _, x := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{nil, []string{"--queue", "llm"}, "the second reader has no endpoint: --llm-url, llm.url in the settings or OPENAI_BASE_URL names it"},
		{map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, []string{"--queue", "capture,derive,digest,llm", "-n", "8"}, "the second reader has no model"},
		{map[string]string{"DRITTLAND_LLM_READ": "changes"}, nil, "--queue capture,derive,digest leaves it out on this machine"},
		{nil, []string{"--queue", "capture", "--llm-model", "small"}, "--llm-model goes with --queue llm: nothing is sent without it"},
		{nil, []string{"--llm-read", "all", "--queue", "derive"}, "--llm-read goes with --queue llm"},
	} {
		code, _, errs := at(t.TempDir(), x.env, append([]string{"--archive", nowhere, "worker"}, x.args...)...)
		if code != exitUsage || !strings.Contains(errs, x.want) {
			t.Errorf("%v: exit code %d: %s", x.args, code, errs)
		}
	}
	for _, args := range [][]string{{"--queue"}, {"--all"}, {"--queue", "--all", "Clipzy"}, {"--queue", "--all", "--format", "html"}, {"--queue", "--all", "--format", "json"}} {
		if code, _, errs := at(t.TempDir(), nil, append([]string{"--archive", nowhere, "second-read"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
	if slices.Contains(work.Free, work.QueueLLM) {
		t.Error("a worker that is merely started serves llm")
	}
}
