package snapshots

// This file holds the opinions of the second reader, as they are recorded.

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Limits of the records of opinions.
const (
	MaxOpinions     = 1000     // recorded together
	MaxRawAnswer    = 64 << 10 // bytes
	MaxOpinionFacts = 60       // of one opinion
	MaxOpinionQuote = 64 << 10 // bytes
	maxOpinionWord  = 500      // bytes of a name of a model, an endpoint and the like
)

// Opinions are what the second reader made of one version, recorded together. They belong to the words: a version whose text or annex
// is the one that an opinion names has it, whichever version was read.
type Opinions struct {
	Terms     Terms     `json:"terms"`
	Variant   string    `json:"variant,omitempty"` // of the version, empty for the wanted text
	Version   string    `json:"version"`           // ID of the version that was read
	Snapshots []string  `json:"snapshots"`         // IDs of all that its text and its annexes were read from: who erases one of them erases the opinions
	At        time.Time `json:"at"`                // of the last answer
	IDs       []string  `json:"ids"`               // of the opinions, in their order
	List      []Opinion `json:"-"`                 // the opinions; they stand in a record of their own
	Record    string    `json:"-"`                 // ID of that record
}

// An Opinion is what a model said to one question about a passage, and what of that counts. It is advice: no finding depends on it.
type Opinion struct {
	ID       string         `json:"id"`                // first 16 hexadecimal digits of the hash of everything else in it
	Job      string         `json:"job"`               // "read": give the facts of a passage; "review": agree or disagree with a finding
	Document Hash           `json:"document"`          // of the canonical text, of the version or of an annex
	Passage  OpinionPassage `json:"passage"`           // that was sent
	Finding  string         `json:"finding,omitempty"` // review: its fingerprint
	Check    string         `json:"check,omitempty"`   // review: ID of its check
	Verdict  string         `json:"verdict,omitempty"` // "agree", "disagree", "unsure", "no usable opinion"; of a read that can be used, ""
	Quote    string         `json:"quote,omitempty"`   // review: the words of the document that decide it
	Span     *Span          `json:"span,omitempty"`    // review: of Quote in the document
	Article  string         `json:"article,omitempty"` // review: that the model named
	Facts    []OpinionFact  `json:"facts,omitempty"`   // read: those that count, in text order
	Dropped  OpinionDropped `json:"dropped"`           // of its answer
	Model    string         `json:"model"`             // as asked for
	Served   string         `json:"served,omitempty"`  // as the server called the one that answered, if otherwise
	Host     string         `json:"host"`              // of the endpoint that answered
	Prompt   Hash           `json:"prompt"`            // of the template and the schema
	At       time.Time      `json:"at"`                // of the answer, UTC, whole seconds
	Raw      string         `json:"raw"`               // the answer, at most MaxRawAnswer bytes
	Finish   string         `json:"finish,omitempty"`  // why the server stopped: "stop", "length" …
	Tokens   OpinionTokens  `json:"tokens"`            // of all tries
}

// An OpinionPassage is a stretch of the document that was put to the model.
type OpinionPassage struct {
	Hash Hash `json:"hash"` // of its language, the headings above it and its text
	Span Span `json:"span"`
}

// An OpinionFact is one thing that a model reads in a passage, and whose quote was found there.
type OpinionFact struct {
	Kind    string `json:"kind"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Role    string `json:"role,omitempty"`
	Tool    string `json:"tool,omitempty"`
	Who     string `json:"who,omitempty"`
	Hedged  bool   `json:"hedged,omitempty"`
	Article string `json:"article,omitempty"`
	Quote   string `json:"quote"`
	Span    Span   `json:"span"` // of Quote in the document
}

// OpinionDropped counts what a model said that does not count, by reason.
type OpinionDropped struct {
	Form       int `json:"form,omitempty"`
	Passage    int `json:"passage,omitempty"`
	Quote      int `json:"quote,omitempty"`
	Long       int `json:"long,omitempty"`
	Country    int `json:"country,omitempty"`
	Home       int `json:"home,omitempty"`
	Article    int `json:"article,omitempty"`
	Incomplete int `json:"incomplete,omitempty"`
	Duplicate  int `json:"duplicate,omitempty"`
	TooMany    int `json:"too_many,omitempty"`
}

// OpinionTokens are those of questions and of answers.
type OpinionTokens struct {
	In  int `json:"in"`
	Out int `json:"out"`
}

// Identify sets o.ID to the first 16 hexadecimal digits of the hash of everything else in it.
func (o *Opinion) Identify() error {
	o.ID = ""
	b, err := Encode(o)
	if err != nil {
		return err
	}
	o.ID = string(HashOf(b)[:16])
	return nil
}

// verdicts are those of a job.
var verdicts = map[string][]string{"read": {"", "no usable opinion"}, "review": {"agree", "disagree", "unsure", "no usable opinion"}}

// Validate says what is wrong with o, its ID included.
func (o *Opinion) Validate() error {
	switch {
	case !slices.Contains(verdicts[o.Job], o.Verdict):
		return fmt.Errorf("%.40q with the verdict %.40q is no opinion", o.Job, o.Verdict)
	case !hexadecimal(string(o.Document), 64) || !hexadecimal(string(o.Passage.Hash), 64) || !hexadecimal(string(o.Prompt), 64):
		return errors.New("an opinion states hashes of its document, its passage and its prompt")
	case (o.Job == "review") != (o.Finding != "") || o.Finding != "" && !hexadecimal(o.Finding, 24) || !named(o.Check):
		return fmt.Errorf("%.60q, %.60q: no finding and check", o.Finding, o.Check)
	case (o.Quote == "") != (o.Span == nil) || o.Verdict == "disagree" && o.Quote == "":
		return errors.New("who disagrees gives the words and where they stand")
	case !words(maxOpinionWord, o.Model, o.Served, o.Host, o.Finish, o.Article) || o.Model == "" || o.Host == "":
		return errors.New("an opinion names its model and its endpoint, in few words")
	case !words(MaxRawAnswer, o.Raw) || !words(MaxOpinionQuote, o.Quote):
		return fmt.Errorf("an answer has at most %d bytes of UTF-8, a quote %d", MaxRawAnswer, MaxOpinionQuote)
	case o.At.IsZero():
		return errors.New("an opinion has a date")
	case o.Span != nil && !o.Passage.Span.holds(*o.Span, o.Quote):
		return errors.New("a quote stands in the passage")
	}
	if err := o.validFacts(); err != nil {
		return err
	}
	same := *o
	if err := same.Identify(); err != nil || same.ID != o.ID {
		return errors.Join(err, fmt.Errorf("opinion %.40q: its content has the ID %s", o.ID, same.ID))
	}
	return nil
}

func (o *Opinion) validFacts() error {
	if len(o.Facts) > MaxOpinionFacts || len(o.Facts) > 0 && (o.Job != "read" || o.Verdict != "") {
		return fmt.Errorf("%d facts in one opinion", len(o.Facts))
	}
	for _, f := range o.Facts {
		if f.Quote == "" || !words(MaxOpinionQuote, f.Quote) || !o.Passage.Span.holds(f.Span, f.Quote) ||
			!words(maxOpinionWord, f.Kind, f.Country, f.Role, f.Tool, f.Who, f.Article) {
			return fmt.Errorf("fact %.40q without words of the passage", f.Kind)
		}
	}
	return nil
}

// holds reports whether o is a stretch of s, and one of as many bytes as a quote has.
func (s Span) holds(o Span, quote string) bool {
	return 0 <= s.Start && o.Start < o.End && s.Contains(o) && o.Len() == len(quote)
}

// words reports whether all of list are UTF-8 of at most n bytes.
func words(n int, list ...string) bool {
	for _, s := range list {
		if len(s) > n || !utf8.ValidString(s) {
			return false
		}
	}
	return true
}
