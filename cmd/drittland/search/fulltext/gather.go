package fulltext

// This file finds out which passages came and went with a version.

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A gathering is what one transaction does with some terms.
type gathering struct {
	*filler
	tx     pgx.Tx
	number []byte
	kind   string // type of the terms
	lines  []search.Line
	texts  func(line, version int) ([]search.Text, error)

	have   []int               // versions that were gathered, by line
	sides  map[side]int32      // texts side by side
	known  map[string]*passage // by key
	spoken []string            // languages of new passages that have stems
	fresh  []*passage
	moved  []*passage // known before, and changed
	added  []addedVersion
	size   int // of the vectors, bytes
	done   int // bytes of texts that were read
}

// A side is the text of a line, or a linked page of it.
type side struct{ line, source string }

// A passage is a row.
type passage struct {
	id       int64
	text     int32
	hash     []byte
	span     snapshots.Span
	runs     []int32
	since    int64
	until    *int64
	language string
	line     int
	seen     int // number of the last version that was seen to hold it
	changed  bool

	// Until its vector is made:
	spoken      string   // language that has stems, ""  for others
	fold, plain []string // its words
	vector      string
}

// say notes the words of a new passage.
func (p *passage) say(quote string, ws []search.Word) {
	for _, w := range ws {
		p.fold = append(p.fold, w.Fold)
		if p.spoken != "" {
			p.plain = append(p.plain, search.Plain(quote[w.Start:w.End]))
		}
	}
}

type addedVersion struct {
	line, number int
	version      search.Version
}

// begin reads what was gathered. If versions have come in between, all of it is made anew.
func (g *gathering) begin(ctx context.Context) error {
	g.have = make([]int, len(g.lines))
	g.sides, g.known = map[side]int32{}, map[string]*passage{}
	lineOf := map[string]int{}
	for i, l := range g.lines {
		lineOf[l.Name] = i
	}
	rows, err := g.tx.Query(ctx, "select line, n, id from search_versions where number = $1 order by line, n", g.number)
	if err != nil {
		return err
	}
	same := true
	var line []byte
	var n int
	var id string
	_, err = pgx.ForEachRow(rows, []any{&line, &n, &id}, func() error {
		i, ok := lineOf[string(line)]
		if same = same && ok && n <= len(g.lines[i].Versions) && g.lines[i].Versions[n-1].ID == id; same {
			g.have[i] = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !same {
		g.have = make([]int, len(g.lines))
		for _, sql := range []string{"delete from search_texts where number = $1", "delete from search_versions where number = $1"} {
			if _, err := g.tx.Exec(ctx, sql, g.number); err != nil {
				return err
			}
		}
		return nil
	}
	return g.remember(ctx, lineOf)
}

// remember reads the passages that were gathered, without their words.
func (g *gathering) remember(ctx context.Context, lineOf map[string]int) error {
	rows, err := g.tx.Query(ctx, "select id, line, source from search_texts where number = $1", g.number)
	if err != nil {
		return err
	}
	lines := map[int32]int{}
	var id int32
	var line, source []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &line, &source}, func() error {
		g.sides[side{string(line), string(source)}] = id
		lines[id] = lineOf[string(line)]
		return nil
	}); err != nil {
		return err
	}
	rows, err = g.tx.Query(ctx, "select p.id, p.text, p.hash, p.runs, p.until from search_passages p join search_texts t on t.id = p.text where t.number = $1", g.number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		p := &passage{}
		if err := rows.Scan(&p.id, &p.text, &p.hash, &p.runs, &p.until); err != nil {
			return err
		}
		p.line = lines[p.text]
		g.known[key(p.text, p.hash)] = p
	}
	return rows.Err()
}

func key(text int32, hash []byte) string { return fmt.Sprintf("%d %s", text, hash) }

// versions takes up versions, until it is enough for one transaction; more says that there are others.
func (g *gathering) versions(ctx context.Context) (more bool, err error) {
	if err := g.stems.ask(ctx, g.tx); err != nil {
		return false, err
	}
	for i, l := range g.lines {
		for j := g.have[i]; j < len(l.Versions); j++ {
			if len(g.added) >= maxVersions || g.size > maxVectors || g.done > maxRead {
				return true, nil
			}
			texts, err := g.texts(i, j)
			if err != nil {
				return false, err
			}
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if err := g.version(ctx, i, j+1, l.Versions[j], texts); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// version takes up one version.
func (g *gathering) version(ctx context.Context, line, number int, v search.Version, texts []search.Text) error {
	g.added = append(g.added, addedVersion{line, number, v})
	for _, t := range texts {
		g.done += len(t.Document.Text)
		id, err := g.side(ctx, side{g.lines[line].Name, t.Source})
		if err != nil {
			return err
		}
		language := g.stems.language(cmp.Or(t.Document.Language, v.Language))
		for span, ws := range search.Passages(t.Document) {
			for _, c := range cut(ws) {
				p, ok := g.passage(id, line, c.fold)
				if !ok {
					p.span, p.since, p.language, p.spoken = c.span(span, ws), v.Date.Unix(), v.Language, language
					p.say(t.Document.Text[span.Start:span.End], ws[c.from:c.to])
					g.size += 4 * len(c.fold) // about what the vector takes
				}
				g.holds(p, number)
			}
		}
	}
	for _, p := range g.known {
		if p.line == line && p.seen != number && len(p.runs)%2 == 1 {
			gone := v.Date.Unix()
			p.runs, p.until = append(p.runs, int32(number-1)), &gone
			g.change(p)
		}
	}
	return nil
}

// passage is the passage with some words; ok is false if it is new.
func (g *gathering) passage(text int32, line int, fold string) (p *passage, ok bool) {
	hash := sha256.Sum256([]byte(fold))
	k := key(text, hash[:16])
	if p = g.known[k]; p == nil {
		p = &passage{text: text, hash: hash[:16], line: line}
		g.known[k], g.fresh = p, append(g.fresh, p)
		return p, false
	}
	return p, true
}

// holds notes that a version holds a passage.
func (g *gathering) holds(p *passage, number int) {
	p.seen = number
	if len(p.runs)%2 == 1 {
		return
	}
	p.runs, p.until = append(p.runs, int32(number)), nil
	g.change(p)
}

func (g *gathering) change(p *passage) {
	if p.id != 0 && !p.changed {
		g.moved = append(g.moved, p)
	}
	p.changed = true
}

// vectors makes the vectors of new passages, asking for the stems of all words of a language at once.
func (g *gathering) vectors(ctx context.Context) error {
	spoken := map[string][]*passage{}
	for _, p := range g.fresh {
		spoken[p.spoken] = append(spoken[p.spoken], p)
	}
	for language, list := range spoken {
		var all []string
		for _, p := range list {
			all = append(all, p.plain...)
		}
		if err := g.stems.learn(ctx, g.tx, language, all); err != nil {
			return err
		}
		for _, p := range list {
			p.vector = vector(p.fold, func(i int) []string {
				if language == "" {
					return nil
				}
				return g.stems.stems(language, p.plain[i])
			}, language, labels(p.language, g.kind))
			p.fold, p.plain = nil, nil
		}
	}
	delete(spoken, "")
	g.spoken = slices.Sorted(maps.Keys(spoken))
	return nil
}
