package locale

import "testing"

func TestWords(t *testing.T) {
	en, de, fr := For("en"), For("de"), For("fr")
	for _, c := range []struct{ got, want string }{
		{en.N("%s word", "%s words", 1), "1 word"},
		{en.N("%s word", "%s words", 0), "0 words"},
		{en.N("%s word", "%s words", 5398), "5,398 words"},
		{de.N("%s word", "%s words", 1), "1 Wort"},
		{de.N("%s word", "%s words", 5398), "5.398 Wörter"},
		{fr.N("%s word", "%s words", 0), "0 mot"}, // French counts nothing as one
		{en.T("Country"), "Country"},
		{de.T("Country"), "Land"},
		{de.T("what nobody says"), "what nobody says"},
		{de.T(""), ""},
		{de.F("Standing on %s", "2022-12-02"), "Status am 2022-12-02"},
		{For("xx").T("Country"), "Country"},
		{For("../de").T("Country"), "Country"},
		{For("xx").Language(), "en"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTell(t *testing.T) {
	de := For("de")
	for said, want := range map[string]string{
		"the encoding is not declared; read as windows-1252": de.F("the encoding is not declared; read as %s", "windows-1252"),
		"The texts are the same.":                            de.T("The texts are the same."),
		`the selector ".a %s b" matches nothing`:             de.F("the selector %q matches nothing", ".a %s b"),
		"A change of substance: “a” became “b”.":             de.T("A change of substance") + ": “a” became “b”.",
	} {
		if got := de.Tell(said); got != want || got == said {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
	for _, said := range []string{"", "nobody says this", "%s %d %q"} {
		if got := de.Tell(said); got != said {
			t.Errorf("%q became %q", said, got)
		}
	}
	if got := For("en").Tell("The texts are the same."); got != "The texts are the same." {
		t.Errorf("English: %q", got)
	}
}

func TestLanguages(t *testing.T) {
	for _, l := range Languages() {
		if got := For(l).Language(); got != l {
			t.Errorf("the words of %s are in %s", l, got)
		}
	}
}

func BenchmarkFor(b *testing.B) {
	for b.Loop() {
		cache.Clear()
		For("de")
	}
}
