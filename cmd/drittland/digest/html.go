package digest

// HTML for mail: one table, styles on the elements, since some clients drop the style block; no script, no image, nothing remote.

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/drittland/drittland/cmd/drittland/locale"
)

//go:embed page
var pages embed.FS

var parsed sync.Map // language → *template.Template

// templates are the pages with their words in one language.
func templates(l *locale.Words) *template.Template {
	if t, ok := parsed.Load(l.Language()); ok {
		return t.(*template.Template)
	}
	t := template.Must(template.New("").Funcs(template.FuncMap{"t": l.T, "f": l.F, "upper": strings.ToUpper, "css": css, "brackets": brackets, "days": unbrokenDays, "web": link, "in": func(v *view, e *entry) entryPage { return entryPage{v, e} }}).ParseFS(pages, "page/*"))
	parsed.Store(l.Language(), t)
	return t
}

// An entryPage is an entry with the words around it.
type entryPage struct {
	V *view
	E *entry
}

// Links are where to read on.
func (p entryPage) Links() [][2]string { return p.V.links(p.E) }

// The colours of light pages. Dark ones stand in the style block, for clients that know it. Each text reaches 4.5:1 on its ground.
const (
	ink   = "#1b1f24"
	soft  = "#4f5862"
	paper = "#ffffff"
	sheet = "#f3f5f8"
	rule  = "#c5ccd4"
	blue  = "#1d4f91"
)

const fonts = `font-family:-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;`

// styles are the styles of elements, by class.
var styles = map[string]string{
	"body":    "margin:0;padding:0;background:" + sheet + ";color:" + ink + ";" + fonts + "font-size:16px;line-height:1.5;",
	"outer":   "width:100%;background:" + sheet + ";border-collapse:collapse;",
	"inner":   "width:100%;max-width:680px;margin:0 auto;background:" + paper + ";border-collapse:collapse;",
	"cell":    "padding:20px 16px;text-align:left;color:" + ink + ";" + fonts + "font-size:16px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word;",
	"title":   "margin:0 0 4px;font-size:22px;line-height:1.3;font-weight:700;",
	"gist":    "margin:0 0 6px;font-size:17px;line-height:1.4;",
	"soft":    "margin:0;font-size:14px;line-height:1.5;color:" + soft + ";",
	"heading": "margin:28px 0 0;padding:6px 0 0;border-top:2px solid " + ink + ";font-size:17px;line-height:1.3;font-weight:700;",
	"service": "margin:16px 0 0;font-size:16px;line-height:1.4;font-weight:700;",
	"entry":   "margin:8px 0 0;padding:2px 0 2px 12px;border-left:4px solid " + rule + ";",
	"p":       "margin:4px 0 0;",
	"list":    "margin:6px 0 0;padding:0 0 0 20px;",
	"item":    "margin:2px 0 0;",
	"quote":   "margin:6px 0 0;padding:6px 10px;background:" + sheet + ";color:" + ink + ";font-size:15px;line-height:1.45;",
	"link":    "color:" + blue + ";",
	"code":    `font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:14px;`,
	"foot":    "margin:28px 0 0;padding:10px 0 0;border-top:1px solid " + rule + ";font-size:14px;line-height:1.5;color:" + soft + ";",
	"error":   "font-weight:700;color:#a3261d;",
	"alarm":   "font-weight:700;color:#a3261d;",
	"warning": "font-weight:700;color:#7a4f00;",
	"note":    "font-weight:700;color:#2b5d92;",
}

// edges are the colours beside an entry, by level.
var edges = map[string]string{"error": "#a3261d", "alarm": "#a3261d", "warning": "#7a4f00", "note": "#2b5d92"}

// css is the style of a class; for entries with the edge of their level.
func css(class string, level ...string) template.CSS {
	s := styles[class]
	if len(level) > 0 && edges[level[0]] != "" {
		s += fmt.Sprintf("border-left-color:%s;", edges[level[0]])
	}
	return template.CSS(s) // ours, not the text's
}

var dayIn = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`)

// unbrokenDays is text in which no day is broken between two lines, as phones do at its hyphens.
func unbrokenDays(s string) template.HTML {
	return template.HTML(dayIn.ReplaceAllString(template.HTMLEscapeString(s), `<span style="white-space:nowrap;">$0</span>`)) // escaped but for ours
}

// HTML writes a digest as a mail in HTML for a reader, who may be nobody.
func HTML(w io.Writer, d *Digest, to Reader) error {
	v := newView(d, to)
	return templates(v.Words).ExecuteTemplate(w, "mail.html", v)
}
