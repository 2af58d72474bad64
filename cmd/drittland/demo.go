package main

// The command demo: a fictional service changes its policy before the reader's eyes, through the whole of drittland.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/demo"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "see it work, offline: a fictional service lets its users' data go abroad",
		Description: `Serves Clipzy, a video service that does not exist, on this machine; captures its
privacy policy in English and in German; lets Clipzy publish the next version;
captures again, and shows what changed. Everything is kept in a new temporary
archive, or in the one that --archive names, for you to look at.

   drittland demo
   drittland --archive ./clipzy demo`,
		OnUsageError: usageError,
		Action:       t.demo,
	}
}

// A demonstration is one run of demo.
type demonstration struct {
	*store
	c      *cli.Context
	engine *analyze.Engine
	web    fetcher
	site   demo.Site
	todo   []snapshots.Declaration
}

func (t *tool) demo(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	d := &demonstration{store: t.store(c), c: c, engine: engine, web: fetch.New(fetch.Options{Now: t.env.Now, Program: "drittland " + version(), AllowLoopback: true})}
	if !c.IsSet("archive") {
		if d.dir, err = os.MkdirTemp("", "drittland-demo-"); err != nil {
			return err
		}
	}
	address, stop, err := d.serve()
	if err != nil {
		return err
	}
	defer stop()
	for _, x := range []struct{ service, path, lang string }{{"Clipzy", demo.English, "en"}, {"Clipzy-DE", demo.German, "de"}} {
		d.todo = append(d.todo, snapshots.Declaration{Service: x.service, TermsType: defaultType, Every: defaultEvery, Added: t.env.Now().UTC(),
			Sources: []snapshots.Source{{URL: address + x.path, Lang: x.lang}}})
	}
	return d.show(c.Context, address)
}

// serve puts the site on a free port of this machine.
func (d *demonstration) serve() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve Clipzy on this machine: %w", err)
	}
	srv := &http.Server{Handler: &d.site, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }() // ends with stop
	return "http://" + l.Addr().String(), func() { srv.Close() }, nil
}

func (d *demonstration) show(ctx context.Context, address string) error {
	d.step("Clipzy, a video service that does not exist, publishes its privacy policy at %s", address)
	err := d.write(func(a *archive.Archive) error {
		for _, x := range d.todo {
			if err := a.PutDeclaration(x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := d.captureAll(ctx); err != nil {
		return err
	}
	d.site.Publish()
	d.step("Clipzy publishes its next version, and we capture again")
	results, err := d.captureAll(ctx)
	if err != nil {
		return err
	}
	for i, res := range results {
		d.step("What changed: %s", res.Terms)
		if err := d.compare(res, i == 0); err != nil {
			return err
		}
	}
	d.site.Publish()
	d.step("Clipzy adds a country to the list behind the link, and leaves the policy as it is")
	listed, err := d.captureAll(ctx)
	if err != nil {
		return err
	}
	if err := d.compare(listed[0], false); err != nil {
		return err
	}
	d.next(results[0])
	return nil
}

// step heads a part of the demonstration.
func (d *demonstration) step(format string, args ...any) {
	title := d.words.F(format, args...)
	if d.colour() {
		title = color.New(color.Bold, color.FgCyan).Sprint(title)
	}
	fmt.Fprintf(d.env.Stdout, "\n▶ %s\n\n", title)
}

// captureAll captures both texts, reads them and says what they are now.
func (d *demonstration) captureAll(ctx context.Context) ([]*result, error) {
	r := &runner{store: d.store, web: d.web, engine: d.engine}
	results, err := r.captureAndRead(ctx, d.todo, 1)
	if err != nil {
		return nil, err
	}
	for _, res := range results {
		if res.Err != nil {
			return nil, res.Err
		}
	}
	for _, res := range results {
		if res.Row == nil {
			outcome, _ := res.outcome(d.words)
			return nil, fmt.Errorf("%s: no new version: %s", res.Terms, outcome)
		}
		linked := ""
		if res.Annexes > 0 {
			linked = ", " + d.words.N("with %s linked page", "with %s linked pages", res.Annexes)
		}
		fmt.Fprintf(d.env.Stdout, "  %-10s %s  %s%s  %s\n", res.Terms.Service, d.words.F("version %d", res.Row.Number), report.LanguageIn(d.words, res.Row.Language), linked, res.URL)
		if res.Row.Class == "" {
			fmt.Fprintf(d.env.Stdout, "  %-10s %s\n", "", d.words.F("transfers: %s", firstTransfers(d.words, res.Row.Transfers)))
		}
	}
	return results, nil
}

// compare shows the last version beside the one before it: in full, or the facts only.
func (d *demonstration) compare(res *result, full bool) error {
	if !full {
		if !d.engine.Reads(res.Row.Language) {
			fmt.Fprintln(d.env.Stdout, "  "+d.words.F("There are no rules for %s yet: the text was compared, what it says on transfers was not judged.", report.LanguageIn(d.words, res.Row.Language)))
		}
		for _, l := range append([]string{d.words.F("Class: %s", report.Class(d.words, res.Row.Class))}, rowLines(d.words, res.Row)...) {
			fmt.Fprintln(d.env.Stdout, "  "+l)
		}
		return nil
	}
	var sides [2]subject
	err := d.look(func(a *archive.Archive) error {
		h, err := readHistory(a, res.Terms)
		if err != nil {
			return err
		}
		for i := range sides {
			if sides[i], err = newSubject(a, d.engine, h.Versions[res.Row.Number-2+i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	cmp := d.engine.Compare(sides[0].facts, sides[1].facts, sides[0].day, analyze.Dates{AsOf: sides[1].day, Today: d.today()})
	cmp.Old.Name, cmp.New.Name = d.reference(res, res.Row.Number-1), d.reference(res, res.Row.Number)
	notes := d.brief(cmp)
	err = report.CompareText(d.env.Stdout, cmp, d.style())
	if len(notes) > 0 {
		fmt.Fprintf(d.env.Stdout, "\n%s\n  %s\n", d.words.T("And in brief:"), strings.Join(notes, "\n  "))
	}
	return err
}

// brief takes what is no error out of a comparison, for one line each, and the questions out of its findings.
func (d *demonstration) brief(c *analyze.Comparison) []string {
	var notes []string
	c.Appeared = slices.DeleteFunc(c.Appeared, func(f analyze.Finding) bool {
		if f.Level != rules.Error {
			notes = append(notes, report.Brief(d.words, &f))
		}
		return f.Level != rules.Error
	})
	for i := range c.Appeared {
		c.Appeared[i].LookUp = ""
	}
	return notes
}

func (d *demonstration) reference(res *result, n int) string {
	return fmt.Sprintf("%s@%d", res.Terms.Service, n)
}

// next says where the archive is and what can be done with it.
func (d *demonstration) next(res *result) {
	d.step("The archive is in %s", d.name())
	dir, err := filepath.Abs(d.dir)
	if archive.OnServer(d.dir) {
		dir = config.WithoutPassword(d.dir)
	} else if err != nil {
		dir = d.dir
	}
	me := invocation() + " --archive " + shellWord(dir)
	old, now := d.reference(res, res.Row.Number-1), d.reference(res, res.Row.Number)
	fmt.Fprintf(d.env.Stdout, "%s\n\n  %s log Clipzy\n  %s show Clipzy --format report\n  %s diff %s %s --format html -o redline.html\n",
		d.words.T("It holds what the server said, byte by byte, as WARC files. Try next:"), me, me, me, old, now)
}

// invocation is how the user can start this program again.
func invocation() string {
	name, err := os.Executable()
	if err != nil {
		return "drittland"
	}
	if !strings.Contains(filepath.ToSlash(name), "/go-build") {
		if found, err := exec.LookPath(filepath.Base(name)); err == nil && found == name {
			return shellWord(filepath.Base(name))
		}
		return shellWord(name)
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") && !strings.Contains(info.Main.Version, "+dirty") {
		return "go run " + info.Path + "@" + info.Main.Version
	}
	return "go run ./cmd/drittland"
}

// shellWord is s as one word for a shell.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r > 0x7f || strings.ContainsRune("/._-+:@%,=", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
