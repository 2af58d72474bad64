package main

import "testing"

func TestVariantOfAddress(t *testing.T) {
	for _, c := range []struct {
		asked, got string
		conflict   bool
		name       string
	}{
		{"https://clipzy.example/en-gb/privacy", "https://clipzy.example/en-us/privacy", true, "en-US"},
		{"https://clipzy.example/gb/privacy", "https://clipzy.example/us/privacy", true, "en-US"},
		{"https://clipzy.example/privacy?hl=en&gl=IE", "https://clipzy.example/privacy?hl=en&gl=US", true, "en-US"},
		{"https://ie.clipzy.example/privacy", "https://us.clipzy.example/privacy", true, "en-US"},
		{"https://clipzy.example/us_en/privacy", "https://clipzy.example/ie_en/privacy", true, "en-IE"},
		{"https://clipzy.example/de/privacy", "https://clipzy.example/us/privacy", true, "en-US"},
		{"https://clipzy.example/de/privacy", "https://clipzy.example/de-de/privacy", false, ""},
		{"https://clipzy.example/en/privacy", "https://clipzy.example/en-ie/privacy", false, ""},
		{"https://clipzy.example/gb/privacy", "https://clipzy.example/gb/en/privacy", false, ""},
		{"https://clipzy.example/privacy", "https://clipzy.example/en-us/privacy", false, ""},        // nobody asked for a region
		{"https://clipzy.example/en-gb/privacy", "https://clipzy.example/legal/us/terms", false, ""}, // moved elsewhere
		{"https://clipzy.example/gb/privacy", "https://other.example/us/privacy", false, ""},
		{"https://clipzy.example/my/privacy", "https://clipzy.example/privacy", false, ""},
	} {
		want, got := editionOf(c.asked), editionOf(c.got)
		conflict := sameButEdition(c.asked, c.got) && want.conflicts(got)
		if conflict != c.conflict || conflict && got.name("en") != c.name {
			t.Errorf("%s → %s: %v %q, want %v %q", c.asked, c.got, conflict, got.name("en"), c.conflict, c.name)
		}
	}
	if got := editionOf("https://clipzy.example/de/").name("de"); got != "de" {
		t.Errorf("German at /de/: %q", got)
	}
}
