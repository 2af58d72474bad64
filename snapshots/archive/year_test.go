package archive

// This file fills an archive on a server with a year of captures, row by row as they would stand there, and asks it what people ask. It is
// run by hand: DRITTLAND_TEST_YEAR=20000 go test -run TestYear -v -timeout 2h ./snapshots/archive; DRITTLAND_TEST_WEEKS is another number of weeks than 52

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

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	"github.com/drittland/drittland/snapshots/warc"
)

const changed = 0.03 // of the captures of a week have another text

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
	end     time.Time
	l       *loader
	codec   *codec
	r       *rand.Rand
	at      int64
	records int
	changes int
	sizes   map[bool]int64 // bytes of the records of one capture, by whether its text is new
	number  uint32         // of the file of the part that others are being joined to
	joined  part
	objects int
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
	y.l.fill("derived").add([]byte(kind), []byte(key), b)
}

// part enters the object that holds a capture, as it stands when the year is over: joined with others once it is a day old, and kept beside that for the days
// that spare objects are.
func (y *year) part(number uint32, p part, at time.Time) error {
	age := y.end.Sub(at)
	if y.number != number || y.joined.length+p.length > joinedSize || age < joinAge {
		if err := y.join(); err != nil {
			return err
		}
		y.number, y.joined = number, part{at: p.at, name: p.name}
	}
	if age < joinAge {
		y.objects++
		return y.l.Bucket(bucketParts).Put(partKey(number, p.at), p.value())
	}
	y.joined.length += p.length
	if age > joinAge+UsualKeep {
		return nil
	}
	y.objects++
	s := spare{number: number, part: p, since: at.Add(joinAge)}
	return y.l.Bucket(bucketSpare).Put(s.key(), s.value())
}

// join enters the part that takes the place of those before.
func (y *year) join() error {
	if y.joined.length == 0 {
		return nil
	}
	y.objects++
	err := y.l.Bucket(bucketParts).Put(partKey(y.number, y.joined.at), y.joined.value())
	y.joined.length = 0
	return err
}

// ledger enters as many leaves as there are records, which nobody asks here.
func (y *year) ledger() {
	leaves := make([]byte, chunk)
	for i := range int64(y.records) * 48 / chunk {
		for at := 0; at+8 <= chunk; at += 8 {
			binary.LittleEndian.PutUint64(leaves[at:], y.r.Uint64())
		}
		y.l.fill("vault").add([]byte("as many leaves"), chunkKey(i), leaves)
	}
}

// records3 enters the records of a capture: what was answered, what was asked, and what is said of both.
func (y *year) records3(s *snapshots.Snapshot, id uuid, fresh bool, p *policy) error {
	size := y.sizes[fresh]
	file := uint32(y.at>>28) + 1
	offset := y.at & (1<<28 - 1)
	if err := y.part(file, part{at: offset, length: size, name: objectName(id[:])}, s.At); err != nil {
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

// unlogged has the server of the tests write no log of what is copied into tables that were emptied in the same transaction.
func unlogged(t *testing.T) {
	server := pgtest.Need(t)
	db, err := pg.Open(t.Context(), server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"alter system set wal_level = minimal", "alter system set max_wal_senders = 0"} {
		if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_ = db.Close()
	server.Stop(false)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
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
	unlogged(t)
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	l := newLoader(t, a.shared.db)
	y := &year{l: l, codec: newCodec(), r: rand.New(rand.NewPCG(1, 2)), end: day(7 * weeks)}
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
			at := day(7 * week).Add(time.Duration(n) * (7 * 24 * time.Hour / time.Duration(policies))).Truncate(time.Microsecond)
			if err := y.capture(p, n, at); err != nil {
				t.Fatal(err)
			}
		}
		if week%13 == 12 {
			t.Logf("week %d: %d rows in %s", week+1, l.rows(), time.Since(began).Round(time.Second))
		}
	}
	if err := y.join(); err != nil {
		t.Fatal(err)
	}
	y.ledger()
	l.finish(t.Context())
	if err := a.shared.db.Append(func(tx kv.Tx) error { // where the next capture goes; the ledger that can be proved begins with it
		return progress{file: uint32(y.at>>28) + 1, end: y.at & (1<<28 - 1)}.put(tx)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.pool.Exec(t.Context(), "vacuum analyze"); err != nil {
		t.Fatal(err)
	}
	captures := policies * weeks
	t.Logf("%d captures of %d policies, %d with a new text, %d records; capture files %d MB in %d objects (%d and %d bytes a capture)", captures, policies, y.changes, y.records, y.at>>20, y.objects, y.sizes[true], y.sizes[false])
	tables(t, l, captures)
	ask(t, address, all)
}

// tables logs what each table takes.
func tables(t *testing.T, l *loader, captures int) {
	rows, err := l.pool.Query(t.Context(), `select relname, pg_table_size(oid), pg_indexes_size(oid) from pg_class where relnamespace = $1::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > 1000000 order by pg_total_relation_size(oid) desc`, pg.Schema)
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
		n := 1
		if f := l.fills[strings.TrimPrefix(name, "kv_")]; f != nil {
			n = max(f.rows, 1)
		}
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
		if q.times == 1 && len(all) > 200_000 {
			continue // reads all there is, for hours
		}
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
