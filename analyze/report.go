package analyze

// Reports: facts and findings in the form in which they leave the program.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// ReportSchema names the form of a Report. It changes when a reader of the old form would misread the new one.
const ReportSchema = "drittland/report/1"

// A Report is what one document says about transfers and what the law of a day asks about it.
type Report struct {
	Schema       string      `json:"schema"`
	Language     string      `json:"report_language"` // in which titles and messages are
	Document     About       `json:"document"`
	AsOf         law.Date    `json:"as_of"`
	Today        law.Date    `json:"today"`
	Transfers    Transfers   `json:"transfers"`
	Transparency []ItemFound `json:"transparency"`
	Findings     []Finding   `json:"findings"`
	Later        []Finding   `json:"findings_today"` // those that only the law of today makes
	Warnings     []string    `json:"warnings"`       // what could not be read
	facts        *Facts
}

// About identifies the document of a report.
type About struct {
	Language      string         `json:"language"`
	Title         string         `json:"title"`
	EffectiveDate string         `json:"effective_date"` // from when it is in force, else when it was last changed; "" if it states neither
	SHA256        snapshots.Hash `json:"sha256"`         // of the canonical text
	Dates         StatedDates    `json:"dates"`
	Words         int            `json:"words"`
	Readable      bool           `json:"readable"` // there are rules for its language
	Name          string         `json:"name,omitempty"`
}

// An ItemFound says whether the text gives one piece of information of Art. 13 or 14.
type ItemFound struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Found    bool     `json:"found"`
	Quote    string   `json:"quote"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Articles []string `json:"articles"`
}

// A Finding is a passage that a person should read, tied to the articles that ask about it.
type Finding struct {
	ID          string      `json:"id"`
	Rule        string      `json:"rule"`
	Level       rules.Level `json:"level"`
	Title       string      `json:"title"`
	Articles    []string    `json:"articles"`
	Message     string      `json:"message"`
	LookUp      string      `json:"look_up,omitempty"`
	Quote       string      `json:"quote"` // "" where the finding is about something that is absent
	Start       int         `json:"start"`
	End         int         `json:"end"`
	AsOf        law.Date    `json:"as_of"`
	Today       string      `json:"today"`                 // level under the law of today, or "none"
	Between     []LawChange `json:"law_between,omitempty"` // why the two differ
	Fingerprint string      `json:"fingerprint"`
	OfChange    bool        `json:"-"` // about what changed, and not about the text
	Decided     string      `json:"-"` // what a person decided on it, in words; "" for nothing
}

// Dates are the two days of a verdict: when the text was in force, and today.
type Dates struct{ AsOf, Today law.Date }

// Report judges the facts of a document.
func (e *Engine) Report(f *Facts, d Dates) *Report {
	doc := f.Document
	then, now := f.On(d.AsOf), f.On(d.Today)
	r := &Report{Schema: ReportSchema, Language: e.language, AsOf: d.AsOf, Today: d.Today, facts: then,
		Document:  About{Language: doc.Language, Title: doc.Title, SHA256: snapshots.HashOf([]byte(doc.Text)), Words: doc.Words(), Readable: e.Reads(doc.Language)},
		Transfers: transfers(then, d.Today), Transparency: e.transparency(f), Warnings: append([]string{}, doc.Warnings...)}
	r.Document.Dates, r.Document.EffectiveDate = statedDates(f, d.Today)
	if !r.Document.Readable {
		r.Warnings = append(r.Warnings, unreadable(doc.Language))
	}
	old, current := e.judge(then, d.AsOf, false), e.judge(now, d.Today, false)
	today := map[string]rules.Level{}
	for _, h := range current {
		today[h.check.ID] = h.level
	}
	r.Findings = e.findings(doc, old, d, today)
	later := slices.DeleteFunc(current, func(h hit) bool {
		return slices.ContainsFunc(old, func(o hit) bool { return o.check == h.check })
	})
	r.Later = e.findings(doc, later, Dates{d.Today, d.Today}, today)
	for i := range r.Later {
		r.Later[i].Between = between(&later[i], now, d)
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Today != string(f.Level) {
			f.Between = between(&old[i], then, d)
		}
	}
	e.name(&r.Transfers)
	return r
}

// Facts are those behind the report, as of its date.
func (r *Report) Facts() *Facts { return r.facts }

func unreadable(language string) string {
	if language == "und" || language == "" {
		return "the language of the text could not be told; what is not reported here may still be in the text"
	}
	return "there are no rules for the language " + language + " yet; only names that every language uses were looked for, and what is not reported here may still be in the text"
}

// name puts the names of countries in the language of the report.
func (e *Engine) name(t *Transfers) {
	for i := range t.Destinations {
		t.Destinations[i].Name = places.DisplayName(t.Destinations[i].Country, e.language)
	}
}

func (e *Engine) findings(doc *snapshots.Document, hits []hit, d Dates, today map[string]rules.Level) []Finding {
	out := []Finding{}
	for _, h := range hits {
		say := e.set.Text(h.check, e.language)
		f := Finding{ID: h.check.ID, Rule: h.check.Rule, Level: h.level, Title: say.Title, Articles: h.check.Articles,
			LookUp: say.LookUp, AsOf: d.AsOf, Today: "none", Message: e.message(say.Message, h.facts)}
		if l, ok := today[h.check.ID]; ok {
			f.Today = string(l)
		}
		for _, x := range h.facts {
			if x.URL == "" && x.Span.Len() > 0 {
				f.Start, f.End, f.Quote = x.Span.Start, x.Span.End, doc.Quote(x.Span)
				break
			}
		}
		f.Fingerprint = fingerprint(f.ID, f.Quote)
		out = append(out, f)
	}
	return out
}

// message fills in what the facts say: {countries}, {urls} (with † for a page that could not be
// had), and any attribute of the first fact.
func (e *Engine) message(m string, facts []*Fact) string {
	if !strings.Contains(m, "{") {
		return m
	}
	var countries, urls []string
	for _, f := range facts {
		if c := f.Attr["country"]; c != "" {
			if n := places.DisplayName(c, e.language); !slices.Contains(countries, n) {
				countries = append(countries, n)
			}
		}
		u := f.Attr["url"]
		if f.Attr["dead"] == "yes" {
			u += " [†]"
		}
		if u != "" && !slices.Contains(urls, u) {
			urls = append(urls, u)
		}
	}
	pairs := []string{"{countries}", enumerate(countries, e.set.And(e.language)), "{urls}", strings.Join(urls, ", ")}
	if len(facts) > 0 {
		keys := make([]string, 0, len(facts[0].Attr))
		for k := range facts[0].Attr {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			value := facts[0].Attr[k]
			switch k {
			case "country":
				value = places.DisplayName(value, e.language)
			case "id":
				value = e.set.Name(value, e.language)
			}
			pairs = append(pairs, "{"+k+"}", value)
		}
	}
	return strings.NewReplacer(pairs...).Replace(m)
}

// enumerate writes a list as prose: "Brazil, India and Japan".
func enumerate(list []string, and string) string {
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " " + and + " " + list[n-1]
	}
	return strings.Join(list, "")
}

func (e *Engine) transparency(f *Facts) []ItemFound {
	out := make([]ItemFound, 0, len(e.set.Items))
	for _, it := range e.set.Items {
		x := ItemFound{ID: it.ID, Title: e.set.ItemTitle(&it, e.language), Articles: it.Articles}
		rank := ""
		for i := range f.All { // the first of the strongest evidence is shown
			if g := &f.All[i]; g.Kind == FactItem && g.Attr["id"] == it.ID && (!x.Found || g.Attr["rank"] < rank) {
				x.Found, x.Quote, x.Start, x.End = true, f.Document.Quote(g.Span), g.Span.Start, g.Span.End
				rank = g.Attr["rank"]
			}
		}
		out = append(out, x)
	}
	return out
}

// Answer is what classify says of one passage.
type Answer struct {
	Items     []string  `json:"items"`
	Transfers Transfers `json:"transfers"`
}

// Classify reads one passage by itself. Its items are those that it is about, whether or not it gives them as the law
// asks: who is addressed, and what stands beside it, only the whole notice tells.
func (e *Engine) Classify(f *Facts, today law.Date) Answer {
	on := f.On(today)
	a := Answer{Items: []string{}, Transfers: transfers(on, today)}
	about := map[string]bool{}
	for i := range f.All {
		if g := &f.All[i]; g.Kind == FactItem || g.Kind == FactTopic {
			about[g.Attr["id"]] = true
		}
	}
	for i := range e.set.Items {
		if id := e.set.Items[i].ID; about[id] {
			a.Items = append(a.Items, id)
		}
	}
	return a
}
