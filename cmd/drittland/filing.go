package main

// The command evidence filing: exhibits as plain PDFs, for authorities that take neither archives nor links.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/complaint"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/browser"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) filingCommand() *cli.Command {
	return &cli.Command{
		Name:      "filing",
		Usage:     "exhibits as plain PDFs, with a list of them, to hand in",
		ArgsUsage: "SERVICE [VERSION…]",
		Description: `Some authorities take neither archives nor links. This writes into a new directory

   00_INDEX.pdf          the list: one line for each exhibit, what it shows
   A-1_page.pdf …        the text of the first version that you name; B-1 of the next
   A-2_screenshot.pdf    what a browser showed, if the page was read with one
   A-3_print.pdf         a cover, and behind it the page as PDF, left as it is
   R-1_redline.pdf       what changed between one version and the next
   L-1_capture-log.pdf   how, when and from where each text was received
   originals/            what the exhibits were made from, to keep, with SHA256SUMS

Each page has the number of its exhibit and the SHA-256 of the original at its foot.
A PDF that was captured gets a cover rather than a foot: with a foot it would be
another file, whose SHA-256 proves nothing.

   drittland evidence filing Clipzy --out filing
   drittland evidence filing Clipzy 2 1 --out filing --max-file-size 5MB

The PDFs are printed with Chromium, which asks no server for it.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`DIR` to make and to write into"},
			&cli.StringFlag{Name: "max-file-size", Usage: "split PDFs that are larger than `SIZE`, such as 5MB or 800KB"},
			&cli.StringFlag{Name: "terms", Usage: "`TYPE` of terms, if the service has several"},
		},
		OnUsageError: usageError,
		Action:       t.filing,
	}
}

// minFileSize is the least that --max-file-size takes: a page with its fonts has about as much.
const minFileSize = 50_000

var sizeForm = regexp.MustCompile(`(?i)^(\d{1,9}(?:\.\d{1,3})?) ?(KB|MB|KiB|MiB)$`)

// fileSize reads a size in bytes; 0 if there is none.
func fileSize(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	m := sizeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("--max-file-size %s: expected a size such as 5MB or 800KB", s)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, fmt.Errorf("--max-file-size %s: %w", s, err)
	}
	n *= map[string]float64{"kb": 1e3, "mb": 1e6, "kib": 1 << 10, "mib": 1 << 20}[strings.ToLower(m[2])]
	if n < minFileSize {
		return 0, fmt.Errorf("--max-file-size %s: a page alone can have %d KB", s, minFileSize/1000)
	}
	return int(min(n, math.MaxInt32)), nil
}

func (t *tool) filing(c *cli.Context) error {
	limit, err := fileSize(c.String("max-file-size"))
	switch {
	case err != nil:
	case c.NArg() < 1:
		err = errors.New("name a service, and the versions to show")
	case c.NArg()-1 > complaint.MaxRecordings:
		err = fmt.Errorf("%d versions: a filing set takes %d", c.NArg()-1, complaint.MaxRecordings)
	case c.String("out") == "":
		err = errors.New("name the directory to make with --out")
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	out := filepath.Clean(c.String("out"))
	if _, err := os.Lstat(out); err == nil {
		return &coded{fmt.Errorf("%s is there already", out), exitUsage, "name a directory that does not exist yet: nothing is written over"}
	}
	s := t.store(c)
	list, h, err := s.recordings(c.Context, c.Args().First(), c.String("terms"), c.Args().Tail())
	if err != nil {
		return err
	}
	printer, err := browser.New(browser.Options{Program: t.env.Getenv("DRITTLAND_CHROMIUM"), Now: t.env.Now}).Printer(c.Context)
	if err != nil {
		return err
	}
	defer printer.Close()
	f := &filingSet{store: s, ctx: c.Context, printer: printer, limit: limit, terms: h.Terms}
	return f.write(out, list)
}

// A filingSet is a set in the making.
type filingSet struct {
	*store
	ctx     context.Context
	printer *browser.Printer
	limit   int // bytes of a file, 0 for none
	terms   snapshots.Terms
	dir     string
}

// write makes the set beside out and puts it in its place when it is whole.
func (f *filingSet) write(out string, list []complaint.Recording) (err error) {
	if f.dir, err = os.MkdirTemp(filepath.Dir(out), ".filing-"); err != nil {
		return fmt.Errorf("make %s: %w", out, err)
	}
	defer os.RemoveAll(f.dir)
	if err := os.Mkdir(filepath.Join(f.dir, originals), 0o755); err != nil {
		return err
	}
	exhibits, err := complaint.Exhibits(list)
	if err != nil {
		return err
	}
	bar := f.progress(len(exhibits)+1, "printing exhibits")
	defer bar.Clear()
	var filed []complaint.Filed
	sums := map[string]snapshots.Hash{}
	for i := range exhibits {
		e := &exhibits[i]
		files, err := f.exhibit(e, sums)
		if err != nil {
			return err
		}
		filed = append(filed, complaint.Filed{Exhibit: e, Files: files})
		_ = bar.Add(1)
	}
	page, footer, err := complaint.Index(f.words, f.terms, filed, "drittland "+version())
	if err != nil {
		return err
	}
	index, err := f.print("00_INDEX", browser.Sheet{HTML: page, Footer: footer})
	if err != nil {
		return err
	}
	if err := f.sums(sums); err != nil {
		return err
	}
	if err := os.Chmod(f.dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(f.dir, out); err != nil {
		return fmt.Errorf("put the set in its place: %w", err)
	}
	f.tellFiling(out, filed, len(index))
	return nil
}

// originals is the folder of a set that holds what the exhibits were made from.
const originals = "originals"

// exhibit prints one exhibit and keeps what it was made from.
func (f *filingSet) exhibit(e *complaint.Exhibit, sums map[string]snapshots.Hash) ([]complaint.File, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	sheet, err := f.sheet(e)
	if err != nil {
		return nil, err
	}
	files, err := f.print(e.Name(), browser.Sheet{HTML: sheet, Footer: e.Footer(f.words)})
	if err != nil {
		return nil, fmt.Errorf("exhibit %s: %w", e.Number, err)
	}
	if e.Kind == complaint.Redline { // made from what the exhibits of pages have
		return files, nil
	}
	for _, o := range e.Originals {
		if err := os.WriteFile(filepath.Join(f.dir, originals, o.Name), o.Bytes, 0o644); err != nil {
			return nil, err
		}
		sums[o.Name] = o.SHA256
		if e.Kind == complaint.Print {
			if err := os.WriteFile(filepath.Join(f.dir, o.Name), o.Bytes, 0o644); err != nil {
				return nil, err
			}
			files = append(files, f.file(o.Name, len(o.Bytes)))
		}
	}
	return files, nil
}

// sheet is the HTML of an exhibit.
func (f *filingSet) sheet(e *complaint.Exhibit) ([]byte, error) {
	if e.Kind != complaint.Redline {
		return e.Sheet(f.words)
	}
	engine, err := f.engine(nil)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = f.read(f.ctx, func(a *archive.Archive) error {
		old, err := newSubject(a, engine, e.Old.Version)
		if err != nil {
			return err
		}
		now, err := newSubject(a, engine, e.Of.Version)
		if err != nil {
			return err
		}
		cmp := engine.Compare(old.facts, now.facts, old.day, analyze.Dates{AsOf: now.day, Today: f.today()})
		cmp.Old.Name, cmp.New.Name = f.terms.Service+"@"+e.Old.Number, f.terms.Service+"@"+e.Of.Number
		return report.CompareHTML(&b, cmp)
	})
	return b.Bytes(), err
}

// print prints a sheet into as many files as the limit asks for.
func (f *filingSet) print(name string, sheet browser.Sheet) ([]complaint.File, error) {
	whole, pages, err := f.printer.Print(sheet)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{whole}
	if f.limit > 0 && len(whole) > f.limit && pages > 1 {
		if parts, err = f.split(sheet, len(whole), pages); err != nil {
			return nil, err
		}
	}
	var files []complaint.File
	for i, b := range parts {
		file := name + ".pdf"
		if len(parts) > 1 {
			file = fmt.Sprintf("%s_part-%d-of-%d.pdf", name, i+1, len(parts))
		}
		if err := os.WriteFile(filepath.Join(f.dir, file), b, 0o644); err != nil {
			return nil, err
		}
		files = append(files, f.file(file, len(b)))
	}
	return files, nil
}

func (f *filingSet) file(name string, size int) complaint.File {
	return complaint.File{Name: name, Size: size, TooBig: f.limit > 0 && size > f.limit}
}

// split prints a sheet in runs of pages, none of which is larger than the limit unless it is one page.
func (f *filingSet) split(sheet browser.Sheet, size, pages int) ([][]byte, error) {
	var out [][]byte
	usual := max(1, int(int64(pages)*int64(f.limit)/int64(size)*9/10))
	for from := 1; from <= pages; {
		run := min(usual, pages-from+1)
		for {
			if err := f.ctx.Err(); err != nil {
				return nil, err
			}
			sheet.Pages = fmt.Sprintf("%d-%d", from, from+run-1)
			b, _, err := f.printer.Print(sheet)
			if err != nil {
				return nil, err
			}
			if len(b) <= f.limit || run == 1 {
				out = append(out, b)
				break
			}
			run = max(1, run/2)
		}
		from += run
	}
	return out, nil
}

// sums writes the list of the originals as sha256sum reads it.
func (f *filingSet) sums(list map[string]snapshots.Hash) error {
	names := make([]string, 0, len(list))
	for n := range list {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s  %s\n", list[n], n)
	}
	return os.WriteFile(filepath.Join(f.dir, originals, "SHA256SUMS"), []byte(b.String()), 0o644)
}

// tellFiling says what was written, n files of the list among it, and what is too large.
func (f *filingSet) tellFiling(out string, filed []complaint.Filed, n int) {
	for _, e := range filed {
		for _, x := range e.Files {
			n++
			if x.TooBig {
				f.say("%s has %d KB and cannot be split: it can be handed in later, or on a data carrier", x.Name, x.Size/1000)
			}
		}
	}
	fmt.Fprintf(f.env.Stdout, "%s: %s\n", report.Line(out), f.words.N("%s PDF", "%s PDFs", n))
}
