// This file compares where links lead: a list of countries or processors often changes behind an unchanged word.

package diff

import (
	"net/url"
	"sort"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// linkChanges finds links whose words stand while their target changed, leaving aside what only tracks a reader.
func linkChanges(r *Redline) []LinkChange {
	var out []LinkChange
	for _, row := range r.Rows {
		switch c := r.Change(row.Change); {
		case c == nil && len(row.Old) == len(row.New):
			for i := range row.Old {
				a, b := r.Old.Blocks[row.Old[i]].Span, r.New.Blocks[row.New[i]].Span
				out = append(out, r.linksWithin(row.Old[i:i+1], row.New[i:i+1], []Edit{{Op: Equal, Old: a, New: b}})...)
			}
		case c != nil && len(row.New) > 0 && len(c.OldBlocks) > 0:
			out = append(out, r.linksWithin(c.OldBlocks, row.New, c.Words)...)
		}
	}
	return out
}

// linksWithin compares the links that lie wholly in equal words of a pair.
func (r *Redline) linksWithin(old, new []int, words []Edit) []LinkChange {
	type place struct {
		span snapshots.Span
		nth  int // links may share a span
	}
	type found struct {
		block int
		link  snapshots.Link
	}
	at := map[place]found{}
	nth := map[snapshots.Span]int{}
	for _, b := range new {
		for _, l := range r.New.Blocks[b].Links {
			at[place{l.Span, nth[l.Span]}] = found{b, l}
			nth[l.Span]++
		}
	}
	var out []LinkChange
	clear(nth)
	for _, b := range old {
		for _, l := range r.Old.Blocks[b].Links {
			k := sort.Search(len(words), func(k int) bool { return words[k].Old.End >= l.Span.End })
			if l.Span.Len() <= 0 || k == len(words) || words[k].Op != Equal || !words[k].Old.Contains(l.Span) {
				continue
			}
			shift := words[k].New.Start - words[k].Old.Start
			moved := snapshots.Span{Start: l.Span.Start + shift, End: l.Span.End + shift}
			f, ok := at[place{moved, nth[l.Span]}]
			nth[l.Span]++
			if ok && bare(f.link.Target) != bare(l.Target) {
				out = append(out, LinkChange{OldBlock: b, NewBlock: f.block, Old: l, New: f.link})
			}
		}
	}
	return out
}

// tracking names query parameters that follow a reader, or sign an address for some hours, and do not say what is
// shown. A name that ends in _ or - stands for all that begin so.
var tracking = []string{"utm_", "mtm_", "pk_", "mc_", "x-amz-", "gclid", "fbclid", "msclkid", "_ga", "_gl", "ref", "source", "origin", "trk",
	"trackingid", "sid", "sessionid", "visit_id", "signature", "expires", "key-pair-id", "token"}

func tracks(name string) bool {
	for _, t := range tracking {
		if name == t || (strings.HasSuffix(t, "_") || strings.HasSuffix(t, "-")) && strings.HasPrefix(name, t) {
			return true
		}
	}
	return false
}

// bare is a target without its fragment, its tracking parameters, its scheme and a final slash.
func bare(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	if u.Opaque != "" { // mailto:
		return strings.ToLower(u.Scheme + ":" + u.Opaque)
	}
	q := u.Query()
	for name := range q {
		if tracks(strings.ToLower(name)) {
			q.Del(name)
		}
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + q.Encode()
}
