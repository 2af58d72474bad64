package analyze

// Importers: who receives data in the third countries that a text names, so that two versions can be compared.

import (
	"strings"

	"github.com/drittland/drittland/rules"
)

// importers records who receives data in the countries that sentence n names: companies by their names, others by the
// words for them.
func (c *collector) importers(n int, fl *flow) {
	k, s := &c.e.c, &c.sentences[n]
	if !fl.states || fl.denied || len(fl.named) == 0 {
		return
	}
	country, named := fl.named[0].Country, s.own.has(k.NoLonger) // "formerly": a company that changed its name
	for _, h := range s.hits {
		if name := c.companyName(s, h.First); h.Concept == k.CompanyForm && name != "" && !s.own.has(k.NoLonger) {
			named = true
			c.add(FactImporter, n, s.span, "name", name, "country", country, "who", "company")
		}
	}
	if named {
		return
	}
	for _, x := range [...]struct {
		who     string
		concept rules.Concept
	}{{"group", k.Group}, {"provider", k.Provider}, {"provider", k.SubProcessor}, {"third_party", k.ThirdParty}} {
		if h, ok := s.first(x.concept); ok {
			c.add(FactImporter, n, s.span, "name", c.doc.Quote(s.hitSpan(h)), "country", country, "who", x.who)
		}
	}
}

// companyName is the words written like names right before word w, at most four.
func (c *collector) companyName(s *sentence, w int) string {
	quote := c.quote(s)
	first := w
	for first > 0 && w-first < 4 && isTitle(quote[s.words[first-1].Start:s.words[first-1].End]) && !strings.ContainsAny(quote[s.words[first-1].End:s.words[first].Start], ".;:()") {
		first--
	}
	if first == w {
		return ""
	}
	return quote[s.words[first].Start:s.words[w-1].End]
}

// newImporters are those of a text that the text of another version does not know: companies whose name it does not
// hold, and others of a kind that it does not place in the country.
func newImporters(of, other *Facts) []Fact {
	whole := folded(other.Document.Text)
	known := map[string]bool{}
	for _, f := range other.Of(FactImporter) {
		known[f.Attr["who"]+f.Attr["country"]] = true
	}
	var out []Fact
	for _, f := range of.Of(FactImporter) {
		key := f.Attr["who"] + f.Attr["country"]
		if f.Attr["who"] == "company" {
			key = folded(f.Attr["name"])
			known[key] = known[key] || strings.Contains(whole, key)
		}
		if !known[key] {
			known[key] = true
			out = append(out, Fact{Kind: FactAppeared, Attr: with(f.Attr, "what", "recipient"), Span: f.Span, Section: -1, Sentence: -1})
		}
	}
	return out
}
