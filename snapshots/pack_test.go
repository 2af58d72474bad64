package snapshots

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample() *Document {
	d := &Document{Language: "en", Title: "Clipzy", EffectiveDate: "2024-05-01", Warnings: []string{"half a page"}, Text: "Where data go\nWe use servers.\nIndia\tstorage\n\nEnd. "}
	d.Blocks = []Block{
		{Kind: Heading, Level: 1, Heading: -1, Span: Span{0, 13}, Anchor: "go"},
		{Kind: Paragraph, Heading: 0, Span: Span{14, 29}, Links: []Link{{Span{21, 28}, "https://clipzy.example/servers"}}},
		{Kind: Cell, Heading: 0, Span: Span{30, 35}, Place: &Place{Row: 1}},
		{Kind: Cell, Heading: 0, Span: Span{36, 43}, Place: &Place{Row: 1, Column: 1}},
		{Kind: Paragraph, Heading: 0, Span: Span{45, 49}, Language: "de"},
	}
	return d
}

func TestPack(t *testing.T) {
	for name, d := range map[string]*Document{"sample": sample(), "empty": {Language: "und", Blocks: []Block{}}, "text only": {Language: "en", Text: "no blocks", Blocks: []Block{}}} {
		b, err := d.Pack()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := UnpackDocument(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if x := cmp.Diff(d, got); x != "" {
			t.Errorf("%s: %s", name, x)
		}
	}
}

func TestPackRefusesWhatDoesNotFit(t *testing.T) {
	for name, spoil := range map[string]func(*Document){
		"outside":  func(d *Document) { d.Blocks[4].Span.End = 999 },
		"overlap":  func(d *Document) { d.Blocks[1].Span.Start = 3 },
		"negative": func(d *Document) { d.Blocks[0].Span.Start = -1 },
		"forward":  func(d *Document) { d.Blocks[0].Heading = 1 },
	} {
		d := sample()
		spoil(d)
		if _, err := d.Pack(); err == nil {
			t.Errorf("%s: packed", name)
		}
	}
	for _, b := range []string{"{", `{"blocks":[{"kind":"item","up":1,"text":"a"}]}`, `{"blocks":[{"kind":"item","links":[{"at":0,"length":2}],"text":"a"}]}`} {
		if _, err := UnpackDocument([]byte(b)); err == nil {
			t.Errorf("%s: unpacked", b)
		}
	}
}

func TestIdentify(t *testing.T) {
	v := Version{Terms: Terms{"Clipzy", "Privacy Policy"}, Document: HashOf([]byte("a")), Cause: First, Reader: "r/1"}
	w := v
	if err := v.Identify(); err != nil {
		t.Fatal(err)
	}
	w.ID = "something else"
	if err := w.Identify(); err != nil || v.ID != w.ID || len(v.ID) != 16 || strings.ToLower(v.ID) != v.ID {
		t.Errorf("IDs %q and %q, %v", v.ID, w.ID, err)
	}
	w.Cause = TermsCh
	if err := w.Identify(); err != nil || v.ID == w.ID {
		t.Errorf("another cause has the same ID %q, %v", w.ID, err)
	}
}
