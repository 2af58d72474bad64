package objects

// This file runs a real server that speaks S3.

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	testKey    = "CLIPZYTESTKEY0000001"
	testSecret = "clipzy/test+secret/0123456789abcdefghijk"
)

// A server is a process that keeps its objects below dir.
type server struct {
	t       testing.TB
	dir     string
	address string // host and port
	mu      sync.Mutex
	process *exec.Cmd
	buckets int
}

// newServer starts a server. The test ends where there is none.
func newServer(t testing.TB) *server {
	t.Helper()
	if os.Getenv("DRITTLAND_TEST_S3") == "" {
		const hint = "this test needs a server that speaks S3: DRITTLAND_TEST_S3=$(bash .ci/install-s3) go test"
		if os.Getenv("CI") != "" {
			t.Fatal(hint)
		}
		t.Skip(hint)
	}
	s := &server{t: t, dir: t.TempDir()}
	for _, d := range []string{"objects", "about"} {
		if err := os.Mkdir(filepath.Join(s.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	s.start()
	return s
}

// start starts the process and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	// What it knows of objects is in a folder of its own, because not every file system has extended attributes.
	p := exec.Command(os.Getenv("DRITTLAND_TEST_S3"), "--port", s.address, "--quiet", "posix", "--sidecar", filepath.Join(s.dir, "about"), filepath.Join(s.dir, "objects"))
	p.Env = []string{"ROOT_ACCESS_KEY_ID=" + testKey, "ROOT_SECRET_ACCESS_KEY=" + testSecret, "HOME=" + s.dir, "TMPDIR=" + s.dir}
	p.Dir = s.dir
	var out bytes.Buffer
	p.Stdout, p.Stderr = &out, &out
	if err := p.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	for range 1500 {
		c, err := net.Dial("tcp", s.address)
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.kill()
	s.t.Fatalf("the server does not answer: %s", &out)
}

// kill ends the process at once, as a crash does.
func (s *server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// env is an environment for the server at address.
func env(address string) func(string) string {
	return set(map[string]string{"AWS_ACCESS_KEY_ID": testKey, "AWS_SECRET_ACCESS_KEY": testSecret, "AWS_ENDPOINT_URL": "http://" + address})
}

func set(m map[string]string) func(string) string { return func(name string) string { return m[name] } }

// bucket makes a new bucket.
func (s *server) bucket() string {
	s.t.Helper()
	s.buckets++
	name := fmt.Sprintf("clipzy-%d", s.buckets)
	if err := s.admin().MakeBucket(context.Background(), name, minio.MakeBucketOptions{}); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// admin is a client for what a Store does not do.
func (s *server) admin() *minio.Client {
	s.t.Helper()
	c, err := minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(testKey, testSecret, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// open opens a store in a bucket of the server, or of what stands before it at address.
func (s *server) open(url, address string) Store {
	s.t.Helper()
	return openAt(s.t, url, address)
}

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
	srv := newServer(t)
	conformance(t, func(t *testing.T) (Store, func() Store) {
		srv.t = t
		url := "s3://" + srv.bucket()
		if srv.buckets%2 == 0 {
			url += "/archive/of-clipzy"
		}
		s, err := Open(context.Background(), url, env(srv.address))
		if err != nil {
			t.Fatal(err)
		}
		return s, func() Store { return srv.open(url, srv.address) }
	})
	srv.t = t
}

// Stores with prefixes in one bucket, one of which begins like the other, do not see each other's objects.
func TestBucketPrefixes(t *testing.T) {
	srv := newServer(t)
	b := srv.bucket()
	one, other := srv.open("s3://"+b+"/a", srv.address), srv.open("s3://"+b+"/ab/", srv.address)
	mustPut(t, one, "x", []byte("one"))
	mustPut(t, other, "x", []byte("other"))
	holds(t, one, "x", []byte("one"))
	for s, want := range map[Store]string{one: "s3://" + b + "/a", other: "s3://" + b + "/ab"} {
		if got := names(t, s, "", ""); len(got) != 1 || s.String() != want {
			t.Errorf("%s, which should be %s, has %q", s, want, got)
		}
	}
	if got := strings.Join(names(t, srv.open("s3://"+b, srv.address), "", ""), " "); got != "a/x ab/x" {
		t.Errorf("the bucket has %s", got)
	}
}
