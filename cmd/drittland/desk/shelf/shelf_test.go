package shelf

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func database(t testing.TB) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), pgtest.Need(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func tablesOf(t testing.TB, db *pg.DB, program string, day law.Date) *Tables {
	t.Helper()
	x, err := In(t.Context(), db, Made{program, day})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var (
	today  = law.Date{Year: 2026, Month: 6, Day: 1}
	clipzy = snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}
	mailzy = snapshots.Terms{Service: "Mailzy", Type: "Privacy Policy"}
)

// put enters something into a bucket of the archive, and its terms if they are new.
func put(t *testing.T, db *pg.DB, bucket string, terms snapshots.Terms, n int) {
	t.Helper()
	err := db.Update(func(tx kv.Tx) error {
		names := tx.Bucket([]byte("terms"))
		number := names.Get(key(terms))
		if number == nil {
			next, err := names.NextSequence()
			if err != nil {
				return err
			}
			number = binary.BigEndian.AppendUint32(nil, uint32(next))
			if err := names.Put(key(terms), number); err != nil {
				return err
			}
		}
		switch bucket {
		case "timeline":
			return tx.Bucket([]byte(bucket)).Put(binary.BigEndian.AppendUint64(slices.Clone(number), uint64(n)), []byte("12345678"))
		case "declarations":
			return tx.Bucket([]byte(bucket)).Put(key(terms), fmt.Append(nil, n))
		}
		b, err := tx.Bucket([]byte(bucket)).CreateBucketIfNotExists(key(terms))
		if err != nil {
			return err
		}
		return b.Put(binary.BigEndian.AppendUint64(nil, uint64(n)), []byte("x"))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// forget takes the versions of terms away, and calls f before that ends.
func forget(t *testing.T, db *pg.DB, terms snapshots.Terms, f func()) {
	t.Helper()
	err := db.Alone(func(tx kv.Tx) error {
		number, b := tx.Bucket([]byte("terms")).Get(key(terms)), tx.Bucket([]byte("timeline"))
		var gone [][]byte
		for k, _ := b.Cursor().Seek(number); k != nil && string(k[:4]) == string(number); k, _ = b.Cursor().Seek(append(slices.Clone(k), 0)) {
			gone = append(gone, k)
		}
		for _, k := range gone {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		b.Len() // sends it
		f()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// one is a reading with one item.
func one(said string) *Reading {
	return &Reading{Mark: []byte(said), About: []string{"US"}, Sum: Sum{Data: []byte("{}")}, Items: []Item{{Key: hex.EncodeToString(fmt.Appendf(nil, "%-10.10s", said)), Kind: "finding", State: review.Open, Waits: true,
		Level: rules.Error, Date: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Number: 1, Check: "T01", Language: "en", Articles: []string{"46"}, Countries: []string{"US"}, Words: said, Data: []byte("{}")}}}
}

func (t *Tables) mustFill(tb testing.TB, terms snapshots.Terms, read Reader) bool {
	tb.Helper()
	done, err := t.Fill(tb.Context(), terms, read)
	if err != nil {
		tb.Fatal(err)
	}
	return done
}

func reads(r *Reading) Reader {
	return func(context.Context, snapshots.Terms, *Kept) (*Reading, error) { return r, nil }
}

func (t *Tables) pendingNow(tb testing.TB) []snapshots.Terms {
	tb.Helper()
	list, err := t.Pending(tb.Context(), 100, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func (t *Tables) queued(tb testing.TB, words string) int {
	tb.Helper()
	p, err := t.Queue(tb.Context(), review.Filter{State: "all", Words: words}, 0, locale.For("en"))
	if err != nil {
		tb.Fatal(err)
	}
	if p.Count != len(p.Items) {
		tb.Errorf("counted %d of %d", p.Count, len(p.Items))
	}
	return p.Count
}

// TestMarks has everything that terms are made of change, and each change mark them.
func TestMarks(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	for n, bucket := range []string{"timeline", "declarations", "attempts", "decisions", "tellings", "timeline", "declarations"} {
		put(t, db, bucket, clipzy, n)
		if got := x.pendingNow(t); len(got) != 1 || got[0] != clipzy {
			t.Fatalf("after one of %s: %v", bucket, got)
		}
		if !x.mustFill(t, clipzy, reads(one("India"))) || len(x.pendingNow(t)) != 0 {
			t.Fatalf("%s: still pending", bucket)
		}
	}
	if behind, all, err := x.Behind(t.Context()); behind != 0 || all != 0 || err != nil {
		t.Error(behind, all, err)
	}
	put(t, db, "timeline", mailzy, 1)
	if behind, all, err := x.Behind(t.Context()); behind != 1 || all != 2 || err != nil {
		t.Error(behind, all, err)
	}
	if x.mustFill(t, mailzy, reads(nil)); x.queued(t, "") != 1 { // it is not there any more
		t.Error("not gone")
	}
}

// marks is how many marks there are.
func marks(t *testing.T, db *pg.DB) (n int) {
	t.Helper()
	if err := db.Pool().QueryRow(t.Context(), "select count(*) from desk_stale").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFewMarks has terms change for as long as nobody reads them, or nobody can: they have no more marks for that.
func TestFewMarks(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	for n := range 9 {
		put(t, db, "timeline", clipzy, n)
		put(t, db, "decisions", clipzy, n)
		put(t, db, "timeline", mailzy, n)
		if n%3 == 2 { // one that fails takes up what is there
			if _, err := x.Fill(t.Context(), clipzy, func(context.Context, snapshots.Terms, *Kept) (*Reading, error) { return nil, os.ErrInvalid }); !errors.Is(err, os.ErrInvalid) {
				t.Fatal(err)
			}
		}
	}
	if n := marks(t, db); n != 2 {
		t.Errorf("%d marks of two terms", n)
	}
	if !x.mustFill(t, clipzy, reads(one("India"))) || !x.mustFill(t, mailzy, reads(one("India"))) || marks(t, db) != 0 {
		t.Error("marks are left")
	}
}

// TestMarkedMeanwhile has one write to terms, and not be done, while they are read: they are read again when that can be seen, and nobody waits for anybody.
func TestMarkedMeanwhile(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	put(t, db, "timeline", clipzy, 1)
	begin := func() pgx.Tx {
		tx, err := db.Pool().Begin(t.Context())
		if err == nil {
			_, err = tx.Exec(t.Context(), "insert into kv_declarations (key, value) values ($1, 'x') on conflict (key) do update set value = 'y'", key(clipzy))
		}
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	first := begin() // before the mark is taken up: it is held
	if x.mustFill(t, clipzy, reads(one("before"))) || x.queued(t, "before") != 1 {
		t.Error("it was read, and what is being written was not")
	}
	if err := first.Commit(t.Context()); err != nil || len(x.pendingNow(t)) != 1 {
		t.Error("what was written is forgotten", err)
	}
	var second pgx.Tx
	x.mustFill(t, clipzy, func(context.Context, snapshots.Terms, *Kept) (*Reading, error) {
		second = begin() // after that: it has a mark of its own
		return one("meanwhile"), nil
	})
	if len(x.pendingNow(t)) != 0 {
		t.Error("nothing can be seen yet")
	}
	if err := second.Commit(t.Context()); err != nil || len(x.pendingNow(t)) != 1 {
		t.Error("what was written meanwhile is forgotten", err)
	}
	if !x.mustFill(t, clipzy, reads(one("after"))) || len(x.pendingNow(t)) != 0 {
		t.Error("it is pending for ever")
	}
}

// TestLeftAside has terms that cannot be read: others do not wait behind them.
func TestLeftAside(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	for n := range 5 {
		put(t, db, "timeline", clipzy, n)
	}
	put(t, db, "timeline", mailzy, 1)
	for _, step := range []struct {
		but, want []snapshots.Terms
	}{{[]snapshots.Terms{mailzy}, []snapshots.Terms{clipzy}}, {[]snapshots.Terms{clipzy}, []snapshots.Terms{mailzy}}, {[]snapshots.Terms{clipzy, mailzy}, nil}} {
		got, err := x.Pending(t.Context(), 3, step.but)
		if err != nil || !slices.Equal(got, step.want) {
			t.Errorf("but %v: %v, %v", step.but, got, err)
		}
	}
}

// TestPrograms has several releases on one archive: a later one reads again what an earlier one has read, and not the other way round.
func TestPrograms(t *testing.T) {
	db := database(t)
	old := tablesOf(t, db, "one", today)
	put(t, db, "timeline", clipzy, 1)
	old.mustFill(t, clipzy, reads(one("India")))
	fresh := tablesOf(t, db, "two", today)
	if len(fresh.pendingNow(t)) != 1 || len(old.pendingNow(t)) != 0 {
		t.Fatal("the later one must read it again, and it alone")
	}
	fresh.mustFill(t, clipzy, func(_ context.Context, _ snapshots.Terms, kept *Kept) (*Reading, error) {
		if kept != nil {
			t.Error("what another program kept was offered")
		}
		return one("Japan"), nil
	})
	if old = tablesOf(t, db, "one", today); len(old.pendingNow(t)) != 0 || old.queued(t, "japan") != 0 || old.queued(t, "Japan") != 0 {
		t.Error("words are found in lower case, and what a later program has read stands")
	}
	tomorrow := tablesOf(t, db, "two", today.AddDays(1))
	if len(tomorrow.pendingNow(t)) != 1 {
		t.Error("a new day of the law")
	}
	for about, want := range map[string]int{"US": 0, "JP": 1} {
		n, err := tomorrow.PassBy(t.Context(), today, []string{about})
		if err != nil || n != want {
			t.Errorf("%s: %d passed by, %v", about, n, err)
		}
	}
	if len(tomorrow.pendingNow(t)) != 0 {
		t.Error("passed by, and pending")
	}
}

// TestForgottenMeanwhile has versions taken away while others read them: what was read before is not written.
func TestForgottenMeanwhile(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	put(t, db, "timeline", clipzy, 1)
	times := 0
	done := x.mustFill(t, clipzy, func(context.Context, snapshots.Terms, *Kept) (*Reading, error) {
		if times++; times == 1 {
			forget(t, db, clipzy, func() {})
			return one("a secret"), nil
		}
		return one("blank"), nil
	})
	if !done || times != 2 || x.queued(t, "secret") != 0 || x.queued(t, "blank") != 1 {
		t.Errorf("read %d times", times)
	}
	put(t, db, "timeline", clipzy, 2)
	x.mustFill(t, clipzy, reads(one("a secret")))
	wrote := make(chan bool)
	forget(t, db, clipzy, func() {
		go func() { // it waits until the versions are gone, and reads again
			times := 0
			_, err := x.Fill(context.Background(), clipzy, func(context.Context, snapshots.Terms, *Kept) (*Reading, error) {
				if times++; times == 1 {
					return one("a secret"), nil
				}
				return one("blank"), nil
			})
			wrote <- err == nil
		}()
		time.Sleep(50 * time.Millisecond) // that it began earlier or later decides nothing
	})
	if !<-wrote || x.queued(t, "secret") != 0 {
		t.Error("a secret is left")
	}
	put(t, db, "timeline", clipzy, 3)
	x.mustFill(t, clipzy, reads(one("a secret")))
	if err := db.Alone(func(tx kv.Tx) error { return tx.DeleteBucket([]byte("timeline")) }); err != nil || x.queued(t, "") != 0 {
		t.Error("left after all versions are gone", err)
	}
}

// TestOneAtATime has two read the same terms: the second leaves them alone.
func TestOneAtATime(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	put(t, db, "timeline", clipzy, 1)
	x.mustFill(t, clipzy, func(context.Context, snapshots.Terms, *Kept) (*Reading, error) {
		if x.mustFill(t, clipzy, reads(one("twice"))) {
			t.Error("two at a time")
		}
		put(t, db, "timeline", clipzy, 2) // what comes meanwhile stays marked
		return one("India"), nil
	})
	if len(x.pendingNow(t)) != 1 {
		t.Error("what came meanwhile is forgotten")
	}
}

// TestFolded holds what is counted against what there is, before and after it is added up.
func TestFolded(t *testing.T) {
	db := database(t)
	x := tablesOf(t, db, "one", today)
	for i, terms := range []snapshots.Terms{clipzy, mailzy, clipzy, clipzy} {
		put(t, db, "timeline", terms, i)
		x.mustFill(t, terms, reads(one(fmt.Sprint("India ", i))))
		if i == 2 {
			if err := x.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var counted, there int
		err := db.Pool().QueryRow(t.Context(), "select (select sum(n) from (select * from desk_deltas union all select * from desk_counts) c where country = '' and article = ''), (select count(*) from desk_items)").Scan(&counted, &there)
		if err != nil || counted != there || there != min(i+1, 2) {
			t.Errorf("%d: %d counted of %d, %v", i, counted, there, err)
		}
	}
}
