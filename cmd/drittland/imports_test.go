package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/drittland/drittland/"

// allowed says which packages of the module each package may import, and which outside modules beyond
// the standard library. A package is ruled by its longest matching prefix. The test reads what the
// source says, so a new arrow is drawn here first, or not at all.
var allowed = map[string]struct{ own, outside []string }{
	"snapshots":        {},
	"snapshots/text":   {outside: []string{"golang.org/x/text", "github.com/clipperhouse/uax29"}},
	"snapshots/dates":  {own: []string{"snapshots", "snapshots/text"}},
	"snapshots/warc":   {own: []string{"snapshots"}},
	"snapshots/disk":   {},
	"snapshots/stamp":  {own: []string{"snapshots/disk"}, outside: []string{"github.com/digitorus/timestamp", "github.com/digitorus/pkcs7", "golang.org/x/crypto/cryptobyte"}},
	"snapshots/ledger": {own: []string{"snapshots", "snapshots/warc"}, outside: []string{"golang.org/x/mod/sumdb"}},
	"snapshots/wacz":   {own: []string{"snapshots", "snapshots/warc"}},
	"snapshots/archive": {own: []string{"snapshots", "snapshots/warc", "snapshots/ledger", "snapshots/disk", "snapshots/archive/kv", "snapshots/archive/objects", "snapshots/archive/pg"},
		outside: []string{"go.etcd.io/bbolt", "github.com/klauspost/compress"}},
	"snapshots/archive/kv":        {outside: []string{"go.etcd.io/bbolt"}},
	"snapshots/archive/kv/kvtest": {own: []string{"snapshots/archive/kv"}, outside: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}},
	"snapshots/archive/pg":        {own: []string{"snapshots/archive/kv"}, outside: []string{"github.com/jackc/pgx", "github.com/pressly/goose"}},
	"snapshots/archive/pg/pgtest": {outside: []string{"github.com/jackc/pgx"}},
	"fetch":                       {own: []string{"snapshots"}, outside: []string{"code.dny.dev/ssrf", "github.com/temoto/robotstxt", "golang.org/x"}},
	"fetch/browser":               {own: []string{"snapshots", "fetch"}, outside: []string{"github.com/chromedp/chromedp", "github.com/chromedp/cdproto", "code.dny.dev/ssrf"}},
	"fetch/foreign":               {own: []string{"snapshots", "snapshots/warc", "snapshots/wacz"}},
	"fetch/ota":                   {own: []string{"snapshots"}, outside: []string{"github.com/go-git/go-git"}},
	"snapshots/archive/objects": {outside: []string{"github.com/minio/minio-go",
		"golang.org/x/net/http/httpproxy"}},
	"fetch/extract": {own: []string{"snapshots", "snapshots/text", "snapshots/dates"}, outside: []string{"golang.org/x", "github.com/PuerkitoBio/goquery",
		"github.com/andybalholm/cascadia", "codeberg.org/readeck/go-readability", "github.com/yuin/goldmark"}},
	"diff":    {own: []string{"snapshots", "snapshots/text"}, outside: []string{"github.com/sergi/go-diff"}},
	"rules":   {own: []string{"snapshots/text"}, outside: []string{"go.yaml.in/yaml", "golang.org/x/text"}},
	"analyze": {own: []string{"snapshots", "snapshots/text", "snapshots/dates", "diff", "rules", "rules/law", "rules/places", "rules/recipients"}, outside: []string{"golang.org/x/text"}},
	"analyze/llm": {own: []string{"analyze", "snapshots", "snapshots/text", "rules", "rules/law", "rules/places"},
		outside: []string{"github.com/sashabaranov/go-openai", "github.com/santhosh-tekuri/jsonschema"}},
}

// quiet packages are pure: they never reach the network, a store, the clock or the environment.
var quiet = []string{"snapshots", "snapshots/dates", "rules", "diff", "analyze"}

func TestDirectionOfImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(name, "cmd/") || strings.Contains(name, "internal/gen") {
			continue
		}
		key := name
		for key != "" {
			if _, ok := allowed[key]; ok {
				break
			}
			if i := strings.LastIndex(key, "/"); i >= 0 {
				key = key[:i]
			} else {
				key = ""
			}
		}
		if key == "" {
			t.Errorf("%s: not in the design; add it to the map of allowed imports", name)
			continue
		}
		for _, imp := range p.Imports {
			checkImport(t, name, key, imp)
		}
	}
}

func checkImport(t *testing.T, name, key, imp string) {
	t.Helper()
	rule := allowed[key]
	if own, ok := strings.CutPrefix(imp, module); ok {
		if own != key && !contains(rule.own, own) && !strings.HasPrefix(own, key+"/") {
			t.Errorf("%s imports %s: against the direction of imports", name, own)
		}
		return
	}
	if strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
		for _, o := range rule.outside {
			if imp == o || strings.HasPrefix(imp, o+"/") {
				return
			}
		}
		t.Errorf("%s imports %s: not among its allowed libraries", name, imp)
		return
	}
	if contains(quiet, key) && (imp == "os" || imp == "net" || strings.HasPrefix(imp, "net/http") || imp == "os/exec") {
		t.Errorf("%s imports %s: it must stay pure", name, imp)
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
