package main

// Following: which earlier text each version continues. Services serve variants side by side, and captures break; compared
// with the version before, either looks like a change. What a text is compared with here is the last one of its own line.

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// follows is what the texts before a version make of it.
type follows struct {
	From int   `json:"from"`          // index of the version that it continues, -1 for none
	Row  *kept `json:"row,omitempty"` // its row, if it is not that of the pair
}

// A follower goes through the versions of some terms in order.
type follower struct {
	ctx      context.Context
	a        *archive.Archive
	engine   *analyze.Engine
	h        *history
	from     []int
	rows     []row
	lost     []bool                          // texts that are broken captures as far as is known
	sketches map[snapshots.Hash]*diff.Sketch // by document
	seen     map[snapshots.Hash]int          // last version of each text that stands
	swaps    map[diff.Swap]bool              // changes that were worth a reader, of all versions so far
}

// follow gives the rows of all versions with a text, by what is kept of pairs.
func (t *tool) follow(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history, keep *remembered) ([]row, error) {
	f := &follower{ctx: ctx, a: a, engine: engine, h: h, sketches: map[snapshots.Hash]*diff.Sketch{}, seen: map[snapshots.Hash]int{}, swaps: map[diff.Swap]bool{}}
	chain := ""
	for i, v := range h.Versions {
		chain = string(snapshots.HashOf([]byte(chain + v.ID)))
		pair := keep.Rows[pairOf(h.before(i), v)]
		pair.Number = i + 1
		x, ok := keep.Follows[chain]
		if !ok {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var err error
			if x, err = f.judge(i, pair); err != nil {
				return nil, err
			}
			keep.Follows[chain] = x
			keep.fresh++
		}
		f.enter(i, x, pair)
	}
	f.name()
	return f.rows, nil
}

// enter puts a judged version into the line.
func (f *follower) enter(i int, x follows, r kept) {
	swaps := r.Swaps
	if x.Row != nil {
		r = *x.Row
		swaps = slices.Concat(swaps, r.Swaps)
	}
	if x.From >= 0 && x.From != i-1 {
		r.Against = x.From + 1
	}
	lost := r.Loss != ""
	r.Waits = r.Loss == diff.LostPart && i == len(f.h.Versions)-1
	f.from, f.rows, f.lost = append(f.from, x.From), append(f.rows, r.row), append(f.lost, lost)
	if lost {
		return
	}
	f.seen[r.Text] = i
	for _, s := range swaps {
		f.swaps[s] = true
	}
}

// toAndFro reports whether all that changed came and went before.
func (f *follower) toAndFro(r *kept) bool {
	known := func(s diff.Swap) bool { return f.swaps[s] && f.swaps[s.Back()] }
	return len(r.Swaps) > 0 && !r.Linked && !slices.ContainsFunc(r.Swaps, func(s diff.Swap) bool { return !known(s) })
}

// standing is the last version before i that is no broken capture, -1 if there is none.
func (f *follower) standing(i int) int {
	for i--; i >= 0 && f.lost[i]; i-- {
	}
	return i
}

// judge says which text version i continues. pair is its row against the one before.
func (f *follower) judge(i int, pair kept) (follows, error) {
	last := f.standing(i)
	switch {
	case i == 0 || last < 0:
		return follows{From: i - 1}, nil
	case last == i-1 && !unsettled(pair) && pair.Loss == "":
		return follows{From: i - 1}, nil
	}
	if j, ok := f.seen[pair.Text]; ok && j < i-1 {
		return f.back(i, j, pair)
	}
	if pair.Loss != "" && last == i-1 {
		takeBack(&pair)
		return follows{From: i - 1, Row: &pair}, nil
	}
	sketch, before, earlier, err := f.drawn(i, last)
	if err != nil {
		return follows{}, err
	}
	if last < i-1 {
		return f.afterLoss(i, last, pair, sketch, before, earlier)
	}
	if j := sketch.Nearest(earlier, before); j >= 0 {
		return f.back(i, j, pair)
	}
	if f.toAndFro(&pair) {
		pair.Class, pair.Alert, pair.Why = string(diff.FlipVariant), false, "All that changed came and went before."
		return follows{From: i - 1, Row: &pair}, nil
	}
	return follows{From: i - 1}, nil
}

// unsettled reports whether a row may be news only because another text stands before it.
func unsettled(r kept) bool {
	c := diff.Class(r.Class)
	return r.Alert || c.Alert() || c == diff.Editorial || c == diff.FlipLocale
}

// takeBack takes back what the loss of words seems to have changed.
func takeBack(r *kept) {
	r.Alert, r.Facts, r.Appeared, r.Resolved = false, []analyze.FactChange{}, []string{}, []string{}
	r.CountriesAdded, r.CountriesRemoved, r.ToolsAdded, r.ToolsRemoved = []string{}, []string{}, []string{}, []string{}
}

// drawn gives the sketches of version i, of the last one that stands, and of all before that; nil for broken captures.
func (f *follower) drawn(i, last int) (now, before *diff.Sketch, earlier []*diff.Sketch, err error) {
	if now, err = f.sketch(i); err != nil {
		return nil, nil, nil, err
	}
	if before, err = f.sketch(last); err != nil {
		return nil, nil, nil, err
	}
	earlier = make([]*diff.Sketch, last)
	for k := range earlier {
		if f.lost[k] {
			continue
		}
		if earlier[k], err = f.sketch(k); err != nil {
			return nil, nil, nil, err
		}
	}
	return now, before, earlier, nil
}

func (f *follower) sketch(i int) (*diff.Sketch, error) {
	v := f.h.Versions[i]
	if s, ok := f.sketches[v.Document]; ok {
		return s, nil
	}
	doc, err := f.a.Document(v.Document)
	if err != nil {
		return nil, fmt.Errorf("version %s of %s: %w", v.ID, v.Terms, err)
	}
	s := diff.NewSketch(doc)
	f.sketches[v.Document] = s
	return s, nil
}

// against compares version i with version j.
func (f *follower) against(i, j int, compare comparer) (kept, error) {
	old, err := newSubject(f.a, f.engine, f.h.Versions[j])
	if err != nil {
		return kept{}, err
	}
	now, err := newSubject(f.a, f.engine, f.h.Versions[i])
	if err != nil {
		return kept{}, err
	}
	return compareRow(compare, f.engine, i, old, now), nil
}

// back judges version i, which continues version j and not the one before.
func (f *follower) back(i, j int, pair kept) (follows, error) {
	r, err := f.against(i, j, f.engine.Compare)
	if err != nil {
		return follows{}, err
	}
	number := j + 1
	switch {
	case f.lost[i-1] && !r.Alert:
		r.Class, r.Why = string(diff.Extraction), fmt.Sprintf("The text of version %d is back after a capture that failed.", number)
	case !r.Alert && (f.language(i) != f.language(i-1) || pair.Class == string(diff.FlipLocale)):
		r.Class, r.Why = string(diff.FlipLocale), fmt.Sprintf("The text of version %d is back, in another language than the version before.", number)
	case !r.Alert, f.toAndFro(&r):
		r.Class, r.Alert, r.Why = string(diff.FlipVariant), false, fmt.Sprintf("The text of version %d is back: a variant that was seen before.", number)
	default:
		r.Why = fmt.Sprintf("Compared with version %d, which it continues: %s", number, r.Why)
	}
	return follows{From: j, Row: &r}, nil
}

func (f *follower) language(i int) string { return baseOf(f.h.Versions[i].Language) }

// afterLoss judges a version after one or several broken captures: the text is back, still broken, or it was cut indeed.
func (f *follower) afterLoss(i, last int, pair kept, sketch, before *diff.Sketch, earlier []*diff.Sketch) (follows, error) {
	if j := sketch.Nearest(earlier, before); j >= 0 {
		return f.back(i, j, pair)
	}
	r, err := f.against(i, last, f.engine.Compare)
	if err != nil {
		return follows{}, err
	}
	if r.Loss != diff.LostPart {
		if r.Loss != "" {
			takeBack(&r)
			return follows{From: last, Row: &r}, nil
		}
		return f.back(i, last, pair)
	}
	broken, err := f.sketch(i - 1)
	if err != nil {
		return follows{}, err
	}
	if f.rows[i-1].Loss != diff.LostPart || sketch.Distance(broken) >= sketch.Distance(before) {
		takeBack(&r)
		return follows{From: last, Row: &r}, nil
	}
	if r, err = f.against(i, last, f.engine.CompareConfirmed); err != nil {
		return follows{}, err
	}
	r.Alert = r.Alert && (len(r.Facts) > 0 || len(r.Appeared) > 0)
	number := last + 1
	r.Why = fmt.Sprintf("What was missing in version %d is missing again, so that it was dropped since version %d: %s", i, number, r.Why)
	return follows{From: last, Row: &r}, nil
}

// name gives each variant a name, if there are several: a letter, and its language where that is another than that of most. Captures that failed are of none.
func (f *follower) name() {
	place := make([]int, len(f.from)) // of each version among those that stand
	var from, stand []int
	for i, x := range f.from {
		if f.lost[i] {
			continue
		}
		place[i] = len(stand)
		if x >= 0 && f.lost[x] {
			x = f.standing(x)
		}
		if x >= 0 {
			x = place[x]
		}
		from, stand = append(from, x), append(stand, i)
	}
	line := diff.Lines(from)
	if len(line) == 0 || slices.Max(line) == 0 {
		return
	}
	texts, most := map[string]int{}, ""
	for _, i := range stand {
		l := f.language(i)
		if texts[l]++; texts[l] > texts[most] {
			most = l
		}
	}
	names := map[int]string{} // by the language of the last text
	for k, l := range line {
		names[l] = variantName(l, f.language(stand[k]), most)
	}
	for k, l := range line {
		f.rows[stand[k]].Variant = strings.TrimPrefix(f.h.Variant+"/"+names[l], "/")
	}
}

// variantName names a variant by its letter and, if that is another than that of most texts, its language.
func variantName(n int, language, most string) string {
	if language == most || language == "" || language == "und" {
		return letter(n)
	}
	return letter(n) + "-" + strings.ToLower(language)
}

// letter names a variant: A to Z, then AA.
func letter(n int) string {
	s := ""
	for ; n >= 0; n = n/26 - 1 {
		s = string(rune('A'+n%26)) + s
	}
	return s
}
