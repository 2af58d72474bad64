package analyze

// Comparison: what a change of the text did to the facts and to the findings.

import (
	"slices"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/recipients"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// DiffSchema names the form of a Comparison.
const DiffSchema = "drittland/diff/1"

// A Comparison is what changed between two documents: the redline, the facts, the findings.
type Comparison struct {
	Schema           string        `json:"schema"`
	Language         string        `json:"report_language"` // in which titles and messages are
	Old              About         `json:"old"`
	New              About         `json:"new"`
	OldAsOf          law.Date      `json:"old_as_of"` // day whose law the old text is judged by
	AsOf             law.Date      `json:"as_of"`     // likewise for the new text
	Class            string        `json:"class"`
	Why              string        `json:"why"` // one sentence on the class
	Loss             diff.Loss     `json:"-"`   // in which way the new text looks like a capture that failed
	Swaps            []diff.Swap   `json:"-"`   // the changes that are worth a reader
	Alert            bool          `json:"alert"`
	TransfersTouched bool          `json:"transfers_touched"`
	CountriesAdded   []string      `json:"countries_added"`
	CountriesRemoved []string      `json:"countries_removed"`
	ToolsAdded       []string      `json:"tools_added"`
	ToolsRemoved     []string      `json:"tools_removed"`
	FactsChanged     []FactChange  `json:"facts_changed"`
	Appeared         []Finding     `json:"findings_appeared"`
	Resolved         []Finding     `json:"findings_resolved"`
	Had              []Finding     `json:"-"` // all of the old text
	Has              []Finding     `json:"-"` // all of the new text
	Changes          []diff.Change `json:"changes"`
	Before           Transfers     `json:"transfers_before"`
	After            Transfers     `json:"transfers_after"`
	Redline          *diff.Redline `json:"-"`
	words            changed
}

// A FactChange is one fact about transfers that appeared or went away.
type FactChange struct {
	Op    string `json:"op"`   // added or removed
	What  string `json:"what"` // destination, tool, remote_access, vague, list_url, annex_dead, annex_changed, copy_of_safeguards, government_access, statement
	Value string `json:"value,omitempty"`
	Role  string `json:"role,omitempty"`
	Quote string `json:"quote,omitempty"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	// Source is the address of the linked page that says it; start and end are then within that page.
	Source string `json:"source,omitempty"`
}

// Compare judges two versions. The old text is judged as of its own day, the new one as of the day of d.
func (e *Engine) Compare(old, new *Facts, oldDay law.Date, d Dates) *Comparison {
	return e.compare(old, new, oldDay, d, diff.Classify)
}

// CompareConfirmed is Compare for a new text that was captured as it is: what is missing in it was dropped.
func (e *Engine) CompareConfirmed(old, new *Facts, oldDay law.Date, d Dates) *Comparison {
	return e.compare(old, new, oldDay, d, diff.ClassifyConfirmed)
}

func (e *Engine) compare(old, new *Facts, oldDay law.Date, d Dates, classify func(*diff.Redline) diff.Verdict) *Comparison {
	before, after := e.Report(old, Dates{oldDay, d.Today}), e.Report(new, d)
	red := diff.Compare(old.Document, new.Document, diff.Options{})
	v := classify(red)
	c := &Comparison{Schema: DiffSchema, Language: e.language, Old: before.Document, New: after.Document, OldAsOf: oldDay, AsOf: d.AsOf, Class: string(v.Class), Why: v.Why, Loss: v.Loss, Swaps: diff.Swaps(red, v),
		Before: before.Transfers, After: after.Transfers, Redline: red, Changes: red.Changes, words: changedWords(red, v)}
	if c.Changes == nil {
		c.Changes = []diff.Change{}
	}
	c.FactsChanged = changedFacts(&before.Transfers, &after.Transfers)
	c.FactsChanged = append(c.FactsChanged, deadAnnexes(old, new)...)
	c.TransfersTouched = len(c.FactsChanged) > 0 || touches(red, v, old, new)
	c.classify(v)
	c.rewritten(old, new)
	c.sets()
	c.Had, c.Has = before.Findings, after.Findings
	c.Appeared, c.Resolved = findingChange(before.Findings, after.Findings)
	for _, f := range e.findings(new.Document, e.judge(c.facts(old, new, d), d.AsOf, true), d, nil) {
		f.Today, f.OfChange = string(f.Level), true
		if f.Quote == "" { // what went is not in the text: the change names it
			f.Fingerprint = fingerprint(f.ID, c.Fingerprint())
		}
		c.Appeared = append(c.Appeared, f)
	}
	return c
}

// facts are those of the new text together with those on what changed.
func (c *Comparison) facts(old, new *Facts, d Dates) *Facts {
	return &Facts{Document: new.Document, All: slices.Concat(new.On(d.AsOf).All, versionFacts(c, old, new, d), newSeats(old.Document, &c.After))}
}

// classify raises the class of the texts where facts on transfers changed within real changes of the text.
func (c *Comparison) classify(v diff.Verdict) {
	if c.TransfersTouched && (v.Alert || len(c.FactsChanged) > 0 && v.Class == diff.Editorial) {
		c.Class = string(diff.SubstantiveTransfers)
		c.Why = "The facts on transfers, or the words of a clause on transfers, changed."
	}
	if v.Class == diff.None && len(c.FactsChanged) > 0 {
		c.Class, c.Why = string(diff.SubstantiveTransfers), "The policy is unchanged; a page that it refers to now says something else on transfers."
	}
	c.Alert = v.Alert || c.Class == string(diff.SubstantiveTransfers)
}

// sets fills in which countries and tools came and went. Another capture of the same text is no change by the service:
// what it says differently stands in FactsChanged alone.
func (c *Comparison) sets() {
	before, after := &c.Before, &c.After
	switch diff.Class(c.Class) {
	case diff.None, diff.Cosmetic, diff.Extraction, diff.FlipLocale, diff.FlipVariant:
		before, after = &Transfers{}, &Transfers{}
	}
	c.CountriesAdded, c.CountriesRemoved = setChange(countries(before), countries(after))
	c.ToolsAdded, c.ToolsRemoved = setChange(tools(before), tools(after))
}

// countries are those that the text names, itself or on a linked page.
func countries(t *Transfers) []string {
	var out []string
	for _, d := range t.Destinations {
		if d.Kind != "implied" && !slices.Contains(out, d.Country) {
			out = append(out, d.Country)
		}
	}
	slices.Sort(out)
	return out
}

func tools(t *Transfers) []string {
	var out []string
	for _, x := range t.Tools {
		if x.ID != "none_stated" {
			out = append(out, x.ID)
		}
	}
	slices.Sort(out)
	return out
}

func setChange(old, new []string) (added, removed []string) {
	added, removed = []string{}, []string{}
	for _, x := range new {
		if !slices.Contains(old, x) {
			added = append(added, x)
		}
	}
	for _, x := range old {
		if !slices.Contains(new, x) {
			removed = append(removed, x)
		}
	}
	return added, removed
}

func changedFacts(old, new *Transfers) []FactChange {
	out := []FactChange{}
	out = append(out, listed("added", new, old)...)
	out = append(out, listed("removed", old, new)...)
	return out
}

// listed are the facts of t that are not in other.
func listed(op string, t, other *Transfers) []FactChange {
	var out []FactChange
	for _, d := range t.Destinations {
		if d.Recipient != "" {
			continue // implied: what changed is told of the recipient
		}
		for _, role := range d.Roles {
			if !hasRole(other, d.Country, role) {
				out = append(out, FactChange{op, "destination", d.Country, role, d.Quote, d.Start, d.End, d.Source})
			}
		}
	}
	for _, x := range t.Tools {
		if x.ID != "none_stated" && !slices.ContainsFunc(other.Tools, func(o Tool) bool { return o.ID == x.ID }) {
			out = append(out, FactChange{Op: op, What: "tool", Value: x.ID, Quote: x.Quote, Start: x.Start, End: x.End})
		}
	}
	stated := func(what string, a, b Stated) {
		if a.Stated && !b.Stated {
			out = append(out, FactChange{Op: op, What: what, Quote: a.Quote, Start: a.Start, End: a.End})
		}
	}
	stated("remote_access", t.RemoteAccess.Stated, other.RemoteAccess.Stated)
	stated("government_access", t.GovernmentAccess, other.GovernmentAccess)
	stated("copy_of_safeguards", t.Copy.stated(), other.Copy.stated())
	if t.Vague && !other.Vague {
		out = append(out, FactChange{Op: op, What: "vague", Quote: t.VagueQuote, Start: t.VagueStart, End: t.VagueEnd})
	}
	if t.ListURL != nil && (other.ListURL == nil || *other.ListURL != *t.ListURL) {
		out = append(out, FactChange{Op: op, What: "list_url", Value: *t.ListURL})
	}
	if t.Statement != other.Statement {
		out = append(out, FactChange{Op: op, What: "statement", Value: t.Statement})
	}
	return out
}

func hasRole(t *Transfers, country, role string) bool {
	for _, d := range t.Destinations {
		if d.Country == country && d.Recipient == "" && slices.Contains(d.Roles, role) {
			return true
		}
	}
	return false
}

func findingChange(old, new []Finding) (appeared, resolved []Finding) {
	has := func(list []Finding, id string) bool {
		return slices.ContainsFunc(list, func(f Finding) bool { return f.ID == id })
	}
	appeared, resolved = []Finding{}, []Finding{}
	for _, f := range new {
		if !has(old, f.ID) {
			appeared = append(appeared, f)
		}
	}
	for _, f := range old {
		if !has(new, f.ID) {
			resolved = append(resolved, f)
		}
	}
	return appeared, resolved
}

// versionFacts are the facts that checks on two versions ask for: appeared and gone, with what is
// destination (a country in a role), country (in any role), recipient or tool (or measure); and same_date, if the text
// states the date it had.
func versionFacts(c *Comparison, old, new *Facts, d Dates) []Fact {
	var out []Fact
	if c.Alert {
		out = append(newImporters(new, old), lostSafeguards(old, new)...)
	}
	if len(c.FactsChanged) > 0 && c.Alert && c.Old.EffectiveDate != "" && c.Old.EffectiveDate == c.New.EffectiveDate {
		out = append(out, Fact{Kind: FactSameDate, Attr: map[string]string{}, Sentence: -1, Section: -1})
	}
	kind := map[string]string{"added": FactAppeared, "removed": FactGone}
	for _, fc := range c.FactsChanged {
		f := Fact{Kind: kind[fc.Op], Attr: map[string]string{"what": fc.What}, Sentence: -1, Section: -1, URL: fc.Source}
		if fc.Op == "added" {
			f.Span = snapshots.Span{Start: fc.Start, End: fc.End}
		}
		switch fc.What {
		case "destination":
			f.Attr["country"], f.Attr["role"] = fc.Value, fc.Role
			f.Attr["standing"] = string(law.StandingOf(fc.Value, d.AsOf))
			if slices.Contains(c.CountriesAdded, fc.Value) || slices.Contains(c.CountriesRemoved, fc.Value) {
				g := f
				g.Attr = with(f.Attr, "what", "country")
				out = append(out, g)
			}
		case "tool":
			f.Attr["id"] = fc.Value
		case "copy_of_safeguards":
			f.Attr["what"], f.Attr["id"] = "tool", "copy"
		}
		out = append(out, f)
	}
	return out
}

// newSeats are the facts on recipients with a seat abroad that the old text does not name at all.
func newSeats(old *snapshots.Document, t *Transfers) []Fact {
	if len(t.Recipients) == 0 {
		return nil
	}
	var out []Fact
	before := recipients.Default().Find(old.Text, text.Words(old.Text), nil)
	for _, r := range t.Recipients {
		if !slices.ContainsFunc(before, func(m recipients.Match) bool { return m.Name == r.Name }) {
			out = append(out, Fact{Kind: FactAppeared, Span: snapshots.Span{Start: r.Start, End: r.End}, Sentence: -1, Section: -1,
				Attr: map[string]string{"what": "recipient", "name": r.Name, "country": r.Country, "form": r.Form, "standing": string(r.Standing)}})
		}
	}
	return out
}

// lostSafeguards are the measures that the old text names and the new one does not, and the tools that the new one names
// only as a possibility.
func lostSafeguards(old, new *Facts) []Fact {
	var out []Fact
	gone := func(id string) {
		out = append(out, Fact{Kind: FactGone, Attr: map[string]string{"what": "tool", "id": id}, Sentence: -1, Section: -1})
	}
	if len(old.Of(FactMeasure)) > 0 && len(new.Of(FactMeasure)) == 0 {
		gone("measure")
	}
	definite := func(f *Facts, id string) (any, firm bool) {
		for _, t := range f.Of(FactTool) {
			if t.Attr["id"] == id {
				any, firm = true, firm || t.Attr["hedged"] != "yes"
			}
		}
		return any, firm
	}
	for _, id := range []string{ToolSCC, ToolBCR} {
		_, before := definite(old, id)
		if any, after := definite(new, id); before && any && !after {
			gone(id)
		}
	}
	return out
}

// Worst is the highest level among findings, "" if there are none.
func Worst(fs []Finding) rules.Level {
	var worst rules.Level
	for _, f := range fs {
		if f.Level.Rank() > worst.Rank() {
			worst = f.Level
		}
	}
	return worst
}
