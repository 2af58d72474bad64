package main

// What the commands share for their output: flags, forms, files, progress.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

func asOfFlag(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }

func langFlag() cli.Flag {
	return &cli.StringFlag{Name: "lang", Usage: "`LANGUAGE` of the text (two letters), if it is told wrongly"}
}

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text, json, md or html"}
}

func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE` rather than standard output"}
}

func rulesFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "rules", Usage: "`DIR` with further packs and lexicons, see rules/SYNTAX.md (may be repeated)"}
}

// dayFlag reads a flag that holds a day; the zero Date if it is not given.
func (t *tool) dayFlag(c *cli.Context, name string) (law.Date, error) {
	switch v := c.String(name); v {
	case "":
		return law.Date{}, nil
	case "today":
		return t.today(), nil
	default:
		d, err := law.ParseDate(v)
		if err != nil {
			return d, fmt.Errorf("--%s %s: expected a day as YYYY-MM-DD", name, v)
		}
		return d, nil
	}
}

// bothDays reads the flags for the days of the old text and of the new one.
func (t *tool) bothDays(c *cli.Context) (days [2]law.Date, err error) {
	for i, name := range []string{"as-of-old", "as-of"} {
		if days[i], err = t.dayFlag(c, name); err != nil {
			return days, usage(err, commandName(c))
		}
	}
	return days, nil
}

// head is the first line of a table, in the user's language. Every word is a message.
func (t *tool) head(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = t.words.T(w)
	}
	return strings.Join(out, "\t")
}

func knownFormat(f string, known ...string) error {
	for _, k := range known {
		if f == k {
			return nil
		}
	}
	return fmt.Errorf("--format %s: expected one of %v", f, known)
}

// writeReports writes reports in the asked form; as a list, where JSON is asked for, if there were several inputs.
// seconds are what a second reader said of each, if one was asked.
func (t *tool) writeReports(w io.Writer, c *cli.Context, rs []*analyze.Report, seconds []*report.Second, list bool) error {
	switch c.String("format") {
	case "json":
		read := report.WithSeconds(rs, seconds)
		if list {
			return report.JSON(w, read)
		}
		return report.JSON(w, read[0])
	case "md":
		return report.Markdown(w, rs, seconds...)
	case "html":
		return report.HTML(w, rs, seconds...)
	}
	return report.Text(w, rs, t.styleFor(c), seconds...)
}

// style is how text is written to standard output: coloured only for a terminal.
func (t *tool) style() report.Style { return report.Style{Width: t.env.Width, Colour: t.colour()} }

// styleFor is how a command writes text where --output leads.
func (t *tool) styleFor(c *cli.Context) report.Style {
	if !toStdout(c) {
		return report.Style{}
	}
	return t.style()
}

// notDOCX refuses to write a Word document to a terminal.
func (t *tool) notDOCX(c *cli.Context) error {
	if c.String("format") == "docx" && t.env.Terminal && toStdout(c) {
		return &coded{errors.New("a DOCX file is not for a terminal"), exitUsage, "--output FILE.docx writes it to a file"}
	}
	return nil
}

// toStdout reports whether the output of a command goes to standard output.
func toStdout(c *cli.Context) bool {
	name := c.String("output")
	return name == "" || name == "-"
}

// write gives the output of a command to standard output, or to the file that --output names. A file is
// written only when the output is complete.
func (t *tool) write(c *cli.Context, print func(io.Writer) error) error {
	if toStdout(c) {
		return print(t.env.Stdout)
	}
	var buf bytes.Buffer
	if err := print(&buf); err != nil {
		return err
	}
	return os.WriteFile(c.String("output"), buf.Bytes(), 0o644)
}

// progress is a bar on standard error for several steps, silent where nobody watches.
func (t *tool) progress(n int, what string) *progressbar.ProgressBar {
	w := io.Discard
	if t.env.ErrTerminal && n > 1 {
		w = t.env.Stderr
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24))
}
