package main

// Digests of weeks that are long over, asked for by hand.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/cmd/drittland/digest"
)

// What could not be verified at the end of a week is told, whatever became of it since.
func TestPastWeekTellsWhatFailedThen(t *testing.T) {
	b := newWatchBench(t, "capture: {schedule: daily, jitter: 0s, render: never}\nalarm_after: 7\n")
	const wall = "status 403\n<!DOCTYPE html><html><head><title>Just a moment</title></head><body><h1>Verify you are human</h1></body></html>\n"
	stored := "We store your personal data on servers in Ireland."
	for _, name := range []string{"clipzy", "appzy", "wavezy"} {
		b.page(name, stored)
		b.must("2026-11-02T07:00:00Z", exitOK, "track", "add", strings.ToUpper(name[:1])+name[1:], "http://"+name+".example/"+name)
	}
	b.once("2026-11-02T08:00:00Z", exitOK)
	b.write("web/clipzy.html", wall) // fails in the first week, is well in the second, and fails again in the third
	b.write("web/wavezy.html", wall) // fails in the first week, and is followed no longer in the second
	b.once("2026-11-05T08:00:00Z", exitUnreadable)
	b.page("clipzy", stored)
	b.write("web/appzy.html", wall) // fails in the second week and ever since
	b.once("2026-11-10T08:00:00Z", exitUnreadable)
	b.must("2026-11-12T07:00:00Z", exitOK, "track", "remove", "Wavezy")
	b.write("web/clipzy.html", wall)
	b.once("2026-11-18T08:00:00Z", exitUnreadable)

	for week, want := range map[string]string{
		"2026-W45": "Clipzy since 2026-11-05, seen 2026-11-02, alarm 0; Wavezy since 2026-11-05, seen 2026-11-02, alarm 0",
		"2026-W46": "Appzy since 2026-11-10, seen 2026-11-05, alarm 10",
		"2026-W47": "Appzy since 2026-11-10, seen 2026-11-05, alarm 17; Clipzy since 2026-11-18, seen 2026-11-10, alarm 12",
	} {
		out, _ := b.must("2026-11-24T08:00:00Z", exitOK, "digest", "--week", week, "--format", "json")
		var d digest.Digest
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range d.Unverified {
			got = append(got, fmt.Sprintf("%s since %s, seen %s, alarm %d", u.Terms.Service, u.Since.Format("2006-01-02"), u.Verified.Format("2006-01-02"), u.Alarm))
		}
		slices.Sort(got)
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s:\n%s, want\n%s", week, s, want)
		}
	}
}

// A language of the command line holds over that of a list, and that over the one of the settings.
func TestLanguageOfDigest(t *testing.T) {
	b := newTroubleBench(t, strings.Replace(troubleSettings, "{name: legal,", "{name: legal, locale: fr,", 1)+"locale: nl\n")
	for want, args := range map[string][]string{
		"Niets nieuws":     {"digest"},
		"Rien de nouveau":  {"digest", "--list", "legal"},
		"Nichts Neues":     {"--locale", "de", "digest", "--list", "legal"},
		"W47: Nothing new": {"--locale", "en", "digest", "--list", "legal"},
	} {
		if out, _ := b.must("2026-11-24T08:00:00Z", exitOK, append(args, "--week", "2026-W47")...); !strings.Contains(out, want) {
			t.Errorf("%v: no %q in\n%s", args, want, out)
		}
	}
}
