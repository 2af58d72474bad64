package archive

// This file records what people decided on findings and changes.

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// ErrRevised says that a decision does not revise the last one on its fingerprint: somebody decided in between. Nothing was recorded.
type ErrRevised struct {
	Last snapshots.Decision // the one that was not known
}

func (e *ErrRevised) Error() string {
	d := e.Last
	what := string(d.Judgement)
	if d.Withdrawn {
		what = "withdrawn"
	}
	return fmt.Sprintf("%s decided on this %s at %s: %s (decision %s)", d.By, d.About, d.At.Format(time.RFC3339), what, d.ID)
}

// PutDecision records a decision and returns it as recorded: with its ID, its time to the microsecond, and its quote shortened. Revises
// names the last decision on the same fingerprint of the same terms and variant, or is empty if there is none; otherwise the
// error is an *ErrRevised. One that is withdrawn revises one that is not.
func (a *Archive) PutDecision(d snapshots.Decision) (snapshots.Decision, error) {
	prepare(&d)
	err := a.put(func(s *stage) (bool, error) {
		if err := s.decision(&d); err != nil {
			return false, err
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return snapshots.Decision{}, fmt.Errorf("record decision on %s %s of %s: %w", d.About, d.Fingerprint, d.Terms, err)
	}
	return d, nil
}

func prepare(d *snapshots.Decision) {
	d.At = d.At.UTC().Truncate(time.Microsecond)
	d.Quote = shorten(strings.ToValidUTF8(d.Quote, "\uFFFD"), snapshots.MaxQuoted)
}

// NextDecision is d as it is recorded after last, the last decision on the same, a zero one if there is none. The rules are those of PutDecision, for decisions that
// are kept elsewhere.
func NextDecision(d, last snapshots.Decision) (snapshots.Decision, error) {
	prepare(&d)
	return d, follows(&d, last)
}

// follows identifies d if it may come after last.
func follows(d *snapshots.Decision, last snapshots.Decision) error {
	if err := d.Validate(); err != nil {
		return err
	}
	switch {
	case last.ID != d.Revises && last.ID != "":
		return &ErrRevised{last}
	case last.ID != d.Revises:
		return fmt.Errorf("it revises %.40q: %w", d.Revises, ErrNotFound)
	case d.Withdrawn && (last.ID == "" || last.Withdrawn):
		return fmt.Errorf("there is no decision to withdraw: %w", ErrNotFound)
	}
	return d.Identify()
}

// shorten is s, or its beginning and an ellipsis, in at most n bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}

// decision stages d if it revises the last one on the same.
func (s *stage) decision(d *snapshots.Decision) error {
	if err := d.Validate(); err != nil {
		return err
	}
	last, err := lastDecision(s.tx, d)
	if err == nil {
		err = follows(d, last)
	}
	if err != nil {
		return err
	}
	return s.entry(entry{Decision: d}, d.At)
}

// lastDecision is the last decision on what d is about; a zero one if there is none.
func lastDecision(tx kv.Tx, d *snapshots.Decision) (last snapshots.Decision, err error) {
	terms, err := termsKey(d.Terms)
	if err != nil {
		return last, err
	}
	key := judgedKey(d)
	pos := tx.Bucket(bucketJudged).Get(key[:])
	line := tx.Bucket(bucketDecisions).Bucket(terms)
	if pos == nil || line == nil {
		return last, nil
	}
	return decodeDecision(line.Get(pos))
}

func decodeDecision(b []byte) (d snapshots.Decision, err error) {
	if err = json.Unmarshal(b, &d); err != nil {
		err = fmt.Errorf("%w: decision in the index: %w", ErrDamaged, err)
	}
	return d, err
}

// judgedKey names what d is about.
func judgedKey(d *snapshots.Decision) uuid {
	return identify("judged", d.Terms.Service, d.Terms.Type, d.Variant, d.About, d.Fingerprint)
}

// Decisions are the decisions on t and its variants, oldest first: in the order in which they were recorded. The archive may be written to meanwhile.
func (a *Archive) Decisions(t snapshots.Terms) iter.Seq2[snapshots.Decision, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[snapshots.Decision](err)
	}
	return pages(a, within(bucketDecisions, key),
		func(_ kv.Tx, b []byte) (snapshots.Decision, error) { return decodeDecision(b) })
}

func indexDecision(tx kv.Tx, pos []byte, d *snapshots.Decision) error {
	terms, err := termsKey(d.Terms)
	if err == nil {
		err = d.Validate()
	}
	if id := d.ID; err == nil {
		if err = d.Identify(); err == nil && d.ID != id {
			err = fmt.Errorf("decision %.40q: its content has the ID %s", id, d.ID)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	b, err := snapshots.Encode(d)
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	line, err := tx.Bucket(bucketDecisions).CreateBucketIfNotExists(terms)
	if err != nil {
		return err
	}
	key := judgedKey(d)
	return errors.Join(line.Put(pos, b), tx.Bucket(bucketJudged).Put(key[:], pos))
}
