package teams

// This file is the tokens of organisations: a secret that a program shows to be let in. Only its hash is kept.

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// A Token is what is known of a token. It is not the token.
type Token struct {
	ID      string      `json:"id"`
	Role    review.Role `json:"role"`
	Handle  string      `json:"handle"` // under which decisions are recorded
	Made    time.Time   `json:"made"`
	Expires *time.Time  `json:"expires,omitempty"` // nil for never
	Revoked *time.Time  `json:"revoked,omitempty"`
}

// Holds reports whether somebody who shows the token is let in at a time.
func (t *Token) Holds(now time.Time) bool {
	return t.Revoked == nil && (t.Expires == nil || now.Before(*t.Expires))
}

// A token is "drittland_" and its id (13 characters) and its secret (26: 130 bits of chance), as Base32 in lower case.
const (
	tokenStart  = "drittland_"
	idLength    = 13
	tokenLength = len(tokenStart) + idLength + 1 + 26
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// chance is n characters by chance, of 5 bits each.
func chance(n int) string {
	b := make([]byte, n*5/8+1)
	_, _ = rand.Read(b) // never fails
	return strings.ToLower(letters.EncodeToString(b))[:n]
}

// parseToken is the id of a token and its hash; ok is false for what is none.
func parseToken(s string) (id string, hash [32]byte, ok bool) {
	if len(s) != tokenLength || !strings.HasPrefix(s, tokenStart) || strings.Trim(s[len(tokenStart):], "abcdefghijklmnopqrstuvwxyz234567_") != "" {
		return "", hash, false
	}
	return s[len(tokenStart):][:idLength], sha256.Sum256([]byte(s)), true
}

// TokenID is the id of a token, or s itself if it is none.
func TokenID(s string) string {
	if id, _, ok := parseToken(s); ok {
		return id
	}
	return s
}

// NewToken makes a token with the role, handle and end of x. The secret is not kept: it is given once.
func (o *Org) NewToken(ctx context.Context, by Actor, x Token) (secret string, t Token, err error) {
	if !snapshots.Handle(x.Handle) {
		return "", t, fmt.Errorf("%.80q is no handle", x.Handle)
	}
	t = Token{ID: chance(idLength), Role: x.Role, Handle: x.Handle, Made: by.At.UTC().Truncate(time.Microsecond), Expires: x.Expires}
	secret = tokenStart + t.ID + "_" + chance(26)
	hash := sha256.Sum256([]byte(secret))
	err = o.in(ctx, func(tx pgx.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, "select count(*) from org_tokens where revoked is null and (expires is null or expires > $1)", by.At).Scan(&n); err != nil {
			return err
		}
		if n >= MaxTokens {
			return fmt.Errorf("tokens of %s: %w: at most %d", o.name, ErrTooMany, MaxTokens)
		}
		if _, err := tx.Exec(ctx, "insert into org_tokens (id, org, hash, role, handle, made, expires) values ($1, $2, $3, $4, $5, $6, $7)",
			t.ID, o.id, hash[:], string(t.Role), t.Handle, t.Made, t.Expires); err != nil {
			return err
		}
		return o.record(ctx, tx, by, DidToken, t.ID+" "+string(t.Role)+" "+t.Handle)
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

// Tokens is what is known of all tokens, those that hold no longer included, by when they were made.
func (o *Org) Tokens(ctx context.Context) (out []Token, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select id, role, handle, made, expires, revoked from org_tokens order by made, id")
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (t Token, err error) {
			return t, r.Scan(&t.ID, &t.Role, &t.Handle, &t.Made, &t.Expires, &t.Revoked)
		})
		return err
	})
	return out, err
}

// Revoke ends a token.
func (o *Org) Revoke(ctx context.Context, by Actor, id string) error {
	return o.in(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, "update org_tokens set revoked = $2 where id = $1 and revoked is null", id, by.At)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return fmt.Errorf("token %.40q: %w", id, ErrNotFound)
		}
		return o.record(ctx, tx, by, DidRevoke, id)
	})
}

// Bearer is the organisation of whoever shows a token, and what is known of it; ErrToken if it lets nobody in.
func (d *DB) Bearer(ctx context.Context, secret string, now time.Time) (*Org, *Token, error) {
	id, shown, ok := parseToken(secret)
	if !ok {
		return nil, nil, ErrToken
	}
	o, t, hash := &Org{db: d}, &Token{}, []byte{}
	err := d.as(ctx, "drittland.token", id, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select org, id, hash, role, handle, made, expires, revoked from org_tokens where id = $1", id).
			Scan(&o.id, &t.ID, &hash, &t.Role, &t.Handle, &t.Made, &t.Expires, &t.Revoked)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(hash, shown[:]) != 1 || !t.Holds(now) {
			return ErrToken
		}
		if _, err := tx.Exec(ctx, "select set_config('drittland.org', $1, true)", fmt.Sprint(o.id)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select name from orgs where id = $1", o.id).Scan(&o.name)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil, ErrToken
	case err != nil:
		return nil, nil, pg.Failed(err)
	}
	return o, t, nil
}
