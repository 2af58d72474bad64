// Package schema holds the JSON Schemas (draft 2020-12) of what drittland writes for programs, and of the file of its settings.
package schema

import (
	"embed"
	"fmt"
)

//go:embed *.schema.json
var files embed.FS

// Names are the names of the schemas.
func Names() []string {
	return []string{"report", "diff", "classify", "explanation", "timeline", "search", "evidence-status", "evidence-verify", "evidence-manifest", "decisions", "config", "digest", "outbox", "webhook", "eval", "organisations", "jobs", "erased"}
}

// Get is the schema called name.
func Get(name string) ([]byte, error) {
	b, err := files.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("there is no schema %q", name)
	}
	return b, nil
}
