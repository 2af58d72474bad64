package search

import (
	"errors"
	"strings"
	"testing"
)

func TestParseFaults(t *testing.T) {
	for said, want := range map[string]Fault{
		"":                                NoWords,
		"  · — !":                         NoWords,
		"-consent":                        NoWords,
		"service:Clipzy":                  NoWords,
		strings.Repeat("a ", MaxQuery):    TooLong,
		strings.Repeat("ab ", maxWords+1): TooManyWords,
		`"` + strings.Repeat("ab ", maxWords+1) + `"`: TooManyWords,
		`remote "access`:         OpenQuote,
		`lang:"de india`:         OpenQuote,
		"a*":                     ShortWildcard,
		"é*":                     ShortWildcard,
		"tr*fer":                 InnerWildcard,
		"*fer":                   InnerWildcard,
		"transf**":               InnerWildcard,
		"adress:india":           UnknownField,
		"https://clipzy.example": UnknownField,
		"india lang:":            NoValue,
		"india lang:de lang:fr":  Twice,
		"india last: last:":      Twice,
		"india after:2024":       NoDay,
		"india after:2024-02-30": NoDay,
		"india after:2024-02-01 before:2024-02-01": NoTime,
		"india -lang:de": Excluded,
	} {
		_, err := Parse(said)
		var m *Mistake
		if !errors.As(err, &m) || m.Fault != want {
			t.Errorf("%.40q: %v, want fault %d", said, err, want)
			continue
		}
		if strings.Contains(m.Error(), "%!") || strings.Contains(m.Error(), "%s") {
			t.Errorf("%.40q: %s", said, m)
		}
	}
}

func TestParseFields(t *testing.T) {
	q, err := Parse(`INDIA service:"Petit Panier" terms:„Cookie Policy“ lang:fr after:2024-01-01 before:2025-01-01 last:"remote access" - &`)
	if err != nil {
		t.Fatal(err)
	}
	if q.Service != "Petit Panier" || q.Type != "Cookie Policy" || q.Language != "fr" || !q.Last || q.After.Year() != 2024 || q.Before.Year() != 2025 {
		t.Errorf("%+v", q)
	}
	if len(q.Wanted) != 2 || len(q.Wanted[1]) != 2 || len(q.Unwanted) != 0 || q.Wanted[0][0].Fold != "india" {
		t.Errorf("%+v", q)
	}
	q.Set("Clipzy", "Terms of Service", "de", false)
	if q.Service != "Petit Panier" || q.Type != "Cookie Policy" || q.Language != "fr" || !q.Last {
		t.Errorf("flags go before the query: %+v", q)
	}
	if !q.In("fr") || !q.In("fr-CH") || q.In("de") || q.In("") {
		t.Error("languages")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`a "b c" -d e* lang:de`, `“x”y`, "last:last:", "-\"", "a\xff*", "漢字* -い"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			if q != nil || err.Error() == "" {
				t.Fatal("a query with a mistake")
			}
			return
		}
		if len(q.Wanted) == 0 || len(q.needle()) < 2 {
			t.Fatalf("%q asks for nothing", s)
		}
		for _, m := range q.Marks(s, nil) {
			if m.Start < 0 || m.End > len(s) || m.Len() <= 0 {
				t.Fatalf("%q: mark %v", s, m)
			}
		}
	})
}
