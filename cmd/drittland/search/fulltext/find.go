package fulltext

// This file finds passages.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// maxFound bounds the passages that one search counts.
const maxFound = 100000

// A Hit is a passage of some terms.
type Hit struct {
	search.Hit
	Terms snapshots.Terms
}

// Found is a part of what was found.
type Found struct {
	Hits      []Hit
	Total     int      // passages
	Services  int      // that have one
	Languages []string // of the texts they stand in, sorted
	Complete  bool     // false if there are more than are counted

	stems     stemmer
	languages []string // that have stems
}

// Find finds passages, those that stand first, then those that appeared last, and gives limit of them from one on. The error is ErrSlow if it takes too long.
func (t *Tables) Find(ctx context.Context, q *search.Query, from, limit int) (*Found, error) {
	out := &Found{}
	err := pgx.BeginTxFunc(ctx, t.db.Pool(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local statement_timeout = %d", t.maxTime.Milliseconds())); err != nil {
			return err
		}
		if err := out.learn(ctx, tx, q); err != nil {
			return err
		}
		return out.find(ctx, tx, q, from, limit)
	})
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// Alike gives what says of a word of a text in some language that it is another form of a wanted one.
func (t *Tables) Alike(ctx context.Context, f *Found, language, quote string) (func(w search.Wanted, plain string) bool, error) {
	language = f.stems.language(language)
	var words []string
	for _, w := range search.Words(quote) {
		words = append(words, search.Plain(quote[w.Start:w.End]))
	}
	if err := f.stems.learn(ctx, t.db.Pool(), language, words); err != nil {
		return nil, err
	}
	return func(w search.Wanted, plain string) bool {
		for _, stem := range f.stems.stems(language, w.Plain) {
			if slices.Contains(f.stems.stems(language, plain), stem) {
				return true
			}
		}
		return false
	}, nil
}

// learn asks for the stems of the words that are wanted.
func (f *Found) learn(ctx context.Context, tx pgx.Tx, q *search.Query) error {
	if err := f.stems.ask(ctx, tx); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, "select language from search_languages order by language")
	if err != nil {
		return err
	}
	if f.languages, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	var words []string
	for _, list := range [][]search.Phrase{q.Wanted, q.Unwanted} {
		for _, ph := range list {
			for _, w := range ph {
				if !w.Open && !w.Exact {
					words = append(words, w.Plain)
				}
			}
		}
	}
	for _, language := range f.languages {
		if err := f.stems.learn(ctx, tx, f.stems.language(language), words); err != nil {
			return err
		}
	}
	return nil
}

// the part of the statement that is the same for all queries. Names and dates are compared as the embedded search does.
const (
	foundPassages = `with found as materialized (
	select p.id, p.until is null as stands, p.since, p.start, p.language, t.number, t.service, t.type, t.lower_service, x.line, x.source
	from search_passages p join search_texts x on x.id = p.text join search_terms t on t.number = x.number
	where p.words @@ $1::tsquery`
	onePage = `
	limit %d),
page as (select * from found order by stands desc, since desc, lower_service, service, type, line, source, start, id offset %d limit %d)
select n.total, n.services, n.languages, page.service, page.type, page.line, page.source, p.start, p.size, p.since, p.until, p.runs, p.language, v.id,
	(select max(l.n) from search_versions l where l.number = page.number and l.line = page.line)
from (select count(*) as total, count(distinct service) as services, coalesce(array_agg(distinct language), '{}') as languages from found) n
	left join page on true
	left join search_passages p on p.id = page.id
	left join search_versions v on v.number = page.number and v.line = page.line and v.n = p.runs[1]
order by page.stands desc, page.since desc, page.lower_service, page.service, page.type, page.line, page.source, page.start, page.id`
	// stood on some day from after until before: none of the runs may be that of another time
	stood = `
	and (cardinality(p.runs) <= 2 or exists (select from generate_series(1, cardinality(p.runs), 2) i
		join search_versions f on f.number = x.number and f.line = x.line and f.n = p.runs[i]
		left join search_versions g on g.number = x.number and g.line = x.line and g.n = p.runs[i + 1] + 1
		where ($%[1]d::bigint is null or f.date < $%[1]d) and ($%[2]d::bigint is null or g.date is null or g.date > $%[2]d)))`
)

// statement is the statement for a query, with its values.
func (f *Found) statement(q *search.Query, from, limit int) (sql string, args []any) {
	args = []any{expression(q, f.languages, f.stems.stems)}
	var b strings.Builder
	b.WriteString(foundPassages)
	value := func(v any) int { args = append(args, v); return len(args) }
	if q.Service != "" {
		fmt.Fprintf(&b, "\n\tand t.lower_service = $%d", value([]byte(strings.ToLower(q.Service))))
	}
	if q.Type != "" {
		fmt.Fprintf(&b, "\n\tand t.lower_type = $%d", value([]byte(strings.ToLower(q.Type))))
	}
	if q.Language != "" {
		n := value(plainText(strings.ToLower(q.Language)))
		fmt.Fprintf(&b, "\n\tand (lower(p.language) = $%[1]d or split_part(lower(p.language), '-', 1) = $%[1]d)", n)
	}
	if q.Last {
		b.WriteString("\n\tand p.until is null")
	}
	if !q.After.IsZero() || !q.Before.IsZero() {
		before, after := value(seconds(q.Before)), value(seconds(q.After))
		fmt.Fprintf(&b, "\n\tand ($%[1]d::bigint is null or p.since < $%[1]d) and ($%[2]d::bigint is null or p.until is null or p.until > $%[2]d)", before, after)
		fmt.Fprintf(&b, stood, before, after)
	}
	fmt.Fprintf(&b, onePage, maxFound+1, from, limit)
	return b.String(), args
}

func seconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.Unix()
	return &n
}

// A row is one of the answer; all but the first fields are nil if the page is empty.
type row struct {
	service, typ, line, source []byte
	start, size                *int32
	since, until               *int64
	runs                       []int32
	language, version          *string
	last                       *int32
}

func (f *Found) find(ctx context.Context, tx pgx.Tx, q *search.Query, from, limit int) error {
	sql, args := f.statement(q, from, limit)
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&f.Total, &f.Services, &f.Languages, &r.service, &r.typ, &r.line, &r.source, &r.start, &r.size, &r.since, &r.until, &r.runs,
			&r.language, &r.version, &r.last); err != nil {
			return err
		}
		if r.start != nil && r.version != nil && r.last != nil {
			f.Hits = append(f.Hits, r.hit())
		}
	}
	f.Complete = f.Total <= maxFound
	f.Total = min(f.Total, maxFound)
	return rows.Err()
}

func (r *row) hit() Hit {
	h := Hit{Terms: snapshots.Terms{Service: string(r.service), Type: string(r.typ)}}
	h.Line, h.Source, h.Language = string(r.line), string(r.source), *r.language
	h.Span = snapshots.Span{Start: int(*r.start), End: int(*r.start) + int(*r.size)}
	for i := 0; i < len(r.runs); i += 2 {
		run := search.Run{First: int(r.runs[i]), Last: int(*r.last)}
		if i+1 < len(r.runs) {
			run.Last = int(r.runs[i+1])
		}
		h.Runs = append(h.Runs, run)
	}
	h.First = search.Version{ID: *r.version, Date: time.Unix(*r.since, 0).UTC(), Language: h.Language}
	if r.until != nil {
		h.Until = time.Unix(*r.until, 0).UTC()
	}
	return h
}
