package main

// What VERIFY.md tells a stranger to do with the proofs of a bundle, done as it says.

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/stamp/stamptest"
	"github.com/drittland/drittland/snapshots/warc"
)

// TestProofsByHand does what VERIFY.md says of the proofs, with openssl, Python and the shell alone.
func TestProofsByHand(t *testing.T) {
	stamptest.NeedsOpenSSL(t)
	for _, program := range []string{"python3", "bash", "xxd"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing: apt-get install %s", program, program)
			}
			t.Skipf("needs %s", program)
		}
	}
	dir := unpack(t, exportedFull(t))
	manual, err := os.ReadFile(filepath.Join(dir, verifyName))
	if err != nil {
		t.Fatal(err)
	}
	var signature []string // the lines of the manual
	for l := range strings.Lines(string(manual)) {
		if line, ok := strings.CutPrefix(l, "    "); ok && (strings.Contains(line, "note-") || strings.Contains(line, "ledger.der")) {
			signature = append(signature, strings.TrimSpace(line))
		}
	}
	bash := func(script string) (string, error) {
		cmd := exec.Command("bash", "-euc", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := bash(strings.Join(signature, "\n")); err != nil || !strings.Contains(out, "Verified Successfully") {
		t.Errorf("signature by openssl: %v\n%s\n%s", err, out, strings.Join(signature, "\n"))
	}
	if out, err := bash("openssl ts -verify -in proofs/checkpoint-1.tsr -data proofs/checkpoint -CAfile proofs/tsa.pem"); err != nil || !strings.Contains(out, "Verification: OK") {
		t.Errorf("time stamp by openssl: %v\n%s", err, out)
	}
	id, member := aResponse(t, filepath.Join(dir, "A-1_capture.wacz"))
	if err := os.WriteFile(filepath.Join(dir, "record.warc.gz"), member, 0o600); err != nil {
		t.Fatal(err)
	}
	proof := "proofs/" + strings.TrimPrefix(id, "urn:uuid:") + ".tlog-proof"
	check := "python3 proofs/verify.py proofs/ledger.pem " + proof + " record.warc.gz proofs/checkpoint"
	if out, err := bash(check); err != nil {
		t.Errorf("%s: %v\n%s", check, err, out)
	}
	if out, err := bash("sed -i 's/index 0/index 1/; s/index 1$/index 2/' " + proof + "; " + check); err == nil {
		t.Errorf("another place in the tree passes: %s", out)
	}
}

// aResponse is the first response in a WACZ file: its ID and its gzip member.
func aResponse(t *testing.T, name string) (string, []byte) {
	t.Helper()
	for _, f := range filesIn(t, name) {
		if f.name != "archive/data.warc.gz" {
			continue
		}
		r := warc.NewReader(bytes.NewReader(f.content), warc.Limits{})
		for at := int64(0); ; {
			rec, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			end := at + r.Extent().Length
			if rec.Type() == "response" {
				return rec.ID(), f.content[at:end]
			}
			at = end
		}
	}
	t.Fatalf("%s holds no records", name)
	return "", nil
}
