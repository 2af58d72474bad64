// Command historyscore measures how well drittland judges the changes of an imported history. It compares the rows of
// 'drittland log' with labels that people gave to changes of an Open Terms Archive collection, and prints which alerts were
// right, which were missed, and how labelled classes were taken.
//
//	drittland --archive a import ota collection.git
//	go run ./cmd/historyscore -archive a labels.jsonl
//
// Each line of labels is a JSON object: repo, path, commit_old and commit_new name a change of the collection, class and alert
// say what it is. Changes of collections that the archive does not hold, and of commits that do not follow each other, are left out.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// A label is what a person said of a change.
type label struct {
	ID    string `json:"id"`
	Repo  string `json:"repo"`
	Path  string `json:"path"`
	Old   string `json:"commit_old"`
	New   string `json:"commit_new"`
	Class string `json:"class"`
	Alert bool   `json:"alert"`
	Line  string `json:"one_line"`
}

// A row is what is read of a row of 'drittland log --format json'.
type row struct {
	Number int    `json:"number"`
	Cause  string `json:"cause"`
	Source struct {
		Commit string `json:"commit"`
	} `json:"source"`
	Class   string `json:"class"`
	Alert   bool   `json:"alert"`
	Variant string `json:"variant"`
	Again   bool   `json:"read_again"`
	Why     string `json:"why"`
}

func main() {
	bin := flag.String("bin", "drittland", "the program that is measured")
	archive := flag.String("archive", "", "the archive that holds the imported collections (default: that of the program)")
	verbose := flag.Bool("v", false, "print every labelled change")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: historyscore [-bin PROGRAM] [-archive DIR] [-v] LABELS.jsonl")
		os.Exit(2)
	}
	if *archive != "" {
		if err := os.Setenv("DRITTLAND_ARCHIVE", *archive); err != nil {
			fatal(err)
		}
	}
	labels, err := readLabels(flag.Arg(0))
	if err != nil {
		fatal(err)
	}
	t := tally{classes: map[[2]string]int{}}
	logs := map[string][]row{}
	for _, l := range labels {
		name := strings.TrimSuffix(l.Path, ".md")
		rows, ok := logs[name]
		if !ok {
			if rows, err = readLog(*bin, path.Dir(name), path.Base(name)); err != nil {
				fatal(fmt.Errorf("%s: %w", name, err))
			}
			logs[name] = rows
		}
		t.add(l, rows, *verbose)
	}
	t.print(os.Stdout)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "historyscore:", err)
	os.Exit(1)
}

func readLabels(file string) ([]label, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []label
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var l label
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", file, n, err)
		}
		out = append(out, l)
	}
	return out, lines.Err()
}

// readLog is the log of some terms, without what the law and later readings changed; nil if the archive does not hold them.
func readLog(bin, service, typ string) ([]row, error) {
	out, err := exec.Command(bin, "log", "--format", "json", service, typ).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 2 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []row
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r row) bool { return r.Cause == "law" || r.Again }), nil
}

// A tally counts how labelled changes were judged.
type tally struct {
	seen, apart          int // changes that were found; those whose commits do not follow each other
	right, extra, missed int // alerts
	flips, flipsFound    int
	classes              map[[2]string]int // labelled, given
	wrong                []string
}

// add judges one labelled change by the rows of its terms.
func (t *tally) add(l label, rows []row, verbose bool) {
	i := slices.IndexFunc(rows, func(r row) bool { return r.Source.Commit == l.New })
	if i < 0 {
		return
	}
	if i == 0 || rows[i-1].Source.Commit != l.Old {
		t.apart++
		return
	}
	r := rows[i]
	t.seen++
	t.classes[[2]string{l.Class, r.Class}]++
	switch {
	case l.Alert && r.Alert:
		t.right++
	case r.Alert:
		t.extra++
	case l.Alert:
		t.missed++
	}
	if isFlip(l.Class) {
		t.flips++
		if isFlip(r.Class) {
			t.flipsFound++
		}
	}
	if line := fmt.Sprintf("%s %-22s %-22s alert %5t %5t  %s | %s", l.ID, l.Class, r.Class, l.Alert, r.Alert, l.Line, r.Why); verbose || l.Alert != r.Alert {
		t.wrong = append(t.wrong, line)
	}
}

func isFlip(class string) bool { return strings.HasPrefix(class, "flip_") }

func (t *tally) print(w io.Writer) {
	fmt.Fprintf(w, "%d labelled changes judged, %d left out because their commits do not follow each other\n", t.seen, t.apart)
	for _, k := range slices.SortedFunc(maps.Keys(t.classes), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		fmt.Fprintf(w, "  %-22s %-22s %d\n", k[0], k[1], t.classes[k])
	}
	fmt.Fprintf(w, "alerts: %d right, %d too many, %d missed; precision %s, recall %s\n", t.right, t.extra, t.missed,
		share(t.right, t.right+t.extra), share(t.right, t.right+t.missed))
	fmt.Fprintf(w, "flips: %d of %d came back as flips (%s)\n", t.flipsFound, t.flips, share(t.flipsFound, t.flips))
	for _, line := range t.wrong {
		fmt.Fprintln(w, " ", line)
	}
}

func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f", float64(n)/float64(of))
}
