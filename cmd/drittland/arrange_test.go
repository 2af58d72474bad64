package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots/archive"
)

func TestArrange(t *testing.T) {
	app := &cli.App{Name: "tool", Flags: []cli.Flag{&cli.StringFlag{Name: "archive"}}, Commands: []*cli.Command{
		{Name: "check", Flags: []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}}, &cli.BoolFlag{Name: "save"}}},
		{Name: "rules", Subcommands: []*cli.Command{{Name: "test", Flags: []cli.Flag{&cli.StringSliceFlag{Name: "rules"}}}}}}}
	for in, want := range map[string]string{
		"tool check a b":                          "tool check a b",
		"tool check a --format json b":            "tool check --format json a b",
		"tool check a --format=json --save":       "tool check --format=json --save a",
		"tool check a -f json --archive x":        "tool --archive x check -f json a",
		"tool --archive x check a":                "tool --archive x check a",
		"tool check - --save":                     "tool check --save -",
		"tool check a -- --save":                  "tool check -- a --save",
		"tool rules test T05 --rules a --rules b": "tool rules test --rules a --rules b T05",
		"tool rules test --help":                  "tool rules test --help",
		"tool help check":                         "tool help check",
		"tool --version":                          "tool --version",
		"tool check --generate-bash-completion":   "tool check --generate-bash-completion",
		"tool check a --nope":                     "error: tool check has no flag --nope",
		"tool check --savee a":                    "error: tool check has no flag --savee; did you mean --save?",
		"tool check a --format":                   "error: --format needs a value",
		"tool chek a":                             `error: tool has no command "chek"; did you mean check?`,
		"tool rules tets":                         `error: tool rules has no command "tets"; did you mean test?`,
		"tool --format json check a":              "error: tool has no flag --format",
		"tool":                                    "tool",
	} {
		got, err := arrange(app, strings.Fields(in))
		line := strings.Join(got, " ")
		if err != nil {
			line = "error: " + err.Error()
		}
		if d := cmp.Diff(want, line); d != "" {
			t.Errorf("%s: %s", in, d)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err    error
		code   int
		stderr string // a part of it
	}{
		{nil, 0, ""},
		{syscall.EPIPE, 0, ""},
		{errors.New("something"), 1, "drittland: something\n"},
		{usage(errors.New("no"), "drittland check"), 2, "see 'drittland check --help'"},
		{errFindings, 3, ""},
		{fmt.Errorf("x: %w", extract.ErrBinary{Looks: "a PNG image"}), 4, "can be read"},
		{fmt.Errorf("x: %w", extract.ErrBinary{Looks: "an old Microsoft Office file (DOC, XLS)"}), 4, "soffice"},
		{fmt.Errorf("x: %w", extract.ErrUnreadable{Format: "PDF", Fault: extract.Scanned, Reason: "it is scanned"}), 4, "ocrmypdf"},
		{extract.ErrUnreadable{Format: "PDF", Fault: extract.Encrypted}, 4, "qpdf"},
		{extract.ErrUnreadable{Format: "DOCX", Fault: extract.Encrypted}, 4, "without a password"},
		{extract.ErrUnreadable{Format: "PDF", Fault: extract.Coded}, 4, "pdftotext"},
		{extract.ErrUnreadable{Format: "ODT", Fault: extract.Damaged}, 4, "fetch it again"},
		{fmt.Errorf("x: %w", extract.ErrNotPolicy{Reason: "a wall"}), 4, "browser"},
		{extract.ErrTooBig{What: "bytes", Size: 2, Limit: 1}, 4, "too big"},
		{&fetch.Failure{Kind: fetch.Transient, URL: "https://clipzy.example"}, 4, "try again later"},
		{&fetch.Failure{Kind: fetch.Blocked, URL: "https://clipzy.example", Err: fetch.ErrRobots}, 4, "asks programs not to read"},
		{fmt.Errorf("open: %w", archive.ErrDamaged), 5, "archive check"},
		{fmt.Errorf("open: %w", archive.ErrLocked), 6, "wait until"},
		{fmt.Errorf("open: %w", archive.ErrNoIndex), 1, "rebuild"},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, 1, "may not"},
		{rules.Problems{{File: "a.yaml", Line: 3, Message: "wrong"}}, 1, "SYNTAX.md"},
		{fmt.Errorf("run: %w", context.Canceled), 130, "interrupted"},
		{errors.New("red \x1b[31m alert \u202e"), 1, "red ␛[31m alert \n"},
	} {
		var w bytes.Buffer
		code := explain(&w, c.err)
		if code != c.code || !strings.Contains(w.String(), c.stderr) || c.stderr == "" && w.Len() > 0 {
			t.Errorf("%v: code %d, want %d; says %q", c.err, code, c.code, w.String())
		}
	}
}
