package shelf

// This file counts what each choice of a filter would show.

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

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

// many reports whether there are too many services to list them.
func (t *Tables) many(ctx context.Context, tx pgx.Tx) (bool, error) {
	var n int
	most := cmp.Or(t.Services, maxServices)
	err := tx.QueryRow(ctx, services, most+1).Scan(&n)
	return n > most, err
}

// named gives the services of a bucket whose keys are terms, each by one look into its index. The next service begins behind all terms of the one before.
const named = `(with recursive s as ((select key from %[1]s order by key limit 1)
	union all select (select t.key from %[1]s t where t.key >= substring(s.key from 1 for position('\x00'::bytea in s.key) - 1) || '\x01'::bytea order by t.key limit 1) from s where s.key is not null)
	select substring(key from 1 for position('\x00'::bytea in key) - 1) as service from s where key is not null limit $1)`

// Names are the services of the archive, sorted; many says that they are too many to be listed, and they are not given.
func (t *Tables) Names(ctx context.Context) (names []string, many bool, err error) {
	most := cmp.Or(t.Services, maxServices)
	err = t.within(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, fmt.Sprintf(named, "kv_terms")+" union "+fmt.Sprintf(named, "kv_declarations")+" order by 1", most+1)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var b []byte
			err := row.Scan(&b)
			return string(b), err
		})
		return err
	})
	if many = len(names) > most; many {
		names = nil
	}
	return names, many, err
}

// count counts what the filter takes, and what each choice would show: all of it, unless words are in too many items. Of many services not each has counts of its own.
func (a *asking) count(ctx context.Context, out *Page) (err error) {
	if out.Many, err = a.many(ctx, a.tx); err != nil {
		return err
	}
	if len(a.f.Looked()) > 0 {
		return a.countFound(ctx, out)
	}
	if err := a.groups(ctx, out); err != nil {
		return err
	}
	out.Count = a.f.Total(out.Groups)
	return nil
}

// groups counts what filters without words know.
func (a *asking) groups(ctx context.Context, out *Page) error {
	f := a.f
	if f.Words = ""; out.Many && f.Service == "" {
		return a.summed(ctx, f, out)
	}
	q, service := a.ask(a.broad(f, out.Many)), "service"
	if out.Many && f.Service == "" {
		service = "''::bytea"
	}
	rows, err := a.tx.Query(ctx, fmt.Sprintf("select kind, state, waits, level, language, %s, count(*) from %s where %s group by 1, 2, 3, 4, 5, 6 limit %d", service, a.items, q.conditions(), maxGroups), q.args...)
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
		q := a.ask(g)
		if *x.to, err = a.tallied(ctx, fmt.Sprintf("select v, count(*) from %s, lateral (select distinct unnest(%s)) as x(v) where %s group by 1", a.items, x.column, q.conditions()), q.args...); err != nil {
			return err
		}
	}
	return nil
}

// broad is what counts of the fields are made of that an item has one each of.
func (a *asking) broad(f review.Filter, many bool) review.Filter {
	out := review.Filter{State: "all", Words: f.Words, Country: f.Country, Article: f.Article}
	if many {
		out.Service = f.Service
	}
	return out
}

// summed gives the counts that are kept.
func (a *asking) summed(ctx context.Context, f review.Filter, out *Page) error {
	all := "(select * from desk_deltas union all select * from desk_counts" + a.lapses + ") c"
	q := &question{}
	q.text("country = $%d", f.Country)
	q.text("article = $%d", f.Article)
	rows, err := a.tx.Query(ctx, fmt.Sprintf("select kind, state, waits, level, language, ''::bytea, sum(n)::bigint from %s where %s group by 1, 2, 3, 4, 5 having sum(n) <> 0 limit %d", all, q.conditions(), maxGroups), q.args...)
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
		q.level(f.Level, "level = $%d")
		q.fields(f)
		sql := fmt.Sprintf("select %[1]s, sum(n)::bigint from %[2]s where %[1]s <> '' and %[3]s group by 1 having sum(n) <> 0", x.column, all, q.conditions())
		if *x.to, err = a.tallied(ctx, sql, q.args...); err != nil {
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

func (a *asking) tallied(ctx context.Context, sql string, args ...any) (map[string]int, error) {
	rows, err := a.tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	var v string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&v, &n}, func() error { out[v] = n; return nil })
	return out, err
}
