// Package diff compares two documents: which blocks were added, removed, rewritten or moved, which words
// changed within them, and what class of change the whole is. It is pure: the same two documents give the
// same result on every machine, since work is bounded by counts and never by time.
package diff

import "github.com/drittland/drittland/snapshots"

// Op says what happened to the blocks of a change.
type Op string

// The four things that can happen to blocks. A moved block that was also edited is moved and has word edits.
const (
	Added     Op = "added"
	Removed   Op = "removed"
	Rewritten Op = "rewritten"
	Moved     Op = "moved"
)

// EditOp says what happened to a run of words.
type EditOp string

// The three things that can happen to a run of words.
const (
	Equal  EditOp = "equal"
	Insert EditOp = "insert"
	Delete EditOp = "delete"
)

// An Edit is a run of words within a change, as byte spans into the two texts. Both spans of an equal edit read
// the same; bytes differ at most in the kind of white space and in characters without width. An insertion has an empty Old and a deletion an empty New, at the place where the words
// would stand. Move, if not 0, is shared by one deletion and one insertion: the same sentence, moved.
type Edit struct {
	Op   EditOp         `json:"op"`
	Old  snapshots.Span `json:"old"`
	New  snapshots.Span `json:"new"`
	Move int            `json:"move,omitempty"`
}

// A Change is one thing that happened between two documents. The old text of the change is the Old spans of its
// words put together, the new text their New spans.
type Change struct {
	Number    int            `json:"number"` // from 1, in the order of the new text
	Op        Op             `json:"op"`
	OldBlocks []int          `json:"old_blocks,omitempty"` // indexes of blocks, ascending; two for a merge
	NewBlocks []int          `json:"new_blocks,omitempty"` // two for a split; all cells of a row that was added
	Old       snapshots.Span `json:"old"`                  // empty for an addition, at the place where it came in
	New       snapshots.Span `json:"new"`                  // empty for a removal
	Words     []Edit         `json:"words"`
}

// Edited reports whether words of the change differ. It is false for a block that was only moved.
func (c *Change) Edited() bool {
	for _, e := range c.Words {
		if e.Op != Equal {
			return true
		}
	}
	return false
}

// A Row is one line of the redline: blocks that read the same (Change is 0), or blocks of the change of that number.
// A moved block has two rows, one with its old blocks alone where it stood, one with its new blocks alone
// where it stands now; its words are shown at the second.
type Row struct {
	Old    []int `json:"old,omitempty"`
	New    []int `json:"new,omitempty"`
	Change int   `json:"change,omitempty"`
}

// A LinkChange is a link whose words stand while it leads elsewhere.
type LinkChange struct {
	OldBlock int            `json:"old_block"`
	NewBlock int            `json:"new_block"`
	Old      snapshots.Link `json:"old"`
	New      snapshots.Link `json:"new"`
}

// A Redline is everything that differs between two documents. Rows run in the order of the new text with
// removed blocks in place: every old block is in Old of one row, every new block in New of one row.
type Redline struct {
	Old         *snapshots.Document `json:"-"`
	New         *snapshots.Document `json:"-"`
	Changes     []Change            `json:"changes"`
	Rows        []Row               `json:"rows,omitempty"`
	LinkChanges []LinkChange        `json:"link_changes,omitempty"`
	Counts      Counts              `json:"counts"`
}

// Counts sums up a redline in words, by white space, and blocks.
type Counts struct {
	WordsKept     int `json:"words_kept"`
	WordsAdded    int `json:"words_added"`
	WordsRemoved  int `json:"words_removed"`
	WordsMoved    int `json:"words_moved"`    // kept, in a block or sentence that moved
	BlocksChanged int `json:"blocks_changed"` // changes of any kind
	Restyled      int `json:"restyled"`       // blocks whose words stand and whose kind or level changed
}

// Options bound and tune a comparison. The zero value is right for policies.
type Options struct {
	MaxCells int // largest table of the alignment, in cells; 0 means 4,000,000. Beyond it only equal blocks are paired.
	MinMove  int // fewest words of an edited block or sentence that may count as moved; 0 means 10
}

func (o Options) cells() int {
	if o.MaxCells > 0 {
		return o.MaxCells
	}
	return 4_000_000
}

func (o Options) minMove() int {
	if o.MinMove > 0 {
		return o.MinMove
	}
	return 10
}

// Compare finds what changed from old to new. Neither document is altered.
func Compare(old, new *snapshots.Document, opt Options) *Redline {
	c := comparison{lex: newLexis(), opt: opt}
	c.old, c.new = side{old, cut(old, c.lex)}, side{new, cut(new, c.lex)}
	c.lex.weigh()
	steps := c.lex.align(c.bags(&c.old), c.bags(&c.new), opt.cells())
	return c.assemble(steps, c.findMoves(steps))
}

// Change is the change with that number, nil if there is none.
func (r *Redline) Change(number int) *Change {
	if number < 1 || number > len(r.Changes) {
		return nil
	}
	return &r.Changes[number-1]
}
