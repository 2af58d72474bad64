package shelf

// This file finds items: a page of what a filter takes, what stands beside an item, the items of a line.

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// Bounds of an answer.
const (
	maxPlace = 10_000 // items before one that are counted
	few      = 2000   // items that are sorted when they are found
)

// orders are the columns that items are sorted by; of the newest first, all of them downwards.
var orders = map[string]string{
	"":        "urgency, " + byAge,
	"age":     byAge,
	"newest":  byAge,
	"service": "lower_service, urgency, " + byAge,
}

const byAge = "date, front, service, type, n, kind, check_id, line, place"

func orderOf(sort string) (columns string, down bool) {
	if o, ok := orders[sort]; ok {
		return o, sort == "newest"
	}
	return orders[""], false
}

// downwards is an order the other way round.
func downwards(columns string) string { return strings.ReplaceAll(columns, ", ", " desc, ") + " desc" }

// A question is conditions on items with their values.
type question struct {
	where []string
	args  []any
}

func (q *question) value(v any) int {
	q.args = append(q.args, v)
	return len(q.args)
}

func (q *question) add(format string, v any) {
	q.where = append(q.where, fmt.Sprintf(format, q.value(v)))
}

func (q *question) conditions() string {
	if len(q.where) == 0 {
		return "true"
	}
	return strings.Join(q.where, " and ")
}

// ask asks for what a filter takes.
func (a *asking) ask(f review.Filter) *question {
	q := &question{}
	if f.Service != "" {
		q.add("lower_service = $%d", []byte(strings.ToLower(f.Service)))
		q.add("service = $%d", []byte(f.Service))
	}
	if l := rules.Level(f.Level); l.Rank() > 0 {
		q.add("urgency = $%d", urgency(l)) // it is in the indexes
	} else {
		q.level(f.Level, "level = $%d")
	}
	q.fields(f)
	for _, x := range []struct{ value, column string }{{f.Country, "countries"}, {f.Article, "articles"}} {
		if x.value != "" {
			q.text(x.column+" @> array[$%d::text]", x.value)
		}
	}
	a.words(q, f.Looked())
	return q
}

// level asks for a level, if one is named.
func (q *question) level(level, format string) {
	if level != "" {
		q.text(format, level)
	}
}

// fields asks for the fields of which an item has one each, but for its level.
func (q *question) fields(f review.Filter) {
	for _, x := range []struct{ value, format string }{{f.Kind, "kind = $%d"}, {f.Language, "language = $%d"}} {
		if x.value != "" {
			q.text(x.format, x.value)
		}
	}
	switch f.State {
	case "all":
	case "waiting":
		q.where = append(q.where, "waits")
	default:
		q.text("state = $%d", f.State)
	}
}

// text adds a condition on a text, which nothing meets that no column can hold.
func (q *question) text(format, v string) {
	if plain(v) != v {
		q.where = append(q.where, "false")
		return
	}
	q.add(format, v)
}

// An asking is a question of one filter, within a transaction.
type asking struct {
	*Tables
	tx            pgx.Tx
	f             review.Filter
	w             *locale.Words
	items, lapses string // the items as they stand today, and what that changes of the counts that are kept
	finding       bool   // words are found by their index: what has them is few
}

// asking runs f with a question.
func (t *Tables) asking(ctx context.Context, f review.Filter, w *locale.Words, do func(a *asking) error) error {
	return t.within(ctx, func(tx pgx.Tx) (err error) {
		a := &asking{Tables: t, tx: tx, f: f, w: w}
		if a.items, a.lapses, err = t.standing(ctx, tx); err != nil {
			return err
		}
		return do(a)
	})
}

// Queue gives a page of what a filter takes.
func (t *Tables) Queue(ctx context.Context, f review.Filter, page int, w *locale.Words) (out *Page, err error) {
	out = &Page{}
	err = t.asking(ctx, f, w, func(a *asking) error {
		if err := a.count(ctx, out); err != nil {
			return err
		}
		out.Page = review.LastPage(page, out.Count)
		if out.Count == 0 {
			return nil
		}
		out.Items, err = a.page(ctx, out)
		return err
	})
	return out, err
}

// sorted reads some items in an order. Of few, all are found before they are sorted: the plan is made for many.
func (a *asking) sorted(ctx context.Context, q *question, columns string, down bool, from, size, count int) ([]Item, error) {
	if down {
		columns = downwards(columns)
	}
	sql := fmt.Sprintf("select %s from %s where %s order by %s offset %d limit %d", itemFields, a.items, q.conditions(), columns, from, size)
	if count <= few || a.finding {
		sql = fmt.Sprintf("with found as materialized (select terms, %s from %s where %s), page as materialized (select terms, line, place from found order by %s offset %d limit %d) select %s from %s join page using (terms, line, place) order by %s",
			strings.ReplaceAll(columns, " desc", ""), a.items, q.conditions(), columns, from, size, itemFields, a.items, columns)
	}
	return itemsOf(ctx, a.tx, sql, q.args...)
}

const itemFields = "service, type, line, place, encode(key, 'hex'), kind, state, waits, level, date, n, check_id, language, articles, countries, data"

func itemsOf(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]Item, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Item, err error) {
		var service, typ, line, check []byte
		var level string
		var date int64
		err = row.Scan(&service, &typ, &line, &x.Place, &x.Key, &x.Kind, &x.State, &x.Waits, &level, &date, &x.Number, &check, &x.Language, &x.Articles, &x.Countries, &x.Data)
		x.Terms, x.Line, x.Check = snapshots.Terms{Service: string(service), Type: string(typ)}, string(line), string(check)
		x.Level, x.Date = rules.Level(level), timeOf(&date)
		return x, err
	})
}

// Near is what stands beside an item.
type Near struct {
	Before, After []Item // the nearest first
	Place, Of     int    // from 1; 0 if it is not known
}

// Beside gives what stands beside an item in what a filter takes: as many as are passed over, and one more.
func (t *Tables) Beside(ctx context.Context, f review.Filter, k string, at review.Where, passed int, w *locale.Words) (out *Near, err error) {
	out = &Near{}
	err = t.asking(ctx, f, w, func(a *asking) error {
		p := &Page{}
		if err := a.count(ctx, p); err != nil {
			return err
		}
		if out.Of = p.Count; out.Of == 0 {
			return nil
		}
		columns, down := orderOf(f.Sort)
		here, err := a.here(ctx, k, at, columns, down)
		if err != nil || here == nil {
			return err
		}
		for _, side := range []struct {
			list *[]Item
			down bool
		}{{&out.Before, !down}, {&out.After, down}} {
			q := a.ask(f)
			q.behind(columns, side.down, here)
			if *side.list, err = a.sorted(ctx, q, columns, side.down, 0, passed+1, out.Of); err != nil {
				return err
			}
		}
		if p.More {
			return nil
		}
		q := a.ask(f)
		q.behind(columns, !down, here)
		var before int
		order := columns
		if !down {
			order = downwards(columns)
		}
		sql := fmt.Sprintf("select count(*) from (select from %s where %s order by %s limit %d) x", a.items, q.conditions(), order, maxPlace)
		if err := a.tx.QueryRow(ctx, sql, q.args...).Scan(&before); err != nil {
			return err
		}
		if before < maxPlace {
			out.Place = before + 1
		}
		return nil
	})
	return out, err
}

// here finds an item by its key, else the first one of a version, if a filter takes it.
func (a *asking) here(ctx context.Context, k string, at review.Where, columns string, down bool) (*Item, error) {
	var tries []*question
	if b, err := hex.DecodeString(k); err == nil && k != "" {
		q := a.ask(a.f)
		q.add("key = $%d", b)
		tries = append(tries, q)
	}
	q := a.ask(a.f)
	q.add("terms = (select id from desk_terms where terms = $%d)", key(at.Terms))
	q.add("line = $%d", []byte(at.Line))
	q.add("n = $%d", at.Number)
	for _, q := range append(tries, q) {
		list, err := a.sorted(ctx, q, columns, down, 0, 1, 0)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return &list[0], nil
		}
	}
	return nil, nil
}

// behind asks for what stands behind an item in an order.
func (q *question) behind(columns string, down bool, x *Item) {
	var values []string
	for c := range strings.SplitSeq(columns, ", ") {
		var v any
		switch c {
		case "urgency":
			v = urgency(x.Level)
		case "lower_service":
			v = []byte(strings.ToLower(x.Terms.Service))
		case "date":
			v = x.Date.UnixNano()
		case "front":
			v = front(x.Terms)
		case "service":
			v = []byte(x.Terms.Service)
		case "type":
			v = []byte(x.Terms.Type)
		case "n":
			v = x.Number
		case "kind":
			v = x.Kind
		case "check_id":
			v = []byte(x.Check)
		case "line":
			v = []byte(x.Line)
		case "place":
			v = x.Place
		}
		values = append(values, fmt.Sprintf("$%d", q.value(v)))
	}
	op := ">"
	if down {
		op = "<"
	}
	q.where = append(q.where, fmt.Sprintf("(%s) %s (%s)", columns, op, strings.Join(values, ", ")))
}

// Line gives the items of a line of terms, in the order of their places.
func (t *Tables) Line(ctx context.Context, terms snapshots.Terms, line string) (out []Item, err error) {
	err = t.asking(ctx, review.Filter{}, nil, func(a *asking) (err error) {
		out, err = itemsOf(ctx, a.tx, "select "+itemFields+" from "+a.items+" where terms = (select id from desk_terms where terms = $1) and line = $2 order by place", key(terms), []byte(line))
		return err
	})
	return out, err
}

// Keyed gives the items that have one of some keys.
func (t *Tables) Keyed(ctx context.Context, keys []string) (out []Item, err error) {
	var list [][]byte
	for _, k := range keys {
		if b, err := hex.DecodeString(k); err == nil {
			list = append(list, b)
		}
	}
	err = t.asking(ctx, review.Filter{}, nil, func(a *asking) (err error) {
		out, err = itemsOf(ctx, a.tx, "select "+itemFields+" from "+a.items+" where key = any($1) order by place", list)
		return err
	})
	return out, err
}
