// This file gives the words that changed, wherever their blocks begin and end.

package diff

// Changed are the words that went and those that came, folded, in the order of the redline: of the changes that are worth a
// reader by v, or of all if none of those has words. What moved is among neither; but of a block that only moved and is worth a
// reader, an item of another list say, all words are among both.
func Changed(r *Redline, v Verdict) (was, is []string) {
	for i := range r.Changes {
		if i >= len(v.Each) || !v.Each[i].Alert() && v.Each[i] != Editorial {
			continue
		}
		c := &r.Changes[i]
		if !c.Edited() {
			words := folded(r.New.Quote(c.New))
			was, is = append(was, words...), append(is, words...)
			continue
		}
		was, is = r.edited(c, was, is)
	}
	if len(was)+len(is) == 0 {
		for i := range r.Changes {
			was, is = r.edited(&r.Changes[i], was, is)
		}
	}
	return was, is
}

// edited appends the words that a change deletes and inserts.
func (r *Redline) edited(c *Change, was, is []string) ([]string, []string) {
	for _, e := range c.Words {
		switch {
		case e.Move != 0:
		case e.Op == Delete:
			was = append(was, folded(r.Old.Quote(e.Old))...)
		case e.Op == Insert:
			is = append(is, folded(r.New.Quote(e.New))...)
		}
	}
	return was, is
}
