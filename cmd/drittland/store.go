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
	"strconv"
	"sync"
	"time"

	"github.com/fatih/color"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots/archive"
)

// archiveFlag is the flag of the program that names the archive.
func archiveFlag(env environment) cli.Flag {
	return &cli.StringFlag{Name: "archive", Value: defaultArchive(env), DefaultText: strconv.Quote(archiveName(defaultArchive(env))),
		Usage: "`DIR` of the archive, or postgres://HOST/DATABASE; DRITTLAND_ARCHIVE in the environment sets another default"}
}

// objectsFlag is the flag of the program that names the store of objects of an archive on a server.
func objectsFlag(env environment) cli.Flag {
	return &cli.StringFlag{Name: "objects", Value: env.Getenv("DRITTLAND_OBJECTS"),
		Usage: "`ADDRESS` of the capture files of an archive on a server: s3://BUCKET/PREFIX, or file:///DIR that all machines share; needed once, to make it"}
}

// archiveName is the folder or the address of an archive, to be shown.
func archiveName(address string) string {
	if archive.OnServer(address) {
		return archive.Shown(address)
	}
	return address
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
// have it in between. The connections with one on a server stay until the program ends.
type store struct {
	*tool
	dir  string           // or the address of one on a server, perhaps with a password; name is for people
	objs string           // address of its store of objects; "" for the one that it was made with
	key  string           // file of the key that signs the ledger; "" for its own
	hold int              // bytes of texts that the archive keeps at hand; 0 for its default
	held *archive.Archive // one on a server that stays open, for workers; nil for none
	asIs bool             // nothing is read in passing: what is pending stays so
	mu   sync.RWMutex     // the lock of the archive does not tell two openings of one process apart; reading goes side by side
}

func (t *tool) store(c *cli.Context) *store {
	s := &store{tool: t, dir: c.String("archive"), objs: c.String("objects"), key: c.String("ledger-key")}
	if !archive.OnServer(s.dir) && !c.IsSet("objects") {
		s.objs = "" // the environment names it for another archive
	}
	return s
}

// storeOf is the archive that the settings name.
func (t *tool) storeOf(c *cli.Context, s *config.Settings) *store {
	x := &store{tool: t, dir: s.Archive, objs: s.Objects, key: c.String("ledger-key")}
	if !archive.OnServer(x.dir) {
		x.objs = ""
	}
	return x
}

// name is where the archive is, without a password.
func (s *store) name() string { return archiveName(s.dir) }

func (s *store) options(readOnly bool) archive.Options {
	say := func(message string) { s.say("%s", message) }
	return archive.Options{ReadOnly: readOnly, Waiting: say, Said: say, LedgerKey: s.key, AtHand: s.hold, Objects: s.objs, Getenv: s.env.Getenv,
		Beside: teams.Beside{}}
}

// atOnce are the options for what is not worth waiting for.
func (s *store) atOnce() archive.Options {
	return archive.Options{Timeout: -1, LedgerKey: s.key, Objects: s.objs, Getenv: s.env.Getenv}
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
	if s.held != nil {
		return f(s.held)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.placed(); err != nil {
		return err
	}
	if s.missing() {
		if err := s.make(); err != nil {
			return err
		}
	}
	return s.use(false, f)
}

// read opens the archive for reading and gives it to f. What was captured or imported and is not read yet is read first.
func (s *store) read(ctx context.Context, f func(*archive.Archive) error) error {
	if s.held != nil { // what is pending has jobs of its own
		return f(s.held)
	}
	if s.asIs {
		return s.look(f)
	}
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
	if behind && !s.worked(ctx) {
		err := s.write(func(a *archive.Archive) error { return s.derive(ctx, a, nil) })
		if errors.Is(err, archive.ErrLocked) || errors.Is(err, fs.ErrPermission) || errors.Is(err, archive.ErrDamaged) {
			s.say("not all that was recorded could be read: %s", err)
		} else if err != nil {
			return err
		}
	}
	return s.look(f)
}

// worked reports whether workers read what was captured, which some of them may still be capturing.
func (s *store) worked(ctx context.Context) bool {
	if !archive.OnServer(s.dir) {
		return false
	}
	lives, err := work.Lives(ctx, s.dir)
	return err == nil && lives
}

// look opens the archive for reading as it is and gives it to f.
func (s *store) look(f func(*archive.Archive) error) error {
	if s.held != nil {
		return f(s.held)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.there(); err != nil {
		return err
	}
	return s.use(true, f)
}

func (s *store) use(readOnly bool, f func(*archive.Archive) error) error {
	return s.useWith(s.options(readOnly), f)
}

func (s *store) useWith(o archive.Options, f func(*archive.Archive) error) error {
	open := func() (*archive.Archive, error) { return archive.Open(s.dir, o) }
	if archive.OnServer(s.dir) {
		c, done, err := s.connect(o)
		if err != nil {
			return err
		}
		defer done()
		open = func() (*archive.Archive, error) { return c.Open(o) }
	}
	a, err := open()
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// moment is another text each time that the archive has changed.
func (s *store) moment() (string, error) {
	if archive.OnServer(s.dir) {
		c, done, err := s.connect(s.options(true))
		if err != nil {
			return "", err
		}
		defer done()
		return c.Mark(context.Background())
	}
	info, err := os.Stat(filepath.Join(s.dir, "index.db"))
	if err != nil {
		return "", err
	}
	return info.ModTime().Format(time.RFC3339Nano), nil
}

// placed says what to do where no directory for the archive is known.
func (s *store) placed() error {
	switch {
	case s.dir == "":
		return &coded{errors.New("there is no place for an archive: the environment names no home directory"), exitUsage, "give --archive DIR"}
	case s.objs != "" && !archive.OnServer(s.dir):
		return &coded{fmt.Errorf("a store of objects goes with an archive on a server, and %s is a directory", s.name()), exitUsage,
			"give --archive postgres://HOST/DATABASE, or leave out --objects"}
	}
	return nil
}

// missing reports whether there is no archive yet, and nothing that stands in its place.
func (s *store) missing() bool {
	if archive.OnServer(s.dir) {
		_, done, err := s.connect(s.options(true))
		if err == nil {
			done()
		}
		return errors.Is(err, archive.ErrNotArchive) && !errors.Is(err, archive.ErrUnfinished)
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
		return &coded{fmt.Errorf("there is no archive in %s yet", s.name()), exitFailed,
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
