package shelf

// This file reads a page of what a filter takes: from the end that is nearer, and by an index where it is far from both.

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/review"
)

// A Page is a page of a queue, with items as the tables have them.
type Page struct {
	Items       []Item
	Page, Count int
	Groups      []review.Group
	Countries   map[string]int
	Articles    map[string]int
	Many        bool
	Uncounted   bool // words are in too many items: groups, countries and articles are of all, with the words or without
	More        bool // there are more than Count
}

// page reads the items of a page whose number is known. What stands far behind is counted from the end, and in an index.
func (a *asking) page(ctx context.Context, out *Page) ([]Item, error) {
	from := out.Page * review.PerPage
	size := min(review.PerPage, out.Count-from)
	columns, down := orderOf(a.f.Sort)
	back := from > out.Count/2 && !out.More
	if back {
		from, down = out.Count-from-size, !down
	}
	q := a.ask(a.f)
	if from >= a.far && len(a.f.Looked()) == 0 {
		var err error
		if from, err = a.leap(ctx, q, columns, down, from); err != nil {
			return nil, err
		}
	}
	items, err := a.sorted(ctx, q, columns, down, from, size, out.Count)
	if back {
		slices.Reverse(items)
	}
	return items, err
}

// inIndexes are the columns that indexes have of each order.
var inIndexes = map[string]string{"": "urgency, date, front", "age": "date, front", "newest": "date, front", "service": "lower_service, urgency, date"}

// alike is how many items before a page are looked at for those that only other columns tell from its first one.
const alike = 100

// far is how many items before a page are counted in an index.
const far = 1000

// leap asks only for items from a place on, or a little before it, which is found in an index: it gives where the place is among those.
func (a *asking) leap(ctx context.Context, q *question, columns string, down bool, from int) (rest int, err error) {
	front := inIndexes[""]
	for sort, o := range orders {
		if o == columns {
			front = inIndexes[sort]
		}
	}
	order := front
	if down {
		order = downwards(front)
	}
	sql := fmt.Sprintf("select (%[1]s)::text, %[1]s from %[2]s where %[3]s order by %[4]s offset %[5]d limit %[6]d", front, a.items, q.conditions(), order, from-alike, alike+1)
	rows, err := a.tx.Query(ctx, sql, q.args...)
	if err != nil {
		return 0, err
	}
	var last []any
	var name string
	rest, n := 0, 0
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			return 0, err
		}
		if n++; v[0] != name {
			name, last, rest = v[0].(string), v[1:], 0
		}
		rest++
	}
	if err := rows.Err(); err != nil || n == 0 {
		return from, err
	}
	var values []string
	for _, v := range last {
		values = append(values, fmt.Sprintf("$%d", q.value(v)))
	}
	before, after := "<", ">"
	if down {
		before, after = after, before
	}
	if rest == n { // more of them are alike
		sql := fmt.Sprintf("select count(*) from %s where %s and (%s) %s (%s)", a.items, q.conditions(), front, before, strings.Join(values, ", "))
		var n int
		if err := a.tx.QueryRow(ctx, sql, q.args...).Scan(&n); err != nil {
			return 0, err
		}
		rest = from - n + 1
	}
	q.where = append(q.where, fmt.Sprintf("(%s) %s= (%s)", front, after, strings.Join(values, ", ")))
	return rest - 1, nil
}
