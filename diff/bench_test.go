package diff

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// policy writes a policy of about n words from a fixed sequence of random numbers. edit is the share of its words that
// are replaced, in the same places for the same seed.
func policy(n int, seed uint64, edit float64) string {
	vocabulary := strings.Fields(`we may share personal data with partners who help us to provide the service and to keep it safe in
		countries where our suppliers store records for as long as the law requires them when you use an account device message clip
		advertising measurement identifiers consent contract interest recipients processors retention erasure access objection`)
	for i := range 900 {
		vocabulary = append(vocabulary, fmt.Sprintf("term%c%c%d", 'a'+i%26, 'a'+i/26%26, i%7))
	}
	text, edits := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	for words := 0; words < n; {
		length := 20 + text.IntN(90)
		switch text.IntN(6) {
		case 0:
			length = 3 + text.IntN(5)
			b.WriteString("# ")
		case 1:
			length = 6 + text.IntN(14)
			b.WriteString("- ")
		}
		for i := range length {
			w := vocabulary[min(text.IntN(len(vocabulary)), text.IntN(len(vocabulary)), text.IntN(len(vocabulary)))]
			if edits.Float64() < edit {
				w = vocabulary[edits.IntN(len(vocabulary))]
			}
			b.WriteString(w)
			if i%14 == 13 {
				b.WriteByte('.')
			}
			b.WriteByte(' ')
		}
		b.WriteString("\n")
		words += length
	}
	return b.String()
}

func BenchmarkCompare(b *testing.B) {
	for _, c := range []struct {
		name     string
		old, new string
	}{
		{"9000Words/Edited2Percent", policy(9000, 7, 0), policy(9000, 7, 0.02)},
		{"9000Words/Rewritten30Percent", policy(9000, 7, 0), policy(9000, 7, 0.3)},
		{"9000Words/Unrelated", policy(9000, 7, 0), policy(9000, 8, 0)},
		{"600kBAgainst100kB/Rewritten", policy(90_000, 7, 0), policy(15_000, 7, 0.3)},
		{"600kBAgainst600kB/Rewritten", policy(90_000, 7, 0), policy(90_000, 7, 0.3)},
	} {
		b.Run(c.name, func(b *testing.B) {
			old, new := page(c.old), page(c.new)
			b.SetBytes(int64(len(old.Text) + len(new.Text)))
			for b.Loop() {
				Compare(old, new, Options{})
			}
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	r := Compare(page(policy(9000, 7, 0)), page(policy(9000, 7, 0.3)), Options{})
	for b.Loop() {
		Classify(r)
	}
}

func TestGeneratedPolicies(t *testing.T) {
	for _, edit := range []float64{0, 0.02, 0.3} {
		check(t, Compare(page(policy(4000, 5, 0)), page(policy(4000, 5, edit)), Options{}))
	}
	check(t, Compare(page(policy(4000, 5, 0)), page(policy(2000, 6, 0)), Options{}))
}
