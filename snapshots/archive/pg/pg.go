// Package pg keeps the index of an archive in PostgreSQL, so that several processes on several machines can have it at a time. What keys
// and values mean is the archive's business: a bucket is a table, a transaction is one of PostgreSQL.
package pg

// This file opens an index and runs transactions.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrAddress     = errors.New("not an address of a PostgreSQL database")
	ErrUnreachable = errors.New("PostgreSQL does not answer") // nothing is known of what was asked: try again
	ErrDenied      = errors.New("PostgreSQL refuses access")
	ErrNoDatabase  = errors.New("there is no such database")
	ErrFull        = errors.New("the disk of PostgreSQL is full")
	ErrBusy        = errors.New("the archive is being written to by others") // for very long: its index is made anew, say
	ErrNoSchema    = errors.New("no archive in this database")
	ErrNewer       = errors.New("the database was laid out by a newer release")
)

// Schema is where the tables are, unless the address names another search_path.
const Schema = "drittland"

// Two locks order those who change the index. They hold until the transaction ends.
const (
	lockEvidence = "evidence"
	lockDerived  = "derived"
)

// A DB is an index in PostgreSQL. It is safe for concurrent use.
type DB struct {
	pool   *pgxpool.Pool
	peeks  *pgxpool.Pool // for single reads while a transaction of the other is open: one pool for both could wait for itself
	schema string
	where  string

	waits   context.Context // ends waiting for a lock
	waiting func(time.Duration)
}

// Is reports whether address names a database of PostgreSQL.
func Is(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Open opens the index at address, "postgres://user:password@host:port/database?search_path=schema", all parts of which may come from the environment
// variables that PostgreSQL's own programs read (PGHOST, PGUSER, PGPASSWORD, PGPASSFILE …). It asks the server nothing yet.
func Open(ctx context.Context, address string) (*DB, error) {
	config, err := configure(address)
	if err != nil {
		return nil, err
	}
	db := &DB{schema: config.ConnConfig.RuntimeParams["search_path"], where: where(config), waits: context.Background()}
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, failed(err)
	}
	second := config.Copy()
	if db.peeks, err = pgxpool.NewWithConfig(ctx, second); err != nil {
		db.pool.Close()
		return nil, failed(err)
	}
	return db, nil
}

// Patience says that nobody goes on waiting for others who change the index when ctx ends. It is to be called before anything else.
func (db *DB) Patience(ctx context.Context) { db.waits = ctx }

func where(config *pgxpool.Config) string {
	c := config.ConnConfig
	s := "postgres://" + net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) + "/" + c.Database
	if schema := c.RuntimeParams["search_path"]; schema != Schema {
		s += "?search_path=" + schema
	}
	return s
}

// Shown is an address without user and password, to be shown.
func Shown(address string) string {
	config, err := configure(address)
	if err != nil {
		return "postgres://…"
	}
	return where(config)
}

func configure(address string) (*pgxpool.Config, error) {
	if !Is(address) {
		return nil, fmt.Errorf("%w: it begins with postgres://", ErrAddress)
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrAddress, withoutPassword(err))
	}
	params := config.ConnConfig.RuntimeParams
	if params["search_path"] == "" {
		params["search_path"] = Schema
	}
	if !plainName(params["search_path"]) {
		return nil, fmt.Errorf("%w: search_path %.60q is not one name of lower-case letters, digits and _", ErrAddress, params["search_path"])
	}
	params["application_name"] = "drittland"
	params["idle_in_transaction_session_timeout"] = "300000" // of one whose machine is gone: it may hold a lock
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = int32(max(8, 2*runtime.NumCPU()))
	}
	return config, nil
}

// withoutPassword is the message of an error of the parser, which names the address with its password blanked; anything else in it that
// may be one is cut.
func withoutPassword(err error) string {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		parse.ConnString = ""
	}
	message := err.Error()
	if i := strings.Index(message, "postgres"); i >= 0 && strings.Contains(message, "@") {
		message = strings.TrimSpace(message[:i]) + " it cannot be parsed"
	}
	return message
}

func plainName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 60
}

// String is the address without user and password.
func (db *DB) String() string { return db.where }

// SchemaName is the schema that holds the tables.
func (db *DB) SchemaName() string { return db.schema }

// Pool is where others who keep tables in the same database take connections from.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close gives all connections back. It waits for transactions that are open.
func (db *DB) Close() error {
	db.peeks.Close()
	db.pool.Close()
	return nil
}

// View is that of a kv.DB.
func (db *DB) View(f func(kv.Tx) error) error {
	return db.run(reading, f)
}

const reading = "begin isolation level repeatable read read only"

// Update is that of a kv.DB. One at a time is in it, of all processes; those who are in Append are not in its way.
func (db *DB) Update(f func(kv.Tx) error) error { return db.run(db.begin(lockDerived), f) }

// Append is that of a kv.DB.
func (db *DB) Append(f func(kv.Tx) error) error { return db.run(db.begin(lockEvidence), f) }

// Alone is that of a kv.DB.
func (db *DB) Alone(f func(kv.Tx) error) error { return db.run(db.begin(lockEvidence, lockDerived), f) }

// patience is how long a transaction waits for those before it until it says so, and how often it goes on waiting.
const (
	patience = 20 * time.Second
	rounds   = 45
)

// begin begins a transaction that holds some locks, with one question. A schema has a plain name.
func (db *DB) begin(locks ...string) string {
	sql := fmt.Sprintf("begin; set local lock_timeout = %d", patience.Milliseconds())
	for _, name := range locks {
		sql += fmt.Sprintf("; select pg_advisory_xact_lock(hashtextextended('%s:%s', 0))", db.schema, name)
	}
	return sql + "; set local lock_timeout = 0"
}

// Peek reads what is there now, outside of any transaction, and may be called within one.
func (db *DB) Peek(f func(kv.Tx) error) (err error) {
	defer contain(&err)
	t := &tx{ctx: context.Background(), q: db.peeks}
	return f(t)
}

// run runs f in a transaction. It waits for a lock while others hold it: a put takes its turn after some milliseconds, but a whole index that is made anew
// may take a quarter of an hour.
func (db *DB) run(begin string, f func(kv.Tx) error) error {
	for round := 1; ; round++ {
		err := db.try(begin, f)
		if !locked(err) {
			return err
		}
		if round == rounds {
			return failed(err)
		}
		if db.waiting != nil {
			db.waiting(time.Duration(round) * patience)
		}
	}
}

func (db *DB) try(begin string, f func(kv.Tx) error) error {
	ctx := context.Background()
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return failed(err)
	}
	defer conn.Release() // one that is left within a transaction is closed
	waits, done := db.inTime()
	_, err = conn.Exec(waits, begin)
	done()
	switch {
	case locked(err):
	case err != nil && waits.Err() != nil && db.waits.Err() != nil:
		err = db.waits.Err()
	case err != nil:
		err = failed(err)
	default:
		err = db.within(ctx, conn, begin != reading, f)
	}
	if err != nil {
		_, _ = conn.Exec(ctx, "rollback") // what matters is the error before it
	}
	return err
}

// inTime is a context that ends soon after nobody is to wait any more: what was done until then can still be recorded.
func (db *DB) inTime() (ctx context.Context, done func()) {
	ctx, end := context.WithCancel(context.Background())
	stop := context.AfterFunc(db.waits, func() { time.AfterFunc(2*time.Second, end) })
	return ctx, func() { stop() }
}

func locked(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "55P03"
}

// Waiting has f called every time that a transaction has waited for another for a long time, with how long it has.
func (db *DB) Waiting(f func(time.Duration)) { db.waiting = f }

func (db *DB) within(ctx context.Context, conn *pgxpool.Conn, writable bool, f func(kv.Tx) error) (err error) {
	defer contain(&err)
	t := &tx{ctx: ctx, q: conn, dirty: map[string]*changes{}, known: map[string]known{}, tails: map[string]map[string]*tail{}, counted: map[string]uint64{}, writable: writable}
	if err := f(t); err != nil {
		return err
	}
	return t.flush()
}

// A failure is what a transaction panics with when the server fails while something is read.
type failure struct{ err error }

// Failed is the error, for those who contain panics further in.
func (f failure) Failed() error { return f.err }

// contain makes an error of the panic of a transaction.
func contain(err *error) {
	switch r := recover().(type) {
	case nil:
	case failure:
		*err = r.err
	default:
		panic(r)
	}
}

// failed says of an error what it means for the caller.
func failed(err error) error {
	var pe *pgconn.PgError
	var ne net.Error
	var ce *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe):
		return fmt.Errorf("%w%s", classed(pe), note(pe))
	case errors.As(err, &ce):
		return fmt.Errorf("%w: %w", ErrUnreachable, short(err))
	case errors.As(err, &ne), pgconn.SafeToRetry(err), pgconn.Timeout(err), strings.Contains(err.Error(), "conn closed"), strings.Contains(err.Error(), "unexpected EOF"):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return fmt.Errorf("PostgreSQL: %w", err)
}

// short is the innermost reason: the address, with the names of host and user, is said elsewhere.
func short(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

func classed(pe *pgconn.PgError) error {
	if pe.Code == "53100" { // disk_full
		return fmt.Errorf("%w: %s", ErrFull, pe.Message)
	}
	switch pe.Code[:min(2, len(pe.Code))] {
	case "28": // authorisation
		return fmt.Errorf("%w: %s", ErrDenied, pe.Message)
	case "57", "53": // the server is going down or up, or has no resources left
		return fmt.Errorf("%w: %s", ErrUnreachable, pe.Message)
	}
	switch pe.Code {
	case "42P01", "3F000": // no such table, no such schema
		return ErrNoSchema
	case "55P03":
		return fmt.Errorf("%w: others have held it for %s", ErrBusy, rounds*patience)
	case "42501":
		return fmt.Errorf("%w: %s", ErrDenied, pe.Message)
	case "3D000":
		return fmt.Errorf("%w: %s", ErrNoDatabase, pe.Message)
	}
	return fmt.Errorf("PostgreSQL: %s", pe.Message)
}

func note(pe *pgconn.PgError) string {
	if pe.Code == "" {
		return ""
	}
	return " (" + pe.Code + ")"
}

// Vacuum takes what was deleted out of the tables of some buckets, and out of what is made of them.
func (db *DB) Vacuum(ctx context.Context, names ...string) error {
	for _, name := range names {
		if _, err := db.pool.Exec(ctx, "vacuum kv_"+name); err != nil {
			return failed(err)
		}
	}
	// What was made of texts for searching and for the desk: an index of words keeps those that nothing holds any more, and so do statistics.
	for _, sql := range []string{"vacuum (analyze) search_passages", "reindex index search_passages_words", "vacuum (analyze) desk_items", "vacuum (analyze) desk_terms",
		"vacuum (analyze) desk_rows"} {
		if _, err := db.pool.Exec(ctx, sql); err != nil {
			return failed(err)
		}
	}
	return nil
}

// Size is what the tables take on the disk, with their indexes, bytes.
func (db *DB) Size(ctx context.Context) (n int64, err error) {
	err = db.pool.QueryRow(ctx, "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class where relnamespace = $1::regnamespace and relkind = 'r'", db.schema).Scan(&n)
	return n, failed(err)
}
