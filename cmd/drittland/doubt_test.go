package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// paragraphs makes a document of blocks.
func paragraphs(list ...string) *snapshots.Document {
	d := &snapshots.Document{Language: "en"}
	for _, p := range list {
		d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(p)}})
		d.Text += p + "\n"
	}
	return d
}

func TestSurprise(t *testing.T) {
	var list []string
	for i := range 20 {
		list = append(list, fmt.Sprintf("Paragraph number %d says what we do with your personal data.", i))
	}
	whole := paragraphs(list...)
	for name, c := range map[string]struct {
		now  *snapshots.Document
		want string
	}{
		"the same":            {whole, ""},
		"half, and a bit":     {paragraphs(list[:11]...), ""},
		"less than half":      {paragraphs(list[:9]...), "missing"},
		"twice":               {paragraphs(append(list, list...)...), "twice"},
		"twice, a bit edited": {paragraphs(append(list[:18:18], list...)...), "twice"},
		"much longer":         {paragraphs(append(list, strings.Split(strings.Repeat("Something new about other data, said at some length.|", 3)+"End of it all.", "|")...)...), ""},
	} {
		got := surprise(whole, c.now)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := surprise(paragraphs(list[:5]...), paragraphs(list[0])); got != "" {
		t.Errorf("of a short text: %q", got)
	}
}

func TestOtherLanguage(t *testing.T) {
	for _, c := range []struct {
		is, wanted string
		want       bool
	}{{"de", "en", true}, {"en", "en", false}, {"no", "da", false}, {"hr", "sl", false}, {"hr", "de", true}, {"und", "en", false}, {"de", "", false}, {"de", "ja", false}, {"", "", false}} {
		if got := otherLanguage(baseOf(c.is), baseOf(c.wanted)); got != c.want {
			t.Errorf("%q for %q: %v", c.is, c.wanted, got)
		}
	}
	if baseOf("nb-NO") != "no" || baseOf("de-AT") != "de" {
		t.Error("base of a language")
	}
}

func TestNextCapture(t *testing.T) {
	at := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	d := snapshots.Declaration{Service: "Pixelfern", TermsType: defaultType, Every: 24 * time.Hour}
	wait := func(st standing) time.Duration { return st.next(d, time.UTC).Sub(at) }
	if got := wait(standing{Tried: at, Got: at}); got != 24*time.Hour {
		t.Errorf("after a page: %s", got)
	}
	last := time.Duration(0)
	for n := 1; n < 8; n++ {
		got := wait(standing{Tried: at, Got: at, Trouble: &trouble{At: at, Times: n}})
		if base := min(24*time.Hour, time.Hour<<(n-1)); got < base || got > base+base/10 || got < last {
			t.Errorf("after %d failures: %s", n, got)
		}
		last = got
	}
	if got := wait(standing{Tried: at, Trouble: &trouble{At: at, Times: 1, Again: at.Add(50 * time.Hour)}}); got != 50*time.Hour {
		t.Errorf("of a server that asks to wait: %s", got)
	}
	if !new(standing).next(d, time.UTC).Before(at) {
		t.Error("a source that was never captured is not due")
	}
}

func TestBudget(t *testing.T) {
	now := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	for s, want := range map[string]struct {
		until    time.Time
		requests int
		ok       bool
	}{"": {ok: true}, "20m": {until: now.Add(20 * time.Minute), ok: true}, "200": {requests: 200, ok: true}, "0": {}, "-1": {}, "-5m": {}, "much": {}} {
		until, requests, err := budget(s, now)
		if !until.Equal(want.until) || requests != want.requests || (err == nil) != want.ok {
			t.Errorf("%q: %v %d %v", s, until, requests, err)
		}
	}
}

func TestSameSite(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"https://clipzy.example/a", "https://www.clipzy.example/b", true}, {"https://legal.clipzy.co.uk/", "https://clipzy.co.uk/", true},
		{"https://clipzy.co.uk/", "https://nordlicht.co.uk/", false}, {"https://clipzy.example/", "https://clipzy.example.evil.example/", false},
		{"http://127.0.0.1:81/", "http://127.0.0.1:82/", true}, {"http://a\x7f/", "http://b/", false},
	} {
		if got := sameSite(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestNearly(t *testing.T) {
	a := paragraphs("We are back soon.", "Write to us.", "Seen by 14 people.", "Thank you.")
	for _, c := range []struct {
		b    *snapshots.Document
		want bool
	}{{a, true}, {paragraphs("We are back soon.", "Write to us.", "Seen by 15 people.", "Thank you."), true}, {paragraphs("We are back soon."), false}, {paragraphs("Something else."), false}} {
		if got := nearly(a, c.b) && nearly(c.b, a); got != c.want {
			t.Errorf("%q: %v", c.b.Text, got)
		}
	}
}
