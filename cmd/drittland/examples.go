package main

// Examples: the texts within packs that a check must find or must leave alone.

import (
	"fmt"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// exampleDay is the day of examples that name none.
var exampleDay = law.Date{Year: 2026, Month: 6, Day: 1}

// runExamples runs the examples of the checks that want selects. It gives the number run and, for each
// that failed, one line with the place of the example in its file.
func runExamples(e *analyze.Engine, want func(*rules.Check) bool) (run int, failures []string) {
	for i := range e.Rules().Checks {
		c := &e.Rules().Checks[i]
		if !want(c) {
			continue
		}
		for _, x := range c.Examples {
			run++
			if why := runExample(e, c, x); why != "" {
				failures = append(failures, fmt.Sprintf("%s: %s: %s", x.Where(), c.ID, why))
			}
		}
	}
	return run, failures
}

// runExample runs one example. It gives "" if it holds, else why it does not.
func runExample(e *analyze.Engine, c *rules.Check, x rules.Example) string {
	day := exampleDay
	if x.On != "" {
		var err error
		if day, err = law.ParseDate(x.On); err != nil {
			return err.Error()
		}
	}
	text := x.Match + x.Clean // one of them is empty
	found, err := exampleFindings(e, c, x, text, day)
	if err != nil {
		return err.Error()
	}
	has := slices.ContainsFunc(found, func(f analyze.Finding) bool { return f.ID == c.ID })
	switch {
	case x.Match != "" && !has:
		return fmt.Sprintf("does not match %q", text)
	case x.Clean != "" && has:
		return fmt.Sprintf("matches %q, which is clean", text)
	}
	return ""
}

func exampleFindings(e *analyze.Engine, c *rules.Check, x rules.Example, text string, day law.Date) ([]analyze.Finding, error) {
	facts, err := exampleFacts(e, x, text)
	if err != nil {
		return nil, err
	}
	days := analyze.Dates{AsOf: day, Today: day}
	if !c.Versions {
		return e.Report(facts, days).Findings, nil
	}
	before, err := exampleFacts(e, x, x.Before)
	if err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	return e.Compare(before, facts, day, days).Appeared, nil
}

// exampleFacts reads an example as Markdown in the language that it states.
func exampleFacts(e *analyze.Engine, x rules.Example, text string) (*analyze.Facts, error) {
	doc, err := extract.Read(extract.Input{Body: []byte(text), MediaType: "text/markdown", Language: x.Lang}, extract.Options{})
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	doc.Language = x.Lang
	facts := e.Facts(doc)
	if x.Whole {
		for _, f := range facts.Of(analyze.FactDocument) {
			f.Attr["whole"] = "yes"
		}
	}
	return facts, nil
}
