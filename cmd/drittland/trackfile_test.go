package main

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// The examples in the help of track import can be copied into a file.
func TestTrackImportHelp(t *testing.T) {
	var examples []string
	var block []string
	for _, line := range append(strings.Split((&tool{}).trackImportCommand().Description, "\n"), "end") {
		if code, ok := strings.CutPrefix(line, "   "); ok && !strings.HasPrefix(code, "drittland") {
			block = append(block, code)
		} else if len(block) > 0 {
			examples, block = append(examples, strings.Join(block, "\n")), nil
		}
	}
	if len(examples) != 2 {
		t.Fatalf("%d examples, want 2: %q", len(examples), examples)
	}
	for i, wanted := range []int{1, 2} {
		list, err := config.Declarations("help", []byte(examples[i]))
		if err != nil || len(list) != wanted {
			t.Errorf("%d terms, %v", len(list), err)
		}
		for _, d := range list {
			if d.Every == 0 {
				d.Every = defaultEvery
			}
			if err := checkDeclaration(d); err != nil {
				t.Error(err)
			}
		}
	}
}
