package work

// This file shares what workers have read of robots.txt files, so that a host is asked once for all of them.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/fetch"
)

// What is shared is bounded: hosts choose their names, and what they say.
const (
	mostOrigin = 300       // bytes of an address
	mostSaid   = 512 << 10 // bytes of what was said, as JSON
	mostHolds  = 24 * time.Hour
)

var _ fetch.Robots = (*Turns)(nil)

// Robots is that of fetch.Robots.
func (t *Turns) Robots(ctx context.Context, address string, read func() fetch.RobotsSaid) (said fetch.RobotsSaid, age time.Duration, err error) {
	if len(address) > mostOrigin {
		return read(), 0, nil
	}
	name, pause := "robots:"+address, soon
	for began := time.Now(); ; pause = min(2*pause, soonMost) {
		if said, age, ok, err := t.said(ctx, address); err != nil || ok {
			return said, age, err
		}
		mine, err := t.take(ctx, name, t.Lease)
		if err != nil {
			return said, 0, err
		}
		if mine {
			defer t.give(name, 0)
			if said, age, ok, err := t.said(ctx, address); err != nil || ok { // by who had the turn before
				return said, age, err
			}
			said = read()
			return said, 0, t.say(ctx, address, said)
		}
		if time.Since(began) > t.Patience {
			return said, 0, &fetch.Busy{For: time.Second}
		}
		if err := rest(ctx, pause+rand.N(pause)); err != nil {
			return said, 0, err
		}
	}
}

// said is what was read of an address lately.
func (t *Turns) said(ctx context.Context, address string) (said fetch.RobotsSaid, age time.Duration, ok bool, err error) {
	var b []byte
	err = t.q.pool.QueryRow(ctx, "select said, greatest(now() - read_at, interval '0') from robots where origin = $1 and until > now() and length(said) <= $2", address, mostSaid).Scan(&b, &age)
	if errors.Is(err, pgx.ErrNoRows) {
		return said, 0, false, nil
	}
	if err != nil {
		return said, 0, false, fmt.Errorf("look for what robots.txt said: %w", err)
	}
	if json.Unmarshal(b, &said) != nil { // of another release: it is read again
		return fetch.RobotsSaid{}, 0, false, nil
	}
	return said, age, true, nil
}

// say tells others what was read.
func (t *Turns) say(ctx context.Context, address string, said fetch.RobotsSaid) error {
	b, err := json.Marshal(said)
	if err != nil || said.Holds <= 0 || len(b) > mostSaid {
		return err
	}
	_, err = t.q.pool.Exec(ctx, `insert into robots (origin, until, said) values ($1, now() + $2, $3)
		on conflict (origin) do update set read_at = now(), until = excluded.until, said = excluded.said`, address, min(said.Holds, mostHolds), b)
	if err != nil {
		return fmt.Errorf("keep what robots.txt said: %w", err)
	}
	return nil
}

// Forget deletes what robots.txt files have said that holds no longer.
func (q *Queue) Forget(ctx context.Context) error {
	if _, err := q.pool.Exec(ctx, "delete from robots where until < now()"); err != nil {
		return fmt.Errorf("forget what robots.txt said: %w", err)
	}
	return nil
}
