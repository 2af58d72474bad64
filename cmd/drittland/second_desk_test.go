package main

// What a model says of a version in the archive can neither remove, lower nor close a finding, whatever it says.

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// opinionOn is an opinion with an ID, on words of a document.
func opinionOn(t *testing.T, doc *snapshots.Document, words string, change func(*snapshots.Opinion)) snapshots.Opinion {
	t.Helper()
	at := strings.Index(doc.Text, words)
	if at < 0 {
		t.Fatalf("the text has no %q", words)
	}
	span := snapshots.Span{Start: at, End: at + len(words)}
	o := snapshots.Opinion{Job: "review", Document: snapshots.HashOf([]byte(doc.Text)), Passage: snapshots.OpinionPassage{Hash: snapshots.HashOf([]byte(words)), Span: snapshots.Span{End: len(doc.Text)}},
		Verdict: "disagree", Quote: words, Span: &span, Model: "norden-7b", Host: "127.0.0.1:8080", Prompt: snapshots.HashOf(nil), At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Raw: "{}"}
	change(&o)
	if err := o.Identify(); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOpinionsCloseNoFinding(t *testing.T) {
	const words = "We store your personal data on servers in India"
	c := clockedDesk(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), "# Privacy policy\n\n"+words+" and in China. We share it with service providers there.\n\nYou may object at any time.\n")
	type state struct{ Key, State, Level, Fingerprint string }
	stands := func() (items []state, findings []analyze.Finding, listed []decided, page string) {
		for _, x := range c.items(func(*review.Item) bool { return true }) {
			items = append(items, state{x.Key(), x.State.Is, string(x.Level), x.Fingerprint})
		}
		y, err := c.looked(context.Background(), c.engine, clipzy.Service, clipzy.Type, "")
		if err == nil {
			findings = y.findings
			listed, err = c.mattersOf(context.Background(), c.engine, clipzy, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		return items, findings, listed, c.page("/change?s=Clipzy&t=Privacy+Policy&v=1")
	}
	items, findings, listed, page := stands()
	if len(findings) < 2 || len(items) == 0 || len(listed) == 0 {
		t.Fatalf("%d findings, %d items, %d matters", len(findings), len(items), len(listed))
	}
	c.opine(t, findings, words)
	items2, findings2, listed2, page2 := stands()
	if !same(t, items, items2) || !same(t, findings, findings2) || !same(t, listed, listed2) {
		t.Errorf("findings are not what they were:\n%+v\n%+v\n%+v\n%+v", items, items2, findings, findings2)
	}
	card := regexp.MustCompile(`<div class="finding card (\w+)" id="finding-[0-9a-f]+">\s*<h3><span class="badge (\w+)">[^<]*</span> <span class="id">\w+`)
	if a, b := card.FindAllString(page, -1), card.FindAllString(page2, -1); len(a) < 2 || !slices.Equal(a, b) {
		t.Errorf("the page shows %q, before %q", b, a)
	}
	if n := strings.Count(page2, "doubted by model norden-7b"); n != len(findings) || !strings.Contains(page2, "opinion (model norden-7b)") {
		t.Errorf("%d doubts of %d findings are shown", n, len(findings))
	}
}

// opine records, of every finding, that a model doubts it, and a fact; and opinions that are about nothing there is.
func (c *clocked) opine(t *testing.T, findings []analyze.Finding, words string) {
	t.Helper()
	err := c.write(func(a *archive.Archive) error {
		h, err := readHistory(a, clipzy)
		if err != nil {
			return err
		}
		v := h.Versions[len(h.Versions)-1]
		doc, _, err := texts(a, v)
		if err != nil {
			return err
		}
		var list []snapshots.Opinion
		for _, f := range findings {
			list = append(list, opinionOn(t, doc, words, func(o *snapshots.Opinion) { o.Finding, o.Check = f.Fingerprint, f.ID }))
		}
		list = append(list,
			opinionOn(t, doc, words, func(o *snapshots.Opinion) { o.Finding, o.Check = strings.Repeat("0", 24), findings[0].ID }),
			opinionOn(t, doc, words, func(o *snapshots.Opinion) {
				o.Finding, o.Document = findings[0].Fingerprint, snapshots.HashOf([]byte("another text"))
			}),
			opinionOn(t, doc, words, func(o *snapshots.Opinion) {
				o.Job, o.Verdict, o.Quote, o.Facts = "read", "", "", []snapshots.OpinionFact{{Kind: "copy", Quote: words, Span: *o.Span}}
				o.Span = nil
			}))
		_, err = a.PutOpinions(v, list)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, a, b any) bool {
	t.Helper()
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return string(x) == string(y)
}

// Answers come out of the archive as they went in, and those of another model do not.
func TestAnswersComeFromTheArchive(t *testing.T) {
	const words = "We store your personal data on servers in India"
	c := clockedDesk(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), "# Privacy policy\n\n"+words+" and in China.\n")
	y, err := c.looked(context.Background(), c.engine, clipzy.Service, clipzy.Type, "")
	if err != nil {
		t.Fatal(err)
	}
	c.opine(t, y.findings, words)
	err = c.look(func(a *archive.Archive) error {
		for model, want := range map[string]bool{"norden-7b": true, "other": false} {
			cache, err := answersOn(a, clipzy, model)
			if err != nil {
				return err
			}
			for x, err := range a.Opinions(clipzy) {
				if err != nil {
					return err
				}
				if cache.has(x.Snapshots[0], x.List) != want || cache.has("urn:uuid:another", x.List) {
					t.Errorf("%s: what is recorded is not known", model)
				}
				for i := range x.List {
					o, err := llm.Recorded(&x.List[i])
					if err != nil {
						return err
					}
					k, b := o.Entry()
					if got, ok := cache.Get(k); ok != want || want && string(got) != string(b) {
						t.Errorf("%s: %q, %v", model, got, ok)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
