package shelf

// This file fills the tables with the items of many policies, and asks what people ask. It is run by hand:
// DRITTLAND_TEST_DESK=50000 go test -run TestManyItems -v -timeout 1h ./cmd/drittland/desk/shelf

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// A crowd is policies with what there is to review in them: about six items each, in a year.
type crowd struct {
	r    *rand.Rand
	zipf *rand.Zipf
	text string
}

var (
	crowdPlaces    = strings.Fields("US IN GB JP IE SG BR CA AU IL CH KR PH MX AR UY NZ ZA HK TW AE TR UA RS MA EG NG KE CL CO PE CR PK BD LK VN TH MY ID CN RU")
	crowdLanguages = strings.Fields("en en en en en de de de fr fr nl es it pl sv da fi cs pt ro hu el bg hr sk sl lt lv et mt")
)

func (c *crowd) places() (out []string) {
	for range c.r.IntN(5) {
		if p := crowdPlaces[c.zipf.Uint64()]; !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

func (c *crowd) date() time.Time {
	return time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.r.IntN(364*86400)) * time.Second)
}

func (c *crowd) words(n int) string {
	at := c.r.IntN(len(c.text) - n)
	return c.text[at : at+n]
}

func (c *crowd) item(place int, language string) Item {
	x := Item{Place: place, Key: fmt.Sprintf("%020x", c.r.Uint64()), Kind: "finding", State: review.Open, Waits: true, Level: []rules.Level{rules.Error, rules.Warning, rules.Warning, rules.Note}[c.r.IntN(4)], Date: c.date(),
		Number: 1 + c.r.IntN(3), Language: language, Countries: c.places(), Words: c.words(220), Data: []byte(`{"quote": "` + c.words(500) + `"}`)}
	n := c.r.IntN(45)
	x.Check, x.Articles = fmt.Sprintf("T%02d", n), [][]string{{"46"}, {"13(1)(f)", "14(1)(f)"}, {"44"}, {"49"}, {"13(1)(e)"}, {"28"}}[n%6]
	if place == 0 || place == 1 && c.r.IntN(2) == 0 {
		x.Kind, x.Check = "change", ""
		said := c.words(150)
		x.Said = map[string]string{"en": said, "de": said, "fr": said, "nl": said}
	}
	switch n := c.r.IntN(100); {
	case n < 5:
		x.State, x.Waits = review.Decided, false
	case n < 6:
		x.State = review.Lapsed
	}
	return x
}

// policy is a reading of one policy: a text, and for most others after it.
func (c *crowd) policy() *Reading {
	language := crowdLanguages[c.r.IntN(len(crowdLanguages))]
	out := &Reading{}
	for i := range 5 + c.r.IntN(3) {
		out.Items = append(out.Items, c.item(i, language))
	}
	date := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.r.IntN(7*86400)) * time.Second)
	for n := range 1 + c.r.IntN(4) {
		x := Row{Number: n + 1, Version: fmt.Sprintf("%016x", c.r.Uint64()), Date: date, Cause: "terms", Language: language, Stands: true, About: append(c.places(), "scc")}
		if x.Tells = n == 0 || c.r.IntN(3) == 0; n == 0 {
			x.Cause = "first"
		}
		x.Alert = x.Tells && n > 0
		if date = date.AddDate(0, 0, 30+c.r.IntN(90)); n > 0 {
			out.Rows[n-1].Until = x.Date
		}
		out.Rows = append(out.Rows, x)
	}
	return out
}

// load copies policies into the tables.
func (c *crowd) load(t *testing.T, x *Tables, db *pg.DB, n int) {
	indexes := bare(t, db) // they are made faster at once
	for from := 0; from < n; from += 5000 {
		var terms, items, rows [][]any
		for i := from; i < min(from+5000, n); i++ {
			name := snapshots.Terms{Service: fmt.Sprintf("Service %07d", i), Type: "Privacy Policy"}
			r := c.policy()
			low := strings.ToLower(name.Service)
			var waits [3]int
			for j := range r.Items {
				v, err := r.Items[j].values(int64(i+1), name)
				if err != nil {
					t.Fatal(err)
				}
				items = append(items, v)
				if r.Items[j].Waits {
					waits[urgency(r.Items[j].Level)]++
				}
			}
			for j := range r.Rows {
				y := &r.Rows[j]
				rows = append(rows, []any{int64(i + 1), []byte(""), 0, j, y.Number, y.Version, y.Date.UnixNano(), y.Cause, y.Language, y.Tells, y.Alert, y.Stands, nanos(y.Until), y.About, nil})
			}
			last := r.Rows[len(r.Rows)-1].Date.UnixNano()
			terms = append(terms, []any{int64(i + 1), key(name), []byte(name.Service), []byte(name.Type), []byte(low), low + "\nprivacy policy", x.program, today.String(), []string{"US", "scc"},
				binary.BigEndian.AppendUint64(nil, c.r.Uint64()), c.r.IntN(40) == 0, nanos(time.Date(2026, 6, 10, 0, 0, i, 0, time.UTC)), nanos(time.Date(2026, 6, 1, 0, 0, i, 0, time.UTC)), last, waits[0], waits[1], waits[2],
				[]byte(`{"tracked": {"url": "https://service.example/privacy"}, "listed": "` + c.words(900) + `"}`)})
		}
		for _, y := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{{"desk_terms", []string{"id", "terms", "service", "type", "lower_service", "name", "program", "law", "about", "mark", "failing", "alarm", "verified", "changed", "errors", "warnings", "notes", "data"}, terms},
			{"desk_items", itemColumns, items}, {"desk_rows", rowColumns, rows}} {
			for i := range y.rows {
				for j, col := range y.columns {
					if s, ok := y.rows[i][j].(string); ok && (col == "law") {
						day, err := time.Parse(time.DateOnly, s)
						if err != nil {
							t.Fatal(err)
						}
						y.rows[i][j] = day
					}
				}
			}
			if _, err := db.Pool().CopyFrom(t.Context(), pgx.Identifier{y.table}, y.columns, pgx.CopyFromRows(y.rows)); err != nil {
				t.Fatal(y.table, err)
			}
		}
		if err := x.Fold(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range append(indexes, "alter index desk_items_words alter column 1 set statistics 0", "vacuum (analyze) desk_terms", "vacuum (analyze) desk_items", "vacuum (analyze) desk_rows", "vacuum (analyze) desk_counts") {
		if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// bare drops the indexes of tables that are filled, but for their keys, and gives how to make them again.
func bare(t *testing.T, db *pg.DB) (again []string) {
	rows, err := db.Pool().Query(t.Context(), `select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
		where indrelid = any(array['desk_items', 'desk_rows']::regclass[]) and not indisprimary`)
	if err != nil {
		t.Fatal(err)
	}
	var drops []string
	var name, made string
	if _, err := pgx.ForEachRow(rows, []any{&name, &made}, func() error {
		drops, again = append(drops, "drop index "+name), append(again, "set maintenance_work_mem = '2GB'; "+made)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range drops {
		if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return again
}

// asked times a question: half of the answers come within the first time, and 95 of 100 within the second.
func asked(t *testing.T, name string, times int, f func(i int) (string, error)) {
	t.Helper()
	var took []time.Duration
	last := ""
	for i := range times {
		began := time.Now()
		said, err := f(i)
		if took = append(took, time.Since(began)); err != nil {
			said = err.Error()
		}
		last = said
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	t.Logf("%-44s %8.1f %8.1f ms  %s", name, ms(took[len(took)/2]), ms(took[len(took)*95/100]), last)
}

func TestManyItems(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("DRITTLAND_TEST_DESK"))
	if err != nil {
		t.Skip("set DRITTLAND_TEST_DESK to how many policies the tables are to hold")
	}
	db := database(t)
	x := tablesOf(t, db, "one", today)
	r := rand.New(rand.NewPCG(1, 1))
	c := &crowd{r: r, zipf: rand.NewZipf(r, 1.3, 2, uint64(len(crowdPlaces)-1))}
	var b strings.Builder
	for b.Len() < 1<<20 {
		fmt.Fprintf(&b, "%s ", strings.ToLower(strconv.FormatUint(r.Uint64()%400_000, 32)))
	}
	c.text = b.String()
	began := time.Now()
	c.load(t, x, db, n)
	t.Logf("%d policies loaded in %s", n, time.Since(began).Round(time.Second))
	sizes(t, db, n)
	w, times := locale.For("en"), 11
	queue := func(f review.Filter, page int) func(int) (string, error) {
		return func(int) (string, error) {
			p, err := x.Queue(t.Context(), f, page, w)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%d items, page %d", p.Count, p.Page), nil
		}
	}
	rare := strings.Fields(c.words(30))[1]
	service := func(int) string { return fmt.Sprintf("Service %07d", r.IntN(n)) }
	for _, q := range []struct {
		name string
		f    review.Filter
		page int
	}{{"queue", review.Filter{State: "waiting"}, 0}, {"queue, page 20", review.Filter{State: "waiting"}, 20}, {"queue, page 1000", review.Filter{State: "waiting"}, 1000},
		{"queue, page in the middle", review.Filter{State: "waiting"}, n * 6 / 100}, {"level error, in the middle", review.Filter{State: "waiting", Level: "error"}, n * 6 / 400}, {"by service, in the middle", review.Filter{State: "waiting", Sort: "service"}, n * 6 / 100},
		{"country, in the middle", review.Filter{State: "waiting", Country: "US"}, n * 6 / 300}, {"queue, last page", review.Filter{State: "waiting"}, n * 6},
		{"queue, oldest first", review.Filter{State: "waiting", Sort: "age"}, 0}, {"queue, newest first", review.Filter{State: "waiting", Sort: "newest"}, 0}, {"queue, by service", review.Filter{State: "waiting", Sort: "service"}, 0},
		{"all states", review.Filter{State: "all"}, 0}, {"decided", review.Filter{State: "decided"}, 0}, {"lapsed", review.Filter{State: "lapsed"}, 0}, {"lapsed, newest first", review.Filter{State: "lapsed", Sort: "newest"}, 0},
		{"level error", review.Filter{State: "waiting", Level: "error"}, 0}, {"level note, newest first", review.Filter{State: "waiting", Level: "note", Sort: "newest"}, 0},
		{"frequent country (US)", review.Filter{State: "waiting", Country: "US"}, 0}, {"rare country (RU)", review.Filter{State: "waiting", Country: "RU"}, 0}, {"country that nothing names", review.Filter{State: "waiting", Country: "FJ"}, 0},
		{"article", review.Filter{State: "waiting", Article: "49"}, 0}, {"rare language (mt)", review.Filter{State: "waiting", Language: "mt"}, 0}, {"changes", review.Filter{State: "waiting", Kind: "change"}, 0},
		{"country, level, language, kind", review.Filter{State: "waiting", Country: "JP", Level: "error", Language: "nl", Kind: "finding"}, 0}, {"words", review.Filter{State: "waiting", Words: rare}, 0},
		{"words that nothing has", review.Filter{State: "waiting", Words: "zzzyx"}, 0}, {"a frequent word", review.Filter{State: "waiting", Words: "1f"}, 0}, {"the same, page 20", review.Filter{State: "waiting", Words: "1f"}, 20},
		{"a frequent and a rare one", review.Filter{State: "waiting", Words: "1f " + rare}, 0}, {"one letter", review.Filter{State: "waiting", Words: "g"}, 0},
		{"word and country", review.Filter{State: "waiting", Words: "1fg", Country: "JP"}, 0}} {
		asked(t, q.name, times, queue(q.f, q.page))
	}
	asked(t, "one service", 101, func(i int) (string, error) { return queue(review.Filter{State: "waiting", Service: service(i)}, 0)(i) })
	first, err := x.Queue(t.Context(), review.Filter{State: "waiting"}, 3, w)
	if err != nil {
		t.Fatal(err)
	}
	asked(t, "beside an item of page 4", 21, func(i int) (string, error) {
		y := &first.Items[i]
		near, err := x.Beside(t.Context(), review.Filter{State: "waiting"}, y.Key, review.Where{Terms: y.Terms, Number: y.Number}, 3, w)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d of %d", near.Place, near.Of), nil
	})
	askLists(t, x, n, service)
}

func askLists(t *testing.T, x *Tables, n int, service func(int) string) {
	now := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	for _, f := range []review.TrackFilter{{}, {Sort: "waiting"}, {Sort: "changed"}, {Sort: "unseen"}, {State: review.Failing}, {Words: "service 00001"}} {
		asked(t, fmt.Sprintf("services %+v", f), 11, func(int) (string, error) {
			list, counts, _, err := x.List(t.Context(), f, 0, now)
			return fmt.Sprint(len(list), " of ", counts), err
		})
	}
	asked(t, "terms of a service", 101, func(i int) (string, error) { _, err := x.Of(t.Context(), service(i), 500); return "", err })
	asked(t, "how far behind", 21, func(int) (string, error) { m, _, err := x.Behind(t.Context()); return fmt.Sprint(m), err })
	for _, about := range [][]string{nil, {"RU"}, {"US"}} {
		asked(t, fmt.Sprintf("what a digest of a week reads, law %v", about), 11, func(int) (string, error) {
			terms, stood, err := x.News(t.Context(), now.AddDate(0, -1, -7), now.AddDate(0, -1, 0), nil, about)
			return fmt.Sprint(len(terms), " terms, relying: ", len(stood)), err
		})
	}
	asked(t, "what alerts of a day look at", 11, func(int) (string, error) {
		list, err := x.Alerts(t.Context(), now.AddDate(0, -1, 0), today)
		return fmt.Sprint(len(list)), err
	})
}

func sizes(t *testing.T, db *pg.DB, n int) {
	rows, err := db.Pool().Query(t.Context(), `select relname, pg_table_size(oid), pg_indexes_size(oid), reltuples::bigint from pg_class
		where relnamespace = 'drittland'::regnamespace and relkind = 'r' and relname like 'desk%' and reltuples > 0 order by 2 desc`)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var table, index, tuples, all int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &table, &index, &tuples}, func() error {
		all += table + index
		t.Logf("%-16s %9d rows %7.1f MB, indexes %7.1f MB", name, tuples, float64(table)/1e6, float64(index)/1e6)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes a policy", all/int64(n))
}
