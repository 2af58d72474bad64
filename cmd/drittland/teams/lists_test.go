package teams

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestListsAreChecked(t *testing.T) {
	north, _ := made(t, opened(t, pgtest.Need(t).Database(t)))
	to := []string{"ana@example.org"}
	var crowd, many []string
	for i := range 501 {
		if many = append(many, fmt.Sprint("Shop ", i)); i <= MaxTo {
			crowd = append(crowd, fmt.Sprintf("p%d@example.org", i))
		}
	}
	for name, l := range map[string]List{
		"no name": {To: to}, "a bad name": {Name: "a/b", To: to}, "a long name": {Name: strings.Repeat("a", 61), To: to},
		"nobody": {Name: "x"}, "a crowd": {Name: "x", To: crowd}, "twice": {Name: "x", To: []string{"ana@example.org", "Ana@example.org"}}, "empty": {Name: "x", To: []string{""}},
		"no address": {Name: "x", To: []string{"ana"}}, "this machine": {Name: "x", To: []string{"root@localhost"}}, "a host of this network": {Name: "x", To: []string{"ana@mail"}},
		"a number": {Name: "x", To: []string{"ana@[127.0.0.1]"}}, "another number": {Name: "x", To: []string{"ana@127.0.0.1"}}, "a line end": {Name: "x", To: []string{"ana@example.org\r\nBcc: bo@example.org"}},
		"a web address": {Name: "x", To: []string{"https://127.0.0.1/hook"}}, "unsubscribe by the web": {Name: "x", To: to, Unsubscribe: "https://10.0.0.1/"},
		"hourly": {Name: "x", To: to, Schedule: "hourly"}, "twice a day": {Name: "x", To: to, Schedule: "0 7,19 * * *"}, "no schedule": {Name: "x", To: to, Schedule: "often"},
		"no level": {Name: "x", To: to, Levels: []string{"grave"}}, "no language": {Name: "x", To: to, Locale: "xx"}, "no form": {Name: "x", To: to, Format: "pdf"}, "no way": {Name: "x", To: to, Quiet: "never"},
		"no such terms": {Name: "x", To: to, Types: []string{"Privacy Polic"}}, "terms of others": {Name: "x", To: to, Services: []string{"Clipzy"}, Types: []string{"Cookies Policy"}},
		"not watched": {Name: "x", To: to, Services: []string{"Parcelito"}}, "many services": {Name: "x", To: to, Services: many},
	} {
		if _, err := north.PutList(t.Context(), byMK, l, true); !errors.Is(err, ErrList) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, often := range []string{"*/5 * * * *", "0 * * * *", "hourly", "0 7,19 * * *"} {
		if err := (&List{Name: "x", To: to, Schedule: often}).Check(); err == nil || !strings.HasSuffix(err.Error(), "at most once a day") {
			t.Errorf("%s: %v", often, err)
		}
	}
	if err := (&List{Name: "x", To: to, Unsubscribe: "https://10.0.0.1/"}).Check(); err == nil || strings.Contains(err.Error(), "page") {
		t.Errorf("whoever names a page is told of pages: %v", err)
	}
	if all, err := north.Lists(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestLists(t *testing.T) {
	ctx := t.Context()
	north, south := made(t, opened(t, pgtest.Need(t).Database(t)))
	wish := List{Name: "press", To: []string{"Ana <ana@example.org>"}, Services: []string{"clipzy"}, Languages: []string{"deu"}, Levels: []string{"error"}, Schedule: "30 6 * * 1-5"}
	if added, err := north.PutList(ctx, byMK, wish, false); err != nil || !added {
		t.Fatalf("%v, %v", added, err)
	}
	got, err := north.List(ctx, "press")
	if err != nil || !slices.Equal(got.To, []string{"ana@example.org"}) || !slices.Equal(got.Languages, []string{"de"}) || got.Format != FormHTML || got.Quiet != "send" || got.Until != nil || !got.Made.Equal(noon) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := north.PutList(ctx, byMK, wish, false); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	wish.Name = "PRESS"
	if _, err := north.PutList(ctx, byMK, wish, true); !errors.Is(err, ErrExists) {
		t.Errorf("in capitals: %v", err)
	}
	wish.Name, wish.To = "press", []string{"bo@example.org"}
	if added, err := north.PutList(ctx, byMK, wish, true); err != nil || added {
		t.Errorf("changed: %v, %v", added, err)
	}
	if _, err := south.List(ctx, "press"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	for i := range MaxLists - 2 {
		if _, err := north.PutList(ctx, byMK, List{Name: fmt.Sprint("l", i), To: wish.To}, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := north.PutList(ctx, byMK, List{Name: "more", To: wish.To}, false); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more than may be: %v", err)
	}
	if err := north.RemoveList(ctx, byMK, "press"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"press", "", "a\x00", "\xff", "x' or '1'='1", "%", "leg_l"} {
		if _, err := north.List(ctx, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
		if err := north.RemoveList(ctx, byMK, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
	log, err := north.Audit(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	did := map[string]string{}
	for _, e := range log {
		if strings.Contains(e.Subject, "press") {
			did[e.Did] = e.Subject
		}
		if strings.Contains(e.Subject, "@") {
			t.Errorf("the log names people: %+v", e)
		}
	}
	if did[DidList] == "" || did[DidRelist] == "" || did[DidUnlist] != "press" {
		t.Errorf("%v", did)
	}
}

// Organisations are looked at when their lists are due, and not before; those without lists never are.
func TestDueLists(t *testing.T) {
	ctx := t.Context()
	d := opened(t, pgtest.Need(t).Database(t))
	north, south := made(t, d)
	if _, err := d.Add(ctx, "west", noon); err != nil {
		t.Fatal(err)
	}
	at := func(now time.Time) (out []Due) {
		t.Helper()
		out, err := DueLists(ctx, d.db, now, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := at(noon)
	if len(first) != 2 || first[0].ID != north.Number() || first[1].ID != south.Number() {
		t.Fatalf("%+v", first)
	}
	if page, err := DueLists(ctx, d.db, noon, north.Number(), 1); err != nil || len(page) != 1 || page[0].ID != south.Number() {
		t.Errorf("%+v, %v", page, err)
	}
	lists, err := north.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	lists[0].Slot, lists[0].Until = "2026-11-23T07:00", &noon
	if err := north.Told(ctx, first[0], lists, noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if l, err := north.List(ctx, "legal"); err != nil || l.Slot != lists[0].Slot || !l.Until.Equal(noon) {
		t.Errorf("%+v, %v", l, err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {59 * time.Minute, 1}, {time.Hour, 2}, {-30 * time.Hour, 2}} { // the last one: a clock that was wrong
		if got := at(noon.Add(c.after)); len(got) != c.want {
			t.Errorf("after %s: %+v", c.after, got)
		}
	}
	// what is changed meanwhile stays due
	if _, err := south.PutList(ctx, Actor{Handle: "mk", At: noon.Add(-time.Second)}, List{Name: "legal", To: []string{"bo@example.org"}, Schedule: "daily"}, true); err != nil {
		t.Fatal(err)
	}
	if err := south.Told(ctx, first[1], nil, noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := at(noon); len(got) != 1 || got[0].ID != south.Number() {
		t.Errorf("changed meanwhile: %+v", got)
	}
	if err := south.RemoveList(ctx, byMK, "legal"); err != nil {
		t.Fatal(err)
	}
	if got := at(noon); len(got) != 0 {
		t.Errorf("without lists: %+v", got)
	}
	// nobody waits for longer than a day, whatever is said
	if err := north.Told(ctx, at(noon.Add(time.Hour))[0], nil, noon, noon.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if got := at(noon.Add(mostWait)); len(got) != 1 {
		t.Errorf("after a day: %+v", got)
	}
	if err := north.Remove(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Numbered(ctx, north.Number()); !errors.Is(err, ErrNoOrg) {
		t.Error(err)
	}
	var left int
	if err := d.pool.QueryRow(ctx, "select count(*) from org_lists").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d lists are left, %v", left, err)
	}
}
