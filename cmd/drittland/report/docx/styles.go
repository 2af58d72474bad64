package docx

// This file holds the styles: A4, a sans-serif type that is everywhere, real heading styles.

import (
	"fmt"
	"strings"
)

// A Style is the id of a paragraph style.
type Style string

// The styles beside those of Heading. Those that begin with Front are for what stands around a text that is not the
// document's own, so that both can be told apart.
const (
	Body         Style = ""
	Title        Style = "Title"
	Subtitle     Style = "Subtitle"
	Quote        Style = "Quote"
	Small        Style = "Small"
	ListItem     Style = "ListParagraph"
	TableText    Style = "TableText"
	RowStart     Style = "RowStart" // first cell of a row of a table that is compared
	RowCell      Style = "RowCell"  // further cell of such a row
	FrontTitle   Style = "FrontTitle"
	FrontHeading Style = "FrontHeading"
	Front        Style = "Front"
	FrontSmall   Style = "FrontSmall"
	FrontTable   Style = "FrontTable"
	commentText  Style = "CommentText"
)

// Heading is the style of a heading of a level from 1 to 6; others are taken for the nearest.
func Heading(level int) Style { return Style(fmt.Sprintf("Heading%d", min(max(level, 1), 6))) }

// Measures in twentieths of a point: A4 and its margins.
const (
	pageWidth, pageHeight = 11906, 16838
	marginSide, marginTop = 1304, 1247
	textWidth             = pageWidth - 2*marginSide
	font, codeFont        = "Arial", "Courier New"
)

// A format is one style: what it is called and what stands in its pPr and rPr, in the order of the schema.
type format struct {
	id       Style
	name     string
	pPr, rPr string
}

const (
	bold  = `<w:b/><w:bCs/>`
	keep  = `<w:keepNext/><w:keepLines/>`
	grey  = `<w:color w:val="57606A"/>`
	front = `<w:spacing w:before="0" w:after="80"/>`
)

func size(halfPoints int) string {
	return fmt.Sprintf(`<w:sz w:val="%d"/><w:szCs w:val="%d"/>`, halfPoints, halfPoints)
}

func spacing(before, after int) string {
	return fmt.Sprintf(`<w:spacing w:before="%d" w:after="%d"/>`, before, after)
}

func formats() []format {
	list := []format{
		{Title, "Title", keep + spacing(0, 120), bold + size(36)},
		{Subtitle, "Subtitle", spacing(0, 240), grey + size(24)},
		{Quote, "Quote", `<w:pBdr><w:left w:val="single" w:sz="12" w:space="8" w:color="8FA8C8"/></w:pBdr>` + spacing(60, 120) + `<w:ind w:left="400" w:right="400"/>`, `<w:color w:val="24416B"/>`},
		{Small, "Small", spacing(0, 80), grey + size(17)},
		{ListItem, "List Paragraph", spacing(0, 60), ""},
		{TableText, "Table Text", spacing(40, 40), size(18)},
		{RowStart, "Row Start", spacing(40, 40), size(19)},
		{RowCell, "Row Cell", spacing(40, 40), size(19)},
		{FrontTitle, "Front Title", keep + spacing(0, 160), bold + size(32)},
		{FrontHeading, "Front Heading", keep + spacing(240, 80), bold + size(24)},
		{Front, "Front", front, size(20)},
		{FrontSmall, "Front Small", spacing(60, 80), grey + size(17)},
		{FrontTable, "Front Table", spacing(40, 40), size(18)},
		{commentText, "annotation text", spacing(0, 40), size(20)},
		{"Footer", "footer", fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, textWidth) + spacing(0, 0), grey + size(16)},
	}
	for level, half := range []int{32, 27, 24, 22, 21, 21} {
		list = append(list, format{Heading(level + 1), fmt.Sprintf("heading %d", level+1),
			keep + spacing(360-40*level, 120) + fmt.Sprintf(`<w:outlineLvl w:val="%d"/>`, level), bold + size(half)})
	}
	return list
}

// stylesPart is word/styles.xml.
func stylesPart(lang string) string {
	var b strings.Builder
	b.WriteString(`<w:styles xmlns:w="` + nsW + `"><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="` + font + `" w:hAnsi="` + font + `" w:eastAsia="` + font + `" w:cs="` + font + `"/>` + size(21) +
		`<w:lang w:val="` + region(lang) + `" w:eastAsia="ja-JP" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>` +
		`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/>` +
		`<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
		`<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/></w:style>`)
	for _, f := range formats() {
		next := ""
		if strings.HasPrefix(f.name, "heading ") || f.id == Title || f.id == Subtitle {
			next = `<w:next w:val="Normal"/>`
		}
		fmt.Fprintf(&b, `<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/>%s<w:qFormat/><w:pPr>%s</w:pPr>`, f.id, f.name, next, f.pPr)
		if f.rPr != "" {
			b.WriteString(`<w:rPr>` + f.rPr + `</w:rPr>`)
		}
		b.WriteString(`</w:style>`)
	}
	b.WriteString(`<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0B5394"/><w:u w:val="dotted"/></w:rPr></w:style>` +
		`<w:style w:type="character" w:styleId="CommentReference"><w:name w:val="annotation reference"/><w:rPr><w:sz w:val="16"/><w:szCs w:val="16"/></w:rPr></w:style>` +
		`<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="B0B8C0"/>`)
	}
	b.WriteString(`</w:tblBorders></w:tblPr></w:style></w:styles>`)
	return b.String()
}
