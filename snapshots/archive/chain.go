package archive

// This file decides what a text is compressed against. Each text builds upon the one before it, until the chain is as long as it may
// be; then the next one goes back to a text further up, so that a long history holds few texts that stand alone.

import "fmt"

const maxChain = 20 // texts in a chain, the one that stands alone included

// A base is a text that another is compressed against. K is what it is called by.
type base[K any] struct {
	id    K
	depth byte // texts that it builds upon itself
	text  []byte
}

// An earlier knows the texts that came before.
type earlier[K any] struct {
	up   func(base[K]) (base[K], error) // the one that this one builds upon, without its text
	text func(K) ([]byte, error)
}

// follow is what text had better be compressed against, given the text before it: that one, or if its chain is full, one further up. It
// is nil if text has come so far from them that it had better stand alone.
func follow[K any](c *codec, text []byte, before base[K], from earlier[K]) (*base[K], error) {
	if before.depth < maxChain-1 {
		var err error
		before.text, err = from.text(before.id)
		return &before, err
	}
	var best *base[K]
	size := 0
	for at := before; at.depth > 0; {
		was := at.depth
		var err error
		if at, err = from.up(at); err != nil {
			return nil, err
		}
		if at.depth >= was {
			return nil, fmt.Errorf("%w: a chain of dictionaries does not end", ErrDamaged)
		}
		if !forks(at.depth) {
			continue
		}
		next := at
		if next.text, err = from.text(at.id); err != nil {
			return nil, err
		}
		frame, err := c.quick(text, next.text)
		if err != nil {
			return nil, err
		}
		if best == nil || len(frame)*left(best.depth) < size*left(next.depth) { // bytes for each place that the chain then has
			best, size = &next, len(frame)
		}
	}
	if size < len(text)/16 { // no text becomes so small by itself
		return best, nil
	}
	alone, err := c.encode(text, nil)
	if err != nil || len(alone) < 2*size {
		return nil, err
	}
	return best, nil
}

// forks reports whether a chain that is full may go on behind a text of this depth.
func forks(depth byte) bool { return depth == 0 || depth%5 == 4 }

// left is the number of texts that fit into a chain behind one of this depth.
func left(depth byte) int { return maxChain - 1 - int(depth) }
