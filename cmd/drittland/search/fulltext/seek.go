package fulltext

// This file looks for passages: by their words, of which the index of words knows all passages that hold them, but not in which order; or from the newest
// passage on, where the words are so frequent that a page is full soon. What is looked at is bounded either way.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
)

// A reach is how many passages are looked at.
type reach struct {
	words   int // that hold the words, in whatever order
	service int // of one service that fit
	step    int // from the newest on, at first
	far     int // from the newest on, at most
	enough  int // hits beyond which nobody needs to know how many there are
}

var usual = reach{words: 20000, service: 20000, step: 4000, far: 120000, enough: 1000}

// Parts of the time of a search, in eighths: what is done last needs some, too.
const (
	someTime  = 3
	wholeTime = 8
)

// A seeker looks for what one query asks for.
type seeker struct {
	tx      pgx.Tx
	query   *search.Query
	asked   asked
	need    int // hits that fill a page, those before it, and one more
	reach   reach
	began   time.Time
	maxTime time.Duration
	part    int // of the time, in eighths, at the end of which what is done now ends

	found    []candidate
	seen     map[int64]bool
	complete bool  // there are no others
	edge     int64 // all passages that appeared later were looked at
	walked   int   // of them
}

// A candidate is a passage that was found.
type candidate struct {
	id       int64
	text     int32
	since    int64
	stands   bool
	start    int32
	language string
}

// within has what follows end when some eighths of the time are over.
func (s *seeker) within(ctx context.Context, eighths int) error {
	left := max(time.Millisecond, s.maxTime*time.Duration(eighths)/wholeTime-time.Since(s.began))
	_, err := s.tx.Exec(ctx, fmt.Sprintf("set local statement_timeout = %d", left.Milliseconds()))
	return err
}

// full reports whether the page is certain: so many that stand appeared later than anything that was not looked at.
func (s *seeker) full() bool {
	n := 0
	for _, c := range s.found {
		if c.stands && c.since > s.edge {
			n++
		}
	}
	return n >= s.need
}

// lookedSince is when the last of all those appeared that were not looked at.
func (s *seeker) lookedSince() time.Time {
	if s.walked == 0 {
		return s.began.UTC()
	}
	return time.Unix(s.edge, 0).UTC()
}

// seek looks for passages: of one service in its texts, of rare words by these, and of frequent ones from the newest passage on.
func (s *seeker) seek(ctx context.Context) error {
	s.seen, s.edge = map[int64]bool{}, math.MaxInt64
	if s.query.Service != "" {
		return s.inService(ctx)
	}
	likely, all, err := s.likely(ctx)
	if err != nil {
		return err
	}
	tried := likely <= float64(s.reach.words)
	var slow error
	if tried {
		if slow = s.some(ctx, someTime, s.byWords); s.complete || slow != nil && !errors.Is(failed(slow), ErrSlow) {
			return slow
		}
	}
	part := someTime + 1
	if tried {
		part = 2*someTime + 1
	}
	if err := s.some(ctx, part, s.walk); err != nil {
		if slow = err; !errors.Is(failed(err), ErrSlow) {
			return err
		}
	}
	projected := all * float64(len(s.found)) / float64(max(1, s.walked))
	if few := !s.full() || len(s.found) < s.reach.enough && projected < 4*float64(s.reach.words); few && !tried && !s.complete {
		if err := s.some(ctx, 2*someTime+1, s.byWords); err != nil {
			if slow = err; !errors.Is(failed(err), ErrSlow) {
				return err
			}
		}
	}
	if len(s.found) == 0 && s.walked == 0 && !s.complete && slow != nil {
		return slow
	}
	return nil
}

// some does a part of the work. If it takes too long, what was found before stays.
func (s *seeker) some(ctx context.Context, eighths int, f func(ctx context.Context, tx pgx.Tx) error) error {
	s.part = eighths
	if err := s.within(ctx, s.part); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.tx, func(tx pgx.Tx) error { return f(ctx, tx) })
}

// likely is how many passages PostgreSQL supposes to have the words, and how many there are.
func (s *seeker) likely(ctx context.Context) (rows, all float64, err error) {
	var said []byte
	if err := s.tx.QueryRow(ctx, "explain (format json) select from search_passages where words @@ $1::tsquery", s.asked.loose).Scan(&said); err != nil {
		return 0, 0, err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal(said, &plans); err != nil || len(plans) != 1 {
		return 0, 0, fmt.Errorf("a plan that cannot be read: %w", err)
	}
	err = s.tx.QueryRow(ctx, "select reltuples::float8 from pg_class where oid = 'search_passages'::regclass").Scan(&all)
	return plans[0].Plan.Rows, max(0, all), err
}

// values are those of a statement.
type values []any

func (v *values) add(x any) int { *v = append(*v, x); return len(*v) }

const columns = "p.id, p.text, p.since, p.until is null, p.start, p.language"

// stood on some day from after until before: none of the runs may be that of another time
const stood = `
	and (cardinality(p.runs) <= 2 or exists (select from search_texts x cross join generate_series(1, cardinality(p.runs), 2) i
		join search_versions f on f.number = x.number and f.line = x.line and f.n = p.runs[i]
		left join search_versions g on g.number = x.number and g.line = x.line and g.n = p.runs[i + 1] + 1
		where x.id = p.text and ($%[1]d::bigint is null or f.date < $%[1]d) and ($%[2]d::bigint is null or g.date is null or g.date > $%[2]d)))`

// fits is the condition on a passage p.
func (s *seeker) fits(v *values) string {
	var b strings.Builder
	fmt.Fprintf(&b, "p.words @@ $%d::tsquery", v.add(s.asked.exact))
	if s.query.Last {
		b.WriteString(" and p.until is null")
	}
	if !s.query.After.IsZero() || !s.query.Before.IsZero() {
		before, after := v.add(seconds(s.query.Before)), v.add(seconds(s.query.After))
		fmt.Fprintf(&b, "\n\tand ($%[1]d::bigint is null or p.since < $%[1]d) and ($%[2]d::bigint is null or p.until is null or p.until > $%[2]d)", before, after)
		fmt.Fprintf(&b, stood, before, after)
	}
	return b.String()
}

// take takes what a statement has found, whose last column says of each row whether it fits. It gives the number of rows.
func (s *seeker) take(ctx context.Context, tx pgx.Tx, sql string, v values) (n int, err error) {
	rows, err := tx.Query(ctx, sql, v...)
	if err != nil {
		return 0, err
	}
	var c candidate
	var fits bool
	_, err = pgx.ForEachRow(rows, []any{&c.id, &c.text, &c.since, &c.stands, &c.start, &c.language, &fits}, func() error {
		n++
		if fits && !s.seen[c.id] {
			s.seen[c.id] = true
			s.found = append(s.found, c)
		}
		return nil
	})
	return n, err
}

// inService looks at the passages of a service.
func (s *seeker) inService(ctx context.Context) error {
	var v values
	service := v.add([]byte(strings.ToLower(s.query.Service)))
	sql := fmt.Sprintf(`select %s, true from (select x.id from search_terms t join search_texts x on x.number = t.number where t.lower_service = $%d offset 0) x
		cross join lateral (select * from search_passages where text = x.id offset 0) p where %s limit %d`, columns, service, s.fits(&v), s.reach.service+1)
	n, err := s.take(ctx, s.tx, sql, v)
	s.complete = n <= s.reach.service
	return err
}

// byWords looks at the passages that the index of words gives.
func (s *seeker) byWords(ctx context.Context, tx pgx.Tx) error {
	// The index answers a frequent word at once with all its passages, which is bounded; to look for passages in any other order is not.
	if _, err := tx.Exec(ctx, "set local enable_seqscan = off; set local enable_indexscan = off"); err != nil {
		return err
	}
	var v values
	exact := s.fits(&v)
	sql := fmt.Sprintf("select %s, %s from (select * from search_passages where words @@ $%d::tsquery limit %d) p", columns, exact, v.add(s.asked.loose), s.reach.words+1)
	n, err := s.take(ctx, tx, sql, v)
	if err != nil {
		return err
	}
	s.complete = n <= s.reach.words
	_, err = tx.Exec(ctx, "set local enable_seqscan = on; set local enable_indexscan = on")
	return err
}

// walk looks at passages from the newest one on, until a page is full and it is clear that there are many.
func (s *seeker) walk(ctx context.Context, tx pgx.Tx) error {
	since, id := int64(math.MaxInt64), int64(0)
	if !s.query.Before.IsZero() {
		since = s.query.Before.Unix()
	}
	far := s.reach.far
	if s.need > far {
		far = s.reach.step
	}
	for step := s.reach.step; s.walked < far && !s.full(); step *= 4 {
		if err := s.within(ctx, s.part); err != nil {
			return err
		}
		step = min(step, far-s.walked)
		from := values{since, id}
		next := fmt.Sprintf("select since, id from search_passages where (since, id) < ($1, $2) order by since desc, id desc offset %d limit 1", step-1)
		end := false
		switch err := tx.QueryRow(ctx, next, from...).Scan(&since, &id); {
		case errors.Is(err, pgx.ErrNoRows):
			end = true
		case err != nil:
			return err
		}
		v := from
		sql := fmt.Sprintf(`select %s, true from (select * from search_passages where (since, id) < ($1, $2) order by since desc, id desc limit %d offset 0) p
			where %s`, columns, step, s.fits(&v))
		if _, err := s.take(ctx, tx, sql, v); err != nil {
			return err
		}
		if s.walked += step; end {
			s.complete = true
			return nil
		}
		s.edge = since
	}
	return nil
}
