package main

import (
	"fmt"
	"testing"
)

func TestContinues(t *testing.T) {
	const site = "https://clipzy.example"
	for _, c := range []struct {
		first, next string
		want        bool
	}{
		{"/privacy", "/privacy/2", true}, {"/privacy.html", "/privacy/part-2.html", true}, {"/privacy", "/privacy-2", true},
		{"/privacy", "/privacy?page=2", true}, {"/privacy?lang=en", "/privacy?lang=en&page=2", true}, {"/legal/1", "/legal/2", true},
		{"/privacy-page-1.php", "/privacy-page-2.php", true}, {"/legal/privacy-policy/introduction", "/legal/privacy-policy/transfers", true},
		{"/datenschutz/", "/datenschutz/seite-2", true}, {"/privacy/index.html", "/privacy/page2.html", true},
		{"/privacy", "/terms", false}, {"/legal/privacy", "/legal/terms", false}, {"/privacy/introduction", "/privacy/cookies", false},
		{"/privacy?page=1", "/privacy?page=2&buy=camera", false}, {"/privacy", "/privacy?buy=camera", false}, {"/privacy", "/privacy?page=all", false},
		{"/legal/2024", "/legal/2025", false}, {"/", "/2", false}, {"/privacy", "", false}, {"/privacy", "/privacyshop", false},
	} {
		if got := continues(site+c.first, "https://www.clipzy.example"+c.next); got != c.want {
			t.Errorf("%s and then %s: %v", c.first, c.next, got)
		}
	}
	for _, other := range []string{"https://nordlicht.example/privacy/2", "https://shop.clipzy.example/privacy/2", "https://clipzy.example:8443/privacy/2",
		"ftp://clipzy.example/privacy/2", "javascript:next(2)", "http://a\x7f/"} {
		if continues(site+"/privacy", other) {
			t.Errorf("%q goes on with the text", other)
		}
	}
}

func TestTrail(t *testing.T) {
	const page = "https://clipzy.example/privacy"
	trail := newTrail("https://clipzy.example/policy", page)
	if u := trail.next([]string{page + "/", "https://www.clipzy.example/policy", "https://clipzy.example/terms", page + "?page=2"}); u != page+"?page=2" {
		t.Errorf("the second is %q", u)
	}
	trail.ledTo(page + "/two")
	if u := trail.next([]string{page + "?page=2", page + "/two.html", "http://clipzy.example/privacy"}); u != "" {
		t.Errorf("a circle goes on at %q", u)
	}
	for n := 3; ; n++ {
		if trail.next([]string{fmt.Sprintf("%s?page=%d", page, n)}) == "" {
			break
		}
	}
	if len(trail.pages) != maxFollowed || !trail.more {
		t.Errorf("%d pages, more %v", len(trail.pages), trail.more)
	}
}
