package report

// Papers: documents that people hand on, such as the draft of a complaint or a list of exhibits. A paper is a short list of
// parts; the writers for Markdown and HTML are in files of their own, and one for another form needs to know what stands here
// and no more.

import "strings"

// A Paper is a document of headings, paragraphs, lists, tables and quotes.
type Paper struct {
	Language string // of what is no quote, such as "de"
	Title    string
	Parts    []Part

	// FillIn and Check are the words, in the language of the paper, that mark what a person must write or look up: "FILL IN".
	FillIn, Check string
}

// A PartKind says what a part is.
type PartKind string

// The kinds of parts, and the fields that each of them uses.
const (
	PartHeading   PartKind = "heading"   // Level, Runs
	PartParagraph PartKind = "paragraph" // Runs
	PartList      PartKind = "list"      // Items
	PartTable     PartKind = "table"     // Head, Rows
	PartQuote     PartKind = "quote"     // Runs: words of others, as they stand; Source: where they stand
)

// A Part is one block of a paper.
type Part struct {
	Kind   PartKind
	Level  int // of a heading, 2 to 4: the title of the paper is the only one of level 1
	Runs   []Run
	Source []Run
	Items  [][]Run
	Head   []string  // of a table, in the language of the paper
	Rows   [][][]Run // of a table: rows of cells, as many as Head has
}

// A RunKind says how a run of words is meant.
type RunKind string

// The kinds of runs.
const (
	Plain  RunKind = ""       // words of the paper
	Strong RunKind = "strong" // the same, to be noticed
	Code   RunKind = "code"   // a digest, an identifier, a command, the name of a file
	Said   RunKind = "said"   // words of others within a sentence of the paper: names, titles, excerpts
	Web    RunKind = "web"    // an address, which leads there if it is one of the web
	Fill   RunKind = "fill"   // what a person must write here
	Check  RunKind = "check"  // what a person must look up or decide
)

// A Run is words of one kind on one line.
type Run struct {
	Kind RunKind
	Text string
}

// Add appends parts.
func (p *Paper) Add(parts ...Part) { p.Parts = append(p.Parts, parts...) }

// mark is how a placeholder or a mark reads: "[FILL IN: your name]".
func (p *Paper) mark(r Run) string {
	word := p.FillIn
	if r.Kind == Check {
		word = p.Check
	}
	return "[" + word + ": " + Line(r.Text) + "]"
}

// Open gives the texts of the runs of a kind in the order of the paper: what is to be filled in, or to be checked.
func (p *Paper) Open(kind RunKind) []string {
	var out []string
	p.Each(func(r Run) {
		if r.Kind == kind {
			out = append(out, r.Text)
		}
	})
	return out
}

// Each calls f with each run that is no quotation, in the order of the paper. Heads of tables and the title come as plain runs.
func (p *Paper) Each(f func(Run)) {
	f(Run{Text: p.Title})
	all := func(runs []Run) {
		for _, r := range runs {
			f(r)
		}
	}
	for i := range p.Parts {
		x := &p.Parts[i]
		if x.Kind != PartQuote {
			all(x.Runs)
		}
		all(x.Source)
		for _, item := range x.Items {
			all(item)
		}
		for _, h := range x.Head {
			f(Run{Text: h})
		}
		for _, row := range x.Rows {
			for _, cell := range row {
				all(cell)
			}
		}
	}
}

// Say is plain words as one run.
func Say(s string) []Run { return []Run{{Text: s}} }

// Runs reads a message with its values: each %s stands for the next run, as with fmt. The message itself is plain.
func Runs(msg string, values ...Run) []Run {
	var out []Run
	for i, piece := range strings.Split(msg, "%s") {
		if i > 0 && i <= len(values) {
			out = append(out, values[i-1])
		}
		if piece != "" {
			out = append(out, Run{Text: piece})
		}
	}
	return out
}
