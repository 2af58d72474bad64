// Package desk joins what people decided with what stands now: which findings and changes wait for a decision, and which
// decisions hold. It is pure.
package desk

import (
	"slices"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A State is how a finding or a change stands with the people who decide.
type State string

// The states. Of one that is not decided, somebody must still decide, or again.
const (
	Open        State = "open"            // nobody has decided
	Decided     State = "decided"         // the last decision holds
	LapsedWords State = "lapsed-by-words" // the words that were decided on stand no longer
	LapsedDate  State = "lapsed-by-date"  // the last decision held until a day, and that is over
	Withdrawn   State = "withdrawn"       // the last decision was taken back
)

// States are all of them.
var States = []State{Open, Decided, LapsedWords, LapsedDate, Withdrawn}

// A Matter is a finding or a change on which somebody has decided.
type Matter struct {
	State   State
	History []snapshots.Decision // oldest first, never empty
}

// Last is the last decision on m, whether it holds or not.
func (m *Matter) Last() snapshots.Decision { return m.History[len(m.History)-1] }

// A Desk is the decisions on one line of history: some terms, or a variant of them.
type Desk struct {
	matters map[string]*Matter
	order   []string // fingerprints, by their first decision
}

// Join sorts the decisions of one line, given in the order in which they were recorded, by what they are about. stands are the fingerprints of
// the findings of the current version and of all changes in its history: a decision whose words come back holds again. day
// is today.
func Join(decisions []snapshots.Decision, stands []string, day law.Date) *Desk {
	d := &Desk{matters: map[string]*Matter{}}
	for _, x := range decisions {
		m := d.matters[x.Fingerprint]
		if m == nil {
			m = &Matter{}
			d.matters[x.Fingerprint] = m
			d.order = append(d.order, x.Fingerprint)
		}
		m.History = append(m.History, x)
	}
	there := make(map[string]bool, len(stands))
	for _, f := range stands {
		there[f] = true
	}
	for f, m := range d.matters {
		m.State = stateOf(m.Last(), there[f], day)
	}
	return d
}

// OfVariant are the decisions on one variant, "" for the wanted text.
func OfVariant(decisions []snapshots.Decision, variant string) []snapshots.Decision {
	return slices.DeleteFunc(slices.Clone(decisions), func(x snapshots.Decision) bool { return x.Variant != variant })
}

func stateOf(last snapshots.Decision, stands bool, day law.Date) State {
	switch {
	case last.Withdrawn:
		return Withdrawn
	case !stands:
		return LapsedWords
	case last.Until != "" && last.Until < day.String():
		return LapsedDate
	}
	return Decided
}

// State is that of what has a fingerprint; Open if nobody has decided on it.
func (d *Desk) State(fingerprint string) State {
	if m := d.matters[fingerprint]; m != nil {
		return m.State
	}
	return Open
}

// Holds is the decision that holds on what has a fingerprint, if one does.
func (d *Desk) Holds(fingerprint string) (snapshots.Decision, bool) {
	m := d.matters[fingerprint]
	if m == nil || m.State != Decided {
		return snapshots.Decision{}, false
	}
	return m.Last(), true
}

// On are all decisions on what has a fingerprint, oldest first.
func (d *Desk) On(fingerprint string) []snapshots.Decision {
	if m := d.matters[fingerprint]; m != nil {
		return m.History
	}
	return nil
}

// Matters are all on which somebody has decided, by their first decision.
func (d *Desk) Matters() []*Matter {
	out := make([]*Matter, len(d.order))
	for i, f := range d.order {
		out[i] = d.matters[f]
	}
	return out
}
