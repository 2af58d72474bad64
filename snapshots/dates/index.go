package dates

// This file finds the patterns that have a word without trying each.

import "strings"

const stemBytes = 3 // of a stem by which it is found

// An index gives the numbers of what has a word. The zero index is empty.
type index struct {
	whole map[string][]int
	stems map[string][]entry // "stem*", by its first bytes
	rest  []entry            // what begins with "*", and short stems
}

type entry struct {
	pattern string
	number  int
}

func (x *index) add(pattern string, number int) {
	if x.whole == nil {
		x.whole, x.stems = map[string][]int{}, map[string][]entry{}
	}
	switch at := strings.IndexByte(pattern, '*'); {
	case at < 0:
		x.whole[pattern] = append(x.whole[pattern], number)
	case at >= stemBytes:
		x.stems[pattern[:stemBytes]] = append(x.stems[pattern[:stemBytes]], entry{pattern, number})
	default:
		x.rest = append(x.rest, entry{pattern, number})
	}
}

// numbers appends to list those of all patterns that stand for a word.
func (x *index) numbers(list []int, word string) []int {
	list = append(list, x.whole[word]...)
	if len(word) >= stemBytes {
		for _, e := range x.stems[word[:stemBytes]] {
			if is(e.pattern, word) {
				list = append(list, e.number)
			}
		}
	}
	for _, e := range x.rest {
		if is(e.pattern, word) {
			list = append(list, e.number)
		}
	}
	return list
}

// A wordList is a set of words, stems and ends.
type wordList struct{ index }

func (l *wordList) add(list string) {
	for _, w := range alternatives(list) {
		l.index.add(w, 0)
	}
}

// last is the index of the last of words that the list has, -1 if it has none.
func (l *wordList) last(words []string) int {
	var room [8]int
	for i := len(words) - 1; i >= 0; i-- {
		if len(l.numbers(room[:0], words[i])) > 0 {
			return i
		}
	}
	return -1
}
