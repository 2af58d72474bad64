package stamp

// This file reads the outermost layers of an answer itself, because the library behind is lenient: it takes BER, passes over what
// follows a structure and over structures that it cannot read.

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	maxDepth    = 32
	maxElements = 8192
	maxText     = 300 // bytes of an authority's words that are kept
)

// strict refuses what is not one DER element with nothing after it, and what is nested or cut into pieces beyond all need.
func strict(der []byte) error {
	left := maxElements
	in := cryptobyte.String(der)
	if err := element(&in, maxDepth, &left); err != nil {
		return err
	}
	if !in.Empty() {
		return errors.New("bytes after its end")
	}
	return nil
}

// element reads one element and those within it.
func element(in *cryptobyte.String, depth int, left *int) error {
	var body cryptobyte.String
	var tag tags.Tag
	if *left--; *left < 0 || depth < 0 {
		return errors.New("too many elements, or nested too deep")
	}
	if !in.ReadAnyASN1(&body, &tag) {
		return errors.New("not in DER")
	}
	if tag == tags.BOOLEAN && (len(body) != 1 || body[0] != 0 && body[0] != 0xff) {
		return errors.New("not in DER")
	}
	if tag&0x20 == 0 { // of one piece
		return nil
	}
	for !body.Empty() {
		if err := element(&body, depth-1, left); err != nil {
			return err
		}
	}
	return nil
}

// A Refusal is an authority's answer that it gives no stamp.
type Refusal struct {
	Status int    // PKIStatus
	Reason string // PKIFailureInfo in words, "" if none is given
	Text   string // the authority's own words, may be empty
}

func (r *Refusal) Error() string {
	s := fmt.Sprintf("the authority refuses (status %d)", r.Status)
	for _, more := range []string{r.Reason, r.Text} {
		if more != "" {
			s += ": " + more
		}
	}
	return s
}

// failureNames are the bits of PKIFailureInfo.
var failureNames = map[int]string{0: "it does not accept the digest algorithm", 2: "it does not accept the request", 5: "the request has the wrong format",
	14: "its clock is not available", 15: "it does not accept the policy", 16: "it does not accept an extension", 17: "further information is not available", 25: "it has failed itself"}

// An answer is a TimeStampResp.
type answer struct {
	status int
	text   cryptobyte.String // UTF8Strings
	fail   asn1.BitString
	token  []byte
}

// token opens an answer: the token within, or a *Refusal.
func token(tsr []byte) ([]byte, error) {
	if len(tsr) > MaxAnswer {
		return nil, fmt.Errorf("more than %d bytes", MaxAnswer)
	}
	if err := strict(tsr); err != nil {
		return nil, err
	}
	a, err := readAnswer(tsr)
	if err != nil {
		return nil, err
	}
	if a.status != 0 && a.status != 1 { // granted, granted with modifications
		return nil, a.refusal()
	}
	if len(a.token) == 0 {
		return nil, errors.New("the answer says that it holds a token, and holds none")
	}
	return a.token, nil
}

func readAnswer(tsr []byte) (*answer, error) {
	var a answer
	var whole, status, tok cryptobyte.String
	in := cryptobyte.String(tsr)
	if !in.ReadASN1(&whole, tags.SEQUENCE) || !whole.ReadASN1(&status, tags.SEQUENCE) || !status.ReadASN1Integer(&a.status) ||
		!status.ReadOptionalASN1(&a.text, nil, tags.SEQUENCE) || !status.Empty() && !status.ReadASN1BitString(&a.fail) || !status.Empty() {
		return nil, errors.New("it is no answer of a time stamp authority")
	}
	if !whole.Empty() && (!whole.ReadASN1Element(&tok, tags.SEQUENCE) || !whole.Empty()) {
		return nil, errors.New("it is no answer of a time stamp authority")
	}
	a.token = tok
	return &a, nil
}

func (a *answer) refusal() *Refusal {
	r := &Refusal{Status: a.status}
	for bit := range 32 {
		if a.fail.At(bit) != 0 && r.Reason == "" {
			r.Reason = failureNames[bit]
		}
	}
	var words []string
	var s cryptobyte.String
	for in := a.text; in.ReadASN1(&s, tags.UTF8String); {
		words = append(words, strings.ToValidUTF8(string(s), "?"))
	}
	r.Text = strings.Join(words, ", ")
	if len(r.Text) > maxText {
		r.Text = strings.ToValidUTF8(r.Text[:maxText], "") + "…"
	}
	return r
}
