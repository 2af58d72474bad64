// This file gathers what a judge must know about a document to tell the policy from the page around it.

package diff

import (
	"net/url"
	"strings"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// A scene is a document as a judge sees it.
type scene struct {
	doc         *snapshots.Document
	ids         map[string]int32 // of folded words, shared by both scenes
	words       int
	first, last int                  // the first and the last block of prose
	grams       map[[gram]int32]bool // runs of up to gram words
	texts       map[string]int       // folded blocks, and how often each stands
	headings    map[string]bool      // folded
	sentences   int                  // of some length
	repeats     int                  // sentences that stood before
	facts       []fact               // of each block
}

// A fact is what a judge asks of a block again and again.
type fact struct {
	words  int
	ends   bool // like a sentence; a question mark does not count, since headings have it too
	linked bool // nearly all of it is link
	fresh  bool // it stands only in this document
	feed   bool // an item of a list of what people wrote, with how long ago
	intro  int  // the block that opens the list in which an item stands ("We collect:"), -1 if there is none
}

const (
	gram         = 5  // how many words in a row make a passage known
	proseWords   = 18 // length from which a block that ends like a sentence is prose
	labelWords   = 8  // length up to which a block without an end may be a label
	repeatLength = 8  // words from which a sentence counts when it is repeated
	menuReach    = 4  // blocks on each side that show whether a block stands in a menu
	linkShare    = 80 // per cent of a block that is link from which it is a menu entry
)

func newScene(d *snapshots.Document, ids map[string]int32) *scene {
	sc := &scene{doc: d, ids: ids, first: len(d.Blocks), last: -1, grams: map[[gram]int32]bool{}, texts: map[string]int{}, headings: map[string]bool{},
		facts: make([]fact, len(d.Blocks))}
	var run []int32
	seen := map[string]bool{}
	for i, b := range d.Blocks {
		t := d.Quote(b.Span)
		ws := folded(t)
		sc.facts[i] = fact{words: len(ws), ends: endsOutright(t), linked: linked(&b), intro: sc.introOf(i)}
		sc.words += len(ws)
		key := strings.Join(ws, " ")
		sc.texts[key]++
		if b.Kind == snapshots.Heading {
			sc.headings[key] = true
		}
		if len(ws) >= proseWords && ends(t) {
			sc.first, sc.last = min(sc.first, i), i
		}
		for _, w := range ws {
			run = append(run, sc.id(w))
		}
		for _, s := range text.Sentences(t, nil) {
			k := strings.Join(folded(t[s.Start:s.End]), " ")
			if strings.Count(k, " ")+1 < repeatLength {
				continue
			}
			sc.sentences++
			if seen[k] {
				sc.repeats++
			}
			seen[k] = true
		}
	}
	sc.findFeeds()
	for i := range run {
		for n := 1; n <= gram && i+n <= len(run); n++ {
			sc.grams[key(run[i:i+n])] = true
		}
	}
	return sc
}

const fewPosts = 3 // entries from which a list is a feed

// findFeeds marks the entries of lists of posts, comments or questions beside a policy: an item, those below it, and among them
// how long ago it was written.
func (sc *scene) findFeeds() {
	var posts [][2]int
	for i := 0; i < len(sc.doc.Blocks); i++ {
		if !sc.item(i) || sc.doc.Blocks[i].Level != 1 {
			continue
		}
		end, when := i+1, sc.saysWhen(i)
		for ; end < len(sc.doc.Blocks) && sc.item(end) && sc.doc.Blocks[end].Level > 1; end++ {
			when = when || sc.saysWhen(end)
		}
		if when {
			posts = append(posts, [2]int{i, end})
		}
		i = end - 1
	}
	if len(posts) < fewPosts {
		return
	}
	for _, p := range posts {
		for i := p[0]; i < p[1]; i++ {
			sc.facts[i].feed = true
		}
	}
}

func (sc *scene) item(i int) bool { return sc.doc.Blocks[i].Kind == snapshots.Item }

// saysWhen reports whether a block is short and holds a time such as "3 hours ago".
func (sc *scene) saysWhen(i int) bool {
	if sc.facts[i].words > 16 || sc.facts[i].ends {
		return false
	}
	ws := folded(sc.text(i))
	for j := range ws {
		if j+2 < len(ws) && (isNumber(ws[j]) && spans[ws[j+1]] && ago[ws[j+2]] || ago[ws[j]] && isNumber(ws[j+1]) && spans[ws[j+2]]) {
			return true
		}
	}
	return false
}

func (sc *scene) id(w string) int32 {
	id, ok := sc.ids[w]
	if !ok {
		id = int32(len(sc.ids)) + 1
		sc.ids[w] = id
	}
	return id
}

func key(ws []int32) (k [gram]int32) {
	copy(k[:], ws)
	return k
}

// repeated is the share of the sentences that stand more than once.
func (sc *scene) repeated() float64 {
	if sc.sentences == 0 {
		return 0
	}
	return float64(sc.repeats) / float64(sc.sentences)
}

// knows reports whether the words stand in the document in this order, wherever blocks begin and end.
func (sc *scene) knows(ws []string) bool {
	run := make([]int32, len(ws))
	for i, w := range ws {
		id, ok := sc.ids[w]
		if !ok {
			return false
		}
		run[i] = id
	}
	if len(run) <= gram {
		return len(run) > 0 && sc.grams[key(run)]
	}
	for i := 0; i+gram <= len(run); i++ {
		if !sc.grams[key(run[i:i+gram])] {
			return false
		}
	}
	return true
}

func (sc *scene) text(block int) string { return sc.doc.Quote(sc.doc.Blocks[block].Span) }

// label reports whether a block is a few words that form no sentence.
func (sc *scene) label(block int) bool {
	return sc.facts[block].words <= labelWords && !sc.facts[block].ends
}

// endsOutright is ends, but for the question mark.
func endsOutright(t string) bool {
	return ends(t) && !strings.HasSuffix(strings.TrimSpace(t), "?")
}

func linked(b *snapshots.Block) bool {
	n := 0
	for _, l := range b.Links {
		n += l.Span.Len()
	}
	return n > 0 && 100*n >= linkShare*b.Span.Len()
}

// fringe reports whether a block is a few words before all prose or after it that belong to no list, row or sentence
// of the policy: a greeting, a button. An item that follows the policy under a heading may be of an annex.
func (sc *scene) fringe(block int) bool {
	if !sc.label(block) || sc.introduced(block) {
		return false
	}
	switch b := sc.doc.Blocks[block]; b.Kind {
	case snapshots.Cell:
		return false
	case snapshots.Item:
		return block < sc.first || block > sc.last && b.Heading < 0
	}
	return block < sc.first || block > sc.last
}

// contents reports whether a block is an entry of the table of contents: a link to a place in the page.
func (sc *scene) contents(block int) bool {
	if !sc.label(block) || !sc.facts[block].linked {
		return false
	}
	t := sc.doc.Blocks[block].Links[0].Target
	return strings.HasPrefix(t, "#")
}

// introOf finds the block that opens the list of an item; the facts of the blocks before it are known.
func (sc *scene) introOf(block int) int {
	if block == 0 || sc.doc.Blocks[block].Kind != snapshots.Item {
		return -1
	}
	if strings.HasSuffix(strings.TrimSpace(sc.text(block-1)), ":") {
		return block - 1
	}
	if sc.doc.Blocks[block-1].Kind != snapshots.Item {
		return -1
	}
	return sc.facts[block-1].intro
}

func (sc *scene) introduced(block int) bool { return sc.facts[block].intro >= 0 }

// listed reports whether a block is a cell or a short item, which may be a name and nothing else.
func (sc *scene) listed(block int) bool {
	k := sc.doc.Blocks[block].Kind
	return (k == snapshots.Cell || k == snapshots.Item) && sc.label(block)
}

// menu reports whether a block is an entry of a menu or a listing: a few words, no sentence and no list of the policy,
// with links around it that lead to one place or two. A list of recipients leads to many.
func (sc *scene) menu(block int) bool {
	if f := sc.facts[block]; f.words > 2*labelWords || f.ends && !f.linked || sc.introduced(block) {
		return false
	}
	n, entries, linked := 0, 0, 0
	hosts := map[string]bool{}
	for i := max(0, block-menuReach); i <= min(len(sc.doc.Blocks)-1, block+menuReach); i++ {
		if sc.facts[i].linked {
			linked++
			if u, err := url.Parse(sc.doc.Blocks[i].Links[0].Target); err == nil {
				hosts[u.Host] = true
			}
		}
		if i != block {
			n++
			if sc.label(i) || sc.facts[i].linked {
				entries++
			}
		}
	}
	return n > 0 && 4*entries >= 3*n && linked >= 2 && len(hosts) <= 3
}
