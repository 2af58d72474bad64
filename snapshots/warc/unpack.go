package warc

// This file unpacks the gzip members of a file of others, within bounds.

import (
	"compress/gzip"
	"fmt"
	"io"
	"slices"
)

// An unpacker gives the bytes of all gzip members of a file, and remembers where those begin that its reader has not passed yet.
type unpacker struct {
	src     *source
	gz      gzip.Reader
	plain   bool
	open    bool
	base    int64 // offset in the file at which src began
	out     int64 // unpacked bytes given since the last reset
	total   int64 // and before
	most    int64 // that may be given
	start   int64 // of the open member in the file
	fresh   bool  // it has given nothing yet
	members []member
}

// mostBehind is how many members, of one byte at least, the reader of an unpacker may not have passed yet.
const mostBehind = 64<<10 + 1

// A member begins at an offset of the file and of what is unpacked.
type member struct{ file, out int64 }

func (u *unpacker) reset(in io.Reader, base, most int64) {
	u.src.r.Reset(in)
	u.total += u.out
	u.src.n, u.base, u.out, u.most, u.open, u.members = 0, base, 0, most, false, u.members[:0]
	if u.plain {
		u.members = append(u.members, member{base, 0})
	}
}

// place is that of what stands at unpacked offset pos, which does not become less from call to call.
func (u *unpacker) place(pos int64) Place {
	if u.plain {
		return Place{Member: u.base + pos}
	}
	i := 0
	for i+1 < len(u.members) && u.members[i+1].out <= pos {
		i++
	}
	u.members = slices.Delete(u.members, 0, i)
	if len(u.members) == 0 {
		return Place{}
	}
	return Place{Member: u.members[0].file, Skip: pos - u.members[0].out}
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.read(p)
	if u.out += int64(n); u.out > u.most {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTotal, u.most)
	}
	return n, err
}

func (u *unpacker) read(p []byte) (int, error) {
	if u.plain {
		return u.src.Read(p)
	}
	for {
		if !u.open {
			if err := u.next(); err != nil {
				return 0, err
			}
		}
		n, err := u.gz.Read(p)
		if n > 0 && u.fresh {
			u.fresh = false
			if len(u.members) > 2*mostBehind { // the reader has passed these
				u.members = slices.Delete(u.members, 0, len(u.members)-mostBehind)
			}
			u.members = append(u.members, member{u.start, u.out})
		}
		switch {
		case err == io.EOF:
			u.open = false
		case err != nil:
			return n, compression(err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

// next opens the next member. Zeros behind the last one are no member: some writers fill a block with them.
func (u *unpacker) next() error {
	for {
		b, err := u.src.r.Peek(1)
		if err != nil {
			return err
		}
		if b[0] != 0 || u.src.n == 0 {
			break
		}
		_, _ = u.src.ReadByte()
	}
	u.start = u.base + u.src.n
	if err := u.gz.Reset(u.src); err != nil {
		return compression(err)
	}
	u.gz.Multistream(false)
	u.open, u.fresh = true, true
	return nil
}
