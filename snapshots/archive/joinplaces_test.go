package archive

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// Joined, tidied and erased in any store, an archive is the same; copied into a folder and to a server again, it is still.
func TestJoinedMoves(t *testing.T) {
	for name, store := range map[string]func(*testing.T) (string, func(string) string){
		"folder": func(t *testing.T) (string, func(string) string) { return "file://" + t.TempDir(), nil },
		"bucket": bucketServer,
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

// bucketServer starts a server that speaks S3, and gives the address of a bucket and the environment for it.
func bucketServer(t *testing.T) (string, func(string) string) {
	t.Helper()
	program := os.Getenv("DRITTLAND_TEST_S3")
	if program == "" {
		const hint = "this test needs a server that speaks S3: DRITTLAND_TEST_S3=$(bash .ci/install-s3) go test"
		if os.Getenv("CI") != "" {
			t.Fatal(hint)
		}
		t.Skip(hint)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	for _, d := range []string{"objects", "about"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	const key, word = "CLIPZYJOINKEY0000001", "clipzy-join-word-0123456789abcdefghijkl"
	p := exec.Command(program, "--port", address, "--quiet", "posix", "--sidecar", filepath.Join(dir, "about"), filepath.Join(dir, "objects"))
	p.Env, p.Dir = []string{"ROOT_ACCESS_KEY_ID=" + key, "ROOT_SECRET_ACCESS_KEY=" + word, "HOME=" + dir, "TMPDIR=" + dir}, dir
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	for range 1500 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	admin, err := minio.New(address, &minio.Options{Creds: credentials.NewStaticV4(key, word, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath})
	if err == nil {
		err = admin.MakeBucket(context.Background(), "clipzy", minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": word, "AWS_ENDPOINT_URL": "http://" + address}
	return "s3://clipzy/archive", func(name string) string { return values[name] }
}
