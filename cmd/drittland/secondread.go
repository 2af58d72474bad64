package main

// The command second-read, and derive --llm: a model reads versions in the archive, and what it says is recorded.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) secondReadCommand() *cli.Command {
	return &cli.Command{
		Name:      "second-read",
		Usage:     "let a model read a version in the archive, too, and record what it says beside the findings",
		ArgsUsage: "SERVICE[/TERMS][@VERSION] ...",
		Description: `Sends passages of a version and its findings to an OpenAI-compatible endpoint, and
prints the report of the rules with the opinions of the model beside it. VERSION is
what 'drittland show' takes; without it, it is the last one. What the model says is
recorded in the archive: with the model, the endpoint, the hash of the prompt and the
raw answer. So a second run asks nothing and prints the same; 'drittland show' and the
review desk show the opinions, 'drittland evidence export --opinions' hands them on,
and who erases a capture erases the opinions on it.

An opinion changes no finding: it adds what the rules may have missed, or doubts what
they found, and a person decides. The exit code is 1 if the endpoint gave no answer
at all. 'drittland derive --llm' reads all versions that were not read yet.

   drittland second-read Clipzy --llm-url http://localhost:11434/v1 --llm-model NAME
   drittland second-read "Clipzy/Privacy Policy@3" --llm-dry-run
   drittland second-read Clipzy@-1 --llm-budget 50000 --format json

With --queue, and an archive on a server, versions go into the queue of the workers,
which read them within the budget of each day, after what is new: see 'drittland worker
--help'. A name without a version stands for all versions of its texts then, the newest
of each text first. What is read to the end, or in the queue, is left out.

   drittland second-read --queue Clipzy --llm-dry-run
   drittland second-read --queue --all`,
		Flags: append([]cli.Flag{formatFlag(), outputFlag(),
			&cli.BoolFlag{Name: "queue", Usage: "put versions into the queue of the workers, in the place of reading them now"},
			&cli.BoolFlag{Name: "all", Usage: "with --queue: all versions of all texts"}}, llmFlags()...),
		OnUsageError: usageError,
		Action:       t.secondRead,
	}
}

// An opining is one run of a second reader over versions in the archive.
type opining struct {
	*tool
	store  *store
	engine *analyze.Engine
	reader *secondReader
	terms  snapshots.Terms             // of the cache
	cache  *recordedAnswers            // what the archive holds on them
	beside llm.Cache                   // what the user's cache holds
	said   []llm.Opinion               // on the version at hand
	keep   func(llm.Key, []byte) error // has answers kept elsewhere until they are recorded; nil for nowhere
}

func (t *tool) newOpining(c *cli.Context) (*opining, error) {
	o := &opining{tool: t, store: t.store(c)}
	var err error
	if o.engine, err = t.engine(nil); err == nil {
		o.reader, err = t.askedReader(c, o.engine.Rules())
	}
	if err != nil {
		return nil, err
	}
	o.beside = o.reader.Cache
	o.reader.took = func(list []llm.Opinion) { o.said = append(o.said, list...) }
	return o, nil
}

// A toRead is a version that is to be read.
type toRead struct {
	terms   snapshots.Terms
	number  int
	version snapshots.Version
}

// name is how a person calls it, such as "Clipzy · Privacy Policy, version 3 of 2026-11-22".
func (x *toRead) name() string {
	name := x.terms.String()
	if x.version.Variant != "" {
		name += " · " + x.version.Variant
	}
	return fmt.Sprintf("%s, version %d of %s", name, x.number, law.DateOf(x.version.Date))
}

func (t *tool) secondRead(c *cli.Context) error {
	if c.Bool("queue") {
		return t.secondQueue(c)
	}
	if c.Bool("all") {
		return usage(errors.New("--all goes with --queue; 'drittland derive --llm' reads all versions from here"), commandName(c))
	}
	if c.NArg() == 0 {
		return usage(errors.New("name a version, such as Clipzy or Clipzy@3"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json", "md", "html"); err != nil {
		return usage(err, commandName(c))
	}
	o, err := t.newOpining(c)
	if err != nil {
		return err
	}
	var todo []toRead
	err = o.store.read(c.Context, func(a *archive.Archive) error {
		for _, arg := range c.Args().Slice() {
			x, err := namedVersion(a, arg)
			if err != nil {
				return err
			}
			todo = append(todo, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	list := len(todo) > 1
	if o.reader.Dry {
		return o.showPlans(c, todo)
	}
	var reports []*analyze.Report
	var seconds []*report.Second
	for i := range todo {
		r, s, _, err := o.version(c.Context, &todo[i])
		if err != nil {
			return err
		}
		reports, seconds = append(reports, r), append(seconds, s)
	}
	if err := t.write(c, func(w io.Writer) error { return t.writeReports(w, c, reports, seconds, list) }); err != nil {
		return err
	}
	return unanswered(seconds)
}

// unanswered is an error if a reading came to nothing.
func unanswered(list []*report.Second) error {
	for _, s := range list {
		if s.Status == llm.Failed && s.Counts.Asked+s.Counts.Cached == 0 {
			return &coded{errors.New("the second reader gave no answer"), exitFailed, "the findings of the rules stand; what was answered before is in the archive"}
		}
	}
	return nil
}

// cutTerms splits "Clipzy/Privacy Policy".
func cutTerms(arg string) (service, typ string) {
	service, typ, _ = strings.Cut(arg, "/")
	return service, typ
}

// namedVersion finds what "Clipzy", "Clipzy@3" or "Clipzy/Privacy Policy@3" means.
func namedVersion(a *archive.Archive, arg string) (x toRead, err error) {
	service, typ, spec, ok := cutReference(arg)
	if !ok {
		service, typ = cutTerms(arg)
	}
	if x.terms, _, err = findTerms(a, service, typ); err != nil {
		return x, err
	}
	h, err := readHistory(a, x.terms)
	if err != nil {
		return x, err
	}
	h, i, err := h.find(spec)
	if err != nil {
		return x, err
	}
	x.number, x.version = i+1, h.Versions[i]
	return x, nil
}

// load reads a version, its findings, and what was answered on its terms before.
func (o *opining) load(x *toRead) (sub subject, rep *analyze.Report, err error) {
	err = o.store.look(func(a *archive.Archive) (err error) {
		if o.cache == nil || o.terms != x.terms {
			o.terms = x.terms
			if o.cache, err = answersOn(a, x.terms, o.reader.Model); err != nil {
				return err
			}
			o.cache.beside, o.cache.keep = o.beside, o.keep
		}
		sub, err = newSubject(a, o.engine, x.version)
		return err
	})
	if err != nil {
		return sub, nil, err
	}
	o.reader.Cache = o.cache
	rep = o.engine.Report(sub.facts, analyze.Dates{AsOf: sub.day, Today: o.today()})
	rep.Document.Name = x.name()
	return sub, rep, nil
}

// version has a version read, and records what was said. The archive is open before and after, and not meanwhile. It gives how many opinions
// were not recorded before.
func (o *opining) version(ctx context.Context, x *toRead) (*analyze.Report, *report.Second, int, error) {
	sub, rep, err := o.load(x)
	if err != nil {
		return nil, nil, 0, err
	}
	o.said = nil
	second, err := o.reader.read(ctx, x.name(), sub.facts, rep)
	if err != nil {
		return nil, nil, 0, err
	}
	n, err := o.record(x)
	if err == nil {
		err = ctx.Err()
	}
	return rep, second, n, err
}

// record records what was said of a version. What the archive refuses, such as opinions on a text that was erased meanwhile, is told of.
func (o *opining) record(x *toRead) (int, error) {
	var list []snapshots.Opinion
	for i := range o.said {
		r, err := o.said[i].Record()
		if err == nil {
			err = r.Validate()
		}
		if err != nil { // the others were paid for, too
			o.say("%s: an opinion is not recorded: %v", x.name(), err)
			continue
		}
		list = append(list, r)
	}
	if o.cache.has(x.version.Snapshot, list) {
		return 0, nil
	}
	added := 0
	for part := range slices.Chunk(list, snapshots.MaxOpinions) {
		err := o.store.write(func(a *archive.Archive) error {
			n, err := a.PutOpinions(x.version, part)
			added += n
			return err
		})
		if errors.Is(err, archive.ErrErased) {
			o.say("%s: what was said of it is not recorded: %v", x.name(), err)
			return added, nil
		}
		if err != nil {
			return added, err
		}
	}
	return added, nil
}

// showPlans prints what would be sent.
func (o *opining) showPlans(c *cli.Context, todo []toRead) error {
	var plans []*secondPlan
	for i := range todo {
		sub, rep, err := o.load(&todo[i])
		if err != nil {
			return err
		}
		p, err := o.reader.plan(todo[i].name(), sub.facts, rep)
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	return o.write(c, func(w io.Writer) error { return o.writePlans(w, c, plans) })
}
