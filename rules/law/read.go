package law

// Strict decoding of the tables: a row that is not wholly understood is an error with file and line.

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// maxRows bounds each table.
const maxRows = 10_000

// maxTable bounds each file, in bytes.
const maxTable = 4 << 20

// Read decodes adequacy.csv, eea.csv, tools.csv, timeline.csv and articles.csv of fsys. All five must be there and valid.
func Read(fsys fs.FS) (*File, error) {
	var f File
	err := errors.Join(
		table(fsys, "adequacy.csv", "country,name,standing,kind,scope,instrument,adopted,from,ended,verified,source", func(r *record) {
			row := Row{Country: r.country(), Name: r.need("name"), Standing: Standing(r.oneOf("standing", "adequate", "conditional")),
				Kind: RowKind(r.oneOf("kind", "decision", "interim")), Scope: r.need("scope"), Instrument: r.need("instrument"),
				Adopted: r.date("adopted"), From: r.date("from"), Ended: r.optional("ended"), Verified: r.yes("verified"), Source: r.need("source")}
			r.order(row.Adopted, row.From, row.Ended)
			f.Adequacy = append(f.Adequacy, row)
		}),
		table(fsys, "eea.csv", "country,name,kind,from,ended,basis,verified,source", func(r *record) {
			m := Member{Country: r.country(), Name: r.need("name"), Kind: r.oneOf("kind", "member", "efta", "territory"),
				From: r.date("from"), Ended: r.optional("ended"), Basis: r.need("basis"), Verified: r.yes("verified"), Source: r.need("source")}
			r.order(m.From, m.From, m.Ended)
			f.Members = append(f.Members, m)
		}),
		table(fsys, "tools.csv", "id,name,kind,transfer_tool,instrument,adopted,from,closed,ended,verified,source", func(r *record) {
			t := ToolRow{ID: r.need("id"), Name: r.need("name"), TransferTool: r.yes("transfer_tool"),
				Kind:       r.oneOf("kind", "scc", "dpa", "framework", "bcr", "code", "certification", "neighbour"),
				Instrument: r.need("instrument"), Adopted: r.date("adopted"), From: r.date("from"), Closed: r.optional("closed"),
				Ended: r.optional("ended"), Verified: r.yes("verified"), Source: r.need("source")}
			r.order(t.Adopted, t.From, t.Closed, t.Ended)
			if slices.ContainsFunc(f.Tools, func(o ToolRow) bool { return o.ID == t.ID }) {
				r.fail("id %q stands twice", t.ID)
			}
			f.Tools = append(f.Tools, t)
		}),
		table(fsys, "timeline.csv", "date,kind,ref,about,what,verified,source", func(r *record) {
			e := Event{Date: r.date("date"), Kind: r.oneOf("kind", EventKinds...),
				Ref: r.need("ref"), About: strings.Fields(r.cell("about")), What: r.need("what"), Verified: r.yes("verified"), Source: r.need("source")}
			if n := len(f.Timeline); n > 0 && e.Date.Before(f.Timeline[n-1].Date) {
				r.fail("date %s stands after %s", e.Date, f.Timeline[n-1].Date)
			}
			f.Timeline = append(f.Timeline, e)
		}),
		table(fsys, "articles.csv", "article,en,de,fr,nl,verified,source", f.article),
	)
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// table reads one file row by row and stops at its first bad row.
func table(fsys fs.FS, name, header string, each func(*record)) error {
	file, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("open legal data: %w", err)
	}
	defer file.Close()
	limited := &io.LimitedReader{R: file, N: maxTable}
	in := csv.NewReader(limited)
	names := strings.Split(header, ",")
	in.FieldsPerRecord = len(names)
	for n := 0; ; n++ {
		cells, err := in.Read()
		if err == io.EOF && limited.N > 0 && n > 0 {
			return nil
		}
		if err == io.EOF {
			return fmt.Errorf("read %s: empty or larger than %d bytes", name, maxTable)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		line, _ := in.FieldPos(0)
		if n == 0 {
			if !slices.Equal(cells, names) {
				return fmt.Errorf("read %s, line %d: header is %q, want %q", name, line, strings.Join(cells, ","), header)
			}
			continue
		}
		if n > maxRows {
			return fmt.Errorf("read %s, line %d: more than %d rows", name, line, maxRows)
		}
		r := record{names: names, cells: cells}
		if each(&r); r.err != nil {
			return fmt.Errorf("read %s, line %d: %w", name, line, r.err)
		}
	}
}

// A record is one row under its header. It keeps the first error.
type record struct {
	names, cells []string
	err          error
}

func (r *record) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *record) cell(name string) string { return r.cells[slices.Index(r.names, name)] }

func (r *record) need(name string) string {
	s := r.cell(name)
	if strings.TrimSpace(s) == "" || s != strings.TrimSpace(s) {
		r.fail("%s is %q: must not be empty or have white space around it", name, s)
	}
	return s
}

func (r *record) country() string {
	s := r.cell("country")
	if s != "EPO" && (len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		r.fail("country is %q: want two capital letters, or EPO", s)
	}
	return s
}

func (r *record) oneOf(name string, values ...string) string {
	s := r.cell(name)
	if !slices.Contains(values, s) {
		r.fail("%s is %q: want one of %s", name, s, strings.Join(values, ", "))
	}
	return s
}

func (r *record) yes(name string) bool { return r.oneOf(name, "yes", "no") == "yes" }

func (r *record) date(name string) Date {
	d, err := ParseDate(r.cell(name))
	if err != nil {
		r.fail("%s: %w", name, err)
	}
	return d
}

func (r *record) optional(name string) Date {
	if r.cell(name) == "" {
		return Date{}
	}
	return r.date(name)
}

// order fails if the days that are set do not follow one another.
func (r *record) order(days ...Date) {
	var last Date
	for _, d := range days {
		if d.IsZero() {
			continue
		}
		if d.Before(last) {
			r.fail("%s stands after %s, but must not be earlier", d, last)
		}
		last = d
	}
}
