package extract

// This file holds the most frequent trigrams of each language (trigrams.txt.gz) and adds up what those of a text cost.

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:generate go run -C internal/gen . -n 1500

//go:embed trigrams.txt.gz
var trigramData []byte

// trigramTable holds for each known trigram what it costs (−10·ln p) in each language. The costs of a trigram are a
// row of lanes, four languages of 16 bits in each word, so that a row is added in a few steps.
type trigramTable struct {
	codes    []string
	cyrillic []bool // by language
	words    int    // in a row
	plain    [26 * 26 * 26]int32
	row      map[uint64]int32 // of the trigrams that are not all of a to z
	cost     []uint64         // row 0 is for what is not known and costs nothing here
}

// mostAdded is how many rows are added before a lane of 16 bits might overflow.
const mostAdded = 500

// trigrams is read once, when the first text needs it; the data is part of the program, so a fault in it is a bug.
var trigrams = sync.OnceValue(func() *trigramTable {
	t, err := readTrigrams(trigramData)
	if err != nil {
		panic("extract: embedded trigrams: " + err.Error())
	}
	return t
})

func readTrigrams(data []byte) (*trigramTable, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	type entry struct {
		gram [3]rune
		lang int
		cost uint8
	}
	var entries []entry
	t := &trigramTable{row: map[uint64]int32{}}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		line := lines.Text()
		if code, ok := strings.CutPrefix(line, "#"); ok {
			t.codes = append(t.codes, code)
			t.cyrillic = append(t.cyrillic, false)
			continue
		}
		gram, cost, _ := strings.Cut(line, "\t")
		n, err := strconv.ParseUint(cost, 10, 8)
		if err != nil {
			return nil, err
		}
		r := []rune(gram)
		if unicode.Is(unicode.Cyrillic, r[0]) {
			t.cyrillic[len(t.codes)-1] = true
		}
		entries = append(entries, entry{[3]rune(r), len(t.codes) - 1, uint8(n)})
	}
	t.words = (len(t.codes) + 3) / 4
	t.cost = make([]uint64, t.words)
	for _, e := range entries {
		row := t.rowOf(e.gram[0], e.gram[1], e.gram[2])
		if row == 0 {
			row = t.addRow(e.gram)
		}
		lane := 16 * (e.lang % 4)
		word := &t.cost[int(row)+e.lang/4]
		*word = *word&^(0xffff<<lane) | uint64(min(e.cost, rare))<<lane
	}
	return t, nil
}

// addRow adds a row for a trigram, in which it is rare in every language.
func (t *trigramTable) addRow(g [3]rune) int32 {
	row := int32(len(t.cost))
	for range t.words {
		t.cost = append(t.cost, rare|rare<<16|rare<<32|rare<<48)
	}
	if isPlain(g[0], g[1], g[2]) {
		t.plain[plainIndex(g[0], g[1], g[2])] = row
	} else {
		t.row[trigramKey(g[0], g[1], g[2])] = row
	}
	return row
}

// rowOf is where the costs of a trigram begin, 0 if it is not known.
func (t *trigramTable) rowOf(a, b, c rune) int32 {
	if isPlain(a, b, c) {
		return t.plain[plainIndex(a, b, c)]
	}
	return t.row[trigramKey(a, b, c)]
}

func isPlain(a, b, c rune) bool {
	return uint32(a-'a') < 26 && uint32(b-'a') < 26 && uint32(c-'a') < 26
}

func plainIndex(a, b, c rune) int { return int((a-'a')*26*26 + (b-'a')*26 + c - 'a') }

func trigramKey(a, b, c rune) uint64 { return uint64(a)<<42 | uint64(b)<<21 | uint64(c) }

// costs adds up what the trigrams of s cost in each language. n is how many they are, cyrillic how many of them
// end in a Cyrillic letter.
func (t *trigramTable) costs(s string) (total []int, n, cyrillic int) {
	total = make([]int, len(t.codes))
	lanes := make([]uint64, t.words)
	added, unknown := 0, 0
	spread := func() {
		for i := range total {
			total[i] += int(lanes[i/4] >> (16 * (i % 4)) & 0xffff)
		}
		clear(lanes)
		added = 0
	}
	var a, b rune
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z':
		case 'A' <= r && r <= 'Z':
			r |= 0x20
		case r == '\u00ad':
			continue
		case r < utf8.RuneSelf || !unicode.IsLetter(r):
			a, b = 0, 0
			continue
		default:
			r = unicode.ToLower(r)
		}
		if a != 0 {
			n++
			if r >= utf8.RuneSelf && unicode.Is(unicode.Cyrillic, r) {
				cyrillic++
			}
			row := t.rowOf(a, b, r)
			if row == 0 {
				unknown++
			}
			costs := t.cost[row:][:len(lanes)]
			for i := range lanes {
				lanes[i] += costs[i]
			}
			if added++; added == mostAdded {
				spread()
			}
		}
		a, b = b, r
	}
	spread()
	for i := range total {
		total[i] += rare * unknown
	}
	return total, n, cyrillic
}

// cheapest are the two cheapest languages of the right script.
func (t *trigramTable) cheapest(total []int, cyrillic bool) (first, second int) {
	first, second = -1, -1
	for i := range total {
		if t.cyrillic[i] != cyrillic {
			continue
		}
		switch {
		case first < 0 || total[i] < total[first]:
			first, second = i, first
		case second < 0 || total[i] < total[second]:
			second = i
		}
	}
	return first, second
}
