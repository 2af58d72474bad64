package extract

// This file remembers which blocks were told to be in the language of their document. The versions of a text share most blocks, and
// telling a language takes longer than knowing a text again. What is remembered changes no result, only the time that it takes.

import (
	"hash/maphash"
	"sync/atomic"
)

// A hashes set remembers hashes, some at a time: a new one takes the place of an old one.
type hashes [1 << 15]atomic.Uint64

func (h *hashes) has(key uint64) bool { return key != 0 && h[key%uint64(len(h))].Load() == key }

func (h *hashes) add(key uint64) { h[key%uint64(len(h))].Store(key) }

var (
	alikeBlocks hashes // blocks in the language of their document
	alikeSeed   = maphash.MakeSeed()
)

// languageKey is the hash of a block and the language of its document.
func languageKey(s, lang string) uint64 {
	return maphash.String(alikeSeed, s) ^ maphash.String(alikeSeed, lang)
}
