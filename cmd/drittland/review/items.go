package review

// What can be decided on, as the pages ask for it: a page of what a filter takes, what stands beside an item, the items of a line. An archive in a
// folder answers from memory, one on a server from its tables; a test holds both against each other.

import (
	"cmp"
	"context"
	"slices"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

// Items are what can be decided on, decided or not.
type Items interface {
	// Queue gives a page of what a filter takes, from 0; the last one for a page beyond it. Words are found in the language of w.
	Queue(ctx context.Context, f Filter, page int, w *locale.Words) (*Queue, error)
	// Beside gives what stands before and behind an item in what a filter takes, as given by its key, or if the filter does not take that, behind the
	// first item of a version. What is in skip, as Item.Judged gives it, is passed over.
	Beside(ctx context.Context, f Filter, key string, at Where, skip []string, w *locale.Words) (*Beside, error)
	// Line gives the items of a line of terms, in the order of their places.
	Line(ctx context.Context, terms snapshots.Terms, line string) ([]Item, error)
	// Keyed gives the items that have one of some keys.
	Keyed(ctx context.Context, keys []string) ([]Item, error)
}

// A Queue is a page of what can be decided on. It may be a little older than the archive.
type Queue struct {
	Items       []Item
	Page        int            // from 0
	Count       int            // items that the filter takes
	More        bool           // there are more than Count, which were not counted
	Uncounted   bool           // so many items have the words that it was not counted what each choice would show: groups, countries and articles are those of items with any words
	Groups      []Group        // what the filter takes by country and article: what the counts of its other fields are made of
	Countries   map[string]int // items of each country that the filter takes, but for its own country
	Articles    map[string]int // likewise of each article
	Many        bool           // there are too many services to list: groups are of the one that is asked for, or do not say of which they are
	Slow        bool           // it took too long to find out
	Read, Total int            // how many terms were read already, of how many
	Trouble     []string
}

// A Group is how many items have the same fields and the words that are asked for.
type Group struct {
	Fields
	Count int
}

// Beside is what stands beside an item.
type Beside struct {
	Before, After *Item // nil for none
	Place, Of     int   // from 1; 0 if the filter does not take it, or too much stands before it to be counted
}

// apart is f without what groups were picked by.
func (f Filter) apart() Filter {
	f.Country, f.Article = "", ""
	return f
}

// Total is how many items of some groups f takes.
func (f Filter) Total(groups []Group) (n int) {
	f = f.apart()
	for i := range groups {
		if f.takes(&groups[i].Fields, "") {
			n += groups[i].Count
		}
	}
	return n
}

// PerPage is how many items a page of the queue shows.
const PerPage = perPage

// LastPage is the page that is shown of n items where one is asked for that may be beyond them.
func LastPage(page, n int) int { return max(0, min(page, (n-1)/perPage)) }

// All is everything that can be decided on, in no order.
type All struct {
	Items       []Item
	Read, Total int
	Trouble     []string
}

// InMemory answers from everything, which it is given anew each time.
type InMemory func(ctx context.Context) (*All, error)

// Queue is that of Items.
func (all InMemory) Queue(ctx context.Context, f Filter, page int, w *locale.Words) (*Queue, error) {
	x, err := all(ctx)
	if err != nil {
		return nil, err
	}
	list := f.pick(x.Items, w)
	q := &Queue{Page: LastPage(page, len(list)), Count: len(list), Read: x.Read, Total: x.Total, Trouble: x.Trouble}
	var groups []Group
	for i := range x.Items {
		if f.mentions(&x.Items[i], w) {
			groups = append(groups, Group{x.Items[i].Fields(), 1})
		}
	}
	q.Groups, q.Countries, q.Articles = f.Tally(groups)
	for _, y := range list[min(q.Page*perPage, len(list)):min((q.Page+1)*perPage, len(list))] {
		q.Items = append(q.Items, *y)
	}
	return q, nil
}

// Tally gives those of some groups that f takes by its country and article, and how many of all that f takes by the rest have each country and each article.
func (f Filter) Tally(groups []Group) (of []Group, countries, articles map[string]int) {
	countries, articles = map[string]int{}, map[string]int{}
	for i := range groups {
		g := &groups[i]
		if (Filter{Country: f.Country, Article: f.Article, State: "all"}).takes(&g.Fields, "") {
			of = append(of, *g)
		}
		count(countries, g.Fields.Countries, g.Count, f.takes(&g.Fields, "country"))
		count(articles, g.Fields.Articles, g.Count, f.takes(&g.Fields, "article"))
	}
	return of, countries, articles
}

// count adds n to each of some values once, if ok.
func count(to map[string]int, values []string, n int, ok bool) {
	for i, v := range values {
		if ok && !slices.Contains(values[:i], v) {
			to[v] += n
		}
	}
}

// Beside is that of Items.
func (all InMemory) Beside(ctx context.Context, f Filter, key string, at Where, skip []string, w *locale.Words) (*Beside, error) {
	x, err := all(ctx)
	if err != nil {
		return nil, err
	}
	list := f.pick(x.Items, w)
	here := slices.IndexFunc(list, func(x *Item) bool { return x.Key() == key })
	if here < 0 {
		here = slices.IndexFunc(list, func(x *Item) bool { return x.At == at })
	}
	next := func(step int) *Item {
		for i := here + step; here >= 0 && i >= 0 && i < len(list); i += step {
			if !slices.Contains(skip, list[i].Judged()) {
				return list[i]
			}
		}
		return nil
	}
	return &Beside{Before: next(-1), After: next(1), Place: here + 1, Of: len(list)}, nil
}

// Line is that of Items.
func (all InMemory) Line(ctx context.Context, terms snapshots.Terms, line string) ([]Item, error) {
	return all.those(ctx, func(x *Item) bool { return x.At.Terms == terms && x.At.Line == line })
}

// Keyed is that of Items.
func (all InMemory) Keyed(ctx context.Context, keys []string) ([]Item, error) {
	return all.those(ctx, func(x *Item) bool { return slices.Contains(keys, x.Key()) })
}

func (all InMemory) those(ctx context.Context, match func(*Item) bool) (out []Item, err error) {
	x, err := all(ctx)
	if err != nil {
		return nil, err
	}
	for i := range x.Items {
		if match(&x.Items[i]) {
			out = append(out, x.Items[i])
		}
	}
	slices.SortStableFunc(out, func(a, b Item) int { return cmp.Compare(a.Place, b.Place) })
	return out, nil
}
