package snapshots

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// FORMAT.md names every field of the records, in the order in which they are encoded: identifiers follow from it.
func TestFormatNamesEveryField(t *testing.T) {
	b, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if cells := strings.SplitN(line, "|", 3); len(cells) == 3 {
			rows[strings.TrimSpace(cells[1])] = cells[2]
		}
	}
	for name, v := range map[string]any{"terms": Terms{}, "declaration": Declaration{}, "source": Source{}, "range": Range{}, "snapshot": Snapshot{}, "origin": Origin{},
		"third_party": ThirdParty{}, "attempt": Attempt{}, "decision": Decision{}, "telling": Telling{}, "erasure": Erasure{}, "version (in bundles)": Version{},
		"part": Part{}, "annex": Annex{}, "opinions": Opinions{}, "opinion": Opinion{}, "fact": OpinionFact{}, "dropped": OpinionDropped{}} {
		at := 0
		for f := range reflect.TypeOf(v).Fields() {
			key, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			if key == "-" {
				continue
			}
			word := "`" + key + "`"
			if opts != "" {
				word += "?"
			}
			i := strings.Index(rows[name][at:], word)
			if i < 0 {
				t.Errorf("the row %s of FORMAT.md lacks %s behind the keys before it", name, word)
				continue
			}
			at += i + len(word)
			if opts == "" && strings.HasPrefix(rows[name][at:], "?") {
				t.Errorf("the row %s of FORMAT.md says that %s may be left out", name, word)
			}
		}
	}
}
