// Package demo is Clipzy, a fictional video service that publishes its privacy policy in English and in German, later
// a next version that lets personal data go abroad, and then one more country on the page that it links. The texts were written for drittland and are nobody's policy.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"sync/atomic"
)

// Paths of the policy pages. The first text links no further page; the next one links a list of countries.
const (
	English = "/legal/privacy"
	German  = "/de/legal/datenschutz"
)

//go:embed pages/*.html
var pages embed.FS

// A Site serves Clipzy's pages. The zero value serves the first version of its texts.
type Site struct{ published atomic.Int32 }

// Publish replaces the texts by their next version: first the policy, which then links a list of countries, the second time the
// list alone.
func (s *Site) Publish() { s.published.Add(1) }

type link struct{ To, Label string }

// A page is what the layout shows around a text.
type page struct {
	file, Lang, Title, Promo string
	Menu, Foot               []link
	Body                     template.HTML
}

var (
	menuEnglish = []link{{"/", "Home"}, {"/trending", "Trending"}, {"/creators", "For creators"}, {"/help", "Help"}, {"/login", "Log in"}}
	menuGerman  = []link{{"/de/", "Start"}, {"/de/trends", "Trends"}, {"/de/kreative", "Für Kreative"}, {"/de/hilfe", "Hilfe"}, {"/de/anmelden", "Anmelden"}}
	footEnglish = []link{{"/about", "About us"}, {"/jobs", "Jobs"}, {"/legal/terms", "Terms of Service"}, {English, "Privacy Policy"}, {German, "Deutsch"}}
	footGerman  = []link{{"/de/ueber-uns", "Über uns"}, {"/de/jobs", "Jobs"}, {"/de/legal/agb", "Nutzungsbedingungen"}, {German, "Datenschutzerklärung"}, {English, "English"}}
)

func english(file, title string) page {
	return page{file: file, Lang: "en", Title: title, Promo: "New: make clips of up to three minutes!", Menu: menuEnglish, Foot: footEnglish}
}

func german(file, title string) page {
	return page{file: file, Lang: "de", Title: title, Promo: "Neu: Clips von bis zu drei Minuten!", Menu: menuGerman, Foot: footGerman}
}

// pageAt is the page at a path, after a number of publications.
func pageAt(path string, published int) (page, bool) {
	version, list := 1+min(published, 1), 1+min(published, 2)
	switch path {
	case English:
		return english(fmt.Sprintf("privacy.%d.en.html", version), "Privacy Policy"), true
	case German:
		return german(fmt.Sprintf("privacy.%d.de.html", version), "Datenschutzerklärung"), true
	case "/legal/countries":
		return english(fmt.Sprintf("countries.%d.en.html", list), "Countries with access"), list > 1
	case "/de/legal/laender":
		return german(fmt.Sprintf("countries.%d.de.html", list), "Länder mit Zugriff"), list > 1
	}
	return page{}, false
}

// ServeHTTP answers like a small web server.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := pageAt(r.URL.Path, int(s.published.Load()))
	if !ok {
		http.NotFound(w, r)
		return
	}
	b, err := render(p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", p.Lang)
	w.Write(b) // whoever hung up does not want to know
}

func render(p page) ([]byte, error) {
	body, err := pages.ReadFile("pages/" + p.file)
	if err != nil {
		return nil, err
	}
	p.Body = template.HTML(body) // our own text
	t, err := template.ParseFS(pages, "pages/layout.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
