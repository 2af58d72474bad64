package main

// The second reader of commands: its flags, the model that they name, and what one run of a command spends on it.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
)

const secondReading = "SECOND READER"

// llmFlag asks for a second reading.
func llmFlag() cli.Flag {
	return &cli.BoolFlag{Name: "llm", Category: secondReading, Usage: "let a model read passages and findings, too: they are sent to the endpoint; its opinions stand beside the findings and change none"}
}

// llmFlags say whom a second reading asks, and what it may cost.
func llmFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "llm-model", Category: secondReading, Usage: "`NAME` of the model, as the endpoint has it"},
		&cli.StringFlag{Name: "llm-url", Category: secondReading, Usage: "`ADDRESS` of an OpenAI-compatible interface, such as http://localhost:11434/v1 (default: OPENAI_BASE_URL); its key is in OPENAI_API_KEY, if it needs one"},
		&cli.StringFlag{Name: "llm-http", Category: secondReading, Usage: "`WHERE` http without TLS may lead: loopback (this machine alone) or anywhere"},
		&cli.StringFlag{Name: "llm-price", Category: secondReading, Usage: "`PRICE` of a million tokens of questions and of answers, such as 0.15/0.60 EUR"},
		&cli.StringFlag{Name: "llm-budget", Category: secondReading, Usage: "`MOST` that the run may take: tokens (default: 200000), or money such as 2EUR where a price is set; what was answered until then is kept"},
		&cli.BoolFlag{Name: "llm-dry-run", Category: secondReading, Usage: "print what would be sent, and how many tokens, in the place of the report; send nothing"},
	}
}

// A secondReader asks one model during one run of a command, within one budget.
type secondReader struct {
	*llm.Reader
	Dry      bool   // nothing is sent: only plans are wanted
	Currency string // of the price; "" if there is none
	say      func(format string, args ...any)
	spent    llm.Usage
	cost     float64
	dead     *llm.Problem        // why the endpoint was given up: it is not asked again in this run
	took     func([]llm.Opinion) // takes what was said, to be recorded; nil for nobody
}

// wantsSecond reports whether a command line asks for a second reading, or what one would send.
func wantsSecond(c *cli.Context) bool { return c.Bool("llm") || c.Bool("llm-dry-run") }

// secondReader is what the flags, the settings and the environment say; nil if --llm is not given. set are the rules of the run,
// nil for the built-in ones.
func (t *tool) secondReader(c *cli.Context, set *rules.Set) (*secondReader, error) {
	if !wantsSecond(c) {
		for _, name := range []string{"llm-model", "llm-url", "llm-http", "llm-price", "llm-budget"} {
			if c.IsSet(name) {
				return nil, usage(fmt.Errorf("--%s goes with --llm: nothing is sent without it", name), commandName(c))
			}
		}
		return nil, nil
	}
	return t.askedReader(c, set)
}

// askedReader is the second reader of a command that cannot do without, with the answers of earlier runs.
func (t *tool) askedReader(c *cli.Context, set *rules.Set) (*secondReader, error) {
	r, err := t.namedReader(c, set)
	if err == nil {
		r.Cache = t.answers()
	}
	return r, err
}

// namedReader is the second reader that the flags, the settings and the environment name.
func (t *tool) namedReader(c *cli.Context, set *rules.Set) (*secondReader, error) {
	s, err := t.settings(c)
	if err != nil {
		return nil, err
	}
	x := &s.LLM
	x.URL = strings.TrimRight(cmp.Or(x.URL, t.env.Getenv("OPENAI_BASE_URL")), "/")
	switch {
	case x.URL == "":
		return nil, &coded{errors.New("the second reader has no endpoint: --llm-url, llm.url in the settings or OPENAI_BASE_URL names it"), exitUsage,
			"Ollama on this machine is http://localhost:11434/v1; 'drittland config example' shows the settings"}
	case x.Model == "":
		return nil, &coded{errors.New("the second reader has no model: --llm-model, or llm.model in the settings, names it"), exitUsage, ""}
	}
	if err := x.Clear(x.URL); err != nil {
		return nil, &coded{fmt.Errorf("the second reader: %w", err), exitUsage, "--llm-http anywhere allows it for this run"}
	}
	price, err := config.ParsePrice(x.Price)
	if err != nil {
		return nil, err
	}
	budget, err := config.ParseBudget(x.Budget)
	if err != nil {
		return nil, err
	}
	key, err := t.llmKey(x)
	if err != nil {
		return nil, err
	}
	r := &secondReader{say: t.say, Dry: c.Bool("llm-dry-run"), Currency: price.Currency, Reader: &llm.Reader{Endpoint: x.URL, Model: x.Model, Key: key, Rules: set,
		HTTP: t.llmClient(x.Parallel), Price: llm.Price{In: price.In, Out: price.Out}, Now: t.env.Now,
		Limits: llm.Limits{Tokens: budget.Tokens, Money: budget.Money, Parallel: x.Parallel, Timeout: x.Timeout}}}
	if budget.Money > 0 {
		r.Limits.Tokens = mostTokens
	}
	if err := r.Check(); err != nil {
		return nil, usage(err, commandName(c))
	}
	return r, nil
}

// Budgets: tokens where nobody says anything, and where money is what bounds a run.
const (
	usualTokens = 200_000
	mostTokens  = 1_000_000_000
)

// llmKey is the key of the endpoint, "" for none: local servers need none.
func (t *tool) llmKey(x *config.LLM) (string, error) {
	key, err := t.secret(x.KeyEnv, x.KeyFile)
	if x.KeyFile == "" && t.env.Getenv(x.KeyEnv) == "" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the key of the second reader: %w", err)
	}
	return key, nil
}

// llmClient asks through the proxy of the environment, and this machine directly.
func (t *tool) llmClient(parallel int) *http.Client {
	tr := llm.Transport(parallel)
	if proxy := t.proxy(); proxy != nil {
		tr.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	}
	return &http.Client{Transport: tr}
}

// answers are those of earlier runs on texts that no archive holds, in the cache directory of the user; nil if there is no such place.
func (t *tool) answers() llm.Cache {
	dir := userDir(t.env, "XDG_CACHE_HOME", "LocalAppData", ".cache", "drittland/opinions")
	if dir == "" {
		return nil
	}
	a, err := openAnswers(dir)
	if err != nil {
		t.say("answers of the second reader are not kept: %v", err)
		return nil
	}
	return a
}

// A secondPart is one text that is read: that of a report, or a page that it links to and that was read with it.
type secondPart struct {
	source string // address of the linked page; "" for the text of the report
	facts  *analyze.Facts
	jobs   []llm.Job
}

// parts are the text of a report and the pages that were read with it, those that are part of the text itself left out. Findings are reviewed by the text alone.
func (s *secondReader) parts(f *analyze.Facts) []secondPart {
	out := []secondPart{{facts: f, jobs: s.Jobs}}
	for i := range f.Annexes {
		if a := &f.Annexes[i]; a.Document != nil && !a.Part {
			page := &analyze.Facts{Document: a.Document, All: elsewhere(f.All, a.URL), Seen: f.Seen}
			out = append(out, secondPart{a.URL, page, []llm.Job{llm.ReadJob}})
		}
	}
	return out
}

// read asks about a document with what is left of the budget, and tells in one line how far it came; that the
// endpoint was given up is told once. It is no error.
func (s *secondReader) read(ctx context.Context, name string, f *analyze.Facts, r *analyze.Report) (*report.Second, error) {
	var out *report.Second
	told := s.dead != nil
	for _, p := range s.parts(f) {
		got, err := s.ask(ctx, p.jobs, p.facts, r)
		switch {
		case err != nil:
			return nil, err
		case out == nil:
			out = report.NewSecond(r, got, s.Model, s.Host(), s.Currency)
		default:
			out.Add(got, p.source)
		}
	}
	if told && out.Counts.Cached == 0 {
		return out, nil
	}
	s.say("%s: %s", name, out.Line(locale.For("en")))
	return out, nil
}

// elsewhere are facts as they look from a linked page: those of that page have their place in it, and those of other texts have none.
func elsewhere(all []analyze.Fact, url string) []analyze.Fact {
	out := make([]analyze.Fact, len(all))
	for i, f := range all {
		switch f.URL {
		case url:
			f.URL = ""
		case "":
			f.URL = "…"
		}
		out[i] = f
	}
	return out
}

// ask asks within what is left of the budget. From an endpoint that was given up it gives what the cache holds.
func (s *secondReader) ask(ctx context.Context, jobs []llm.Job, f *analyze.Facts, r *analyze.Report) (*llm.Reading, error) {
	one := *s.Reader
	one.Jobs = jobs
	one.Limits = s.left()
	if s.dead != nil {
		one.Account = nil
		one.HTTP, one.Limits.Retries = &http.Client{Transport: silence{}}, -1
	}
	got, err := one.Read(ctx, f, r)
	if err != nil {
		return nil, err
	}
	if s.took != nil {
		s.took(got.Opinions)
	}
	if got.Status == llm.Failed && s.dead == nil {
		s.dead = &got.Problem
	} else if got.Status == llm.Failed {
		got.Problem = *s.dead
	}
	s.spent.In, s.spent.Out, s.cost = s.spent.In+got.Tokens.In, s.spent.Out+got.Tokens.Out, s.cost+got.Cost
	return got, nil
}

// silence is the way to an endpoint that was given up.
type silence struct{}

func (silence) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("the endpoint was given up")
}

// left are the limits of what is still to be read. No bound may become zero, which would be none.
func (s *secondReader) left() llm.Limits {
	l := s.Limits
	l.Tokens = max(1, cmp.Or(l.Tokens, usualTokens)-s.spent.Total())
	if l.Money > 0 {
		l.Money = max(1e-12, l.Money-s.cost)
	}
	return l
}
