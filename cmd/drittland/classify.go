package main

// The command classify: passages in, answers out, line by line, in order and with flat memory.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/urfave/cli/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules/law"
)

const (
	maxLine     = 16 << 20 // bytes of one line
	maxHeadings = 16       // of a passage; the innermost count
)

func (t *tool) classifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "classify",
		Usage:     "say for single passages, as JSON Lines, what they give and where they let data go",
		ArgsUsage: " ",
		Description: `Reads one JSON object a line and answers each with one line, in the same order:

   {"id": 7, "text": "We store your data in Singapore.", "context": ["Storage"], "lang": "en"}
   {"id": 7, "items": ["third_country_transfers"], "transfers": {"statement": "yes", ...}}

   drittland classify < passages.jsonl > answers.jsonl

context (the headings above the passage, outermost first) and lang may be left out.
items are those that the passage is about: a right of people outside the EEA and a complaint to the company itself count here,
while a notice does not give an item by them.
A line that cannot be read is answered with "error", and the exit code is then 4.`,
		Flags: []cli.Flag{
			asOfFlag("as-of", "give the standing of countries on this `DAY` (YYYY-MM-DD; default: today)"),
			&cli.StringFlag{Name: "lang", Value: "en", Usage: "`LANGUAGE` of passages that do not state theirs and are too short to tell"},
			rulesFlag(),
		},
		OnUsageError: usageError,
		Action:       t.classify,
	}
}

// A passage is one line of the input.
type passage struct {
	ID      json.RawMessage `json:"id"`
	Text    *string         `json:"text"`
	Context []string        `json:"context"`
	Lang    string          `json:"lang"`
}

// An answer is one line of the output.
type answer struct {
	ID json.RawMessage `json:"id"`
	*analyze.Answer
	Error string `json:"error,omitempty"`
}

func (t *tool) classify(c *cli.Context) error {
	if c.NArg() > 0 && c.Args().First() != "-" {
		return usage(fmt.Errorf("classify reads standard input and takes no arguments"), commandName(c))
	}
	day, err := t.dayFlag(c, "as-of")
	if err != nil {
		return usage(err, commandName(c))
	}
	if day.IsZero() {
		day = t.today()
	}
	engine, err := t.engine(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	k := &classifier{engine: engine, day: day, lang: c.String("lang")}
	bad, err := k.lines(c.Context, t.env.Stdin, t.env.Stdout)
	if err != nil {
		return err
	}
	if bad > 0 {
		return unreadable(fmt.Errorf("%d lines could not be read; their answers hold the error", bad), `a line is an object such as {"id": 1, "text": "…"}`)
	}
	return nil
}

// A classifier answers lines.
type classifier struct {
	engine *analyze.Engine
	day    law.Date // whose law gives the standing of countries
	lang   string   // of passages that do not state theirs and are too short to tell
}

// A job is one line on its way through a worker. done is closed when out is set.
type job struct {
	in   []byte
	err  error // why the line could not be read whole
	out  []byte
	bad  bool
	done chan struct{}
}

// lines answers the lines of r on w and counts those that could not be read.
func (k *classifier) lines(ctx context.Context, r io.Reader, w io.Writer) (bad int, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan *job)
	order := make(chan *job, 4*workers) // bounds what is in memory
	failed := make(chan error, 1)
	for range workers {
		go func() {
			for j := range todo {
				j.out, j.bad = k.line(j)
				j.in = nil
				close(j.done)
			}
		}()
	}
	go func() {
		defer close(order)
		defer close(todo)
		failed <- feed(ctx, r, todo, order)
	}()
	bad, err = collect(ctx, order, bufio.NewWriterSize(w, 64<<10))
	if err != nil {
		return bad, err
	}
	return bad, <-failed
}

// collect writes the answers in order and flushes them when the input pauses, so that whoever waits gets them.
func collect(ctx context.Context, order <-chan *job, out *bufio.Writer) (bad int, err error) {
	for {
		select {
		case <-ctx.Done():
			return bad, ctx.Err()
		case j, ok := <-order:
			if !ok {
				return bad, out.Flush()
			}
			<-j.done
			if j.bad {
				bad++
			}
			if _, err := out.Write(j.out); err != nil {
				return bad, err
			}
			if len(order) == 0 {
				if err := out.Flush(); err != nil {
					return bad, err
				}
			}
		}
	}
}

// feed hands the lines of r to the workers and, in order, to the writer.
func feed(ctx context.Context, r io.Reader, todo, order chan<- *job) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, tooLong, err := readLine(in)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			j := &job{in: line, done: make(chan struct{})}
			if tooLong {
				j.err = fmt.Errorf("the line is longer than %d MB", maxLine>>20)
			}
			for _, to := range []chan<- *job{order, todo} {
				select {
				case to <- j:
				case <-ctx.Done():
					close(j.done)
					return ctx.Err()
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
	}
}

// readLine reads one line. The rest of a line that is too long is passed over.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
		}
		if len(line) > maxLine {
			line, tooLong = nil, true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// line gives the answer to one line, with its line feed.
func (k *classifier) line(j *job) (out []byte, bad bool) {
	a := answer{ID: json.RawMessage("null")}
	var p passage
	err := j.err
	if err == nil {
		err = json.Unmarshal(j.in, &p)
		if p.ID != nil {
			a.ID = p.ID
		}
	}
	switch {
	case err != nil:
		a.Error = err.Error()
	case p.Text == nil:
		a.Error = `"text" is missing`
	default:
		got := k.passage(&p)
		a.Answer = &got
	}
	var buf bytes.Buffer
	if err := report.JSONLine(&buf, a); err != nil {
		buf.Reset()
		_ = report.JSONLine(&buf, answer{ID: json.RawMessage("null"), Error: err.Error()})
	}
	return buf.Bytes(), a.Error != ""
}

func (k *classifier) passage(p *passage) analyze.Answer {
	text := norm.NFC.String(*p.Text)
	context := p.Context
	if len(context) > maxHeadings {
		context = context[len(context)-maxHeadings:]
	}
	for i := range context {
		context[i] = norm.NFC.String(context[i])
	}
	lang := p.Lang
	if lang == "" {
		lang = extract.Language(text, k.lang)
	}
	return k.engine.Classify(k.engine.Facts(analyze.Passage(text, lang, context)), k.day)
}
