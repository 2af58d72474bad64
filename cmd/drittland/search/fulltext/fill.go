package fulltext

// This file gathers the passages of terms: of one terms at a time, some versions in one transaction. What a crash leaves is whole, and goes on where it ended.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A Reader reads from the archive: the versions of terms by their lines, and a function for the texts of one of them, both counted from 0. It must read
// what is there when it is called.
type Reader func(ctx context.Context, t snapshots.Terms) ([]search.Line, func(line, version int) ([]search.Text, error), error)

// What one transaction takes, at least a version.
const (
	maxVersions = 200
	maxVectors  = 8 << 20  // bytes of vectors as text
	maxRead     = 32 << 20 // bytes of texts
)

// Fill gathers the passages of terms, what others have done or are doing left out. Of several processes, one at a time gathers the same terms; Fill
// returns when all are gathered. told is called for each, one at a time. The error is ErrDenied if the user may only read.
func (t *Tables) Fill(ctx context.Context, todo []Pending, read Reader, workers int, told func()) error {
	for _, wait := range []bool{false, true} { // first what nobody else gathers
		var err error
		if todo, err = t.fill(ctx, todo, read, workers, wait, told); err != nil || len(todo) == 0 {
			return err
		}
	}
	return nil
}

// fill gives back the terms that others gather.
func (t *Tables) fill(ctx context.Context, todo []Pending, read Reader, workers int, wait bool, told func()) (busy []Pending, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan Pending)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range max(1, min(workers, len(todo))) {
		wg.Go(func() {
			f := &filler{db: t, read: read, wait: wait}
			defer f.close()
			for p := range next {
				mine, wrong := f.terms(ctx, p)
				mu.Lock()
				switch {
				case wrong == nil && mine:
					told()
				case wrong == nil:
					busy = append(busy, p)
				case err == nil:
					err = wrong
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	for _, p := range todo {
		select {
		case next <- p:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	return busy, errors.Join(err, context.Cause(ctx))
}

// A filler gathers on a connection of its own: what it reads from the archive meanwhile takes others.
type filler struct {
	db    *Tables
	read  Reader
	wait  bool // for others who gather the same
	conn  *pgx.Conn
	stems stemmer
}

func (f *filler) close() {
	if f.conn != nil {
		_ = f.conn.Close(context.Background())
	}
}

// terms gathers what is new of some terms; mine is false if another does.
func (f *filler) terms(ctx context.Context, p Pending) (mine bool, err error) {
	if f.conn == nil {
		config := f.db.db.Pool().Config().ConnConfig
		if f.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
			return false, failed(err)
		}
	}
	for more := true; more; {
		err := pgx.BeginFunc(ctx, f.conn, func(tx pgx.Tx) (err error) {
			mine, more, err = f.some(ctx, tx, p)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("passages of %s: %w", p.Terms, failed(err))
		}
	}
	return mine, nil
}

// some gathers some versions; more says that there are others.
func (f *filler) some(ctx context.Context, tx pgx.Tx, p Pending) (mine, more bool, err error) {
	ids, mine, err := f.claim(ctx, tx, p)
	if err != nil || !mine || len(ids) == 0 {
		return mine, false, err
	}
	lines, texts, err := f.read(ctx, p.Terms)
	if err != nil {
		return false, false, err
	}
	g := &gathering{filler: f, tx: tx, number: p.number, kind: p.Terms.Type, lines: lines, texts: texts}
	if err := g.begin(ctx); err != nil {
		return false, false, err
	}
	if more, err = g.versions(ctx); err != nil {
		return false, false, err
	}
	if err := g.vectors(ctx); err != nil {
		return false, false, err
	}
	if err := g.write(ctx); err != nil || more {
		return true, more, err
	}
	_, err = tx.Exec(ctx, "delete from search_stale where id = any($1)", ids)
	return true, false, err
}

// claim takes hold of some terms. It gives the rows that say what is stale, none if all is gathered; mine is false if another has hold of them.
func (f *filler) claim(ctx context.Context, tx pgx.Tx, p Pending) (ids []int64, mine bool, err error) {
	if f.wait {
		mine = true
		_, err = tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended($1, 1))", f.lock(p))
	} else {
		err = tx.QueryRow(ctx, "select pg_try_advisory_xact_lock(hashtextextended($1, 1))", f.lock(p)).Scan(&mine)
	}
	if err != nil || !mine {
		return nil, mine, err
	}
	// Those who forget versions wait until this ends, or this for them: see search_forgotten.
	if _, err := tx.Exec(ctx, "lock table search_terms in row exclusive mode"); err != nil {
		return nil, false, err
	}
	var there bool
	err = tx.QueryRow(ctx, `select coalesce(array_agg(id), '{}'), exists (select from kv_terms where key = $2 and value = $1) from search_stale where number = $1`,
		p.number, termsKey(p.Terms)).Scan(&ids, &there)
	if err != nil || !there { // made anew since, under another number
		return nil, err == nil, err
	}
	low := func(s string) []byte { return []byte(strings.ToLower(s)) }
	_, err = tx.Exec(ctx, "insert into search_terms (number, service, type, lower_service, lower_type) values ($1, $2, $3, $4, $5) on conflict do nothing",
		p.number, []byte(p.Terms.Service), []byte(p.Terms.Type), low(p.Terms.Service), low(p.Terms.Type))
	return ids, true, err
}

func (f *filler) lock(p Pending) string {
	return f.db.db.SchemaName() + ":search:" + string(fmt.Appendf(nil, "%x", p.number))
}
