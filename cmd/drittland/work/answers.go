package work

// This file keeps answers of a second reader until they are recorded in the archive.

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// keptAnswers is how long an answer is kept that nobody records.
const keptAnswers = 7 * 24 * time.Hour

// Answers are those on the texts of some terms, by the keys of their questions.
func (q *Queue) Answers(ctx context.Context, service, typ string) (map[string][]byte, error) {
	rows, err := q.pool.Query(ctx, "select key, answer from llm_answers where service = $1 and type = $2", service, typ)
	if err != nil {
		return nil, fmt.Errorf("answers of the second reader: %w", err)
	}
	out := map[string][]byte{}
	var key string
	var answer []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &answer}, func() error {
		out[key] = append([]byte(nil), answer...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("answers of the second reader: %w", err)
	}
	return out, nil
}

// PutAnswer keeps an answer, in the place of an earlier one to the same question.
func (q *Queue) PutAnswer(ctx context.Context, service, typ, key string, answer []byte) error {
	return Steadily(ctx, func(ctx context.Context) error {
		_, err := q.pool.Exec(ctx, `insert into llm_answers (service, type, key, answer) values ($1, $2, $3, $4)
			on conflict (service, type, key) do update set answer = excluded.answer, at = now()`, service, typ, key, answer)
		if err != nil {
			return fmt.Errorf("keep an answer of the second reader: %w", err)
		}
		return nil
	})
}

// DropAnswers forgets answers, all of the terms if keys is nil.
func (q *Queue) DropAnswers(ctx context.Context, service, typ string, keys []string) error {
	_, err := q.pool.Exec(ctx, "delete from llm_answers where service = $1 and type = $2 and ($3::text[] is null or key = any($3))", service, typ, keys)
	if err != nil {
		return fmt.Errorf("answers of the second reader: %w", err)
	}
	return nil
}
