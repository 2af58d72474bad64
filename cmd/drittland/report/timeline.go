package report

// Timelines: the history of some terms as facts that stand from one version to another, with the versions, what a person
// should look at, the times at which nothing could be verified, and the dates of the law on one axis.

import (
	"slices"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// TimelineSchema names the form of a Timeline as JSON.
const TimelineSchema = "drittland/timeline/1"

// A Record is a history as a timeline needs it.
type Record struct {
	Terms   snapshots.Terms
	Events  []Event   // oldest first
	Seen    []Sight   // when a text could be verified, the versions among them; oldest first
	Failed  []Miss    // when none could; oldest first
	Now     time.Time // of the drawing
	From    time.Time // what is drawn begins here, if it is not zero
	Until   time.Time // and ends here: nothing later counts, as if it had been drawn then
	Variant string    // name of the variant that is drawn; if it is empty, the one that was served on most days
}

// An Event is a version with a text of its own, or a day on which the law changed the findings on one (of cause law).
type Event struct {
	Number    int // of the version, from 1
	ID        string
	At        time.Time
	Cause     snapshots.Cause
	Class     string
	Why       string // one sentence on the class, in English
	Alert     bool
	Variant   string // name of the variant, if there are several
	Broken    bool   // the text looks like a capture that failed, or waits to be confirmed: it is no fact
	Transfers *analyze.Transfers
	Law       []analyze.LawChange
}

// A Sight is a time at which a text was verified.
type Sight struct {
	At   time.Time
	Ours bool // by a capture of our own: a collection records changes only, and its silence means nothing
}

// A Miss is a time at which a text could not be verified.
type Miss struct {
	At   time.Time
	Why  string // in English
	Ours bool   // as of a Sight
}

// A Timeline is what is drawn of a history. Words are in its language.
type Timeline struct {
	Schema   string            `json:"schema"`
	Language string            `json:"report_language"`
	Terms    snapshots.Terms   `json:"terms"`
	From     time.Time         `json:"from"`              // the axis: of the first version, or as asked for
	Until    time.Time         `json:"until"`             // likewise: of the drawing, or as asked for
	Drawn    time.Time         `json:"drawn"`             // when it was drawn
	Verified time.Time         `json:"verified,omitzero"` // when a text was seen last, up to the end of the axis
	Variant  string            `json:"variant,omitempty"` // the one that the bars follow, if there are several
	Variants []TimelineVariant `json:"variants"`          // none if there is only one
	Versions []TimelineVersion `json:"versions"`
	Groups   []TimelineGroup   `json:"groups"` // without those that have no rows
	Alerts   []TimelineAlert   `json:"alerts"`
	GapAfter int               `json:"gap_after_days"` // a gap is longer than this
	Gaps     []TimelineGap     `json:"gaps"`
	Law      []TimelineLaw     `json:"law"`
	Notes    []string          `json:"notes"`

	words *locale.Words
}

// A TimelineVariant is one of several texts that are served side by side.
type TimelineVariant struct {
	Name     string `json:"name"`
	Versions int    `json:"versions"`
	Days     int    `json:"days"` // on which it was the last one seen
}

// A TimelineVersion is one version on the axis.
type TimelineVersion struct {
	Number  int             `json:"number"`
	ID      string          `json:"id"`
	Date    time.Time       `json:"date"`
	Cause   snapshots.Cause `json:"cause"`
	Class   string          `json:"class"`
	Alert   bool            `json:"alert"`
	Variant string          `json:"variant,omitempty"`
	Broken  bool            `json:"broken,omitempty"` // a capture that seems to have failed, or is not confirmed
	Drawn   bool            `json:"drawn"`            // false for a broken one and for a variant beside the drawn one: the bars pass over it
}

// A TimelineGroup holds facts of one kind, such as destinations of one role.
type TimelineGroup struct {
	ID    string         `json:"id"` // a role of destinations, "tool" or "text"
	Title string         `json:"title"`
	Rows  []TimelineRow  `json:"rows"`
	Rest  []TimelineFact `json:"rest"` // facts for which there was no room
}

// places reports whether the facts are destinations.
func (g *TimelineGroup) places() bool { return g.ID != "tool" && g.ID != "text" }

// A TimelineFact is one without a row.
type TimelineFact struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A TimelineRow is one fact, or several destinations that came and went together.
type TimelineRow struct {
	IDs   []string       `json:"ids"` // countries by code, or one transfer tool or fact
	Label string         `json:"label"`
	Names []string       `json:"names"` // of the IDs, in words
	Spans []TimelineSpan `json:"spans"` // oldest first
}

// A TimelineSpan is a time in which a fact stands: from the first version that says it up to the first that does not.
type TimelineSpan struct {
	From         time.Time `json:"from"`
	Until        time.Time `json:"until,omitzero"` // zero if the last version says it
	FromVersion  int       `json:"from_version"`
	UntilVersion int       `json:"until_version,omitempty"`
	Kind         string    `json:"kind"`                    // of destinations: named, by_reference or implied; otherwise "stated"
	FromReading  bool      `json:"from_reading,omitempty"`  // the reading changed and not the text
	UntilReading bool      `json:"until_reading,omitempty"` // likewise
}

// A TimelineAlert is what a person should look at.
type TimelineAlert struct {
	Date    time.Time       `json:"date"`
	Version int             `json:"version"`
	Cause   snapshots.Cause `json:"cause"` // terms or law
	Why     string          `json:"why"`
	Drawn   bool            `json:"drawn"` // as of its version
}

// A TimelineGap is a time in which nothing could be verified.
type TimelineGap struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
	Open  bool      `json:"open"` // it lasts
}

// NewTimeline draws up the timeline of a record, in the words of l. Without a version up to its end there is nothing on it.
func NewTimeline(l *locale.Words, rec *Record) *Timeline {
	t := &Timeline{Schema: TimelineSchema, Language: l.Language(), Terms: rec.Terms, Drawn: rec.Now, Variants: []TimelineVariant{},
		Versions: []TimelineVersion{}, Groups: []TimelineGroup{}, Alerts: []TimelineAlert{}, Gaps: []TimelineGap{}, Law: []TimelineLaw{}, Notes: []string{}, words: l}
	events, versions := t.axis(rec)
	if len(versions) == 0 {
		return t
	}
	line := lineOf(versions, rec.Variant, t.Until)
	if len(line.variants) > 1 {
		t.Variant, t.Variants = line.name, line.variants
	}
	for i, v := range versions {
		if !v.At.Before(t.From) {
			t.Versions = append(t.Versions, TimelineVersion{v.Number, v.ID, v.At, v.Cause, v.Class, v.Alert, v.Variant, v.Broken, line.drawn[i]})
		}
	}
	for _, e := range events {
		if e.Alert && !e.At.Before(t.From) {
			i := slices.IndexFunc(versions, func(v Event) bool { return v.Number == e.Number })
			t.Alerts = append(t.Alerts, TimelineAlert{e.At, e.Number, e.Cause, alertWhy(l, &e), i >= 0 && line.drawn[i]})
		}
	}
	b := newBars(l)
	for i := range versions {
		if line.drawn[i] {
			b.version(&versions[i])
		}
	}
	t.Groups = b.groups(t.From)
	t.Law = lawDates(l, destinations(t.Groups), law.DateOf(t.From), law.DateOf(t.Until))
	t.Groups = fit(l, t.Groups, t.Until)
	t.gaps(rec)
	t.notes(rec)
	return t
}

// axis sets the ends of the axis, and gives the events up to its end, and the versions among them.
func (t *Timeline) axis(rec *Record) (events, versions []Event) {
	t.Until = rec.Now
	if n := len(rec.Events); n > 0 && t.Until.Before(rec.Events[n-1].At) {
		t.Until = rec.Events[n-1].At
	}
	if !rec.Until.IsZero() && rec.Until.Before(t.Until) {
		t.Until = rec.Until
	}
	t.From = t.Until
	events = slices.DeleteFunc(slices.Clone(rec.Events), func(e Event) bool { return t.Until.Before(e.At) })
	versions = slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Cause == snapshots.Law || e.Transfers == nil })
	if len(versions) > 0 {
		t.From = versions[0].At
	}
	if t.From.Before(rec.From) && rec.From.Before(t.Until) {
		t.From = rec.From
	}
	for _, s := range rec.Seen {
		if !t.Until.Before(s.At) {
			t.Verified = s.At
		}
	}
	return events, versions
}

// alertWhy says why a person should look at a version or a day of the law.
func alertWhy(l *locale.Words, e *Event) string {
	if e.Cause == snapshots.Law && len(e.Law) > 0 {
		return LawBetween(l, e.Law)
	}
	if e.Why != "" {
		return Line(l.Tell(e.Why))
	}
	return Class(l, e.Class)
}

// notes say what a reader of the drawing must know beside the legend.
func (t *Timeline) notes(rec *Record) {
	l := t.words
	note := func(s string) { t.Notes = append(t.Notes, s) }
	var beside, broken, read, rest int
	for _, v := range t.Versions {
		switch {
		case v.Broken:
			broken++
		case !v.Drawn:
			beside++
		case v.Cause == snapshots.Reading:
			read++
		}
	}
	if t.Variant != "" {
		note(l.F("Texts are served side by side; drawn is variant %s. Where it was not seen for half a year, the bars follow what was served then.", Line(t.Variant)))
	}
	if beside > 0 {
		note(l.N("%s version of another variant is not drawn.", "%s versions of other variants are not drawn.", beside))
	}
	if broken > 0 {
		note(l.N("%s version looks like a capture that failed, or is not confirmed yet: the bars pass over it.",
			"%s versions look like captures that failed, or are not confirmed yet: the bars pass over them.", broken))
	}
	if read > 0 {
		note(l.N("At %s version our reading changed, and not the text of the service.", "At %s versions our reading changed, and not the text of the service.", read))
	}
	for _, g := range t.Groups {
		rest += len(g.Rest)
	}
	if rest > 0 {
		note(l.N("%s fact has no row of its own and is only named in its group.", "%s facts have no rows of their own and are only named in their groups.", rest))
	}
	if len(t.Gaps) > 0 {
		note(l.N("Not verified: no capture, or only captures that failed, for more than %s day.", "Not verified: no capture, or only captures that failed, for more than %s days.", t.GapAfter))
	}
	if slices.ContainsFunc(rec.Seen, func(s Sight) bool { return !s.Ours }) {
		note(l.T("An imported collection records changes only: it does not show whether somebody looked between two of them."))
	}
	if k := law.KnownUntil(); k.Before(law.DateOf(t.Until)) {
		note(l.F("The legal data end on %s: look for later decisions and judgments.", k))
	}
}

// nameOf names a country in the language of l, with its code.
func nameOf(l *locale.Words, code string) string {
	return Line(places.DisplayName(code, l.Language())) + " (" + Line(code) + ")"
}
