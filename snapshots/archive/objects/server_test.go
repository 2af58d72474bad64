package objects

// This file runs a real server that speaks S3.

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
)

// env is an environment for the server at address.
func env(address string) func(string) string {
	return set(s3test.Environ(address))
}

func set(m map[string]string) func(string) string { return func(name string) string { return m[name] } }

// impatient is for tests in which a server fails.
var impatient = limits{header: 2 * time.Second, request: 20 * time.Second, rate: 1 << 20, tries: 2, page: 50}

func openAt(t testing.TB, url, address string) Store {
	t.Helper()
	s, err := openTest(url, address, impatient)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openTest(url, address string, l limits) (Store, error) {
	a, err := parse(url)
	if err != nil {
		return nil, err
	}
	return openBucket(context.Background(), a, env(address), l)
}

func TestBucket(t *testing.T) {
	srv, buckets := s3test.New(t), 0
	conformance(t, func(t *testing.T) (Store, func() Store) {
		url := "s3://" + srv.Bucket(t)
		if buckets++; buckets%2 == 0 {
			url += "/archive/of-clipzy"
		}
		s, err := Open(context.Background(), url, env(srv.Address))
		if err != nil {
			t.Fatal(err)
		}
		return s, func() Store { return openAt(t, url, srv.Address) }
	})
}

// Stores with prefixes in one bucket, one of which begins like the other, do not see each other's objects.
func TestBucketPrefixes(t *testing.T) {
	srv := s3test.New(t)
	b := srv.Bucket(t)
	one, other := openAt(t, "s3://"+b+"/a", srv.Address), openAt(t, "s3://"+b+"/ab/", srv.Address)
	mustPut(t, one, "x", []byte("one"))
	mustPut(t, other, "x", []byte("other"))
	holds(t, one, "x", []byte("one"))
	for s, want := range map[Store]string{one: "s3://" + b + "/a", other: "s3://" + b + "/ab"} {
		if got := names(t, s, "", ""); len(got) != 1 || s.String() != want {
			t.Errorf("%s, which should be %s, has %q", s, want, got)
		}
	}
	if got := strings.Join(names(t, openAt(t, "s3://"+b, srv.Address), "", ""), " "); got != "a/x ab/x" {
		t.Errorf("the bucket has %s", got)
	}
}
