package teams

// This file is the lists of those who get the digests of an organisation, and when these are due.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// Limits of lists.
const (
	MaxLists = 20 // of one organisation
	MaxTo    = 50 // addresses of one list
)

// ErrList says that a list is not as lists are. What wraps it says why.
var ErrList = errors.New("this list cannot be kept")

// The forms of the mails of a list.
const (
	FormHTML = "html" // text and HTML, one beside the other
	FormText = "text" // text alone
)

// A List is who gets which digests of an organisation. It tells of nothing but terms that the organisation watches.
type List struct {
	Name        string     `json:"name"`
	To          []string   `json:"to"`                    // mail addresses; each gets a mail of its own
	Services    []string   `json:"services,omitempty"`    // of those that are watched; none for all of them
	Types       []string   `json:"terms_types,omitempty"` // likewise
	Languages   []string   `json:"languages,omitempty"`   // of texts; none for all
	Levels      []string   `json:"levels,omitempty"`      // error, warning, note; none for error and warning
	Locale      string     `json:"locale,omitempty"`      // en, de, fr or nl; "" for that of the server
	Schedule    string     `json:"schedule"`              // daily, weekly or cron, at most daily
	Quiet       string     `json:"quiet"`                 // config.QuietSend or config.QuietSkip
	Format      string     `json:"format"`                // FormHTML or FormText
	Unsubscribe string     `json:"unsubscribe,omitempty"` // mail address; "" for that of the sender
	Made        time.Time  `json:"made"`
	Until       *time.Time `json:"told_until,omitempty"` // end of the time of the last digest; nil if none was due yet
	Slot        string     `json:"-"`                    // for which that was
}

// Wish is the list as one of the settings would be.
func (l *List) Wish() config.List {
	return config.List{Name: l.Name, To: l.To, Services: l.Services, Terms: l.Types, Languages: l.Languages, Levels: l.Levels, Locale: l.Locale,
		Schedule: l.Schedule, Quiet: l.Quiet, Unsubscribe: l.Unsubscribe}
}

// domain is that of an address that mail servers of others take: no host of this network alone, and no number.
var domain = regexp.MustCompile(`(?i)@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)

// Check refuses a list that cannot be kept, and fills in what it leaves out.
func (l *List) Check() error {
	if n := len(l.To); n > MaxTo {
		return fmt.Errorf("%w: to: %d addresses; at most %d", ErrList, n, MaxTo)
	}
	if l.Unsubscribe != "" && !domain.MatchString(l.Unsubscribe) { // those of the settings may be pages
		return fmt.Errorf("%w: unsubscribe: %.60q: expected a mail address with a full domain, such as ana@example.org", ErrList, l.Unsubscribe)
	}
	sched, err := config.ParseSchedule(cmp.Or(l.Schedule, "weekly"), time.UTC)
	switch { // before that of the settings, which may be hourly
	case err != nil:
		return fmt.Errorf("%w: schedule: %w", ErrList, err)
	case !sched.DailyAtMost():
		return fmt.Errorf("%w: schedule: %.60q: the digest of an organisation comes at most once a day", ErrList, l.Schedule)
	}
	x := l.Wish()
	if err := x.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrList, err)
	}
	l.To, l.Services, l.Types, l.Languages, l.Levels, l.Schedule, l.Quiet = x.To, x.Services, x.Terms, x.Languages, x.Levels, x.Schedule, x.Quiet
	l.Format = cmp.Or(l.Format, FormHTML)
	to := l.To
	if l.Unsubscribe != "" {
		to = append(slices.Clone(to), l.Unsubscribe)
	}
	for _, a := range to {
		if !domain.MatchString(a) {
			return fmt.Errorf("%w: %.60q: expected a mail address with a full domain, such as ana@example.org", ErrList, a)
		}
	}
	if l.Format != FormHTML && l.Format != FormText {
		return fmt.Errorf("%w: format: %.60q: expected %s or %s", ErrList, l.Format, FormHTML, FormText)
	}
	return nil
}

// called is the form of the names of lists.
var called = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

const listed = "select name, recipients, services, types, languages, levels, locale, schedule, quiet, format, unsubscribe, made, slot, until from org_lists "

func scanList(r pgx.CollectableRow) (l List, err error) {
	err = r.Scan(&l.Name, &l.To, &l.Services, &l.Types, &l.Languages, &l.Levels, &l.Locale, &l.Schedule, &l.Quiet, &l.Format, &l.Unsubscribe, &l.Made, &l.Slot, &l.Until)
	l.Made = l.Made.UTC()
	if l.Until != nil {
		*l.Until = l.Until.UTC()
	}
	return l, err
}

func (o *Org) lists(ctx context.Context, which string, args ...any) (out []List, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, listed+which, args...)
		if err == nil {
			out, err = pgx.CollectRows(rows, scanList)
		}
		return err
	})
	return out, err
}

// Lists are the lists of the organisation, by name.
func (o *Org) Lists(ctx context.Context) ([]List, error) {
	return o.lists(ctx, `order by name collate "C"`)
}

// List is the list called name, ErrNotFound if there is none.
func (o *Org) List(ctx context.Context, name string) (List, error) {
	if !called.MatchString(name) {
		return List{}, fmt.Errorf("list %.60q: %w", name, ErrNotFound)
	}
	list, err := o.lists(ctx, "where name = $1", name)
	switch {
	case err != nil:
		return List{}, err
	case len(list) == 0:
		return List{}, fmt.Errorf("list %.60q: %w", name, ErrNotFound)
	}
	return list[0], nil
}

// PutList keeps a list, in the place of one of its name if over says so, and ErrExists if it does not. It says whether there was none before.
func (o *Org) PutList(ctx context.Context, by Actor, l List, over bool) (added bool, err error) {
	if err := l.Check(); err != nil {
		return false, err
	}
	err = o.in(ctx, func(tx pgx.Tx) error {
		if err := o.lock(ctx, tx); err != nil {
			return err
		}
		if err := o.watched(ctx, tx, &l); err != nil {
			return err
		}
		var names []string
		if err := tx.QueryRow(ctx, "select coalesce(array_agg(name), '{}') from org_lists").Scan(&names); err != nil {
			return err
		}
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, l.Name) })
		switch {
		case i < 0 && len(names) >= MaxLists:
			return fmt.Errorf("lists of %s: %w: at most %d", o.name, ErrTooMany, MaxLists)
		case i >= 0 && (!over || names[i] != l.Name):
			return fmt.Errorf("list %s: %w", names[i], ErrExists)
		}
		added = i < 0
		return o.writeList(ctx, tx, by, &l, added)
	})
	return added && err == nil, err
}

// watched refuses services and types of terms that the organisation does not watch: a list of them alone would tell of nothing, week after week.
func (o *Org) watched(ctx context.Context, tx pgx.Tx, l *List) error {
	for _, s := range l.Services {
		var there bool
		if err := tx.QueryRow(ctx, "select exists (select from org_watches where service = $1 or lower(service) = lower($1))", s).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%w: services: %s does not watch %.60q", ErrList, o.name, s)
		}
	}
	for _, typ := range l.Types {
		var there bool
		if err := tx.QueryRow(ctx, "select exists (select from org_watches where (type = $1 or lower(type) = lower($1)) and (cardinality($2::text[]) = 0 or lower(service) = any(select lower(s) from unnest($2::text[]) s)))",
			typ, append([]string{}, l.Services...)).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%w: terms: of what the list is about, %s watches no %.60q", ErrList, o.name, typ)
		}
	}
	return nil
}

func (o *Org) writeList(ctx context.Context, tx pgx.Tx, by Actor, l *List, added bool) error {
	none := func(s []string) []string { return append([]string{}, s...) } // and not null
	_, err := tx.Exec(ctx, `insert into org_lists (org, name, recipients, services, types, languages, levels, locale, schedule, quiet, format, unsubscribe, made)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		on conflict (org, name) do update set recipients = $3, services = $4, types = $5, languages = $6, levels = $7, locale = $8, schedule = $9, quiet = $10, format = $11, unsubscribe = $12`,
		o.id, l.Name, l.To, none(l.Services), none(l.Types), none(l.Languages), none(l.Levels), l.Locale, l.Schedule, l.Quiet, l.Format, l.Unsubscribe, by.At)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update orgs set digest_due = $2 where id = $1", o.id, by.At); err != nil { // its schedule is looked at anew
		return err
	}
	did := DidList
	if !added {
		did = DidRelist
	}
	return o.record(ctx, tx, by, did, fmt.Sprintf("%s: %s, %d addresses", l.Name, l.Schedule, len(l.To)))
}

// RemoveList takes a list away. What waits to be sent to it is not sent.
func (o *Org) RemoveList(ctx context.Context, by Actor, name string) error {
	if !called.MatchString(name) {
		return fmt.Errorf("list %.60q: %w", name, ErrNotFound)
	}
	return o.in(ctx, func(tx pgx.Tx) error {
		if err := o.lock(ctx, tx); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, "delete from org_lists where name = $1", name)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return fmt.Errorf("list %.60q: %w", name, ErrNotFound)
		}
		if _, err := tx.Exec(ctx, "update orgs set digest_due = null where id = $1 and not exists (select from org_lists)", o.id); err != nil {
			return err
		}
		return o.record(ctx, tx, by, DidUnlist, name)
	})
}

// A Due is an organisation whose lists are to be looked at.
type Due struct {
	ID int64
	At time.Time // since when
}

// mostWait is for how long the lists of an organisation are left alone: what was due by a clock that was wrong, or in another time zone, is found after it.
const mostWait = 24 * time.Hour

// DueLists are organisations whose lists are to be looked at now, by number: at most n of those after one. Organisations without lists are never among them, and
// of no organisation is more read than that.
func DueLists(ctx context.Context, db *pg.DB, now time.Time, after int64, n int) ([]Due, error) {
	rows, err := db.Pool().Query(ctx, "select id, digest_due from orgs where (digest_due <= $1 or digest_due > $2) and id > $3 order by id limit $4", now, now.Add(mostWait+time.Minute), after, n)
	if err != nil {
		return nil, pg.Failed(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (d Due, err error) { return d, r.Scan(&d.ID, &d.At) })
	return out, pg.Failed(err)
}

// Told notes until when the lists of the organisation are told of, and when they are to be looked at again, if nobody has changed them since they were due.
func (o *Org) Told(ctx context.Context, was Due, lists []List, now, next time.Time) error {
	if most := now.Add(mostWait); next.IsZero() || next.After(most) {
		next = most
	}
	return o.in(ctx, func(tx pgx.Tx) error {
		for i := range lists {
			l := &lists[i]
			if _, err := tx.Exec(ctx, "update org_lists set slot = $3, until = $4 where name = $1 and made = $2", l.Name, l.Made, l.Slot, l.Until); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "update orgs set digest_due = $3 where id = $1 and digest_due = $2", o.id, was.At, next)
		return err
	})
}
