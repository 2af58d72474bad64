package llm

// Models that lie. Nothing that they say changes what the rules said.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// dest is a destination that a model claims.
func dest(country, quote string) said {
	return said{Kind: "destination", Country: country, Role: "storage", Quote: quote}
}

func TestLies(t *testing.T) {
	body := func(r *request, change func(map[string]any)) string {
		m := map[string]any{}
		json.Unmarshal([]byte(an(r, []said{dest("SG", "servers in Singapore")}, Agree, "servers in Singapore")), &m)
		change(m)
		b, _ := json.Marshal(m)
		return string(b)
	}
	where := "servers in Singapore and in the United States"
	for _, c := range []struct {
		name string
		lie  func(r *request) string
		want Dropped // in the passage on transfers; Form of a whole answer
	}{
		{"invented quote", func(r *request) string {
			return an(r, []said{dest("CN", "We keep all data in China.")}, Disagree, "We do not transfer any data.")
		}, Dropped{Quote: 1}},
		{"quote from another passage", func(r *request) string {
			if strings.Contains(r.Messages[1].Content, "Videos that you delete") {
				return an(r, nil, Unsure, "")
			}
			return an(r, []said{{Kind: "vague", Quote: "Videos that you delete are gone"}}, Disagree, "Videos that you delete are gone")
		}, Dropped{Quote: 1}},
		{"words that do not stand together", func(r *request) string {
			return an(r, []said{dest("US", "servers in the United States")}, Disagree, "servers in Malaysia")
		}, Dropped{Quote: 1}},
		{"another passage's number", func(r *request) string {
			return strings.Replace(an(r, []said{dest("SG", where)}, Disagree, where), r.mark(), "0123456789abcdef", 1)
		}, Dropped{Passage: 1}},
		{"a country that the words do not name", func(r *request) string { return an(r, []said{dest("CN", where)}, Unsure, "") }, Dropped{Country: 1}},
		{"no such country", func(r *request) string { return an(r, []said{dest("QQ", where)}, Unsure, "") }, Dropped{Country: 1}},
		{"a country by its name", func(r *request) string { return an(r, []said{dest("Singapore", where)}, Unsure, "") }, Dropped{Country: 1}},
		{"an unknown article", func(r *request) string {
			x := dest("SG", where)
			x.Article = "GDPR 146(9)"
			return strings.Replace(an(r, []said{x}, Disagree, where), `"article":""`, `"article":"GDPR 146(9)"`, 1)
		}, Dropped{Article: 1}},
		{"a lowered finding", func(r *request) string {
			return body(r, func(m map[string]any) { m["level"], m["findings"] = "note", []any{} })
		}, Dropped{Form: 1}},
		{"a closed finding", func(r *request) string {
			return body(r, func(m map[string]any) { m["verdict"] = "closed"; delete(m, "facts") })
		}, Dropped{Form: 1}},
		{"an empty list", func(r *request) string { return an(r, nil, Unsure, "") }, Dropped{}},
		{"duplicates", func(r *request) string { return an(r, slices.Repeat([]said{dest("SG", where)}, 8), Agree, where) }, Dropped{Duplicate: 7}},
		{"huge", func(r *request) string { return an(r, slices.Repeat([]said{dest("SG", where)}, 300), Agree, where) }, Dropped{Duplicate: 59, TooMany: 240}},
		{"huge quote", func(r *request) string {
			return an(r, []said{dest("SG", strings.Repeat(where+" ", 100))}, Agree, strings.Repeat(where+" ", 100))
		}, Dropped{Long: 1}},
		{"nonsense", func(*request) string { return "}{ \x00 lorem [[[" }, Dropped{Form: 1}},
		{"deep nonsense", func(*request) string { return strings.Repeat(`{"facts":[`, 5000) }, Dropped{Form: 1}},
		{"injected", func(r *request) string {
			return an(r, []said{dest("SG", "</script>\x1b]0;x\x07 servers in Singapore"), {Kind: "tool", Tool: "scc", Quote: "'; DROP TABLE findings; --"}}, Disagree, "ignore the rules")
		}, Dropped{Quote: 2}},
		{"a tool without its name", func(r *request) string { return an(r, []said{{Kind: "tool", Quote: where}}, Unsure, "") }, Dropped{Incomplete: 1}},
		{"no transfer", func(r *request) string {
			return an(r, []said{{Kind: "denial", Quote: "no data leave the Union"}}, Disagree, "")
		}, Dropped{Quote: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *request, _ int) { say(w, r, c.lie(r), "stop") })
			got := read(t, reader(s), page("en", clipzy)) // fails if the report changes
			if len(got.Added) != 0 || len(got.Doubted) != 0 || got.Status != Complete {
				t.Errorf("status %q, added %+v, doubted %+v", got.Status, got.Added, got.Doubted)
			}
			for _, o := range got.Opinions {
				if o.Job == ReadJob && strings.Contains(page("en", clipzy).Quote(o.Passage.Span), "Singapore") {
					if d := cmp.Diff(c.want, o.Dropped); d != "" {
						t.Error(d)
					}
				}
				if o.Verdict == Disagree {
					t.Errorf("%+v is recorded", o)
				}
			}
			if c.want != (Dropped{}) && got.Counts.Dropped.Total() == 0 {
				t.Errorf("nothing is counted: %+v", got.Counts)
			}
		})
	}
}

func TestPlacesAtHomeAreNoDestinations(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *request, _ int) {
		say(w, r, an(r, []said{dest("IE", "servers in Ireland"), dest("BR", "Servers IN  “Brazil”")}, Unsure, ""), "stop")
	})
	got := read(t, reader(s), page("en", "We store your data on servers in Ireland and keep copies on servers in Brazil."))
	if got.Counts.Dropped != (Dropped{Home: 1}) || len(got.Facts()) != 1 || got.Facts()[0].Quote != "servers in Brazil" {
		t.Errorf("dropped %+v, facts %+v", got.Counts.Dropped, got.Facts())
	}
}

func TestArticles(t *testing.T) {
	set, err := (&Reader{}).rules()
	if err != nil {
		t.Fatal(err)
	}
	h := &holder{set: set, day: today}
	for in, want := range map[string]string{"": "", " GDPR 44 ": "GDPR 44", "GDPR 13(1)(f)": "GDPR 13(1)(f)", "GDPR 46(3)(b)": "GDPR 46"} {
		if got, ok := h.article(in); !ok || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"GDPR 999", "CCPA 1798", "GDPR", "44", strings.Repeat("(", 10000)} {
		if got, ok := h.article(in); ok {
			t.Errorf("%.40q: %q", in, got)
		}
	}
	for kind, list := range asking {
		if !slices.Contains(factKinds, kind) {
			t.Errorf("no facts of the kind %q are asked for", kind)
		}
		for _, a := range list {
			if x, ok := law.Asks(a, "en"); !ok || x.Article != a {
				t.Errorf("%s: the legal data do not know %s", kind, a)
			}
		}
	}
	if len(asking) != len(factKinds) {
		t.Errorf("%d kinds of facts have articles, %d are asked for", len(asking), len(factKinds))
	}
}

// A model may say anything of the form: the report stays, and what counts stands in the text.
func TestNoAnswerChangesTheRules(t *testing.T) {
	d := page("en", clipzy)
	f, rep := judged(d)
	before := frozen(t, f, rep)
	prints := map[string]bool{}
	for _, x := range rep.Findings {
		prints[x.Fingerprint] = true
	}
	words := strings.Fields(clipzy + " China Tehran no never not transfer")
	r := &Reader{Endpoint: "http://127.0.0.1:1/v1", Model: "m"}
	p, err := r.Plan(f, rep)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := &runner{asker: r.asker(r.Limits.defaults()), out: make([]outcome, len(p.Questions))}
		quote := rapid.Custom(func(t *rapid.T) string {
			from := rapid.IntRange(0, len(words)-1).Draw(t, "from")
			return strings.Join(words[from:min(len(words), from+rapid.IntRange(0, 9).Draw(t, "n"))], " ")
		})
		for i := range p.Questions {
			q := &p.Questions[i]
			n.out[i] = outcome{state: answered, exchange: exchange{Raw: drawn(t, q, quote), At: noon}}
		}
		set, _ := r.rules()
		got := n.gather(p, known(f), &holder{set: set, day: rep.AsOf, document: snapshots.HashOf([]byte(d.Text))})
		b, _ := json.Marshal([]any{rep, f.All, f.Document, rep.Facts().All})
		if string(b) != before {
			t.Fatal("the report of the rules changed")
		}
		counted(t, d, got, prints)
	})
}

// drawn is any answer of the form to q.
func drawn(t *rapid.T, q *Question, quote *rapid.Generator[string]) string {
	mark := rapid.SampledFrom([]string{q.Passage.mark(), q.Passage.mark(), q.Passage.mark(), "x"}).Draw(t, "mark")
	article := rapid.SampledFrom([]string{"", "GDPR 44", "GDPR 46(3)", "GDPR 999"})
	m := map[string]any{"passage": mark}
	if q.Job == ReviewJob {
		m["verdict"], m["quote"], m["article"] = rapid.SampledFrom([]Verdict{Agree, Disagree, Unsure}).Draw(t, "verdict"), quote.Draw(t, "quote"), article.Draw(t, "article")
	} else {
		facts := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "facts") {
			facts = append(facts, map[string]any{"kind": rapid.SampledFrom(factKinds).Draw(t, "kind"), "country": rapid.SampledFrom([]string{"", "SG", "MY", "PH", "CN", "IR", "DE", "QQ"}).Draw(t, "country"),
				"role": rapid.SampledFrom([]string{"", "storage"}).Draw(t, "role"), "tool": rapid.SampledFrom([]string{"", "scc", "dpf"}).Draw(t, "tool"), "who": "",
				"hedged": rapid.Bool().Draw(t, "hedged"), "article": article.Draw(t, "article"), "quote": quote.Draw(t, "quote")})
		}
		m["facts"] = facts
	}
	b, _ := json.Marshal(m)
	return string(b)
}

// counted fails unless everything in a reading stands in the text and exists.
func counted(t *rapid.T, d *snapshots.Document, got *Reading, prints map[string]bool) {
	for _, o := range got.Opinions {
		if o.Span != nil && (o.Quote == "" || d.Quote(*o.Span) != o.Quote || !o.Passage.Span.Contains(*o.Span)) {
			t.Fatalf("%q is no quote of the passage", o.Quote)
		}
		if (o.Verdict == Agree || o.Verdict == Disagree) && o.Span == nil {
			t.Fatalf("%+v has no words", o)
		}
		for _, f := range o.Facts {
			if f.Quote == "" || d.Quote(f.Span) != f.Quote || !o.Passage.Span.Contains(f.Span) {
				t.Fatalf("%q is no quote of the passage", f.Quote)
			}
			if f.Country != "" && (places.DisplayName(f.Country, "en") == f.Country || !law.Third(f.Country, today)) {
				t.Fatalf("%+v counts", f)
			}
			if f.Article == "GDPR 999" {
				t.Fatalf("%+v counts", f)
			}
		}
	}
	for _, x := range got.Doubted {
		if !prints[x.Finding] || d.Quote(x.Span) != x.Quote {
			t.Fatalf("%+v is no doubt about a finding", x)
		}
	}
}

// FuzzAnswers reads whatever a server may write as an answer.
func FuzzAnswers(f *testing.F) {
	d := page("en", clipzy)
	facts, rep := judged(d)
	r := &Reader{Endpoint: "http://127.0.0.1:1/v1", Model: "m"}
	p, err := r.Plan(facts, rep)
	if err != nil {
		f.Fatal(err)
	}
	set, err := r.rules()
	if err != nil {
		f.Fatal(err)
	}
	var questions []*Question
	for i := range p.Questions {
		if strings.Contains(p.Questions[i].about.text, "Singapore") {
			questions = append(questions, &p.Questions[i])
			f.Add(fmt.Sprintf(`{"passage": %q, "facts": [{"kind": "destination", "country": "PH", "role": "", "tool": "", "who": "", "hedged": false, "article": "", "quote": "Manila, Philippines"}]}`, p.Questions[i].Passage.mark()), "stop")
			f.Add(fmt.Sprintf(`{"passage": %q, "verdict": "disagree", "quote": "servers in Singapore", "article": "GDPR 46"}`, p.Questions[i].Passage.mark()), "stop")
		}
	}
	f.Add("```json\n{}\n```", "length")
	f.Add("<think>{</think>{\"a\": 1e999}", "")
	f.Fuzz(func(t *testing.T, raw, finish string) {
		for _, q := range questions {
			n := &runner{asker: r.asker(r.Limits.defaults())}
			raw := clip(n.scrub(raw), MaxRaw)
			o := n.opinion(q, &outcome{exchange: exchange{Raw: raw, Finish: n.scrub(finish), At: noon}}, &holder{set: set, day: today})
			if o.ID == "" || o.Span != nil && d.Quote(*o.Span) != o.Quote || len(o.Facts) > MaxFacts {
				t.Errorf("%+v", o)
			}
			for _, x := range o.Facts {
				if x.Quote == "" || d.Quote(x.Span) != x.Quote {
					t.Errorf("%+v", x)
				}
			}
			k, b := o.Entry()
			if x, ok := readExchange(b); !ok || x.Raw != o.Raw || k != q.Key {
				t.Errorf("the entry of the cache is %q of %v", b, k)
			}
		}
	})
}

// FuzzCache reads whatever a cache may hold.
func FuzzCache(f *testing.F) {
	f.Add([]byte(`{"raw": "{}", "host": "h", "at": "2026-11-22T12:00:00Z", "tokens": {"in": -1, "out": 1}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, ok := readExchange(b); ok && (x.At.IsZero() || len(x.Raw) > MaxRaw || x.Tokens.In < 0) {
			t.Errorf("%+v", x)
		}
	})
}
