package archive

import "github.com/drittland/drittland/snapshots/archive/pg"

// Server is the database of an archive on a server, for tables of others beside those of the archive; nil for an archive in a folder.
func (a *Archive) Server() *pg.DB {
	if a.shared == nil {
		return nil
	}
	return a.shared.db
}
