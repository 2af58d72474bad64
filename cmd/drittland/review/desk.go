package review

// What the pages show, and who gives it: a desk over an archive. The program implements it; tests play it.

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// ErrNotFound is what a desk says of a version, terms or a picture that the archive does not hold.
var ErrNotFound = errors.New("not in the archive")

// ErrNoProgram is what a desk says of a file that a program is missing for.
var ErrNoProgram = errors.New("a program is missing")

// A Desk gives what there is to review, and keeps what is decided. All texts that it gives are as strangers wrote them: the pages
// make them safe. Its methods may be called by many at once. Words are in the language lang where one is asked for.
type Desk interface {
	Items
	// Change gives one version, compared with the text that it continues.
	Change(ctx context.Context, at Where, lang string) (*Change, error)
	// Services gives a page of the terms that the archive holds, from 0; the last one for a page beyond it.
	Services(ctx context.Context, f TrackFilter, page int) (*Services, error)
	// Service gives the history of some terms of a service, and how their source stands. An empty type means the terms that
	// matter most. It is ErrNotFound for a service that the archive does not hold.
	Service(ctx context.Context, terms snapshots.Terms, lang string) (*Service, error)
	// Timeline draws up the history of a line; the number in at does not count.
	Timeline(ctx context.Context, at Where, lang string) (*report.Timeline, error)
	// Flows gives where data go by the texts that stood on a day: of one service, or of all if it is "".
	Flows(ctx context.Context, service string, on law.Date) (*Flows, error)
	// Decide records a decision. It is a *Conflict if somebody else decided in between.
	Decide(ctx context.Context, d snapshots.Decision) (snapshots.Decision, error)
	// Picture gives the screenshot of a snapshot, PNG.
	Picture(ctx context.Context, snapshot string) ([]byte, error)
	// Word writes the redline of a version as a DOCX file. It is ErrNotFound for a first version.
	Word(ctx context.Context, w io.Writer, at Where, lang string) error
	// Search finds words in all versions of all texts: what stands first, then what appeared last. Of a query without words it gives what
	// can be chosen. The error is a *search.Mistake for a query that makes no sense; what can be chosen comes with it.
	Search(ctx context.Context, q Query) (*Found, error)
	// Print gives a page of ours as PDF. It is ErrNoProgram if the browser for it is missing.
	Print(ctx context.Context, page []byte, foot string) ([]byte, error)
}

// A Where names a version: a line of terms, and a number in it from 1. Number 0 is the last.
type Where struct {
	Terms  snapshots.Terms
	Line   string // language, and region, of a text that came in place of the wanted one; mostly ""
	Number int
}

// Query is w as the query of an address: "s=Clipzy&t=Privacy+Policy&v=de:2".
func (w Where) Query() string {
	q := url.Values{"s": {w.Terms.Service}, "t": {w.Terms.Type}}
	if w.Number > 0 || w.Line != "" {
		q.Set("v", w.Spec())
	}
	return q.Encode()
}

// Reference is w as commands take it: "Clipzy@3".
func (w Where) Reference() string { return w.Terms.Service + "@" + w.Spec() }

// Spec is the version alone, as commands take it behind a service: its number, of a line other than the wanted one after its name: "de:2".
func (w Where) Spec() string {
	v := strconv.Itoa(w.Number)
	if w.Line != "" {
		v = w.Line + ":" + v
	}
	return v
}

// whereIn reads what Query wrote.
func whereIn(q url.Values) (Where, bool) {
	w := Where{Terms: snapshots.Terms{Service: q.Get("s"), Type: q.Get("t")}}
	v := q.Get("v")
	if i := strings.LastIndexByte(v, ':'); i >= 0 {
		w.Line, v = v[:i], v[i+1:]
	}
	if v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1e9 {
			return w, false
		}
		w.Number = n
	}
	return w, w.Terms.Service != "" && w.Terms.Type != "" && len(w.Terms.Service)+len(w.Terms.Type)+len(w.Line) < 1000
}

// The states of an item.
const (
	Open    = "open"    // nobody decided, or wants a second look
	Decided = "decided" // a decision holds
	Lapsed  = "lapsed"  // a decision held, until its words changed or its day came: open again
)

// An Item is one change, or one finding of a text that stands.
type Item struct {
	Kind        string // snapshots.AboutChange or AboutFinding
	At          Where  // the version of the change; of a finding, in which it appeared
	Fingerprint string
	Version     string    // ID of the version
	Date        time.Time // of the version: since when it waits
	Level       rules.Level
	Check       string               // ID of the check, of a finding
	Checks      []string             // of a change: IDs of the findings that appeared
	Articles    []string             // asked about
	Countries   []string             // ISO codes of the destinations that it is about
	Language    string               // of the text
	Class       string               // of a change
	Cause       snapshots.Cause      // of a change
	Facts       []analyze.FactChange // of a change
	Quote       string               // of a finding, or of words that came or went with a change
	Place       int                  // among the items of its line, which tells them apart
	State

	// Say gives a title and what is to be said of it, in words; nothing in them is safe to show.
	Say func(*locale.Words) (title string, lines []string)
}

// A Change is what the change page shows. Comparison is nil for a first version.
type Change struct {
	At          Where
	Fingerprint string // of the change itself
	Versions    int    // of the line
	Against     int    // number of the version that it is compared with; 0 for none
	Cause       snapshots.Cause
	Alert       bool
	Waits       bool   // much is missing, and no later capture confirmed that
	Why         string // why it is an alert or is none, in English
	Law         []analyze.LawChange
	Comparison  *analyze.Comparison
	Report      *analyze.Report                 // of the new text
	Explained   []analyze.Explanation           // of the findings that appeared, and of all on the new text
	Captures    []Capture                       // of the new version, then of the old one
	Seconds     []*report.Second                // what models said of the new text; the findings stand beside it
	Decisions   map[string][]snapshots.Decision // by fingerprint, oldest first, of these terms
	States      map[string]State                // by fingerprint
	Elsewhere   map[string][]snapshots.Decision // by fingerprint: of other terms, on the same words
}

// A State is how a finding or a change stands.
type State struct {
	Is       string              // Open, Decided or Lapsed
	Decision *snapshots.Decision // the last one, if there is any
	Why      string              // why it lapsed, in English
}

// A Capture says how a page of a version came.
type Capture struct {
	Which    string // "new" or "old"
	Role     string // "policy", "annex" or "further page"
	At       time.Time
	URL      string
	FinalURL string
	IP       string
	TLS      string
	Rendered string // name and version of the browser
	Snapshot string
	Body     snapshots.Hash // of the body as received
	Size     int
	Text     snapshots.Hash // of the canonical text
	Picture  bool           // there is a screenshot
	Others   bool           // others captured it: their word
	Origin   *snapshots.Origin
	Problem  string // why an annex could not be read
}

// A Conflict is a decision that somebody else made in between.
type Conflict struct{ Decision snapshots.Decision }

func (c *Conflict) Error() string {
	return "in between, " + c.Decision.By + " decided: " + string(c.Decision.Judgement)
}

// A Query asks for words in texts.
type Query struct {
	Words    string // as package search reads them
	Service  string // "" for all
	Language string // "" for all
	Last     bool   // only what the last versions hold
	Page     int    // from 0
}

// Found is one page of what a search gave.
type Found struct {
	Hits        []Hit
	First       int       // number of the first hit, from 1
	Total       int       // passages
	Services    int       // that have one
	More        bool      // there is another page
	Least       bool      // there may be more than are counted
	Cut         bool      // some of what was found is left out
	Slow        bool      // it took too long to find out
	Since       time.Time // not zero if hits may be missing: of passages that appeared until then, not all were looked at
	Read, Terms int       // how many terms were searched, of how many: the others are still being read
	Took        time.Duration
	All         []string // services in the archive, sorted
	Many        bool     // they are too many to list: the name of one is written
	Languages   []string // of the texts in the archive, or of what was found, sorted
}

// A Hit is a passage with the versions that hold it.
type Hit struct {
	At       Where  // the version in which it appeared
	Annex    string // address of the linked page in which it stands, "" for the policy itself
	From     time.Time
	Until    time.Time // when it was gone; zero if it stands
	Gone     int       // number of the version without it; 0 if it stands
	Versions int       // that hold it
	Runs     []search.Run
	Language string
	Parts    []search.Part // a piece of it, with the words marked
}
