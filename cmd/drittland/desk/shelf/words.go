package shelf

// This file finds items by their words. An index tells which items may have a word; of words that very many items have, it is not counted how many these are.

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/review"
)

// maxFound is up to how many items with some words are counted.
const maxFound = 10_000

// How words are looked for: plans are made for words that one item of three has, and these are nearly always wrong.
const (
	byIndex = "set local enable_seqscan = off; set local enable_indexscan = off; set local work_mem = '64MB'"                                                               // rare ones: what has them, then the rest
	inOrder = "set local enable_seqscan = off; set local enable_indexscan = on; set local enable_bitmapscan = off; set local enable_sort = off; set local work_mem = '4MB'" // frequent ones: item by item, until there are enough
	asEver  = "set local enable_seqscan = on; set local enable_indexscan = on"
)

// words asks for the words of a filter.
func (a *asking) words(q *question, looked []string) {
	for _, word := range looked {
		if plain(word) != word {
			q.where = append(q.where, "false")
			continue
		}
		n := q.value(word)
		titled := ""
		var ids [][]byte
		if a.Titles != nil {
			for _, id := range a.Titles(a.w, word) {
				ids = append(ids, []byte(id))
			}
		}
		if len(ids) > 0 {
			titled = fmt.Sprintf(" or kind = 'finding' and check_id = any($%d)", q.value(ids))
		}
		if a.finding {
			q.where = append(q.where, fmt.Sprintf("(desk_grams(words, said) @> desk_sought($%d)%s)", n, titled))
		}
		q.where = append(q.where, fmt.Sprintf("(strpos(words, $%[1]d) > 0 or kind = 'change' and strpos(said ->> $%[2]d, $%[1]d) > 0%[3]s)", n, q.value(a.w.Language()), titled))
	}
}

// countFound counts the items that have the words of the filter. Of very many, it counts those that the whole filter takes, and if these are very many too, it says that there are more.
func (a *asking) countFound(ctx context.Context, out *Page) error {
	if err := a.plan(ctx, byIndex); err != nil {
		return err
	}
	a.finding = true
	wide := review.Filter{State: "all", Words: a.f.Words}
	if out.Many {
		wide.Service = a.f.Service
	}
	service := "service"
	if out.Many && a.f.Service == "" {
		service = "''::bytea as service"
	}
	most := cmp.Or(a.Found, maxFound)
	q := a.ask(wide)
	rows, err := a.tx.Query(ctx, fmt.Sprintf("select kind, state, waits, level, language, service, countries, articles, count(*) from (select kind, state, waits, level, language, %s, countries, articles from %s where %s limit %d) x group by 1, 2, 3, 4, 5, 6, 7, 8",
		service, a.items, q.conditions(), most+1), q.args...)
	if err != nil {
		return err
	}
	groups, err := pgx.CollectRows(rows, foundGroup)
	if err != nil {
		return err
	}
	if wide.Total(groups) <= most {
		out.Groups, out.Countries, out.Articles = a.f.Tally(groups)
		out.Count = a.f.Total(out.Groups)
		return nil
	}
	return a.countPart(ctx, most, out)
}

// countPart counts the items that the whole filter takes, up to a number. What each choice would show is not counted.
func (a *asking) countPart(ctx context.Context, most int, out *Page) error {
	out.Uncounted = true
	q := a.ask(a.f)
	sql := fmt.Sprintf("select count(*) from (select from %s where %s limit %d) x", a.items, q.conditions(), most+1)
	if err := a.tx.QueryRow(ctx, sql, q.args...).Scan(&out.Count); err != nil {
		return err
	}
	if out.More = out.Count > most; out.More {
		out.Count, a.finding = most, false
	}
	if err := a.plan(ctx, asEver); err != nil {
		return err
	}
	if err := a.groups(ctx, out); err != nil {
		return err
	}
	if out.More {
		return a.plan(ctx, inOrder)
	}
	return a.plan(ctx, byIndex)
}

func (a *asking) plan(ctx context.Context, settings string) error {
	_, err := a.tx.Exec(ctx, settings)
	return err
}

func foundGroup(row pgx.CollectableRow) (g review.Group, err error) {
	var service []byte
	err = row.Scan(&g.Kind, &g.State, &g.Waits, &g.Level, &g.Language, &service, &g.Countries, &g.Articles, &g.Count)
	g.Service = string(service)
	return g, err
}
