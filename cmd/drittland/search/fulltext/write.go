package fulltext

// This file writes what a gathering has found.

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// side is the number of the text of a line, or of a linked page of it.
func (g *gathering) side(ctx context.Context, s side) (int32, error) {
	if id, ok := g.sides[s]; ok {
		return id, nil
	}
	var id int32
	err := g.tx.QueryRow(ctx, "insert into search_texts (number, line, source) values ($1, $2, $3) returning id", g.number, []byte(s.line), []byte(s.source)).Scan(&id)
	g.sides[s] = id
	return id, err
}

// A table is the columns of rows.
type table struct {
	ids                   []int64
	hashes                [][]byte
	texts, starts, sizes  []int32
	since                 []int64
	until                 []*int64
	runs, languages, held []string
}

func (t *table) add(p *passage) {
	var runs []string
	for _, n := range p.runs {
		runs = append(runs, strconv.Itoa(int(n)))
	}
	t.ids, t.hashes, t.texts = append(t.ids, p.id), append(t.hashes, p.hash), append(t.texts, p.text)
	t.starts, t.sizes = append(t.starts, int32(p.span.Start)), append(t.sizes, int32(p.span.Len()))
	t.since, t.until = append(t.since, p.since), append(t.until, p.until)
	t.runs = append(t.runs, "{"+strings.Join(runs, ",")+"}")
	t.languages, t.held = append(t.languages, plainText(p.language)), append(t.held, p.vector)
}

// plainText is s as a column of text takes it.
func plainText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
}

// write writes what has come in.
func (g *gathering) write(ctx context.Context) error {
	batch := &pgx.Batch{}
	if len(g.fresh) > 0 {
		var t table
		for _, p := range g.fresh {
			t.add(p)
		}
		batch.Queue(`insert into search_passages (hash, text, start, size, since, until, runs, language, words)
			select hash, side, start, size, since, until, runs::integer[], language, words::tsvector
			from unnest($1::bytea[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[])
				as fresh(hash, side, start, size, since, until, runs, language, words)`,
			t.hashes, t.texts, t.starts, t.sizes, t.since, t.until, t.runs, t.languages, t.held)
	}
	if len(g.moved) > 0 {
		var t table
		for _, p := range g.moved {
			t.add(p)
		}
		batch.Queue(`update search_passages p set until = moved.until, runs = moved.runs::integer[]
			from unnest($1::bigint[], $2::bigint[], $3::text[]) as moved(id, until, runs) where p.id = moved.id`, t.ids, t.until, t.runs)
	}
	if len(g.added) > 0 {
		var lines [][]byte
		var numbers []int32
		var ids, languages []string
		var dates []int64
		for _, a := range g.added {
			lines, numbers = append(lines, []byte(g.lines[a.line].Name)), append(numbers, int32(a.number))
			ids, dates, languages = append(ids, a.version.ID), append(dates, a.version.Date.Unix()), append(languages, plainText(a.version.Language))
		}
		batch.Queue(`insert into search_versions (number, line, n, id, date, language)
			select $1, line, n, id, date, language from unnest($2::bytea[], $3::integer[], $4::text[], $5::bigint[], $6::text[]) as added(line, n, id, date, language)`,
			g.number, lines, numbers, ids, dates, languages)
	}
	if len(g.spoken) > 0 {
		batch.Queue("insert into search_languages (language) select unnest($1::text[]) on conflict do nothing", g.spoken)
	}
	if batch.Len() == 0 {
		return nil
	}
	return g.tx.SendBatch(ctx, batch).Close()
}
