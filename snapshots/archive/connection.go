package archive

// This file connects a process with an archive on a server: once, for all that the process does with it.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// ErrBehind says that an earlier release has laid out the tables of an archive on a server. It is an ErrVersion as well.
var ErrBehind = fmt.Errorf("%w: its tables are those of an earlier release", ErrVersion)

// ErrElsewhere says that a store of objects was named that does not hold the capture files of the archive.
var ErrElsewhere = errors.New("the capture files of this archive are in another store of objects")

// A Connection is what the archives that a process opens on one server have in common. It was looked at once whether there is an archive that this
// release can use; opening it then costs next to nothing. It is safe for concurrent use.
type Connection struct{ s *shared }

// Connect connects with the archive at address, "postgres://…", of which opts say where its capture files are, and how to reach them. It is ErrNotArchive
// if there is none, with ErrUnfinished if somebody copies one there, ErrBehind if an earlier release has laid it out, or one of the errors of the packages pg and objects. When ctx ends, nobody
// waits any more for others who write; opts.Waiting is called when that takes long.
func Connect(ctx context.Context, address string, opts Options) (*Connection, error) {
	db, err := pg.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	db.Patience(ctx)
	if opts.Waiting != nil {
		db.Waiting(func(d time.Duration) {
			opts.Waiting(fmt.Sprintf("others are writing to the archive %s, waiting since %s", db, d))
		})
	}
	s, err := connect(ctx, db, opts)
	if err != nil {
		return nil, fmt.Errorf("open archive %s: %w", db, errors.Join(err, db.Close()))
	}
	return &Connection{s}, nil
}

// Open opens the archive. Closing it leaves the connection open.
func (c *Connection) Open(opts Options) (*Archive, error) {
	a, err := openOn(c.s, opts)
	if err != nil {
		return nil, fmt.Errorf("open archive %s: %w", c, err)
	}
	a.lent = true
	return a, nil
}

// String is where the archive is, without user and password.
func (c *Connection) String() string { return c.s.db.String() }

// Mark is another text each time that anything in the archive has changed.
func (c *Connection) Mark(ctx context.Context) (string, error) { return c.s.db.Mark(ctx) }

// DB is the database, for tables of others beside the archive.
func (c *Connection) DB() *pg.DB { return c.s.db }

// Objects is where the capture files are.
func (c *Connection) Objects() objects.Store { return c.s.objects }

// Close ends the connection. It waits for what is being done.
func (c *Connection) Close() error { return c.s.db.Close() }

// Shown is an address of an archive on a server without user and password, to be shown.
func Shown(address string) string { return pg.Shown(address) }

// Upgrade brings the tables of an archive on a server up to this release, and says in how many steps. If opts name a store of objects, all use that from now on: it
// must hold the capture files already.
func Upgrade(ctx context.Context, address string, opts Options) (steps int, err error) {
	db, err := pg.Open(ctx, address)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fail := func(err error) (int, error) { return 0, fmt.Errorf("upgrade archive %s: %w", db, err) }
	if _, err := db.State(ctx); err != nil {
		return fail(err)
	}
	applied, err := db.Migrate(ctx)
	if err != nil {
		return fail(err)
	}
	if _, err := createShared(ctx, db, opts); err != nil {
		return fail(err)
	}
	return len(applied), nil
}

func openShared(address string, opts Options) (*Archive, error) {
	c, err := Connect(context.Background(), address, opts)
	if err != nil {
		return nil, err
	}
	a, err := openOn(c.s, opts)
	if err != nil {
		return nil, fmt.Errorf("open archive %s: %w", c, errors.Join(err, c.Close()))
	}
	return a, nil
}

// connect looks whether there is an archive, and where its capture files are.
func connect(ctx context.Context, db *pg.DB, opts Options) (*shared, error) {
	behind, err := db.State(ctx)
	switch {
	case errors.Is(err, pg.ErrNoSchema):
		return nil, fmt.Errorf("%w: %w", ErrNotArchive, err)
	case err != nil:
		return nil, err
	case behind:
		return nil, ErrBehind
	}
	made, last := "", part{}
	err = db.View(func(tx kv.Tx) (err error) {
		meta := tx.Bucket(bucketMeta)
		switch {
		case meta.Get(keyCopying) != nil:
			return fmt.Errorf("%w: %w", ErrNotArchive, ErrUnfinished)
		case meta.Get(keyLayout) == nil:
			return fmt.Errorf("%w: %w", ErrNotArchive, pg.ErrNoSchema)
		}
		made = string(meta.Get(keyObjects))
		if k, v := tx.Bucket(bucketParts).Cursor().Last(); k != nil {
			last, err = decodePart(k, v)
		}
		return errors.Join(err, usable(tx))
	})
	if err != nil {
		return nil, err
	}
	store, err := objects.Open(ctx, cmp.Or(opts.Objects, made), opts.getenv())
	if err != nil {
		return nil, err
	}
	if opts.Objects != "" && opts.Objects != made {
		if err := holds(ctx, store, last); err != nil {
			return nil, fmt.Errorf("%w (made with %s)", err, made)
		}
	}
	return &shared{db: db, objects: store, near: newCache(16 << 20)}, nil
}

// holds refuses a store of objects that has not the last part of the capture files: to write there would tear the archive apart.
func holds(ctx context.Context, store objects.Store, last part) error {
	if last.name == "" {
		return nil
	}
	_, err := store.Size(ctx, last.name)
	if errors.Is(err, objects.ErrNotFound) {
		return fmt.Errorf("%s: %w", store, ErrElsewhere)
	}
	return err
}

// openOn opens the archive that others have looked at.
func openOn(s *shared, opts Options) (*Archive, error) {
	a := newShared(s, opts)
	if !opts.ReadOnly {
		if err := errors.Join(a.keyIsPrivate(), a.finishShared()); err != nil {
			return nil, err
		}
		a.ready = true
	}
	return a, nil
}
