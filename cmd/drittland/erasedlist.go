package main

// The command archive erased, and what archive erase --listed makes of its output: what was erased in an archive is erased in a backup of it, too.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	erasedSchema  = "drittland/erased/1"
	maxErasedList = 256 << 20 // bytes of a list
	erasedAtOnce  = 1000      // captures that one entry of evidence erases
)

// An erasedList is what 'archive erased' writes as JSON.
type erasedList struct {
	Schema string        `json:"schema"`
	Erased []erasedEntry `json:"erased"`
}

// An erasedEntry is one capture whose content was erased.
type erasedEntry struct {
	Snapshot string    `json:"snapshot"`
	At       time.Time `json:"at"`
	Why      string    `json:"why"`
}

func (t *tool) erasedCommand() *cli.Command {
	return &cli.Command{Name: "erased", Usage: "list the captures whose content was erased, when and why", ArgsUsage: " ", OnUsageError: usageError, Action: t.archiveErased,
		Description: `What was erased here is whole in each backup of before. Keep the list as JSON beside the
backups, and not within them; 'archive erase --listed' then erases the same in a backup,
or in what was restored from it. It holds IDs, dates and reasons, and nothing of what
was erased.

   drittland archive erased
   drittland archive erased --format json > erased.json
   drittland --archive /media/usb/clipzy archive erase --listed erased.json`,
		Flags: []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}}
}

func (t *tool) archiveErased(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	var gone map[string]snapshots.Erasure
	err := t.store(c).look(func(a *archive.Archive) (err error) { gone, err = a.ErasedSnapshots(); return err })
	if err != nil {
		return err
	}
	list := erasedList{Schema: erasedSchema, Erased: []erasedEntry{}}
	for id, x := range gone {
		list.Erased = append(list.Erased, erasedEntry{Snapshot: "urn:uuid:" + strings.TrimPrefix(id, "urn:uuid:"), At: x.At.UTC(), Why: x.Why})
	}
	slices.SortFunc(list.Erased, func(a, b erasedEntry) int {
		if n := a.At.Compare(b.At); n != 0 {
			return n
		}
		return strings.Compare(a.Snapshot, b.Snapshot)
	})
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, list)
	}
	return t.table(func(w io.Writer) {
		for _, x := range list.Erased {
			fmt.Fprintf(w, "%s\t%s\t%s\n", x.At.Format(time.DateOnly), report.Line(x.Snapshot), report.Line(x.Why))
		}
	})
}

// readErased reads a list that 'archive erased' wrote.
func readErased(r io.Reader) (list erasedList, err error) {
	d := json.NewDecoder(io.LimitReader(r, maxErasedList))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return list, fmt.Errorf("no list of 'archive erased --format json': %w", err)
	}
	if list.Schema != erasedSchema {
		return list, fmt.Errorf("no list of 'archive erased --format json': its schema is %.40q, not %s", list.Schema, erasedSchema)
	}
	for i, x := range list.Erased {
		if why := strings.TrimSpace(x.Why); !strings.HasPrefix(x.Snapshot, "urn:uuid:") || len(x.Snapshot) > 60 || why == "" || len(why) > snapshots.MaxWhy {
			return list, fmt.Errorf("entry %d, of %.60q, lacks the ID of a capture, or a reason of at most %d bytes", i+1, x.Snapshot, snapshots.MaxWhy)
		}
	}
	return list, nil
}

// eraseListed erases what a list names, as far as it is in this archive.
func (t *tool) eraseListed(c *cli.Context) error {
	if c.NArg() > 0 || c.IsSet("why") || c.IsSet("terms") {
		return usage(errors.New("--listed names what to erase, and why, alone"), commandName(c))
	}
	f, err := os.Open(c.String("listed"))
	if err != nil {
		return unreadable(err, "'drittland archive erased --format json' writes such a list")
	}
	list, err := readErased(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return unreadable(fmt.Errorf("%s: %w", c.String("listed"), err), "'drittland archive erased --format json' writes such a list")
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	return s.write(func(a *archive.Archive) error { return t.eraseAgain(c.Context, s, a, list, c.Bool("all")) })
}

func (t *tool) eraseAgain(ctx context.Context, s *store, a *archive.Archive, list erasedList, all bool) error {
	if err := s.derive(ctx, a, nil); err != nil && !errors.Is(err, archive.ErrDamaged) {
		return err
	}
	n, before, absent := 0, 0, 0
	byReason := map[string][]string{} // what was erased at one time for one reason shared its content, perhaps
	for _, x := range list.Erased {
		_, gone, err := a.Erased(x.Snapshot)
		if err == nil && !gone {
			_, err = a.Snapshot(x.Snapshot)
		}
		switch {
		case errors.Is(err, archive.ErrNotFound):
			absent++
		case err != nil:
			return err
		case gone:
			before++
		default:
			key := x.At.UTC().Format(time.RFC3339Nano) + " " + strings.TrimSpace(x.Why)
			byReason[key] = append(byReason[key], x.Snapshot)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byReason)) {
		_, why, _ := strings.Cut(key, " ")
		for ids := range slices.Chunk(byReason[key], erasedAtOnce) {
			x, err := a.Erase(ids, t.env.Now(), why, all)
			if shared := (*archive.SharedError)(nil); errors.As(err, &shared) {
				return t.sharedContent(shared)
			}
			if err != nil {
				return err
			}
			n += len(x.Snapshots)
		}
	}
	if err := s.derive(ctx, a, nil); err != nil && !errors.Is(err, archive.ErrDamaged) {
		return err
	}
	_, err := fmt.Fprintln(t.env.Stdout, t.words.F("erased as listed: %s; erased already: %s; not in this archive: %s",
		t.words.N("%s capture", "%s captures", n), t.words.Number(before), t.words.Number(absent)))
	return err
}
