package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts and golden files")

// testNow is the day on which the scripts run; NOW in a script sets another.
const testNow = "2026-06-20T10:00:00Z"

func TestMain(m *testing.M) {
	testscript.Main(withDatabase{m}, map[string]func(){"drittland": func() { os.Exit(testMain()) }})
}

// withDatabase are tests, with the database server behind them that some start.
type withDatabase struct{ m *testing.M }

func (s withDatabase) Run() int { return pgtest.Run(s.m) }

// testMain is main with a clock that starts at NOW, with the addresses of this machine allowed, and with an end like that of kill -9 at
// the step of watch, or of a copy, that KILL names, or one like that of Ctrl-C at the one that INTERRUPT names.
func testMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	now, err := time.Parse(time.RFC3339, os.Getenv("NOW"))
	if err != nil {
		panic(err)
	}
	began := time.Now()
	return run(ctx, os.Args, environment{Step: endAt(ctx, os.Getenv("KILL"), os.Getenv("INTERRUPT")), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Now: func() time.Time { return now.Add(time.Since(began)) }, Terminal: os.Getenv("TERMINAL") != "", Loopback: true})
}

// endAt ends the process at the step called kill, and has it told to end at the one called interrupt.
func endAt(ctx context.Context, kill, interrupt string) func(string) {
	die := dieAt(kill)
	return func(s string) {
		die(s)
		if s == interrupt && s != "" && ctx.Err() == nil {
			if p, err := os.FindProcess(os.Getpid()); err != nil || p.Signal(os.Interrupt) != nil {
				panic("cannot interrupt")
			}
			<-ctx.Done()
		}
	}
}

// dieAt ends the process at a step, without a word.
func dieAt(step string) func(string) {
	return func(s string) {
		if s != step || step == "" {
			return
		}
		if p, err := os.FindProcess(os.Getpid()); err != nil || p.Kill() != nil {
			panic("cannot die")
		}
		select {}
	}
}

// TestScripts runs the scripts in testdata, which are also the shortest description of what the commands do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NOW", testNow)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "unescape": unescape},
	})
}

// exits runs a program and wants its exit code: exits 3 drittland check policy.md
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var e *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &e) {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// unescape writes a file with the escapes \x.. and \u.... of another turned into the characters they stand for.
func unescape(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unescape FROM TO")
	}
	s := regexp.MustCompile(`\\x..|\\u....`).ReplaceAllStringFunc(ts.ReadFile(args[0]), func(e string) string {
		r, err := strconv.ParseUint(e[2:], 16, 32)
		ts.Check(err)
		return string(rune(r))
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(s), 0o644))
}
