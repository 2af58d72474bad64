package main

// The command law recipient: where a company that texts name has its seat.

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/rules/recipients"
)

// recipientJSON is one row of the table as law recipient gives it.
type recipientJSON struct {
	Names    []string     `json:"names"`
	Form     string       `json:"form"`
	Entity   string       `json:"entity"`
	Group    string       `json:"group"`
	Country  string       `json:"country"`
	Standing law.Standing `json:"standing"` // of the country, today
	Kind     string       `json:"kind"`
	About    string       `json:"about"`
	Verified bool         `json:"verified"`
	Checked  law.Date     `json:"checked"`
	Source   string       `json:"source"`
}

func (t *tool) lawRecipient(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one recipient, in quotation marks if it has several words"), commandName(c))
	}
	list := []recipientJSON{}
	for _, r := range recipients.Default().Lookup(c.Args().First()) {
		list = append(list, recipientJSON{r.Names, string(r.Form), r.Entity, r.Group, r.Country, law.StandingOf(r.Country, t.today()), string(r.Kind), r.About,
			r.Verified, r.Checked, r.Source})
	}
	if len(list) == 0 {
		return &coded{fmt.Errorf("%q is no recipient that drittland knows", c.Args().First()), exitUsage,
			"give the name of a company with its legal form, of a brand or of a group; the table holds well-known ones only"}
	}
	return t.listing(c, list, func(w io.Writer) error {
		p := report.NewSheet(w, t.styleFor(c))
		for i := range list {
			p.Entry(strings.Join(list[i].Names, ", "), t.recipientFields(&list[i]))
		}
		p.Line("%s %s", t.words.T("A seat tells who gets data, not where they lie."), t.known(t.today()))
		return p.Close()
	})
}

func (t *tool) recipientFields(x *recipientJSON) [][2]string {
	company, implies, source := "", t.words.T("implies a destination"), x.Source
	if x.Form == string(recipients.Service) {
		company = x.Entity
	}
	if x.Standing == law.EEA {
		implies = t.words.T("implies no destination")
	}
	if x.Verified {
		source = t.words.F("verified on %s", x.Checked) + "; " + x.Source
	}
	return [][2]string{{t.words.T("service of"), company}, {t.words.T("group"), x.Group},
		{t.words.T("seat"), fmt.Sprintf("%s (%s), %s: %s", places.DisplayName(x.Country, t.words.Language()), x.Country, report.Standing(t.words, x.Standing), implies)},
		{t.words.T("what"), x.About + " (" + x.Kind + ")"}, {t.words.T("source"), source}}
}
