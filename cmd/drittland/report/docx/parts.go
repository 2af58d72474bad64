package docx

// This file writes the parts of the file beside the body, and puts them together.

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"
)

// Namespaces and types of Office Open XML.
const (
	nsW     = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsR     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsRel   = "http://schemas.openxmlformats.org/package/2006/relationships"
	nsTypes = "http://schemas.openxmlformats.org/package/2006/content-types"
	nsCore  = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
	typeW   = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	header  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// beside are the parts that the body refers to.
var beside = []string{"styles", "settings", "numbering", "comments", "footer"}

// Write writes the file. It fails if a block could not be written, or a comment was not opened and closed once.
func (d *Document) Write(w io.Writer) error {
	for id := range d.opened {
		if d.err == nil && (!d.opened[id] || !d.closed[id]) {
			d.fail(fmt.Errorf("docx: comment %d stands on no words", id))
		}
	}
	if d.err != nil {
		return d.err
	}
	z := zip.NewWriter(w)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes()},
		{"_rels/.rels", `<Relationships xmlns="` + nsRel + `"><Relationship Id="document" Type="` + nsR + `/officeDocument" Target="word/document.xml"/>` +
			`<Relationship Id="core" Type="` + nsRel + `/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", d.core()},
		{"word/_rels/document.xml.rels", d.relationships()},
		{"word/document.xml", d.document()},
		{"word/styles.xml", stylesPart(d.p.Language)},
		{"word/settings.xml", `<w:settings xmlns:w="` + nsW + `"><w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/>` +
			`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`},
		{"word/numbering.xml", d.numbering()},
		{"word/comments.xml", `<w:comments xmlns:w="` + nsW + `" xmlns:r="` + nsR + `">` + d.comments.String() + `</w:comments>`},
		{"word/footer.xml", d.footer()},
	} {
		// One fixed time: zip cannot hold earlier ones.
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, header+part.text); err != nil {
			return err
		}
	}
	return z.Close()
}

func contentTypes() string {
	var b strings.Builder
	b.WriteString(`<Types xmlns="` + nsTypes + `"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="` + typeW + `document.main+xml"/>`)
	for _, p := range beside {
		fmt.Fprintf(&b, `<Override PartName="/word/%s.xml" ContentType="%s%s+xml"/>`, p, typeW, p)
	}
	b.WriteString(`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`)
	return b.String()
}

func (d *Document) relationships() string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="` + nsRel + `">`)
	for _, p := range beside {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s/%s" Target="%s.xml"/>`, p, nsR, p, p)
	}
	for i, to := range d.links {
		fmt.Fprintf(&b, `<Relationship Id="link%d" Type="%s/hyperlink" Target="%s" TargetMode="External"/>`, i+1, nsR, escape(to))
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

func (d *Document) document() string {
	return `<w:document xmlns:w="` + nsW + `" xmlns:r="` + nsR + `"><w:body>` + d.body.String() + `<w:sectPr><w:footerReference w:type="default" r:id="footer"/>` +
		fmt.Sprintf(`<w:pgSz w:w="%d" w:h="%d"/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="624" w:footer="567" w:gutter="0"/>`,
			pageWidth, pageHeight, marginTop, marginSide, marginTop, marginSide) + `</w:sectPr></w:body></w:document>`
}

// core is docProps/core.xml.
func (d *Document) core() string {
	var b strings.Builder
	b.WriteString(`<cp:coreProperties xmlns:cp="` + nsCore + `" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	for _, p := range []struct{ name, value string }{{"dc:title", d.p.Title}, {"dc:subject", d.p.Subject}, {"dc:creator", d.p.Creator}, {"dc:language", region(d.p.Language)}} {
		if p.value != "" {
			fmt.Fprintf(&b, `<%s>%s</%s>`, p.name, property(p.value), p.name)
		}
	}
	if !d.p.Created.IsZero() {
		for _, name := range []string{"created", "modified"} {
			fmt.Fprintf(&b, `<dcterms:%s xsi:type="dcterms:W3CDTF">%s</dcterms:%s>`, name, d.p.Created.UTC().Format("2006-01-02T15:04:05Z"), name)
		}
	}
	b.WriteString(`</cp:coreProperties>`)
	return b.String()
}

// numbering is word/numbering.xml: bullets, and numbers that each list counts from 1.
func (d *Document) numbering() string {
	var b strings.Builder
	b.WriteString(`<w:numbering xmlns:w="` + nsW + `">`)
	kinds := []func(level int) (string, string){
		func(level int) (string, string) { return "bullet", []string{"•", "–", "▪"}[level%3] },
		func(level int) (string, string) {
			return []string{"decimal", "lowerLetter", "lowerRoman"}[level%3], fmt.Sprintf("%%%d.", level+1)
		},
	}
	for k, kind := range kinds {
		fmt.Fprintf(&b, `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="multilevel"/>`, k)
		for level := range 9 {
			form, text := kind(level)
			fmt.Fprintf(&b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="%d" w:hanging="340"/></w:pPr></w:lvl>`,
				level, form, text, 454+397*level)
		}
		b.WriteString(`</w:abstractNum>`)
	}
	fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="0"/></w:num>`, Bullets)
	for i := range d.lists {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, int(Bullets)+1+i)
	}
	b.WriteString(`</w:numbering>`)
	return b.String()
}

// footer is word/footer.xml: words of the caller and the number of the page.
func (d *Document) footer() string {
	var b strings.Builder
	text := func(s string) {
		if s != "" {
			b.WriteString(`<w:r><w:t xml:space="preserve">` + escape(Line(s)) + `</w:t></w:r>`)
		}
	}
	b.WriteString(`<w:ftr xmlns:w="` + nsW + `" xmlns:r="` + nsR + `"><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>`)
	text(d.p.Footer)
	if d.p.Pages != "" {
		b.WriteString(`<w:r><w:tab/></w:r>`)
		for i, part := range strings.SplitN(d.p.Pages, "%s", 3) {
			if i > 0 {
				fmt.Fprintf(&b, `<w:fldSimple w:instr=" %s "><w:r><w:t>1</w:t></w:r></w:fldSimple>`, []string{"PAGE", "NUMPAGES"}[i-1])
			}
			text(part)
		}
	}
	b.WriteString(`</w:p></w:ftr>`)
	return b.String()
}
