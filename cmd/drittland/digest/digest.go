// Package digest is the weekly mail: what changed in the texts that somebody follows, as data and in its forms, HTML, plain text,
// Markdown, JSON and Atom. It is pure: cmd/drittland gathers what it tells out of the archive.
package digest

import (
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// Schema names the form of a Digest as JSON.
const Schema = "drittland/digest/1"

// A Digest is what happened in a time, grouped by service.
type Digest struct {
	Schema   string `json:"schema"`
	Language string `json:"report_language"`
	// Organisation is whose digest it is; "" for that of the people who run the archive.
	Organisation string    `json:"organisation,omitempty"`
	List         string    `json:"list,omitempty"` // name of the subscription
	Period       string    `json:"period"`         // "2026-W47", or the two days
	From         time.Time `json:"from"`
	Until        time.Time `json:"until"` // exclusive
	TimeZone     string    `json:"time_zone"`
	Made         time.Time `json:"made"`
	ReviewURL    string    `json:"review_url,omitempty"`

	Findings   []Found      `json:"findings"`   // that appeared, by level, then by service
	Facts      []Change     `json:"facts"`      // changes of facts on transfers, by service
	Announced  []Announced  `json:"announced"`  // texts that are not in force yet
	Law        []LawDay     `json:"law"`        // that changed, or will soon
	Decisions  []Decision   `json:"decisions"`  // by reviewers
	Unverified []Unverified `json:"unverified"` // what could not be verified at the end of the time, and since when
	Quiet      []string     `json:"quiet"`      // services of which there is nothing to tell
}

// A Ref names a version of some terms, and where to read on.
type Ref struct {
	Terms    snapshots.Terms `json:"terms"`
	Line     string          `json:"line,omitempty"`
	Number   int             `json:"number"`
	Version  string          `json:"version"`
	Date     time.Time       `json:"date"`
	Cause    snapshots.Cause `json:"cause"`
	Language string          `json:"language,omitempty"`
	Review   string          `json:"review,omitempty"`   // address of its page
	Evidence string          `json:"evidence,omitempty"` // command that exports it
}

// A Found is a finding that appeared.
type Found struct {
	Ref
	analyze.Finding
	Decision *snapshots.Decision `json:"decision,omitempty"` // that holds on the same words
}

// A Change is a version whose facts on transfers changed.
type Change struct {
	Ref
	Fingerprint string               `json:"fingerprint,omitempty"`
	Level       rules.Level          `json:"level"` // the highest of what appeared, note if nothing did
	Class       string               `json:"class"`
	Alert       bool                 `json:"alert"`
	Facts       []analyze.FactChange `json:"facts"`
	Before      []string             `json:"before"` // quoted words, of what changed
	After       []string             `json:"after"`
	Waits       bool                 `json:"unconfirmed,omitempty"`
}

// An Announced is a text that was captured before it is in force, or that announces another.
type Announced struct {
	Ref
	Dates analyze.StatedDates `json:"dates"`
}

// A LawDay is a day on which the law changed, or will, with the texts that rely on what changes.
type LawDay struct {
	Date       law.Date `json:"date"`
	About      string   `json:"about"` // country or tool
	Instrument string   `json:"instrument"`
	What       string   `json:"what"`  // begins, ends, review
	Ahead      int      `json:"ahead"` // days until then, 0 if it has come
	Source     string   `json:"source"`
	Verified   bool     `json:"verified"`
	Relying    []Ref    `json:"relying"`
}

// A Decision is one with where its words stand.
type Decision struct {
	Ref      Ref                `json:"at"`
	Decision snapshots.Decision `json:"decision"`
}

// An Unverified is a text that could not be had.
type Unverified struct {
	Terms    snapshots.Terms `json:"terms"`
	URL      string          `json:"url"`
	Since    time.Time       `json:"since"`
	Verified time.Time       `json:"verified,omitzero"` // when it was seen last
	Kind     string          `json:"kind"`
	Why      string          `json:"why"`
	Alarm    int             `json:"alarm,omitempty"` // days without a sight of it, if that is an alarm
}

// called is what tells a digest from others of the same time.
func (d *Digest) called() string {
	if d.Organisation != "" {
		return d.Organisation + "/" + d.List
	}
	return d.List
}

// Empty reports whether there is nothing to tell.
func (d *Digest) Empty() bool {
	return len(d.Findings)+len(d.Facts)+len(d.Announced)+len(d.Law)+len(d.Decisions)+len(d.Unverified) == 0
}
