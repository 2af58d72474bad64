package extract

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"golang.org/x/text/unicode/norm"
)

// invariant fails t if d is not what snapshots.Document promises.
func invariant(t *testing.T, d *snapshots.Document) {
	t.Helper()
	if !utf8.ValidString(d.Text) || !norm.NFC.IsNormalString(d.Text) {
		t.Fatalf("text is not UTF-8 in NFC: %q", d.Text)
	}
	if strings.ContainsAny(d.Text, "\x00\r\u00a0\ufeff") || strings.Contains(d.Text, "  ") {
		t.Fatalf("text holds what should have been collapsed or dropped: %q", d.Text)
	}
	if !utf8.ValidString(d.Title) || len(d.Blocks) == 0 || d.Language == "" {
		t.Fatalf("title %q, %d blocks, language %q", d.Title, len(d.Blocks), d.Language)
	}
	end := -1
	for i, b := range d.Blocks {
		if b.Span.Start != end+1 || b.Span.End <= b.Span.Start || b.Span.End > len(d.Text) {
			t.Fatalf("block %d at %v follows one that ends at %d in %d bytes", i, b.Span, end, len(d.Text))
		}
		end = b.Span.End
		words := d.Quote(b.Span)
		if strings.TrimSpace(words) != words || b.Kind != snapshots.Cell && strings.Contains(words, "\n") || strings.Contains(words, "\t") {
			t.Fatalf("block %d holds %q", i, words)
		}
		invariantSeparator(t, d, i)
		invariantStructure(t, d, i)
		at := b.Span.Start
		for _, l := range b.Links {
			if l.Span.Start < at || l.Span.End > b.Span.End || l.Span.Len() <= 0 || l.Target == "" {
				t.Fatalf("block %d at %v has link %+v", i, b.Span, l)
			}
			if q := d.Quote(l.Span); !utf8.ValidString(q) || strings.TrimSpace(q) == "" {
				t.Fatalf("link %+v covers %q", l, q)
			}
			at = l.Span.End
		}
	}
	if end != len(d.Text) {
		t.Fatalf("the last block ends at %d of %d bytes", end, len(d.Text))
	}
}

// invariantSeparator checks the byte before block i: a tab within a row, a line feed otherwise.
func invariantSeparator(t *testing.T, d *snapshots.Document, i int) {
	t.Helper()
	if i == 0 {
		return
	}
	a, b := d.Blocks[i-1].Place, d.Blocks[i].Place
	want := byte('\n')
	if a != nil && b != nil && a.Table == b.Table && a.Row == b.Row {
		want = '\t'
		if b.Column <= a.Column {
			t.Fatalf("block %d: column %d after %d", i, b.Column, a.Column)
		}
	}
	if got := d.Text[d.Blocks[i].Span.Start-1]; got != want {
		t.Fatalf("block %d is separated by %q, not %q", i, got, want)
	}
}

func invariantStructure(t *testing.T, d *snapshots.Document, i int) {
	t.Helper()
	b := d.Blocks[i]
	if (b.Kind == snapshots.Cell) != (b.Place != nil) {
		t.Fatalf("block %d is a %s with place %v", i, b.Kind, b.Place)
	}
	level := 7
	if b.Kind == snapshots.Heading {
		level = b.Level
	}
	if level < 1 || b.Kind == snapshots.Heading && level > 6 || b.Kind == snapshots.Item && b.Level < 1 {
		t.Fatalf("block %d: %s of level %d", i, b.Kind, b.Level)
	}
	if b.Heading < -1 || b.Heading >= i {
		t.Fatalf("block %d: heading %d", i, b.Heading)
	}
	if b.Heading >= 0 && (d.Blocks[b.Heading].Kind != snapshots.Heading || d.Blocks[b.Heading].Level >= level) {
		t.Fatalf("block %d: heading %d is %+v", i, b.Heading, d.Blocks[b.Heading])
	}
}

// dump writes the blocks of d one a line: kind and level, text, then what else there is.
func dump(d *snapshots.Document) string {
	var s strings.Builder
	for _, b := range d.Blocks {
		fmt.Fprintf(&s, "%c", b.Kind[0])
		if b.Level > 0 {
			fmt.Fprint(&s, b.Level)
		}
		if b.Place != nil {
			fmt.Fprintf(&s, "%d.%d.%d", b.Place.Table, b.Place.Row, b.Place.Column)
			if b.Place.Header {
				s.WriteByte('h')
			}
		}
		fmt.Fprintf(&s, " %s", strings.ReplaceAll(d.Quote(b.Span), "\n", "⏎"))
		if b.Anchor != "" {
			fmt.Fprintf(&s, " #%s", b.Anchor)
		}
		for _, l := range b.Links {
			fmt.Fprintf(&s, " [%s → %s]", d.Quote(l.Span), l.Target)
		}
		s.WriteByte('\n')
	}
	return s.String()
}

// mustRead reads body, checks the invariants and fails t on an error.
func mustRead(t *testing.T, mediaType, body string) *snapshots.Document {
	t.Helper()
	d, err := Read(Input{Body: []byte(body), MediaType: mediaType}, Options{})
	if err != nil {
		t.Fatalf("read %.80q: %v", body, err)
	}
	invariant(t, d)
	return d
}

// fuzzed checks what holds for any body: no panic, a document that keeps its promise, or an error of ours.
func fuzzed(t *testing.T, mediaType string, body []byte) {
	in := Input{Body: body, MediaType: mediaType, BaseURL: "https://clipzy.example/privacy"}
	d, err := Read(in, Options{MaxBlocks: 5000})
	if err != nil {
		var binary ErrBinary
		var big ErrTooBig
		var not ErrNotPolicy
		var file ErrUnreadable
		if !errors.Is(err, ErrEmpty) && !errors.As(err, &binary) && !errors.As(err, &big) && !errors.As(err, &not) && !errors.As(err, &file) {
			t.Fatalf("unexpected error: %v", err)
		}
		return
	}
	invariant(t, d)
	again, err := Read(in, Options{MaxBlocks: 5000})
	if err != nil || dump(again) != dump(d) {
		t.Fatal("the same bytes gave another document")
	}
	if err := Markdown(new(strings.Builder), d); err != nil {
		t.Fatal(err)
	}
}
