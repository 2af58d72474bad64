package shelf

// This file shows what was decided until a day that has passed as it stands today, for as long as nobody has written that down: who may only read cannot.

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	itemsToday = `(select terms, line, place, key, kind, case when until < date '%[1]s' then 'lapsed' else state end as state, waits or coalesce(until < date '%[1]s', false) as waits, urgency, level, date,
		front, service, type, lower_service, n, check_id, language, articles, countries, words, said, data from desk_items) desk_items`
	lapsedToday = ` union all select x.v, y.v, i.kind, s.state, s.waits, i.level, i.language, s.n from desk_items i, lateral (select '' union select unnest(i.countries)) x(v),
		lateral (select '' union select unnest(i.articles)) y(v), lateral (values (i.state, i.waits, -1::bigint), ('lapsed', true, 1::bigint)) s(state, waits, n) where i.until < date '%[1]s'`
	termsToday = `(select t.id, t.terms, t.service, t.type, t.lower_service, t.name, t.data, t.failing, t.alarm, t.verified, t.changed, t.errors + coalesce(m.errors, 0) as errors,
		t.warnings + coalesce(m.warnings, 0) as warnings, t.notes + coalesce(m.notes, 0) as notes from desk_terms t left join (select terms, count(*) filter (where level = 'error') as errors,
		count(*) filter (where level = 'warning') as warnings, count(*) filter (where level = 'note') as notes from desk_items where until < date '%[1]s' and not waits group by terms) m on m.terms = t.id) desk_terms`
)

// overdue reports whether something was decided until a day that has passed.
func (t *Tables) overdue(ctx context.Context, tx pgx.Tx) (some bool, err error) {
	if t.Today.IsZero() {
		return false, nil
	}
	err = tx.QueryRow(ctx, fmt.Sprintf("select exists (select from desk_items where until < date '%s')", t.Today)).Scan(&some)
	return some, err
}

// standing gives what is read in place of desk_items, and what is added to the counts that are kept.
func (t *Tables) standing(ctx context.Context, tx pgx.Tx) (items, lapses string, err error) {
	some, err := t.overdue(ctx, tx)
	if err != nil || !some {
		return "desk_items", "", err
	}
	return fmt.Sprintf(itemsToday, t.Today), fmt.Sprintf(lapsedToday, t.Today), nil
}

// listing gives what is read in place of desk_terms where it is listed.
func (t *Tables) listing(ctx context.Context, tx pgx.Tx) (terms string, err error) {
	some, err := t.overdue(ctx, tx)
	if err != nil || !some {
		return "desk_terms", err
	}
	return fmt.Sprintf(termsToday, t.Today), nil
}
