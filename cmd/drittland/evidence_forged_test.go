package main

// Bundles that were changed by one who makes all hashes anew.

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/wacz"
	"github.com/drittland/drittland/snapshots/warc"
)

// forge changes some files and makes all hashes anew, as one would who wants to deceive.
func forge(t *testing.T, whole string, change func(name string, content []byte) []byte) string {
	t.Helper()
	files := filesIn(t, whole)
	var m manifest
	var sums []bundledFile
	for i := range files {
		f := &files[i]
		switch f.name {
		case manifestName:
			if err := json.Unmarshal(change(f.name, f.content), &m); err != nil {
				t.Fatal(err)
			}
			for k := range m.Files {
				at := slices.IndexFunc(files, func(x zippedFile) bool { return x.name == m.Files[k].Path })
				m.Files[k].SHA256, m.Files[k].Bytes = snapshots.HashOf(files[at].content), len(files[at].content)
			}
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			f.content = b
		case sumsName:
			f.content = sumsOf(sums)
			return repack(t, files, commentPrefix+string(snapshots.HashOf(f.content)))
		default:
			f.content = change(f.name, f.content)
		}
		sums = append(sums, bundledFile{Path: f.name, SHA256: snapshots.HashOf(f.content)})
	}
	t.Fatal("no sums")
	return ""
}

// rewritten is a WACZ file with its records changed, and all digests anew.
func rewritten(t *testing.T, b []byte, change func(*warc.Record)) []byte {
	t.Helper()
	r, err := wacz.Open(bytes.NewReader(b), int64(len(b)), wacz.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	w := wacz.NewWriter(r.Info())
	for rec, err := range r.Records("archive/data.warc.gz") {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type() == "warcinfo" {
			continue
		}
		change(rec.Record)
		rec.Header = slices.DeleteFunc(rec.Header, func(f warc.Field) bool { return f.Name == "WARC-Block-Digest" || f.Name == "Content-Length" })
		if err := w.Make(rec.Record); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := r.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		w.Page(p)
	}
	var out bytes.Buffer
	if _, err := w.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestForgedBundles(t *testing.T) {
	whole := exportedFull(t)
	only := func(file string, change func([]byte) []byte) func(string, []byte) []byte {
		return func(name string, b []byte) []byte {
			if name != file {
				return b
			}
			return change(b)
		}
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) {
				t.Errorf("nothing says %q", old)
			}
			return bytes.ReplaceAll(b, []byte(old), []byte(new))
		}
	}
	records := func(change func(*warc.Record)) func([]byte) []byte {
		return func(b []byte) []byte { return rewritten(t, b, change) }
	}
	var proofs []zippedFile
	for _, f := range filesIn(t, whole) {
		if strings.HasSuffix(f.name, ".tlog-proof") {
			proofs = append(proofs, f)
		}
	}
	wantBlamed(t, "nothing forged", forge(t, whole, only("", nil)))
	for _, x := range []struct {
		what   string
		change func(string, []byte) []byte
		want   []string
	}{
		{"manifest backdated", only(manifestName, replace(`"2026-06-20T10:00:00Z"`, `"2025-06-20T10:00:00Z"`)), []string{manifestName}},
		{"address of the manifest", only(manifestName, replace(`https://www.clipzy.example/privacy"`, `https://www.clipzy.example/terms"`)), []string{manifestName}},
		{"letter of an exhibit", only(manifestName, replace(`"letter": "A"`, `"letter": "C"`)), []string{manifestName}},
		{"capture backdated", only("A-1_capture.wacz", records(func(r *warc.Record) {
			r.Block = bytes.ReplaceAll(r.Block, []byte(`"at":"2026-06-20T10:00:00Z"`), []byte(`"at":"2025-06-20T10:00:00Z"`))
		})), []string{"A-1_capture.wacz"}},
		{"words of the page", only("A-1_capture.wacz", records(func(r *warc.Record) {
			if r.Type() == "response" {
				r.Block = bytes.ReplaceAll(r.Block, []byte("India"), []byte("Italy"))
				r.Header = slices.DeleteFunc(r.Header, func(f warc.Field) bool { return f.Name == "WARC-Payload-Digest" })
			}
		})), []string{"A-1_capture.wacz"}},
		{"what was made for players", only("B-1_capture.wacz", records(func(r *warc.Record) {
			if r.Header.Get("Drittland-Conversion") != "" {
				r.Block = bytes.ReplaceAll(r.Block, []byte("Japan"), []byte("Italy"))
			}
		})), []string{"B-1_capture.wacz"}},
		{"screenshot", only("B-2_screenshot.png", replace("picture", "pasture")), []string{"B-2_screenshot.png"}},
		{"key", only("proofs/ledger.key", func(b []byte) []byte { return append([]byte("x"), b...) }), []string{"proofs/checkpoint"}},
		{"token", only("proofs/checkpoint-1.tsr", func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b }), []string{"proofs/checkpoint-1.tsr"}},
		{"key for openssl", only("proofs/ledger.pem", func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 2; return b }), []string{"proofs/ledger.pem"}},
		{"manifest of many files", only(manifestName, func(b []byte) []byte {
			var m manifest
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			m.Exhibits[0].Snapshots = slices.Repeat(m.Exhibits[0].Snapshots[:1], maxListed)
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}), []string{manifestName}},
		{"proof of another record", only(proofs[0].name, func([]byte) []byte { return proofs[1].content }), []string{proofs[0].name}},
	} {
		wantBlamed(t, x.what, forge(t, whole, x.change), x.want...)
	}
	// A header of a record follows from nothing else in the bundle: only the ledger knows that it was another one.
	name := forge(t, whole, only("A-1_capture.wacz", records(func(r *warc.Record) {
		for i := range r.Header {
			r.Header[i].Value = strings.ReplaceAll(r.Header[i].Value, "192.0.2.7", "192.0.2.8")
		}
	})))
	v, err := verifyBundle(name, stampedParts())
	if err != nil || !v.Damaged {
		t.Fatalf("%+v, %v", v, err)
	}
	for _, c := range v.Checks {
		if c.Result == resultDamaged && (!strings.HasSuffix(c.File, ".tlog-proof") || !strings.Contains(c.What, "in A-1_capture.wacz")) {
			t.Errorf("address of the server: blamed %+v", c)
		}
	}
}

// TestForgedProofs leaves out what proves, or takes it from elsewhere.
func TestForgedProofs(t *testing.T) {
	tl := capturedBy(t)
	before, after := filepath.Join(t.TempDir(), "before.zip"), filepath.Join(t.TempDir(), "after.zip")
	exportWith(t, tl, stampedParts(), before)
	a, err := archive.Open(tl.env.Getenv(""), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.PutDeclaration(snapshots.Declaration{Service: "Clipzy", TermsType: defaultType, Added: tl.env.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil { // signs
		t.Fatal(err)
	}
	exportWith(t, tl, stampedParts(), after)
	old := map[string][]byte{}
	for _, f := range filesIn(t, before) {
		old[f.name] = f.content
	}
	var proofs []string
	for _, f := range filesIn(t, after) {
		if strings.HasSuffix(f.name, ".tlog-proof") {
			proofs = append(proofs, f.name)
		}
	}
	wantBlamed(t, "an earlier checkpoint, with its time stamp", forge(t, after, func(name string, b []byte) []byte {
		if name == "proofs/checkpoint" || name == "proofs/checkpoint-1.tsr" {
			return old[name]
		}
		return b
	}), proofs...)

	without := func(lacks func(bundledFile) bool, said ...string) *verification {
		var gone []string
		name := forge(t, without(t, after, lacks, &gone), func(name string, b []byte) []byte {
			if name != manifestName {
				return b
			}
			var m manifest
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			m.Files = slices.DeleteFunc(m.Files, func(f bundledFile) bool { return slices.Contains(gone, f.Path) })
			m.NotProved = said
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return b
		})
		v, err := verifyBundle(name, stampedParts())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	role := func(roles ...string) func(bundledFile) bool {
		return func(f bundledFile) bool { return slices.Contains(roles, f.Role) }
	}
	for _, x := range []struct {
		what    string
		lacks   func(bundledFile) bool
		said    []string
		damaged bool
		want    []string
	}{
		{"nothing", role(), nil, false, []string{sameMachine}},
		{"stamps", role(roleStamp), nil, false, []string{sameMachine, noTimeStamp}},
		{"all proofs", role(roleProof, roleCheckpoint, roleKey, roleTool, roleStamp), nil, false, []string{sameMachine, noLedger, noTimeStamp}},
		{"proofs of records", role(roleProof), nil, true, []string{sameMachine, notLogged}},
		{"proofs of records, and it says so", role(roleProof), []string{notLogged}, false, []string{notLogged, sameMachine}},
		{"one proof, and it says so", func(f bundledFile) bool { return f.Path == proofs[0] }, []string{notLogged}, false, []string{notLogged, sameMachine}},
	} {
		v := without(x.lacks, x.said...)
		if v.Damaged != x.damaged || !slices.Equal(v.NotProved, x.want) {
			t.Errorf("without %s: damaged %t, not proved %q, want %q", x.what, v.Damaged, v.NotProved, x.want)
		}
	}
	v := without(role(roleProof), notLogged)
	if !slices.ContainsFunc(v.Checks, func(c checkLine) bool {
		return c.File == "A-1_capture.wacz" && c.Result == resultNote && strings.Contains(c.What, "without a proof")
	}) {
		t.Errorf("no note on records without a proof: %+v", v.Checks)
	}
	script := forge(t, after, func(name string, b []byte) []byte {
		if name == "proofs/verify.py" {
			return []byte("print('OK')\n")
		}
		return b
	})
	if v, err = verifyBundle(script, stampedParts()); err != nil || !slices.ContainsFunc(v.Checks, func(c checkLine) bool { return c.File == "proofs/verify.py" && c.Result == resultNote }) {
		t.Errorf("another program for proofs: %+v, %v", v, err)
	}
}

// without is a bundle without some of the files that its manifest lists. SHA256SUMS is not made anew.
func without(t *testing.T, name string, lacks func(bundledFile) bool, gone *[]string) string {
	t.Helper()
	files := filesIn(t, name)
	var m manifest
	if err := json.Unmarshal(contentOf(t, name, manifestName), &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		if lacks(f) {
			*gone = append(*gone, f.Path)
		}
	}
	return repack(t, slices.DeleteFunc(files, func(f zippedFile) bool { return slices.Contains(*gone, f.name) }), "")
}
