package analyze

// Transfers: the facts about transfers in the form in which they leave the program.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// Transfers are the facts about transfers.
type Transfers struct {
	Statement        string        `json:"statement"` // yes, denied or none
	Destinations     []Destination `json:"destinations"`
	Vague            bool          `json:"vague"`
	VagueQuote       string        `json:"vague_quote"`
	VagueStart       int           `json:"vague_start"`
	VagueEnd         int           `json:"vague_end"`
	ListURL          *string       `json:"list_url"`
	Tools            []Tool        `json:"tools"`
	Copy             Offer         `json:"copy_of_safeguards"`
	Recipients       []Recipient   `json:"recipients,omitempty"`
	RemoteAccess     Access        `json:"remote_access"`
	GovernmentAccess Stated        `json:"government_access"`
}

// A Destination is one third country that the text names, directly, by a company or by reference.
type Destination struct {
	Country  string       `json:"country"` // ISO 3166-1 alpha-2
	Name     string       `json:"name"`
	Kind     string       `json:"kind"`
	Roles    []string     `json:"roles"`
	Standing law.Standing `json:"standing"`
	Today    law.Standing `json:"standing_today"`
	Quote    string       `json:"quote"`
	Start    int          `json:"start"`
	End      int          `json:"end"`
	Source   string       `json:"source,omitempty"` // address of the annex, for by_reference; start and end are then within it
	// Recipient is the company whose seat implies the country, the first if there are several.
	Recipient string `json:"recipient,omitempty"`
}

// A Recipient is a company with a seat outside the EEA that gets data, where the text names neither its country nor
// that as a destination elsewhere. The seat is that of package recipients, and implies a destination; it names none.
type Recipient struct {
	Name     string       `json:"name"`    // as in the table
	Country  string       `json:"country"` // of its seat
	Form     string       `json:"form"`    // entity or service
	Standing law.Standing `json:"standing"`
	Quote    string       `json:"quote"`
	Start    int          `json:"start"`
	End      int          `json:"end"`
}

// A Tool is one ground that the text gives for transfers.
type Tool struct {
	ID    string `json:"id"`
	Quote string `json:"quote"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// An Offer says whether a copy of the safeguards is offered.
type Offer struct {
	Offered bool   `json:"offered"`
	Quote   string `json:"quote"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
}

func (o Offer) stated() Stated { return Stated{o.Offered, o.Quote, o.Start, o.End} }

// Stated says whether the text states something, and in which words.
type Stated struct {
	Stated bool   `json:"stated"`
	Quote  string `json:"quote"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
}

// An Access says whether somebody outside the EEA can see the data; the quote is the first that says so.
type Access struct {
	Stated
	Who []string `json:"who,omitempty"` // group, staff, provider or third_party, of all that say so
	For []string `json:"for,omitempty"` // such as support, in the words of the text
}

// transfers sums up the facts about transfers.
func transfers(f *Facts, today law.Date) Transfers {
	t := Transfers{Statement: "none", Destinations: []Destination{}, Tools: []Tool{}}
	doc := f.Document
	for i := range f.All {
		x := &f.All[i]
		quote := func() Stated { return Stated{true, doc.Quote(x.Span), x.Span.Start, x.Span.End} }
		switch x.Kind {
		case FactTransfer:
			t.Statement = "yes"
		case FactDenial:
			if t.Statement == "none" {
				t.Statement = "denied"
			}
		case FactDestination:
			t.Destinations = addDestination(t.Destinations, doc, x, today)
		case FactRecipient:
			t.Recipients = addRecipient(t.Recipients, doc, x)
		case FactVague:
			if !t.Vague {
				t.Vague, t.VagueQuote, t.VagueStart, t.VagueEnd = true, doc.Quote(x.Span), x.Span.Start, x.Span.End
			}
		case FactList:
			if u := x.Attr["url"]; t.ListURL == nil || x.Attr["access"] == "yes" {
				t.ListURL = &u
			}
		case FactTool:
			t.Tools = addTool(t.Tools, Tool{x.Attr["id"], doc.Quote(x.Span), x.Span.Start, x.Span.End})
		case FactCopy:
			if !t.Copy.Offered && x.Attr["how"] == "copy" {
				st := quote()
				t.Copy = Offer{true, st.Quote, st.Start, st.End}
			}
		case FactRemote:
			if !t.RemoteAccess.Stated.Stated {
				t.RemoteAccess.Stated = quote()
			}
			t.RemoteAccess.Who = addNew(t.RemoteAccess.Who, x.Attr["who"])
			t.RemoteAccess.For = addNew(t.RemoteAccess.For, x.Attr["for"])
		case FactGovernment:
			if !t.GovernmentAccess.Stated && x.Attr["which"] != "national_security" { // which may be that of a member state
				t.GovernmentAccess = quote()
			}
		}
	}
	if t.Statement == "yes" && len(t.Tools) == 0 {
		t.Tools = append(t.Tools, Tool{ID: "none_stated"})
	}
	return t
}

// maxWords bounds the words of one kind that a report gives.
const maxWords = 12

func addNew(list []string, s string) []string {
	if s == "" || len(list) == maxWords || slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, s) }) {
		return list
	}
	return append(list, s)
}

// label is the length in bytes up to which a sentence is taken for the label of a list ("Adequacy decisions.").
const label = 40

// addTool keeps one quote for each tool: the first that is more than a label.
func addTool(list []Tool, t Tool) []Tool {
	for i := range list {
		if list[i].ID == t.ID {
			if len(list[i].Quote) <= label && len(t.Quote) > label {
				list[i] = t
			}
			return list
		}
	}
	return append(list, t)
}

func addDestination(list []Destination, doc *snapshots.Document, x *Fact, today law.Date) []Destination {
	for i := range list {
		if d := &list[i]; d.Country == x.Attr["country"] && d.Kind == x.Attr["kind"] {
			if !slices.Contains(d.Roles, x.Attr["role"]) {
				d.Roles = append(d.Roles, x.Attr["role"])
			}
			return list
		}
	}
	d := Destination{Country: x.Attr["country"], Name: places.DisplayName(x.Attr["country"], "en"), Kind: x.Attr["kind"], Roles: []string{x.Attr["role"]},
		Standing: law.Standing(x.Attr["standing"]), Today: law.StandingOf(x.Attr["country"], today), Start: x.Span.Start, End: x.Span.End, Source: x.URL, Recipient: x.Attr["recipient"]}
	if x.URL == "" {
		d.Quote = doc.Quote(x.Span)
	} else {
		d.Quote = d.Name
	}
	return append(list, d)
}

// addRecipient keeps the first mention of each recipient.
func addRecipient(list []Recipient, doc *snapshots.Document, x *Fact) []Recipient {
	if slices.ContainsFunc(list, func(r Recipient) bool { return r.Name == x.Attr["recipient"] }) {
		return list
	}
	return append(list, Recipient{Name: x.Attr["recipient"], Country: x.Attr["country"], Form: x.Attr["form"],
		Standing: law.Standing(x.Attr["standing"]), Quote: doc.Quote(x.Span), Start: x.Span.Start, End: x.Span.End})
}
