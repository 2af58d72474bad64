package pg

// This file says of errors what they mean to those who keep tables beside the archive.

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Failed says of an error of a connection of Pool what it means: one of the errors of this package, or what PostgreSQL said. It is nil for nil.
func Failed(err error) error { return failed(err) }

// Beside is Failed for tables beside the archive: it is slow if a statement took longer than it may, and denied if the user may not write there. What the
// tables are for is said before anything else; what is no error of the server, such as one of a
// function that is called with what it gave, is left as it is.
func Beside(what string, err, slow, denied error) error {
	var pe *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe) && pe.Code == "57014": // query_canceled: the statement timeout
		return slow
	case errors.As(err, &pe) && (pe.Code == "42501" || pe.Code == "25006"): // no privilege; a server that takes no writes
		return fmt.Errorf("%w: %s", denied, pe.Message)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	if said := failed(err); pe != nil || errors.Is(said, ErrUnreachable) {
		err = said
	}
	return fmt.Errorf("%s: %w", what, err)
}
