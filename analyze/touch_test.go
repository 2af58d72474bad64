package analyze

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

// lined is a page in English whose blocks hold lines, cut by a tilde, and brackets, written as braces.
func lined(text string) *snapshots.Document {
	d := page("en", text)
	d.Text = strings.NewReplacer("~", "\n", "{", "[", "}", "]").Replace(d.Text)
	return d
}

func TestTouchesTransfers(t *testing.T) {
	e := engine(t)
	d := Dates{day(t, "2026-06-01"), day(t, "2026-06-01")}
	for name, c := range map[string]struct {
		old, new string
		want     bool
	}{
		"the clause": {"We transfer your data to our servers in India.", "We always transfer your data to our two servers in India.", true},
		"another name of the country": {"We transfer your data to the U.S. and keep them there. We like tea.",
			"We transfer your data to the United States and keep them there. We like coffee a lot.", false},
		"another country": {"We transfer your data to the U.S. and keep them there.", "We transfer your data to the United Kingdom and keep them there.", true},
		"numbers of footnotes": {"We transfer your data to our partners{12} in India. We sell tea.",
			"We transfer your data to our partners{13} in India. We sell your address to coffee shops.", false},
		"a comma": {"We transfer your data to our partners, in India. We sell tea.", "We transfer your data to our partners in India. We sell your address to coffee shops.", false},
		"another part of a long row": {"| Purpose | Data |\n| Hosting~We transfer your data to our servers in India.~We count visits. | Name |",
			"| Purpose | Data |\n| Hosting~We transfer your data to our servers in India.~We count visits and sell your address. | Name |", false},
		"its part of a long row": {"| Purpose | Data |\n| Hosting~We transfer your data to our servers in India.~We count visits. | Name |",
			"| Purpose | Data |\n| Hosting~We transfer and sell your data to our servers in India.~We count visits. | Name |", true},
	} {
		if got := e.Compare(e.Facts(lined(c.old)), e.Facts(lined(c.new)), d.AsOf, d); got.TransfersTouched != c.want {
			t.Errorf("%s: touched is %v, class %s, changes %v", name, got.TransfersTouched, got.Class, got.Changes)
		}
	}
}
