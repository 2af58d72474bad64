package main

// What bundles and their check say for programs is held against the schemas.

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/report"
)

// inSchema holds JSON against a schema.
func inSchema(t *testing.T, schema string, b []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if err := compileSchema(t, schema).Validate(v); err != nil {
		t.Errorf("%#v", err)
	}
}

// contentOf is a file of a bundle.
func contentOf(t *testing.T, bundle, name string) []byte {
	t.Helper()
	files := filesIn(t, bundle)
	i := slices.IndexFunc(files, func(f zippedFile) bool { return f.name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return files[i].content
}

func TestEvidenceSchemas(t *testing.T) {
	whole := exportedFull(t)
	inSchema(t, "evidence-manifest", contentOf(t, whole, manifestName))
	files := filesIn(t, whole)
	damaged := repack(t, slices.DeleteFunc(slices.Clone(files), func(f zippedFile) bool { return f.name == manifestName }), "")
	for _, name := range []string{whole, damaged, repack(t, files, "")} {
		v, err := verifyBundle(name, stampedParts())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := report.JSON(&b, v); err != nil {
			t.Fatal(err)
		}
		inSchema(t, "evidence-verify", b.Bytes())
	}
}

// TestEvidenceSchemasRefuse makes sure that the schemas can fail.
func TestEvidenceSchemasRefuse(t *testing.T) {
	whole := exportedFull(t)
	v, err := verifyBundle(whole, stampedParts())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, v); err != nil {
		t.Fatal(err)
	}
	for schema, from := range map[string]io.Reader{"evidence-verify": &b, "evidence-manifest": bytes.NewReader(contentOf(t, whole, manifestName))} {
		var all map[string]any
		if err := json.NewDecoder(from).Decode(&all); err != nil {
			t.Fatal(err)
		}
		s := compileSchema(t, schema)
		for field, value := range all {
			delete(all, field)
			if s.Validate(all) == nil {
				t.Errorf("%s without %s passes", schema, field)
			}
			if all[field] = 1.5; s.Validate(all) == nil {
				t.Errorf("%s with a number as %s passes", schema, field)
			}
			all[field] = value
		}
		if all["more"] = "x"; s.Validate(all) == nil {
			t.Errorf("%s with another field passes", schema)
		}
	}
}
