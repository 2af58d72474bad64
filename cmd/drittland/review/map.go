package review

// The map: where texts let data go on a day, by standing; the same as a table, with the version that says it.

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// Flows are where data go by the texts that stood on a day. They may be a little older than the archive.
type Flows struct {
	On          law.Date
	Days        []law.Date // on which something changed, ascending, at most 1,000; the last is today
	Names       []string   // of all services with a text, in order
	Texts       int        // that stood on the day
	Flows       []Flow     // in no order
	Vague       []Where    // versions that leave destinations open
	Read, Total int        // how many terms were read already, of how many
	Many        bool       // there are too many terms for one map, or for a list of names: of one service it can be drawn
}

// A Flow is one destination of one text.
type Flow struct {
	At       Where // the version since which the text has it so
	Since    law.Date
	Country  string       // ISO code
	Standing law.Standing // on the day
	Kind     string       // named, by_reference or implied
	Roles    []string
	Quote    string // its words; of by_reference the address of the list, of implied the recipient, if there is one
}

// signs are the letters that stand for standings beside colour and pattern.
var signs = map[law.Standing]string{law.None: "N", law.Lapsed: "L", law.Conditional: "C", law.Adequate: "A", law.EEA: "E"}

// Bounds of the map page.
const (
	perCountry   = 3   // texts that a country names in the table of all
	perList      = 100 // texts on a page of one country
	maxSuggested = 500 // services that the form suggests
	maxVague     = 30
)

// A mapFilter says what the map shows.
type mapFilter struct{ Service, Role, Country, On string }

func (f mapFilter) address(more ...string) string {
	q := url.Values{}
	for name, value := range map[string]string{"service": f.Service, "role": f.Role, "country": f.Country, "on": f.On} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return "/map"
	}
	return "/map?" + q.Encode()
}

// A flowText is one text that lets data go to a country, in words.
type flowText struct {
	Terms, Address, Since, Roles, Kind, Quote, List string // List is the address of the linked page that names the country
	Number                                          int
}

// A countryRow is a country with the texts that let data go there.
type countryRow struct {
	Code, Name, Standing, Class, Sign, Roles string
	Indirect                                 bool // no text names it: they refer to it, or imply it
	Texts                                    int
	List                                     []flowText
	More                                     int
	All                                      string // address of all texts
	flows                                    []*Flow
	standing                                 law.Standing
}

// Label is what a pointer or a focus on the country says.
func (c *countryRow) label(w *locale.Words) string {
	return w.F("%s (%s): %s", c.Name, c.Code, c.Standing) + "; " + c.Roles + "; " + w.N("%s text", "%s texts", c.Texts)
}

// A legendRow is one standing with how many countries have it.
type legendRow struct {
	Class, Sign, Said string
	Count             int
}

// A choiceOf is one option of a form.
type choiceOf struct {
	Value, Label string
	Selected     bool
}

// A mapPage is the map as it is shown.
type mapPage struct {
	Filter                mapFilter
	Unknown               bool // the archive holds no such service
	Many                  bool // there are too many terms to draw all
	On, First, Today      string
	Step, Last            int    // place of the day in the days, from 0
	Days                  string // all days, for the script
	Prev, Next            string
	Sliding               bool
	Roles                 []choiceOf
	Names                 []string
	Summary               string
	World                 *drawnWorld
	Legend                []legendRow
	Indirect              bool
	Countries             []countryRow
	Absent                []string // countries that the map does not draw
	One                   *countryRow
	ListPrev, ListNext    string
	Vague                 []flowText
	MoreVague, Read, Of   int
	EveryCountry, Service string // addresses
}

func (s *Server) world(v *visit) error {
	today := law.DateOf(s.opts.Now())
	f := mapFilter{v.query.Get("service"), v.query.Get("role"), v.query.Get("country"), ""}
	if len(f.Service)+len(f.Role)+len(f.Country) > 1000 || !utf8.ValidString(f.Service+f.Role+f.Country) {
		return ErrNotFound
	}
	on := today
	if asked := v.query.Get("on"); asked != "" {
		day, err := law.ParseDate(asked)
		if err != nil {
			return &trouble{http.StatusBadRequest, v.F("%s is no day: write it as in 2026-06-30", report.Line(asked))}
		}
		if day.Before(today) {
			on, f.On = day, day.String()
		}
	}
	x, err := s.desk.Flows(v.ctx, f.Service, on)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(v.query.Get("step")); err == nil && len(x.Days) > 0 { // the slider says which of the days
		f.On = x.Days[max(0, min(n, len(x.Days)-1))].String()
		http.Redirect(v.w, v.r, f.address("slide", "1"), http.StatusSeeOther)
		return nil
	}
	p := newMapPage(v, f, x, today)
	return s.show(v, http.StatusOK, "map.html", &frame{Title: v.T("Map"), Tab: "map", Style: "places.css", Content: p})
}

func newMapPage(v *visit, f mapFilter, x *Flows, today law.Date) *mapPage {
	p := &mapPage{Filter: f, On: x.On.String(), Today: today.String(), Read: x.Read, Of: x.Total, Sliding: v.query.Get("slide") != ""}
	p.Many = x.Many && f.Service == ""
	p.Unknown = f.Service != "" && !slices.Contains(x.Names, f.Service)
	p.Names = x.Names[:min(len(x.Names), maxSuggested)]
	if f.Service != "" && !p.Unknown {
		p.Service = "/service?" + url.Values{"s": {f.Service}}.Encode()
	}
	p.days(f, x)
	p.Roles = []choiceOf{{"", v.T("all"), f.Role == ""}}
	for _, r := range roleOrder {
		p.Roles = append(p.Roles, choiceOf{r, report.Role(v.Words, r), f.Role == r})
	}
	p.countries(v.Words, f, x)
	g := f
	g.Country = ""
	p.EveryCountry = g.address()
	if f.Country != "" {
		p.one(v, f)
	}
	vague := slices.Clone(x.Vague)
	slices.SortFunc(vague, compareWhere)
	for i, at := range vague {
		if i == maxVague {
			p.MoreVague = len(vague) - i
			break
		}
		p.Vague = append(p.Vague, flowText{Terms: report.Line(at.Terms.String()), Address: "/change?" + at.Query(), Number: at.Number})
	}
	p.Summary = v.N("%s text stood on this day", "%s texts stood on this day", x.Texts) + "; " + v.N("%s country that data go to", "%s countries that data go to", len(p.Countries))
	p.World = drawWorld(v.Words, p.Countries, x.On)
	for _, c := range p.Countries {
		if !p.World.has(c.Code) {
			p.Absent = append(p.Absent, c.Name)
		}
	}
	return p
}

// days finds the day's place among those on which something changed.
func (p *mapPage) days(f mapFilter, x *Flows) {
	at := func(i int) string {
		g := f
		g.On = x.Days[i].String()
		return g.address()
	}
	list := make([]string, len(x.Days))
	i := 0 // first day after the one shown
	for j, d := range x.Days {
		list[j] = d.String()
		if !x.On.Before(d) {
			i = j + 1
		}
	}
	p.Days, p.Last, p.Step = strings.Join(list, " "), max(0, len(x.Days)-1), max(0, i-1)
	if len(list) == 0 {
		return
	}
	p.First = list[0]
	if i > 0 && p.On == list[i-1] {
		i--
		if i+1 < len(x.Days) {
			p.Next = at(i + 1)
		}
	} else if i < len(x.Days) {
		p.Next = at(i)
	}
	if i > 0 {
		p.Prev = at(i - 1)
	}
}

func compareWhere(a, b Where) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Terms.Service), strings.ToLower(b.Terms.Service)), strings.Compare(a.Terms.Service, b.Terms.Service), strings.Compare(a.Terms.Type, b.Terms.Type), strings.Compare(a.Line, b.Line))
}

// countries gathers flows by country: first those whose standing asks most, and of these those that most texts have.
func (p *mapPage) countries(w *locale.Words, f mapFilter, x *Flows) {
	by := map[string]*countryRow{}
	for i := range x.Flows {
		fl := &x.Flows[i]
		if f.Role != "" && !slices.Contains(fl.Roles, f.Role) {
			continue
		}
		c := by[fl.Country]
		if c == nil {
			c = &countryRow{Code: report.Line(fl.Country), Name: report.Line(places.DisplayName(fl.Country, w.Language())), Standing: report.StandingIn(w, fl.Standing), Class: class(fl.Standing), Sign: signs[fl.Standing], Indirect: true,
				standing: fl.Standing}
			if c.Name == "" {
				c.Name = c.Code
			}
			by[fl.Country] = c
		}
		c.flows, c.Indirect = append(c.flows, fl), c.Indirect && fl.Kind != "named"
	}
	count := map[law.Standing]int{}
	for code, c := range by {
		c.fill(w)
		g := f
		g.Country = code
		c.All = g.address() + "#one"
		for i, fl := range c.flows {
			if i == perCountry {
				c.More = len(c.flows) - i
				break
			}
			c.List = append(c.List, newFlowText(w, fl))
		}
		count[c.standing]++
		p.Countries, p.Indirect = append(p.Countries, *c), p.Indirect || c.Indirect
	}
	slices.SortFunc(p.Countries, func(a, b countryRow) int {
		return cmp.Or(slices.Index(standingOrder, a.standing)-slices.Index(standingOrder, b.standing), b.Texts-a.Texts, strings.Compare(a.Name, b.Name))
	})
	for _, st := range standingOrder {
		p.Legend = append(p.Legend, legendRow{class(st), signs[st], report.StandingIn(w, st), count[st]})
	}
}

// class is a standing as the style knows it.
func class(s law.Standing) string {
	if _, ok := signs[s]; ok {
		return string(s)
	}
	return string(law.None)
}

// fill counts the texts of a country and gathers their roles.
func (c *countryRow) fill(w *locale.Words) {
	slices.SortFunc(c.flows, func(a, b *Flow) int { return cmp.Or(compareWhere(a.At, b.At), strings.Compare(a.Kind, b.Kind)) })
	texts, roles := map[Where]bool{}, map[string]bool{}
	for _, fl := range c.flows {
		at := fl.At
		at.Number = 0
		texts[at] = true
		for _, r := range fl.Roles {
			roles[r] = true
		}
	}
	c.Texts, c.Roles = len(texts), rolesSaid(w, slices.Collect(maps.Keys(roles)))
}

// rolesSaid are roles in words, in their order.
func rolesSaid(w *locale.Words, list []string) string {
	place := func(r string) int {
		if i := slices.Index(roleOrder, r); i >= 0 {
			return i
		}
		return len(roleOrder)
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(place(a)-place(b), strings.Compare(a, b)) })
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = report.Role(w, r)
	}
	return strings.Join(out, ", ")
}

func newFlowText(w *locale.Words, fl *Flow) flowText {
	t := flowText{Terms: report.Line(fl.At.Terms.String()), Address: "/change?" + fl.At.Query(), Since: fl.Since.String(), Roles: rolesSaid(w, fl.Roles), Kind: kindOf(w, fl.Kind), Quote: report.Line(fl.Quote), Number: fl.At.Number}
	if fl.Kind == "by_reference" {
		t.Quote, t.List = "", t.Quote
	}
	if fl.At.Line != "" {
		t.Terms += ", " + report.Line(fl.At.Line)
	}
	return t
}

// one lists all texts of one country, a page of them at a time.
func (p *mapPage) one(v *visit, f mapFilter) {
	i := slices.IndexFunc(p.Countries, func(c countryRow) bool { return strings.EqualFold(c.Code, f.Country) })
	if i < 0 {
		return
	}
	c := p.Countries[i]
	page, _ := strconv.Atoi(v.query.Get("page"))
	page = max(0, min(page, (len(c.flows)-1)/perList))
	c.List, c.More = nil, 0
	for _, fl := range c.flows[page*perList : min((page+1)*perList, len(c.flows))] {
		c.List = append(c.List, newFlowText(v.Words, fl))
	}
	if page > 0 {
		p.ListPrev = f.address("page", strconv.Itoa(page-1)) + "#one"
	}
	if (page+1)*perList < len(c.flows) {
		p.ListNext = f.address("page", strconv.Itoa(page+1)) + "#one"
	}
	p.One = &c
}

// number writes a coordinate.
func number(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }
