package fulltext

// This file fills the tables with the passages of many policies, and asks what people ask. It is run by hand:
// DRITTLAND_TEST_SEARCH=20000 go test -run TestManyPassages -v -timeout 2h ./cmd/drittland/search/fulltext
// DRITTLAND_TEST_PASSAGES is another number of passages a text than 10. DRITTLAND_TEST_DATABASE is the address of an empty database, on a server with
// settings of its own, which stays: a second run asks what the first has loaded.

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

const (
	manyWords = 40000 // of a language
	lastWeek  = 52
	perChange = 3 // passages that a new version changes
)

// spoken are the languages of policies, by how many of 100 have them. Maltese has no stems.
var spoken = []struct {
	language string
	share    int
	legal    string // frequent words
}{{"en", 55, "the to of and data your personal we information privacy services use share consent rights processing transfer country"},
	{"de", 17, "der die und zu daten wir ihre personenbezogene verarbeitung einwilligung recht land dienste ubermittlung"},
	{"fr", 14, "de la les des données vos personnelles nous traitement services consentement droit pays transfert"},
	{"nl", 12, "de het van en gegevens uw persoonlijke wij verwerking diensten toestemming recht land doorgifte"},
	{"mt", 2, "li ta dwar il data tiegħek personali aħna informazzjoni kunsens"}}

// A vocabulary is the words of a language, the frequent ones first, with the lexemes that vectors have for each.
type vocabulary struct {
	language string
	words    []string
	lexemes  []string
	of       [][]int32 // by word
}

func newVocabulary(t *testing.T, db *pg.DB, language, legal string) *vocabulary {
	v := &vocabulary{language: language, words: strings.Fields(legal)}
	r := rand.New(rand.NewPCG(uint64(language[0]), uint64(language[1])))
	syllables := strings.Fields("ba den kor li mu ne po ras sti tal ver wo zen fra glo hin jam ten ris que lan dor")
	ends := append(slices.Clone(endings[language]), "", "")
	seen := map[string]bool{}
	for len(v.words) < manyWords {
		w := ""
		for range 2 + r.IntN(3) {
			w += syllables[r.IntN(len(syllables))]
		}
		if w += ends[r.IntN(len(ends))]; !seen[w] {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	var s stemmer
	if err := s.ask(t.Context(), db.Pool()); err != nil {
		t.Fatal(err)
	}
	if err := s.learn(t.Context(), db.Pool(), s.language(language), v.words); err != nil {
		t.Fatal(err)
	}
	number := map[string]int32{}
	for _, w := range v.words {
		all := []string{search.Words(w)[0].Fold}
		for _, stem := range s.stems(language, w) {
			all = append(all, stemmed(language, stem))
		}
		var of []int32
		for _, x := range all {
			n, ok := number[x]
			if !ok {
				n = int32(len(v.lexemes))
				number[x], v.lexemes = n, append(v.lexemes, x)
			}
			of = append(of, n)
		}
		v.of = append(v.of, of)
	}
	return v
}

// A library is policies with their passages, each made of its number alone.
type library struct {
	policies, passages int
	all                []*vocabulary
	labels             map[[2]string][]string // by language and type of terms
}

// rand is what passage p of policy i is made with, as it was written for the n-th time.
func (l *library) rand(i, p, n int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(i)+1, uint64(p)<<32+uint64(n)))
}

func (l *library) vocabulary(i int) *vocabulary {
	n := i * 7919 % 100
	for k, s := range spoken {
		if n -= s.share; n < 0 {
			return l.all[k]
		}
	}
	return l.all[0]
}

func (l *library) kind(i int) string {
	if i%4 == 3 {
		return "Cookie Policy"
	}
	return "Privacy Policy"
}

// name is the word that stands in the texts of one service only.
func name(i int) string {
	s := "q"
	for n := i + 1000; n > 0; n /= 21 {
		s += string("bcdfghjklmnpqrstvwxyz"[n%21])
	}
	return s
}

// words are those of a passage, by their numbers; -1 is the name of the service. gone says that it stands no longer.
func (l *library) words(i, p, n int, gone bool) (out []int) {
	r := l.rand(i, p, n)
	z := rand.NewZipf(r, 1.07, 3, manyWords-1)
	for range 8 + r.IntN(64) {
		out = append(out, int(z.Uint64()))
	}
	if p < 3 {
		out[1] = -1
	}
	if l.vocabulary(i) == l.all[0] {
		if r.IntN(4) == 0 {
			copy(out[2:], []int{6, 4}) // personal data
		}
		if often := map[bool]int{true: 30, false: 2000}[gone]; r.IntN(often) == 0 {
			copy(out[4:], []int{3000, 2000}) // rare words, but for these two
		}
	}
	return out
}

// dates are those of the versions of a policy: most came in within a week, some with an import, and 1.5 later ones in a year.
func (l *library) dates(i int) (out []int64) {
	r := l.rand(i, 1<<20, 0)
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	at := first + int64(i)*7*86400/int64(l.policies)
	switch r.IntN(10) {
	case 0:
		at = first + 30*86400
	case 1, 2:
		at = first + int64(r.IntN(300*86400))
	}
	out = append(out, at)
	for range r.IntN(4) {
		at += int64(r.IntN(110 * 86400))
		out = append(out, at)
	}
	return out
}

// rows writes the rows of a policy: those of the first version, or those that later ones have brought.
func (l *library) rows(b *bytes.Buffer, i int, later bool) (n int) {
	dates := l.dates(i)
	v := l.vocabulary(i)
	for p := range l.passages {
		version := 1 // that wrote it last
		until := func(from int) int {
			for k := from + 1; k <= len(dates); k++ {
				if (k*perChange-p+10*l.passages)%l.passages < perChange {
					return k
				}
			}
			return 0
		}
		for version != 0 {
			next := until(version)
			if later == (version > 1) {
				l.row(b, v, i, p, version, dates, next)
				n++
			}
			version = next
		}
	}
	return n
}

func (l *library) row(b *bytes.Buffer, v *vocabulary, i, p, version int, dates []int64, gone int) {
	put := func(x any) { _ = binary.Write(b, binary.BigEndian, x) }
	field := func(s string) { put(int32(len(s))); b.WriteString(s) }
	put(int16(9))
	r := l.rand(i, p, version)
	put(int32(16))
	put([]uint64{r.Uint64(), r.Uint64()})
	for _, x := range []int32{int32(i + 1), int32(p * 300), 290} {
		put([]int32{4, x})
	}
	put(int32(8))
	put(dates[version-1])
	runs := []int32{int32(version)}
	if gone == 0 {
		put(int32(-1))
	} else {
		put(int32(8))
		put(dates[gone-1])
		runs = append(runs, int32(gone-1))
	}
	put([]int32{int32(20 + 8*len(runs)), 1, 0, 23, int32(len(runs)), 1})
	for _, x := range runs {
		put([]int32{4, x})
	}
	field(v.language)
	l.vector(b, v, i, l.words(i, p, version, gone != 0))
}

// vector writes a tsvector as PostgreSQL takes it.
func (l *library) vector(b *bytes.Buffer, v *vocabulary, i int, words []int) {
	var places []uint64 // lexeme and place
	var own []uint16
	for at, w := range words {
		if w < 0 {
			own = append(own, uint16(at+1))
			continue
		}
		for _, x := range v.of[w] {
			places = append(places, uint64(x)<<16|uint64(at+1))
		}
	}
	slices.Sort(places)
	size := b.Len()
	var number [4]byte
	b.Write(number[:])
	b.Write(number[:])
	n := 0
	lexeme := func(s string, places []uint16) {
		n++
		b.WriteString(s)
		b.WriteByte(0)
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(places))))
		for _, x := range places {
			b.Write(binary.BigEndian.AppendUint16(nil, x))
		}
	}
	if own != nil {
		lexeme(name(i), own)
	}
	for _, x := range l.labels[[2]string{v.language, l.kind(i)}] {
		lexeme(x, nil)
	}
	for len(places) > 0 {
		x := places[0] >> 16
		var list []uint16
		for len(places) > 0 && places[0]>>16 == x {
			list, places = append(list, uint16(places[0])), places[1:]
		}
		lexeme(v.lexemes[x], list)
	}
	binary.BigEndian.PutUint32(b.Bytes()[size:], uint32(b.Len()-size-4))
	binary.BigEndian.PutUint32(b.Bytes()[size+4:], uint32(n))
}

const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// load copies everything into the tables, and builds the indexes behind.
func (l *library) load(t *testing.T, db *pg.DB) {
	ctx := t.Context()
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := db.Pool().Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	indexes := dropIndexes(t, db)
	for from := 0; from < l.policies; from += 10000 {
		var terms, versions, texts [][]any
		for i := from; i < min(from+10000, l.policies); i++ {
			number, service, typ := binary.BigEndian.AppendUint32(nil, uint32(i+1)), fmt.Sprintf("Service %07d", i), l.kind(i)
			terms = append(terms, []any{number, []byte(service), []byte(typ), []byte(strings.ToLower(service)), []byte(strings.ToLower(typ))})
			texts = append(texts, []any{int32(i + 1), number, []byte{}, []byte{}})
			for n, date := range l.dates(i) {
				versions = append(versions, []any{number, []byte{}, int32(n + 1), fmt.Sprintf("%016x", i*8+n), date, l.vocabulary(i).language})
			}
		}
		for _, x := range []struct {
			table, columns string
			rows           [][]any
		}{{"search_terms", "number service type lower_service lower_type", terms}, {"search_versions", "number line n id date language", versions}, {"search_texts", "id number line source", texts}} {
			if _, err := db.Pool().CopyFrom(ctx, pgx.Identifier{x.table}, strings.Fields(x.columns), pgx.CopyFromRows(x.rows)); err != nil {
				t.Fatal(x.table, err)
			}
		}
	}
	do("select setval(pg_get_serial_sequence('search_texts', 'id'), $1)", l.policies)
	do("insert into kv_terms (key, value) select service || '\\x00'::bytea || type, number from search_terms")
	for _, s := range spoken[:4] {
		do("insert into search_languages (language) values ($1)", s.language)
	}
	began, n := time.Now(), 0
	for _, later := range []bool{false, true} {
		n += l.copyRows(t, db, later)
	}
	took := time.Since(began)
	t.Logf("%d passages copied in %s, %.0f a second", n, took.Round(time.Second), float64(n)/took.Seconds())
	for _, sql := range indexes {
		began := time.Now()
		do("set maintenance_work_mem = '2GB'; " + sql)
		t.Logf("%s: %s", sql, time.Since(began).Round(time.Second))
	}
	for _, table := range []string{"kv_terms", "search_terms", "search_versions", "search_texts", "search_passages", "search_stale", "search_languages"} {
		do("vacuum (analyze) " + table)
	}
}

// dropIndexes takes the indexes of passages away, and gives what makes them again.
func dropIndexes(t *testing.T, db *pg.DB) []string {
	rows, err := db.Pool().Query(t.Context(), "select indexname, indexdef from pg_indexes where tablename = 'search_passages' and indexname !~ 'pkey'")
	if err != nil {
		t.Fatal(err)
	}
	var names, out []string
	var name, sql string
	if _, err := pgx.ForEachRow(rows, []any{&name, &sql}, func() error { names, out = append(names, name), append(out, sql); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := db.Pool().Exec(t.Context(), "drop index "+name); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// copyRows copies the rows of first versions, or those of later ones, in parts that are made side by side.
func (l *library) copyRows(t *testing.T, db *pg.DB, later bool) (all int) {
	const part = 500
	next := make(chan int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			c, err := db.Pool().Acquire(context.Background())
			if err != nil {
				t.Error(err)
				for range next {
				}
				return
			}
			defer c.Release()
			for from := range next {
				b := bytes.NewBufferString(copyHeader)
				n := 0
				for i := from; i < min(from+part, l.policies); i++ {
					n += l.rows(b, i, later)
				}
				b.Write([]byte{0xff, 0xff})
				_, err := c.Conn().PgConn().CopyFrom(context.Background(), io.Reader(b), "copy search_passages (hash, text, start, size, since, until, runs, language, words) from stdin (format binary)")
				mu.Lock()
				if all += n; err != nil {
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	for from := 0; from < l.policies; from += part {
		next <- from
	}
	close(next)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

// sizes says what a passage takes.
func (l *library) sizes(t *testing.T, db *pg.DB) {
	var n, whole, table, toast int64
	err := db.Pool().QueryRow(t.Context(), `select count(*), (select sum(pg_total_relation_size(oid)) from pg_class where relname like 'search\_%' and relkind = 'r')::bigint,
		pg_relation_size('search_passages'), pg_table_size('search_passages') - pg_relation_size('search_passages') from search_passages`).Scan(&n, &whole, &table, &toast)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d passages, %d bytes each in all tables: %d in rows, %d beside them", n, whole/n, table/n, toast/n)
	rows, err := db.Pool().Query(t.Context(), "select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index where indrelid = 'search_passages'::regclass")
	if err != nil {
		t.Fatal(err)
	}
	var index string
	var size int64
	if _, err := pgx.ForEachRow(rows, []any{&index, &size}, func() error { t.Logf("%s: %.1f bytes each", index, float64(size)/float64(n)); return nil }); err != nil {
		t.Fatal(err)
	}
}

// questions are those of people, each as often as it is asked. page counts from 0.
func (l *library) questions() (out []struct {
	name string
	page int
	ask  func(r *rand.Rand) string
}) {
	add := func(name string, page int, ask func(r *rand.Rand) string) {
		out = append(out, struct {
			name string
			page int
			ask  func(r *rand.Rand) string
		}{name, page, ask})
	}
	word := func(r *rand.Rand, from, to int) string { return l.all[0].words[from+r.IntN(to-from)] }
	some := func(from, to int, format string) func(r *rand.Rand) string {
		return func(r *rand.Rand) string {
			var words []any
			for range strings.Count(format, "%s") {
				words = append(words, word(r, from, to))
			}
			return fmt.Sprintf(format, words...)
		}
	}
	add("name of one service", 0, func(r *rand.Rand) string { return name(r.IntN(l.policies)) })
	add("rare word", 0, some(20000, 40000, "%s"))
	add("word in 3 of 1,000", 0, some(1800, 2200, "%s"))
	add("word in 15 of 1,000", 0, some(150, 220, "%s"))
	add("word in 10 of 100", 0, some(19, 22, "%s"))
	add("common word", 0, some(3, 10, "%s"))
	add("common word, exact", 0, some(3, 10, `"%s"`))
	add("common word, page 2", 1, some(3, 10, "%s"))
	add("common word, page 100", 99, some(3, 10, "%s"))
	add("word in 15 of 1,000, page 2", 1, some(150, 220, "%s"))
	add("word in 15 of 1,000, page 100", 99, some(150, 220, "%s"))
	add("two common words", 0, some(3, 12, "%s %s"))
	add("two words in 15 of 1,000", 0, some(150, 220, "%s %s"))
	add("two words in 10 of 100", 0, some(19, 30, "%s %s"))
	add("common and rare", 0, func(r *rand.Rand) string { return word(r, 3, 10) + " " + word(r, 20000, 40000) })
	add("common and name", 0, func(r *rand.Rand) string { return word(r, 3, 10) + " " + name(r.IntN(l.policies)) })
	add("common, not common", 0, some(3, 10, "%s -%s"))
	add("common phrase", 0, func(*rand.Rand) string { return `"personal data"` })
	add("phrase of common words", 0, some(3, 12, `"%s %s"`))
	add("rare phrase of common words", 0, func(r *rand.Rand) string {
		a, b := word(r, 3, 12), word(r, 3, 12)
		return fmt.Sprintf("\"%s %s %s %s\"", a, a, a, b)
	})
	add("phrase, mostly gone", 0, func(*rand.Rand) string { return fmt.Sprintf("\"%s %s\"", l.all[0].words[3000], l.all[0].words[2000]) })
	add("phrase of a text", 0, func(r *rand.Rand) string {
		i := r.IntN(l.policies)
		v, words := l.vocabulary(i), l.words(i, 5, 1, false)
		return fmt.Sprintf("\"%s %s %s\"", v.words[words[0]], v.words[words[1]], v.words[words[2]])
	})
	add("open end", 0, func(r *rand.Rand) string { return word(r, 150, 220)[:4] + "*" })
	add("common in one service", 0, func(r *rand.Rand) string {
		return word(r, 3, 10) + fmt.Sprintf(` service:"service %07d"`, r.IntN(l.policies))
	})
	add("common in its language", 0, some(3, 10, "%s lang:en"))
	add("common in a rare language", 0, func(*rand.Rand) string { return "data lang:mt" })
	add("common in a language without it", 0, func(*rand.Rand) string { return "privacy lang:mt" })
	add("common in one type", 0, some(3, 10, `%s terms:"cookie policy"`))
	add("common, last", 0, some(3, 10, "%s last:"))
	add("word in 15 of 1,000, in a month", 0, some(150, 220, "%s after:2025-06-01 before:2025-07-01"))
	add("common, in a month", 0, some(3, 10, "%s after:2025-06-01 before:2025-07-01"))
	add("common, before most", 0, some(3, 10, "%s before:2025-01-02"))
	return out
}

func TestManyPassages(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("DRITTLAND_TEST_SEARCH"))
	if err != nil {
		t.Skip("set DRITTLAND_TEST_SEARCH to how many policies the tables are to hold")
	}
	l := &library{policies: n, passages: 10, labels: map[[2]string][]string{}}
	if p, err := strconv.Atoi(os.Getenv("DRITTLAND_TEST_PASSAGES")); err == nil {
		l.passages = max(p, perChange)
	}
	db := manyDatabase(t)
	for _, s := range spoken {
		l.all = append(l.all, newVocabulary(t, db, s.language, s.legal))
		for i := range 4 {
			l.labels[[2]string{s.language, l.kind(i)}] = labels(s.language, l.kind(i))
		}
	}
	var held bool
	if err := db.Pool().QueryRow(t.Context(), "select exists (select from search_passages)").Scan(&held); err != nil {
		t.Fatal(err)
	}
	if !held {
		l.load(t, db)
	}
	l.sizes(t, db)
	x := In(db)
	began := time.Now()
	todo, err := x.Pending(t.Context(), nil)
	t.Logf("what is to be gathered: %d, %v, %s", len(todo), err, time.Since(began))
	began = time.Now()
	terms, err := x.Gathered(t.Context(), "", "")
	t.Logf("how many terms: %d, %v, %s", terms, err, time.Since(began))
	for _, q := range l.questions() {
		if only := os.Getenv("DRITTLAND_TEST_ONLY"); only == "" || strings.Contains(q.name, only) {
			l.ask(t, x, q.name, q.page, q.ask)
		}
	}
}

// ask asks some questions of a kind: half of the answers come within the first time, 95 of 100 within the second.
func (l *library) ask(t *testing.T, x *Tables, name string, page int, ask func(r *rand.Rand) string) {
	const times = 20
	r := rand.New(rand.NewPCG(7, 7))
	var took []time.Duration
	slow, part, least, hits, all := 0, 0, 0, 0, 0
	for range times {
		q, began := parsed(t, ask(r)), time.Now()
		found, err := x.Find(t.Context(), q, page*25, 25)
		took = append(took, time.Since(began))
		switch {
		case err != nil:
			slow++
		case !found.Since.IsZero():
			part++
		case !found.Complete:
			least++
		}
		if err == nil {
			hits, all = hits+len(found.Hits), all+found.Total
		}
	}
	slices.Sort(took)
	t.Logf("%-32s %8.1f %8.1f %8.1f ms (half, 95 %%, all)  %2d hits of %6d; %2d not all counted, %2d not all looked at, %2d failed", name, ms(took[times/2]), ms(took[times*95/100-1]), ms(took[times-1]),
		hits/times, all/times, least, part, slow)
}

func manyDatabase(t *testing.T) *pg.DB {
	address := os.Getenv("DRITTLAND_TEST_DATABASE")
	if address == "" {
		return newWorld(t).db
	}
	db, err := pg.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
