package shelf

// This file finds items: a page of what a filter takes, what stands beside an item, the items of a line.

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
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

const byAge = "date, service, type, n, kind, check_id, line, place"

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

// words asks for the words of a filter.
func (t *Tables) words(q *question, looked []string, w *locale.Words) {
	for _, word := range looked {
		if plain(word) != word {
			q.where = append(q.where, "false")
			continue
		}
		n := q.value(word)
		var titled [][]byte
		if t.Titles != nil {
			for _, id := range t.Titles(w, word) {
				titled = append(titled, []byte(id))
			}
		}
		q.where = append(q.where, fmt.Sprintf("(strpos(words, $%[1]d) > 0 or kind = 'change' and strpos(said ->> $%[2]d, $%[1]d) > 0 or kind = 'finding' and check_id = any($%[3]d))", n, q.value(w.Language()), q.value(titled)))
	}
}

// ask asks for what a filter takes.
func (t *Tables) ask(f review.Filter, w *locale.Words) *question {
	q := &question{}
	if f.Service != "" {
		q.add("lower_service = $%d", []byte(strings.ToLower(f.Service)))
		q.add("service = $%d", []byte(f.Service))
	}
	q.fields(f)
	for _, x := range []struct{ value, column string }{{f.Country, "countries"}, {f.Article, "articles"}} {
		if x.value != "" {
			q.text(x.column+" @> array[$%d::text]", x.value)
		}
	}
	t.words(q, f.Looked(), w)
	return q
}

// fields asks for the fields of which an item has one each.
func (q *question) fields(f review.Filter) {
	for _, x := range []struct{ value, format string }{{f.Kind, "kind = $%d"}, {f.Level, "level = $%d"}, {f.Language, "language = $%d"}} {
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

// Queue gives a page of what a filter takes.
func (t *Tables) Queue(ctx context.Context, f review.Filter, page int, w *locale.Words) (out *Page, err error) {
	out = &Page{}
	err = t.within(ctx, func(tx pgx.Tx) error {
		if err := t.groups(ctx, tx, f, w, out); err != nil {
			return err
		}
		out.Count = f.Total(out.Groups)
		out.Page = review.LastPage(page, out.Count)
		if out.Count == 0 {
			return nil
		}
		out.Items, err = t.page(ctx, tx, f, w, out)
		return err
	})
	return out, err
}

// A Page is a page of a queue, with items as the tables have them.
type Page struct {
	Items       []Item
	Page, Count int
	Groups      []review.Group
	Countries   map[string]int
	Articles    map[string]int
	Many        bool
}

// page reads the items of a page whose number is known. What stands far behind is counted from the end.
func (t *Tables) page(ctx context.Context, tx pgx.Tx, f review.Filter, w *locale.Words, out *Page) ([]Item, error) {
	from := out.Page * review.PerPage
	size := min(review.PerPage, out.Count-from)
	columns, down := orderOf(f.Sort)
	back := from > out.Count/2
	if back {
		from, down = out.Count-from-size, !down
	}
	q := t.ask(f, w)
	items, err := t.sorted(ctx, tx, q, columns, down, from, size, out.Count)
	if back {
		slices.Reverse(items)
	}
	return items, err
}

// sorted reads some items in an order. Of few, all are found before they are sorted: the plan is made for many.
func (t *Tables) sorted(ctx context.Context, tx pgx.Tx, q *question, columns string, down bool, from, size, count int) ([]Item, error) {
	if down {
		columns = downwards(columns)
	}
	sql := fmt.Sprintf("select %s from desk_items where %s order by %s offset %d limit %d", itemFields, q.conditions(), columns, from, size)
	if count <= few {
		sql = fmt.Sprintf("with found as materialized (select * from desk_items where %s) select %s from found order by %s offset %d limit %d", q.conditions(), itemFields, columns, from, size)
	}
	return itemsOf(ctx, tx, sql, q.args...)
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
	err = t.within(ctx, func(tx pgx.Tx) error {
		p := &Page{}
		if err := t.groups(ctx, tx, f, w, p); err != nil {
			return err
		}
		if out.Of = f.Total(p.Groups); out.Of == 0 {
			return nil
		}
		columns, down := orderOf(f.Sort)
		here, err := t.here(ctx, tx, f, k, at, columns, down, w)
		if err != nil || here == nil {
			return err
		}
		for _, side := range []struct {
			list *[]Item
			down bool
		}{{&out.Before, !down}, {&out.After, down}} {
			q := t.ask(f, w)
			q.behind(columns, side.down, here)
			if *side.list, err = t.sorted(ctx, tx, q, columns, side.down, 0, passed+1, out.Of); err != nil {
				return err
			}
		}
		q := t.ask(f, w)
		q.behind(columns, !down, here)
		var before int
		order := columns
		if !down {
			order = downwards(columns)
		}
		sql := fmt.Sprintf("select count(*) from (select from desk_items where %s order by %s limit %d) x", q.conditions(), order, maxPlace)
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&before); err != nil {
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
func (t *Tables) here(ctx context.Context, tx pgx.Tx, f review.Filter, k string, at review.Where, columns string, down bool, w *locale.Words) (*Item, error) {
	var tries []*question
	if b, err := hex.DecodeString(k); err == nil && k != "" {
		q := t.ask(f, w)
		q.add("key = $%d", b)
		tries = append(tries, q)
	}
	q := t.ask(f, w)
	q.add("terms = (select id from desk_terms where terms = $%d)", key(at.Terms))
	q.add("line = $%d", []byte(at.Line))
	q.add("n = $%d", at.Number)
	for _, q := range append(tries, q) {
		list, err := t.sorted(ctx, tx, q, columns, down, 0, 1, 0)
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
	err = t.within(ctx, func(tx pgx.Tx) (err error) {
		out, err = itemsOf(ctx, tx, "select "+itemFields+" from desk_items where terms = (select id from desk_terms where terms = $1) and line = $2 order by place", key(terms), []byte(line))
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
	err = t.within(ctx, func(tx pgx.Tx) (err error) {
		out, err = itemsOf(ctx, tx, "select "+itemFields+" from desk_items where key = any($1) order by place", list)
		return err
	})
	return out, err
}
