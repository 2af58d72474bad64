package main

// second-read --queue: versions that are there already are put into the queue of the workers, to be read by the second reader.

import (
	"context"
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// secondQueue puts versions into the queue, or prints what reading them would take.
func (t *tool) secondQueue(c *cli.Context) error {
	if all := c.Bool("all"); all == (c.NArg() > 0) {
		return usage(errors.New("--queue takes names, such as Clipzy or Clipzy@3, or --all"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	if c.IsSet("output") || c.IsSet("format") && !c.Bool("llm-dry-run") {
		return usage(errors.New("--queue prints no report: --format goes with --llm-dry-run, and --output with neither"), commandName(c))
	}
	if err := onServer(c.String("archive")); err != nil {
		return err
	}
	o, err := t.newOpining(c)
	if err != nil {
		return err
	}
	list, err := o.named(c)
	if err != nil {
		return err
	}
	if o.reader.Dry {
		return o.planVersions(c, list)
	}
	return t.withQueue(c, func(ctx context.Context, q *work.Queue) error {
		fresh, read, err := o.putUnread(ctx, q, list)
		l := t.words
		t.say("%s", l.F("put into the queue: %s of %s; read before: %s, in the queue already: %s", l.Number(fresh), l.N("%s version", "%s versions", len(list)), l.Number(read), l.Number(len(list)-read-fresh)))
		return errors.Join(err, t.unserved(ctx, q))
	})
}

// named are the versions that the arguments mean: one with its number, or all of a service or of some terms, or all that there are.
func (o *opining) named(c *cli.Context) (list []toRead, err error) {
	var todo []snapshots.Terms
	err = o.store.look(func(a *archive.Archive) error {
		all, err := a.Terms()
		if err != nil {
			return err
		}
		if c.Bool("all") {
			todo = all
		}
		for _, arg := range c.Args().Slice() {
			if _, _, _, one := cutReference(arg); one {
				x, err := namedVersion(a, arg)
				if err != nil {
					return err
				}
				list = append(list, x)
				continue
			}
			some, err := termsNamed(a, all, arg)
			if err != nil {
				return err
			}
			todo = append(todo, some...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var some []toRead
	err = o.store.look(func(a *archive.Archive) error { some, err = versionsToRead(c.Context, a, todo); return err })
	seen := map[string]bool{}
	return slices.DeleteFunc(append(list, some...), func(x toRead) bool {
		key := x.terms.String() + "\n" + x.version.ID
		defer func() { seen[key] = true }()
		return seen[key]
	}), err
}

// termsNamed are the terms of a service, or those of one type.
func termsNamed(a *archive.Archive, all []snapshots.Terms, arg string) (out []snapshots.Terms, err error) {
	service, typ := cutTerms(arg)
	found, _, err := findTerms(a, service, typ)
	if err == nil && typ != "" {
		return []snapshots.Terms{found}, nil
	}
	for _, t := range all {
		if t.Service == found.Service || found.Service == "" && t.Service == service { // it may have several terms, and no one that is meant
			out = append(out, t)
		}
	}
	if len(out) > 0 {
		err = nil
	}
	return out, err
}

// putUnread puts the versions into the queue that are not read to the end. Of those, read are.
func (o *opining) putUnread(ctx context.Context, q *work.Queue, list []toRead) (fresh, read int, err error) {
	bar := o.progress(len(list), "planning")
	defer func() { _ = bar.Clear() }()
	var jobs []work.Args
	put := func() error {
		n, err := q.Put(ctx, jobs...)
		fresh, jobs = fresh+n, nil
		return err
	}
	o.reader.dead = &llm.Problem{Kind: llm.Unreachable} // nobody is asked: the answers that are there are looked at
	o.reader.say = func(string, ...any) {}
	for i := range list {
		done, err := o.isRead(ctx, &list[i])
		if err != nil {
			return fresh, read, err
		}
		_ = bar.Add(1)
		if done {
			read++
			continue
		}
		job := secondReadOf(list[i].version)
		job.Old = true
		if jobs = append(jobs, job); len(jobs) >= 500 {
			if err := put(); err != nil {
				return fresh, read, err
			}
		}
	}
	return fresh, read, put()
}

// isRead reports whether what the model says of a version is all in the archive. The reader must have been given up.
func (o *opining) isRead(ctx context.Context, x *toRead) (bool, error) {
	sub, rep, err := o.load(x)
	if err != nil {
		return false, err
	}
	o.cache.beside = nil // what is in the cache of the user is not
	o.said = nil
	second, err := o.reader.read(ctx, x.name(), sub.facts, rep)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil || second.Status != llm.Complete {
		return false, err
	}
	for i := range o.said {
		r, err := o.said[i].Record()
		if err != nil || !o.cache.has(x.version.Snapshot, []snapshots.Opinion{r}) {
			return false, err
		}
	}
	return true, nil
}
