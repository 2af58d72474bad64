package llm

// Opinions as the archive keeps them: package snapshots knows no package above it, so its records are types of their own.

import (
	"encoding/json"
	"fmt"

	"github.com/drittland/drittland/snapshots"
)

// Record is o as the archive keeps it: the same bytes.
func (o *Opinion) Record() (snapshots.Opinion, error) { return recode[snapshots.Opinion](o) }

// Recorded is an opinion out of the archive.
func Recorded(o *snapshots.Opinion) (Opinion, error) { return recode[Opinion](o) }

// recode reads a value once more, as another type of the same encoding.
func recode[T any](v any) (out T, err error) {
	b, err := snapshots.Encode(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		err = fmt.Errorf("opinion: %w", err)
	}
	return out, err
}
