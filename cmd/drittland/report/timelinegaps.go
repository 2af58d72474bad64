package report

// Gaps of a timeline: the times in which no text could be verified.

import (
	"slices"
	"time"
)

// week is the shortest time that counts as a gap. Where too few captures of our own show how often somebody looks, it is season.
const week, season = 7 * 24 * time.Hour, 60 * 24 * time.Hour

// gapLimit is the time after which it is a gap that nothing could be verified: twice the usual interval between captures of
// our own, whatever came of them. The usual one is the median; what is less than an hour apart belongs to one capture.
func gapLimit(rec *Record) time.Duration {
	var at []time.Time
	for _, s := range rec.Seen {
		if s.Ours {
			at = append(at, s.At)
		}
	}
	for _, m := range rec.Failed {
		if m.Ours {
			at = append(at, m.At)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	var between []time.Duration
	for i := 1; i < len(at); i++ {
		if d := at[i].Sub(at[i-1]); d >= time.Hour {
			between = append(between, d)
		}
	}
	if len(between) < 3 {
		return season
	}
	slices.Sort(between)
	return max(week, 2*between[len(between)/2])
}

// gaps sets the gaps on the axis: from the first failure after a text was seen until one is seen again, or, where captures
// stopped without a failure, the time between two sights. A collection says nothing of the time between two of its records.
func (t *Timeline) gaps(rec *Record) {
	limit := gapLimit(rec)
	t.GapAfter = int(limit / (24 * time.Hour))
	seen := slices.DeleteFunc(slices.Clone(rec.Seen), func(s Sight) bool { return t.Until.Before(s.At) })
	failed := rec.Failed
	for i, s := range seen {
		g := TimelineGap{From: s.At, Until: t.Until, Open: i == len(seen)-1, Why: t.words.T("not captured")}
		silent := true // nobody looked, and it would be known if somebody had
		if !g.Open {
			g.Until = seen[i+1].At
			silent = s.Ours || seen[i+1].Ours
		} else {
			g.Why = t.words.T("not verified since")
		}
		for first := true; len(failed) > 0 && failed[0].At.Before(g.Until); failed = failed[1:] {
			if failed[0].At.Before(s.At) {
				continue
			}
			if first {
				g.From, first, silent = failed[0].At, false, true
			}
			g.Why = Line(t.words.Tell(failed[0].Why))
		}
		if !silent || g.Until.Sub(g.From) <= limit || !t.From.Before(g.Until) {
			continue
		}
		if g.From.Before(t.From) {
			g.From = t.From
		}
		t.Gaps = append(t.Gaps, g)
	}
}

// unverified sums up the gaps.
func (t *Timeline) unverified() string {
	var sum time.Duration
	for _, g := range t.Gaps {
		sum += g.Until.Sub(g.From)
	}
	return t.words.N("%s time", "%s times", len(t.Gaps)) + ", " + t.words.N("%s day in all", "%s days in all", int(sum.Hours()/24))
}
