package main

// The commands about the tokens of organisations.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
)

func (t *tool) orgTokenCommand() *cli.Command {
	return &cli.Command{
		Name: "token", Usage: "tokens for the programs of an organisation", OnUsageError: usageError,
		Description: `A token is shown by a program in place of a password. It is printed once, when it is
made; the database holds a hash of it alone. Each can be ended without the others.

   drittland org token add north --role reader --expires 90d
   drittland org token list north
   drittland org token revoke north ID`,
		Subcommands: []*cli.Command{
			{Name: "add", Usage: "make a token, and print it", ArgsUsage: "ORG", OnUsageError: usageError, Action: t.orgTokenAdd,
				Description: `A reader sees what the organisation watches, and its decisions; a reviewer decides as
well, under the handle of the token; an admin changes what is watched and sees the
audit log as well. Nobody can print the token again: put it where the program finds it.

   drittland org token add north --role reader --expires 90d
   drittland org token add north --role reviewer --handle mk > token.txt`,
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "role", Value: string(review.Reader), Usage: "`ROLE`: reader, reviewer or admin"},
					&cli.StringFlag{Name: "handle", Usage: "`HANDLE` under which decisions are recorded (default: the name of the organisation)"},
					&cli.StringFlag{Name: "expires", Usage: "how long it holds: `DAYS` such as 90d, or the last day, YYYY-MM-DD; without it, until it is revoked"},
				}},
			{Name: "list", Usage: "list what is known of the tokens of an organisation", ArgsUsage: "ORG", OnUsageError: usageError, Action: t.orgTokenList,
				Description: `   drittland org token list north`,
				Flags:       []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}},
			{Name: "revoke", Usage: "end a token at once", ArgsUsage: "ORG ID", OnUsageError: usageError, Action: t.orgTokenRevoke,
				Description: `ID is what the list shows; the token itself does as well.

   drittland org token revoke north 7fk2m4xq5wz3a`},
		},
	}
}

func (t *tool) orgTokenAdd(c *cli.Context) error {
	role, err := roleOf(c, c.String("role"))
	if err != nil {
		return err
	}
	expires, err := expiry(c.String("expires"), t.env.Now())
	if err != nil {
		return usage(err, commandName(c))
	}
	if h := c.String("handle"); h != "" && !snapshots.Handle(h) {
		return usage(fmt.Errorf("--handle %.80q: letters, digits and . _ - alone, at most %d", h, snapshots.MaxHandle), commandName(c))
	}
	return t.withOrg(c, 1, 1, func(o *teams.Org, _ *store) error {
		secret, x, err := o.NewToken(c.Context, t.operator(), teams.Token{Role: role, Handle: cmp.Or(c.String("handle"), o.Name()), Expires: expires})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(t.env.Stdout, secret); err != nil {
			return errors.Join(err, o.Revoke(c.Context, t.operator(), x.ID)) // nobody has it
		}
		t.say("%s", t.words.F("token %s of %s, with the role %s: it is shown this once", x.ID, o.Name(), string(x.Role)))
		return nil
	})
}

var daysForm = regexp.MustCompile(`^([1-9]\d{0,3})d$`)

// expiry is when what is said of an end has come; nil if nothing is said.
func expiry(said string, now time.Time) (*time.Time, error) {
	if said == "" {
		return nil, nil
	}
	var end time.Time
	if m := daysForm.FindStringSubmatch(said); m != nil {
		n, _ := strconv.Atoi(m[1])
		end = now.UTC().AddDate(0, 0, n)
	} else if day, err := time.Parse(time.DateOnly, said); err == nil {
		end = day.AddDate(0, 0, 1)
	} else {
		return nil, fmt.Errorf("--expires %.40s: expected days such as 90d, or a day, YYYY-MM-DD", said)
	}
	if !end.After(now) || end.Year() > 9999 {
		return nil, fmt.Errorf("--expires %.40s is over", said)
	}
	end = end.Truncate(time.Second)
	return &end, nil
}

func (t *tool) orgTokenList(c *cli.Context) error {
	return t.withOrg(c, 1, 1, func(o *teams.Org, _ *store) error {
		list, err := o.Tokens(c.Context)
		if err != nil {
			return err
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, orgList{Schema: orgsSchema, Organisation: o.Name(), Tokens: some(list)})
		}
		now := t.env.Now()
		return t.table(func(w io.Writer) {
			for i := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", list[i].ID, list[i].Role, report.Line(list[i].Handle), list[i].Made.UTC().Format(time.DateOnly), t.tokenState(&list[i], now))
			}
		})
	})
}

// tokenState is how long a token holds, in words.
func (t *tool) tokenState(x *teams.Token, now time.Time) string {
	switch {
	case x.Revoked != nil:
		return t.words.F("revoked on %s", x.Revoked.UTC().Format(time.DateOnly))
	case x.Expires == nil:
		return t.words.T("until it is revoked")
	case !x.Holds(now):
		return t.words.F("expired on %s", x.Expires.UTC().Format(time.DateOnly))
	}
	return t.words.F("until %s", x.Expires.UTC().Format(time.DateOnly))
}

func (t *tool) orgTokenRevoke(c *cli.Context) error {
	return t.withOrg(c, 2, 2, func(o *teams.Org, _ *store) error {
		id := teams.TokenID(strings.TrimSpace(c.Args().Get(1)))
		err := o.Revoke(c.Context, t.operator(), id)
		if errors.Is(err, teams.ErrNotFound) {
			return &coded{fmt.Errorf("%s has no token %.40q that holds", o.Name(), id), exitFailed, "'drittland org token list " + o.Name() + "' shows them"}
		}
		if err == nil {
			t.say("%s", t.words.F("token %s of %s holds no longer", id, o.Name()))
		}
		return err
	})
}
