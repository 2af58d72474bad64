package main

// Errors for people: every message, its hint and its exit code are decided here.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/browser"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots/archive"
)

// The exit codes. They are part of the interface: scripts rely on them.
const (
	exitOK          = 0
	exitFailed      = 1   // something went wrong that the message explains
	exitUsage       = 2   // the command line makes no sense
	exitFindings    = 3   // read, and there are findings at or above --fail-on
	exitUnreadable  = 4   // the input could not be read, or is no policy
	exitDamaged     = 5   // archive check, or evidence verify, found damage
	exitBusy        = 6   // another process holds the archive
	exitAway        = 7   // the server that the archive is on does not answer; it may be tried again
	exitInterrupted = 130 // Ctrl-C; what was recorded stays
)

// coded is an error with an exit code and a hint on what to do next.
type coded struct {
	err  error
	code int
	hint string
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// errFindings ends a command that found something at or above --fail-on. It is no failure and has no message.
var errFindings = &coded{err: errors.New("findings"), code: exitFindings}

func usage(err error, command string) error {
	return &coded{err, exitUsage, fmt.Sprintf("see '%s --help'", command)}
}

func unreadable(err error, hint string) error { return &coded{err, exitUnreadable, hint} }

func usageError(c *cli.Context, err error, _ bool) error { return usage(err, commandName(c)) }

// commandName is how the user called the command.
func commandName(c *cli.Context) string {
	if c.Command != nil && c.Command.HelpName != "" {
		return c.Command.HelpName
	}
	return c.App.Name
}

// explain prints an error for a person and gives the exit code.
func explain(w io.Writer, err error) int {
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // the reader of the output had enough
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "drittland: interrupted; what was recorded until now is kept")
		return exitInterrupted
	}
	c := diagnose(err)
	fmt.Fprintf(w, "drittland: %s\n", report.Printable(err.Error()))
	if c.hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", report.Printable(c.hint))
	}
	return c.code
}

// diagnose finds the exit code and the hint of an error.
func diagnose(err error) *coded {
	var c *coded
	var failure *fetch.Failure
	var binary extract.ErrBinary
	var big extract.ErrTooBig
	var wall extract.ErrNotPolicy
	var file extract.ErrUnreadable
	var problems rules.Problems
	var mistakes config.Problems
	var revised *archive.ErrRevised
	code, hint := exitFailed, ""
	if of, what, ok := serverTrouble(err); ok && !errors.As(err, &c) {
		return &coded{err, of, what}
	}
	switch {
	case errors.As(err, &c):
		return c
	case errors.As(err, &failure):
		code, hint = exitUnreadable, fetchHint(failure)
	case errors.Is(err, browser.ErrMissing), errors.Is(err, browser.ErrStart):
		code, hint = exitUnreadable, browserHint(err)
	case errors.As(err, &binary):
		code, hint = exitUnreadable, binaryHint(binary.Looks)
	case errors.As(err, &file):
		code, hint = exitUnreadable, fileHint(file)
	case errors.As(err, &big):
		code, hint = exitUnreadable, "policies are far smaller; give the page of the policy itself"
	case errors.As(err, &wall):
		code, hint = exitUnreadable, "open the page in a browser, save it as HTML and give that file"
	case errors.Is(err, extract.ErrEmpty):
		code, hint = exitUnreadable, "if the page builds itself with JavaScript, save it from a browser and give that file"
	case errors.Is(err, errEmpty):
		code = exitUnreadable
	case errors.As(err, &problems):
		hint = "rules/SYNTAX.md describes the files; 'drittland rules check --rules DIR' checks them"
	case errors.As(err, &mistakes):
		code, hint = exitUnreadable, "'drittland track import --help' shows what a declaration holds"
	case errors.As(err, &revised):
		hint = fmt.Sprintf("'drittland decisions %s' shows it with its note; then decide again with --revises %s", revised.Last.Terms.Service, revised.Last.ID)
	case errors.Is(err, archive.ErrLocked):
		code, hint = exitBusy, "wait until the other drittland has ended, or give another --archive"
	case errors.Is(err, archive.ErrDamaged):
		code, hint = exitDamaged, "'drittland archive check' names what is damaged"
	case errors.Is(err, archive.ErrErased):
		hint = "'drittland log' says when and why; what other versions say is there"
	case errors.Is(err, archive.ErrKey):
		hint = "--ledger-key FILE names another key; what was recorded without one is kept, and signed with the next checkpoint"
	case errors.Is(err, archive.ErrNoIndex):
		hint = "'drittland archive rebuild' makes the index anew from the evidence"
	case errors.Is(err, archive.ErrNotArchive):
		hint = "give the directory of an archive, or one that does not exist yet"
	case errors.Is(err, archive.ErrVersion):
		hint = "another release of drittland wrote it"
	case errors.Is(err, archive.ErrExists):
		hint = "name a directory that does not exist yet"
	case errors.Is(err, fs.ErrPermission):
		hint = "this user may not read or write it"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "the disk is full: make room, then run it again; what was recorded is kept, and nothing was sent that is not recorded"
	}
	return &coded{err, code, hint}
}

func fetchHint(f *fetch.Failure) string {
	switch f.Kind {
	case fetch.NotFound, fetch.Gone, fetch.Moved:
		return "look up where the policy is now"
	case fetch.Blocked:
		if errors.Is(f.Err, fetch.ErrRobots) {
			return "the site asks programs not to read this page; save it from a browser and give that file"
		}
		return "the site refuses programs; save the page from a browser and give that file"
	case fetch.Transient:
		return "try again later"
	case fetch.PrivateAddress:
		return "only pages of the public web are fetched; save the page and give that file"
	case fetch.WrongScheme, fetch.BadAddress:
		return "give an address such as https://example.org/privacy"
	}
	return "save the page from a browser and give that file"
}

// browserHint says what to do where there is no browser, "" if that is not the matter.
func browserHint(err error) string {
	switch {
	case errors.Is(err, browser.ErrMissing):
		return "install Chromium (Debian: apt-get install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium), " +
			"or name the program in DRITTLAND_CHROMIUM"
	case errors.Is(err, browser.ErrStart):
		return "try it by hand with --headless --dump-dom about:blank; DRITTLAND_CHROMIUM names another program"
	}
	return ""
}

// hintBehind is a hint that follows an error in the same sentence.
func hintBehind(err error) string {
	if hint := browserHint(err); hint != "" {
		return "; " + hint
	}
	return ""
}

// fileHint says what can be done about a file of a known format that holds no text to be had.
func fileHint(e extract.ErrUnreadable) string {
	switch {
	case e.Fault == extract.Scanned:
		return "recognise its text first: ocrmypdf policy.pdf policy-with-text.pdf"
	case e.Fault == extract.Encrypted && e.Format == "PDF":
		return "take the protection off first: qpdf --decrypt policy.pdf open.pdf"
	case e.Fault == extract.Encrypted:
		return "save it without a password and give that file"
	case e.Fault == extract.Coded:
		return "pdftotext on the PATH may read it (package poppler-utils); else recognise its text: ocrmypdf --force-ocr policy.pdf new.pdf"
	}
	return "fetch it again: the file may have broken off on its way"
}

// filterRefused says that terms of Open Terms Archive need JavaScript, and what to write instead.
func filterRefused(service string, r config.Refusal) error {
	what := fmt.Sprintf("%s · %s", service, r.Terms)
	if r.Past {
		what = "the history of " + what
	}
	return unreadable(fmt.Errorf("%s: not all can be taken over: the filters %q are JavaScript, which is not run", what, r.Filters),
		"declare it in YAML, with the steps of 'normalise' that do as much: strip_tracking (parameters of links that follow visitors), "+
			"drop_ids, drop_dates, drop_counters; 'drittland track import --help' shows how")
}

func binaryHint(looks string) string {
	switch {
	case strings.Contains(looks, "old Microsoft Office"):
		return "save it as DOCX first: soffice --headless --convert-to docx policy.doc"
	case strings.Contains(looks, "RTF"), strings.Contains(looks, "Office"), strings.Contains(looks, "EPUB"):
		return "save it as DOCX, PDF or HTML first"
	}
	return "HTML, PDF, DOCX, ODT, Markdown and plain text can be read"
}
