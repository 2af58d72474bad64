package pg

// Failed says of an error of a connection of Pool what it means: one of the errors of this package, or what PostgreSQL said. It is nil for nil.
func Failed(err error) error { return failed(err) }
