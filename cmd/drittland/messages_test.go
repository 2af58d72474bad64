package main

// Every message of reports and help must be translated. The messages are found in the sources: calls of T, F, N and warn,
// the templates, what is assigned to fields named Why or Warnings, tables of words, and the help of all commands.

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leonelquinteros/gotext"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
)

var updateMessages = flag.Bool("update-messages", false, "write the messages of the sources to the PO files; translations are kept")

// A message is one message of the sources, with its plural form where it has one.
type messageID struct{ one, many string }

// A gatherer collects messages in the order of the sources.
type gatherer struct {
	list []messageID
	seen map[string]bool
}

func (g *gatherer) add(one, many string) {
	if examplesOnly.MatchString(one) {
		return
	}
	if strings.ContainsFunc(one, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) && !g.seen[one] {
		g.seen[one] = true
		g.list = append(g.list, messageID{one, many})
	}
}

// examplesOnly tells descriptions that are nothing but command lines.
var examplesOnly = regexp.MustCompile(`^(   +(drittland|source) .*(\n|$))+$`)

func gatherMessages(t *testing.T) []messageID {
	t.Helper()
	g := &gatherer{seen: map[string]bool{}}
	for _, dir := range []string{".", "report", "complaint", "review", "search", "digest", "../../analyze", "../../diff", "../../fetch/extract"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no sources: %v", dir, err)
		}
		for _, n := range names {
			if !strings.HasSuffix(n, "_test.go") {
				g.source(t, n)
			}
		}
	}
	g.templates(t, "report/page")
	g.templates(t, "review/page")
	g.templates(t, "digest/page")
	g.help(newApp(environment{Getenv: func(string) string { return "" }}, locale.For("en"), nil))
	return g.list
}

// saying are functions in other packages that return messages, by file.
var saying = map[string]string{"../../analyze/report.go": "unreadable", "../../diff/classify.go": "whole"}

// source gathers the messages of one file.
func (g *gatherer) source(t *testing.T, name string) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			g.call(x)
		case *ast.AssignStmt:
			if field, ok := x.Lhs[len(x.Lhs)-1].(*ast.SelectorExpr); ok && (field.Sel.Name == "Why" || field.Sel.Name == "Warnings") {
				g.literals(x.Rhs[len(x.Rhs)-1])
			}
		case *ast.FuncDecl:
			if x.Recv != nil && len(x.Recv.List) == 1 && fmt.Sprint(x.Recv.List[0].Names) == "[v]" && strings.HasPrefix(filepath.Base(name), "evidence") {
				g.verified(x.Body)
			}
			if saying[filepath.ToSlash(name)] == x.Name.Name {
				g.returned(x.Body)
			}
		}
		return true
	})
	for _, d := range f.Decls {
		g.table(d)
	}
}

// verified gathers what the check of a bundle says of files: calls of damaged, note, ok and replace.
func (g *gatherer) verified(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		x, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := x.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"damaged", "note", "ok", "replace"}, f.Sel.Name) {
			return true
		}
		args := x.Args[1:]
		if f.Sel.Name == "damaged" {
			args = args[:1] // the others are values
		}
		for _, a := range args {
			g.literals(a)
		}
		return true
	})
}

// returned gathers what a function returns.
func (g *gatherer) returned(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			g.literals(r)
		}
		return true
	})
}

// call gathers what a call of T, F, N or warn says.
func (g *gatherer) call(x *ast.CallExpr) {
	name := ""
	switch f := x.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	switch {
	case name == "warn" && len(x.Args) == 1:
		g.literals(x.Args[0])
	case (name == "T" || name == "F" || name == "step") && len(x.Args) > 0:
		if s, ok := text(x.Args[0]); ok {
			g.add(s, "")
		}
	case name == "head":
		for _, a := range x.Args {
			g.literals(a)
		}
	case name == "N" && len(x.Args) == 3:
		one, _ := text(x.Args[0])
		many, _ := text(x.Args[1])
		g.add(one, many)
	}
}

// tables are the package-level maps and lists of words.
var tables = []string{"roles", "standings", "tools", "classes", "statements", "facts", "languages", "levels", "headings", "reasons", "causes", "said", "factNames",
	"helpHeadings", "gutters", "levelNames", "factKinds", "sameWords", "articleWords", "statusNames", "whoNames", "changed", "failureNames",
	"textFacts", "frameworks", "unprovedNames", "resultNames", "roleProves", "stateNames", "judgements", "weekdays", "lawEvents", "problemNames", "questionCounts", "kindNames", "droppedNames", "kindsScored"}

// table gathers the words of one of them.
func (g *gatherer) table(d ast.Decl) {
	decl, ok := d.(*ast.GenDecl)
	if !ok || decl.Tok != token.VAR {
		return
	}
	for _, s := range decl.Specs {
		v := s.(*ast.ValueSpec)
		if len(v.Values) != 1 || !slices.Contains(tables, v.Names[0].Name) {
			continue
		}
		for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
			g.entry(e, v.Names[0].Name == "gutters", v.Names[0].Name == "roleProves")
		}
	}
}

// entry gathers the words of one entry: its key where that is what is shown, two forms, two messages where pairs is set, or its value.
func (g *gatherer) entry(e ast.Expr, key, pairs bool) {
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		g.literals(e)
		return
	}
	two, forms := kv.Value.(*ast.CompositeLit)
	if forms && two.Type == nil && len(two.Elts) == 2 && pairs {
		g.literals(two)
		return
	}
	switch {
	case key:
		g.literals(kv.Key)
	case forms:
		one, _ := text(two.Elts[0])
		many, _ := text(two.Elts[1])
		g.add(one, many)
	default:
		g.literals(kv.Value)
	}
}

// literals gathers the strings within n.
func (g *gatherer) literals(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "For" { // the name of a language
				return false
			}
		case *ast.BinaryExpr:
			if s, ok := concat(x); ok {
				g.add(s, "")
				return false
			}
		case *ast.BasicLit:
			if s, ok := text(x); ok {
				g.add(s, "")
			}
		}
		return true
	})
}

// concat reads "there are no rules for " + language + " yet" as one message with a value.
func concat(x *ast.BinaryExpr) (string, bool) {
	if x.Op != token.ADD {
		return "", false
	}
	var side func(e ast.Expr) string
	side = func(e ast.Expr) string {
		if b, ok := e.(*ast.BinaryExpr); ok {
			return side(b.X) + side(b.Y)
		}
		if s, ok := text(e); ok {
			return s
		}
		return "%s"
	}
	return side(x), true
}

func text(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

var inTemplate = regexp.MustCompile(`[{|(]\s*([tfn]) "([^"]*)"(?: "([^"]*)")?`)

func (g *gatherer) templates(t *testing.T, dir string) {
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".html" {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		for _, m := range inTemplate.FindAllStringSubmatch(string(b), -1) {
			if m[1] != "n" {
				m[3] = ""
			}
			g.add(m[2], m[3])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (g *gatherer) help(app *cli.App) {
	for _, s := range []string{app.Usage, app.Description, "default:", "options"} {
		g.add(s, "")
	}
	g.flags(app.Flags)
	g.commands(app.Commands)
}

func (g *gatherer) commands(list []*cli.Command) {
	for _, c := range list {
		g.add(c.Usage, "")
		g.add(c.Description, "")
		g.flags(c.Flags)
		g.commands(c.Subcommands)
	}
}

func (g *gatherer) flags(list []cli.Flag) {
	for _, f := range list {
		g.add(reflect.ValueOf(f).Elem().FieldByName("Usage").String(), "")
		g.add(reflect.ValueOf(f).Elem().FieldByName("Category").String(), "")
	}
}

// TestMessagesAreTranslated fails for each message of reports and help without words in a language, and for words that
// nothing says any more. With -update-messages it writes the PO files.
func TestMessagesAreTranslated(t *testing.T) {
	messages := gatherMessages(t)
	if len(messages) < 100 {
		t.Fatalf("only %d messages were found in the sources", len(messages))
	}
	for _, lang := range locale.Languages() {
		if lang == "en" {
			continue
		}
		file := filepath.Join("locale", lang+".po")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		po := gotext.NewPo()
		po.Parse(b)
		have := po.GetDomain().GetTranslations()
		if *updateMessages {
			if err := os.WriteFile(file, writeMessages(lang, messages, have), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range messages {
			checkMessage(t, lang, m, have[m.one])
		}
		for id := range have {
			if id != "" && !slices.ContainsFunc(messages, func(m messageID) bool { return m.one == id }) {
				t.Errorf("%s: nothing says %q any more", lang, id)
			}
		}
	}
}

var verbs = regexp.MustCompile(`%(?:\[\d\])?(?:\.\d)?[sdqvf]`)

// checkMessage fails if a translation is missing or has other values than the message.
func checkMessage(t *testing.T, lang string, m messageID, tr *gotext.Translation) {
	forms := 1
	if m.many != "" {
		forms = 2
	}
	for i := range forms {
		if tr == nil || tr.Trs[i] == "" {
			t.Errorf("%s: no words for %q", lang, m.one)
			return
		}
		if a, b := verbs.FindAllString(m.one, -1), verbs.FindAllString(tr.Trs[i], -1); len(a) != len(b) {
			t.Errorf("%s: %q has the values %v, its translation %q has %v", lang, m.one, a, tr.Trs[i], b)
		}
	}
	if strings.Count(m.one, "`") != strings.Count(tr.Trs[0], "`") {
		t.Errorf("%s: %q and its translation mark different words with backquotes", lang, m.one)
	}
}

// writeMessages is a PO file.
func writeMessages(lang string, list []messageID, have map[string]*gotext.Translation) []byte {
	plural := "(n != 1)"
	if lang == "fr" {
		plural = "(n > 1)"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "msgid \"\"\nmsgstr \"\"\n\"Language: %s\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Plural-Forms: nplurals=2; plural=%s;\\n\"\n", lang, plural)
	for _, m := range list {
		one, many := "", ""
		if tr := have[m.one]; tr != nil {
			one, many = tr.Trs[0], tr.Trs[1]
		}
		fmt.Fprintf(&b, "\nmsgid %s\n", poString(m.one))
		if m.many == "" {
			fmt.Fprintf(&b, "msgstr %s\n", poString(one))
		} else {
			fmt.Fprintf(&b, "msgid_plural %s\nmsgstr[0] %s\nmsgstr[1] %s\n", poString(m.many), poString(one), poString(many))
		}
	}
	return []byte(b.String())
}

// poString quotes a string, a line of it on a line.
func poString(s string) string {
	quote := func(l string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(l) + `"`
	}
	if !strings.Contains(s, "\n") {
		return quote(s)
	}
	out := []string{`""`}
	for l := range strings.SplitAfterSeq(s, "\n") {
		if l != "" {
			out = append(out, quote(l))
		}
	}
	return strings.Join(out, "\n")
}

// TestFindingsAreTranslated fails for each check and item without words in a language that reports speak.
func TestFindingsAreTranslated(t *testing.T) {
	set, err := rules.Load(rules.Files())
	if err != nil {
		t.Fatal(err)
	}
	if got := set.MessageLanguages(); !slices.Equal(got, locale.Languages()) {
		t.Errorf("findings speak %v, reports and help %v", got, locale.Languages())
	}
	for _, lang := range set.MessageLanguages() {
		if lang == "en" {
			continue
		}
		for i := range set.Checks {
			if c := &set.Checks[i]; set.Text(c, lang).Title == c.Title {
				t.Errorf("%s: no words for %s", lang, c.ID)
			}
		}
		for _, id := range []string{"scc", "bcr", "adequacy", "dpf", "contract_necessity", "other_art49", "codes_cert", "copy", "measure"} {
			if set.Name(id, lang) == set.Name(id, "en") || set.Name(id, "en") == id {
				t.Errorf("%s: no name for %s", lang, id)
			}
		}
		for i := range set.Items {
			if it := &set.Items[i]; set.ItemTitle(it, lang) == it.Title {
				t.Errorf("%s: no title for the item %s", lang, it.ID)
			}
		}
	}
}
