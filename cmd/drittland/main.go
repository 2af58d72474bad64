package main

// Where the program starts: its commands, and everything that they read or write outside their flags.

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // for machines and containers without a database of time zones

	"github.com/fatih/color"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots/archive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, environment{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now,
		Terminal: isTerminal(os.Stdout), ErrTerminal: isTerminal(os.Stderr), Width: width(os.Stdout)})
	stop()
	os.Exit(code)
}

// environment is everything that a command reads or writes outside its flags.
type environment struct {
	Stdin       io.Reader
	Stdout      io.Writer // data
	Stderr      io.Writer // messages and progress
	Getenv      func(string) string
	Now         func() time.Time
	Terminal    bool // Stdout is one
	ErrTerminal bool // Stderr is one
	Width       int  // columns of the terminal; 0 if it is none
	Loopback    bool // addresses of this machine may be fetched; for tests

	Step func(string) // is told by watch how far it is, for tests that end it there; nil for nobody

	Checkpoint func(*archive.Archive) ([]byte, error) // in the place of the ledger's, for tests; nil for that
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// width is the number of columns of a terminal, 0 if f is none.
func width(f *os.File) int {
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// run runs one command line and gives the exit code. The codes are listed in errors.go.
func run(ctx context.Context, args []string, env environment) int {
	color.NoColor = !env.Terminal || env.Getenv("NO_COLOR") != "" || env.Getenv("TERM") == "dumb"
	words, err := wordsFor(args[min(1, len(args)):], env)
	if err != nil {
		return explain(env.Stderr, err)
	}
	x := &servers{ctx: ctx}
	defer x.close()
	app := newApp(env, words, x)
	arranged, err := arrange(app, args)
	if err == nil {
		err = app.RunContext(ctx, arranged)
	}
	return explain(env.Stderr, err)
}

func newApp(env environment, words *locale.Words, x *servers) *cli.App {
	t := &tool{env: env, words: words, servers: x}
	app := &cli.App{
		Name:                      "drittland",
		Usage:                     "where privacy policies let EU personal data go, on what legal ground, and what changed",
		Description:               overview,
		Version:                   version(),
		Reader:                    env.Stdin,
		Writer:                    env.Stdout,
		ErrWriter:                 env.Stderr,
		EnableBashCompletion:      true,
		DisableSliceFlagSeparator: true,
		Suggest:                   true,
		ExitErrHandler:            func(*cli.Context, error) {}, // exit codes are ours, see explain
		OnUsageError:              usageError,
		Flags:                     []cli.Flag{archiveFlag(env), objectsFlag(env), ledgerKeyFlag(env), localeFlag(env), configFlag()},
		Commands: []*cli.Command{
			t.checkCommand(), t.extractCommand(), t.explainCommand(), t.diffCommand(), t.classifyCommand(),
			t.demoCommand(), t.trackCommand(), t.runCommand(), t.watchCommand(), t.workerCommand(), t.jobsCommand(), t.logCommand(), t.showCommand(), t.searchCommand(), t.timelineCommand(),
			t.variantsCommand(), t.statsCommand(), t.reviewCommand(), t.digestCommand(), t.feedCommand(), t.decideCommand(), t.decisionsCommand(), t.deriveCommand(), t.secondReadCommand(), t.importCommand(), t.evalCommand(),
			t.evidenceCommand(), t.rulesCommand(), t.lawCommand(), t.archiveCommand(), t.orgCommand(), t.serveCommand(), t.configCommand(), t.schemaCommand(), t.completionCommand(),
		},
	}
	localise(app, words)
	return app
}

// tool is what the commands share.
type tool struct {
	env   environment
	words *locale.Words // of reports and help
	told  func(string)  // takes messages in the place of standard error; nil for that

	servers *servers // nil if nobody closes them at the end
}

// today is the day on which the program runs.
func (t *tool) today() law.Date { return law.DateOf(t.env.Now()) }

// colour reports whether the data may be coloured.
func (t *tool) colour() bool {
	return t.env.Terminal && t.env.Getenv("NO_COLOR") == "" && t.env.Getenv("TERM") != "dumb"
}
