package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/snapshots"
)

// page writes a document from lines: "# heading", "- item", "| cell | cell", anything else a paragraph. A link is
// written [words](target).
func page(lines string) *snapshots.Document {
	d := &snapshots.Document{Language: "en"}
	var b strings.Builder
	table, row, heading, inTable := -1, 0, -1, false
	add := func(kind snapshots.Kind, level int, words string, place *snapshots.Place, sep string) {
		if len(d.Blocks) > 0 {
			b.WriteString(sep)
		}
		blk := snapshots.Block{Kind: kind, Level: level, Heading: heading, Place: place}
		blk.Span.Start = b.Len()
		for {
			i := strings.Index(words, "[")
			j := strings.Index(words, "](")
			k := strings.Index(words, ")")
			if i < 0 || j < i || k < j {
				break
			}
			b.WriteString(words[:i])
			at := b.Len()
			b.WriteString(words[i+1 : j])
			blk.Links = append(blk.Links, snapshots.Link{Span: snapshots.Span{Start: at, End: b.Len()}, Target: words[j+2 : k]})
			words = words[k+1:]
		}
		b.WriteString(words)
		blk.Span.End = b.Len()
		d.Blocks = append(d.Blocks, blk)
	}
	for _, line := range strings.Split(lines, "\n") {
		line = strings.TrimSpace(line)
		cells, isRow := strings.CutPrefix(line, "|")
		if isRow && !inTable {
			table, row = table+1, -1
		}
		inTable = isRow
		switch {
		case line == "":
		case isRow:
			row++
			for c, words := range strings.Split(cells, "|") {
				sep := "\t"
				if c == 0 {
					sep = "\n"
				}
				add(snapshots.Cell, 0, strings.TrimSpace(words), &snapshots.Place{Table: table, Row: row, Column: c}, sep)
			}
		case strings.HasPrefix(line, "# "):
			h := len(d.Blocks)
			heading = -1
			add(snapshots.Heading, 1, line[2:], nil, "\n")
			heading = h
		case strings.HasPrefix(line, "-- "):
			add(snapshots.Item, 2, line[3:], nil, "\n")
		case strings.HasPrefix(line, "- "):
			add(snapshots.Item, 1, line[2:], nil, "\n")
		default:
			add(snapshots.Paragraph, 0, line, nil, "\n")
		}
	}
	d.Text = b.String()
	return d
}

// check asserts what holds of every redline: words spell both texts, rows hold every block once and in order, moves
// stand once on each side.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, r *Redline) {
	t.Helper()
	var rebuilt []string // the new blocks, made of old text and of what was inserted
	var oldSeen, newSeen []int
	sides := map[int][2]int{}
	for _, row := range r.Rows {
		oldSeen, newSeen = append(oldSeen, row.Old...), append(newSeen, row.New...)
		c := r.Change(row.Change)
		if c == nil {
			a, b := r.Old.Quote(cover(r.Old, row.Old)), r.New.Quote(cover(r.New, row.New))
			if plain(a) != plain(b) {
				t.Fatalf("an unchanged row differs: %q, %q", a, b)
			}
			rebuilt = append(rebuilt, plain(a))
			continue
		}
		s := sides[c.Number]
		if len(row.Old) > 0 {
			s[0]++
		}
		if len(row.New) > 0 {
			s[1]++
			rebuilt = append(rebuilt, apply(t, r, c))
		}
		sides[c.Number] = s
	}
	for _, c := range r.Changes {
		want := map[Op][2]int{Added: {0, 1}, Removed: {1, 0}, Rewritten: {1, 1}, Moved: {1, 1}}[c.Op]
		if sides[c.Number] != want {
			t.Fatalf("change %d (%s) stands %v times, want %v", c.Number, c.Op, sides[c.Number], want)
		}
		apply(t, r, &c)
	}
	inOrder(t, "new", newSeen, len(r.New.Blocks))
	perm := make([]bool, len(r.Old.Blocks))
	for _, b := range oldSeen {
		if perm[b] {
			t.Fatalf("old block %d stands twice", b)
		}
		perm[b] = true
	}
	inOrder(t, "old", oldSeen, len(r.Old.Blocks))
	var want []string
	for _, row := range r.Rows {
		if len(row.New) > 0 {
			want = append(want, plain(r.New.Quote(cover(r.New, row.New))))
		}
	}
	if d := cmp.Diff(want, rebuilt); d != "" {
		t.Fatalf("the changes do not make the new text of the old:\n%s", d)
	}
}

func inOrder(t interface {
	Helper()
	Fatalf(string, ...any)
}, side string, seen []int, n int) {
	t.Helper()
	for i, b := range seen {
		if b != i {
			t.Fatalf("%s block %d stands where %d should", side, b, i)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d of %d %s blocks are in rows", len(seen), n, side)
	}
}

func cover(d *snapshots.Document, blocks []int) snapshots.Span {
	return snapshots.Span{Start: d.Blocks[blocks[0]].Span.Start, End: d.Blocks[blocks[len(blocks)-1]].Span.End}
}

// apply makes the new text of a change from its old text and its insertions, and checks that dropping the insertions
// gives the old text.
func apply(t interface {
	Helper()
	Fatalf(string, ...any)
}, r *Redline, c *Change) string {
	t.Helper()
	var was, is, applied strings.Builder
	i, j := c.Old.Start, c.New.Start
	for _, e := range c.Words {
		if e.Old.Start != i || e.New.Start != j {
			t.Fatalf("change %d: edit %+v does not follow the one before it", c.Number, e)
		}
		i, j = e.Old.End, e.New.End
		if e.Op != Insert {
			was.WriteString(r.Old.Quote(e.Old))
		}
		switch e.Op {
		case Equal:
			is.WriteString(r.New.Quote(e.New))
			applied.WriteString(r.Old.Quote(e.Old))
		case Insert:
			is.WriteString(r.New.Quote(e.New))
			applied.WriteString(r.New.Quote(e.New))
		}
		if e.Op == Equal && plain(r.Old.Quote(e.Old)) != plain(r.New.Quote(e.New)) {
			t.Fatalf("change %d: %q and %q are not equal", c.Number, r.Old.Quote(e.Old), r.New.Quote(e.New))
		}
		if e.Op == Insert && e.Old.Len() != 0 || e.Op == Delete && e.New.Len() != 0 {
			t.Fatalf("change %d: %s covers text of the other side", c.Number, e.Op)
		}
	}
	if was.String() != r.Old.Quote(c.Old) || is.String() != r.New.Quote(c.New) {
		t.Fatalf("change %d (%s): words give %q and %q, want %q and %q", c.Number, c.Op, &was, &is, r.Old.Quote(c.Old), r.New.Quote(c.New))
	}
	return plain(applied.String())
}

// show prints a redline: [-deleted-] [+inserted+], with the rows that did not change left out.
func show(r *Redline) string {
	var b strings.Builder
	for _, row := range r.Rows {
		c := r.Change(row.Change)
		switch {
		case c == nil:
			continue
		case c.Op == Moved && len(row.New) == 0:
			fmt.Fprintf(&b, "moved to %d\n", c.Number)
			continue
		}
		fmt.Fprintf(&b, "%d %s %d:%d ", c.Number, c.Op, len(c.OldBlocks), len(c.NewBlocks))
		for _, e := range c.Words {
			switch e.Op {
			case Equal:
				b.WriteString(r.Old.Quote(e.Old))
			case Delete:
				fmt.Fprintf(&b, "[-%s-]", r.Old.Quote(e.Old))
			case Insert:
				fmt.Fprintf(&b, "[+%s+]", r.New.Quote(e.New))
			}
			if e.Move != 0 {
				fmt.Fprintf(&b, "(M%d)", e.Move)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"same", "# A\nWe keep data.", "# A\nWe keep data.", ""},
		{"empty", "", "", ""},
		{"from nothing", "", "# Notice\nWe keep data.", "1 added 0:1 [+Notice+]\n2 added 0:1 [+We keep data.+]\n"},
		{"to nothing", "# Notice", "", "1 removed 1:0 [-Notice-]\n"},
		{"whole words", "The people who we ask are asked by us in writing.", "The people whom we ask are asked by us in writing.",
			"1 rewritten 1:1 The people [-who-][+whom+] we ask are asked by us in writing.\n"},
		{"modal", "Clipzy will store your profile on servers in Norway.", "Clipzy may store your profile on servers in Norway.",
			"1 rewritten 1:1 Clipzy [-will-][+may+] store your profile on servers in Norway.\n"},
		{"merge", "Clipzy stores your profile on servers in Norway.\nClipzy keeps your messages for thirty days after you leave.",
			"Clipzy stores your profile on servers in Norway. Clipzy keeps your messages for thirty days after you leave.",
			"1 rewritten 2:1 Clipzy stores your profile on servers in Norway.[-\n-][+ +]Clipzy keeps your messages for thirty days after you leave.\n"},
		{"split", "Clipzy stores your profile on servers in Norway. Clipzy keeps your messages for thirty days after you leave.",
			"Clipzy stores your profile on servers in Norway.\nClipzy keeps your messages for thirty days after you leave.",
			"1 rewritten 1:2 Clipzy stores your profile on servers in Norway.[- -][+\n+]Clipzy keeps your messages for thirty days after you leave.\n"},
		{"sentence replaced whole", "Clipzy stores your profile on servers in Norway. Our partners receive hashed identifiers for measuring campaigns on television.",
			"Clipzy stores your profile on servers in Norway. Nobody outside Clipzy learns which channels people watch at night.",
			"1 rewritten 1:1 Clipzy stores your profile on servers in Norway. [-Our partners receive hashed identifiers for measuring campaigns on television-][+Nobody outside Clipzy learns which channels people watch at night+].\n"},
		{"cell", "| Purpose | Days\n| Billing of orders | 30\n| Fraud checks | 90", "| Purpose | Days\n| Billing of orders | 45\n| Fraud checks | 90",
			"1 rewritten 1:1 [-30-][+45+]\n"},
		{"row", "| Purpose | Days\n| Fraud checks | 90", "| Purpose | Days\n| Billing of orders | 45\n| Fraud checks | 90",
			"1 added 0:2 [+Billing of orders\t45+]\n"},
		{"column", "| Purpose | Days\n| Fraud checks | 90", "| Purpose | Ground | Days\n| Fraud checks | consent | 90",
			"1 added 0:1 [+Ground+]\n2 added 0:1 [+consent+]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Compare(page(c.old), page(c.new), Options{})
			check(t, r)
			if d := cmp.Diff(c.want, show(r)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMoves(t *testing.T) {
	const (
		cookies = "# Cookies\nPetit Panier sets cookies that remember your basket, your language and the shops near you.\n"
		rights  = "# Your rights\nYou may ask Petit Panier for a copy of your data at any time and free of charge.\n"
		storage = "# Storage\nYour orders are kept on servers in France for as long as the law of commerce requires it.\n- orders\n- invoices\n"
	)
	t.Run("section", func(t *testing.T) {
		r := Compare(page(cookies+rights+storage), page(rights+storage+cookies), Options{})
		check(t, r)
		want := "moved to 1\nmoved to 2\n1 moved 1:1 Cookies\n2 moved 1:1 Petit Panier sets cookies that remember your basket, your language and the shops near you.\n"
		if d := cmp.Diff(want, show(r)); d != "" {
			t.Error(d)
		}
		if r.Counts.WordsAdded+r.Counts.WordsRemoved != 0 || r.Counts.WordsMoved != 16 {
			t.Errorf("counts: %+v", r.Counts)
		}
	})
	t.Run("edited", func(t *testing.T) {
		r := Compare(page(cookies+rights+storage), page(rights+storage+strings.Replace(cookies, "near", "around", 1)), Options{})
		check(t, r)
		if got := show(r); !strings.Contains(got, "2 moved 1:1 Petit Panier sets cookies that remember your basket, your language and the shops [-near-][+around+] you.\n") {
			t.Error(got)
		}
		if !r.Changes[1].Edited() || r.Changes[0].Edited() {
			t.Error("the paragraph was edited, its heading was not")
		}
	})
	t.Run("sentence", func(t *testing.T) {
		s := " Our suppliers may open your basket only where you asked us for help with an order."
		r := Compare(page(strings.TrimSpace(rights)+s+"\n"+storage+cookies), page(rights+storage+strings.TrimSpace(cookies)+s), Options{})
		check(t, r)
		if got := show(r); strings.Count(got, "(M1)") != 2 {
			t.Error(got)
		}
	})
}

func TestLinkChanges(t *testing.T) {
	old := page("We use the processors [listed here](https://clipzy.example/list-1?utm_source=a#top).\nRead [more](https://clipzy.example/more?utm_source=a#x) about us and our friends.\n" +
		"| [annex](https://clipzy.example/annex-eu) | yes")
	new := page("We use only the processors [listed here](https://clipzy.example/list-2).\nRead [more](http://clipzy.example/more/#y) about us and our friends.\n" +
		"| [annex](https://clipzy.example/annex-row) | yes")
	r := Compare(old, new, Options{})
	check(t, r)
	var got []string
	for _, l := range r.LinkChanges {
		got = append(got, old.Quote(l.Old.Span)+" "+l.Old.Target+" "+l.New.Target)
	}
	want := []string{"listed here https://clipzy.example/list-1?utm_source=a#top https://clipzy.example/list-2",
		"annex https://clipzy.example/annex-eu https://clipzy.example/annex-row"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLargeGapFallsBack(t *testing.T) {
	var a, b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&a, "Clipzy keeps the item number %d for a while.\n", i)
		fmt.Fprintf(&b, "Clipzy stores the item number %d for a year.\n", i)
	}
	a.WriteString("yes\n")
	b.WriteString("yes\n")
	for _, cells := range []int{1, 300, 0} {
		check(t, Compare(page(a.String()), page(b.String()), Options{MaxCells: cells}))
	}
}

func TestDamagedSpans(t *testing.T) {
	d := page("# A\nOne two three.\n| a | b")
	d.Blocks[1].Span = snapshots.Span{Start: 90, End: 3}
	d.Blocks[2].Span = snapshots.Span{Start: -1, End: 400}
	Classify(Compare(d, page("One two."), Options{}))
	Classify(Compare(page("One two."), d, Options{}))
}

func TestFaithful(t *testing.T) {
	lex := newLexis()
	w := wording{lex: lex, a: lex.tokens("one two three", 0), b: lex.tokens("one four three", 0)}
	for _, c := range []struct {
		hs   []hunk
		want bool
	}{
		{[]hunk{{1, 2, 1, 2}}, true},
		{[]hunk{{0, 3, 0, 3}}, true},
		{nil, false},
		{[]hunk{{2, 3, 2, 3}}, false},
		{[]hunk{{1, 2, 1, 9}}, false},
	} {
		if got := w.faithful(c.hs); got != c.want {
			t.Errorf("%v: %v", c.hs, got)
		}
	}
}

func TestCompareHolds(t *testing.T) {
	line := rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom(strings.Fields("we may share your data with partners in Norway. Clipzy, keeps; it: for 30 days “safe” don’t | - #")), 0, 14).Draw(t, "words")
		return rapid.SampledFrom([]string{"", "", "# ", "- ", "| "}).Draw(t, "kind") + strings.Join(words, rapid.SampledFrom([]string{" ", " ", "  ", "\u00a0"}).Draw(t, "space"))
	})
	lines := rapid.SliceOfN(line, 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		old := lines.Draw(t, "old")
		new := lines.Draw(t, "new")
		if rapid.Bool().Draw(t, "alike") {
			new = append(append([]string{}, new...), rapid.Permutation(old).Draw(t, "shuffled")...)
		}
		a, b := page(strings.Join(old, "\n")), page(strings.Join(new, "\n"))
		opt := Options{MaxCells: rapid.SampledFrom([]int{0, 0, 1, 10, 40}).Draw(t, "cells"), MinMove: rapid.SampledFrom([]int{0, 2}).Draw(t, "move")}
		r := Compare(a, b, opt)
		check(t, r)
		if d := cmp.Diff(r.Changes, Compare(a, b, opt).Changes); d != "" {
			t.Fatalf("not the same twice: %s", d)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("# Notice\nWe keep data.", "# Notice\nWe may keep data.")
	f.Add("| a | b\n| c | d", "| a\n| c | e | d")
	f.Add("One. Two.\nThree.", "One.\nTwo. Three.")
	f.Add("\u00a0x  y", "x\u00a0y 日本語 text")
	f.Add("a b c d e f g h i j k l\nq", "q\na b c d e f g h i j k m")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 4000 {
			return
		}
		r := Compare(page(strings.ToValidUTF8(a, "?")), page(strings.ToValidUTF8(b, "?")), Options{})
		check(t, r)
		if v := Classify(r); v.Class == "" || v.Why == "" || len(v.Each) != len(r.Changes) {
			t.Fatalf("no verdict: %+v", v)
		}
	})
}
