package shelf

// This file counts what each choice of a filter would show.

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
)

// Bounds of counts.
const (
	maxServices = 300     // that are listed with counts
	maxGroups   = 100_000 // kinds of items that are counted
)

const services = `with recursive s as ((select service from desk_terms order by service limit 1)
	union all select (select t.service from desk_terms t where t.service > s.service order by t.service limit 1) from s where s.service is not null)
	select count(*) from (select from s where service is not null limit $1) x`

// groups counts what filters know. Of many services not each has counts of its own.
func (t *Tables) groups(ctx context.Context, tx pgx.Tx, f review.Filter, w *locale.Words, out *Page) error {
	var n int
	most := cmp.Or(t.Services, maxServices)
	if err := tx.QueryRow(ctx, services, most+1).Scan(&n); err != nil {
		return err
	}
	out.Many = n > most
	if out.Many && f.Service == "" && len(f.Looked()) == 0 {
		return summed(ctx, tx, f, out)
	}
	f2 := review.Filter{State: "all", Words: f.Words, Country: f.Country, Article: f.Article}
	if out.Many {
		f2.Service = f.Service
	}
	q, service := t.ask(f2, w), "service"
	if out.Many && f.Service == "" {
		service = "''::bytea"
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("select kind, state, waits, level, language, %s, count(*) from desk_items where %s group by 1, 2, 3, 4, 5, 6 limit %d", service, q.conditions(), maxGroups), q.args...)
	if err != nil {
		return err
	}
	if out.Groups, err = pgx.CollectRows(rows, groupOf); err != nil {
		return err
	}
	for _, x := range []struct {
		column string
		but    func(*review.Filter)
		to     *map[string]int
	}{{"countries", func(f *review.Filter) { f.Country = "" }, &out.Countries}, {"articles", func(f *review.Filter) { f.Article = "" }, &out.Articles}} {
		g := f
		x.but(&g)
		q := t.ask(g, w)
		if *x.to, err = tallied(ctx, tx, fmt.Sprintf("select v, count(*) from desk_items, lateral (select distinct unnest(%s)) as x(v) where %s group by 1", x.column, q.conditions()), q.args...); err != nil {
			return err
		}
	}
	return nil
}

// summed gives the counts that are kept.
func summed(ctx context.Context, tx pgx.Tx, f review.Filter, out *Page) error {
	const all = "(select * from desk_deltas union all select * from desk_counts) c"
	q := &question{}
	q.text("country = $%d", f.Country)
	q.text("article = $%d", f.Article)
	rows, err := tx.Query(ctx, fmt.Sprintf("select kind, state, waits, level, language, ''::bytea, sum(n)::bigint from %s where %s group by 1, 2, 3, 4, 5 having sum(n) <> 0 limit %d", all, q.conditions(), maxGroups), q.args...)
	if err != nil {
		return err
	}
	if out.Groups, err = pgx.CollectRows(rows, groupOf); err != nil {
		return err
	}
	for _, x := range []struct {
		column, other, value string
		to                   *map[string]int
	}{{"country", "article", f.Article, &out.Countries}, {"article", "country", f.Country, &out.Articles}} {
		q := &question{}
		q.text(x.other+" = $%d", x.value)
		q.fields(f)
		sql := fmt.Sprintf("select %[1]s, sum(n)::bigint from %[2]s where %[1]s <> '' and %[3]s group by 1 having sum(n) <> 0", x.column, all, q.conditions())
		if *x.to, err = tallied(ctx, tx, sql, q.args...); err != nil {
			return err
		}
	}
	return nil
}

func groupOf(row pgx.CollectableRow) (g review.Group, err error) {
	var service []byte
	err = row.Scan(&g.Kind, &g.State, &g.Waits, &g.Level, &g.Language, &service, &g.Count)
	g.Service = string(service)
	return g, err
}

func tallied(ctx context.Context, tx pgx.Tx, sql string, args ...any) (map[string]int, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	var v string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&v, &n}, func() error { out[v] = n; return nil })
	return out, err
}
