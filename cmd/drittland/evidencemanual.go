package main

// VERIFY.md: how a stranger checks a bundle without drittland. It is in English in every bundle, like the files that it speaks of.

import (
	"io"
	"strings"
	"text/template"
	"time"

	"github.com/drittland/drittland/snapshots"
)

var manual = template.Must(template.New("VERIFY.md").Funcs(template.FuncMap{
	"text": markdownText, "day": func(t time.Time) string { return t.Format(time.DateOnly) }, "time": func(t time.Time) string { return t.Format(time.RFC3339) },
	"code":     code,
	"unproved": func(s string) string { return unprovedNames[s] },
}).Parse(`# How to check this file

It holds {{len .M.Exhibits}} {{if eq (len .M.Exhibits) 1}}version{{else}}versions{{end}} of {{text .Terms}}, exported {{time .M.Created}} by {{code .M.Software}}.
Each is an exhibit with a letter. An exhibit shows **what was received, by which client, from which address, no later than when, and that it
is unchanged since**. It does not show what a text means, or whether it is lawful.

| exhibit | version | captured (UTC) | address |
|---|---|---|---|
{{range .M.Exhibits}}| {{.Letter}} | {{.Number}}, ID {{.Version.ID}} | {{time .Version.Date}} | {{text (index .Snapshots 0).Snapshot.URL}}{{with .Version.Origin}} imported from {{text .Repo}}, commit {{.Commit}}{{end}} |
{{end}}
## What this file does not prove

{{range .M.NotProved}}- {{unproved .}}.
{{end}}- what a person reads in a working copy (R-…): those are drittland's own work from the exhibits.

## 1. Is every file here as it was written?

Unpack the ZIP file into an empty folder, and there:

    sha256sum -c SHA256SUMS

Every line must end in OK. (macOS: ` + "`shasum -a 256 -c SHA256SUMS`" + `; Windows: ` + "`certutil -hashfile FILE SHA256`" + ` for each file.) The comment of the
ZIP file, which ` + "`unzip -z`" + ` shows, holds the SHA-256 of SHA256SUMS itself. This proves that the files are the ones that were put in together. It
proves nothing about who did so: compare the SHA-256 of the ZIP file with the one that you were given by another way.

| file | SHA-256 | what it is |
|---|---|---|
{{range .Files}}| {{.Path}} | {{.SHA256}} | {{.Role}}{{with .URL}} of {{text .}}{{end}} |
{{end}}
A-, B- … are exhibits: copies of what the archive holds. L- is a log of the captures for people. R- are working copies: redlines and findings.
manifest.json says all this for programs.

## 2. What do the captures hold?

A WACZ file is a ZIP file. Open it at https://replayweb.page (nothing is uploaded, it is read in your browser), or offline with the same program from
https://github.com/webrecorder/replayweb.page. It shows the page as it was received. Its line about "hashes verified" is no check of this file.

The records within are WARC 1.1, one gzip member each. Any WARC tool reads them, such as warcio (https://github.com/webrecorder/warcio):

{{range .M.Exhibits}}    unzip -o {{.Letter}}-1_capture.wacz -d {{.Letter}} && warcio check -v {{.Letter}}/archive/data.warc.gz
{{end}}
It recomputes the digest of each record (WARC-Block-Digest, SHA-256 over the block). The headers say when a record was made by the clock of the capturing
machine (WARC-Date), from which address (WARC-Target-URI, WARC-IP-Address), and by which protocol. What a server said is in records of the type
response, what was sent in those of the type request. The first record, warcinfo, and records with the header Drittland-Conversion were made at
export; all others are byte for byte the records of the archive, in the same gzip members.
{{if .Others}}
### Captures that others made

The archive keeps a record of others as the block of a record of its own (Content-Type application/warc), so that nothing that a stranger wrote is taken
for a record of the archive; the proofs below are about these. So that a player shows the page at its address, the records of others stand a second time in
archive/third-party.warc.gz, as they wrote them, each in a gzip member with two empty lines behind it. They are the same bytes: the SHA-256 of such a
record without these lines is in the WARC-Target-URI of the record that holds it (urn:drittland:warc-record:sha256:…):

    warcio index -f offset,length,warc-type,warc-target-uri A/archive/third-party.warc.gz
    tail -c +$((OFFSET + 1)) A/archive/third-party.warc.gz | head -c LENGTH | gzip -d | head -c -4 | sha256sum
    warcio index -f warc-type,warc-target-uri A/archive/data.warc.gz

| exhibit | address | file that it came in | SHA-256 of that file | their record of the page | digests in it |
|---|---|---|---|---|---|
{{range .Others}}| {{.Letter}} | {{text .Snapshot.URL}} | {{code .Snapshot.ThirdParty.File}} | {{.Snapshot.ThirdParty.SHA256}} | {{code .Snapshot.ThirdParty.Record}} | {{.Snapshot.ThirdParty.Digests}} |
{{end}}{{end}}{{if .Conversions}}
### Records that were made at export

These hold a body that no response of a server holds in this form, so that a player can show it. The record that it was decoded from is in the same
file, byte for byte as in the archive; ` + "`zstd -d`" + ` decodes its block (with -D and the body of the record that Drittland-Dictionary names, where there
is one); the block of one of others is their record, the body of which it is. Both give the same SHA-256.

| shown under | made from record | whose block has | SHA-256 of the body | why |
|---|---|---|---|---|
{{range .Conversions}}| {{text .Replay}} | {{code .Conversion.Of}} | {{code .Conversion.Digest}} | {{.Conversion.Body}} | {{.Conversion.Why}} |
{{end}}{{end}}
{{if .Opinions}}
### What models said

{{range .Opinions}}{{.Letter}}-6_opinions.warc.gz holds {{.Opinions.Opinions}} {{if eq .Opinions.Opinions 1}}opinion{{else}}opinions{{end}} of{{range $i, $m := .Opinions.Models}}{{if $i}},{{end}} {{code $m}}{{end}}.
{{end}}
Each line is one opinion as JSON: what was asked about which stretch of the text, the raw answer, and what of it counts, since its words stand in the
text. It is advice: no finding rests on it, and it proves nothing but that the model said so. Each gzip member is a record of the archive:

    gzip -dc {{(index .Opinions 0).Letter}}-6_opinions.warc.gz
{{end}}
## 3. Are the records in a ledger?
{{if .Checkpoint}}
proofs/checkpoint is a signed note (https://c2sp.org/tlog-checkpoint) over a Merkle tree of the digests of all records of the archive; proofs/ledger.key
is the key to verify it with. Each .tlog-proof (https://c2sp.org/tlog-proof) leads from one record, by the ID in its name, to that tree: with it, no
record can be changed, left out or put in later without another tree.

With Python 3 and openssl, proofs/verify.py checks signature and path of one record. The records are the gzip members of the captures; a WARC
indexer says where each begins and how long it is (offset, length), such as ` + "`warcio index -f offset,length,warc-type,warc-record-id FILE`" + `:

    tail -c +$((OFFSET + 1)) A/archive/data.warc.gz | head -c LENGTH > record.warc.gz
    python3 proofs/verify.py proofs/ledger.pem proofs/ID.tlog-proof record.warc.gz proofs/checkpoint

The last word has it check that the proof ends in proofs/checkpoint, which is the one that time stamps are over, and in no other.

The signature alone, with openssl. It is Ed25519 over the lines of the checkpoint above its empty line. The last 64 bytes of the base64 behind the name
are the signature, the last 32 bytes of the base64 in ledger.key are the key:

    sed '/^$/,$d' proofs/checkpoint > note-text
    sed -n 's/^— [^ ]* //p' proofs/checkpoint | head -n 1 | base64 -d | tail -c 64 > note-signature
    (printf '302a300506032b6570032100' | xxd -r -p; sed 's/^[^+]*+[^+]*+//' proofs/ledger.key | base64 -d | tail -c 32) > ledger.der
    openssl pkeyutl -verify -pubin -keyform DER -inkey ledger.der -rawin -in note-text -sigfile note-signature

This proves that the owner of the key vouched for this tree. The owner could still keep two trees: compare the checkpoint with one that was
published, or given to somebody else, before the dispute.
{{else}}
There is no proof of a ledger in this file.
{{end}}
## 4. Since when did they exist?
{{if .Stamps}}
Each .tsr is an answer of a time-stamping authority (RFC 3161) over proofs/checkpoint. Take the root certificate of the authority from the authority:

{{range .Stamps}}    openssl ts -reply -in {{.Path}} -text
    openssl ts -verify -in {{.Path}} -data proofs/checkpoint -CAfile root.pem
{{end}}
If it says that a certificate has expired, add -attime with the time of the token in seconds since 1970: what counts is that the certificate was valid
then. This proves that the checkpoint, and with it every record in its tree, existed no later than that time. It proves nothing about before.
{{else}}
There is no time stamp of an authority in this file: the dates of the captures are those that the capturing machine states.
{{end}}
## 5. With drittland

    drittland evidence verify FILE.zip

does all of the above offline and says of each part what it proves. The format is described in snapshots/FORMAT.md of its sources.
`))

// A letteredSnapshot is a page of an exhibit.
type letteredSnapshot struct {
	Letter   string
	Snapshot snapshots.Snapshot
}

// writeManual writes VERIFY.md. files are all files but itself, the manifest and SHA256SUMS.
func writeManual(w io.Writer, m *manifest, files []bundledFile) error {
	x := struct {
		M           *manifest
		Terms       string
		Files       []bundledFile
		Stamps      []bundledFile
		Conversions []exhibitedSnapshot
		Others      []letteredSnapshot
		Opinions    []exhibited
		Checkpoint  bool
	}{M: m, Terms: m.Terms.String(), Files: files}
	for _, f := range files {
		if f.Role == roleStamp && strings.HasSuffix(f.Path, ".tsr") {
			x.Stamps = append(x.Stamps, f)
		}
		x.Checkpoint = x.Checkpoint || f.Role == roleCheckpoint
	}
	for _, e := range m.Exhibits {
		if e.Opinions != nil {
			x.Opinions = append(x.Opinions, e)
		}
		for _, s := range e.Snapshots {
			if s.Conversion != nil {
				x.Conversions = append(x.Conversions, s)
			}
			if s.Snapshot.ThirdParty != nil {
				x.Others = append(x.Others, letteredSnapshot{e.Letter, s.Snapshot})
			}
		}
	}
	return manual.Execute(w, x)
}
