package main

// The commands track import and track export: declarations as files, one for each service.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	historySuffix = ".history.json"
	maxFiles      = 10_000 // of a folder of declarations
)

func (t *tool) trackImportCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "track what files declare: YAML, or declarations of Open Terms Archive",
		ArgsUsage: "FILE|DIR ...",
		Description: `A file holds what is tracked of one service. Importing it again changes nothing;
importing it after an edit replaces what was declared before. Terms that no file
names any more stay tracked until 'track remove' ends that. The shortest file:

   service: Clipzy
   url: https://clipzy.example/privacy

And one that says all that can be said. Everything but the address may be left out:

   service: Clipzy
   terms:
     Privacy Policy:               # in the words of Open Terms Archive
       every: 12h                  # captured again after this time;
       schedule: 30 6 * * 1-5      # or by a schedule: hourly, daily, weekly, or cron
       lang: de                    # asked for, and wanted
       render: auto                # with a browser: auto, always or never
       annexes: [https://lists.example/countries]   # pages that belong to it
       remove: .banner             # CSS selectors of parts to leave out
       normalise: [strip_tracking, drop_ids, drop_dates, drop_counters]
       combine:                    # pages of one text, in their order;
         - url: https://clipzy.example/privacy      # or url, if it is one
           select: main            # CSS selectors of parts to read
         - url: https://clipzy.example/privacy/europe
           select:
             - {startAfter: "h1", endBefore: "#contact"}    # a range
       history:                    # how it was published before
         - until: 2025-03-01
           url: https://clipzy.example/old-privacy
     Terms of Service:
       url: https://clipzy.example/terms

Ranges begin with startBefore or startAfter and end with endBefore or endAfter. The
keys beside combine hold for each of its pages that does not say otherwise. The steps
of normalise leave out what changes with each visit: parameters of links that follow
visitors; long identifiers; dates, and numbers of views and the like, in short lines.

A file NAME.json is a declaration of Open Terms Archive, with NAME.history.json beside
it; the service is called NAME. A filter in JavaScript is not run: terms that need
one are refused. Of a folder, the files in it or in its folder declarations are read.

   drittland track import clipzy.yaml
   drittland track import --dry-run ./pga-declarations`,
		Flags:        []cli.Flag{&cli.BoolFlag{Name: "dry-run", Usage: "only say what would be tracked"}},
		OnUsageError: usageError, Action: t.trackImport,
	}
}

func (t *tool) trackExportCommand() *cli.Command {
	return &cli.Command{Name: "export", Usage: "write how a service is tracked as the YAML that 'track import' reads", ArgsUsage: "SERVICE",
		Description:  "   drittland track export Clipzy > clipzy.yaml",
		OnUsageError: usageError, Action: t.trackExport}
}

// A declaring is one run of track import.
type declaring struct {
	*store
	dry   bool
	table *tabwriter.Writer
	taken int
	left  []error // why some could not be taken
}

func (t *tool) trackImport(c *cli.Context) error {
	if c.NArg() == 0 {
		return usage(errors.New("name files or folders with declarations"), commandName(c))
	}
	var files []string
	for _, arg := range c.Args().Slice() {
		list, err := declarationFiles(arg)
		if err != nil {
			return err
		}
		files = append(files, list...)
	}
	m := &declaring{store: t.store(c), dry: c.Bool("dry-run"), table: tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)}
	var list []snapshots.Declaration
	for _, f := range files {
		if err := c.Context.Err(); err != nil {
			return err
		}
		list = append(list, m.readFile(f)...)
	}
	list = m.once(list)
	if len(list) > 0 {
		open := m.write
		if m.dry {
			open = m.lookIfThere
		}
		if err := open(func(a *archive.Archive) error { return m.take(a, list) }); err != nil {
			return err
		}
	}
	if err := m.table.Flush(); err != nil {
		return err
	}
	for _, err := range m.left {
		explain(t.env.Stderr, err)
	}
	verb := "tracked; 'drittland run' captures what is due"
	if m.dry {
		verb = "can be tracked; nothing was recorded"
	}
	t.say("%s %s", amount(m.taken, "text", "texts"), verb)
	if len(m.left) > 0 {
		return unreadable(fmt.Errorf("%s not taken", amount(len(m.left), "declaration", "declarations")), "")
	}
	return nil
}

// lookIfThere gives the archive to f, or nil if there is none.
func (s *store) lookIfThere(f func(*archive.Archive) error) error {
	if s.missing() {
		return f(nil)
	}
	return s.look(f)
}

// declarationFiles are the files that an argument names: itself, or the declarations in a folder. Histories are not among them:
// they are read with theirs.
func declarationFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil {
		return nil, unreadable(err, "name a YAML file, a declaration of Open Terms Archive, or a folder of them")
	}
	if !info.IsDir() {
		if strings.HasSuffix(arg, historySuffix) {
			return nil, unreadable(fmt.Errorf("%s is a history", arg), "name the declaration beside it; its history is read with it")
		}
		return []string{arg}, nil
	}
	if sub := filepath.Join(arg, "declarations"); isFolder(sub) {
		arg = sub
	}
	entries, err := os.ReadDir(arg)
	if err != nil {
		return nil, unreadable(err, "")
	}
	var out []string
	for _, e := range entries {
		switch ext := filepath.Ext(e.Name()); {
		case e.IsDir(), strings.HasPrefix(e.Name(), "."), strings.HasSuffix(e.Name(), historySuffix):
		case ext == ".yaml", ext == ".yml", ext == ".json":
			out = append(out, filepath.Join(arg, e.Name()))
		}
	}
	if len(out) == 0 || len(out) > maxFiles {
		return nil, unreadable(fmt.Errorf("%s holds %d declarations", arg, len(out)), "give a folder with NAME.yaml or NAME.json files")
	}
	return out, nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// readFile reads the declarations of one file. What is wrong with them is noted.
func (m *declaring) readFile(name string) []snapshots.Declaration {
	b, err := readFile(name)
	if err != nil {
		m.left = append(m.left, err)
		return nil
	}
	service, isJSON := strings.CutSuffix(filepath.Base(name), ".json")
	if !isJSON {
		list, err := config.Declarations(name, b)
		return m.checked(name, list, err)
	}
	historyFile := strings.TrimSuffix(name, ".json") + historySuffix
	var history []byte
	if _, err := os.Stat(historyFile); err == nil {
		if history, err = readFile(historyFile); err != nil {
			m.left = append(m.left, err)
			return nil
		}
	}
	list, refused, err := config.OpenTermsArchive(service, name, b, historyFile, history)
	for _, r := range refused {
		m.left = append(m.left, filterRefused(service, r))
	}
	return m.checked(name, list, err)
}

// checked are the declarations of a file that can be tracked.
func (m *declaring) checked(name string, list []snapshots.Declaration, err error) []snapshots.Declaration {
	if err != nil {
		m.left = append(m.left, err)
		return nil
	}
	return slices.DeleteFunc(list, func(d snapshots.Declaration) bool {
		if d.Every == 0 {
			d.Every = defaultEvery
		}
		err := checkDeclaration(d)
		if err != nil {
			m.left = append(m.left, unreadable(fmt.Errorf("%s: %w", name, err), ""))
		}
		return err != nil
	})
}

// once leaves out terms that were declared before in the same run: which file holds would be chance.
func (m *declaring) once(list []snapshots.Declaration) []snapshots.Declaration {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(d snapshots.Declaration) bool {
		key := sameTerms(d)
		if seen[key] {
			m.left = append(m.left, unreadable(fmt.Errorf("%s · %s is declared twice", d.Service, d.TermsType), "declare it in one file"))
		}
		defer func() { seen[key] = true }()
		return seen[key]
	})
}

// take records what is new, and says of each what it is. a is nil if there is no archive.
func (m *declaring) take(a *archive.Archive, list []snapshots.Declaration) error {
	before := map[string]snapshots.Declaration{}
	if a != nil {
		all, err := a.Declarations()
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.Removed.IsZero() {
				before[sameTerms(d)] = d
			}
		}
	}
	for _, d := range list {
		if d.Every == 0 {
			d.Every = defaultEvery
		}
		d.Added = m.env.Now().UTC()
		state := "new"
		if old, ok := before[sameTerms(d)]; ok {
			d.Service, d.TermsType = old.Service, old.TermsType // one line of history, whatever its case
			if state = "otherwise"; sameDeclaration(old, d) {
				state = "as before"
			}
		}
		if state != "as before" && !m.dry {
			if err := a.PutDeclaration(d); err != nil {
				return err
			}
		}
		m.taken++
		fmt.Fprintf(m.table, "%s\t%s\t%s\t%s\n", state, report.Line(d.Service), report.Line(d.TermsType), report.Line(pagesInWords(d)))
	}
	return nil
}

// sameTerms is the same for declarations of the same terms, whatever their case.
func sameTerms(d snapshots.Declaration) string {
	return strings.ToLower(d.Service + "\x00" + d.TermsType)
}

// sameDeclaration reports whether two declarations say the same, whenever they were made.
func sameDeclaration(a, b snapshots.Declaration) bool {
	a.Added, b.Added = time.Time{}, time.Time{}
	x, err1 := snapshots.Encode(a)
	y, err2 := snapshots.Encode(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// pagesInWords says where terms are published.
func pagesInWords(d snapshots.Declaration) string {
	switch n := len(d.Sources); n {
	case 0:
		return ""
	case 1:
		return d.Sources[0].URL
	default:
		return fmt.Sprintf("%s and %s", d.Sources[0].URL, amount(n-1, "further page", "further pages"))
	}
}

func (t *tool) trackExport(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one service"), commandName(c))
	}
	s := t.store(c)
	var list []snapshots.Declaration
	err := s.look(func(a *archive.Archive) (err error) {
		list, err = a.Declarations()
		return err
	})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d snapshots.Declaration) bool {
		return !strings.EqualFold(d.Service, c.Args().First()) || !d.Removed.IsZero()
	})
	if len(list) == 0 {
		return notTracked(c.Args().First())
	}
	for i := range list {
		if list[i].Every == defaultEvery {
			list[i].Every = 0
		}
	}
	b, err := config.Encode(list)
	if err != nil {
		return err
	}
	_, err = t.env.Stdout.Write(b)
	return err
}
