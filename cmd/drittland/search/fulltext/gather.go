package fulltext

// This file finds out which passages came and went with a version.

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// A gathering is what one transaction does with some terms.
type gathering struct {
	*filler
	tx     pgx.Tx
	number []byte
	lines  []search.Line
	texts  func(line, version int) ([]search.Text, error)

	have   []int               // versions that were gathered, by line
	sides  map[side]int32      // texts side by side
	known  map[string]*passage // by key
	spoken map[string]bool     // languages that have stems
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
	vector   string
	line     int
	seen     int // number of the last version that was seen to hold it
	changed  bool
}

type addedVersion struct {
	line, number int
	version      search.Version
}

// begin reads what was gathered. If versions have come in between, all of it is made anew.
func (g *gathering) begin(ctx context.Context) error {
	g.have = make([]int, len(g.lines))
	g.sides, g.known, g.spoken = map[side]int32{}, map[string]*passage{}, map[string]bool{}
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
		var fresh []newPassage
		for span, ws := range search.Passages(t.Document) {
			for _, c := range cut(ws) {
				p, ok := g.passage(id, line, c.fold)
				if !ok {
					p.span, p.since, p.language = c.span(span, ws), v.Date.Unix(), v.Language
					fresh = append(fresh, newPassage{p, span.Start, ws[c.from:c.to]})
				}
				g.holds(p, number)
			}
		}
		if err := g.vectors(ctx, t.Document, v.Language, fresh); err != nil {
			return err
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

// A newPassage is a passage whose vector is to be made, with its words.
type newPassage struct {
	*passage
	at    int // where the places of the words count from
	words []search.Word
}

// vectors makes the vectors of new passages of a document.
func (g *gathering) vectors(ctx context.Context, d *snapshots.Document, language string, list []newPassage) error {
	if d.Language != "" {
		language = d.Language
	}
	if language = g.stems.language(language); language != "" {
		g.spoken[language] = true
	}
	plain := make([][]string, len(list))
	var all []string
	for i, p := range list {
		for _, w := range p.words {
			plain[i] = append(plain[i], search.Plain(d.Text[p.at+w.Start:p.at+w.End]))
		}
		all = append(all, plain[i]...)
	}
	if err := g.stems.learn(ctx, g.tx, language, all); err != nil {
		return err
	}
	for i, p := range list {
		fold := make([]string, len(p.words))
		for j, w := range p.words {
			fold[j] = w.Fold
		}
		p.vector = vector(fold, func(j int) []string { return g.stems.stems(language, plain[i][j]) }, language)
		g.size += len(p.vector)
	}
	return nil
}
