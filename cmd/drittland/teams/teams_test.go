package teams

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestNames(t *testing.T) {
	d := opened(t, pgtest.Need(t).Database(t))
	made(t, d)
	for _, name := range []string{"", "-a", "A", "a b", "a'; drop table orgs; --", "ä", strings.Repeat("a", 41), "a\x00", "a\n"} {
		if _, err := d.Add(t.Context(), name, noon); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := d.Add(t.Context(), "north", noon); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	for _, name := range []string{"west", "north' or '1'='1", "%", "nor_h"} {
		if _, err := d.Org(t.Context(), name); !errors.Is(err, ErrNoOrg) {
			t.Errorf("%q: %v", name, err)
		}
	}
	list, err := d.List(t.Context(), noon)
	if err != nil || len(list) != 2 || list[0].Name != "north" || list[0].Tokens != 1 || list[1].Watches != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What looks like SQL in the names of terms, handles and notes is only words.
func TestWordsAreWords(t *testing.T) {
	d := opened(t, pgtest.Need(t).Database(t))
	north, south := made(t, d)
	for _, s := range []string{"x'; delete from org_watches; --", `"; select set_config('drittland.org', '2', false); --`, "$1", "%s", `\'`, "' or true --"} {
		terms := snapshots.Terms{Service: s, Type: s}
		if added, err := north.Watch(t.Context(), byMK, terms); err != nil || !added {
			t.Errorf("%q: %v, %v", s, added, err)
		}
		if w, err := north.Watching(t.Context(), terms); err != nil || w.Service != s {
			t.Errorf("%q: %+v, %v", s, w, err)
		}
		if _, err := north.PutDecision(t.Context(), byMK, decision(terms, s)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if _, err := north.NewTokenFor(t, s); err == nil {
			t.Errorf("%q is a handle", s)
		}
		if err := north.Revoke(t.Context(), byMK, s); !errors.Is(err, ErrNotFound) {
			t.Errorf("revoke %q: %v", s, err)
		}
	}
	if n, err := south.Count(t.Context(), noon); err != nil || n.Watches != 1 || n.Decisions != 1 {
		t.Errorf("south: %+v, %v", n, err)
	}
}

func (o *Org) NewTokenFor(t *testing.T, handle string) (string, error) {
	s, _, err := o.NewToken(t.Context(), byMK, Token{Role: review.Reader, Handle: handle})
	return s, err
}

func TestBearer(t *testing.T) {
	ctx := t.Context()
	d := opened(t, pgtest.Need(t).Database(t))
	north, south := made(t, d)
	end := noon.Add(time.Hour)
	secret, token, err := north.NewToken(ctx, byMK, Token{Role: review.Reviewer, Handle: "kb", Expires: &end})
	if err != nil {
		t.Fatal(err)
	}
	other, err := south.NewTokenFor(t, "kb")
	if err != nil {
		t.Fatal(err)
	}
	o, got, err := d.Bearer(ctx, secret, noon)
	if err != nil || o.Name() != "north" || got.ID != token.ID || got.Role != review.Reviewer || got.Handle != "kb" {
		t.Fatalf("%v, %+v, %v", o, got, err)
	}
	if w, err := o.Watches(ctx, snapshots.Terms{}, 9); err != nil || len(w) != 1 || w[0].Terms != clipzy {
		t.Errorf("it lets one see %v, %v", w, err)
	}
	flip := func(s string, at int) string {
		c := byte('a')
		if s[at] == c {
			c = 'b'
		}
		return s[:at] + string(c) + s[at+1:]
	}
	for name, s := range map[string]string{"none": "", "its start": tokenStart, "another secret": flip(secret, len(secret)-1), "another id": flip(secret, len(tokenStart)),
		"longer": secret + "a", "shorter": secret[:len(secret)-1], "upper case": strings.ToUpper(secret), "id of one, secret of the other": secret[:len(tokenStart)+idLength] + other[len(tokenStart)+idLength:],
		"a wildcard": tokenStart + strings.Repeat("%", idLength+27), "NUL": secret[:20] + "\x00" + secret[21:]} {
		if _, _, err := d.Bearer(ctx, s, noon); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := d.Bearer(ctx, secret, end); !errors.Is(err, ErrToken) {
		t.Errorf("expired: %v", err)
	}
	if err := north.Revoke(ctx, byMK, token.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Bearer(ctx, secret, noon); !errors.Is(err, ErrToken) {
		t.Errorf("revoked: %v", err)
	}
	if err := north.Revoke(ctx, byMK, token.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked again: %v", err)
	}
	if err := south.Remove(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Bearer(ctx, other, noon); !errors.Is(err, ErrToken) {
		t.Errorf("of an organisation that is gone: %v", err)
	}
}

// The database holds no secret that a token could be made of, nor does the audit log.
func TestSecretIsNotKept(t *testing.T) {
	d := opened(t, pgtest.Need(t).Database(t))
	north, _ := made(t, d)
	secret, err := north.NewTokenFor(t, "kb")
	if err != nil {
		t.Fatal(err)
	}
	var all string
	if err := d.pool.QueryRow(t.Context(), "select (select string_agg(t::text, ' ') from org_tokens t) || (select string_agg(t::text, ' ') from org_audit t)").Scan(&all); err != nil {
		t.Fatal(err)
	}
	if hidden := secret[len(tokenStart)+idLength+1:]; strings.Contains(all, hidden) || !strings.Contains(all, secret[len(tokenStart):][:idLength]) {
		t.Errorf("the tables hold the secret, or not the id: %s", all)
	}
}

func TestDecisions(t *testing.T) {
	ctx := t.Context()
	north, _ := made(t, opened(t, pgtest.Need(t).Database(t)))
	first, err := north.DecisionsOn(ctx, clipzy)
	if err != nil || len(first) != 1 {
		t.Fatal(first, err)
	}
	var revised *archive.ErrRevised
	if _, err := north.PutDecision(ctx, byMK, decision(clipzy, "over it")); !errors.As(err, &revised) || revised.Last.ID != first[0].ID {
		t.Errorf("overwritten: %v", err)
	}
	d := decision(clipzy, "again")
	d.Revises, d.Withdrawn, d.Judgement = first[0].ID, true, ""
	back, err := north.PutDecision(ctx, byMK, d)
	if err != nil || back.ID == "" || back.ID == first[0].ID {
		t.Fatalf("withdrawn: %+v, %v", back, err)
	}
	d.Revises = back.ID
	if _, err := north.PutDecision(ctx, byMK, d); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("withdrawn twice: %v", err)
	}
	bad := decision(clipzy, "")
	bad.By = "no handle"
	if _, err := north.PutDecision(ctx, byMK, bad); err == nil {
		t.Error("recorded under no handle")
	}
	list, err := north.DecisionsOn(ctx, clipzy)
	if err != nil || len(list) != 2 || list[1] != back {
		t.Errorf("%+v, %v", list, err)
	}
	for _, d := range list {
		id := d.ID
		if err := d.Identify(); err != nil || d.ID != id {
			t.Errorf("%s is not the ID of what was kept: %s, %v", id, d.ID, err)
		}
	}
}

// Of many who decide on the same at once, one does; the others are told.
func TestDecideTogether(t *testing.T) {
	north, _ := made(t, opened(t, pgtest.Need(t).Database(t)))
	d := decision(clipzy, "")
	d.Fingerprint = strings.Repeat("cd", 12)
	var mu sync.Mutex
	var wg sync.WaitGroup
	made, told := 0, 0
	for i := range 8 {
		wg.Go(func() {
			x := d
			x.Note = fmt.Sprint(i)
			_, err := north.PutDecision(t.Context(), byMK, x)
			var revised *archive.ErrRevised
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made++
			case errors.As(err, &revised):
				told++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made != 1 || told != 7 {
		t.Errorf("%d made, %d told", made, told)
	}
}

func TestPages(t *testing.T) {
	ctx := t.Context()
	north, _ := made(t, opened(t, pgtest.Need(t).Database(t)))
	for i := range 7 {
		terms := snapshots.Terms{Service: fmt.Sprint("Shop ", i), Type: "Terms of Service"}
		if _, err := north.Watch(ctx, byMK, terms); err != nil {
			t.Fatal(err)
		}
		if _, err := north.PutDecision(ctx, byMK, decision(terms, "")); err != nil {
			t.Fatal(err)
		}
	}
	if added, err := north.Watch(ctx, byMK, clipzy); added || err != nil {
		t.Errorf("again: %v, %v", added, err)
	}
	var watched, decided int
	var after snapshots.Terms
	for {
		page, err := north.Watches(ctx, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		watched, after = watched+len(page), page[len(page)-1].Terms
	}
	var last int64
	for {
		page, err := north.Decisions(ctx, snapshots.Terms{}, last, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		decided, last = decided+len(page), page[len(page)-1].Number
	}
	if watched != 8 || decided != 8 {
		t.Errorf("%d watches, %d decisions", watched, decided)
	}
	if err := north.Unwatch(ctx, byMK, clipzy); err != nil {
		t.Fatal(err)
	}
	if list, err := north.Decisions(ctx, clipzy, 0, 9); err != nil || len(list) != 0 {
		t.Errorf("decisions on what is not watched: %v, %v", list, err)
	}
	if list, err := north.DecisionsOn(ctx, clipzy); err != nil || len(list) != 1 {
		t.Errorf("what was decided is gone: %v, %v", list, err)
	}
	log, err := north.Audit(ctx, 0, 2)
	if err != nil || len(log) != 2 || log[0].Did != DidUnwatch || log[0].Handle != "mk" || log[0].Address != "192.0.2.1" {
		t.Errorf("%+v, %v", log, err)
	}
	if older, err := north.Audit(ctx, log[1].Number, 1); err != nil || len(older) != 1 || older[0].Number >= log[1].Number {
		t.Errorf("%+v, %v", older, err)
	}
}
