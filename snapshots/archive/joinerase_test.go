package archive

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/objects"
)

// A hookedStore calls before and after around what is put.
type hookedStore struct {
	objects.Store
	before, after func(name string) error
}

func (s hookedStore) Put(ctx context.Context, name string, b []byte) error {
	if s.before != nil {
		if err := s.before(name); err != nil {
			return err
		}
	}
	err := s.Store.Put(ctx, name, b)
	if s.after != nil {
		err = errors.Join(err, s.after(name))
	}
	return err
}

// What is erased while another process joins the parts around it, or after one was killed at that, is in no object afterwards.
func TestEraseBesideJoin(t *testing.T) {
	for name, killed := range map[string]bool{"killed after its object was written": true, "writes its object after the erasure": false} {
		t.Run(name, func(t *testing.T) {
			address := joinable(t)
			a := opened(t, address, Options{FileSize: 7_000})
			manyCaptures(t, a, 1, 2)
			withIt, err := a.PutCapture(secretPage())
			if err != nil {
				t.Fatal(err)
			}
			manyCaptures(t, a, 3, 9)
			b := opened(t, address, Options{FileSize: 7_000})
			store, erased := a.shared.objects, false
			erase := func(object string) error {
				if object == claimObject || erased {
					return nil
				}
				erased = true
				_, err := b.Erase([]string{withIt.ID}, day(300), "request 4", true)
				return err
			}
			hooked := hookedStore{Store: store}
			if killed {
				hooked.after = func(object string) error {
					if object == claimObject {
						return nil
					}
					return errGone
				}
			} else {
				hooked.before = erase
			}
			a.shared.objects = agedStore{hooked, 48 * time.Hour}
			switch _, err := a.Tidy(t.Context(), TidyOptions{}); {
			case killed && !errors.Is(err, errGone), !killed && err != nil:
				t.Fatal(err)
			}
			if !slices.ContainsFunc(objectsIn(t, stores[address]), hasSecret(t)) && killed {
				t.Fatal("the secret is nowhere before it is erased")
			}
			if err := erase("now"); err != nil {
				t.Fatal(err)
			}
			if paths := objectsIn(t, stores[address]); slices.ContainsFunc(paths, hasSecret(t)) {
				t.Error("what is erased is still in the store")
			}
			a.shared.objects = store
			sound(t, b)
			joined(t, b)
			sound(t, b)
		})
	}
}

// hasSecret reports whether an object holds the secret.
func hasSecret(t testing.TB) func(path string) bool {
	return func(path string) bool { return bytes.Contains(unzipped(t, path), []byte(secret)) }
}

// secretPage is one whose answer holds the secret as it is, not packed.
func secretPage() *snapshots.Capture {
	c := annex(day(50), "list: "+secret)
	c.AnnexOf = ""
	return c
}
