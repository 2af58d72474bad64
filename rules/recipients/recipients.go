// Package recipients is a table of well-known processors and group companies with the country of their seat, and a
// search for their names in text. A seat is not where data lie: it tells who gets them, so that a reader may infer a
// transfer that the text does not name. It is data with sources (see SOURCES.md) and pure functions over it.
package recipients

import (
	"embed"
	"io/fs"
	"sync"

	"github.com/drittland/drittland/rules/law"
)

// A Form says how a row's names name the recipient.
type Form string

// The forms of a row.
const (
	Entity  Form = "entity"  // a company by its legal form: the seat is that company's
	Service Form = "service" // a brand or product: the seat is that of the company that offers it in the EEA
)

// A Kind says what a recipient is to those who send it data.
type Kind string

// The kinds of recipients.
const (
	Processor Kind = "processor" // works for others
	Group     Kind = "group"     // parent or sister of the services it runs
	Platform  Kind = "platform"  // has users of its own
)

// A Row is one legal entity, or the services of one.
type Row struct {
	Names    []string // as notices write them; of a company the first is the usual one
	Form     Form
	Entity   string // the company, with its legal form
	Group    string // whose company it is
	Country  string // ISO 3166-1 alpha-2, of the company's seat
	Kind     Kind
	About    string   // what it does, in a word or two
	Verified bool     // entity and country were read in Source
	Checked  law.Date // when; zero if they are from memory
	Source   string
}

// EEA reports whether the seat lies in the EEA today, so that nothing is implied by the name.
func (r *Row) EEA() bool { return law.InEEA(r.Country, law.KnownUntil()) }

// A Table is a set of rows, ready for searching.
type Table struct {
	Rows  []Row
	names map[string]*node // by the first word
	first sieve
}

//go:embed data/recipients.csv
var data embed.FS

// Default is the table built into drittland. Callers must not change it.
var Default = sync.OnceValue(func() *Table {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		panic(err)
	}
	t, err := Read(sub)
	if err != nil {
		panic("recipients: the embedded data do not decode: " + err.Error()) // a test of this package reads them
	}
	return t
})
