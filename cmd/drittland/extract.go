package main

// The command extract: the canonical text of a page or file, without judging it.

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

func (t *tool) extractCommand() *cli.Command {
	return &cli.Command{
		Name:      "extract",
		Usage:     "the text of a policy as all other commands read it",
		ArgsUsage: "FILE|URL|- ...",
		Description: `Reads HTML, PDF, DOCX, ODT, Markdown or plain text and prints its text as Markdown:
headings, paragraphs, lists, tables and links, without menus, banners and footers.
Nothing is judged, and nothing is kept in the archive.

   drittland extract policy.pdf > policy.md
   drittland extract https://example.org/privacy
   drittland extract --format json policy.docx | jq '.document.blocks[].kind'
   drittland extract --select 'main .policy' --remove .cookie-table page.html

JSON holds the blocks with their places in the text, and names the reader. What is no
policy, such as a bot wall or a scanned PDF, is refused: the reason is on standard
error and the exit code is 4. Of several texts the others are printed all the same.
Selectors are as in CSS and apply to HTML only; each may be given several times.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "md", Usage: "`FORM` of the output: md or json"},
			outputFlag(), langFlag(),
			&cli.StringSliceFlag{Name: "select", Usage: "`SELECTOR` of a part to read, in place of the main content (may be repeated)"},
			&cli.StringSliceFlag{Name: "remove", Usage: "`SELECTOR` of a part to leave out (may be repeated)"},
		},
		OnUsageError: usageError,
		Action:       t.extract,
	}
}

// An extracted text is what extract tells of one input.
type extracted struct {
	Name     string              `json:"name"`   // as the user named it
	Reader   string              `json:"reader"` // name and version of what read it
	Document *snapshots.Document `json:"document"`
}

func (t *tool) extract(c *cli.Context) error {
	if c.NArg() == 0 {
		return usage(errors.New("name a file or an address"), commandName(c))
	}
	if err := errors.Join(knownFormat(c.String("format"), "md", "json"), onceOnly(c.Args().Slice())); err != nil {
		return usage(err, commandName(c))
	}
	in := t.newIntake(c)
	in.selects, in.removes = c.StringSlice("select"), c.StringSlice("remove")
	var read []extracted
	failed := 0
	for _, arg := range c.Args().Slice() {
		x, err := in.take(c.Context, arg)
		switch {
		case err == nil:
			for _, w := range x.Document.Warnings {
				t.say("%s: %s", arg, w)
			}
			read = append(read, extracted{arg, x.Reader, x.Document})
		case c.NArg() == 1 || c.Context.Err() != nil:
			return err
		default:
			explain(t.env.Stderr, err)
			failed++
		}
	}
	if len(read) > 0 {
		if err := t.write(c, func(w io.Writer) error { return writeExtracted(w, read, c.String("format"), c.NArg() > 1) }); err != nil {
			return err
		}
	}
	if failed > 0 {
		return unreadable(fmt.Errorf("%d of %d inputs could not be read", failed, c.NArg()), "")
	}
	return nil
}

// writeExtracted writes texts; JSON is a list if several were asked for.
func writeExtracted(w io.Writer, read []extracted, format string, list bool) error {
	switch {
	case format == "json" && list:
		return report.JSON(w, read)
	case format == "json":
		return report.JSON(w, read[0])
	}
	for i, x := range read {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := extract.Markdown(w, x.Document); err != nil {
			return err
		}
	}
	return nil
}
