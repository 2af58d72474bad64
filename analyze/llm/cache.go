package llm

// The cache: answers that were given before, so that the same question is asked once.

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// A Cache keeps answers. It is used from several goroutines at a time. What Put gets is read by Get alone.
type Cache interface {
	Get(Key) ([]byte, bool)
	Put(Key, []byte) error // a failure is no reason to stop: the answer is used, and asked for again next time
}

// A Key is what an answer depends on. Two questions with one key are the same words to the same model.
type Key struct {
	Model   string         `json:"model"`
	Prompt  snapshots.Hash `json:"prompt"`
	Passage snapshots.Hash `json:"passage"`
	Finding string         `json:"finding,omitempty"` // fingerprint
}

// String names the key in 64 hexadecimal digits.
func (k Key) String() string {
	b, err := json.Marshal(k)
	if err != nil {
		return "" // strings always encode
	}
	return string(snapshots.HashOf(b))
}

// An exchange is what the cache holds: the last answer to a question.
type exchange struct {
	Raw    string    `json:"raw"`
	Finish string    `json:"finish,omitempty"`
	Served string    `json:"served,omitempty"`
	Host   string    `json:"host"`
	At     time.Time `json:"at"`
	Tokens Usage     `json:"tokens"`
}

// Entry is what a Cache holds for the question of o, made of the record alone: an archive of opinions is a cache.
func (o *Opinion) Entry() (Key, []byte) {
	b, err := json.Marshal(exchange{o.Raw, o.Finish, o.Served, o.Host, o.At, o.Tokens})
	if err != nil {
		return Key{}, nil // strings, numbers and a date of this millennium always encode
	}
	return Key{o.Model, o.Prompt, o.Passage.Hash, o.Finding}, b
}

// readExchange reads an entry of the cache; one that cannot be read, or says nothing, is none.
func readExchange(b []byte) (x exchange, ok bool) {
	if len(b) > 2*MaxRaw*6 || json.Unmarshal(b, &x) != nil { // JSON writes a byte with at most six
		return exchange{}, false
	}
	x.Raw = clip(strings.ToValidUTF8(x.Raw, "\ufffd"), MaxRaw)
	x.Tokens = Usage{max(x.Tokens.In, 0), max(x.Tokens.Out, 0)}
	return x, !x.At.IsZero()
}
