// Command drittland answers one question for people who must answer for it: where does a privacy policy
// let personal data from the EU go, on what legal ground, and what changed since the last version?
//
//	drittland check FILE|URL|-       what one policy says, and what the GDPR asks about it
//	drittland extract FILE|URL|-     its text only: of HTML, PDF, DOCX, ODT, Markdown
//	drittland explain T05 FILE       how a finding came about
//	drittland diff OLD NEW           what changed between two versions, and what that did to transfers
//	drittland classify < passages    the same for single passages, as JSON Lines
//	drittland track add NAME URL     have a policy tracked; track list, show and remove
//	drittland track import FILE|DIR  have tracked what files declare; track export writes them
//	drittland run                    capture what is due into the archive, and say what changed
//	drittland watch                  the same by itself, by schedule; sends digests and alerts
//	drittland log NAME               the versions of a service's terms; show prints one of them
//	drittland search WORDS           words in all versions of all texts
//	drittland timeline NAME          the same history as one picture, for a terminal or as SVG
//	drittland explain NAME@VERSION   why a version is an alert, or is none
//	drittland variants NAME          texts that a service serves side by side
//	drittland decide NAME --change   record what a person makes of a change or a finding; decisions lists it
//	drittland review                 the same in the browser; review account says who may log in
//	drittland stats alerts           counts over everything in the archive
//	drittland evidence complaint …   the draft of a complaint; filing prints its exhibits
//	drittland derive                 reads the whole archive again
//	drittland second-read NAME       has a model read a version, too, and records what it says beside the findings
//	drittland evidence export NAME   captures as exhibits that others can check; evidence verify checks them
//	drittland import ota REPO        take over an Open Terms Archive history
//	drittland import warc FILE       take over captures that others made; import wacz as well
//	drittland archive check          look after the archive
//	drittland evidence status        how far the log of captures is time-stamped, and what is not proved
//	drittland config check           the settings of what runs unattended; config show and example
//	drittland demo                   see all of it, offline
//	drittland law country CN         what the law says of a destination on a day
//	drittland rules list             what is looked for; rules/SYNTAX.md tells how to add to it
//
// Data go to standard output, messages to standard error. Every command that gives data has a --format;
// JSON is described by the schemas that 'drittland schema' prints.
//
// # Exit codes
//
//	0    done; nothing at or above --fail-on
//	1    something went wrong that the message explains
//	2    the command line makes no sense
//	3    read, and there are findings at or above --fail-on
//	4    the input could not be read, or is no policy
//	5    the archive, or a file of evidence, is damaged
//	6    another process holds the archive
//	7    the server that the archive is on does not answer; try again
//	130  interrupted; what was recorded stays
//
// This file holds what the program says about itself.
package main

import "runtime/debug"

const overview = `drittland reads privacy policies and says which passages let personal data from
the EU go to third countries, with the articles of the GDPR that ask about them
and the standing of each country and transfer tool on the day of the text and
today. It points at passages; what they mean in law is for a person to conclude.

   drittland check https://example.org/privacy     read one policy now
   drittland check --as-of 2022-12-02 policy.html  judge it by the law of a day
   drittland diff old.md new.md                    what changed between two texts
   drittland track add Clipzy https://example.org/privacy
   drittland run                                   capture it, say what changed
   drittland demo                                  see all of it, offline

Flags may stand before or after the arguments; "-" is standard input.
Data go to standard output, messages to standard error.

Exit codes:
   0    done; nothing at or above --fail-on
   1    something went wrong that the message explains
   2    the command line makes no sense
   3    read, and there are findings at or above --fail-on
   4    the input could not be read, or is no policy
   5    the archive is damaged
   6    another process holds the archive
   7    the server that the archive is on does not answer; try again
   130  interrupted; what was recorded stays`

// release is set by the linker for published builds.
var release = ""

// version names the build: the release, or the commit it was made from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	if commit == "" {
		return info.Main.Version
	}
	return "development " + commit + changed
}
