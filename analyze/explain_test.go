package analyze

import (
	"encoding/json"
	"strings"
	"testing"
)

// The sentences stand in the order of the articles, under the names that the finding has; what the data do not hold is left out.
func TestAsks(t *testing.T) {
	got := Asks([]string{"GDPR 46(3)", "C-311/18", "GDPR 13(1)(f)", "<b>", ""}, "nl")
	if len(got) != 2 || got[0].Article != "GDPR 46(3)" || got[1].Article != "GDPR 13(1)(f)" {
		t.Fatalf("%+v", got)
	}
	for _, a := range got {
		if !strings.Contains(a.Sentence, "derde land") || !strings.HasPrefix(a.Source, "https://eur-lex.europa.eu/eli/reg/2016/679/") || !a.Verified {
			t.Errorf("%+v", a)
		}
	}
	if b, err := json.Marshal(Asks(nil, "en")); err != nil || string(b) != "[]" {
		t.Errorf("no articles: %s, %v, want an empty list", b, err)
	}
}
