// Package law answers what the law of transfers was on a day: whether a country was adequate, whether a
// transfer tool could be relied on, who was in the EEA, which regime applied and what the courts had said.
// It is data with dates and sources (see SOURCES.md) and pure functions over it: no clock, no network.
// Nothing here is legal advice; each row says whether its days were checked against a public source.
package law

import (
	"embed"
	"io/fs"
	"strings"
	"sync"
)

// KnownUntil is the last day up to which the data claim to be complete (SOURCES.md: in what). What happened later may be missing:
// a later adequacy decision, judgment or repeal that is not in the data is unknown, not absent.
func KnownUntil() Date { return Date{2026, 6, 30} }

// Standing is what Chapter V of the GDPR (before it, Arts 25-26 of Directive 95/46) makes of a destination on a day.
type Standing string

// The standings of a destination.
const (
	EEA         Standing = "eea"         // within the European Economic Area: not a third country
	Adequate    Standing = "adequate"    // adequacy decision (or interim rule) in force, whoever the recipient
	Conditional Standing = "conditional" // adequacy decision in force for some recipients or sectors only
	Lapsed      Standing = "lapsed"      // there was an adequacy decision, and it had ended by that day
	None        Standing = "none"        // no adequacy decision up to that day
)

// Status is where a transfer tool stood on a day.
type Status string

// The statuses of a transfer tool.
const (
	Unknown Status = "unknown"  // the data do not hold such a tool
	NotYet  Status = "not_yet"  // not usable before a later day
	InForce Status = "in_force" // usable
	Old     Status = "old"      // no new use, but earlier contracts could still rely on it
	Ended   Status = "ended"    // repealed or annulled
)

// RowKind says what a Row records.
type RowKind string

// The kinds of adequacy rows.
const (
	Decision RowKind = "decision" // adequacy decision, GDPR Art. 45 or Directive 95/46 Art. 25(6)
	Interim  RowKind = "interim"  // rule under which transmissions are not treated as transfers to a third country
)

// A Row is one period of adequacy of one destination. It is in force from From up to, not including, Ended.
type Row struct {
	Country    string   // ISO 3166-1 alpha-2; "EPO" for the European Patent Organisation
	Name       string   // destination, with the framework in brackets
	Standing   Standing // Adequate or Conditional while in force
	Kind       RowKind
	Scope      string // whom and what the decision covers
	Instrument string // its number
	Adopted    Date
	From       Date
	Ended      Date // first day on which it was no longer in force; zero while it is open
	Verified   bool // Adopted was checked against a public source; Source says what else was
	Source     string
}

// A Member is one period in which EU data protection law applied in a state or territory of the EEA.
type Member struct {
	Country  string // ISO 3166-1 alpha-2
	Name     string
	Kind     string // "member" (EU), "efta" (EEA EFTA state) or "territory" (of a member state, with a code of its own)
	From     Date
	Ended    Date // first day after; zero while it is open
	Basis    string
	Verified bool
	Source   string
}

// A ToolRow is one transfer tool, or an instrument that policies name as if it were one.
type ToolRow struct {
	ID           string // such as "2021/914", "dpf", "bcr"
	Name         string
	Kind         string // "scc", "dpa", "framework", "bcr", "code", "certification" or "neighbour" (UK, Swiss)
	TransferTool bool   // false if it cannot carry a transfer of EU personal data at all
	Instrument   string
	Adopted      Date
	From         Date // first day of use
	Closed       Date // first day without new use; zero while it is open
	Ended        Date // first day on which nothing could rely on it; zero while it is open
	Verified     bool
	Source       string
}

// EventKinds are the kinds of events: a change of the law, a judgment, a decision of the Commission (adequacy,
// clauses), guidance of the authorities, a decision of an authority in a case, a case that is pending, and news that
// puts a rule in doubt which is still in force.
var EventKinds = []string{"law", "judgment", "decision", "guideline", "enforcement", "pending", "contested"}

// An Event is one entry of the timeline.
type Event struct {
	Date     Date     // law: first day in force; otherwise the day of the act, or of its announcement if What says so
	Kind     string   // one of EventKinds
	Ref      string   // number of the case or instrument
	About    []string // countries and tool IDs that it concerns
	What     string
	Verified bool
	Source   string
}

// A File is one set of legal data, in the order of its tables.
type File struct {
	Adequacy []Row
	Members  []Member
	Tools    []ToolRow
	Timeline []Event
	Articles []Article
}

//go:embed data/*.csv
var data embed.FS

// Default is the legal data built into drittland. Callers must not change it.
var Default = sync.OnceValue(func() *File {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		panic(err)
	}
	f, err := Read(sub)
	if err != nil {
		panic("law: the embedded data do not decode: " + err.Error()) // a test of this package reads them
	}
	return f
})

// StandingOf is the standing of a destination on a day, by the built-in data.
func StandingOf(country string, on Date) Standing { return Default().StandingOf(country, on) }

// InEEA reports whether the country was in the EEA on a day, by the built-in data.
func InEEA(country string, on Date) bool { return Default().InEEA(country, on) }

// Third reports whether the country was a third country on a day, by the built-in data.
func Third(country string, on Date) bool { return Default().Third(country, on) }

// Rows are the adequacy rows behind StandingOf, by the built-in data.
func Rows(country string, on Date) []Row { return Default().Rows(country, on) }

// Tool is the status of a transfer tool on a day, by the built-in data.
func Tool(id string, on Date) Status { return Default().Tool(id, on) }

// ToolByID is the row of a transfer tool, by the built-in data.
func ToolByID(id string) (ToolRow, bool) { return Default().ToolByID(id) }

// Events are the timeline entries about a country, tool or kind of tool up to a day, by the built-in data.
func Events(about string, until Date) []Event { return Default().Events(about, until) }

func code(country string) string { return strings.ToUpper(country) }
