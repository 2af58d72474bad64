package review

// The search: words in all versions of all texts, with links to where they came in and where they went.

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/search"
)

// maxPage bounds the pages of a search.
const maxPage = 10000

// A hitView is a passage in words.
type hitView struct {
	Title, Address, Terms, Days, Versions, Language, Annex string
	Gone                                                   string // address of the change that took it out
	Standing                                               bool
	Parts                                                  []search.Part
}

// A searchPage is the search as it is shown.
type searchPage struct {
	Query               Query
	Asked               bool
	Mistake             string
	Hits                []hitView
	First, Shown        int
	Counts, Range       string
	Missing             string // why some is not there
	Read, Of            int
	Prev, Next, Again   string
	Services, Languages []option
	Many                bool // there are too many services to list
}

func (s *Server) search(v *visit) error {
	q := Query{Words: v.query.Get("q"), Service: v.query.Get("service"), Language: v.query.Get("lang"), Last: v.query.Get("last") != ""}
	q.Page, _ = strconv.Atoi(v.query.Get("page"))
	q.Page = max(0, min(q.Page, maxPage))
	p := &searchPage{Query: q, Asked: q.Words != "", Again: q.address(q.Page)}
	status := http.StatusOK
	found, err := s.desk.Search(v.ctx, q)
	var mistake *search.Mistake
	switch {
	case errors.As(err, &mistake):
		status, p.Mistake = http.StatusBadRequest, report.Line(mistake.In(v.T))
	case err != nil:
		return err
	}
	if found != nil {
		p.fill(v.Words, found)
	}
	return s.show(v, status, "search.html", &frame{Title: v.T("Search"), Tab: "search", Content: p})
}

// address is where the page n of what q finds is.
func (q Query) address(n int) string {
	u := url.Values{"q": {q.Words}}
	for name, value := range map[string]string{"service": q.Service, "lang": q.Language} {
		if value != "" {
			u.Set(name, value)
		}
	}
	if q.Last {
		u.Set("last", "1")
	}
	if n > 0 {
		u.Set("page", strconv.Itoa(n))
	}
	return "/search?" + u.Encode()
}

// options are the choices of a field, with one for all.
func options(w *locale.Words, values []string, selected string, say func(string) string) []option {
	out := []option{{Label: w.T("all"), Selected: selected == ""}}
	there := selected == ""
	for _, x := range values {
		out = append(out, option{Value: x, Label: say(x), Selected: x == selected})
		there = there || x == selected
	}
	if !there {
		out = append(out, option{Value: selected, Label: say(selected), Selected: true})
	}
	return out
}

// fill puts what was found in words.
func (p *searchPage) fill(w *locale.Words, found *Found) {
	p.First, p.Read, p.Of = found.First, found.Read, found.Terms
	p.Many = found.Many
	p.Services = options(w, found.All, p.Query.Service, report.Line)
	p.Languages = options(w, found.Languages, p.Query.Language, func(c string) string { return report.LanguageIn(w, c) })
	p.Shown = p.First + len(found.Hits) - 1
	p.Counts, p.Missing = counts(w, found), missing(w, found)
	p.Range = w.F("%d to %d of %d", p.First, p.Shown, found.Total)
	if found.Least {
		p.Range = w.F("%d to %d of at least %d", p.First, p.Shown, found.Total)
	}
	for i := range found.Hits {
		p.Hits = append(p.Hits, newHitView(w, &found.Hits[i]))
	}
	if p.Query.Page > 0 {
		p.Prev = p.Query.address(p.Query.Page - 1)
	}
	if found.More {
		p.Next = p.Query.address(p.Query.Page + 1)
	}
}

// counts says how much was found, and how fast.
func counts(w *locale.Words, found *Found) string {
	said := w.N("%s passage", "%s passages", found.Total) + " · " + w.N("%s service", "%s services", found.Services)
	switch {
	case found.Total == 0 && (found.Slow || !found.Since.IsZero()):
		return w.T("Nothing found so far.")
	case found.Total == 0:
		return w.T("Nothing found.")
	case found.Least:
		said = w.F("at least %s", said)
	}
	return said + " · " + strconv.Itoa(int(found.Took.Milliseconds())) + " ms"
}

// missing says what is not among what was found, if anything.
func missing(w *locale.Words, found *Found) string {
	switch {
	case found.Slow:
		return w.T("There are too many passages to look through in time: add a word, a service or a language.")
	case !found.Since.IsZero():
		return w.F("Not all passages were looked at that appeared until %s: add a word, a service or a language.", day(found.Since))
	case found.Cut:
		return w.T("There is more than was counted: ask for less.")
	}
	return ""
}

func newHitView(w *locale.Words, h *Hit) hitView {
	x := hitView{Title: report.Line(h.At.Reference()), Address: "/change?" + h.At.Query(), Terms: report.Line(h.At.Terms.Type), Standing: h.Until.IsZero(), Annex: report.Line(h.Annex),
		Versions: w.N("%s version", "%s versions", h.Versions) + " (" + search.Numbers(h.Runs) + ")", Days: w.F("since %s", day(h.From))}
	if h.Language != "" {
		x.Language = report.LanguageIn(w, h.Language)
	}
	if !x.Standing {
		x.Days = w.F("from %s, gone since %s", day(h.From), day(h.Until))
		gone := h.At
		gone.Number = h.Gone
		x.Gone = "/change?" + gone.Query()
	}
	for _, p := range h.Parts {
		x.Parts = append(x.Parts, search.Part{Text: report.Piece(p.Text), Marked: p.Marked})
	}
	return x
}
