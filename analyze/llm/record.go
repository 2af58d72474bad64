package llm

// Records: what the model was asked, what it said, and what of that counts.

import (
	"time"

	"github.com/drittland/drittland/snapshots"
)

// A Job is what the model is asked to do.
type Job string

// The jobs.
const (
	ReadJob   Job = "read"   // give the facts of a passage
	ReviewJob Job = "review" // agree or disagree with a finding
)

// A Verdict is what came of a question.
type Verdict string

// The verdicts. A read that gave facts, or none, has the verdict "".
const (
	Agree     Verdict = "agree"
	Disagree  Verdict = "disagree"
	Unsure    Verdict = "unsure"
	NoOpinion Verdict = "no usable opinion" // refused, cut off or not in the form asked for, twice; or nothing in it held
)

// MaxRaw bounds the raw answer of an opinion, bytes. A longer answer is no usable opinion, and its beginning is kept.
const MaxRaw = 64 << 10

// An Opinion is the answer to one question, as it is recorded. It is deterministic: the same question with the same
// answer from the cache gives the same bytes.
type Opinion struct {
	ID       string          `json:"id"` // first 16 hexadecimal digits of the hash of everything else in it
	Job      Job             `json:"job"`
	Document snapshots.Hash  `json:"document"`          // of the canonical text
	Passage  Passage         `json:"passage"`           // that was sent
	Finding  string          `json:"finding,omitempty"` // review: its fingerprint
	Check    string          `json:"check,omitempty"`   // review: ID of its check
	Verdict  Verdict         `json:"verdict,omitempty"`
	Quote    string          `json:"quote,omitempty"`   // review: the words of the document that decide it, as the document has them
	Span     *snapshots.Span `json:"span,omitempty"`    // review: of Quote in the document
	Article  string          `json:"article,omitempty"` // review: that the model named, if any
	Facts    []Fact          `json:"facts,omitempty"`   // read: those that count, in text order
	Dropped  Dropped         `json:"dropped"`           // of its answer
	Model    string          `json:"model"`             // as asked for
	Served   string          `json:"served,omitempty"`  // as the server called the one that answered, if otherwise
	Host     string          `json:"host"`              // of the endpoint that answered
	Prompt   snapshots.Hash  `json:"prompt"`            // of the template and the schema
	At       time.Time       `json:"at"`                // of the answer, UTC, whole seconds
	Raw      string          `json:"raw"`               // the last answer to it, at most MaxRaw bytes, valid UTF-8
	Finish   string          `json:"finish,omitempty"`  // why the server stopped: stop, length, content_filter …
	Tokens   Usage           `json:"tokens"`            // of all tries
	Cached   bool            `json:"-"`                 // it comes from the cache: nothing was sent
}

// A Passage is a stretch of the document that is put to the model.
type Passage struct {
	Hash snapshots.Hash `json:"hash"` // of its language, the headings above it and its text
	Span snapshots.Span `json:"span"`
}

// The kinds of facts that a model is asked for. They are those of package analyze, by their names.
var factKinds = []string{"destination", "vague", "tool", "copy", "remote_access", "government", "denial", "list"}

// A Fact is one thing that the model reads in a passage, and whose quote was found there.
type Fact struct {
	Kind    string         `json:"kind"`              // destination, vague, tool, copy, remote_access, government, denial or list
	Country string         `json:"country,omitempty"` // ISO 3166-1 alpha-2; destination: always; remote_access, government, tool: if the text names one
	Role    string         `json:"role,omitempty"`    // destination: storage, remote_access, recipient, support or unspecified
	Tool    string         `json:"tool,omitempty"`    // tool: as package analyze names it
	Who     string         `json:"who,omitempty"`     // remote_access: group, staff, provider or third_party
	Hedged  bool           `json:"hedged,omitempty"`  // "may", "might"
	Article string         `json:"article,omitempty"` // that the model named, if any
	Quote   string         `json:"quote"`             // as the document has it
	Span    snapshots.Span `json:"span"`              // of Quote in the document
}

// Dropped counts what a model said that does not count, by reason.
type Dropped struct {
	Form       int `json:"form,omitempty"`       // answers that are not in the form asked for
	Passage    int `json:"passage,omitempty"`    // about another passage than the one sent
	Quote      int `json:"quote,omitempty"`      // words that do not stand in the passage, or none
	Long       int `json:"long,omitempty"`       // quotes of more than MaxQuoteWords words
	Country    int `json:"country,omitempty"`    // no such country, or the passage does not name it
	Home       int `json:"home,omitempty"`       // destinations that were no third country on the day of the report
	Article    int `json:"article,omitempty"`    // no such article
	Incomplete int `json:"incomplete,omitempty"` // facts without what their kind needs, such as a tool without its name
	Duplicate  int `json:"duplicate,omitempty"`  // said before in the same answer
	TooMany    int `json:"too_many,omitempty"`   // beyond MaxFacts in one answer
}

// Total is the sum of all reasons.
func (d Dropped) Total() int {
	return d.Form + d.Passage + d.Quote + d.Long + d.Country + d.Home + d.Article + d.Incomplete + d.Duplicate + d.TooMany
}

// Plus is the sum of d and o, by reason.
func (d Dropped) Plus(o Dropped) Dropped {
	d.Form += o.Form
	d.Passage += o.Passage
	d.Quote += o.Quote
	d.Long += o.Long
	d.Country += o.Country
	d.Home += o.Home
	d.Article += o.Article
	d.Incomplete += o.Incomplete
	d.Duplicate += o.Duplicate
	d.TooMany += o.TooMany
	return d
}

// Limits of one answer.
const (
	MaxFacts      = 60
	MaxQuoteWords = 120
)

// A Reading is what came of one call of Read. It holds nothing of the report that could be changed.
type Reading struct {
	Status   Status
	Problem  Problem   // why it is not complete; zero if it is
	Opinions []Opinion // one for each question that was answered, in the order of the plan
	Added    []Added   // facts that the rules did not find, in text order; opinions, and no findings of the rules
	Doubted  []Doubt   // findings that the model disagrees with, in the order of the report; they stand
	Counts   Counts    //
	Tokens   Usage     // of what was asked now; what came from the cache cost nothing
	Cost     float64   // likewise, by Price
}

// Facts are those of all opinions, in the order of the questions.
func (r *Reading) Facts() []Fact {
	var out []Fact
	for i := range r.Opinions {
		out = append(out, r.Opinions[i].Facts...)
	}
	return out
}

// An Added is a fact that the model reads and the rules do not.
type Added struct {
	Opinion  string   // ID
	Fact     Fact     //
	Articles []string // that ask about facts of its kind, or the one that the model named
}

// A Doubt is a finding of the rules that the model disagrees with. Both stand.
type Doubt struct {
	Opinion string         // ID
	Finding string         // fingerprint
	Check   string         // ID
	Quote   string         // of the model, as the document has it
	Span    snapshots.Span // of Quote
	Article string         // that the model named, if any
}

// Counts are of the questions of a Reading.
type Counts struct {
	Passages  int     // that were chosen to be read
	Findings  int     // that were chosen to be reviewed
	Asked     int     // questions that were answered now
	Cached    int     // that were answered before
	NoOpinion int     // of both, those that gave no usable opinion
	Failed    int     // that could not be answered
	Unasked   int     // that a stop left
	Agree     int     // findings that the model agrees with
	Unsure    int     // and those that it is unsure about
	Left      int     // passages and findings beyond the limits, and findings without a passage: not among the questions
	Dropped   Dropped // of all answers
}

// A Status says how far a Reading came.
type Status string

// The statuses.
const (
	Complete Status = "complete" // every question has an answer, usable or not
	Partial  Status = "partial"  // some questions failed
	Stopped  Status = "stopped"  // by the budget; what was answered stands
	Failed   Status = "failed"   // the endpoint was given up; what was answered stands
)

// A Problem says why a Reading is not complete.
type Problem struct {
	Kind   ProblemKind
	Detail string        // for a person: one line of at most 200 bytes, in English or the words of the server; never the key
	Sent   bool          // the question may have reached a model, and may be charged for
	After  time.Duration // for which the server wants to be left alone; 0 if it does not say
}

// A ProblemKind is what went wrong, for messages in other languages.
type ProblemKind string

// The problems.
const (
	Unreachable  ProblemKind = "unreachable"   // no connection
	Unauthorized ProblemKind = "unauthorized"  // 401, 403: the key
	UnknownModel ProblemKind = "unknown model" // 404, or the server says so
	Refused      ProblemKind = "refused"       // another 4xx
	Busy         ProblemKind = "busy"          // 429, after all tries
	Broken       ProblemKind = "broken"        // 5xx, or an answer that is no chat completion, such as an HTML page
	TimedOut     ProblemKind = "timed out"     //
	OverBudget   ProblemKind = "over budget"   // tokens or money
	Interrupted  ProblemKind = "interrupted"   // the context ended
)
