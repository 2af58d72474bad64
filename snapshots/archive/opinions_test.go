package archive

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

// opinion is that of a model which doubts a finding on the words of a text, or that of one which reads a fact in them.
func opinion(t testing.TB, n int, words string) snapshots.Opinion {
	t.Helper()
	span := snapshots.Span{Start: 10, End: 10 + len(words)}
	o := snapshots.Opinion{Job: "review", Document: snapshots.HashOf([]byte("text")), Finding: fmt.Sprintf("%024x", n), Check: "T01", Verdict: "disagree", Quote: words, Span: &span,
		Passage: snapshots.OpinionPassage{Hash: snapshots.HashOf([]byte(words)), Span: snapshots.Span{Start: 0, End: 5000}}, Model: "norden-7b", Host: "127.0.0.1:11434",
		Prompt: snapshots.HashOf([]byte("prompt")), At: day(n), Raw: fmt.Sprintf(`{"verdict":"disagree","quote":%q,"n":%d}`, words, n), Finish: "stop", Tokens: snapshots.OpinionTokens{In: 300, Out: 20}}
	if n%2 == 1 {
		o.Job, o.Finding, o.Check, o.Verdict, o.Quote, o.Span = "read", "", "", "", "", nil
		o.Facts = []snapshots.OpinionFact{{Kind: "destination", Country: "US", Role: "storage", Quote: words, Span: span}}
		o.Dropped = snapshots.OpinionDropped{Quote: 2}
	}
	if err := o.Identify(); err != nil {
		t.Fatal(err)
	}
	return o
}

func opined(t testing.TB, a *Archive, v snapshots.Version, list ...snapshots.Opinion) int {
	t.Helper()
	n, err := a.PutOpinions(v, list)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// opinionsIn are the opinions on some terms, without the first ones of every filled archive.
func opinionsIn(t testing.TB, a *Archive, terms snapshots.Terms) (out []snapshots.Opinion) {
	t.Helper()
	for i, x := range all(t, a.Opinions(terms)) {
		if i > 0 {
			out = append(out, x.List...)
		}
	}
	return out
}

// versionOf is a version that was read from a snapshot.
func versionOf(t testing.TB, a *Archive, s snapshots.Snapshot) snapshots.Version {
	t.Helper()
	for _, v := range all(t, a.Versions(s.Terms)) {
		if v.Snapshot == s.ID {
			return v
		}
	}
	t.Fatalf("no version of %s", s.ID)
	return snapshots.Version{}
}

func TestOpinions(t *testing.T) {
	a, s := withSecret(t)
	page, after := versionOf(t, a, s["page"]), versionOf(t, a, s["after"])
	one, two, three := opinion(t, 1, "in Norway"), opinion(t, 2, "in Canada"), opinion(t, 3, "in India")
	if n := opined(t, a, page, one, two, one); n != 2 {
		t.Errorf("%d opinions of two are new", n)
	}
	if n := opined(t, a, page, two, three); n != 1 {
		t.Errorf("%d opinions of one are new", n)
	}
	if n := opined(t, a, after, one); n != 1 {
		t.Errorf("an opinion on the words of another text is recorded with that, too: %d", n)
	}
	if n := opined(t, a, after, one); n != 0 {
		t.Errorf("an opinion is recorded again: %d", n)
	}
	want := []snapshots.Opinion{one, two, three, one}
	got := all(t, a.Opinions(clipzy))
	if len(got) != 4 || got[1].Version != page.ID || !slices.Contains(got[1].Snapshots, s["page"].ID) || !got[2].At.Equal(three.At) {
		t.Errorf("%+v", got)
	}
	if d := cmp.Diff(want, opinionsIn(t, a, clipzy)); d != "" {
		t.Error(d)
	}
	if got := opinionsIn(t, a, snapshots.Terms{Service: "Clipzy", Type: "Terms of Service"}); len(got) > 0 {
		t.Errorf("opinions on other terms: %v", got)
	}
	records := []string{got[1].Record, got[2].Record}
	sound(t, a)
	before := dumped(t, a, false)
	dir := closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatal(p, err)
	}
	a = opened(t, dir, Options{})
	if d := cmp.Diff(before, dumped(t, a, false)); d != "" || !strings.Contains(before, one.ID) || strings.Contains(before, "in Norway") {
		t.Errorf("the index names opinions, and has none of their words: %s", d)
	}
	proven(t, a, records...)
	dir = closed(t, a)
	saved, to := filepath.Join(t.TempDir(), "saved"), filepath.Join(t.TempDir(), "restored")
	if err := Backup(dir, saved, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Restore(context.Background(), saved, to, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, opinionsIn(t, opened(t, to, Options{}), clipzy)); d != "" {
		t.Error(d)
	}
}

// Whoever erases a text erases the opinions that quote it, and those on other texts stay.
func TestOpinionsErased(t *testing.T) {
	a, s := withSecret(t)
	dir := whereIs(a)
	page, after := versionOf(t, a, s["page"]), versionOf(t, a, s["after"])
	kept := opinion(t, 4, "in Canada")
	opined(t, a, page, opinion(t, 1, secret), opinion(t, 2, secret))
	opined(t, a, after, kept)
	records := []string{all(t, a.Opinions(clipzy))[1].Record}
	x, err := a.Erase(ids(s, "page", "rendered", "annex", "text 5"), day(300), "request 17", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if !slices.Contains(x.Records, r) {
			t.Errorf("%s is not erased", r)
		}
	}
	if d := cmp.Diff([]snapshots.Opinion{kept}, opinionsIn(t, a, clipzy)); d != "" {
		t.Error(d)
	}
	if _, err := a.PutOpinions(page, []snapshots.Opinion{opinion(t, 6, secret)}); !errors.Is(err, ErrErased) {
		t.Errorf("opinions on a text that was erased meanwhile: %v", err)
	}
	readAll(t, a)
	sound(t, a)
	proven(t, a, records...)
	before := dumped(t, a, false)
	if left := holdsSecret(t, a); len(left) > 0 {
		t.Errorf("the secret is left in %q", left)
	}
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatalf("rebuild: %v, %v", p, err)
	}
	a = opened(t, dir, Options{})
	if d := cmp.Diff(before, dumped(t, a, false)); d != "" {
		t.Error(d)
	}

	// The text comes again, and so do the opinions on it.
	got, err := a.PutCapture(capture(day(310), "The policy. "+secret))
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, a)
	if n := opined(t, a, versionOf(t, a, got), opinion(t, 1, secret), opinion(t, 2, secret)); n != 2 {
		t.Errorf("%d opinions are new", n)
	}
	sound(t, a)
}

func TestOpinionsRefused(t *testing.T) {
	a, s := withSecret(t)
	v := versionOf(t, a, s["page"])
	for name, change := range map[string]func(*snapshots.Opinion){
		"another job":             func(o *snapshots.Opinion) { o.Job = "decide" },
		"another verdict":         func(o *snapshots.Opinion) { o.Verdict = "closed" },
		"no document":             func(o *snapshots.Opinion) { o.Document = "" },
		"no prompt":               func(o *snapshots.Opinion) { o.Prompt = "x" },
		"no finding":              func(o *snapshots.Opinion) { o.Finding = "" },
		"a doubt without it":      func(o *snapshots.Opinion) { o.Quote, o.Span = "", nil },
		"words from elsewhere":    func(o *snapshots.Opinion) { o.Span = &snapshots.Span{Start: 4999, End: 5001} },
		"words of another length": func(o *snapshots.Opinion) { o.Quote += "!" },
		"no model":                func(o *snapshots.Opinion) { o.Model = "" },
		"no date":                 func(o *snapshots.Opinion) { o.At = time.Time{} },
		"a huge answer":           func(o *snapshots.Opinion) { o.Raw = strings.Repeat("a", snapshots.MaxRawAnswer+1) },
		"no UTF-8":                func(o *snapshots.Opinion) { o.Raw = "\xff" },
		"facts in a review":       func(o *snapshots.Opinion) { o.Facts = opinion(t, 1, "in Norway").Facts },
	} {
		o := opinion(t, 2, "in Norway")
		change(&o)
		if err := o.Identify(); err != nil {
			t.Fatal(err)
		}
		if n, err := a.PutOpinions(v, []snapshots.Opinion{o}); err == nil || n > 0 {
			t.Errorf("%s is recorded", name)
		}
	}
	o := opinion(t, 2, "in Norway")
	o.Raw += " "
	if _, err := a.PutOpinions(v, []snapshots.Opinion{o}); err == nil || !strings.Contains(err.Error(), "its content has the ID") {
		t.Errorf("an opinion with the ID of another: %v", err)
	}
	if _, err := a.PutOpinions(v, make([]snapshots.Opinion, snapshots.MaxOpinions+1)); err == nil {
		t.Error("too many are recorded")
	}
	if got := opinionsIn(t, a, clipzy); len(got) > 0 {
		t.Errorf("recorded: %v", got)
	}
}

// Opinions that were changed, or that an entry does not know, are damage.
func TestOpinionsDamaged(t *testing.T) {
	a, s := withSecret(t)
	v := versionOf(t, a, s["page"])
	opined(t, a, v, opinion(t, 1, "in Norway"))
	record := all(t, a.Opinions(clipzy))[1].Record
	err := a.put(func(st *stage) (bool, error) {
		x := snapshots.Opinions{Terms: clipzy, Version: v.ID, Snapshots: readFrom(v), At: day(1), IDs: []string{"0123456789abcdef"}}
		if err := st.entry(entry{Opinions: &x, Record: record}, x.At); err != nil {
			return false, err
		}
		return st.finish(uuid{}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := checked(t, a); !p.Damaged() || !strings.Contains(fmt.Sprint(p), "holds other opinions than its entry says") {
		t.Errorf("%v", p)
	}
	failed := false
	for _, err := range a.Opinions(clipzy) {
		failed = failed || errors.Is(err, ErrDamaged)
	}
	if !failed {
		t.Error("opinions are read that their entry does not know")
	}
}
