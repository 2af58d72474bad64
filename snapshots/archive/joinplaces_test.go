package archive

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// Joined, tidied and erased in any store, an archive is the same; copied into a folder and to a server again, it is still.
func TestJoinedMoves(t *testing.T) {
	for name, store := range map[string]func(*testing.T) (string, func(string) string){
		"folder": func(t *testing.T) (string, func(string) string) { return "file://" + t.TempDir(), nil },
		"bucket": inBucket,
	} {
		t.Run(name, func(t *testing.T) {
			if onJoined {
				t.Skip("joins by itself")
			}
			address := pgtest.Need(t).Database(t)
			where, getenv := store(t)
			opts := Options{Objects: where, Getenv: getenv, FileSize: 40_000}
			if _, err := CreateShared(t.Context(), address, opts); err != nil {
				t.Fatal(err)
			}
			a := opened(t, address, opts)
			withIt, err := a.PutCapture(secretPage())
			if err != nil {
				t.Fatal(err)
			}
			snaps := manyCaptures(t, a, 2, 10)
			done := joined(t, a)
			if parts := len(partsOf(t, a)); done.Into == 0 || parts >= done.Joined {
				t.Fatalf("%+v, %d parts", done, parts)
			}
			if _, err := a.Erase([]string{withIt.ID}, day(300), "request 4", true); err != nil {
				t.Fatal(err)
			}
			sparesOf(t, a, 2*UsualKeep)
			if gone := joined(t, a); gone.Objects < done.Joined || len(sparesOf(t, a, 0)) != 0 {
				t.Errorf("%+v of %+v", gone, done)
			}
			objects := 0
			for _, err := range a.shared.objects.List(t.Context(), captureDir+"/", "") {
				if objects++; err != nil {
					t.Fatal(err)
				}
			}
			if parts := len(partsOf(t, a)); objects != parts {
				t.Errorf("%d objects for %d parts", objects, parts)
			}
			joinedThere(t, a, snaps[3].ID)
			moved(t, a, address, opts, snaps[3].ID)
		})
	}
}

// moved copies an archive into a folder, and from there to another server.
func moved(t *testing.T, a *Archive, address string, opts Options, id string) {
	t.Helper()
	dump, files := dumped(t, a, true), filesOf(t, a)
	closed(t, a)
	folder, other := filepath.Join(t.TempDir(), "copy"), pgtest.Need(t).Database(t)
	back := Options{Objects: "file://" + t.TempDir(), FileSize: opts.FileSize}
	for _, c := range []struct {
		from, to         string
		fromOpts, toOpts Options
	}{{address, folder, opts, Options{}}, {folder, other, Options{}, back}} {
		if _, err := Copy(t.Context(), c.from, c.to, c.fromOpts, c.toOpts, nil); err != nil {
			t.Fatal(err)
		}
		b := opened(t, c.to, c.toOpts)
		if dumped(t, b, true) != dump || !slices.EqualFunc(filesOf(t, b), files, slices.Equal[[]byte]) {
			t.Errorf("%s is another archive", c.to)
		}
		joinedThere(t, b, id)
		closed(t, b)
	}
}

// joinedThere looks whether an archive is whole, and proves a snapshot.
func joinedThere(t *testing.T, a *Archive, id string) {
	t.Helper()
	if p := checked(t, a); len(p) > 0 {
		t.Errorf("%v", p)
	}
	proven(t, a, id)
}

// inBucket is the address of a bucket, and the environment for it.
func inBucket(t *testing.T) (string, func(string) string) {
	server := s3test.New(t)
	values := s3test.Environ(server.Address)
	return "s3://" + server.Bucket(t) + "/archive", func(name string) string { return values[name] }
}
