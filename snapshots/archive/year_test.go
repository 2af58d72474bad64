package archive

// This file fills an archive on a server with a year of captures, row by row as they would stand there, and asks it what people ask. It is
// run by hand: DRITTLAND_TEST_YEAR=20000 go test -run TestYear -v -timeout 2h ./snapshots/archive; DRITTLAND_TEST_WEEKS is another number of weeks than 52

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	"github.com/drittland/drittland/snapshots/warc"
)

const changed = 0.03 // of the captures of a week have another text

// A loader takes what is put into buckets and copies it into their tables. It knows the terms, and nothing else that was put.
type loader struct {
	t     testing.TB
	db    *pg.DB
	rows  map[string][][]any
	n     int
	terms map[string][]byte
	held  map[string]bool // bodies
	seq   map[string]uint64
	total map[string]int
}

func (l *loader) Bucket(name []byte) kv.Bucket { return &loaded{l: l, name: string(name)} }

func (l *loader) CreateBucketIfNotExists(name []byte) (kv.Bucket, error) { return l.Bucket(name), nil }

func (l *loader) DeleteBucket([]byte) error { return errStage }

var errStage = fmt.Errorf("not while a year is loaded")

// flush copies what was gathered.
func (l *loader) flush() {
	for name, rows := range l.rows {
		columns := []string{"key", "value"}
		if name == "vault" || name == "derived" {
			columns = []string{"sub", "key", "value"}
		}
		if _, err := l.db.Pool().CopyFrom(context.Background(), pgx.Identifier{"kv_" + name}, columns, pgx.CopyFromRows(rows)); err != nil {
			l.t.Fatal(name, err)
		}
		l.total[name] += len(rows)
	}
	clear(l.rows)
	l.n = 0
}

type nothing = kv.Bucket

type loaded struct {
	nothing // what is not loaded by is not called
	l       *loader
	name    string
}

func (b *loaded) Get(key []byte) []byte {
	if b.name == "terms" {
		return b.l.terms[string(key)]
	}
	return nil
}

func (b *loaded) Put(key, value []byte) error {
	switch b.name {
	case "terms":
		b.l.terms[string(key)] = value
	case "bodies": // the first holder stands
		if b.l.held[string(key)] {
			return nil
		}
		b.l.held[string(key)] = true
	case "pending": // all of them are read at once
		return nil
	case "paths": // that of the first capture stands for all
		return nil
	}
	b.l.rows[b.name] = append(b.l.rows[b.name], []any{slices.Clone(key), slices.Clone(value)})
	b.l.n++
	return nil
}

func (b *loaded) NextSequence() (uint64, error) { b.l.seq[b.name]++; return b.l.seq[b.name], nil }

// A policy is one of the texts that are captured.
type policy struct {
	terms    snapshots.Terms
	body     snapshots.Hash
	document snapshots.Hash
	last     string // its last version
	holder   string
	first    string // the snapshot that later ones say nothing has changed since
}

// A year writes captures one behind the other.
type year struct {
	l       *loader
	codec   *codec
	r       *rand.Rand
	at      int64
	records int
	changes int
	sizes   map[bool]int64 // bytes of the records of one capture, by whether its text is new
}

// sample measures what the records of a capture take.
func (y *year) sample(t *testing.T) {
	y.sizes = map[bool]int64{}
	a := created(t, Options{})
	c := capture(day(1), string(texts(1, 1, 40_000)[0]))
	first, err := a.PutCapture(c)
	if err != nil {
		t.Fatal(err)
	}
	before := a.captures.end
	y.sizes[true] = before
	again := capture(day(8), "")
	again.Exchanges = again.Exchanges[1:]
	again.Exchanges[0].Response = []byte("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n")
	again.Status, again.Body, again.Revisits = 304, nil, first.ID
	if _, err := a.PutCapture(again); err != nil {
		t.Fatal(err)
	}
	y.sizes[false] = a.captures.end - before
}

// capture enters one capture of p and the version that it is read as.
func (y *year) capture(p *policy, n int, at time.Time) error {
	fresh := p.last == "" || y.r.Float64() < changed
	s := snapshots.Snapshot{Terms: p.terms, URL: fmt.Sprintf("https://service-%d.example/privacy", n), At: at, Status: 200, MediaType: "text/html", Charset: "utf-8", Size: 40_000}
	s.FinalURL = s.URL
	v := snapshots.Version{Terms: p.terms, Date: at, Language: "en", Cause: snapshots.TermsCh, Reader: "drittland-extract/3"}
	if fresh {
		y.changes++
		text := fmt.Sprintf("Privacy policy of service %d. ", n) + string(texts(y.r.Uint64(), 1, 2000)[0])
		doc := document(text)
		b, err := doc.Pack()
		if err != nil {
			return err
		}
		p.body, p.document = snapshots.HashOf([]byte(text)), snapshots.HashOf(b)
		frame, err := y.codec.encode(b, nil)
		id, wrong := named(p.document)
		if err != nil || wrong != nil {
			return fmt.Errorf("%w %w", err, wrong)
		}
		if err := y.l.Bucket(bucketDocuments).Put(id[:], packed{frame: frame}.encode()); err != nil {
			return err
		}
		v.Document = p.document
	} else {
		s.Status, s.Revisits = 304, p.first
		v.Refused = "unchanged since the version before"
	}
	s.Body = p.body
	id := snapshotID(&s)
	s.ID = id.String()
	if fresh {
		p.first = s.ID
	}
	if err := y.records3(&s, id, fresh, p); err != nil {
		return err
	}
	v.Snapshot, v.Previous = s.ID, p.last
	if err := v.Identify(); err != nil {
		return err
	}
	p.last = v.ID
	key, err := versionKey(v.ID)
	if err != nil {
		return err
	}
	line, err := encodeVersion(v, &s)
	if err != nil {
		return err
	}
	terms, err := termsKey(p.terms)
	if err != nil {
		return err
	}
	if err := y.l.Bucket(bucketVersions).Put(key, line); err != nil {
		return err
	}
	if fresh {
		y.derived("rows", v.ID, 900)
	}
	return y.l.Bucket(bucketTimeline).Put(slices.Concat(y.l.terms[string(terms)], timeKey(at), []byte{0, 0, 0, 1}), key)
}

// derived enters a result of so many bytes.
func (y *year) derived(kind, key string, size int) {
	b := make([]byte, size)
	for i := 0; i+8 <= size; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], y.r.Uint64())
	}
	y.l.rows["derived"] = append(y.l.rows["derived"], []any{[]byte(kind), []byte(key), b})
	y.l.n++
}

// records3 enters the records of a capture: what was answered, what was asked, and what is said of both.
func (y *year) records3(s *snapshots.Snapshot, id uuid, fresh bool, p *policy) error {
	size := y.sizes[fresh]
	file := uint32(y.at>>28) + 1
	offset := y.at & (1<<28 - 1)
	key := partKey(file, offset)
	if err := y.l.Bucket(bucketParts).Put(key, part{length: size, name: objectName(id[:])}.value()); err != nil {
		return err
	}
	var names []string
	for i, kind := range []string{"response", "request"} {
		rec := identify(kind, s.ID, "0")
		names = append(names, rec.String())
		at := place{file: file, depth: noBody, extent: warc.Extent{Offset: offset + int64(i)*size/3, Length: size / 3}}
		if err := y.l.Bucket(bucketRecords).Put(rec[:], at.encode()); err != nil {
			return err
		}
	}
	if fresh {
		p.holder = names[0]
	}
	line, err := snapshots.Encode(entry{Snapshot: s, Record: p.holder, Records: names})
	if err != nil {
		return err
	}
	at := place{file: file, depth: noBody, extent: warc.Extent{Offset: offset + 2*size/3, Length: size / 3}}
	if err := y.l.Bucket(bucketRecords).Put(id[:], at.encode()); err != nil {
		return err
	}
	y.at += size
	y.records += 3
	return indexLine(y.l, at, 0, line)
}

func TestYear(t *testing.T) {
	policies, err := strconv.Atoi(os.Getenv("DRITTLAND_TEST_YEAR"))
	if err != nil {
		t.Skip("DRITTLAND_TEST_YEAR says how many policies")
	}
	weeks := 52
	if s := os.Getenv("DRITTLAND_TEST_WEEKS"); s != "" {
		if weeks, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	pgtest.Need(t)
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	l := &loader{t: t, db: a.shared.db, rows: map[string][][]any{}, terms: map[string][]byte{}, held: map[string]bool{}, seq: map[string]uint64{}, total: map[string]int{}}
	y := &year{l: l, codec: newCodec(), r: rand.New(rand.NewPCG(1, 2))}
	y.sample(t)
	all := make([]policy, policies)
	began := time.Now()
	for week := range weeks {
		for n := range all {
			p := &all[n]
			if week == 0 {
				p.terms = snapshots.Terms{Service: fmt.Sprintf("Service %d", n), Type: "Privacy Policy"}
				if err := indexDeclaration(l, &snapshots.Declaration{Service: p.terms.Service, TermsType: p.terms.Type, Sources: []snapshots.Source{{URL: fmt.Sprintf("https://service-%d.example/privacy", n)}}, Schedule: "weekly", Added: day(0)}); err != nil {
					t.Fatal(err)
				}
			}
			at := day(7 * week).Add(time.Duration(n) * 7 * 24 * time.Hour / time.Duration(policies)).Truncate(time.Microsecond)
			if err := y.capture(p, n, at); err != nil {
				t.Fatal(err)
			}
			if l.n > 200_000 {
				l.flush()
			}
		}
		if week%13 == 12 {
			t.Logf("week %d: %d rows in %s", week+1, total(l.total)+l.n, time.Since(began).Round(time.Second))
		}
	}
	for i := int64(0); i < int64(y.records)*48/chunk; i++ { // the ledger, which nobody asks here
		l.rows["vault"] = append(l.rows["vault"], []any{[]byte("as many leaves"), chunkKey(i), make([]byte, chunk)})
	}
	l.flush()
	if err := l.db.Append(func(tx kv.Tx) error { // where the next capture goes; the ledger that can be proved begins with it
		return progress{file: uint32(y.at>>28) + 1, end: y.at & (1<<28 - 1)}.put(tx)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.Pool().Exec(t.Context(), "vacuum analyze"); err != nil {
		t.Fatal(err)
	}
	captures := policies * weeks
	t.Logf("%d captures of %d policies, %d with a new text, %d records; capture files %d MB (%d and %d bytes a capture)", captures, policies, y.changes, y.records, y.at>>20, y.sizes[true], y.sizes[false])
	tables(t, l, captures)
	ask(t, address, all)
}

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// tables logs what each table takes.
func tables(t *testing.T, l *loader, captures int) {
	rows, err := l.db.Pool().Query(t.Context(), `select relname, pg_table_size(oid), pg_indexes_size(oid) from pg_class where relnamespace = $1::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > 1000000 order by pg_total_relation_size(oid) desc`, pg.Schema)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var table, index int64
	for rows.Next() {
		var name string
		var size, indexes int64
		if err := rows.Scan(&name, &size, &indexes); err != nil {
			t.Fatal(err)
		}
		n := max(l.total[name[3:]], 1)
		t.Logf("%-14s %10d rows  %6d MB  %6d MB of index  %5d bytes a row", name, n, size>>20, indexes>>20, (size+indexes)/int64(n))
		table, index = table+size, index+indexes
	}
	t.Logf("all tables %d MB, their indexes %d MB: %d bytes a capture", table>>20, index>>20, (table+index)/int64(captures))
}

// ask asks what pages and commands ask.
func ask(t *testing.T, address string, all []policy) {
	a := opened(t, address, Options{})
	r := rand.New(rand.NewPCG(3, 4))
	pick := func() *policy { return &all[r.IntN(len(all))] }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []struct {
		name  string
		times int
		do    func(i int)
	}{
		{"snapshots of a service", 300, func(int) {
			for _, err := range a.Snapshots(pick().terms) {
				must(err)
			}
		}},
		{"versions of a service", 300, func(int) {
			for _, err := range a.Versions(pick().terms) {
				must(err)
			}
		}},
		{"one version and its text", 300, func(int) {
			p := pick()
			_, err := a.Version(p.last)
			must(err)
			_, err = a.Document(p.document)
			must(err)
		}},
		{"a derived row", 300, func(int) { _, err := a.Derived("rows", "none"); _ = err }},
		{"a new capture", 200, func(i int) {
			_, err := a.PutCapture(captureOf(1_000_000+i, 1))
			must(err)
		}},
		{"pending", 5, func(int) {
			for _, err := range a.Pending() {
				must(err)
			}
		}},
		{"the terms of a service", 300, func(int) { _, err := a.TermsOf(pick().terms.Service); must(err) }},
		{"all terms", 3, func(int) { _, err := a.Terms(); must(err) }},
		{"all declarations", 3, func(int) { _, err := a.Declarations(); must(err) }},
		{"states of all terms", 1, func(int) { _, err := a.States(); must(err) }},
	} {
		var took []time.Duration
		for i := range q.times {
			began := time.Now()
			q.do(i)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%-26s p50 %8.2f ms  p95 %8.2f ms", q.name, ms(took[len(took)/2]), ms(took[len(took)*95/100]))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
