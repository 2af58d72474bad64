package main

// The command search: words in all versions of all texts.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	maxLimit    = 1000
	snippetSize = 280  // bytes, for a person
	quoteSize   = 4000 // bytes, for a program
)

func (t *tool) searchCommand() *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "find words in all versions of all texts",
		ArgsUsage: "QUERY...",
		Description: `Finds passages (a paragraph, an item of a list, a heading, a row of a table) that hold
all words of the query, in every version of every text and of the linked pages that
were captured with it. Case and accents make no difference. A passage that stood in
many versions is shown once, with the versions: what stands first, then what
appeared last. Nothing found is no failure: the exit code is 0.

   drittland search remote access
   drittland search '"remote access" group'       these words one after another
   drittland search 'transf* singapore -consent'  any ending; and not consent
   drittland search -- -consent singapore         a query may begin with a minus
   drittland search india --last                  only what stands today
   drittland search 'india after:2024-01-01'      what stood on this day or later

A query may name fields: service:Clipzy, terms:"Cookie Policy", lang:de, after:DAY,
before:DAY, last: (what the last version holds). The first search after an import
gathers the passages, which takes a while; what it gathers is kept.

In an archive on a server, words are found by their stems as well, by PostgreSQL's full
text in the language of each text, where that has one: transfers finds transferred,
and -transfers keeps out both. A word in quotation marks, or with *, is taken as it
stands, and finds there what it finds in a folder. A paragraph of more than 4,000 words
is searched in parts. Up to 1,000 passages are counted exactly; of words that stand in
very many, the newest passages are looked through until the page is full, and "at least"
so many are found. If that takes more than 8 seconds, or more than 120,000 passages, the
answer says which were looked at: add a word, a service or a language.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "service", Usage: "only texts of this `SERVICE`"},
			&cli.StringFlag{Name: "terms", Usage: "only this `TYPE` of terms"},
			&cli.StringFlag{Name: "lang", Usage: "only texts in this `LANGUAGE` (two letters)"},
			&cli.BoolFlag{Name: "last", Usage: "only passages of the last version"},
			&cli.IntFlag{Name: "limit", Value: 20, Usage: "show at most `N` passages"},
			&cli.IntFlag{Name: "page", Value: 1, Usage: "show page `N` of them"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
		},
		OnUsageError: usageError,
		Action:       t.search,
	}
}

func (t *tool) search(c *cli.Context) error {
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	limit, page := c.Int("limit"), c.Int("page")
	if limit < 1 || limit > maxLimit || page < 1 || page > maxFound {
		return usage(fmt.Errorf("--limit is from 1 to %d, --page from 1", maxLimit), commandName(c))
	}
	said := strings.Join(c.Args().Slice(), " ")
	q, err := search.Parse(said)
	if err != nil {
		return usage(err, commandName(c))
	}
	q.Set(c.String("service"), c.String("terms"), c.String("lang"), c.Bool("last"))
	out, err := newFinder(t.store(c)).all(c.Context, q, (page-1)*limit, limit)
	if err != nil {
		return err
	}
	out.Query, out.Page = said, page
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, out)
	}
	return t.printSearch(t.env.Stdout, out)
}

// A searched is the answer to a query. As JSON it is described by the schema "search".
type searched struct {
	Schema   string     `json:"schema"`
	Query    string     `json:"query"`
	Total    int        `json:"total"`                  // passages that were found
	Services int        `json:"services"`               // that have one
	Complete bool       `json:"complete"`               // false if there may be more than are counted
	Since    *time.Time `json:"looked_since,omitempty"` // if hits may be missing: of passages that appeared until then, not all were looked at
	Page     int        `json:"page"`                   // from 1
	More     bool       `json:"more"`                   // there is another page
	Hits     []foundHit `json:"hits"`

	cut       bool     // some of what was found is left out
	from      int      // number of the first hit, from 0
	languages []string // of all that was found, in no order
}

// A foundHit is one passage with the versions that hold it. Spans are byte ranges of the text of the first of them.
type foundHit struct {
	Terms    snapshots.Terms  `json:"terms"`
	Line     string           `json:"line,omitempty"`  // language, and region, of a text that came in place of the wanted one
	Annex    string           `json:"annex,omitempty"` // address of the linked page in which it stands
	Language string           `json:"language,omitempty"`
	First    foundVersion     `json:"first"`
	Until    *foundVersion    `json:"until,omitempty"` // the first one without the passage, if it does not stand
	Standing bool             `json:"standing"`
	Versions int              `json:"versions"` // that hold it
	Runs     []search.Run     `json:"runs"`     // their numbers
	Text     snapshots.Hash   `json:"text"`     // of the text in which the spans are
	Span     snapshots.Span   `json:"span"`     // of the passage
	Words    []snapshots.Span `json:"words"`    // that were looked for
	Quote    string           `json:"quote"`    // the passage, or its first 4,000 bytes

	passage foundPassage
}

// A foundVersion names a version.
type foundVersion struct {
	Number  int       `json:"number"`
	Version string    `json:"version,omitempty"`
	Date    time.Time `json:"date"`
}

// all searches everything: what is not gathered yet is gathered first.
func (f *finder) all(ctx context.Context, q *search.Query, from, limit int) (*searched, error) {
	var p *pass
	err := f.store.read(ctx, func(a *archive.Archive) (err error) {
		p, err = f.pass(ctx, a, q, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.stale) > 0 {
		bar := f.progress(len(p.stale), "gathering passages")
		err := f.gather(ctx, p.stale, func(n int) { _ = bar.Add(n) })
		_ = bar.Clear()
		if err != nil {
			return nil, err
		}
	}
	var out *searched
	err = f.store.look(func(a *archive.Archive) error {
		if len(p.stale) > 0 {
			more, err := f.pass(ctx, a, q, p.stale)
			if err != nil {
				return err
			}
			p.hits, p.cut = append(p.hits, more.hits...), p.cut || more.cut || len(more.stale) > 0
		}
		out, err = p.answer(ctx, a, q, from, limit)
		return err
	})
	return out, errors.Join(err, ctx.Err())
}

// answer makes one page of what was found.
func (p *pass) answer(ctx context.Context, a *archive.Archive, q *search.Query, from, limit int) (*searched, error) {
	if a.Server() != nil {
		return p.answerOnServer(ctx, a, q, from, limit)
	}
	sortFound(p.hits)
	services := map[string]bool{}
	for i := range p.hits {
		services[p.hits[i].Terms.Service] = true
	}
	out := newSearched(len(p.hits), len(services), from)
	out.Complete, out.cut = !p.cut, p.cut
	for i := range p.hits {
		out.languages = append(out.languages, p.hits[i].Language)
	}
	part := p.hits[min(from, len(p.hits)):min(from+limit, len(p.hits))]
	out.More = from+len(part) < len(p.hits)
	if err := quotes(a, q, part); err != nil {
		return nil, err
	}
	for i := range part {
		out.Hits = append(out.Hits, newFoundHit(&part[i]))
	}
	return out, nil
}

func newSearched(total, services, from int) *searched {
	return &searched{Schema: "drittland/search/1", Total: total, Services: services, Hits: []foundHit{}, from: from}
}

func newFoundHit(h *foundPassage) foundHit {
	first, last := h.Runs[0].First, h.Runs[len(h.Runs)-1].Last
	x := foundHit{Terms: h.Terms, Line: h.Line, Annex: h.Source, Language: h.Language, First: foundVersion{first, h.First.ID, h.First.Date}, Standing: h.Standing(),
		Versions: h.Versions(), Runs: h.Runs, Text: h.text, Span: h.Span, Words: []snapshots.Span{}, Quote: h.quote, passage: *h}
	if !h.Standing() {
		x.Until = &foundVersion{Number: last + 1, Date: h.Until}
	}
	for _, m := range h.marks {
		x.Words = append(x.Words, m.Shift(h.Span.Start))
	}
	if len(x.Quote) > quoteSize {
		x.Quote = strings.ToValidUTF8(x.Quote[:quoteSize], "")
	}
	return x
}

// where is the version in which a passage appeared.
func (x *foundHit) where() review.Where {
	return review.Where{Terms: x.Terms, Line: x.Line, Number: x.First.Number}
}

// snippet is a passage around its words.
func (x *foundHit) snippet() []search.Part {
	return search.Snippet(x.passage.quote, x.passage.marks, snippetSize)
}

// printSearch writes an answer for people.
func (t *tool) printSearch(out io.Writer, x *searched) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, x.counts(t.words))
	if why := x.missing(t.words); why != "" {
		fmt.Fprintln(w, why)
	}
	for i := range x.Hits {
		h := &x.Hits[i]
		fmt.Fprintf(w, "\n%s\n", t.strong(report.Line(h.where().Reference()+" · "+h.Terms.Type)))
		fmt.Fprintf(w, "   %s\n", strings.Join(stoodIn(t.words, h), " · "))
		if h.Annex != "" {
			fmt.Fprintf(w, "   %s\n", t.words.F("linked page %s", report.Line(h.Annex)))
		}
		var said strings.Builder
		for _, p := range h.snippet() {
			said.WriteString(t.marked(p))
		}
		fmt.Fprintf(w, "   %s\n", strings.TrimSpace(said.String()))
	}
	if x.More {
		of := t.words.F("%d to %d of %d; --page %d shows more", x.from+1, x.from+len(x.Hits), x.Total, x.Page+1)
		if !x.Complete {
			of = t.words.F("%d to %d of at least %d; --page %d shows more", x.from+1, x.from+len(x.Hits), x.Total, x.Page+1)
		}
		fmt.Fprintf(w, "\n%s\n", of)
	}
	return w.Flush()
}

// counts says how much was found.
func (x *searched) counts(w *locale.Words) string {
	said := w.N("%s passage", "%s passages", x.Total) + ", " + w.N("%s service", "%s services", x.Services)
	switch {
	case x.Total == 0 && x.Since != nil:
		return w.T("Nothing found so far.")
	case x.Total == 0:
		return w.T("Nothing found.")
	case !x.Complete:
		return w.F("at least %s", said)
	}
	return said
}

// missing says what is not among what was found, if anything.
func (x *searched) missing(w *locale.Words) string {
	switch {
	case x.Since != nil:
		return w.F("Not all passages were looked at that appeared until %s: add a word, a service or a language.", x.Since.Format(time.DateOnly))
	case x.cut && x.Total > 0:
		return w.T("There is more than was counted: ask for less.")
	}
	return ""
}

// marked is a part of a snippet as a terminal shows it: what was looked for in bold, or between stars where nothing is bold.
func (t *tool) marked(p search.Part) string {
	s := report.Piece(p.Text)
	switch {
	case !p.Marked:
		return s
	case t.colour():
		return color.New(color.Bold, color.FgYellow).Sprint(s)
	}
	return "*" + s + "*"
}

// stoodIn says in which versions a passage stood, and from when until when.
func stoodIn(w *locale.Words, x *foundHit) []string {
	days := w.F("since %s", x.First.Date.Format(time.DateOnly))
	if !x.Standing {
		days = w.F("from %s, gone since %s", x.First.Date.Format(time.DateOnly), x.Until.Date.Format(time.DateOnly))
	}
	out := []string{days, w.N("%s version", "%s versions", x.Versions) + " (" + search.Numbers(x.Runs) + ")"}
	if x.Language != "" {
		out = append(out, report.LanguageIn(w, x.Language))
	}
	return out
}
