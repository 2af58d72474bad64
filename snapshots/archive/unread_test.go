package archive

// These tests have the store of objects not answer for a moment.

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/objects"
)

// An unsteadyStore does not answer one question for the content of an object.
type unsteadyStore struct {
	objects.Store
	left *int // questions before that one
}

func (s unsteadyStore) ReadAt(ctx context.Context, name string, b []byte, at int64) error {
	if *s.left--; *s.left == -1 {
		return objects.ErrUnreachable
	}
	return s.Store.ReadAt(ctx, name, b, at)
}

// unsteady has the store of an archive not answer question n, beginning with 0; it is false if it was not asked so often.
func unsteady(a *Archive, n int, f func()) (asked bool) {
	store := a.shared.objects
	a.shared.near.empty()
	a.bodies.empty()
	a.shared.objects = unsteadyStore{store, &n}
	f()
	a.shared.objects = store
	return n < 0
}

// What cannot be read for the moment is no damage: neither a reader nor a check says so, and an index that is made anew does not go without it.
func TestStoreAwayIsNoDamage(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 7_000})
	snaps := manyCaptures(t, a, 2, 4)
	readAll(t, a)
	dump := dumped(t, a, true)
	n := 0
	for ; ; n++ {
		asked := unsteady(a, n, func() {
			for _, s := range snaps {
				if _, err := a.Body(s); err != nil && (!errors.Is(err, objects.ErrUnreachable) || errors.Is(err, ErrDamaged)) {
					t.Errorf("question %d: a body is %v", n, err)
				}
			}
			p, err := a.Check(t.Context(), nil)
			if p.Damaged() || err != nil && !errors.Is(err, objects.ErrUnreachable) {
				t.Errorf("question %d: a check says %v and %v", n, p, err)
			}
		})
		if !asked {
			break
		}
	}
	if n < len(snaps) {
		t.Errorf("the store was asked %d times", n)
	}
	sound(t, a)
	if dumped(t, a, true) != dump {
		t.Error("something has changed")
	}
}

// An erasure that is finished while the store does not answer is not taken for done: the next command does it.
func TestEraseStoreAway(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 7_000})
	manyCaptures(t, a, 1, 2)
	withIt, err := a.PutCapture(secretPage())
	if err != nil {
		t.Fatal(err)
	}
	recordErasure(t, a, []string{withIt.ID})
	if !unsteady(a, 0, func() { err = a.finishShared() }) || !errors.Is(err, objects.ErrUnreachable) {
		t.Errorf("the store was asked, and the erasure is done: %v", err)
	}
	if !slices.ContainsFunc(objectsIn(t, stores[address]), hasSecret(t)) {
		t.Fatal("the secret is gone before it is erased")
	}
	closed(t, a)
	a = opened(t, address, Options{FileSize: 7_000})
	if slices.ContainsFunc(objectsIn(t, stores[address]), hasSecret(t)) {
		t.Error("what is erased is still in the store")
	}
	sound(t, a)
}
