package main

// The user's language: the flag that names it, and help in it. Commands say everything in English; where another
// language is asked for, what they say is looked up in package locale.

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
)

const localeName = "locale"

func localeFlag(env environment) cli.Flag {
	return &cli.StringFlag{Name: localeName, Value: defaultLocale(env),
		Usage: "`LANGUAGE` of reports and help: " + strings.Join(locale.Languages(), ", ") + "; DRITTLAND_LOCALE in the environment sets another default"}
}

func defaultLocale(env environment) string {
	if l := env.Getenv("DRITTLAND_LOCALE"); l != "" {
		return l
	}
	return "en"
}

// wordsFor finds the language that a command line asks for, before its commands are known: their help is in it.
func wordsFor(args []string, env environment) (*locale.Words, error) {
	lang := defaultLocale(env)
	for i, a := range args {
		if a == "--" {
			break
		}
		name, value, glued := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if name != localeName || !strings.HasPrefix(a, "-") {
			continue
		}
		if !glued && i+1 < len(args) {
			value = args[i+1]
		}
		lang = value
	}
	if !slices.Contains(locale.Languages(), lang) {
		return locale.For("en"), usage(fmt.Errorf("--%s %s: expected one of %v", localeName, lang, locale.Languages()), "drittland")
	}
	return locale.For(lang), nil
}

// localise puts the help of the program into another language.
func localise(app *cli.App, w *locale.Words) {
	app.Setup() // adds the flags and the command for help
	if w.Language() == "en" {
		return
	}
	app.Usage, app.Description = w.T(app.Usage), w.T(app.Description)
	app.CustomAppHelpTemplate = headed(cli.AppHelpTemplate, w)
	localiseFlags(app.Flags, w)
	localiseCommands(app.Commands, app.Name, w)
	plain := cli.FlagStringer
	cli.FlagStringer = func(f cli.Flag) string { return strings.Replace(plain(f), "(default: ", "("+w.T("default:")+" ", 1) }
}

// helpHeadings are the words of the library's own templates.
var helpHeadings = []string{"NAME:", "USAGE:", "VERSION:", "DESCRIPTION:", "GLOBAL OPTIONS:", "COMMANDS:", "OPTIONS:", "[global options]", "command [command options]"}

func headed(template string, w *locale.Words) string {
	pairs := make([]string, 0, 2*len(helpHeadings))
	for _, h := range helpHeadings {
		pairs = append(pairs, h, w.T(h))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

func localiseCommands(list []*cli.Command, path string, w *locale.Words) {
	for _, c := range list {
		path := path + " " + c.Name
		c.Usage, c.Description = w.T(c.Usage), w.T(c.Description)
		c.UsageText = strings.TrimSpace(path + " [" + w.T("options") + "] " + c.ArgsUsage)
		c.CustomHelpTemplate = headed(cli.CommandHelpTemplate, w)
		if len(c.Subcommands) > 0 {
			c.UsageText = path + " " + w.T("command [command options]")
			c.CustomHelpTemplate = headed(cli.SubcommandHelpTemplate, w)
		}
		localiseFlags(c.Flags, w)
		localiseCommands(c.Subcommands, path, w)
	}
}

func localiseFlags(list []cli.Flag, w *locale.Words) {
	for _, f := range list {
		usage := reflect.ValueOf(f).Elem().FieldByName("Usage") // every kind of flag has one
		usage.SetString(w.T(usage.String()))
		category := reflect.ValueOf(f).Elem().FieldByName("Category")
		category.SetString(w.T(category.String()))
	}
}
