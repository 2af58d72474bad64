package main

// The commands import warc and import wacz: captures that others made become evidence of the archive, marked as theirs.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/foreign"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/warc"
)

// importCaptures is the command import warc or import wacz.
func (t *tool) importCaptures(kind string) *cli.Command {
	c := &cli.Command{
		Name:      kind,
		Usage:     "import captures that others made, from WARC files",
		ArgsUsage: "FILE...",
		Description: `FILE is a WARC file, plain or compressed, such as those of archive.org, wget and
Webrecorder. --list shows the pages in it. The captures of the page at --url are
taken, or those of the addresses at which the service is tracked, now or before,
oldest first. They stand in line with our own by date, marked as captured by
others: nothing of them counts as verified by us. The records are kept as they
stand in the file. Digests that do not agree are refused unless --accept-damaged
is given, and marked then. Importing again adds nothing.

   wget --warc-file=clipzy https://clipzy.example/privacy
   drittland import warc clipzy.warc.gz --list
   drittland import warc clipzy.warc.gz --service Clipzy --url https://clipzy.example/privacy
   drittland show Clipzy`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "service", Usage: "`SERVICE` whose terms the pages are"},
			&cli.StringFlag{Name: "terms", Usage: "`TYPE` of the terms; \"Privacy Policy\" unless the service is tracked with others"},
			&cli.StringFlag{Name: "url", Usage: "`URL` of the page, as it stands in the file"},
			&cli.BoolFlag{Name: "list", Usage: "show the pages in the files and import nothing"},
			&cli.BoolFlag{Name: "accept-damaged", Usage: "take captures whose digests do not agree, and what stands before a break, and mark them"},
		},
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			return t.takeCaptures(c, foreign.Open)
		},
	}
	if kind == "wacz" {
		c.Usage = "import captures that others made, from WACZ files"
		c.Description = `FILE is a WACZ file, such as those of Webrecorder, ArchiveWeb.page and Browsertrix.
The digests in its list of files are compared, too; who signed it is not looked
at. All else is as with 'drittland import warc'.

   drittland import wacz clipzy.wacz --list
   drittland import wacz clipzy.wacz --service Clipzy --url https://clipzy.example/privacy
   drittland show Clipzy`
		c.Action = func(c *cli.Context) error { return t.takeCaptures(c, foreign.OpenWACZ) }
	}
	return c
}

// A wantedPage is a page that is looked for in a file, and the terms that it is.
type wantedPage struct {
	terms snapshots.Terms
	url   string
}

// A taking is one run of import warc or import wacz.
type taking struct {
	*store
	c       *cli.Context
	wanted  []wantedPage
	service string
	terms   string
	batch   []archive.Foreign
	size    int // bytes of the batch
	taken   int
	added   int
	damaged error // the first capture that was refused for its digests
	nothing error // the first that was refused of a file of which nothing was taken
	refused int
	first   error // of these in one file
}

const (
	takeBytes  = 16 << 20 // bytes that are put at once
	maxRefused = 10       // refusals of one file that are told one by one
)

func (t *tool) takeCaptures(c *cli.Context, open func(context.Context, string, foreign.Options) (*foreign.File, error)) error {
	switch {
	case c.NArg() == 0:
		return usage(errors.New("name a file"), commandName(c))
	case c.String("service") == "" && !c.Bool("list"):
		return usage(errors.New("say with --service whose terms the pages are, or show them with --list"), commandName(c))
	}
	x := &taking{store: t.store(c), c: c, service: c.String("service"), terms: c.String("terms")}
	if !c.Bool("list") {
		if err := x.want(); err != nil {
			return err
		}
	}
	opts := foreign.Options{Damaged: c.Bool("accept-damaged"), MaxBody: archive.MaxBody, Now: t.env.Now()}
	for _, name := range c.Args().Slice() {
		f, err := open(c.Context, name, opts)
		if err != nil {
			return foreignError(c.Context, err)
		}
		if c.Bool("list") {
			err = t.listPages(f)
		} else {
			err = x.file(f)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return foreignError(c.Context, err)
		}
	}
	if x.damaged != nil {
		return unreadable(x.damaged, "--accept-damaged takes it, and marks it as damaged")
	}
	if x.nothing != nil {
		return unreadable(x.nothing, "")
	}
	return nil
}

// foreignError gives an error about a file its hint.
func foreignError(ctx context.Context, err error) error {
	hint := ""
	var coded *coded
	switch {
	case ctx.Err() != nil, errors.As(err, &coded), errors.Is(err, archive.ErrLocked), errors.Is(err, archive.ErrNotArchive):
		return err
	case errors.Is(err, warc.ErrZip):
		hint = "'drittland import wacz' reads WACZ files"
	case errors.Is(err, foreign.ErrWACZ):
		hint = "'drittland import warc' reads WARC files"
	case errors.Is(err, warc.ErrARC):
		hint = "turn it into a WARC file first: warcio recompress old.arc.gz new.warc.gz"
	case errors.Is(err, warc.ErrZstd):
		hint = "unpack it first: zstd -d"
	case errors.Is(err, foreign.ErrDamaged):
		hint = "get the file once more; --accept-damaged takes what can be read, and marks it as damaged"
	}
	return unreadable(err, hint)
}

// want finds out which pages are looked for: the one at --url, or those at which the service is tracked.
func (x *taking) want() error {
	var declared []snapshots.Declaration
	var known []snapshots.Terms
	if !x.missing() {
		err := x.look(func(a *archive.Archive) (err error) {
			if declared, err = a.Declarations(); err == nil {
				known, err = a.Terms()
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, d := range declared {
		known = append(known, snapshots.Terms{Service: d.Service, Type: d.TermsType})
	}
	x.spell(known)
	if address := x.c.String("url"); address != "" {
		terms := snapshots.Terms{Service: x.service, Type: x.terms}
		if terms.Type == "" {
			terms.Type = defaultType
		}
		x.wanted = append(x.wanted, wantedPage{terms, address})
		return nil
	}
	for _, d := range declared {
		if d.Service != x.service || x.terms != "" && d.TermsType != x.terms {
			continue
		}
		for _, list := range append([][]snapshots.Source{d.Sources}, pastSources(d)...) {
			if len(list) > 0 { // what follows it is part of it
				x.add(wantedPage{snapshots.Terms{Service: d.Service, Type: d.TermsType}, list[0].URL})
			}
		}
	}
	return nil
}

// spell writes the service and the type of terms as the archive does.
func (x *taking) spell(known []snapshots.Terms) {
	for _, k := range known {
		if strings.EqualFold(k.Service, x.service) {
			x.service = k.Service
		}
		if strings.EqualFold(k.Type, x.terms) {
			x.terms = k.Type
		}
	}
}

func pastSources(d snapshots.Declaration) [][]snapshots.Source {
	var out [][]snapshots.Source
	for _, p := range d.Past {
		out = append(out, p.Sources)
	}
	return out
}

func (x *taking) add(p wantedPage) {
	if !slices.Contains(x.wanted, p) {
		x.wanted = append(x.wanted, p)
	}
}

// file takes the captures of the wanted pages out of one file.
func (x *taking) file(f *foreign.File) error {
	pages := f.Pages()
	wanted := slices.DeleteFunc(slices.Clone(x.wanted), func(w wantedPage) bool { return !f.Holds(w.url) })
	if len(wanted) == 0 {
		if len(x.wanted) > 0 || len(pages) != 1 {
			return x.unclear(f, pages)
		}
		terms := snapshots.Terms{Service: x.service, Type: x.terms}
		if terms.Type == "" {
			terms.Type = defaultType
		}
		wanted = []wantedPage{{terms, pages[0].URL}}
	}
	for _, what := range f.Faults {
		x.say("%s: %s", f.Name, what)
	}
	x.taken, x.added, x.refused, x.first = 0, 0, 0, nil
	err := x.write(func(a *archive.Archive) error {
		for _, w := range wanted {
			if err := x.page(a, f, w); err != nil {
				return err
			}
		}
		if err := x.flush(a); err != nil {
			return err
		}
		return x.derive(x.c.Context, a, nil)
	})
	if x.refused > maxRefused {
		x.say("… %d more", x.refused-maxRefused)
	}
	x.say("%s: %s, %d new; %d refused", f.Name, amount(x.taken, "capture by others", "captures by others"), x.added, x.refused)
	if x.taken == 0 && x.nothing == nil {
		x.nothing = x.first
	}
	return err
}

// unclear says what a file holds where it is not known which page is meant.
func (x *taking) unclear(f *foreign.File, pages []foreign.Page) error {
	if len(pages) == 0 {
		return unreadable(fmt.Errorf("%s holds no capture of a page with a text", f.Name), "")
	}
	if err := x.listPages(f); err != nil {
		return err
	}
	if len(x.wanted) == 1 {
		return unreadable(fmt.Errorf("%s holds no capture of %s", f.Name, x.wanted[0].url), "name one of the pages above with --url")
	}
	return &coded{fmt.Errorf("%s holds %s, and none is one at which %s is tracked", f.Name, amount(len(pages), "page", "pages"), x.service), exitUsage,
		"name one of the pages above with --url"}
}

// page takes the captures of one page.
func (x *taking) page(a *archive.Archive, f *foreign.File, w wantedPage) error {
	return f.Take(x.c.Context, w.url, func(c *foreign.Capture) error {
		s := c.Snapshot
		if s.FinalURL == s.URL {
			s.FinalURL = w.url
		}
		s.Terms, s.URL = w.terms, w.url
		x.batch = append(x.batch, archive.Foreign{Snapshot: s, Body: c.Body, Records: c.Records, Holder: c.Holder})
		x.taken++
		for _, r := range c.Records {
			x.size += len(r)
		}
		if x.size += len(c.Body); x.size < takeBytes {
			return nil
		}
		return x.flush(a)
	}, func(r *foreign.Refusal) {
		if x.refused++; x.refused <= maxRefused {
			x.say("%s: refused: %s", f.Name, r)
		}
		if x.first == nil {
			x.first = fmt.Errorf("%s: %w", f.Name, r)
		}
		if x.damaged == nil && errors.Is(r, foreign.ErrDamaged) {
			x.damaged = fmt.Errorf("%s: %w", f.Name, r)
		}
	})
}

func (x *taking) flush(a *archive.Archive) error {
	_, n, err := a.PutForeign(x.batch)
	x.added += n
	x.batch, x.size = nil, 0
	return err
}

// listPages shows the pages of a file.
func (t *tool) listPages(f *foreign.File) error {
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.head("CAPTURES", "FIRST", "LAST", "MEDIA TYPE", "URL"))
	for _, p := range f.Pages() {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", p.Captures, p.First.Format(time.DateOnly), p.Last.Format(time.DateOnly), report.Line(p.MediaType), report.Line(p.URL))
	}
	return w.Flush()
}
