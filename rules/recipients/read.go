package recipients

// Strict decoding of the table: a row that is not wholly understood is an error with file and line.

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/drittland/drittland/rules/law"
)

const (
	file    = "recipients.csv"
	header  = "names,form,entity,group,country,kind,about,verified,checked,source"
	maxRows = 10_000
	maxFile = 4 << 20 // bytes
)

// fromMemory begins the source of a row that was not checked.
const fromMemory = "from memory"

// Read decodes recipients.csv of fsys.
func Read(fsys fs.FS) (*Table, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open the recipients: %w", err)
	}
	defer f.Close()
	limited := &io.LimitedReader{R: f, N: maxFile}
	in := csv.NewReader(limited)
	in.FieldsPerRecord = strings.Count(header, ",") + 1
	t := &Table{names: map[string]*node{}}
	for n := 0; ; n++ {
		cells, err := in.Read()
		if err == io.EOF && limited.N > 0 && n > 0 {
			return t, t.index()
		}
		if err == io.EOF {
			return nil, fmt.Errorf("read %s: empty or larger than %d bytes", file, maxFile)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		line, _ := in.FieldPos(0)
		if n == 0 {
			if got := strings.Join(cells, ","); got != header {
				return nil, fmt.Errorf("read %s, line %d: header is %q, want %q", file, line, got, header)
			}
			continue
		}
		row, err := decode(cells)
		if n > maxRows {
			err = fmt.Errorf("more than %d rows", maxRows)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s, line %d: %w", file, line, err)
		}
		t.Rows = append(t.Rows, row)
	}
}

func decode(cells []string) (Row, error) {
	for i, c := range cells {
		if c != strings.TrimSpace(c) {
			return Row{}, fmt.Errorf("%q has white space around it", c)
		}
		if name := strings.Split(header, ",")[i]; c == "" && name != "checked" {
			return Row{}, fmt.Errorf("%s is empty", name)
		}
	}
	r := Row{Names: strings.Split(cells[0], ";"), Form: Form(cells[1]), Entity: cells[2], Group: cells[3], Country: cells[4],
		Kind: Kind(cells[5]), About: cells[6], Verified: cells[7] == "yes", Source: cells[9]}
	var bad []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	check(r.Form == Entity || r.Form == Service, "form is %q: want entity or service", r.Form)
	check(slices.Contains([]Kind{Processor, Group, Platform}, r.Kind), "kind is %q: want processor, group or platform", r.Kind)
	check(len(r.Country) == 2 && strings.Trim(r.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "", "country is %q: want two capital letters", r.Country)
	check(r.Verified || cells[7] == "no", "verified is %q: want yes or no", cells[7])
	if r.Verified {
		var err error
		r.Checked, err = law.ParseDate(cells[8])
		check(err == nil, "checked: %w", err)
		check(strings.HasPrefix(r.Source, "https://"), "verified, but its source is %q: want an address", r.Source)
	} else {
		check(cells[8] == "", "checked on %s, but not verified", cells[8])
		check(strings.HasPrefix(r.Source, fromMemory), "not verified, but its source is %q: want %q", r.Source, fromMemory)
	}
	return r, errors.Join(bad...)
}
