package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestTimelineSchema holds the timeline that the tests of package report keep, in which everything occurs, against the schema,
// which must also refuse what lacks a field.
func TestTimelineSchema(t *testing.T) {
	b, err := os.ReadFile("report/testdata/timeline.json")
	if err != nil {
		t.Fatal(err)
	}
	s := compileSchema(t, "timeline")
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%#v", err)
	}
	var whole map[string]any
	if err := json.Unmarshal(b, &whole); err != nil {
		t.Fatal(err)
	}
	for _, field := range slices.Sorted(maps.Keys(whole)) {
		if field == "variant" || field == "verified" { // not in every timeline
			continue
		}
		less := maps.Clone(whole)
		delete(less, field)
		if s.Validate(less) == nil {
			t.Errorf("a timeline without %s passes", field)
		}
	}
}
