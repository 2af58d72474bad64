package rules

import "testing"

func TestBuiltin(t *testing.T) {
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Languages() {
		c, all := s.Coverage(l)
		t.Logf("%s: %d of %d concepts, %d sequences", l, c, all, len(s.Matcher(l).seqs))
	}
}
