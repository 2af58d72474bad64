package complaint

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/rules/law"
)

// TestAuthorities holds the list against the states of the EEA: each has one.
func TestAuthorities(t *testing.T) {
	today := law.DateOf(time.Date(2026, 6, 20, 0, 0, 0, 0, time.UTC))
	for _, m := range law.Default().Members {
		if m.Kind == "territory" || !law.InEEA(m.Country, today) {
			continue
		}
		if !slices.ContainsFunc(Authorities(), func(a Authority) bool { return a.Country == m.Country && a.Region == "" }) {
			t.Errorf("no authority of %s (%s)", m.Name, m.Country)
		}
	}
	for _, a := range Authorities() {
		if !law.InEEA(a.Country, today) {
			t.Errorf("%s is in %s, which is not in the EEA", a.ID, a.Country)
		}
	}
	for name, want := range map[string]string{"dpc": "IE", "CNIL": "FR", "bfdi": "DE", "ap": "NL", "no": "NO", "de-hh": "DE", "at": "AT"} {
		if a, ok := Find(name); !ok || a.Country != want {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if _, ok := Find("edps"); ok {
		t.Error("the EDPS takes no complaints under Art. 77 GDPR")
	}
}

func TestAuthoritiesAreReadStrictly(t *testing.T) {
	whole := "{id: x, country: IE, name: X, english: X, languages: [en], website: 'https://x.example', source: Y, verified: 2026-01-02}"
	if _, err := readAuthorities([]byte("- " + whole)); err != nil {
		t.Fatal(err)
	}
	for change, want := range map[string]string{
		"name: X, ": "no name", "country: IE|country: ie": "two capitals", ", verified: 2026-01-02": "no day", "languages: [en]|languages: []": "no languages",
		"'https://x.example'|x.example": "no address", "source: Y|colour: red, source: Y": "colour", "2026-01-02|2026-02-30": "2026-02-30",
		"source: Y|archives: refused, source: Y": "go together", "source: Y|memory: [id], source: Y": "memory",
	} {
		from, to, _ := strings.Cut(change, "|")
		_, err := readAuthorities([]byte("- " + strings.Replace(whole, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", change, err, want)
		}
	}
	if _, err := readAuthorities([]byte("- " + whole + "\n- " + whole)); err == nil {
		t.Error("two of one id")
	}
}

// What was not compared with a source is said to be from memory.
func TestRemembered(t *testing.T) {
	list, err := readAuthorities([]byte("- {id: a, country: IE, name: X, english: X, languages: [en], website: 'https://x.example', source: from memory}\n" +
		"- {id: b, country: IE, name: X, english: X, languages: [en], memory: [website], website: 'https://x.example', source: Y, verified: 2026-01-02}\n" +
		"- {id: c, country: IE, name: X, english: X, languages: [en], memory: [name], website: 'https://x.example', source: Y, verified: 2026-01-02}\n"))
	if err != nil || !list[0].Remembered() || !list[1].Remembered() || list[2].Remembered() {
		t.Errorf("%+v, %v", list, err)
	}
}
