package main

// Where the archive is, and how commands open it: briefly, and with a message where they have to wait.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/fatih/color"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
)

// archiveFlag is the flag of the program that names the archive.
func archiveFlag(env environment) cli.Flag {
	return &cli.StringFlag{Name: "archive", Value: defaultArchive(env),
		Usage: "`DIR` of the archive; DRITTLAND_ARCHIVE in the environment sets another default"}
}

// defaultArchive is where the archive is unless a flag says otherwise; "" if no place for it is known.
func defaultArchive(env environment) string {
	if dir := env.Getenv("DRITTLAND_ARCHIVE"); dir != "" {
		return dir
	}
	return userDir(env, "XDG_DATA_HOME", "LocalAppData", ".local/share", "drittland/archive")
}

// userDir is name in a directory of the user: that of a variable, else below in the home directory or, on Windows, that of another
// variable. It is "" if no place for it is known.
func userDir(env environment, variable, windows, below, name string) string {
	dir := env.Getenv(variable)
	if !filepath.IsAbs(dir) {
		dir = ""
		if home := env.Getenv("HOME"); home != "" {
			dir = filepath.Join(home, filepath.FromSlash(below))
		} else if local := env.Getenv(windows); runtime.GOOS == "windows" && local != "" {
			dir = local
		}
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// A store is the archive of a command. It is opened for each use and closed again, so that other commands can
// have it in between.
type store struct {
	*tool
	dir  string
	key  string       // file of the key that signs the ledger; "" for its own
	hold int          // bytes of texts that the archive keeps at hand; 0 for its default
	mu   sync.RWMutex // the lock of the archive does not tell two openings of one process apart; reading goes side by side
}

func (t *tool) store(c *cli.Context) *store {
	return &store{tool: t, dir: c.String("archive"), key: c.String("ledger-key")}
}

func (s *store) options(readOnly bool) archive.Options {
	say := func(message string) { s.say("%s", message) }
	return archive.Options{ReadOnly: readOnly, Waiting: say, Said: say, LedgerKey: s.key, AtHand: s.hold}
}

// say tells the user something on standard error.
func (t *tool) say(format string, args ...any) {
	if t.told != nil {
		t.told(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintln(t.env.Stderr, "drittland: "+report.Printable(fmt.Sprintf(format, args...)))
}

// write opens the archive for writing, which makes it if there is none, and gives it to f.
func (s *store) write(f func(*archive.Archive) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.placed(); err != nil {
		return err
	}
	if s.missing() {
		if err := archive.Create(s.dir); err != nil {
			return err
		}
		s.say("new archive in %s", s.dir)
	}
	return s.use(false, f)
}

// read opens the archive for reading and gives it to f. What was captured or imported and is not read yet is read first.
func (s *store) read(ctx context.Context, f func(*archive.Archive) error) error {
	behind := false
	err := s.look(func(a *archive.Archive) error {
		for _, err := range a.Pending() {
			behind = true
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if behind {
		err := s.write(func(a *archive.Archive) error { return s.derive(ctx, a, nil) })
		if errors.Is(err, archive.ErrLocked) || errors.Is(err, fs.ErrPermission) || errors.Is(err, archive.ErrDamaged) {
			s.say("not all that was recorded could be read: %s", err)
		} else if err != nil {
			return err
		}
	}
	return s.look(f)
}

// look opens the archive for reading as it is and gives it to f.
func (s *store) look(f func(*archive.Archive) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.there(); err != nil {
		return err
	}
	return s.use(true, f)
}

func (s *store) use(readOnly bool, f func(*archive.Archive) error) error {
	a, err := archive.Open(s.dir, s.options(readOnly))
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// placed says what to do where no directory for the archive is known.
func (s *store) placed() error {
	if s.dir == "" {
		return &coded{errors.New("there is no place for an archive: the environment names no home directory"), exitUsage, "give --archive DIR"}
	}
	return nil
}

// missing reports whether there is no archive yet, and nothing that stands in its place.
func (s *store) missing() bool {
	if archive.OnServer(s.dir) {
		return false
	}
	entries, err := os.ReadDir(s.dir)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// there says how to begin where there is no archive.
func (s *store) there() error {
	if err := s.placed(); err != nil {
		return err
	}
	if s.missing() {
		return &coded{fmt.Errorf("there is no archive in %s yet", s.dir), exitFailed,
			"begin with 'drittland track add NAME URL' or 'drittland import ota REPO'; 'drittland demo' shows how it works"}
	}
	return nil
}

// strong is s in bold, where colours are on.
func (t *tool) strong(s string) string {
	if !t.colour() {
		return s
	}
	return color.New(color.Bold).Sprint(s)
}
