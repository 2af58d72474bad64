package work

// This file keeps small files in the database, so that all workers have the same: the outbox and what was done.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Files are files in the database. Each change is one transaction: whole or not at all.
type Files struct{ pool *pgxpool.Pool }

// Files are those of the queue.
func (q *Queue) Files() *Files { return &Files{q.pool} }

// fileTime bounds one change.
const fileTime = 30 * time.Second

func (f *Files) do(what, name, sql string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	if _, err := f.pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s %s in the database: %w", what, name, err)
	}
	return nil
}

// Write writes a file, in the place of one of that name.
func (f *Files) Write(name string, data []byte) error {
	if data == nil {
		data = []byte{}
	}
	return f.do("write", name, "insert into work_files (name, data) values ($1, $2) on conflict (name) do update set data = excluded.data, changed = now()", name, data)
}

// Rename gives a file another name, in the place of one of that name.
func (f *Files) Rename(old, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from work_files where name = $1 and name <> $2", name, old); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, "update work_files set name = $2 where name = $1", old, name)
		if err == nil && tag.RowsAffected() == 0 {
			err = fs.ErrNotExist
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("rename %s in the database: %w", old, err)
	}
	return nil
}

// Remove removes a file. That there is none is no error.
func (f *Files) Remove(name string) error {
	return f.do("remove", name, "delete from work_files where name = $1", name)
}

// Sync does nothing: what is written is kept.
func (f *Files) Sync(string) error { return nil }

// Make does nothing: a name holds its folder.
func (f *Files) Make(string) error { return nil }

// Has reports whether there is a file, or one in a folder of that name.
func (f *Files) Has(name string) (there bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	err = f.pool.QueryRow(ctx, "select exists (select from work_files where name = $1 or starts_with(name, $1 || '/'))", name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for %s in the database: %w", name, err)
	}
	return there, nil
}

// Changed is when a file of a folder was written last, by the clock of the database; the zero time if there is none.
func (f *Files) Changed(dir string) (at time.Time, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	var last *time.Time
	if err = f.pool.QueryRow(ctx, "select max(changed) from work_files where starts_with(name, $1)", dir+"/").Scan(&last); err != nil {
		return at, fmt.Errorf("look at %s in the database: %w", dir, err)
	}
	if last != nil {
		at = *last
	}
	return at, nil
}

// Read reads a file, of which it gives not much more than most bytes; fs.ErrNotExist if there is none.
func (f *Files) Read(name string, most int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	var data []byte
	err := f.pool.QueryRow(ctx, "select substring(data for $2) from work_files where name = $1", name, most+1).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("read %s in the database: %w", name, err)
	}
	return bytes.Clone(data), nil
}

// Names are the files in a folder, without it; none if there is no such folder.
func (f *Files) Names(dir string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fileTime)
	defer cancel()
	rows, err := f.pool.Query(ctx, "select name from work_files where starts_with(name, $1) order by name", dir+"/")
	if err != nil {
		return nil, fmt.Errorf("list %s in the database: %w", dir, err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list %s in the database: %w", dir, err)
	}
	var out []string
	for _, n := range names {
		if path.Dir(n) == dir {
			out = append(out, path.Base(n))
		}
	}
	return out, nil
}

// Lock keeps other processes out, until unlock or the end of this one, that lock the same name; ok is false if one does not let go within wait.
func (f *Files) Lock(ctx context.Context, name string, wait time.Duration) (unlock func(), ok bool, err error) {
	c, err := f.pool.Acquire(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("lock %s in the database: %w", name, err)
	}
	for began := time.Now(); ; {
		err = c.QueryRow(ctx, "select pg_try_advisory_lock(hashtextextended(current_schema() || ':file:' || $1, 0))", name).Scan(&ok)
		if err != nil || ok {
			break
		}
		if time.Since(began) >= wait || rest(ctx, soonMost/3) != nil {
			c.Release()
			return nil, false, ctx.Err()
		}
	}
	if err != nil {
		_ = c.Conn().Close(context.WithoutCancel(ctx)) // it may have the lock
		c.Release()
		return nil, false, fmt.Errorf("lock %s in the database: %w", name, err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), giveTime)
		defer cancel()
		if _, err := c.Exec(ctx, "select pg_advisory_unlock_all()"); err != nil {
			_ = c.Conn().Close(ctx) // the lock goes with it
		}
		c.Release()
	}, true, nil
}
