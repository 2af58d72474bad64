package llm

// Servers as they are: some honour the form asked for, some refuse it, and some are not there.

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// dialects are servers that answer in the end, and how they must be asked.
func TestDialects(t *testing.T) {
	refuse := func(parts ...string) func(http.ResponseWriter, *request, int) {
		return func(w http.ResponseWriter, r *request, n int) {
			for _, part := range parts {
				switch {
				case part == r.format():
					complain(w, 400, "unsupported", "response_format of the type "+part+" is not supported by this server")
				case part == "max_tokens" && r.MaxTokens > 0:
					complain(w, 400, "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
				case part == "temperature" && r.Temperature != nil:
					complain(w, 400, "unsupported_value", "Unsupported value: 'temperature' does not support 0 with this model.")
				default:
					continue
				}
				return
			}
			honest(w, r, n)
		}
	}
	for _, c := range []struct {
		name  string
		speak func(http.ResponseWriter, *request, int)
		model string
		check func(request) bool
		extra int // requests beside those that were answered
	}{
		{"honours a schema", honest, "", func(r request) bool { return r.format() == "json_schema" }, 0},
		{"no schema", refuse("json_schema"), "", func(r request) bool { return r.format() == "json_object" }, 1},
		{"no form at all", refuse("json_schema", "json_object"), "", func(r request) bool { return r.format() == "" }, 2},
		{"no temperature", refuse("temperature"), "", func(r request) bool { return r.Temperature == nil && r.format() == "json_schema" }, 1},
		{"the new maximum", refuse("max_tokens"), "", func(r request) bool { return r.MaxTokens == 0 && r.NewMaximum == 2000 }, 1},
		{"nothing of it", refuse("max_tokens", "temperature", "json_schema", "json_object"), "", func(r request) bool { return r.format() == "" && r.Temperature == nil }, 4},
		{"a model that thinks", honest, "o3-mini", func(r request) bool { return r.Temperature == nil && r.NewMaximum == 2000 }, 0},
		{"ignores the form", func(w http.ResponseWriter, r *request, _ int) {
			say(w, r, "<think>{Maybe} none?</think>Here it is:\n```json\n"+an(r, nil, Unsure, "")+"\n```\nGood luck!", "stop")
		}, "", func(request) bool { return true }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.speak)
			r := reader(s)
			if c.model != "" {
				r.Model = c.model
			}
			got := read(t, r, page("en", clipzy))
			if got.Status != Complete || got.Counts.NoOpinion != 0 || got.Counts.Asked == 0 {
				t.Fatalf("status %q, problem %v, counts %+v", got.Status, got.Problem, got.Counts)
			}
			list := s.got()
			if len(list) != got.Counts.Asked+c.extra {
				t.Errorf("%d requests for %d answers, want %d more", len(list), got.Counts.Asked, c.extra)
			}
			for _, q := range list[c.extra:] {
				if !c.check(q) {
					t.Errorf("it asked in the form %q, temperature %v, most tokens %d or %d", q.format(), q.Temperature, q.MaxTokens, q.NewMaximum)
				}
			}
		})
	}
}

// Answers that cannot be used are asked for once more, and then recorded as no usable opinion.
func TestAnswersThatCannotBeUsed(t *testing.T) {
	good := honest
	bad := map[string]func(w http.ResponseWriter, r *request, n int){
		"refused": func(w http.ResponseWriter, r *request, _ int) {
			completion(w, r.Model, map[string]any{"role": "assistant", "refusal": "I cannot help with that."}, "stop")
		},
		"filtered": func(w http.ResponseWriter, r *request, _ int) { say(w, r, "", "content_filter") },
		"cut off":  func(w http.ResponseWriter, r *request, _ int) { say(w, r, an(r, nil, Unsure, ""), "length") },
		"prose":    func(w http.ResponseWriter, r *request, _ int) { say(w, r, "There are no transfers in it.", "stop") },
		"empty":    func(w http.ResponseWriter, r *request, _ int) { say(w, r, "", "stop") },
		"half": func(w http.ResponseWriter, r *request, _ int) {
			say(w, r, `{"passage": "`+r.mark()+`", "facts": [{`, "stop")
		},
		"other form": func(w http.ResponseWriter, r *request, _ int) { say(w, r, `{"transfers": false}`, "stop") },
		"more fields": func(w http.ResponseWriter, r *request, _ int) {
			say(w, r, strings.Replace(an(r, nil, Unsure, ""), "{", `{"level": "note",`, 1), "stop")
		},
		"longer than is kept": func(w http.ResponseWriter, r *request, _ int) {
			say(w, r, an(r, nil, Unsure, "")+strings.Repeat(" ", MaxRaw), "stop")
		},
	}
	for _, name := range slices.Sorted(maps.Keys(bad)) {
		t.Run(name, func(t *testing.T) {
			s := serve(t, bad[name])
			got := read(t, reader(s), page("en", clipzy))
			if got.Status != Complete || got.Counts.NoOpinion != got.Counts.Asked || got.Counts.Dropped.Form != got.Counts.Asked || len(got.Added)+len(got.Doubted) != 0 {
				t.Errorf("status %q, counts %+v", got.Status, got.Counts)
			}
			if len(s.got()) != 2*got.Counts.Asked || got.Tokens.In != 900*len(s.got()) {
				t.Errorf("%d requests for %d questions, tokens %+v", len(s.got()), got.Counts.Asked, got.Tokens)
			}
			for _, o := range got.Opinions {
				if o.Verdict != NoOpinion || len(o.Raw) > MaxRaw || o.Tokens.In != 1800 {
					t.Errorf("opinion %+v", o)
				}
			}
			again := 0
			for _, q := range s.got() {
				if len(q.Messages) == 3 && q.Messages[2].Role == "user" && strings.Contains(q.Messages[2].Content, "could not be used: it ") {
					again++
				}
			}
			if again != got.Counts.Asked {
				t.Errorf("%d questions were asked again with what was wrong", again)
			}
		})
		t.Run(name+", then good", func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *request, n int) {
				if len(r.Messages) == 2 {
					bad[name](w, r, n)
				} else {
					good(w, r, n)
				}
			})
			if got := read(t, reader(s), page("en", clipzy)); got.Counts.NoOpinion != 0 || len(got.Added) != 1 || got.Counts.Dropped.Total() != 0 {
				t.Errorf("counts %+v, added %+v", got.Counts, got.Added)
			}
		})
	}
}

// Servers that fail, and how it is told. None of it is an error of the run.
func TestServersThatFail(t *testing.T) {
	status := func(n int, code, message string) func(http.ResponseWriter, *request, int) {
		return func(w http.ResponseWriter, _ *request, _ int) { complain(w, n, code, message) }
	}
	html := func(n int) func(http.ResponseWriter, *request, int) {
		return func(w http.ResponseWriter, _ *request, _ int) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(n)
			w.Write([]byte("<!doctype html><title>502 Bad Gateway</title><h1>nginx</h1>"))
		}
	}
	for _, c := range []struct {
		name     string
		speak    func(http.ResponseWriter, *request, int)
		want     string
		requests int
	}{
		{"the key", status(401, "invalid_api_key", "Incorrect API key provided: sk-secret-1."), "unauthorized: HTTP 401: Incorrect API key provided: ….", 1},
		{"not allowed", status(403, "", "no"), "unauthorized: HTTP 403: no", 1},
		{"no such model", status(404, "model_not_found", "The model `second-1` does not exist"), "unknown model: HTTP 404: The model `second-1` does not exist", 1},
		{"no such model, as 400", status(400, "", "model 'second-1' not found, try pulling it first"), "unknown model: HTTP 400: model 'second-1' not found, try pulling it first", 1},
		{"always 400", status(400, "", "the context is too long"), "refused: HTTP 400: the context is too long", 9},
		{"busy", status(429, "rate_limit_exceeded", "Rate limit reached"), "busy: HTTP 429: Rate limit reached", 12},
		{"broken", status(500, "", "internal"), "broken: HTTP 500: internal", 12},
		{"a page with 502", html(502), "broken: HTTP 502 Bad Gateway", 12},
		{"a page with 200", html(200), "broken: the answer is no chat completion", 3},
		{"no choice", func(w http.ResponseWriter, _ *request, _ int) { w.Write([]byte(`{"choices": []}`)) }, "broken: the answer is no chat completion", 3},
		{"endless", func(w http.ResponseWriter, _ *request, _ int) { w.Write([]byte(strings.Repeat(" ", maxBody+1))) }, "broken: the server answered with more than 1048576 bytes", 3},
		{"hangs up", func(http.ResponseWriter, *request, int) { panic(http.ErrAbortHandler) }, "unreachable: the connection ended without an answer", 4},
		{"hangs up half way", func(w http.ResponseWriter, _ *request, _ int) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(`{"choices": [`))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "broken: the connection ended before the answer did", 12},
		{"controls and directions", status(418, "", "a\x1b[2Jb\u202ec\nd"), "refused: HTTP 418: a (2Jb c d", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.speak)
			r := reader(s)
			r.Key, r.Limits.Parallel = "sk-secret-1", 1
			got := read(t, r, page("en", clipzy))
			if told(got.Problem) != c.want || got.Status != Failed || len(got.Opinions) != 0 || got.Counts.Asked != 0 || got.Counts.Failed == 0 || got.Counts.Unasked == 0 {
				t.Errorf("%s, status %q, counts %+v; want %s", told(got.Problem), got.Status, got.Counts, c.want)
			}
			if len(s.got()) != c.requests {
				t.Errorf("%d requests, want %d", len(s.got()), c.requests)
			}
			if len(got.Problem.Detail) > maxDetail {
				t.Errorf("the detail has %d bytes", len(got.Problem.Detail))
			}
		})
	}
}

func TestNobodyIsThere(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	got := read(t, &Reader{Endpoint: s.URL + "/v1", Model: "m", Wait: func(context.Context, time.Duration) error { return nil }}, page("en", clipzy))
	if got.Status != Failed || told(got.Problem) != "unreachable: dial tcp HOST: connect: connection refused" || len(got.Opinions) != 0 || got.Counts.Failed != 1 {
		t.Errorf("status %q, %s, counts %+v", got.Status, told(got.Problem), got.Counts)
	}
}

// A machine that is off takes no connection and refuses none: the endpoint is given up at once, and not after the time that a model may think.
func TestNobodyTakesTheConnection(t *testing.T) {
	s := serve(t, nothing)
	r := reader(s)
	r.HTTP = &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: time.Nanosecond}).DialContext}}
	got := read(t, r, page("en", clipzy))
	if got.Status != Failed || told(got.Problem) != "unreachable: dial tcp HOST: i/o timeout" || got.Counts.Failed != 1 || len(s.got()) != 0 {
		t.Errorf("status %q, %s, counts %+v", got.Status, told(got.Problem), got.Counts)
	}
	if Transport(4).DialContext == nil || Transport(4).TLSHandshakeTimeout != reachable {
		t.Error("a connection may take as long as it likes")
	}
}

// An answer that cannot be used, and that the budget leaves no second try for, is kept: it was paid for.
func TestBudgetForNoSecondTry(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *request, _ int) { say(w, r, "There are no transfers in it.", "stop") })
	r, c := reader(s), &shelf{held: map[Key][]byte{}}
	r.Cache, r.Limits.Tokens = c, 3500 // one question, and not its second try
	got := read(t, r, page("en", clipzy))
	if got.Status != Stopped || got.Counts.Asked != 1 || got.Counts.NoOpinion != 1 || got.Counts.Dropped != (Dropped{Form: 1}) || got.Counts.Unasked == 0 || len(s.got()) != 1 {
		t.Fatalf("status %q, counts %+v, %d requests", got.Status, got.Counts, len(s.got()))
	}
	if o := got.Opinions[0]; o.Verdict != NoOpinion || o.Raw != "There are no transfers in it." || o.Tokens.In != 900 {
		t.Errorf("%+v", o)
	}
	r.Limits.Tokens = 0
	if more := read(t, r, page("en", clipzy)); more.Status != Complete || more.Counts.Cached != 1 {
		t.Errorf("the further run: status %q, counts %+v", more.Status, more.Counts)
	}
}

// An answer that cannot be used is kept where the second try fails, too, however it does: it was paid for, and would be again.
func TestSecondTryFails(t *testing.T) {
	for name, fail := range map[string]func(http.ResponseWriter, *request, int){
		"500": func(w http.ResponseWriter, _ *request, _ int) { complain(w, 500, "", "oops") },
		"400": func(w http.ResponseWriter, _ *request, _ int) { complain(w, 400, "", "too long") },
		"off": func(http.ResponseWriter, *request, int) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			first := 0
			s := serve(t, func(w http.ResponseWriter, r *request, n int) {
				if len(r.Messages) > 2 {
					fail(w, r, n)
					return
				}
				first++
				say(w, r, "There are no transfers in it.", "stop")
			})
			r, c := reader(s), &shelf{held: map[Key][]byte{}}
			r.Cache, r.Limits.Parallel, r.Limits.Retries = c, 1, -1
			for range 20 { // until all is answered
				if got := read(t, r, page("en", clipzy)); got.Status == Complete {
					if got.Problem != (Problem{}) || got.Counts.NoOpinion != got.Counts.Asked+got.Counts.Cached {
						t.Errorf("%+v, counts %+v", got.Problem, got.Counts)
					}
					break
				}
			}
			if first == 0 || first != len(c.held) {
				t.Errorf("%d answers were paid for, %d are kept", first, len(c.held))
			}
		})
	}
}

func TestSlowServer(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *request, _ int) { <-r.ctx.Done() })
	r := reader(s)
	r.Limits.Timeout = 20 * time.Millisecond
	got := read(t, r, page("en", clipzy))
	if got.Status != Failed || told(got.Problem) != "timed out: no answer within 20ms" || got.Counts.Failed < maxInRow {
		t.Errorf("status %q, %s, counts %+v", got.Status, told(got.Problem), got.Counts)
	}
}

// What is answered before a server gives out stays, and failures that pass leave no trace.
func TestFailuresThatPass(t *testing.T) {
	hang := func(http.ResponseWriter, *request, int) { panic(http.ErrAbortHandler) }
	var waits []time.Duration
	for name, fail := range map[string]func(http.ResponseWriter, *request, int){
		"500":     func(w http.ResponseWriter, _ *request, _ int) { complain(w, 500, "", "oops") },
		"429":     func(w http.ResponseWriter, _ *request, _ int) { complain(w, 429, "", "slow down") },
		"hang up": hang,
	} {
		t.Run(name, func(t *testing.T) {
			waits = nil
			s := serve(t, func(w http.ResponseWriter, r *request, n int) {
				if n > 0 && n < 4 {
					fail(w, r, n)
					return
				}
				honest(w, r, n)
			})
			r := reader(s)
			r.Limits.Parallel = 1
			r.Wait = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
			got := read(t, r, page("en", clipzy))
			if got.Status != Complete || got.Counts.Failed != 0 || len(s.got()) != got.Counts.Asked+3 {
				t.Errorf("status %q, counts %+v, %d requests", got.Status, got.Counts, len(s.got()))
			}
			if fmt.Sprint(waits) != "[500ms 1s 2s]" {
				t.Errorf("it waited %v", waits)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]string{
		"7":                                "[7s]",
		"0":                                "[0s]",
		"Sun, 22 Nov 2026 12:00:09 GMT":    "[9s]",
		"Sun, 22 Nov 2026 11:00:00 GMT":    "[0s]",
		"soon":                             "[500ms]",
		"31":                               "[]", // more than is waited
		"99999999999999999999999999999999": "[500ms]",
	} {
		var mu sync.Mutex
		var waits []time.Duration
		s := serve(t, func(w http.ResponseWriter, r *request, n int) {
			if n == 0 {
				w.Header().Set("Retry-After", header)
				complain(w, 429, "", "slow down")
				return
			}
			honest(w, r, n)
		})
		r := reader(s)
		r.Wait = func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			waits = append(waits, d)
			return nil
		}
		got := read(t, r, page("en", clipzy))
		if fmt.Sprint(waits) != want {
			t.Errorf("Retry-After: %s: it waited %v, want %s", header, waits, want)
		}
		if status := map[bool]Status{true: Partial, false: Complete}[want == "[]"]; got.Status != status {
			t.Errorf("Retry-After: %s: status %q, want %q (%v)", header, got.Status, status, got.Problem)
		}
	}
}

func TestAnotherHostGetsNothing(t *testing.T) {
	other := serve(t, nothing)
	for _, status := range []int{301, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, _ *request, _ int) {
			w.Header().Set("Location", other.URL+"/v1/chat/completions")
			w.WriteHeader(status)
		})
		got := read(t, reader(s), page("en", clipzy))
		if len(other.got()) != 0 || got.Status != Failed || got.Problem.Kind != Unreachable || len(s.got()) != 1 { // it would be the same with all questions
			t.Errorf("%d: the other host got %d requests, the endpoint %d; status %q, problem %v", status, len(other.got()), len(s.got()), got.Status, got.Problem)
		}
	}
}

func TestKeyIsNotKept(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *request, _ int) {
		completion(w, "served by sk-secret-1", map[string]any{"role": "assistant", "content": "your key is sk-secret-1"}, "sk-secret-1")
	})
	r := reader(s)
	r.Key = "sk-secret-1"
	if b := encoded(t, read(t, r, page("en", clipzy))); strings.Contains(b, "sk-secret-1") || !strings.Contains(b, "your key is …") {
		t.Errorf("the records hold the key: %s", b)
	}
}

func TestServedModelIsRecorded(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *request, _ int) {
		completion(w, "another-model", map[string]any{"role": "assistant", "content": an(r, nil, Unsure, "")}, "stop")
	})
	for _, o := range read(t, reader(s), page("en", clipzy)).Opinions {
		if o.Model != "second-1" || o.Served != "another-model" || "http://"+o.Host != s.URL || !o.At.Equal(noon) {
			t.Errorf("model %q, served %q, host %q, at %v", o.Model, o.Served, o.Host, o.At)
		}
	}
}

func TestCountsOfServersThatLie(t *testing.T) {
	for _, c := range []struct{ said, estimated, hidden, want int }{
		{-5, 1700, 0, 1700}, {0, 1700, 0, 1700}, {1, 1700, 0, 1700}, {19_000_000, 1700, 0, 1700}, {1 << 62, 1700, 2000, 1700},
		{900, 1700, 0, 900}, {3000, 1700, 0, 3000}, {1, 3, 0, 1}, {1900, 60, 2000, 1900},
	} {
		if got := count(c.said, c.estimated, c.hidden); got != c.want {
			t.Errorf("of about %d tokens a server says %d: %d are counted, want %d", c.estimated, c.said, got, c.want)
		}
	}
}
