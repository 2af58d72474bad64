package main

// The command rules: what is looked for, and whether packs and lexicons of one's own are right.

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
)

func (t *tool) rulesCommand() *cli.Command {
	sub := func(name, args, usage, description string, action cli.ActionFunc, flags ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, ArgsUsage: args, Usage: usage, Description: description, Action: action,
			Flags: append(flags, rulesFlag()), OnUsageError: usageError}
	}
	form := &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}
	return &cli.Command{
		Name:  "rules",
		Usage: "show, check and test the rules",
		Description: `Rules are data: packs say what a rule means, lexicons how it is worded in each
language. rules/SYNTAX.md teaches how to write them.

   drittland rules explain T05
   drittland rules test --rules ./my-rules`,
		Subcommands: []*cli.Command{
			sub("list", " ", "list the checks", "   drittland rules list --format json | jq -r '.[].id'", t.rulesList, form),
			sub("explain", "ID", "say what a check asks, why, and how it is tested", "   drittland rules explain T05\n   drittland rules explain transfer/remote-access", t.rulesExplain),
			sub("check", " ", "check the files of packs and lexicons", "   drittland rules check --rules ./my-rules", t.rulesCheck),
			sub("test", "[ID ...]", "run the examples of the checks", "   drittland rules test T05\n   drittland rules test --rules ./my-rules", t.rulesTest),
			sub("languages", " ", "list the languages that are read, and how fully", "   drittland rules languages", t.rulesLanguages, form),
		},
		OnUsageError: usageError,
	}
}

// ruleSet loads the built-in rules and those in dirs, with all examples and languages.
func ruleSet(dirs []string) (*rules.Set, error) {
	trees := []fs.FS{rules.Files()}
	for _, d := range dirs {
		st, err := os.Stat(d)
		if err != nil || !st.IsDir() {
			return nil, &coded{fmt.Errorf("--rules %s: there is no such directory", d), exitUsage, "a directory with packs/*.yaml and lexicon/LANGUAGE/*.yaml"}
		}
		trees = append(trees, os.DirFS(d))
	}
	set, err := rules.Load(trees...)
	if err != nil {
		return nil, fmt.Errorf("rules in %s:\n%w", strings.Join(dirs, ", "), err)
	}
	return set, nil
}

// engine prepares the analysis with the built-in rules and those in dirs.
func (t *tool) engine(dirs []string) (*analyze.Engine, error) {
	load := rules.Builtin
	if len(dirs) > 0 {
		load = func() (*rules.Set, error) { return ruleSet(dirs) }
	}
	set, err := load()
	if err != nil {
		return nil, err
	}
	e, err := analyze.New(set)
	if err != nil {
		return nil, err
	}
	return e.In(t.words.Language()), nil
}

// ruleJSON is one check as rules list gives it.
type ruleJSON struct {
	ID       string   `json:"id"`
	Rule     string   `json:"rule"`
	Title    string   `json:"title"`
	Level    string   `json:"level"`
	Articles []string `json:"articles"`
	Versions bool     `json:"versions"` // compares two versions
}

func (t *tool) rulesList(c *cli.Context) error {
	set, err := ruleSet(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	list := []ruleJSON{}
	for _, r := range set.Checks {
		list = append(list, ruleJSON{r.ID, r.Rule, set.Text(&r, t.words.Language()).Title, string(r.Level), r.Articles, r.Versions})
	}
	return t.listing(c, list, func(w io.Writer) error {
		rows := [][]string{{"ID", "Level", "Rule", "Title", "Articles"}}
		for _, r := range list {
			rows = append(rows, []string{r.ID, r.Level, r.Rule, r.Title, report.Articles(r.Articles)})
		}
		return report.Table(w, t.styleFor(c), rows)
	})
}

// listing writes v as JSON, or text.
func (t *tool) listing(c *cli.Context, v any, text func(io.Writer) error) error {
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, v)
	}
	return text(t.env.Stdout)
}

func (t *tool) rulesExplain(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(fmt.Errorf("name one check, such as T05 or transfer/remote-access"), commandName(c))
	}
	set, err := ruleSet(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	if r, ok := set.CheckByID(c.Args().First()); ok {
		return report.Rule(t.env.Stdout, set, r, t.words, t.styleFor(c))
	}
	for i := range set.Items {
		if set.Items[i].ID == c.Args().First() {
			return report.Item(t.env.Stdout, set, &set.Items[i], t.words, t.styleFor(c))
		}
	}
	return &coded{fmt.Errorf("there is no check or item %q", c.Args().First()), exitUsage, "'drittland rules list' lists them"}
}

func (t *tool) rulesCheck(c *cli.Context) error {
	set, err := ruleSet(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	if _, err := analyze.New(set); err != nil {
		return err
	}
	fmt.Fprintf(t.env.Stdout, "ok: %d checks, %d items of the notice, %d concepts, %d languages\n", len(set.Checks), len(set.Items), len(set.Concepts), len(set.Languages()))
	return nil
}

func (t *tool) rulesTest(c *cli.Context) error {
	set, err := ruleSet(c.StringSlice("rules")) // with the examples
	if err != nil {
		return err
	}
	engine, err := analyze.New(set)
	if err != nil {
		return err
	}
	only := c.Args().Slice()
	for _, id := range only {
		if _, ok := engine.Rules().CheckByID(id); !ok {
			return &coded{fmt.Errorf("there is no check %q", id), exitUsage, "'drittland rules list' lists them"}
		}
	}
	run, failures := runExamples(engine, func(r *rules.Check) bool {
		return len(only) == 0 || slices.ContainsFunc(only, func(id string) bool { return strings.EqualFold(id, r.ID) || id == r.Rule })
	})
	for _, f := range failures {
		fmt.Fprintln(t.env.Stdout, report.Printable(f))
	}
	if len(failures) > 0 {
		return fmt.Errorf("%d of %d examples failed", len(failures), run)
	}
	fmt.Fprintf(t.env.Stdout, "ok: %d examples\n", run)
	return nil
}

// languageJSON is one language as rules languages gives it.
type languageJSON struct {
	Language string `json:"language"`
	Name     string `json:"name"`
	Concepts int    `json:"concepts"` // with words in it
	All      int    `json:"all"`
	Proven   int    `json:"checks_proven"` // with examples of both kinds in it
	Checks   int    `json:"checks"`
}

func (t *tool) rulesLanguages(c *cli.Context) error {
	set, err := ruleSet(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	list := []languageJSON{}
	for _, l := range set.Languages() {
		have, all := set.Coverage(l)
		proven, checks := set.Proven(l)
		list = append(list, languageJSON{l, report.Language(l), have, all, proven, checks})
	}
	return t.listing(c, list, func(w io.Writer) error {
		rows := [][]string{{"Language", "", "Concepts with words", "Checks with examples"}}
		for _, l := range list {
			rows = append(rows, []string{l.Language, l.Name, fmt.Sprintf("%d of %d", l.Concepts, l.All), fmt.Sprintf("%d of %d", l.Proven, l.Checks)})
		}
		return report.Table(w, t.styleFor(c), rows)
	})
}
