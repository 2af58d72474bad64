// Command gen makes the tables of package places: one compressed file of forms per language, from the names of
// the Unicode CLDR, the nationalities of i18n-nationality, zones.tsv and the hand-written files in lang/.
//
// Usage: gen -packages DIR -out DIR, where the first holds the unpacked npm packages (see fetch.sh).
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// languages are the 24 official languages of the EU, Norwegian, Icelandic and Arabic.
var languages = []string{"ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it",
	"lt", "lv", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv"}

func main() {
	log.SetFlags(0)
	packages := flag.String("packages", "", "folder with the unpacked npm packages")
	out := flag.String("out", "", "folder to write to")
	quiet := flag.Bool("q", false, "do not list the forms that two countries claim")
	flag.Parse()
	for _, lang := range languages {
		if err := generate(lang, *packages, *out, *quiet); err != nil {
			log.Fatalf("make the places of %s: %v", lang, err)
		}
	}
}

func generate(lang, packages, out string, quiet bool) error {
	hand, err := readHand(filepath.Join("lang", lang+".txt"))
	if err != nil {
		return err
	}
	t := &table{lang: lang, hand: hand, best: map[string]claim{}}
	if err := t.fill(packages); err != nil {
		return err
	}
	text := t.text()
	if !quiet {
		for _, c := range t.conflicts {
			fmt.Println(lang, c)
		}
	}
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zw.Write([]byte(text)); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, lang+".tsv.gz"), buf.Bytes(), 0o644)
}
