package report

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// policy makes a document of lines: "## heading", "-- nested item", "| cell | cell", else a paragraph.
func policy(lines string) *snapshots.Document {
	d := &snapshots.Document{Language: "en"}
	table, row, heading := -1, 0, -1
	add := func(b snapshots.Block, words, between string) {
		if len(d.Blocks) > 0 {
			d.Text += between
		}
		b.Heading = heading
		b.Span = snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(words)}
		d.Text += words
		if d.Blocks = append(d.Blocks, b); b.Kind == snapshots.Heading {
			heading = len(d.Blocks) - 1
		}
	}
	last := ""
	for _, l := range strings.Split(strings.Trim(lines, "\n"), "\n") {
		mark, words, ok := strings.Cut(l, " ")
		switch {
		case ok && strings.Trim(mark, "#") == "":
			add(snapshots.Block{Kind: snapshots.Heading, Level: len(mark)}, words, "\n")
		case ok && strings.Trim(mark, "-") == "":
			add(snapshots.Block{Kind: snapshots.Item, Level: len(mark)}, words, "\n")
		case mark == "|":
			if last != "|" {
				table, row = table+1, -1
			}
			row++
			between := "\n"
			for c, cell := range strings.Split(words, "|") {
				add(snapshots.Block{Kind: snapshots.Cell, Place: &snapshots.Place{Table: table, Row: row, Column: c}}, strings.TrimSpace(cell), between)
				between = "\t"
			}
		case l != "":
			add(snapshots.Block{Kind: snapshots.Paragraph}, l, "\n")
		}
		last = mark
	}
	return d
}

// compared is a comparison of two texts with nothing but their redline, and with findings on given words.
func compared(old, new *snapshots.Document) *analyze.Comparison {
	red := diff.Compare(old, new, diff.Options{})
	about := func(d *snapshots.Document, name string) analyze.About {
		return analyze.About{Language: "en", Title: "Clipzy Privacy Policy", Name: name, Words: d.Words(), Readable: true, SHA256: snapshots.HashOf([]byte(d.Text))}
	}
	return &analyze.Comparison{Old: about(old, "old.md"), New: about(new, "new.md"), OldAsOf: day("2021-12-02"), AsOf: day("2022-12-02"),
		Class: "substantive_other", Why: "Words changed.", Redline: red, Changes: red.Changes}
}

// on puts a finding on the words of a quote.
func on(d *snapshots.Document, id, quote string) analyze.Finding {
	i := strings.Index(d.Text, quote)
	if i < 0 {
		panic("no " + quote)
	}
	return analyze.Finding{ID: id, Level: rules.Warning, Title: "Destination named", Articles: []string{"GDPR 13(1)(f)"}, Message: "A place outside the EEA is named.",
		LookUp: "Which tool is used.", Quote: quote, Start: i, End: i + len(quote), AsOf: day("2022-12-02"), Today: "warning"}
}

// pairs are fictional texts that show every kind of change.
var pairs = map[string][2]string{
	"added":     {"# Clipzy\nWe keep names.\nWe keep clips.", "# Clipzy\nWe keep names.\nWe keep addresses for as long as the law wants.\nWe keep clips.\nWe keep records of every visit, too."},
	"removed":   {"# Clipzy\nFirst of all, good day.\nWe keep names.\nWe keep clips.\nWe sell nothing at all to anybody.", "# Clipzy\nWe keep names."},
	"rewritten": {"# Storage\nWe store your data in Ireland for three years.\nWe delete them afterwards.", "# Storage\nWe store your data in Singapore and India for five years.\nAs a rule, we delete them afterwards, and say so."},
	"end then paragraph": {"# Storage\nWe store your data in Ireland.\nYou may object to that.\nWrite to us.",
		"# Storage\nWe store your data in Ireland and in the cloud\nOur partners get statistics about the use of clips.\nToday, you may object to that.\nWrite to us."},
	"moved": {"# Cookies\nWe use cookies to keep you signed in, and you can switch them off whenever you like.\n# Security\nWe encrypt every connection.\nWe test our systems once a week.\n# Contact\nWrite to us.",
		"# Security\nWe encrypt every connection.\nWe test our systems once a week.\n# Contact\nWrite to us.\n# Cookies\nWe use cookies to keep you signed in, and you can switch them off whenever you like."},
	"moved and edited": {"# Cookies\nWe use cookies to keep you signed in for as long as you want, and you can switch them off in your browser whenever you like.\n# Security\nWe encrypt every connection.\nWe test our systems once a week.\n# Contact\nWrite to us.",
		"# Security\nWe encrypt every connection.\nWe test our systems once a week.\n# Contact\nWrite to us.\nWe use cookies to keep you signed in for as long as you want, and you can switch them off in your settings whenever you like."},
	"split": {"# Sharing\nWe share your name and your address with the companies that bring you our parcels. We do not share your clips with anybody who is not your friend.\nGood bye.",
		"# Sharing\nWe share your name and your address with the companies that bring you our parcels.\nWe do not share your clips with anybody who is not your friend.\nGood bye."},
	"merged": {"# Sharing\nWe share your name and your address with the companies that bring you our parcels.\nWe do not share your clips with anybody who is not your friend.\nGood bye.",
		"# Sharing\nWe share your name and your address with the companies that bring you our parcels. We do not share your clips with anybody who is not your friend.\nGood bye."},
	"sentence moved": {"# A\nWe give records to authorities of other countries when the law of these countries asks us to do so. We like clips.\n# B\nWe have partners in many places of the world.\n# C\nBye.",
		"# A\nWe like clips.\n# B\nWe have partners in many places of the world. We give records to authorities of other countries when the law of these countries asks us to do so.\n# C\nBye."},
	"heading level":     {"# Clipzy\n# Cookies\nWe use some.\n## Kinds\nThere are two.", "# Clipzy\n## Cookies\nWe use some.\n### Kinds of them\nThere are two."},
	"list to paragraph": {"# We keep\n- your name and your address\n-- your clips and their sound\n- your bill", "# We keep\nyour name and your address\n- your clips and their sound\nyour bill"},
	"table": {"# Purposes\n| Purpose | Basis | Time\n| Accounts | Contract | 3 years\n| Advertising on other sites | Consent | 1 year\n| Statistics | Interest | 2 years\nThe end.",
		"# Purposes\n| Purpose | Basis | Time\n| Accounts | Contract | 5 years\n| Statistics on all | Interest | 2 years\n| Security of systems and networks | Interest | 9 years\nThe end."},
	"columns":                     {"# P\n| Purpose | Basis\n| Accounts and sessions | Contract\nEnd.", "# P\n| Purpose | Basis | Time\n| Accounts and sessions | Contract | 3 years\nEnd."},
	"cells":                       {"# P\n| Accounts and sessions | Contract\n| Clips and their sound | Consent of you\nEnd.", "# P\n| Accounts and sessions of you | Contract\n| Clips and their sound | Consent of all\nEnd."},
	"two tables":                  {"# P\n| Accounts | Contract\n# Q\n| Clips | Consent\nEnd.", "# P\n| Accounts | Contract\n| Bills and their payment | Law\n# Q\n| Clips | Consent\n| Names of your friends | None\nEnd."},
	"table to text":               {"# P\n| Accounts and sessions are kept | for three years in Ireland\nEnd.", "# P\nAccounts and sessions are kept for three years in Ireland\nEnd."},
	"sections removed at the end": {"# A\nWe keep names.\n# B\nWe keep clips.\nWe keep bills.\n# C\nBye.", "# A\nWe keep names."},
	"sections removed":            {"# A\nWe keep names.\n# B\nWe keep clips.\nWe keep bills.\n# C\nBye.\n# D\nThe end.", "# A\nWe keep names.\n# D\nThe end."},
	"sections added":              {"# A\nWe keep names.\n# D\nThe end.", "# A\nWe keep names.\n# B\nWe keep clips.\nWe keep bills.\n# C\nBye.\n# D\nThe end."},
	"everything":                  {"Old words, all of them.\n- One", "# Quite another text\nThat shares nothing with it."},
	"from nothing":                {"", "# Clipzy\nWe keep names."},
	"to nothing":                  {"# Clipzy\nWe keep names.", ""},
	"spaces":                      {"# Clipzy\nWe\u00a0keep names\u200b here.\nWe keep\u00a0two  clips.", "# Clipzy\nWe keep names here.\nWe keep three\u00a0clips."},
	"hostile":                     {"# Cl<b>ipzy\nWe keep &amp; ]]> names\x00\x1b[31m.\nThe rest \u202eturns\u202c round.", "# Cl<b>ipzy & Co\nWe keep &amp; ]]> \"names\" and\ufffe more\x00\x1b[31m.\nThe rest \u202eturns\u202c round."},
}

func write(t interface{ Fatal(...any) }, c *analyze.Comparison) []byte {
	var b bytes.Buffer
	if err := CompareDOCX(&b, c, DOCX{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTrackedChanges(t *testing.T) {
	for name, p := range pairs {
		t.Run(name, func(t *testing.T) {
			c := compared(policy(p[0]), policy(p[1]))
			if msg := faithful(write(t, c), c.Redline); msg != "" {
				t.Error(msg)
			}
			if len(c.Redline.Changes) == 0 && c.Redline.Counts.Restyled == 0 && name != "spaces" {
				t.Error("the texts do not differ")
			}
		})
	}
}

// TestTrackedChangesOfRandomTexts draws texts whose blocks are those of another, edited, moved, split and restyled.
func TestTrackedChangesOfRandomTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) string {
			words := rapid.SliceOfN(rapid.SampledFrom(strings.Fields("we may share your data with partners in Norway. Clipzy, keeps; it: for 30 days “safe” don’t")), 1, 24).Draw(t, "words")
			return rapid.SampledFrom([]string{"", "", "# ", "## ", "- ", "-- ", "| "}).Draw(t, "kind") +
				strings.Join(words, rapid.SampledFrom([]string{" ", " ", "  ", "\u00a0", " | "}).Draw(t, "space"))
		})
		lines := rapid.SliceOfN(line, 0, 10).Draw(t, "old")
		old := policy(strings.Join(lines, "\n"))
		for range rapid.IntRange(0, 5).Draw(t, "edits") {
			i := rapid.IntRange(0, max(len(lines)-1, 0)).Draw(t, "at")
			switch op := rapid.IntRange(0, 4).Draw(t, "op"); {
			case len(lines) == 0 || op == 0:
				lines = append(lines[:i:i], append([]string{line.Draw(t, "new")}, lines[i:]...)...)
			case op == 1:
				lines = append(lines[:i:i], lines[i+1:]...)
			case op == 2:
				gone := lines[i]
				lines = append(append(lines[:i:i], lines[i+1:]...), gone)
			case op == 3:
				half := len(lines[i]) / 2
				if k := strings.Index(lines[i][half:], " "); k >= 0 {
					lines = append(append(lines[:i:i], lines[i][:half+k], strings.TrimSpace(lines[i][half+k:])), lines[i+1:]...)
				}
			default:
				lines = append(append(lines[:i:i], "## "+strings.TrimLeft(lines[i], "#-| ")+" too"), lines[i+1:]...)
			}
		}
		c := compared(old, policy(strings.Join(lines, "\n")))
		for _, d := range []*snapshots.Document{c.Redline.New, c.Redline.New, c.Redline.Old} {
			if n := len(d.Text); n > 0 {
				a := rapid.IntRange(0, n-1).Draw(t, "from")
				f := analyze.Finding{ID: "T01", Level: rules.Note, Start: a, End: rapid.IntRange(a, n).Draw(t, "to"), Today: "note"}
				if d == c.Redline.New {
					c.Appeared = append(c.Appeared, f)
				} else {
					c.Resolved = append(c.Resolved, f)
				}
			}
		}
		if msg := faithful(write(t, c), c.Redline); msg != "" {
			t.Fatal(msg)
		}
	})
}

// withFindings is a comparison with findings and facts on words that stand, came and went.
func withFindings() *analyze.Comparison {
	old := policy("# Storage\nWe store your data in Ireland. We rely on standard clauses.\n# Contact\nWrite to us.")
	new := policy("# Storage\nWe store your data in Singapore.\n# Contact\nWrite to us.")
	c := compared(old, new)
	c.Appeared = []analyze.Finding{on(new, "T05", "in Singapore"), {ID: "T09", Level: rules.Note, Title: "Nothing said"}}
	c.Resolved = []analyze.Finding{on(old, "T11", "standard clauses")}
	c.FactsChanged = []analyze.FactChange{{Op: "added", What: "destination", Value: "SG", Role: "storage", Start: c.Appeared[0].Start, End: c.Appeared[0].End},
		{Op: "removed", What: "tool", Value: "scc", Start: c.Resolved[0].Start, End: c.Resolved[0].End}, {Op: "added", What: "destination", Value: "IN", Role: "storage", Start: 1, End: 9, Source: "https://clipzy.example/list"}}
	return c
}

// withLinks is a comparison of texts with links: one that leads elsewhere, one whose words changed, one that must not be followed.
func withLinks() *analyze.Comparison {
	old := policy("# Partners\nWe share with those in the list. You find more there, and run it.")
	new := policy("# Partners\nWe share with those in the list. You find more here, and run it.")
	link := func(d *snapshots.Document, words, to string) {
		i := strings.Index(d.Text, words)
		d.Blocks[1].Links = append(d.Blocks[1].Links, snapshots.Link{Span: snapshots.Span{Start: i, End: i + len(words)}, Target: to})
	}
	link(old, "the list", "https://clipzy.example/list")
	link(old, "there", "https://clipzy.example/list")
	link(new, "the list", "https://clipzy.example/all")
	link(new, "here", "https://clipzy.example/all")
	link(new, "run it", "javascript:alert(1)")
	return compared(old, new)
}

// TestTrackedTables has what a row of a table becomes: one that stands with changes within its cells, one that went, one that came.
func TestTrackedTables(t *testing.T) {
	rows := func(name string) (out []string) {
		c := compared(policy(pairs[name][0]), policy(pairs[name][1]))
		all, err := parts(write(t, c))
		if err != nil {
			t.Fatal(err)
		}
		for _, tbl := range all["word/document.xml"].get("document", "body").kids {
			if len(tbl.kids) == 0 || tbl.name != "tbl" {
				continue
			}
			for _, tr := range tbl.kids {
				if cs := cells(tr); len(cs) > 0 {
					out = append(out, fmt.Sprintf("%d%s", len(cs), cs[0].row))
				}
			}
		}
		return out
	}
	for name, want := range map[string]string{"table": "3 3 3del 3 3ins", "columns": "2del 3ins 2del 3ins", "cells": "2 2", "two tables": "2 2ins 2 2ins", "table to text": ""} {
		if got := strings.Join(rows(name), " "); got != want {
			t.Errorf("%s: rows %q, want %q", name, got, want)
		}
	}
}

func TestComments(t *testing.T) {
	c := withFindings()
	file := write(t, c)
	if msg := faithful(file, c.Redline); msg != "" {
		t.Fatal(msg)
	}
	all, err := parts(file)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{} // first line of the comment → words that it stands on
	says := map[string]string{}
	for _, k := range all["word/comments.xml"].get("comments").kids {
		k.get("p").each(func(e *element, _ []string) { says[k.attr["id"]] += e.text })
	}
	open := map[string]bool{}
	all["word/document.xml"].each(func(e *element, _ []string) {
		switch e.name {
		case "commentRangeStart":
			open[e.attr["id"]] = true
		case "commentRangeEnd":
			open[e.attr["id"]] = false
		case "t", "delText":
			for id, is := range open {
				if is {
					got[says[id]+" "+id] += e.text
				}
			}
		}
	})
	around := "in Ireland. We rely on standard clausesSingapore" // what was deleted between the words of the new text
	want := map[string]string{"Finding that appeared: T05 Destination named 0": around, "Fact that is new 1": around,
		"Finding that is resolved: T11 Destination named 2": "standard clauses", "Fact that is gone 3": "standard clauses"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDOCXBytes(t *testing.T) {
	a, b := write(t, comparison()), write(t, comparison())
	if !bytes.Equal(a, b) {
		t.Error("the same inputs give other bytes")
	}
	if msg := faithful(a, comparison().Redline); msg != "" {
		t.Error(msg)
	}
	for _, s := range []string{"<script", "\u202e", "javascript:x\""} {
		if all, _ := parts(a); all != nil && strings.Contains(fmt.Sprint(all["word/_rels/document.xml.rels"]), s) {
			t.Errorf("%q got through", s)
		}
	}
}

// long writes a policy of n words; edit is the share of its words that are others.
func long(n int, edit float64) *snapshots.Document {
	text, edits := rand.New(rand.NewPCG(7, 1)), rand.New(rand.NewPCG(7, 2))
	var b strings.Builder
	for words := 0; words < n; {
		b.WriteString([]string{"", "", "## ", "- "}[text.IntN(4)])
		for i := range 10 + text.IntN(60) {
			w := text.IntN(900)
			if edits.Float64() < edit {
				w = edits.IntN(900)
			}
			fmt.Fprintf(&b, "word%d ", w)
			if i%13 == 12 {
				b.WriteString("ends. ")
			}
			words++
		}
		b.WriteByte('\n')
	}
	return policy(b.String())
}

func BenchmarkCompareDOCX(b *testing.B) {
	for name, edit := range map[string]float64{"Edited": 0.02, "Rewritten": 0.3, "Replaced": 1} {
		b.Run(name, func(b *testing.B) {
			c := compared(long(9000, 0), long(9000, edit))
			for b.Loop() {
				if err := CompareDOCX(io.Discard, c, DOCX{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(c.Redline.Changes)), "changes")
		})
	}
}
