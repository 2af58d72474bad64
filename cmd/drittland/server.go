package main

// An archive on a server: how commands connect with it, make it and bring its tables up to date.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// servers are the connections of a program with archives on servers: each is made when it is first needed, and kept.
type servers struct {
	ctx  context.Context // ends waiting for others
	mu   sync.Mutex
	list []connected
}

type connected struct {
	dir, objs string
	*archive.Connection
}

// connect gives the connection with the archive of a store, and what to call when it was used.
func (s *store) connect(o archive.Options) (c *archive.Connection, done func(), err error) {
	if s.servers == nil { // nobody closes it at the end
		c, err := archive.Connect(context.Background(), s.dir, o)
		return c, func() { _ = c.Close() }, err
	}
	s.servers.mu.Lock()
	defer s.servers.mu.Unlock()
	i := slices.IndexFunc(s.servers.list, func(x connected) bool { return x.dir == s.dir && x.objs == s.objs })
	if i < 0 {
		if c, err = archive.Connect(s.servers.ctx, s.dir, o); err != nil {
			return nil, nil, err
		}
		i, s.servers.list = len(s.servers.list), append(s.servers.list, connected{s.dir, s.objs, c})
	}
	return s.servers.list[i].Connection, func() {}, nil
}

// close ends all connections. It does not wait long for what is still being done.
func (x *servers) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	var closing sync.WaitGroup
	for _, c := range x.list {
		closing.Go(func() { _ = c.Close() })
	}
	x.list = nil
	done := make(chan struct{})
	go func() {
		closing.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// make makes the archive where there is none.
func (s *store) make() error {
	if !archive.OnServer(s.dir) {
		if err := archive.Create(s.dir); err != nil {
			return err
		}
		s.say("new archive in %s", s.dir)
		return nil
	}
	if s.objs == "" {
		return &coded{fmt.Errorf("there is no archive in %s yet, and to make one takes a store for its capture files", s.name()), exitUsage,
			"name it once with --objects s3://BUCKET/PREFIX, or --objects file:///DIR for a directory that all machines share (or DRITTLAND_OBJECTS)"}
	}
	made, err := archive.CreateShared(context.Background(), s.dir, s.options(false))
	if err == nil && made {
		s.say("new archive in %s, its capture files in %s", s.name(), s.objs)
	}
	return err
}

func (t *tool) upgradeCommand() *cli.Command {
	return &cli.Command{Name: "upgrade", Usage: "bring the tables of an archive on a server up to this release", ArgsUsage: " ", OnUsageError: usageError, Action: t.archiveUpgrade,
		Description: `Each release knows the tables of those before it, and brings them up to its own in one
step. Older releases cannot use the archive afterwards: end them first, make a backup,
then have all machines run this release. With --objects, the address of the capture
files is changed as well, for an archive whose files were moved.

   drittland archive upgrade
   drittland archive upgrade --objects s3://new-bucket/drittland`}
}

func (t *tool) archiveUpgrade(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s := t.store(c)
	if err := s.placed(); err != nil {
		return err
	}
	if !archive.OnServer(s.dir) {
		t.say("an archive in a directory needs no upgrade: this release reads it as it is, or 'drittland archive rebuild' makes its index anew")
		return nil
	}
	if s.missing() {
		return s.there()
	}
	steps, err := archive.Upgrade(c.Context, s.dir, s.options(false))
	if err != nil {
		return err
	}
	if s.objs != "" {
		t.say("%s: its capture files are in %s", s.name(), s.objs)
	}
	if steps == 0 {
		t.say("%s: its tables are those of this release already", s.name())
		return nil
	}
	t.say("%s: its tables are those of this release now (%s)", s.name(), amount(steps, "step", "steps"))
	return nil
}

// serverTrouble is the exit code and the hint for an error of an archive on a server; ok is false for others.
func serverTrouble(err error) (code int, hint string, ok bool) {
	for _, x := range []struct {
		is   error
		code int
		hint string
	}{
		{pg.ErrUnreachable, exitAway, "is the server up, and is it reached from here? 'psql ADDRESS' tells; what was recorded is kept, and it may be tried again"},
		{objects.ErrUnreachable, exitAway, "is the store up, and is it reached from here? AWS_ENDPOINT_URL_S3 names a server other than Amazon's; what was recorded is kept, and it may be tried again"},
		{pg.ErrFull, exitAway, "make room on the machine of the database, then run it again; what was recorded is kept"},
		{pg.ErrBusy, exitBusy, "its index may be made anew, or an archive be copied there: try again when that has ended"},
		{pg.ErrDenied, exitFailed, "the user and the password: in PGUSER and PGPASSWORD, or in a file (PGPASSFILE, ~/.pgpass), or a service (PGSERVICE); to make or upgrade an archive, a user may create schemas, to use it, read and write its tables"},
		{pg.ErrNoDatabase, exitFailed, "make it first: createdb NAME"},
		{pg.ErrNewer, exitFailed, "install the release that the other machines run"},
		{pg.ErrAddress, exitUsage, "write postgres://USER@HOST:PORT/DATABASE; ?search_path=NAME for a schema other than drittland"},
		{objects.ErrAddress, exitUsage, "write s3://BUCKET/PREFIX, or file:///DIR for a directory that all machines share"},
		{objects.ErrCredentials, exitFailed, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL_S3 for a server other than Amazon's"},
		{objects.ErrDenied, exitFailed, "does this key belong to the store, and may it read, write, list and delete below that prefix?"},
		{objects.ErrNoStore, exitFailed, "make the bucket, or the directory, first; if machines share it, is it mounted here?"},
		{archive.ErrBehind, exitFailed, "run 'drittland archive upgrade', once, when all machines run this release"},
		{archive.ErrUnfinished, exitFailed, "the same 'drittland archive migrate' again goes on where it was broken off"},
		{archive.ErrElsewhere, exitUsage, "leave --objects (DRITTLAND_OBJECTS) out: the archive knows where they are. If they were moved, copy all of them first; 'drittland archive upgrade --objects ADDRESS' then changes it for everybody"},
		{teams.ErrBehind, exitFailed, "run 'drittland archive upgrade', once, when all machines run this release"},
		{teams.ErrRole, exitFailed, "a superuser of the database makes it: CREATE ROLE drittland_org NOLOGIN; GRANT drittland_org TO the user that drittland logs in as"},
		{teams.ErrNoOrg, exitFailed, "'drittland org list' shows those that there are, 'drittland org add NAME' makes one"},
		{archive.ErrNoObjects, exitUsage, "name it with --objects s3://BUCKET/PREFIX, or --objects file:///DIR"},
	} {
		if errors.Is(err, x.is) {
			return x.code, x.hint, true
		}
	}
	return 0, "", false
}
