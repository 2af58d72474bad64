// Package s3test runs a server of its own for tests that speaks S3: on a free port of this machine, in a temporary folder, and gone with the test that started it.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// What the server lets in.
const (
	Key    = "CLIPZYTESTKEY0000001"
	Secret = "clipzy/test+secret/0123456789abcdefghijk"
)

// A Server is a process that keeps its objects below a folder.
type Server struct {
	Address string // host and port

	dir     string
	mu      sync.Mutex
	process *exec.Cmd
	buckets int
}

// New starts a server. A test is skipped where there is none, and fails in CI.
func New(t testing.TB) *Server {
	t.Helper()
	if os.Getenv("DRITTLAND_TEST_S3") == "" {
		const hint = "this test needs a server that speaks S3: DRITTLAND_TEST_S3=$(bash .ci/install-s3) go test"
		if os.Getenv("CI") != "" {
			t.Fatal(hint)
		}
		t.Skip(hint)
	}
	s := &Server{dir: t.TempDir()}
	for _, d := range []string{"objects", "about"} {
		if err := os.Mkdir(filepath.Join(s.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.Start(t)
	return s
}

// Start starts the process and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	// What it knows of objects is in a folder of its own, because not every file system has extended attributes.
	p := exec.Command(os.Getenv("DRITTLAND_TEST_S3"), "--port", s.Address, "--quiet", "posix", "--sidecar", filepath.Join(s.dir, "about"), filepath.Join(s.dir, "objects"))
	p.Env = []string{"ROOT_ACCESS_KEY_ID=" + Key, "ROOT_SECRET_ACCESS_KEY=" + Secret, "HOME=" + s.dir, "TMPDIR=" + s.dir}
	p.Dir = s.dir
	var out bytes.Buffer
	p.Stdout, p.Stderr = &out, &out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	for range 1500 {
		c, err := net.Dial("tcp", s.Address)
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Kill()
	t.Fatalf("the server does not answer: %s", &out)
}

// Kill ends the process at once, as a crash does.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// Bucket makes a new bucket.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	s.buckets++
	name := fmt.Sprintf("clipzy-%d", s.buckets)
	if err := s.Admin(t).MakeBucket(context.Background(), name, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return name
}

// Admin is a client for what a store does not do.
func (s *Server) Admin(t testing.TB) *minio.Client {
	t.Helper()
	c, err := minio.New(s.Address, &minio.Options{Creds: credentials.NewStaticV4(Key, Secret, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Environ is what the environment must hold to reach the server at address.
func Environ(address string) map[string]string {
	return map[string]string{"AWS_ACCESS_KEY_ID": Key, "AWS_SECRET_ACCESS_KEY": Secret, "AWS_ENDPOINT_URL": "http://" + address}
}
