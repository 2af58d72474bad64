package fulltext

// This file finds passages.

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A Hit is a passage of some terms.
type Hit struct {
	search.Hit
	Terms snapshots.Terms
}

// Found is a part of what was found.
type Found struct {
	Hits      []Hit
	Total     int       // passages
	Services  int       // that have one
	Languages []string  // of the texts they stand in, sorted
	Complete  bool      // false if there may be more than are counted
	Since     time.Time // not zero if hits may be missing: of passages that appeared until then, not all were looked at

	stems     stemmer
	languages []string // that have stems
}

// Find finds passages, those that stand first, then those that appeared last, and gives limit of them from one on. Where there are very many, it counts
// some. The error is ErrSlow if it takes too long.
func (t *Tables) Find(ctx context.Context, q *search.Query, from, limit int) (*Found, error) {
	out := &Found{}
	err := pgx.BeginTxFunc(ctx, t.db.Pool(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s := &seeker{tx: tx, query: q, reach: t.reach, began: time.Now(), maxTime: t.maxTime, need: from + limit + 1}
		if err := s.within(ctx, wholeTime); err != nil {
			return err
		}
		// A plan that is kept for all words knows nothing of how frequent one of them is.
		if _, err := tx.Exec(ctx, "set local plan_cache_mode = force_custom_plan; set local jit = off; set local work_mem = '64MB'"); err != nil {
			return err
		}
		if err := out.learn(ctx, tx, q); err != nil {
			return err
		}
		s.asked = expression(q, out.languages, out.stems.stems)
		if err := s.seek(ctx); err != nil {
			return err
		}
		return out.page(ctx, s, from, limit)
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

// onePage orders what was found. Names are compared as the embedded search does.
const onePage = `with found as materialized (
	select f.*, t.number, t.service, t.type, t.lower_service, x.line, x.source
	from unnest($1::bigint[], $2::integer[], $3::bigint[], $4::boolean[], $5::integer[]) as f(id, text, since, stands, start)
		join search_texts x on x.id = f.text join search_terms t on t.number = x.number),
page as (select * from found order by stands desc, since desc, lower_service, service, type, line, source, start, id offset $6 limit $7)
select (select count(distinct service) from found), page.service, page.type, page.line, page.source, p.start, p.size, p.since, p.until, p.runs, p.language, v.id,
	(select max(l.n) from search_versions l where l.number = page.number and l.line = page.line)
from (select) as one
	left join page on true
	left join search_passages p on p.id = page.id
	left join search_versions v on v.number = page.number and v.line = page.line and v.n = p.runs[1]
order by page.stands desc, page.since desc, page.lower_service, page.service, page.type, page.line, page.source, page.start, page.id`

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

// page takes what was found, and reads the hits of a page.
func (f *Found) page(ctx context.Context, s *seeker, from, limit int) error {
	var ids, since []int64
	var texts, starts []int32
	var stands []bool
	for _, c := range s.found {
		ids, texts, since = append(ids, c.id), append(texts, c.text), append(since, c.since)
		stands, starts = append(stands, c.stands), append(starts, c.start)
		f.Languages = append(f.Languages, c.language)
	}
	slices.Sort(f.Languages)
	f.Languages = slices.Compact(f.Languages)
	f.Total, f.Complete = len(ids), s.complete
	if !s.complete && !s.full() {
		f.Since = s.lookedSince()
	}
	if err := s.within(ctx, wholeTime); err != nil {
		return err
	}
	rows, err := s.tx.Query(ctx, onePage, ids, texts, since, stands, starts, from, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&f.Services, &r.service, &r.typ, &r.line, &r.source, &r.start, &r.size, &r.since, &r.until, &r.runs, &r.language, &r.version, &r.last); err != nil {
			return err
		}
		if r.start != nil && r.version != nil && r.last != nil {
			f.Hits = append(f.Hits, r.hit())
		}
	}
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
