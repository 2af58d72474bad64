package main

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/fetch/extract"
)

func TestHub(t *testing.T) {
	const head = `<!DOCTYPE html><html lang="en"><main><h1>Privacy at Clipzy</h1><p>Which policy holds for you depends on where you live.</p>`
	const sentence = "<p>We keep your personal data on servers in Ireland for as long as your account is open, and erase them when you close it, as our other rules say, too.</p>"
	link := func(href, label string) string { return "<li><a href='" + href + "'>" + label + "</a></li>" }
	regions := "<ul>" + link("/privacy/us", "United States") + link("/privacy/row", "Outside the EEA and the UK") + link("/privacy/de", "Germany") + link("/privacy/europe", "Europe") + "</ul>"
	for _, c := range []struct{ name, in, want string }{
		{"of regions", head + regions, "13 words beside links to 4 pages, those for the EEA first: https://clipzy.example/privacy/europe (Europe), https://clipzy.example/privacy/de (Germany), https://clipzy.example/privacy/us (United States), https://clipzy.example/privacy/row (Outside the EEA and the UK);"},
		{"of products, as cards", head + `<div><h2><a href="/camera/privacy">Camera</a></h2><p>What our camera does.</p></div><div><h2><a href="/video/privacy">Video</a></h2><p>What our videos do.</p></div>`,
			"links to 2 pages: https://clipzy.example/camera/privacy (Camera), https://clipzy.example/video/privacy (Video);"},
		{"in German", `<html lang=de><main><h1>Datenschutz</h1><p>Bitte wählen Sie.</p><p><a href="/us">Datenschutzerklärung für die USA</a></p><p><a href="/ewr">Datenschutzerklärung für den EWR</a></p>`, "those for the EEA first: https://clipzy.example/ewr"},
		{"more than are named", head + regions + link("/privacy/br", "Brazil") + link("/privacy/in", "India"), " and 2 more;"},
		{"one page twice", head + link("/privacy/eea", "EEA") + link("/privacy/eea/", "Europe"), ""},
		{"one policy", head + link("/privacy/policy", "Privacy Policy") + link("/terms", "Terms") + link("/privacy/cookies", "Cookies") + link("/privacy/settings", "Settings"), ""},
		{"a policy with a list", head + strings.Repeat(sentence, 6) + regions, ""},
		{"a short policy with links in sentences", head + `<p>See where we <a href="/privacy/countries">keep personal data</a>, and who our <a href="/privacy/partners">partners for advertising</a> in other countries are.</p>`, ""},
		{"policies of others", head + link("https://nordlicht.example/privacy", "Nordlicht's privacy policy") + link("https://pixelfern.example/privacy", "Pixelfern's privacy policy"), ""},
		{"itself in parts", head + link("#eea", "Europe") + link("#us", "United States"), ""},
	} {
		p, err := extract.ReadAll(extract.Input{Body: []byte(c.in), MediaType: "text/html", BaseURL: "https://clipzy.example/privacy"}, extract.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := hub(p.Document, "https://clipzy.example/privacy"); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSaysEurope(t *testing.T) {
	for word, want := range map[string]bool{"eea": true, "ewr": true, "europeiska": true, "európai": true, "ευρωπαϊκή": true, "европейски": true, "us": false, "uea": false, "": false} {
		if saysEurope(word) != want {
			t.Errorf("%q: %v", word, !want)
		}
	}
}
