// Package pgtest runs a PostgreSQL server of its own for tests: on a socket in a temporary folder, without waiting for disks, and gone with the
// process that started it.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Server is a running PostgreSQL.
type Server struct {
	user string // the superuser
	dir  string // holds data, and the socket
	bin  string
	mu   sync.Mutex
	quit chan struct{} // closed when the process has ended
	proc *os.Process
	next atomic.Int64
	log  bytes.Buffer
}

var (
	once   sync.Once
	shared *Server
	failed error
)

// Run runs the tests of a package that use Need, and stops the server behind them.
func Run(m *testing.M) int {
	code := m.Run()
	if shared != nil {
		shared.Close()
	}
	return code
}

// Need gives the server that the tests of a package share. A test is skipped where PostgreSQL is not installed, and fails in CI.
func Need(t testing.TB) *Server {
	t.Helper()
	once.Do(func() { shared, failed = New() })
	switch {
	case errors.Is(failed, exec.ErrNotFound) && os.Getenv("CI") == "":
		t.Skip("PostgreSQL is not installed: apt install postgresql")
	case failed != nil:
		t.Fatalf("start PostgreSQL (apt install postgresql): %v", failed)
	}
	return shared
}

// New makes a server and starts it. The error is exec.ErrNotFound if PostgreSQL is not installed.
func New() (*Server, error) { return NewOf("drittland") }

// NewOf is New with a superuser of another name.
func NewOf(user string) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/tmp", "pgtest-")
	if err != nil {
		return nil, err
	}
	s := &Server{user: user, dir: dir, bin: bin}
	if err := s.make(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Place is the folder of its socket, for PGHOST, and that of its programs.
func (s *Server) Place() (host, programs string) { return s.dir, s.bin }

// programs is the folder with initdb and postgres.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("initdb: %w", exec.ErrNotFound)
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func (s *Server) make() error {
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "--no-sync", "--auth=trust", "--username="+s.user, "--encoding=UTF8", "--locale=C.UTF-8", filepath.Join(s.dir, "data"))
	if err := s.unprivileged(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// unprivileged has a command run as another user if this one is root, as PostgreSQL demands.
func (s *Server) unprivileged(cmd *exec.Cmd) error {
	cmd.Dir = s.dir
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chown(s.dir, uid, gid)); err != nil {
		return err
	}
	become(cmd, uid, gid)
	return nil
}

// Start starts the server, if it does not run, and waits until it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		return nil
	}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "max_connections=300", "-c", "shared_buffers=64MB")
	cmd.Stderr = &s.log
	if err := s.unprivileged(cmd); err != nil {
		return err
	}
	started := make(chan error)
	quit := make(chan struct{})
	go func() { // the server goes when the thread that started it does: when this process ends
		runtime.LockOSThread()
		started <- cmd.Start()
		_ = cmd.Wait()
		close(quit)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.proc, s.quit = cmd.Process, quit
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-quit:
			s.proc = nil
			return fmt.Errorf("postgres ended: %s", s.log.String())
		default:
		}
		if c, err := pgx.Connect(context.Background(), s.address("postgres")); err == nil {
			return c.Close(context.Background())
		}
	}
	return errors.New("postgres does not answer")
}

// Stop ends the server at once, as a crash does if hard is set, and waits until it is gone.
func (s *Server) Stop(hard bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return
	}
	_ = s.proc.Signal(stopSignal(hard))
	<-s.quit
	s.proc = nil
}

// Close ends the server and removes what it holds.
func (s *Server) Close() {
	s.Stop(false)
	if err := os.RemoveAll(s.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, err)
	}
}

func (s *Server) address(db string) string {
	return "postgres://" + s.user + "@/" + db + "?host=" + s.dir
}

// Database makes an empty database and gives its address. It goes with the test.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), s.next.Add(1))
	s.do(t, "create database "+name)
	t.Cleanup(func() { s.do(t, "drop database if exists "+name+" with (force)") })
	return s.address(name)
}

func (s *Server) do(t testing.TB, sql string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, sql); err != nil && !strings.Contains(err.Error(), "does not exist") {
		t.Fatal(err)
	}
}

// Clone makes a copy of a database that Database made and nobody is connected to, and gives its address. It goes with the test.
func (s *Server) Clone(t testing.TB, address string) string {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), s.next.Add(1))
	s.do(t, "create database "+name+" template "+config.Database)
	t.Cleanup(func() { s.do(t, "drop database if exists "+name+" with (force)") })
	return s.address(name)
}
