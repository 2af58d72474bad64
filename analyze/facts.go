package analyze

// Facts: what a text says, each with the place where it says so.

import (
	"slices"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// The kinds of facts about transfers. Checks refer to them by these names; SYNTAX.md lists their attributes.
const (
	FactTransfer    = "transfer"    // data move, or are kept or seen, outside the EEA: place=named|vague, hedged, catchall
	FactDenial      = "denial"      // the text says that there is no transfer
	FactDestination = "destination" // country, kind=named|implied|by_reference, role, standing, access, watch
	FactRecipient   = "recipient"   // a company abroad gets data, and the text does not say where it is: recipient, group, country of its seat, form, role, standing
	FactVague       = "vague"       // a destination that is not named: world=yes|no
	FactList        = "list"        // destinations or recipients stand behind a link: url, access, dead
	FactTool        = "tool"        // id, and what is said of it: detail, old, hedged, link
	FactCopy        = "copy"        // a copy of the safeguards, or where they are: how=copy|link|contact
	FactRemote      = "remote_access"
	FactGovernment  = "government" // authorities of third countries
	FactSafeguards  = "safeguards" // safeguards without a name
	FactOther       = "other_grounds"
	FactDeemed      = "deemed_consent" // about a transfer
	FactRisk        = "less_protective"
	FactMeasure     = "measure"
	FactAssessment  = "assessment"
	FactExplained   = "explained"            // the operation, or recipient and purpose, of a transfer
	FactClaim       = "adequacy_claim"       // a named country is called adequate: country, standing
	FactMention     = "mention"              // what, for items that are due only then
	FactSeat        = "controller_seat"      // outside the EEA: country
	FactEstablished = "established"          // a sentence on the controller, or on how to reach it, names a place in the EEA: country
	FactLegitimate  = "legitimate_interests" // given as the ground of a transfer
	FactUKCHOnly    = "uk_ch_only"           // an instrument for UK or Swiss data only
	FactCopyLimit   = "copy_limit"           // a copy is refused, restricted or paid for
	FactCertificate = "certificate"          // given as protection of a transfer, and no approved tool
	FactEncryption  = "encryption"           // given as protection of a transfer
	FactOnward      = "onward"               // the recipient passes data on: bound=yes|no
	FactLocal       = "local"                // data are kept in the EEA: exclusive=yes|no
	FactDirect      = "direct"               // the reader gives data directly to a company abroad
	FactBackup      = "backup"               // copies or logs are kept outside the EEA
	FactSupport     = "support"              // support, moderation, analytics or development outside the EEA: recipient, country=yes|no
	FactDispute     = "dispute"              // arbitration or courts in a third country
	FactPossible    = "possible"             // the transfer is said to be possible (hedged=yes) or a fact (hedged=no)
	FactClausesFor  = "clauses_for"          // clauses made for importers in a role: role=processor|controller
	FactOwnUse      = "own_use"              // a recipient is a controller, or uses data for its own purposes
	FactProcess     = "legal_process"        // disclosure where law or an authority asks for it, of any country
	FactParent      = "parent"               // a parent company in a third country: country
	FactChallenge   = "challenge"            // orders of authorities challenged, or only those of Union law followed
	FactVendors     = "vendors"              // providers outside the EEA, not named
	FactHidden      = "hidden"               // a text on transfers that is hard to reach: how=login|language
	FactLayer       = "layer"                // another notice, for people in the EEA, stands behind a link: url
	FactUKInEEA     = "uk_in_eea"            // the EEA is taken to hold the United Kingdom
	FactScope       = "out_of_scope"         // words for recipients that an adequacy decision may not cover
	FactPending     = "pending"              // what the sentence speaks of is not yet in force
	FactImporter    = "importer"             // who receives data in a third country that the text names: name, country, who
	FactAppeared    = "appeared"             // between versions: what, and its attributes
	FactGone        = "gone"                 // likewise
	FactSameDate    = "same_date"            // facts changed, and the date that the text states did not
	FactItem        = "item"                 // a piece of information of Art. 13 or 14: id
	FactTopic       = "topic"                // the sentence is about an item of Art. 13 or 14 and does not give it: id
	FactDocument    = "document"             // the text as a whole: whole, readable, long
)

// A Fact is one thing that the text says.
type Fact struct {
	Kind     string
	Attr     map[string]string
	Span     snapshots.Span // the words that say it, usually a sentence
	At       snapshots.Span // the lines of Span that say it, if that is a row of a table; else Span
	Section  int            // index of the governing heading block, -1 if none
	Sentence int            // index of the sentence, for facts that must be near each other; -1 if none
	URL      string         // of the annex that says it; empty if the policy itself does
}

// Facts are the facts of one document in text order, and what is needed to judge them.
type Facts struct {
	Document *snapshots.Document
	All      []Fact
	Annexes  []Annex  // pages that the clauses refer to, as they were given
	Seen     law.Date // day on which the document was captured; zero if it is not known
}

// Of lists the facts of one kind.
func (f *Facts) Of(kind string) []*Fact {
	var out []*Fact
	for i := range f.All {
		if f.All[i].Kind == kind {
			out = append(out, &f.All[i])
		}
	}
	return out
}

// collector gathers the facts of a reading.
type collector struct {
	*reading
	facts  []Fact
	houses []string // groups of companies to which the writer belongs
}

func (c *collector) add(kind string, n int, span snapshots.Span, attr ...string) *Fact {
	f := Fact{Kind: kind, Span: span, At: span, Section: -1, Sentence: n, Attr: map[string]string{}}
	if n >= 0 {
		f.Section = c.sentences[n].section
	}
	for i := 0; i+1 < len(attr); i += 2 {
		f.Attr[attr[i]] = attr[i+1]
	}
	c.facts = append(c.facts, f)
	return &c.facts[len(c.facts)-1]
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Facts reads a document and the annexes captured with it.
func (e *Engine) Facts(doc *snapshots.Document, annexes ...Annex) *Facts {
	c := &collector{reading: e.read(doc)}
	for n := range c.sentences {
		s := &c.sentences[n]
		if s.foreign || c.navigates(s) {
			continue
		}
		fl := c.flow(n)
		c.destinations(n, &fl)
		c.remoteAccess(n, &fl)
		c.tools(n, &fl)
		c.safeguards(n, &fl)
		c.government(n)
		c.lists(n, &fl)
		c.further(n, &fl)
		c.recipients(n, &fl)
	}
	c.settle()
	c.otherLanguage()
	c.annexes(annexes)
	c.seats()
	c.notice()
	c.bases()
	c.document()
	return &Facts{Document: doc, All: inOrder(c.facts), Annexes: annexes}
}

// inOrder puts the facts of the document before those of annexes, and those of each in the order of their places.
func inOrder(facts []Fact) []Fact {
	order := make([]int32, len(facts)) // facts are large to move about
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int {
		a, b := &facts[i], &facts[j]
		switch {
		case (a.URL == "") == (b.URL == ""):
			return a.Span.Start - b.Span.Start
		case a.URL == "":
			return -1
		}
		return 1
	})
	out := make([]Fact, len(facts))
	for i, n := range order {
		out[i] = facts[n]
	}
	return out
}

// navigates tells entries of a table of contents: blocks that are nothing but a link, or repeat a heading.
func (c *collector) navigates(s *sentence) bool {
	block := c.doc.Blocks[s.block]
	if block.Kind != snapshots.Cell && block.Span == s.span && block.Span.Len() < 200 && c.headings[plain(c.doc.Quote(block.Span))] {
		return true
	}
	return len(s.links) == 1 && block.Kind != snapshots.Cell && s.links[0].Span.Len()*10 >= block.Span.Len()*9
}

// document adds the fact about the text as a whole.
func (c *collector) document() {
	words := c.doc.Words()
	c.add(FactDocument, -1, snapshots.Span{}, "whole", yes(words >= wholeNotice), "readable", yes(c.e.Reads(c.doc.Language)), "long", yes(words >= longNotice))
}

// wholeNotice is the number of words from which a text is taken for a whole notice rather than an
// excerpt, so that what it does not say can be called missing.
const wholeNotice = 350

// longNotice is the number of words from which a notice is that of a service with much to say, and so with many users
// or much data. It is a hint for a person, not a measure.
const longNotice = 2300
