package fulltext

// This file asks PostgreSQL for the stems of words, by the configuration of a language.

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots/text"
)

// configurations are PostgreSQL's names of languages by their codes. Those that a server does not know have no stems there.
var configurations = map[string]string{"ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
	"eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
	"it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese",
	"ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"}

const (
	longestStem = 60     // bytes of a word that has a stem
	maxCached   = 300000 // words whose stems are at hand
)

// querier is what connections and pools have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// A stemmer knows the stems of words. It is for one goroutine.
type stemmer struct {
	there  map[string]bool                // configurations of the server; nil until it was asked
	known  map[string]map[string][]string // by language and word as dictionaries have it
	cached int
}

// language is the code of a language that has stems, "" for all others.
func (s *stemmer) language(tag string) string {
	code, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if s.there[configurations[code]] {
		return code
	}
	return ""
}

// ask learns which configurations there are.
func (s *stemmer) ask(ctx context.Context, q querier) error {
	if s.there != nil {
		return nil
	}
	rows, err := q.Query(ctx, "select cfgname::text from pg_ts_config where cfgnamespace = 'pg_catalog'::regnamespace")
	if err != nil {
		return failed(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	s.there = map[string]bool{}
	for _, name := range names {
		s.there[name] = true
	}
	return failed(err)
}

// learn makes sure that the stems of some words are known.
func (s *stemmer) learn(ctx context.Context, q querier, language string, words []string) error {
	if language == "" {
		return nil
	}
	if s.cached > maxCached {
		s.known, s.cached = nil, 0
	}
	known := s.known[language]
	var todo []string
	seen := map[string]bool{}
	for _, w := range words {
		if _, ok := known[w]; !ok && !seen[w] && hasStem(w) {
			seen[w] = true
			todo = append(todo, w)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	// Without its accents a word often has another stem, by which those find it who type none.
	bare := make([]string, len(todo))
	for i, w := range todo {
		bare[i] = text.Fold(w)
	}
	rows, err := q.Query(ctx, `select w, tsvector_to_array(to_tsvector($1::text::regconfig, w)) || tsvector_to_array(to_tsvector($1::text::regconfig, bare))
		from unnest($2::text[], $3::text[]) as asked(w, bare)`, "pg_catalog."+configurations[language], todo, bare)
	if err != nil {
		return failed(err)
	}
	defer rows.Close()
	if known == nil {
		known = map[string][]string{}
		if s.known == nil {
			s.known = map[string]map[string][]string{}
		}
		s.known[language] = known
	}
	for rows.Next() {
		var w string
		var stems []string
		if err := rows.Scan(&w, &stems); err != nil {
			return failed(err)
		}
		for i := range stems {
			stems[i] = text.Fold(stems[i])
		}
		slices.Sort(stems)
		known[w] = slices.Compact(stems)
		s.cached++
	}
	return failed(rows.Err())
}

// stems are those of a word that was learnt; none for a word that says nothing, such as "the".
func (s *stemmer) stems(language, plain string) []string { return s.known[language][plain] }

// hasStem reports whether a word is one that dictionaries may know: no number, and not endless.
func hasStem(w string) bool {
	return len(w) <= longestStem && !strings.ContainsAny(w, "0123456789\x00")
}
