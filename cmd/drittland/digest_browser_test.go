package main

// Digests in a real browser: as narrow as a phone and wide, light and dark, with nothing loaded from anywhere.

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// scheme makes the browser prefer light or dark pages.
func (b *tab) scheme(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}); err != nil {
		b.t.Fatal(err)
	}
	b.until(`matchMedia('(prefers-color-scheme: ` + name + `)').matches`)
}

func TestDigestInBrowser(t *testing.T) {
	files := http.NewServeMux()
	files.Handle("/", http.FileServer(http.Dir("digest/testdata")))
	files.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // browsers ask; mail clients do not
	srv := httptest.NewServer(files)
	t.Cleanup(srv.Close)
	readers(t)
	b := openTab(t, srv.URL)
	for _, week := range []string{"full", "quiet", "trouble", "hostile"} {
		if _, err := os.Stat(filepath.Join("digest/testdata", week+".html")); err != nil {
			t.Fatal(err)
		}
		b.open("/" + week + ".html")
		for _, scheme := range []string{"light", "dark"} {
			b.scheme(scheme)
			b.picture("digest-"+week+"-"+scheme, 360, 1000)
			for _, width := range []int64{360, 1000} {
				b.accessible("digest of a "+week+" week, "+scheme, width)
			}
		}
		if small := b.eval(`[...document.querySelectorAll('main *')].filter(e => e.textContent.trim() != '' && parseFloat(getComputedStyle(e).fontSize) < 14).length`); small != "0" {
			t.Errorf("%s: %s elements have letters smaller than 14 pixels", week, small)
		}
	}
	b.clean()
}
