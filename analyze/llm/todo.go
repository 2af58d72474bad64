package llm

import (
	"context"
	"errors"

	"github.com/drittland/drittland/analyze"
)

func (r *Reader) plan(f *analyze.Facts, rep *analyze.Report) (*Plan, error) {
	return nil, errors.ErrUnsupported
}
func (r *Reader) read(ctx context.Context, f *analyze.Facts, rep *analyze.Report) (*Reading, error) {
	return nil, errors.ErrUnsupported
}
