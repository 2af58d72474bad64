package send

// The outbox: what is in it, and what people do to it.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a message, in bytes.
const (
	maxKey     = 500
	maxHeader  = 500 // of a subject, an address and the like
	maxBody    = 4 << 20
	maxPayload = 1 << 20 // of the JSON of a webhook
)

// An Outbox is a directory with a file for each message. Several processes may put messages into one; one at a time delivers.
type Outbox struct {
	dir  string
	o    Options
	disk Disk
	held map[string]bool  // keys that were sent, though that could not be recorded
	wait map[string]pause // by place
}

// New opens the outbox in a directory, which is made when the first message is put into it.
func New(dir string, o Options) *Outbox {
	if o.Disk == nil {
		o.Disk = realDisk{}
	}
	return &Outbox{dir: dir, o: o.withDefaults(), disk: o.Disk, held: map[string]bool{}, wait: map[string]pause{}}
}

// Put writes a message into the outbox. It is on the disk when Put returns. One whose key was there before, however long ago, is
// refused silently: fresh is false.
func (b *Outbox) Put(m Message) (fresh bool, err error) {
	if err := m.check(); err != nil {
		return false, fmt.Errorf("message %.200q: %w", m.Key, err)
	}
	if err := b.disk.Make(b.dir); err != nil {
		return false, fmt.Errorf("outbox: %w", err)
	}
	unlock, err := b.lock(context.Background(), "put.lock", putWait)
	if err != nil {
		return false, err
	}
	defer unlock()
	name := fileOf(m.Key)
	there, err := b.disk.Has(filepath.Join(b.dir, name))
	switch {
	case err != nil:
		return false, fmt.Errorf("outbox: %w", err)
	case there:
		if _, err = b.read(name); errors.Is(err, ErrDamaged) {
			err = fmt.Errorf("message %q: %w: %s", m.Key, ErrDamaged, filepath.Join(b.dir, name))
		}
		return false, err
	}
	if damaged, _ := b.disk.Has(filepath.Join(b.dir, name+damagedSuffix)); damaged {
		return false, fmt.Errorf("message %q: %w: %s", m.Key, ErrDamaged, filepath.Join(b.dir, name+damagedSuffix))
	}
	e := Entry{Message: m, State: Waiting, ID: b.idOf(&m)}
	if err := b.write(&e); err != nil {
		return false, fmt.Errorf("message %q was not recorded, and is not sent: %w", m.Key, err)
	}
	return true, nil
}

// check refuses what cannot be sent, and what would forge headers.
func (m *Message) check() error {
	for _, f := range []struct {
		name, value string
		most        int
		line        bool
	}{{"key", m.Key, maxKey, true}, {"subject", m.Subject, maxHeader, true}, {"recipient", m.To, maxHeader, true}, {"list", m.List, maxHeader, true},
		{"unsubscribe", m.Unsubscribe, maxHeader, true}, {"language", m.Language, 35, true}, {"text", m.Text, maxBody, false},
		{"HTML", m.HTML, maxBody, false}, {"JSON", string(m.JSON), maxPayload, false}} {
		switch {
		case len(f.value) > f.most:
			return fmt.Errorf("its %s has %d bytes; at most %d", f.name, len(f.value), f.most)
		case !utf8.ValidString(f.value):
			return fmt.Errorf("its %s is not UTF-8", f.name)
		case f.line && strings.ContainsFunc(f.value, unicode.IsControl):
			return fmt.Errorf("its %s has a line end or another control character", f.name)
		}
	}
	switch {
	case m.Key == "" || m.To == "" || m.Made.IsZero():
		return errors.New("it needs a key, a recipient and a time")
	case m.Kind == Mail && (m.Subject == "" || m.Text == ""):
		return errors.New("a mail needs a subject and a text")
	case m.Kind == Webhook && len(m.JSON) > 0 && !json.Valid(m.JSON):
		return errors.New("its JSON is none")
	case m.Kind == Chat && m.Text == "" && m.Subject == "":
		return errors.New("a chat needs words")
	}
	switch m.Kind {
	case Mail:
		if _, err := mail.ParseAddress(m.To); err != nil {
			return fmt.Errorf("%q is no mail address: %w", m.To, err)
		}
		_, err := m.unsubscribe("")
		return err
	case Webhook, Chat:
		return nil
	}
	return fmt.Errorf("unknown kind %q", m.Kind)
}

// List gives all entries that are whole, oldest first, and the names of files that are damaged. Of entries that were sent
// long ago only the date is left; they are not listed.
func (b *Outbox) List() (list []Entry, damaged []string, err error) {
	names, err := b.names()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		if strings.HasSuffix(n, damagedSuffix) {
			damaged = append(damaged, filepath.Join(b.dir, n))
			continue
		}
		e, err := b.read(n)
		switch {
		case errors.Is(err, os.ErrNotExist): // gone since
		case errors.Is(err, ErrDamaged):
			damaged = append(damaged, filepath.Join(b.dir, n))
		case err != nil:
			return nil, nil, err
		case e.Key != "":
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(x, y Entry) int {
		if n := x.Made.Compare(y.Made); n != 0 {
			return n
		}
		return strings.Compare(x.Key, y.Key)
	})
	return list, damaged, nil
}

// Get gives the entry of a key; ErrUnknown or ErrDamaged if there is none.
func (b *Outbox) Get(key string) (Entry, error) {
	e, err := b.read(fileOf(key))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrUnknown
		if gone, _ := b.disk.Has(filepath.Join(b.dir, fileOf(key)+damagedSuffix)); gone {
			err = ErrDamaged
		}
	}
	return e, err
}

// Retry makes a message due at once, one that was given up, too. One that was sent is ErrSent.
func (b *Outbox) Retry(key string) error {
	return b.change(key, func(e *Entry) error {
		if e.State == Sent {
			return ErrSent
		}
		e.State, e.Tries, e.First, e.Next = Waiting, 0, time.Time{}, time.Time{}
		return b.write(e)
	})
}

// Drop gives a message up by hand. Its key stays, so that it is not made again. Of a damaged file the key is freed: if what makes
// the message makes it again, it is sent, perhaps for the second time.
func (b *Outbox) Drop(key string) error {
	err := b.change(key, func(e *Entry) error {
		if e.State == Sent {
			return ErrSent
		}
		e.State, e.Trouble, e.Next = Abandoned, "dropped by hand", time.Time{}
		return b.write(e)
	})
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	return b.disk.Remove(filepath.Join(b.dir, fileOf(key)+damagedSuffix))
}

// change alters an entry while nobody delivers.
func (b *Outbox) change(key string, alter func(*Entry) error) error {
	if there, err := b.disk.Has(b.dir); err == nil && !there {
		return ErrUnknown
	}
	unlock, err := b.lock(context.Background(), "deliver.lock", 0)
	if err != nil {
		return err
	}
	defer unlock()
	if e, err := b.read(fileOf(key)); errors.Is(err, ErrDamaged) {
		if err := b.setAside(fileOf(key)); err != nil {
			return err
		}
		return ErrDamaged
	} else if err == nil && e.Key == "" {
		return ErrSent
	}
	e, err := b.Get(key)
	if err != nil {
		return err
	}
	return alter(&e)
}

// hashOf is what names the file and the ID of a message.
func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

func fileOf(key string) string { return hashOf(key) + ".json" }

// idOf is the ID of a message. That of a mail ends in the domain of the sender.
func (b *Outbox) idOf(m *Message) string {
	if m.Kind != Mail {
		return hashOf(m.Key)
	}
	return hashOf(m.Key) + "@" + b.domain()
}

// domain is that of the sender.
func (b *Outbox) domain() string {
	if a, err := mail.ParseAddress(b.o.Mail.From); err == nil {
		if _, domain, ok := strings.Cut(a.Address, "@"); ok && domain != "" {
			return domain
		}
	}
	return "drittland.invalid"
}
