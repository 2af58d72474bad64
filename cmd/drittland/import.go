package main

// The command import: the history of a collection of Open Terms Archive becomes evidence of the archive.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/fetch/ota"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) importCommand() *cli.Command {
	return &cli.Command{
		Name:  "import",
		Usage: "take over what others recorded",
		Subcommands: []*cli.Command{t.importCaptures("warc"), t.importCaptures("wacz"), {
			Name:      "ota",
			Usage:     "import the history of an Open Terms Archive collection of versions",
			ArgsUsage: "REPO",
			Description: `REPO is a clone, or a bare clone, of a collection whose name ends in -versions. Each
commit becomes a snapshot of its terms with the text, the date and the hash of
the commit; commits that record a change of the reading rather than of the
terms are kept and marked. Importing again takes what is new. Stopped with
Ctrl-C, it goes on where it was the next time.

   git clone --bare https://github.com/OpenTermsArchive/demo-versions
   drittland import ota demo-versions.git
   drittland import ota demo-versions.git --service Clipzy --type "Privacy Policy"
   drittland log Clipzy`,
			Flags: []cli.Flag{
				&cli.StringSliceFlag{Name: "service", Usage: "only this `SERVICE` (may be repeated)"},
				&cli.StringSliceFlag{Name: "type", Usage: "only this `TYPE` of terms (may be repeated)"},
				&cli.IntFlag{Name: "limit-size", Value: ota.DefaultMaxBlob >> 20, Usage: "leave out texts above this size, in `MB`"},
				&cli.BoolFlag{Name: "restart", Usage: "read the collection from its first commit, though it was imported before"},
			},
			OnUsageError: usageError,
			Action:       t.importOTA,
		}},
	}
}

// An importing is one run of import ota.
type importing struct {
	*store
	c        *cli.Context
	repo     *ota.Repo
	services []string
	types    []string
	batch    []archive.Import
	size     int // bytes of the texts in the batch
	seen     int // texts of the collection that were wanted
	left     map[ota.Reason]int
	example  map[ota.Reason]ota.Problem
	bar      *progressbar.ProgressBar
}

const (
	importBatch = 500
	importBytes = 8 << 20
	// importMemory is from where on the garbage of an import is collected more often, in bytes. What it holds is about half of that,
	// however large the collection: batches, caches and what it remembers are bounded.
	importMemory = 200 << 20
	maxLimitMB   = archive.MaxBody >> 20
)

func (t *tool) importOTA(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one collection: the directory of its clone"), commandName(c))
	}
	limit := c.Int("limit-size")
	if limit < 1 || limit > maxLimitMB {
		return usage(fmt.Errorf("--limit-size %d: expected 1 to %d", limit, maxLimitMB), commandName(c))
	}
	repo, err := ota.Open(c.Args().First())
	if err != nil {
		return unreadable(err, collectionHint(err))
	}
	defer repo.Close()
	m := &importing{store: t.store(c), c: c, repo: repo, services: c.StringSlice("service"), types: c.StringSlice("type"),
		left: map[ota.Reason]int{}, example: map[ota.Reason]ota.Problem{}}
	repo.MaxBlob = int64(limit) << 20
	repo.OnProblem = func(p ota.Problem) {
		if m.left[p.Reason]++; m.left[p.Reason] == 1 {
			m.example[p.Reason] = p
		}
	}
	for _, w := range repo.Warnings {
		t.say("%s: %s", repo.Name, w)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(min(debug.SetMemoryLimit(-1), importMemory)))
	return m.write(func(a *archive.Archive) error { return m.run(c.Context, a) })
}

func collectionHint(err error) string {
	switch {
	case errors.Is(err, ota.ErrNotRepository):
		return "clone the collection first: git clone --bare https://github.com/OpenTermsArchive/NAME-versions"
	case errors.Is(err, ota.ErrEmpty):
		return "a clone that was broken off has no commits either; clone it again"
	}
	return ""
}

func (m *importing) run(ctx context.Context, a *archive.Archive) error {
	before, err := a.Stats()
	if err != nil {
		return err
	}
	since := ""
	if !m.c.Bool("restart") {
		if since, err = a.Cursor(m.repo.Name); err != nil {
			return err
		}
	}
	err = m.record(ctx, a, since)
	var unknown *ota.UnknownCommitError
	if errors.As(err, &unknown) {
		return unreadable(err, "--restart reads the collection from its first commit; commits that are known are not recorded again")
	}
	if err == nil {
		err = m.derive(ctx, a)
	}
	after, again := a.Stats()
	if again != nil {
		return errors.Join(err, again)
	}
	m.tell(before, after)
	return err
}

// record puts the texts of the collection into the archive, in batches. What was put stays if it is stopped.
func (m *importing) record(ctx context.Context, a *archive.Archive, since string) error {
	total := 1 // nobody watches
	if m.env.ErrTerminal {
		var err error
		if total, err = m.repo.Count(ctx, since); err != nil {
			return err
		}
	}
	m.bar = m.progress(total, "recording")
	defer m.bar.Clear()
	for v, err := range m.repo.Versions(ctx, since) {
		if err != nil {
			return errors.Join(m.flush(a, archive.Cursor{}), err)
		}
		_ = m.bar.Add(1)
		if !wanted(m.services, v.Service) || !wanted(m.types, v.TermsType) {
			continue
		}
		if err := m.add(a, v); err != nil {
			return err
		}
	}
	cursor := archive.Cursor{Repo: m.repo.Name, Commit: m.repo.Head}
	if len(m.services)+len(m.types) > 0 {
		cursor = archive.Cursor{} // the rest of the collection is not imported
	}
	return m.flush(a, cursor)
}

func wanted(list []string, name string) bool {
	for _, w := range list {
		if strings.EqualFold(w, name) {
			return true
		}
	}
	return len(list) == 0
}

func (m *importing) add(a *archive.Archive, v ota.Version) error {
	terms := snapshots.Terms{Service: v.Service, Type: v.TermsType}
	if v.Document != "" {
		terms.Type += " #" + v.Document
	}
	m.batch = append(m.batch, archive.Import{Body: v.Body, Snapshot: snapshots.Snapshot{Terms: terms, At: v.Date, MediaType: v.MediaType,
		Origin: &snapshots.Origin{Repo: m.repo.Name, Commit: v.Commit, Path: v.Path, Technical: v.Technical, Subject: v.Subject, Deleted: v.Deleted}}})
	m.seen++
	if m.size += len(v.Body); len(m.batch) < importBatch && m.size < importBytes {
		return nil
	}
	return m.flush(a, archive.Cursor{})
}

func (m *importing) flush(a *archive.Archive, cursor archive.Cursor) error {
	_, err := a.PutImports(m.batch, cursor)
	m.batch, m.size = nil, 0
	return err
}

// derive reads the texts that were recorded.
func (m *importing) derive(ctx context.Context, a *archive.Archive) error {
	st, err := a.Stats()
	if err != nil {
		return err
	}
	bar := m.progress(st.Pending, "reading")
	defer bar.Clear()
	return m.tool.derive(ctx, a, func(snapshots.Version) { _ = bar.Add(1) })
}

// tell sums up on standard error.
func (m *importing) tell(before, after archive.Stats) {
	for _, reason := range slices.Sorted(maps.Keys(m.left)) {
		m.say("%s left out (%s), such as %s", amount(m.left[reason], "file", "files"), reason, m.example[reason])
	}
	m.say("%s: %s, %d new; the archive holds %d snapshots of %d terms", m.repo.Name, amount(m.seen, "text", "texts"),
		after.Snapshots-before.Snapshots, after.Snapshots, after.Terms)
	if after.Pending > 0 {
		m.say("%d snapshots are not read yet; any command that shows them reads them first", after.Pending)
	}
}

// amount is a number with the right form of its noun.
func amount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
