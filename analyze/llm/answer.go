package llm

// Answers: what a model wrote, held against the schema.

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Reasons for which an answer ended, beside those of servers.
const (
	finishRefusal = "refusal"
	finishLong    = "too long"
)

// answer is what the schemas ask for.
type answer struct {
	Passage string  `json:"passage"`
	Facts   []said  `json:"facts"`   // read
	Verdict Verdict `json:"verdict"` // review
	Quote   string  `json:"quote"`
	Article string  `json:"article"`
}

// said is one fact as the model gives it.
type said struct {
	Kind, Country, Role, Tool, Who, Article, Quote string
	Hedged                                         bool
}

// What is wrong with an answer, in the words in which the model is told. Nothing of the answer is among them.
var (
	errRefused = errors.New("it was refused")
	errCut     = errors.New("it was too long and was cut off")
	errNoJSON  = errors.New("it holds no JSON object")
	errSchema  = errors.New("it does not follow the schema")
)

// parse reads an answer. Servers that know no form of answers may put words before and after the object.
func (p *prompt) parse(raw, finish string) (*answer, error) {
	switch finish {
	case finishRefusal, "content_filter":
		return nil, errRefused
	case "length", finishLong:
		return nil, errCut
	}
	object, err := object(raw)
	if err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(strings.NewReader(object))
	if err != nil {
		return nil, errNoJSON
	}
	if p.check.Validate(tree) != nil {
		return nil, errSchema
	}
	var a answer
	if json.Unmarshal([]byte(object), &a) != nil {
		return nil, errSchema
	}
	return &a, nil
}

// object is the JSON object in an answer: all of it, or what stands between the first and the last brace behind what a model
// thought aloud.
func object(raw string) (string, error) {
	if i := strings.LastIndex(raw, "</think>"); i >= 0 {
		raw = raw[i:]
	}
	first, last := strings.IndexByte(raw, '{'), strings.LastIndexByte(raw, '}')
	if first < 0 || last < first {
		return "", errNoJSON
	}
	return raw[first : last+1], nil
}

// again is what is asked after an answer that cannot be used.
func again(messages []Message, why error) []Message {
	out := append([]Message{}, messages...)
	return append(out, Message{"user", "Your answer could not be used: " + why.Error() + ". Answer the question above once more, with one JSON object of the schema and nothing else."})
}
