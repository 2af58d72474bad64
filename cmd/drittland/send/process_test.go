package send

// Several processes at one outbox.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	workerDir  = "SEND_TEST_DIR"
	workerPort = "SEND_TEST_PORT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerDir); dir != "" {
		if err := work(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// work is what a process of TestProcesses does.
func work(dir string) error {
	o := (&post{host: "127.0.0.1", port: os.Getenv(workerPort)}).options("none")
	b := New(dir, o)
	for i := range 10 {
		m := digestTo("ana@example.org")
		m.Key = "digest/" + strconv.Itoa(i)
		if _, err := b.Put(m); err != nil {
			return err
		}
		if _, err := b.Deliver(context.Background(), monday); err != nil && !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return nil
}

// TestProcesses has several processes put and deliver the same messages at once.
func TestProcesses(t *testing.T) {
	p := newPost(t, "none")
	dir := filepath.Join(t.TempDir(), "outbox")
	var running []*exec.Cmd
	for range 3 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), workerDir+"="+dir, workerPort+"="+p.port)
		c.Stdout, c.Stderr = new(strings.Builder), new(strings.Builder)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, c)
	}
	for _, c := range running {
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %s%s", err, c.Stdout, c.Stderr)
		}
	}
	deliver(t, New(dir, p.options("none")), monday)
	if n := len(p.letters()); n != 10 {
		t.Errorf("%d letters of 10 messages", n)
	}
}
