package extract

// This file takes out of a document what changes with each visit and says nothing, where a declaration asks for it. A lost
// clause is worse than a counter that stays: words are dropped only from short lines, and nothing from the cells of tables.

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

// The steps of normalising.
const (
	StripTracking = "strip_tracking" // link targets lose the parameters that follow a visitor or a campaign
	DropIDs       = "drop_ids"       // long machine-made identifiers: in the text, and in queries and fragments of link targets
	DropDates     = "drop_dates"     // dates and times of day of short lines, such as "Today is 3 May 2026, 10:15"
	DropCounters  = "drop_counters"  // numbers of views, comments and the like of short lines
)

// Steps are the steps of Input.Normalise.
var Steps = []string{StripTracking, DropIDs, DropDates, DropCounters}

// shortLine is the number of words up to which a block may be there for its date or its counter.
const shortLine = 12

// knownSteps refuses steps that there are not.
func knownSteps(steps []string) error {
	for _, s := range steps {
		if !slices.Contains(Steps, s) {
			return fmt.Errorf("normalise: %q is no step; there are %s", s, strings.Join(Steps, ", "))
		}
	}
	return nil
}

// normalise takes out of d what the steps name, and gives the title without it.
func normalise(d *snapshots.Document, title string, steps []string) string {
	if len(steps) == 0 {
		return title
	}
	cuts := make([][]snapshots.Span, len(d.Blocks))
	for i := range d.Blocks {
		b := &d.Blocks[i]
		cuts[i] = cutsOf(d.Quote(b.Span), steps, b.Kind == snapshots.Cell)
		for j := range b.Links {
			b.Links[j].Target = cleanTarget(b.Links[j].Target, steps)
		}
		if slices.Contains(steps, DropIDs) && len(idsIn(b.Anchor)) > 0 {
			b.Anchor = ""
		}
	}
	cutOut(d, cuts)
	title, _ = without(title, cutsOf(title, steps, false))
	return title
}

// cutsOf are the parts of a block that the steps take out, in order and apart from each other.
func cutsOf(s string, steps []string, cell bool) []snapshots.Span {
	var cuts []snapshots.Span
	if slices.Contains(steps, DropIDs) {
		cuts = append(cuts, idsIn(s)...)
	}
	if !cell && len(s) < 400 && wordCount(s) <= shortLine {
		if slices.Contains(steps, DropDates) {
			cuts = append(cuts, datesIn(s)...)
		}
		if slices.Contains(steps, DropCounters) {
			cuts = append(cuts, countersIn(s)...)
		}
	}
	slices.SortFunc(cuts, func(a, b snapshots.Span) int { return a.Start - b.Start })
	var apart []snapshots.Span
	for _, c := range cuts {
		if n := len(apart); n > 0 && c.Start <= apart[n-1].End {
			apart[n-1].End = max(apart[n-1].End, c.End)
			continue
		}
		apart = append(apart, c)
	}
	return apart
}

var longToken = lazily(`[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*`)
var uuidForm = lazily(`^(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// idsIn are the machine-made identifiers of s: UUIDs, 16 or more hexadecimal digits, and 20 or more mixed letters and digits.
func idsIn(s string) []snapshots.Span {
	if len(s) < 16 {
		return nil
	}
	var out []snapshots.Span
	for _, m := range longToken().FindAllStringIndex(s, -1) {
		if machineMade(s[m[0]:m[1]]) {
			out = append(out, snapshots.Span{Start: m[0], End: m[1]})
		}
	}
	return out
}

func machineMade(t string) bool {
	if len(t) < 16 || uuidForm().MatchString(t) {
		return len(t) >= 16
	}
	var digits, hex, upper, lower, turns int // turns from letters to digits and back: an account number has one
	for i, c := range t {
		if i > 0 && unicode.IsDigit(c) != unicode.IsDigit(rune(t[i-1])) {
			turns++
		}
		switch {
		case c == '-':
			return false
		case '0' <= c && c <= '9':
			digits++
			hex++
		case 'A' <= c && c <= 'Z':
			upper++
		default:
			lower++
		}
		if 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' {
			hex++
		}
	}
	return turns >= 3 && (hex == len(t) && (upper == 0 || lower == 0) || len(t) >= 20 && digits >= 3 && upper > 0 && lower > 0)
}

var clock = lazily(`\b[0-2]?[0-9][:.][0-5][0-9](?:[:.][0-5][0-9])?(?: ?[ap]\.?m\.?)?(?: (?:UTC|GMT|CES?T|[EP][SD]T)| Uhr)?\b|\b[0-2]?[0-9]:[0-5][0-9]\b`)

// datesIn are the dates of s, and the times of day if there is a date.
func datesIn(s string) []snapshots.Span {
	out := dates.Spans(s)
	if len(out) > 0 {
		for _, m := range clock().FindAllStringIndex(s, -1) {
			out = append(out, snapshots.Span{Start: m[0], End: m[1]})
		}
	}
	return out
}

// counted are the things that pages count, in the languages that lexicons read furthest, and some more.
const counted = `views?|visits?|visitors?|readers?|reads|likes?|comments?|shares?|downloads?|followers?|reactions?|votes?|ratings?|reviews?|people found this helpful|` +
	`aufrufe?|besucher|kommentare?|downloads|bewertungen|stimmen|mal gelesen|vues?|commentaires?|partages?|téléchargements?|avis|lectures?|weergaven|bezoekers|reacties|` +
	`beoordelingen|visitas|visualizaciones|comentarios|descargas|votos|visualizzazioni|commenti|visualizações|comentários|` +
	`min(?:ute)?s?\.? read|min\. lesezeit|minuten lesezeit|min(?:utes)? de lecture|min(?:uten)? leestijd`

var counter = lazily(`(?i)(?:^|[^\pL\pN])([0-9][0-9.,'\x{00a0}\x{202f}]*(?: ?[km])?\+? ?(?:` + counted + `))(?:$|[^\pL\pN])|(?:^|[^\pL\pN])((?:` + counted +
	`) ?[:(] ?[0-9][0-9.,'\x{00a0}\x{202f}]*(?: ?[km])?\+?\)?)`)

// countersIn are the numbers of s with what they count.
func countersIn(s string) []snapshots.Span {
	var out []snapshots.Span
	for _, m := range counter().FindAllStringSubmatchIndex(s, -1) {
		i := 2
		if m[2] < 0 {
			i = 4
		}
		out = append(out, snapshots.Span{Start: m[i], End: m[i+1]})
	}
	return out
}

// cutOut takes spans, relative to their blocks, out of the text. A block of which no letter or digit stays goes, too.
func cutOut(d *snapshots.Document, cuts [][]snapshots.Span) {
	var text strings.Builder
	var blocks []snapshots.Block
	at := make([]int, len(d.Blocks)) // new numbers of the blocks, -1 for those that go
	for i, b := range d.Blocks {
		s := d.Quote(b.Span)
		kept, place := without(s, cuts[i])
		at[i] = -1
		if len(cuts[i]) > 0 && !strings.ContainsFunc(kept, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte(d.Text[b.Span.Start-1]) // what separates it from the block before
		}
		start := text.Len()
		text.WriteString(kept)
		b.Links = moved(b.Links, b.Span.Start, func(i int) int { return start + place(i) })
		b.Span = snapshots.Span{Start: start, End: text.Len()}
		at[i] = len(blocks)
		blocks = append(blocks, b)
	}
	for i := range blocks {
		h := blocks[i].Heading
		for h >= 0 && at[h] < 0 {
			h = d.Blocks[h].Heading
		}
		if h >= 0 {
			h = at[h]
		}
		blocks[i].Heading = h
	}
	d.Text, d.Blocks = text.String(), blocks
}

// moved are the links of a block after the cuts: at says where each offset of it is now. One whose words are cut goes.
func moved(links []snapshots.Link, old int, at func(int) int) []snapshots.Link {
	var out []snapshots.Link
	for _, l := range links {
		l.Span = snapshots.Span{Start: at(l.Span.Start - old), End: at(l.Span.End - old)}
		if l.Span.Len() > 0 {
			out = append(out, l)
		}
	}
	return out
}

// without is s without the cuts, and without the spaces that stood around them; at says where an offset of s is in it.
func without(s string, cuts []snapshots.Span) (kept string, at func(int) int) {
	if len(cuts) == 0 {
		return s, func(i int) int { return i }
	}
	out := make([]byte, 0, len(s))
	to := make([]int, len(s)+1)
	for i := range len(s) {
		to[i] = len(out)
		for len(cuts) > 0 && cuts[0].End <= i {
			cuts = cuts[1:]
		}
		cut := len(cuts) > 0 && cuts[0].Start <= i
		if !cut && (s[i] != ' ' || len(out) > 0 && out[len(out)-1] != ' ') {
			out = append(out, s[i])
		}
	}
	to[len(s)] = len(out)
	kept = strings.TrimRight(string(out), " ")
	return kept, func(i int) int { return min(to[i], len(kept)) }
}

// tracking are parameters that say who comes and from where, and beginnings of such.
var (
	tracking = wordSet(`gclid gclsrc dclid gbraid wbraid fbclid msclkid yclid twclid ttclid li_fat_id mc_cid mc_eid igshid igsh _ga _gl _ke mkt_tok
		vero_id vero_conv wickedid srsltid s_cid cmpid icid ncid oly_enc_id oly_anon_id rb_clickid trk trkcampaign hsctatracking ref_src
		jsessionid phpsessid aspsessionid sessionid session_id sid cfid cftoken`)
	trackingPrefixes = []string{"utm_", "_hs", "hsa_", "pk_", "mtm_", "piwik_", "matomo_", "at_campaign", "at_medium"}
)

var sessionInPath = lazily(`(?i);(?:jsessionid|phpsessid|sid)=[^/?#;]*`)

// cleanTarget is a link target without what the steps take out.
func cleanTarget(target string, steps []string) string {
	track, ids := slices.Contains(steps, StripTracking), slices.Contains(steps, DropIDs)
	if !track && !ids || !strings.ContainsAny(target, "?#;") {
		return target
	}
	rest, fragment, hasFragment := strings.Cut(target, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	if track {
		path = sessionInPath().ReplaceAllString(path, "")
	}
	var keep []string
	if hasQuery {
		for p := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(p, "=")
			if v, err := url.QueryUnescape(value); err == nil {
				value = v
			}
			if !(track && isTracking(name) || ids && len(idsIn(value)) > 0) {
				keep = append(keep, p)
			}
		}
	}
	out := path
	if len(keep) > 0 {
		out += "?" + strings.Join(keep, "&")
	}
	if hasFragment && !(ids && len(idsIn(fragment)) > 0) {
		out += "#" + fragment
	}
	return out
}

func isTracking(name string) bool {
	name = strings.ToLower(name)
	return tracking[name] || slices.ContainsFunc(trackingPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
