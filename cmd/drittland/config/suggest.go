package config

import (
	"fmt"

	"github.com/xrash/smetrics"
)

// DidYouMean ends a message with the name that was probably meant: "; did you mean X?", or nothing.
func DidYouMean(name string, known []string) string {
	if len(name) > 100 {
		return ""
	}
	best, likeness := "", 0.85
	for _, k := range known {
		if s := smetrics.JaroWinkler(name, k, 0.7, 4); s > likeness {
			best, likeness = k, s
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}
