// Command gen derives trigrams.txt.gz, the table by which package extract tells languages apart, from the
// n-gram models of lingua-go. It is a module of its own, so that nothing else depends on those models.
//
// The models hold conditional probabilities: a trigram "abc" is ranked by p(a)·p(b|a)·p(c|ab), the chance to
// meet it in running text, and the most frequent ones of each language are kept with their −ln p in tenths.
package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pemistahl/lingua-go/serialization"
	"google.golang.org/protobuf/proto"
)

// languages maps our codes to the folders of the models. Maltese, Greek and Arabic are not told by trigrams:
// the first has no model, the others have a script of their own. The languages from outside the EEA keep their
// texts from being taken for a neighbour's.
var languages = []struct{ code, folders string }{
	{"bg", "bg"}, {"ca", "ca"}, {"cs", "cs"}, {"da", "da"}, {"de", "de"}, {"en", "en"}, {"es", "es"}, {"et", "et"},
	{"fi", "fi"}, {"fr", "fr"}, {"ga", "ga"}, {"hr", "hr"}, {"hu", "hu"}, {"id", "id"}, {"is", "is"}, {"it", "it"},
	{"lt", "lt"}, {"lv", "lv"}, {"mk", "mk"}, {"nl", "nl"}, {"no", "nb nn"}, {"pl", "pl"}, {"pt", "pt"}, {"ro", "ro"},
	{"ru", "ru"}, {"sk", "sk"}, {"sl", "sl"}, {"sq", "sq"}, {"sr", "sr"}, {"sv", "sv"}, {"tr", "tr"}, {"uk", "uk"}, {"vi", "vi"},
}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "../../trigrams.txt.gz", "file to write")
	top := flag.Int("n", 1500, "trigrams of each language")
	flag.Parse()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pemistahl/lingua-go").Output()
	if err != nil {
		log.Fatalf("find the models: %v", err)
	}
	models := filepath.Join(strings.TrimSpace(string(dir)), "language-models")
	var table bytes.Buffer
	for _, l := range languages {
		p := map[string]float64{}
		folders := strings.Fields(l.folders)
		for _, f := range folders {
			if err := add(p, filepath.Join(models, f), 1/float64(len(folders))); err != nil {
				log.Fatalf("model of %s: %v", f, err)
			}
		}
		fmt.Fprintf(&table, "#%s\n", l.code)
		for _, t := range rank(p, *top) {
			fmt.Fprintf(&table, "%s\t%d\n", t, int(math.Round(-10*math.Log(p[t]))))
		}
	}
	if err := write(*out, table.Bytes()); err != nil {
		log.Fatal(err)
	}
}

// add adds weight × the joint probabilities of the model in dir to p.
func add(p map[string]float64, dir string, weight float64) error {
	var n [4]map[string]float64
	for i, name := range []string{"", "unigrams", "bigrams", "trigrams"} {
		if i == 0 {
			continue
		}
		m, err := load(filepath.Join(dir, name+".pb.bin.zip"))
		if err != nil {
			return err
		}
		n[i] = m
	}
	for t, q := range n[3] {
		r := []rune(t)
		p[t] += weight * n[1][string(r[:1])] * n[2][string(r[:2])] * q
	}
	return nil
}

// load reads one zipped model: the conditional probability of each n-gram.
func load(path string) (map[string]float64, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	f, err := z.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	var model serialization.SerializableLanguageModel
	if err := proto.Unmarshal(b, &model); err != nil {
		return nil, err
	}
	m := map[string]float64{}
	for _, s := range model.NgramSets {
		for _, g := range s.Ngrams {
			m[g] = s.Probability
		}
	}
	return m, nil
}

// rank gives the n most probable trigrams, ties in code point order.
func rank(p map[string]float64, n int) []string {
	var all []string
	for t := range p {
		if p[t] > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(p[b], p[a]), strings.Compare(a, b)) })
	return all[:min(n, len(all))]
}

func write(path string, table []byte) error {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(table); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
