package fulltext

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
)

// exact queries are answered alike by the embedded search and on a server: words in quotation marks, open ends, numbers, and languages without stems.
var exact = []string{
	`"privacy"`, `"PRIVACY"`, `"data" "ireland"`, `"data in ireland"`, `"ireland data"`, `"contact"`, `"india"`, `"india" -"remote"`, `"india" -"private limited"`,
	`"india" "private"`, `"india" "country"`, "indi*", `"ind"`, `"rem* acc* to"`, `"rem* to"`, `"india" last:`, `"ireland" last:`, `"ubermittlung"`,
	`"ÜBERMITTLUNG" lang:de`, `"ubermittlung" lang:de-at`, `"ubermittlung" lang:en`, "移転", "転移", `"india" after:2024-01-02`, `"india" after:2024-01-04`,
	`"india" before:2024-01-02`, `"ireland" before:2024-01-02`, `"india" before:2024-01-03`, `"ireland" after:2024-01-02`, `"contact" after:2024-01-03 last:`,
	`"ireland" after:2024-01-02 before:2024-01-03`, `"contact" after:2024-01-03 before:2024-01-04`, `"contact" "us" "us"`, `"the"`, `"we"`, `"in"`, "2016/679", "2016", "679 2016", "1e5", `"e-mail"`,
	`"clipzy.example/privacy-notice?x=1e5"`, `"consent based"`, `"retirer votre"`, `"l’union"`, `"européenne"`, `"EUROPEENNE"`, "данни", "ДАННИТЕ", "Ирландия last:",
	`"india" service:clipzy`, `"ireland" terms:"cookie policy"`, `"india" service:FIETSBEL`, `"drop table search_terms"`, `"naming"`, `"null"`, `"enkeep"`, `"quoted back"`, `"' \"` + ` "names"`,
	`"en*"`, "tr*", "consent* -based",
}

func TestSameAsEmbedded(t *testing.T) {
	w := collection(t)
	some := 0
	for _, said := range exact {
		got, want := w.onServer(said), w.embedded(said)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, embedded\n%q", said, got, want)
		}
		some += min(1, len(want))
	}
	if some < len(exact)*2/3 {
		t.Errorf("only %d of %d queries find anything", some, len(exact))
	}
}

// Words without quotation marks find other forms as well, in the language of the text.
func TestOtherForms(t *testing.T) {
	w := collection(t)
	for said, more := range map[string]int{
		"privacy": 0, "india": 0, "contacts": 1, "contacting": 1, "transferred": 1, "transfer": 1, "uses cookie": 1, "ubermittlungen": 1, "ÜBERMITTLUNG": 1,
		"ubermittlungen lang:en": 0, "donnée": 1, "donnees": 1, "transférer": 2, "consentements lang:fr": 1, "consentements": 2, "ontvanger": 1, "the": 0, "uses-cookie": 1, "cookie-using": 0,
		"cookie-and-similars": 1, "държава": 0, "data -keeping": -1, "record -transfer": 0, "records -transfers": -1,
	} {
		got, want := w.onServer(said), w.embedded(said)
		if len(got)-len(want) != more {
			t.Errorf("%s: %q, embedded %q", said, got, want)
		}
		for _, h := range want {
			if more >= 0 && !slices.Contains(got, h) && !strings.Contains(said, "-") {
				t.Errorf("%s: on the server not %s", said, h)
			}
		}
	}
}

// What is shown is ordered, counted and cut into pages.
func TestPages(t *testing.T) {
	w := collection(t)
	q := parsed(t, "in*")
	all, err := w.tables.Find(t.Context(), q, 0, 100)
	if err != nil || all.Total < 6 {
		t.Fatalf("%+v, %v", all, err)
	}
	standing := true
	for i, h := range all.Hits {
		if h.Standing() && !standing {
			t.Errorf("%d: what stands comes behind what does not", i)
		}
		if standing = h.Standing(); i > 0 && standing == all.Hits[i-1].Standing() && h.First.Date.After(all.Hits[i-1].First.Date) {
			t.Errorf("%d: what is newer comes behind what is older", i)
		}
		one, err := w.tables.Find(t.Context(), q, i, 1)
		if err != nil || len(one.Hits) != 1 || shown(one.Hits[0].Terms, &one.Hits[0].Hit) != shown(h.Terms, &h.Hit) || one.Total != all.Total || one.Services != all.Services {
			t.Errorf("%d: %+v, %v", i, one, err)
		}
	}
	if beyond, err := w.tables.Find(t.Context(), q, 1000, 10); err != nil || len(beyond.Hits) != 0 || beyond.Total != all.Total {
		t.Errorf("%+v, %v", beyond, err)
	}
	if none, err := w.tables.Find(t.Context(), parsed(t, "zebra"), 0, 10); err != nil || none.Total != 0 || !none.Complete {
		t.Errorf("%+v, %v", none, err)
	}
}

// Words in a quote that are other forms of those wanted are marked.
func TestAlike(t *testing.T) {
	w := collection(t)
	q := parsed(t, "transfer data")
	found, err := w.tables.Find(t.Context(), q, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string]string{"en": "[transferring] the [Data] of the transport", "zz": "transferring the [Data] of the transport"} {
		quote := "transferring the Data of the transport"
		alike, err := w.tables.Alike(t.Context(), found, language, quote)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, p := range search.Snippet(quote, q.Marks(quote, alike), 200) {
			if p.Marked {
				p.Text = "[" + p.Text + "]"
			}
			got.WriteString(p.Text)
		}
		if got.String() != want {
			t.Errorf("%s: %s, want %s", language, got.String(), want)
		}
	}
}

// New versions are taken in alone; if an older one came in, all is made anew. What is gathered is not gathered again.
func TestFillGoesOn(t *testing.T) {
	w := collection(t)
	all := w.reads
	w.fill()
	if w.reads != all {
		t.Error("gathered again")
	}
	c := privacy("Clipzy")
	w.add(c, "", "en", day(8), says("en", "Privacy", "Staff in India have remote access to your data.", "Something new."))
	w.fill()
	if w.reads != all+1 {
		t.Errorf("%d texts were read for one version", w.reads-all)
	}
	for _, said := range []string{`"remote"`, `"new"`, `"ireland"`, `"contact"`, `"india" after:2024-01-04 before:2024-01-06`} {
		if got, want := w.onServer(said), w.embedded(said); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
	h := w.terms[c]
	h.lines[0].Versions = slices.Insert(h.lines[0].Versions, 1, search.Version{ID: "older", Date: day(1), Language: "en"})
	h.texts[0] = slices.Insert(h.texts[0], 1, []search.Text{says("en", "Privacy", "An older text.")})
	w.mark(c, day(1))
	w.fill()
	for _, said := range []string{`"remote"`, `"older"`, `"ireland"`, `"contact"`} {
		if got, want := w.onServer(said), w.embedded(said); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
}

// Many versions take several transactions. Cut off in between, it goes on where it was.
func TestFillInParts(t *testing.T) {
	w := newWorld(t)
	c := privacy("Clipzy")
	for i := range 2*maxVersions + 10 {
		w.add(c, "", "en", day(1).Add(time.Duration(i)*time.Hour), says("en", "Always here.", fmt.Sprintf("Every %d.", i%7)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	w.before = func() {
		if rounds++; rounds == 2 {
			cancel()
		}
	}
	todo, err := w.tables.Pending(ctx, nil)
	if err == nil {
		err = w.tables.Fill(ctx, todo, w.read, 1, func() { t.Error("said to be done") })
	}
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	half := w.reads
	w.fill()
	if half < maxVersions || w.reads > 2*maxVersions+20 || rounds != 4 {
		t.Errorf("%d texts were read before, %d in all, in %d rounds", half, w.reads, rounds)
	}
	for _, said := range []string{`"always"`, `"every 3"`, `"every 3" last:`, `"every 1" after:2024-01-03 before:2024-01-04`} {
		if got, want := w.onServer(said), w.embedded(said); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: %q, want %q", said, got, want)
		}
	}
}

// Of several who gather at the same time, each version is gathered by one, while others go on writing.
func TestFillTogether(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		for j := range 5 {
			w.add(privacy(fmt.Sprint("Service ", i)), "", "en", day(j+1), says("en", "Always here.", fmt.Sprintf("Only in %d.", j)))
		}
	}
	errs := make(chan error)
	for range 4 {
		go func() {
			todo, err := w.tables.Pending(context.Background(), nil)
			if err == nil {
				err = In(w.db).Fill(context.Background(), todo, w.read, 2, func() {})
			}
			errs <- err
		}()
	}
	w.add(privacy("Service 3"), "", "en", day(9), says("en", "Late."))
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if w.reads > 151 {
		t.Errorf("%d texts were read for 151 versions", w.reads)
	}
	w.fill()
	if got := w.onServer(`"always"`); len(got) != 30 || w.reads != 151 {
		t.Errorf("%d texts were read, %q", w.reads, got)
	}
	if got, want := w.onServer(`"late"`), w.embedded(`"late"`); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// held is how many rows of a table hold something.
func (w *world) held(table string) (n int) {
	w.t.Helper()
	if err := w.db.Pool().QueryRow(w.t.Context(), "select count(*) from "+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// What is erased is gone from the tables when the erasure is: also if someone gathers at that moment from what was read before.
func TestForget(t *testing.T) {
	w := collection(t)
	p := privacy("Petit Panier")
	before := w.held("search_passages")
	w.forget(p, nil)
	if got := w.onServer("consentement lang:fr"); len(got) != 0 || w.held("search_passages") != before-3 {
		t.Errorf("%q", got)
	}
	w.add(p, "", "fr", day(9), says("fr", "Secret de Clémentine."))
	done := make(chan error)
	w.forget(p, func() { // in the middle of the transaction, the text is still what others read
		go func() {
			todo, err := w.tables.Pending(context.Background(), nil)
			if err == nil {
				err = w.tables.Fill(context.Background(), todo, w.read, 1, func() {})
			}
			done <- err
		}()
		time.Sleep(200 * time.Millisecond)
		w.mu.Lock()
		w.terms[p].texts[0] = make([][]search.Text, len(w.terms[p].texts[0]))
		w.mu.Unlock()
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := w.onServer("clementine"); len(got) != 0 {
		t.Errorf("erased, and found: %q", got)
	}
}

// Words that were erased are not left over in the index of words, nor in what PostgreSQL knows of how often they occur.
func TestForgetForGood(t *testing.T) {
	w := collection(t)
	left := func() (inIndex, inStatistics bool) {
		t.Helper()
		if _, err := w.db.Pool().Exec(t.Context(), "analyze search_passages; checkpoint"); err != nil {
			t.Fatal(err)
		}
		err := w.db.Pool().QueryRow(t.Context(), `select position('consentement'::bytea in pg_read_binary_file(pg_relation_filepath('search_passages_words'))) > 0,
			exists (select from pg_stats where tablename = 'search_passages' and most_common_elems::text like '%consentement%')`).Scan(&inIndex, &inStatistics)
		if err != nil {
			t.Fatal(err)
		}
		return inIndex, inStatistics
	}
	if _, err := w.db.Pool().Exec(t.Context(), "vacuum search_passages"); err != nil {
		t.Fatal(err)
	}
	if a, b := left(); !a || !b {
		t.Fatalf("before: in the index %v, in the statistics %v", a, b)
	}
	w.forget(privacy("Petit Panier"), nil)
	if err := w.db.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := left(); a || b {
		t.Errorf("left: in the index %v, in the statistics %v", a, b)
	}
}

// Texts that PostgreSQL cannot hold in one piece are cut.
func TestHugeTexts(t *testing.T) {
	w := newWorld(t)
	c := privacy("Clipzy")
	var b strings.Builder
	for i := 0; b.Len() < 5<<20; i++ {
		fmt.Fprintf(&b, "word%d keeps ", i)
	}
	long := strings.Repeat("ä", 25000)
	w.add(c, "", "en", day(1), says("en", b.String()+"needle in the end", long+" behind", strings.Repeat("same ", 3000)+"other", "zero\x00byte \xff bad", strings.Repeat(long[:5000]+"x ", 300)))
	w.fill()
	for said, want := range map[string]int{`"needle in the end"`: 1, "word7 keeping": 1, "needle word7": 0, strings.Repeat("a", 400) + "* behind": 1, `"same other"`: 1, `"zero"`: 1, "byte bad": 1, "other -same": 0} {
		if got := w.onServer(said); len(got) != want {
			t.Errorf("%.30s: %.500q", said, got)
		}
	}
	if n := w.held("search_passages"); n < 200 {
		t.Errorf("%d passages", n)
	}
}

// One query may not keep the server.
func TestSlow(t *testing.T) {
	w := collection(t)
	w.tables.maxTime = time.Millisecond
	lock, err := w.db.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(context.Background())
	if _, err := lock.Exec(t.Context(), "lock table search_passages in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.tables.Find(t.Context(), parsed(t, "india"), 0, 10); !errors.Is(err, ErrSlow) {
		t.Error(err)
	}
}

// hostile queries are words to PostgreSQL, whatever else they might be.
var hostile = []string{`'; drop table search_passages; --`, `a') or true --`, `\' \\ x`, `!a & b | c`, "a:*", `"<-> <2>"  x`, `(((((a`, `:A b:*AB`, `$1 $2 {x} %d %s`,
	"\x00\x01a\x7f", "a\xff\xfeb", "𝒶𝒷 ｆｕｌｌ", "\u202ereverse", "ß ẞ ŉ ǆ", "null NULL", `~enkeep ~en`, "a\u0300\u0301b", strings.Repeat("or ", 32), `"` + strings.Repeat("the ", 32) + `"`,
	strings.Repeat("x", 1000), "service:' x", `terms:"a\'b" x`, "lang:' x", "lang:\x00 x", "คำ ภาษา", "क्षत्रिय", "a*", "ab* cd* ef*", "-a b -c*"}

// FuzzQuery asks the server whatever can be asked.
func FuzzQuery(f *testing.F) {
	w := collection(f)
	for _, said := range hostile {
		f.Add(said)
	}
	before := w.held("search_passages")
	f.Fuzz(func(t *testing.T, said string) {
		q, err := search.Parse(said)
		if err != nil {
			return
		}
		found, err := w.tables.Find(context.Background(), q, 0, 20)
		if err != nil {
			t.Fatalf("%q: %v", said, err)
		}
		if found.Total > before {
			t.Fatalf("%q: %d passages of %d", said, found.Total, before)
		}
		for _, list := range [][]search.Phrase{q.Wanted, q.Unwanted} {
			for _, ph := range list {
				for i := range ph {
					ph[i].Exact = true
				}
			}
		}
		if found, err = w.tables.Find(context.Background(), q, 0, 20); err != nil || found.Total != len(w.hits(q)) {
			t.Fatalf("%q: %d passages (%v), embedded %d", said, found.Total, err, len(w.hits(q)))
		}
	})
	if w.held("search_passages") != before {
		f.Error("the tables have changed")
	}
}
