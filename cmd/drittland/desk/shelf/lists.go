package shelf

// This file lists terms, and finds what a digest tells of: which terms have news, and which rely on what the law changes.

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A Listed is some terms with what lists tell of them.
type Listed struct {
	Terms   snapshots.Terms
	Data    []byte
	Waiting map[rules.Level]int
}

const byName = "lower_service, service, type"

var trackOrders = map[string]string{
	"":        byName,
	"waiting": "errors desc, warnings desc, notes desc, " + byName,
	"changed": "changed desc nulls last, " + byName,
	"unseen":  "verified nulls first, " + byName,
}

// states are the conditions of the states by which the list of terms is read. $1 is now.
var states = map[string]string{"": "true", review.WithWaiting: "errors + warnings + notes > 0", review.Failing: "(failing or alarm < $1)"}

// List gives a page of the terms that a filter takes, and how many of each state have its words.
func (t *Tables) List(ctx context.Context, f review.TrackFilter, page int, now time.Time) (list []Listed, counts map[string]int, at int, err error) {
	counts = map[string]int{}
	err = t.within(ctx, func(tx pgx.Tx) error {
		q := &question{args: []any{now.UnixNano()}}
		for _, word := range f.Looked() {
			q.text("strpos(name, $%d) > 0", word)
		}
		terms, err := t.listing(ctx, tx)
		if err != nil {
			return err
		}
		var all, waiting, failing int
		sql := fmt.Sprintf("select count(*), count(*) filter (where %s), count(*) filter (where %s) from %s where $1::bigint is not null and %s", states[review.WithWaiting], states[review.Failing], terms, q.conditions())
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&all, &waiting, &failing); err != nil {
			return err
		}
		counts[""], counts[review.WithWaiting], counts[review.Failing] = all, waiting, failing
		at = review.LastPage(page, counts[f.State])
		if counts[f.State] == 0 {
			return nil
		}
		order, ok := trackOrders[f.Sort]
		if !ok {
			order = trackOrders[""]
		}
		list, err = listed(ctx, tx, terms, fmt.Sprintf("$1::bigint is not null and %s and %s order by %s offset %d limit %d", q.conditions(), states[f.State], order, at*review.PerPage, review.PerPage), q.args...)
		return err
	})
	return list, counts, at, err
}

// Of gives the terms of a service; of all, at most limit, if that is "".
func (t *Tables) Of(ctx context.Context, service string, limit int) (list []Listed, err error) {
	err = t.within(ctx, func(tx pgx.Tx) error {
		where, args := fmt.Sprintf("true order by %s limit %d", byName, limit), []any(nil)
		if service != "" {
			where, args = fmt.Sprintf("service = $1 order by %s limit %d", byName, limit), []any{[]byte(service)}
		}
		terms, err := t.listing(ctx, tx)
		if err == nil {
			list, err = listed(ctx, tx, terms, where, args...)
		}
		return err
	})
	return list, err
}

func listed(ctx context.Context, tx pgx.Tx, terms, where string, args ...any) ([]Listed, error) {
	rows, err := tx.Query(ctx, "select terms, data, errors, warnings, notes from "+terms+" where "+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Listed, err error) {
		var k []byte
		var n [3]int
		err = row.Scan(&k, &x.Data, &n[0], &n[1], &n[2])
		x.Terms, x.Waiting = termsOf(k), map[rules.Level]int{}
		for i, l := range []rules.Level{rules.Error, rules.Warning, rules.Note} {
			if n[i] > 0 {
				x.Waiting[l] = n[i]
			}
		}
		return x, err
	})
}

// Decided gives decisions on some fingerprints of other lines than one, at most limit of each, oldest first.
func (t *Tables) Decided(ctx context.Context, fingerprints []string, terms snapshots.Terms, line string, limit int) (out []Decision, err error) {
	var list [][]byte
	for _, f := range fingerprints {
		list = append(list, []byte(f))
	}
	err = t.within(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select d.line, d.fingerprint, d.at, d.data from unnest($1::bytea[]) as f, lateral (select x.* from desk_decisions x join desk_terms t on t.id = x.terms
			where x.fingerprint = f and (t.terms <> $2 or x.line <> $3) order by x.at, x.terms, x.n limit $4) d`, list, key(terms), []byte(line), limit)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Decision, err error) {
			var line, fingerprint []byte
			var at int64
			err = row.Scan(&line, &fingerprint, &at, &x.Data)
			x.Line, x.Fingerprint, x.At = string(line), string(fingerprint), timeOf(&at)
			return x, err
		})
		return err
	})
	return out, err
}

// A Standing is a text that stood at the end of a time.
type Standing struct {
	Terms     snapshots.Terms
	Row       // what it says of itself
	LinePlace int
}

// News says which terms a digest of a time must be made of: those that have something to tell, and those of which that is not known. Of the others it gives
// the texts that stood at its end, in one of some languages if any are named, and rely on one of some countries and tools.
func (t *Tables) News(ctx context.Context, from, until time.Time, languages, about []string) (terms map[snapshots.Terms]bool, stood []Standing, err error) {
	terms = map[snapshots.Terms]bool{}
	err = t.within(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local statement_timeout = %d", 10*t.maxTime.Milliseconds())); err != nil { // nobody waits for a page
			return err
		}
		rows, err := tx.Query(ctx, `select terms from desk_terms where id in (
				select terms from desk_rows where tells and date >= $3 and date < $4
				union select terms from desk_decisions where at >= $3 and at < $4
				union select terms from desk_rows where ahead >= $5 and stands and date < $4 and (until is null or until >= $4))
			union `+pending, t.program, t.day(), from.UnixNano(), until.UnixNano(), law.DateOf(until).String())
		list, err := collected(rows, err)
		if err != nil {
			return err
		}
		for _, x := range list {
			terms[x] = true
		}
		stood, err = standing(ctx, tx, until, languages, about)
		return err
	})
	return terms, stood, err
}

// standing gives the texts that stood at a time and rely on some countries or tools. Of a line that comes in several languages, the newest stood.
func standing(ctx context.Context, tx pgx.Tx, until time.Time, languages, about []string) ([]Standing, error) {
	if len(about) == 0 {
		return nil, nil
	}
	var low []string
	for _, l := range languages {
		low = append(low, strings.ToLower(plain(l)))
	}
	const among = "r.stands and r.date < $1 and (r.until is null or r.until >= $1) and ($3::text[] is null or r.language = '' or lower(r.language) = any($3))"
	rows, err := tx.Query(ctx, `select t.terms, r.line, r.place, r.n, r.version, r.date, r.cause, r.language, r.about from desk_rows r join desk_terms t on t.id = r.terms
		where r.about && $2 and `+among+` and not exists (select from desk_rows x where x.terms = r.terms and x.line = r.line and x.row > r.row
			and x.stands and x.date < $1 and (x.until is null or x.until >= $1) and ($3::text[] is null or x.language = '' or lower(x.language) = any($3)))
		order by t.terms, r.place`, until.UnixNano(), about, low)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Standing, err error) {
		var k, line []byte
		var date int64
		err = row.Scan(&k, &line, &x.LinePlace, &x.Number, &x.Version, &date, &x.Cause, &x.Language, &x.About)
		x.Terms, x.Line, x.Date = termsOf(bytes.Clone(k)), string(line), timeOf(&date)
		return x, err
	})
}

// Alerts gives the terms with an alert of a version since a time, or of a day of the law after another, and those of which that is not known.
func (t *Tables) Alerts(ctx context.Context, since time.Time, lawAfter law.Date) (out []snapshots.Terms, err error) {
	after := time.Date(lawAfter.Year, lawAfter.Month, lawAfter.Day+1, 0, 0, 0, 0, time.UTC)
	err = t.within(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select terms from (select terms from desk_terms where id in (select terms from desk_rows where alert and (cause = 'law' and date >= $3 or cause <> 'law' and date >= $4))
			union `+pending+`) x order by terms`, t.program, t.day(), after.UnixNano(), since.Truncate(time.Second).UnixNano())
		out, err = collected(rows, err)
		return err
	})
	return out, err
}

// touchAtOnce is how many terms are passed by in one transaction.
const touchAtOnce = 5000

// PassBy notes of terms that a change of the law does not touch that they are as by the law of today: nothing of them turns on the countries and tools that
// it is about. Those that an earlier program has read are left alone. It gives how many that were.
func (t *Tables) PassBy(ctx context.Context, since law.Date, about []string) (n int, err error) {
	for {
		tag, err := t.db.Pool().Exec(ctx, `update desk_terms set law = $2 where id in (select id from desk_terms where law = $3 and program >= $1 and not about && $4 limit $5)`,
			t.program, t.day(), dayOf(since), about, touchAtOnce)
		if err != nil {
			return n, failed(err)
		}
		if n += int(tag.RowsAffected()); tag.RowsAffected() < touchAtOnce {
			return n, nil
		}
	}
}

// Laws are the days of the law, before that of today, by which terms were read last.
func (t *Tables) Laws(ctx context.Context) (out []law.Date, err error) {
	rows, err := t.db.Pool().Query(ctx, `with recursive d as (select min(law) as law from desk_terms union all select (select min(law) from desk_terms where law > d.law) from d where d.law is not null)
		select law::text from d where law < $1 limit 1000`, t.day())
	if err != nil {
		return nil, failed(err)
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, s := range days {
		if day, err := law.ParseDate(s); err == nil {
			out = append(out, day)
		}
	}
	return out, failed(err)
}

// Languages are those of the texts that items are about, sorted.
func (t *Tables) Languages(ctx context.Context) (out []string, err error) {
	rows, err := t.db.Pool().Query(ctx, `with recursive l as (select min(language) as language from desk_items union all select (select min(language) from desk_items where language > l.language) from l where l.language is not null)
		select language from l where language <> '' limit 1000`)
	if err != nil {
		return nil, failed(err)
	}
	out, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return out, failed(err)
}
