package main

// Flags wherever they stand: the flag package stops at the first argument, so flags are moved before it.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// arrange moves the flags of every command before its arguments, and refuses flags and commands that do
// not exist. What stands after "--" are arguments, whatever they look like.
func arrange(app *cli.App, args []string) ([]string, error) {
	if len(args) == 0 || args[len(args)-1] == "--generate-bash-completion" {
		return args, nil
	}
	l := &line{app: app, out: args[:1:1], path: app.Name}
	flags, commands, rest := app.Flags, app.Commands, args[1:]
	for {
		next, after, err := l.level(flags, commands, rest)
		if err != nil || next == nil {
			return l.out, err
		}
		flags, commands, rest = next.Flags, next.Subcommands, l.hoist(next, after)
	}
}

// A line is a command line being put in order.
type line struct {
	app  *cli.App
	out  []string
	path string // the command until here
}

// level puts the words of one command in order, up to the name of a command below it. It gives that
// command and the words after it, or nil if this was the last.
func (l *line) level(flags []cli.Flag, commands []*cli.Command, rest []string) (*cli.Command, []string, error) {
	var names []string
	for i := 0; i < len(rest); i++ {
		a := rest[i]
		switch {
		case a == "--":
			l.out = append(append(append(l.out, "--"), names...), rest[i+1:]...)
			return nil, nil, nil
		case len(a) > 1 && a[0] == '-' && !(len(names) > 0 && isNumber(a[1:])):
			n, err := l.flagWords(flags, rest[i:])
			if err != nil {
				return nil, nil, err
			}
			l.out = append(l.out, rest[i:i+n]...)
			i += n - 1
		case len(commands) > 0 && (a == "help" || a == "h"):
			l.out = append(l.out, rest[i:]...)
			return nil, nil, nil
		case len(commands) > 0:
			next := findCommand(commands, a)
			if next == nil {
				return nil, nil, l.unknown(commands, a)
			}
			l.out, l.path = append(l.out, next.Name), l.path+" "+next.Name
			return next, rest[i+1:], nil
		default:
			names = append(names, a)
		}
	}
	l.out = append(l.out, names...)
	return nil, nil, nil
}

// isNumber tells "-1", which may be an argument, from a flag.
func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func (l *line) unknown(commands []*cli.Command, name string) error {
	var names []string
	for _, c := range commands {
		names = append(names, c.Names()...)
	}
	return usage(fmt.Errorf("%s has no command %q%s", l.path, name, config.DidYouMean(name, names)), l.path)
}

// hoist moves flags of the program itself, given after a command, to where the program reads them.
func (l *line) hoist(c *cli.Command, rest []string) []string {
	var kept []string
	for i := 0; i < len(rest); i++ {
		if rest[i] == "--" {
			return append(kept, rest[i:]...)
		}
		name, _, glued := strings.Cut(strings.TrimLeft(rest[i], "-"), "=")
		f := findFlag(l.app.Flags, name)
		if !strings.HasPrefix(rest[i], "-") || f == nil || isHelp(name) || declares(c, name) { // every command has its own help
			kept = append(kept, rest[i])
			continue
		}
		words := []string{rest[i]}
		if takesValue(f) && !glued && i+1 < len(rest) {
			i++
			words = append(words, rest[i])
		}
		l.out = append(l.out[:1:1], append(words, l.out[1:]...)...)
	}
	return kept
}

// declares reports whether a command, or one below it, has a flag of its own by that name.
func declares(c *cli.Command, name string) bool {
	return findFlag(c.Flags, name) != nil || slices.ContainsFunc(c.Subcommands, func(s *cli.Command) bool { return declares(s, name) })
}

// flagWords is the number of words that the flag at the start of rest takes: itself, and perhaps its value.
func (l *line) flagWords(flags []cli.Flag, rest []string) (int, error) {
	name, _, glued := strings.Cut(strings.TrimLeft(rest[0], "-"), "=")
	if isHelp(name) || l.path == l.app.Name && (name == "version" || name == "v") {
		return 1, nil
	}
	f := findFlag(flags, name)
	if f == nil {
		var names []string
		for _, f := range flags {
			names = append(names, "--"+f.Names()[0])
		}
		return 0, usage(fmt.Errorf("%s has no flag %s%s", l.path, strings.SplitN(rest[0], "=", 2)[0], config.DidYouMean("--"+name, names)), l.path)
	}
	if !takesValue(f) || glued {
		return 1, nil
	}
	if len(rest) < 2 {
		return 0, usage(fmt.Errorf("%s needs a value", rest[0]), l.path)
	}
	return 2, nil
}

func isHelp(name string) bool { return name == "help" || name == "h" }

func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

func findCommand(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}
