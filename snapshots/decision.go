package snapshots

// This file holds the decisions of people on findings and changes.

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Judgement is what a person makes of a change or a finding.
type Judgement string

// The judgements.
const (
	Relevant    Judgement = "relevant"
	NotRelevant Judgement = "not relevant"
	SecondLook  Judgement = "needs second look"
	Escalated   Judgement = "escalated"
)

// Judgements are all of them, in the order in which they are offered.
var Judgements = []Judgement{Relevant, NotRelevant, SecondLook, Escalated}

// What a decision is about.
const (
	AboutFinding = "finding"
	AboutChange  = "change"
)

// Limits of a decision, bytes.
const (
	MaxNote   = 4000
	MaxHandle = 64
	MaxQuoted = 500
)

// A Decision is a person's recorded judgement on a finding or a change of some terms. It is never changed: a later one on the
// same fingerprint revises it.
type Decision struct {
	ID          string    `json:"id"` // first 16 hexadecimal digits of the hash of everything else in it
	Terms       Terms     `json:"terms"`
	Variant     string    `json:"variant,omitempty"`   // of the version, empty for the wanted text
	About       string    `json:"about"`               // "finding" or "change"
	Fingerprint string    `json:"fingerprint"`         // of the finding or the change, 24 hexadecimal digits
	Check       string    `json:"check,omitempty"`     // ID of the check, of a finding
	Quote       string    `json:"quote,omitempty"`     // the words that it was made on, at most MaxQuoted bytes of them
	Version     string    `json:"version"`             // ID of the version that was looked at
	Judgement   Judgement `json:"judgement"`           // of one that is withdrawn: may be empty
	Note        string    `json:"note,omitempty"`      // at most MaxNote bytes
	Until       string    `json:"until,omitempty"`     // YYYY-MM-DD, the last day on which it holds; "" for as long as the words stand
	By          string    `json:"by"`                  // a handle, see Handle; never an address
	At          time.Time `json:"at"`                  // UTC
	Revises     string    `json:"revises,omitempty"`   // ID of the decision before it on the same fingerprint
	Withdrawn   bool      `json:"withdrawn,omitempty"` // it takes the one that it revises back
}

// Identify sets d.ID to the first 16 hexadecimal digits of the hash of everything else in it.
func (d *Decision) Identify() error {
	d.ID = ""
	b, err := Encode(d)
	if err != nil {
		return err
	}
	d.ID = string(HashOf(b)[:16])
	return nil
}

// Handle reports whether s may name a person: ASCII letters, digits and . _ - alone, at most MaxHandle of them.
func Handle(s string) bool { return s != "" && named(s) }

// named reports whether s is at most MaxHandle bytes of ASCII letters, digits and . _ - alone.
func named(s string) bool {
	return len(s) <= MaxHandle && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("._-", c))
	})
}

// hexadecimal reports whether s is n lower-case hexadecimal digits.
func hexadecimal(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// Validate says what is wrong with d, its ID, its terms and what it revises apart.
func (d *Decision) Validate() error {
	switch {
	case d.About != AboutFinding && d.About != AboutChange:
		return fmt.Errorf("a decision is about a finding or a change, not %.40q", d.About)
	case !hexadecimal(d.Fingerprint, 24):
		return fmt.Errorf("%.60q is no fingerprint of a %s: it has 24 hexadecimal digits", d.Fingerprint, d.About)
	case !hexadecimal(d.Version, 16):
		return fmt.Errorf("%.60q is no ID of a version: it has 16 hexadecimal digits", d.Version)
	case !named(d.Check) || !named(d.Variant):
		return fmt.Errorf("%.60q, %.60q: no check and variant", d.Check, d.Variant)
	case !d.judged():
		return fmt.Errorf("%.60q is no judgement: it is one of relevant, not relevant, needs second look, escalated", d.Judgement)
	case !Handle(d.By):
		return fmt.Errorf("%.80q is no handle: at most %d letters (a to z), digits and . _ -", d.By, MaxHandle)
	case len(d.Note) > MaxNote:
		return fmt.Errorf("the note has %d bytes, at most %d are kept", len(d.Note), MaxNote)
	case !utf8.ValidString(d.Note):
		return errors.New("the note is no UTF-8")
	case len(d.Quote) > MaxQuoted || !utf8.ValidString(d.Quote):
		return fmt.Errorf("the quote is no UTF-8, or has more than %d bytes", MaxQuoted)
	case d.At.IsZero():
		return errors.New("a decision has a date")
	}
	return d.ends()
}

func (d *Decision) judged() bool {
	for _, j := range Judgements {
		if d.Judgement == j {
			return true
		}
	}
	return d.Withdrawn && d.Judgement == ""
}

// ends says what is wrong with the day on which d ends.
func (d *Decision) ends() error {
	if d.Until == "" {
		return nil
	}
	if day, err := time.Parse(time.DateOnly, d.Until); err != nil || day.Year() < 1 {
		return fmt.Errorf("%.40q is no day: YYYY-MM-DD", d.Until)
	}
	if made := d.At.UTC().Format(time.DateOnly); d.Until < made {
		return fmt.Errorf("it would end on %s, before it is made on %s", d.Until, made)
	}
	return nil
}
