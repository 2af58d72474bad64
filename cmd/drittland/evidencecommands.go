package main

// The commands evidence export and verify: what the archive holds of some versions as one file that others can check, and the check.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
)

// bundleCommands are those that write and check bundles.
func (t *tool) bundleCommands() []*cli.Command {
	return []*cli.Command{
		{Name: "export", Usage: "write versions of a service's terms, and all that proves them, into one file", ArgsUsage: "SERVICE [VERSION ...]",
			OnUsageError: usageError, Action: t.evidenceExport,
			Description: `VERSION is what 'drittland show' takes: a number, a number from the end (-1 is the
last one, and what is exported without VERSION), a day or the beginning of an ID.
Each version is an exhibit with a letter, A for the oldest: the capture as a WACZ
file that ReplayWeb.page replays, its text, screenshot and PDF where a browser read
the page. Working copies are marked R: the redline between one version and the next,
and the findings. VERIFY.md in the file tells a stranger how to check it with
sha256sum, openssl and a WARC tool alone.

   drittland evidence export Clipzy --out clipzy.zip
   drittland evidence export Clipzy 2 3 --out clipzy.zip
   drittland evidence export Clipzy 2025-12-31 -1 --out change.zip
   drittland evidence export Clipzy 1 --terms "Terms of Service" --out terms.zip
   drittland evidence export Clipzy --opinions --out read.zip`,
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`FILE` to write, which must not exist yet"},
				&cli.StringFlag{Name: "terms", Usage: "`TYPE` of terms, if the service has several"},
				&cli.BoolFlag{Name: "opinions", Usage: "also what models said of the versions in second readings, as it was recorded, raw answers included"},
				rulesFlag(),
			}},
		{Name: "verify", Usage: "check such a file offline and say what each part proves and what not; the exit code is 5 if it is damaged", ArgsUsage: "FILE",
			OnUsageError: usageError, Action: t.evidenceVerify,
			Description: `Reads every byte: the ZIP file, the SHA-256 of each file in it, the records within
the captures with their digests and identifiers, what the manifest says of them, and
the proofs of the ledger and of time, where there are any. The texts are read once
more out of the captures: one that reads otherwise is damaged, unless another version
of drittland read it, which is said. No archive and no network are needed.

   drittland evidence verify clipzy.zip
   drittland evidence verify clipzy.zip --format json | jq '.checks[] | select(.result == "damaged")'`,
			Flags: []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}},
	}
}

// A prover is what proves that records stand in a log that is only appended to. Package archive keeps one.
type prover interface {
	Checkpoint() ([]byte, error)           // signed, a note of golang.org/x/mod/sumdb
	Prove(recordID string) ([]byte, error) // c2sp.org/tlog-proof@v1; archive.ErrNotFound where the log does not hold the record yet
	LedgerKey() (string, error)            // with which checkpoints are verified
}

// attachments are the parts of a bundle that other packages make and check. What is nil is left out, and the bundle says what is then
// not proved.
type attachments struct {
	// ledger proves with the checkpoint that proves most of some records; nil if there is no ledger.
	ledger func(a *archive.Archive, records []string) (prover, error)
	// stamps are the RFC 3161 answers (.tsr) over a checkpoint, and the certificates (.pem) that they need, by file name.
	stamps func(a *archive.Archive, checkpoint []byte) (map[string][]byte, error)
	// docx writes a redline for word processors.
	docx func(w io.Writer, c *analyze.Comparison) error
	// checkpoint checks the signature of a checkpoint.
	checkpoint func(key string, checkpoint []byte) error
	// proof checks that proof leads from a leaf, the line that the ledger has hashed of a record, to this signed checkpoint.
	proof func(key string, proof, leaf, checkpoint []byte) error
	// stamp checks a token over checkpoint and says of when and by whom it is. Others are the further files of the role stamp.
	stamp func(checkpoint, token []byte, others map[string][]byte) (at time.Time, who string, err error)
}

func (t *tool) evidenceExport(c *cli.Context) error {
	out := c.String("out")
	switch {
	case c.NArg() < 1:
		return usage(errors.New("name a service, and the versions of it"), commandName(c))
	case out == "":
		return usage(errors.New("name the file to write with --out"), commandName(c))
	case c.NArg() > 1+maxExhibits:
		return usage(fmt.Errorf("%d versions; at most %d go into one file", c.NArg()-1, maxExhibits), commandName(c))
	}
	if _, err := os.Lstat(out); err == nil {
		return &coded{fmt.Errorf("%s exists already", out), exitUsage, "evidence is never written over: give a new name"}
	}
	engine, err := t.engine(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	x := &exporter{tool: t, engine: engine, parts: t.attachments(), created: t.env.Now().UTC().Truncate(time.Second), opinions: c.Bool("opinions")}
	err = t.store(c).read(c.Context, func(a *archive.Archive) error {
		if err := x.choose(a, c.Args().First(), c.String("terms"), c.Args().Tail()); err != nil {
			return err
		}
		return x.file(c.Context, a, out)
	})
	if err != nil {
		return err
	}
	return x.tell(out)
}

// file writes the bundle. The file is there only when it is complete.
func (x *exporter) file(ctx context.Context, a *archive.Archive, out string) error {
	f, err := os.CreateTemp(filepath.Dir(out), ".evidence-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = x.export(ctx, a, f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), out)
}

// tell says what was written, and what it does not prove.
func (x *exporter) tell(out string) error {
	sum, err := hashFile(out)
	if err != nil {
		return err
	}
	w, l := x.env.Stdout, x.words
	fmt.Fprintln(w, l.F("%s: %s, %s files", report.Line(out), report.Line(x.terms.String()), l.Number(len(x.bundle.files)+2)))
	for _, e := range x.exhibits {
		fmt.Fprintf(w, "  %s  %s\n", e.Letter, l.F("version %d of %s; pages: %s", e.Number, e.Version.Date.Format(time.DateOnly), l.Number(len(e.Snapshots))))
	}
	fmt.Fprintf(w, "  sha256 %s\n", sum)
	for _, s := range x.unproved {
		fmt.Fprintf(w, "%s %s\n", l.T("not proved:"), l.T(unprovedNames[s]))
	}
	fmt.Fprintln(w, l.T("Keep the hash in another place, such as a letter or a mail: by it anybody knows that the file is this one."))
	return nil
}
