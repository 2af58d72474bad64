package extract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	mdtext "github.com/yuin/goldmark/text"
)

// outline is what a parser makes of a text: the kinds of the nodes, and the words in them.
func outline(src string, links goldmark.Extender) string {
	var out strings.Builder
	root := goldmark.New(goldmark.WithExtensions(extension.Table, links, extension.Strikethrough)).Parser().Parse(mdtext.NewReader([]byte(src)))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		out.WriteString(n.Kind().String() + " ")
		switch n := n.(type) {
		case *ast.Text:
			out.WriteString(string(n.Segment.Value([]byte(src))))
		case *ast.AutoLink:
			out.WriteString(string(n.URL([]byte(src))))
		}
		out.WriteByte('\n')
		return ast.WalkContinue, nil
	})
	return out.String()
}

var linkifySeeds = []string{
	"Write to dpo@clipzy.example, or dpo@clipzy.example.",
	"dpo@clipzy.example at the beginning, (dpo@clipzy.example) in brackets, *dpo@clipzy.example* stressed, _a@b.example_",
	"a word @ a sign, a@ b.example, @clipzy on Clipzy, x@y, two@@signs.example, one@two@three.example",
	"See https://clipzy.example/a@b, www.clipzy.example, ftp://clipzy.example or http://clipzy.example/(x).",
	"> quoted dpo@clipzy.example\n>\tmore@clipzy.example\n\n*   item a@b.example\n\n    \tcode c@d.example\n",
	"| a@b.example | www.clipzy.example |\n| --- | --- |\n| x | ~c@d.example~ |\n",
	"first line\nsecond@clipzy.example\n\twith a tab third@clipzy.example\n\nno sign here\n\nlast@clipzy.example",
	"[a@b.example](https://clipzy.example) and ![x@y.example](z) `c@d.example` <e@f.example>",
	"żółw@clipzy.example, a+b-c_d.e@clipzy.example; " + strings.Repeat("x", 70) + "@clipzy.example",
}

// What is passed over at a glance is what goldmark finds nothing in.
func FuzzLinkify(f *testing.F) {
	for _, s := range linkifySeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		if d := cmp.Diff(outline(src, extension.Linkify), outline(src, linkify{})); d != "" {
			t.Errorf("%q: %s", src, d)
		}
	})
}
