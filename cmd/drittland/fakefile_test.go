package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"strings"
)

// asFile is a text as a file of a kind, pdf or docx, with the type that servers give it. A line that begins with "# " is a
// heading, every other one a paragraph.
func asFile(kind, text string) (body []byte, mediaType string) {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n")
	if kind == "pdf" {
		return asPDF(paragraphs), "application/pdf"
	}
	return asDOCX(paragraphs), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
}

// asPDF sets paragraphs in lines of 80 characters on pages of 40 lines.
func asPDF(paragraphs []string) []byte {
	const foot = 120
	pages, y := []*strings.Builder{{}}, 780
	for _, p := range paragraphs {
		font, size := "F1", 11
		if h, ok := strings.CutPrefix(p, "# "); ok {
			p, font, size = h, "F2", 18
		}
		line := ""
		flush := func() {
			if y < foot {
				pages, y = append(pages, &strings.Builder{}), 780
			}
			fmt.Fprintf(pages[len(pages)-1], "BT /%s %d Tf 60 %d Td (%s) Tj ET\n", font, size, y, strings.NewReplacer(`(`, `\(`, `)`, `\)`).Replace(line))
			line, y = "", y-14
		}
		for _, word := range strings.Fields(p) {
			if len(line)+len(word) > 80 {
				flush()
			}
			line = strings.TrimSpace(line + " " + word)
		}
		flush()
		y -= 14
	}
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"}
	kids := ""
	for _, p := range pages {
		objects = append(objects, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", p.Len(), p), fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Contents %d 0 R >>", len(objects)+1))
		kids += fmt.Sprintf("%d 0 R ", len(objects))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [ %s] /Count %d /MediaBox [ 0 0 595 842 ] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>", kids, len(pages))
	var out, table bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, at)
	return out.Bytes()
}

func asDOCX(paragraphs []string) []byte {
	var text strings.Builder
	for _, p := range paragraphs {
		style := ""
		if h, ok := strings.CutPrefix(p, "# "); ok {
			p, style = h, `<w:outlineLvl w:val="0"/>`
		}
		fmt.Fprintf(&text, "<w:p><w:pPr>%s</w:pPr><w:r><w:t>%s</w:t></w:r></w:p>", style, html.EscapeString(p))
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"word/document.xml", `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>` + text.String() + `</w:body></w:document>`},
	} {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(f[1]))
		}
		if err != nil {
			panic(fmt.Sprint("into memory: ", err))
		}
	}
	_ = z.Close() // into memory
	return out.Bytes()
}
