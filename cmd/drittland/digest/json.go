package digest

import (
	"io"

	"github.com/drittland/drittland/cmd/drittland/report"
)

// JSON writes a digest for programs.
func JSON(w io.Writer, d *Digest) error { return report.JSON(w, d) }
