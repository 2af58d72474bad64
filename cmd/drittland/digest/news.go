package digest

// News beside versions: what is announced, the law, decisions, and what could not be verified.

import (
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

func (b *builder) announced() []*entry {
	var out []*entry
	for i := range b.d.Announced {
		a := &b.d.Announced[i]
		e := b.entry(&a.Ref)
		if s := report.NotInForce(b.Words, &a.Dates); s != "" {
			e.Says = append(e.Says, report.Line(s))
		} else {
			e.Says = append(e.Says, clip(strings.Join(report.Dates(b.Words, &a.Dates), ", "), noteRunes))
		}
		e.id = idOf("announced", a.key(), dayOf(a.Dates.Effective), dayOf(a.Dates.Next))
		out = append(out, e)
	}
	return out
}

func dayOf(d *analyze.StatedDate) string {
	if d == nil {
		return ""
	}
	return d.Day
}

// lawEvents are kinds of dates of the law beside instruments that begin and end.
var lawEvents = map[string]string{"law": "law", "judgment": "judgment", "pending": "pending case", "contested": "contested", "guideline": "guideline"}

func (b *builder) lawDays() []*entry {
	var out []*entry
	for i := range b.d.Law {
		x := &b.d.Law[i]
		name := named(b.abouts(x.About))
		e := &entry{id: idOf("law", x.Date.String(), x.About, x.What, x.Instrument), service: name, What: x.Date.String(),
			day: time.Date(x.Date.Year, x.Date.Month, x.Date.Day, 0, 0, 0, 0, time.UTC)}
		if e.day.After(b.d.Until) { // it is told before it comes
			e.day = b.d.Until
		}
		if x.Ahead > 0 {
			e.What = b.F("%s, %s", e.What, b.N("in %s day", "in %s days", x.Ahead))
		}
		instrument := clip(x.Instrument, noteRunes)
		switch country := len(x.About) == 2; {
		case x.What == "begins" && country:
			e.Says = append(e.Says, b.F("The adequacy decision begins: %s.", instrument))
		case x.What == "ends" && country:
			e.Says = append(e.Says, b.F("The adequacy decision ends: %s.", instrument))
		case x.What == "begins":
			e.Says = append(e.Says, b.F("In force from then on: %s.", instrument))
		case x.What == "ends":
			e.Says = append(e.Says, b.F("No longer in force: %s.", instrument))
		case x.What == "closed":
			e.Says = append(e.Says, b.F("No new use from then on: %s.", instrument))
		default:
			kind := report.Line(x.What)
			if w, ok := lawEvents[x.What]; ok {
				kind = b.T(w)
			}
			e.Says = append(e.Says, b.F("%s: %s.", kind, instrument))
		}
		if !x.Verified {
			e.Says = append(e.Says, b.T("The date was not checked in the source itself."))
		}
		e.Says = append(e.Says, b.F("Texts that rely on it: %s.", b.relying(x.Relying)))
		if len(x.Relying) > 0 {
			e.Review = link(x.Relying[0].Review)
		}
		out = append(out, e)
	}
	return out
}

// abouts names countries and tools.
func (b *builder) abouts(ids string) string {
	var out []string
	for _, id := range strings.Fields(ids) {
		if len(id) == 2 {
			out = append(out, places.DisplayName(id, b.Language()))
		} else {
			out = append(out, report.Tool(b.Words, id))
		}
	}
	return clip(strings.Join(out, ", "), nameRunes)
}

func (b *builder) relying(list []Ref) string {
	var out []string
	for i := range list {
		out = addOnce(out, clip(list[i].Terms.Service+" · "+list[i].Terms.Type, nameRunes))
	}
	return b.some(out, mostPlaces)
}

func (b *builder) decisions() []*entry {
	var out []*entry
	for i := range b.d.Decisions {
		x := &b.d.Decisions[i]
		e := b.entry(&x.Ref)
		e.day = x.Decision.At
		says := report.Decision(b.Words, &x.Decision)
		switch {
		case x.Decision.About == snapshots.AboutFinding && x.Decision.Check != "":
			says = b.F("On the finding %s: %s.", clip(x.Decision.Check, nameRunes), says)
		default:
			says = b.F("On the change: %s.", says)
		}
		e.Says = append(e.Says, clip(says, noteRunes))
		if x.Decision.Note != "" {
			e.Says = append(e.Says, b.F("Note: %s", clip(x.Decision.Note, noteRunes)))
		}
		if q := x.Decision.Quote; q != "" && (b.whole || b.pairs < mostPairs) {
			b.pairs++
			e.Says = append(e.Says, "“"+clip(q, quoteRunes/2)+"”")
		}
		e.Evidence = "" // it is about the judgement
		e.id = idOf("decision", x.Decision.ID)
		out = append(out, e)
	}
	return out
}

// unverified tells alarms first.
func (b *builder) unverified() []*entry {
	list := slices.Clone(b.d.Unverified)
	slices.SortStableFunc(list, func(x, y Unverified) int { return y.Alarm - x.Alarm })
	var out []*entry
	for i := range list {
		x := &list[i]
		e := &entry{id: idOf("unverified", x.Terms.Service, x.Terms.Type, x.URL, x.Since.UTC().Format(time.RFC3339)), day: x.Since,
			service: named(x.Terms.Service), What: clip(x.Terms.Type, nameRunes)}
		if x.Alarm > 0 {
			e.Level, e.Said = "alarm", b.T("alarm")
			e.Says = append(e.Says, b.N("Nobody has seen this text for %s day: what it says now is not known.", "Nobody has seen this text for %s days: what it says now is not known.", x.Alarm))
		}
		since := b.F("Not to be had since %s", b.on(x.Since))
		if !x.Verified.IsZero() {
			since = b.F("%s, seen last on %s", since, b.on(x.Verified))
		}
		why := report.FailureName(b.Words, x.Kind)
		if said := x.said(); said != "" {
			said = clip(b.Tell(report.Line(said)), noteRunes)
			if why == "" {
				why = said
			} else {
				why = b.F("%s: %s", why, said)
			}
		}
		if why != "" {
			since = b.F("%s: %s", since, why)
		}
		e.Says = append(e.Says, strings.TrimRight(since, ".")+".")
		e.Page = link(x.URL)
		out = append(out, e)
	}
	return out
}

// said is why a text could not be had, without the address and the class, which are told anyway.
func (x *Unverified) said() string {
	why := x.Why
	if rest, ok := strings.CutPrefix(why, "fetch "); ok { // as failures of package fetch begin
		if _, reason, ok := strings.Cut(rest, ": "); ok {
			why = reason
		}
	}
	why = strings.TrimPrefix(why, x.Kind)
	return strings.TrimSpace(strings.TrimPrefix(why, ":"))
}

// key names a version for all time, however often it is derived anew: by its terms, and when its evidence was taken.
func (r *Ref) key() string {
	return strings.Join([]string{r.Terms.Service, r.Terms.Type, r.Line, r.Date.UTC().Format(time.RFC3339Nano)}, "\x00")
}
