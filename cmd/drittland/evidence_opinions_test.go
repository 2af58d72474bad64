package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/warc"
)

// withOpinions is a bundle of a version on which a model has said something.
func withOpinions(t *testing.T, words string) string {
	t.Helper()
	c := clockedDesk(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), "# Privacy policy\n\n"+words+" and in China.\n")
	y, err := c.looked(context.Background(), c.engine, clipzy.Service, clipzy.Type, "")
	if err != nil {
		t.Fatal(err)
	}
	c.opine(t, y.findings, words)
	x := &exporter{tool: c.tool, engine: c.engine, parts: c.attachments(), created: c.now, opinions: true}
	var b bytes.Buffer
	err = c.store.read(context.Background(), func(a *archive.Archive) error {
		if err := x.choose(a, clipzy.Service, clipzy.Type, nil); err != nil {
			return err
		}
		return x.export(context.Background(), a, &b)
	})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "bundle.zip")
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// remade are records of opinions with other words, their identifiers and digests made anew.
func remade(t *testing.T, b []byte, change func(*snapshots.Opinion)) []byte {
	t.Helper()
	r := warc.NewReader(bytes.NewReader(b), warc.Limits{})
	var out bytes.Buffer
	w := warc.NewWriter(&out)
	for rec, err := r.Next(); err == nil; rec, err = r.Next() {
		list, ok, err := archive.OpinionsIn(rec)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			rec.Block = nil
			for _, o := range list {
				change(&o)
				if err := o.Identify(); err != nil {
					t.Fatal(err)
				}
				line, err := snapshots.Encode(o)
				if err != nil {
					t.Fatal(err)
				}
				rec.Block = append(append(rec.Block, line...), '\n')
			}
			for i := range rec.Header {
				if f := &rec.Header[i]; f.Name == "WARC-Target-URI" {
					f.Value = "urn:drittland:opinions:sha256:" + string(snapshots.HashOf(rec.Block))
				}
			}
		}
		var kept warc.Header
		for _, f := range rec.Header {
			if f.Name != "WARC-Block-Digest" && f.Name != "Content-Length" {
				kept = append(kept, f)
			}
		}
		rec.Header = kept
		if _, err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestOpinionsInBundles(t *testing.T) {
	const words = "We store your personal data on servers in India"
	whole := withOpinions(t, words)
	said := func(name string) (damaged bool, all string) {
		t.Helper()
		v, err := verifyBundle(name, (&tool{}).attachments())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.Checks {
			if c.Result == resultDamaged || c.File == "A"+opinionsFile {
				all += c.File + " " + c.What + "\n"
			}
		}
		return v.Damaged, all
	}
	if damaged, all := said(whole); damaged || !strings.Contains(all, "whether their quotes stand in the capture was not checked") || !strings.Contains(all, "their quotes stand in the texts") {
		t.Errorf("a whole bundle, with an opinion on another text: %v\n%s", damaged, all)
	}
	for name, x := range map[string]struct {
		change func(string, []byte) []byte
		want   string
	}{
		"words that the text does not have": {func(name string, b []byte) []byte {
			if name != "A"+opinionsFile {
				return b
			}
			return remade(t, b, func(o *snapshots.Opinion) {
				if o.Quote != "" {
					o.Quote = strings.Replace(words, "India", "Japan", 1)
				}
			})
		}, "does not stand in the text"},
		"another answer": {func(name string, b []byte) []byte {
			if name != "A"+opinionsFile {
				return b
			}
			return remade(t, b, func(o *snapshots.Opinion) { o.Raw = "{ }" })
		}, "the ledger holds another record"},
		"a record that is none": {func(name string, b []byte) []byte {
			if name != "A"+opinionsFile {
				return b
			}
			return b[:len(b)/2]
		}, "is not whole"},
		"another number": {func(name string, b []byte) []byte {
			return inManifest(t, name, b, func(e *exhibited) { e.Opinions.Opinions++ })
		}, "says otherwise of the opinions of exhibit A"},
		"nothing said of it": {func(name string, b []byte) []byte {
			return inManifest(t, name, b, func(e *exhibited) { e.Opinions = nil })
		}, "says nothing of the opinions"},
		"another model": {func(name string, b []byte) []byte {
			return inManifest(t, name, b, func(e *exhibited) { e.Opinions.Models = []string{"a person"} })
		}, "says otherwise of the opinions of exhibit A"},
	} {
		if damaged, all := said(forge(t, whole, x.change)); !damaged || !strings.Contains(all, x.want) {
			t.Errorf("%s: %v\n%s", name, damaged, all)
		}
	}
}

// inManifest changes the first exhibit, if the file is the manifest.
func inManifest(t *testing.T, name string, b []byte, change func(*exhibited)) []byte {
	t.Helper()
	if name != manifestName {
		return b
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	change(&m.Exhibits[0])
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
