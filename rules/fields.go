package rules

import (
	"reflect"
	"strings"
)

// fieldNames are the YAML names of the fields of the struct that v points to.
func fieldNames(v any) map[string]bool {
	names := map[string]bool{}
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" {
			names[name] = true
		}
	}
	return names
}
