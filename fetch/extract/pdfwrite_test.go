package extract

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// A pdfFile is a small PDF to be written: objects by number, of which pages adds the usual ones.
type pdfFile struct {
	objects map[int]string
	last    int
	trailer string // more entries
}

func newPDF() *pdfFile { return &pdfFile{objects: map[int]string{}, last: 10} }

func (f *pdfFile) add(object string) int {
	f.last++
	f.objects[f.last] = object
	return f.last
}

func streamObject(dict, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

// pages adds pages that the given operators draw. F1 is Helvetica, F2 bold, F3 has ligatures, F4 bullets.
func (f *pdfFile) pages(more string, contents ...string) *pdfFile {
	f.objects[1] = "<< /Type /Catalog /Pages 2 0 R >>"
	f.objects[3] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
	f.objects[4] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"
	f.objects[5] = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << /Differences [ 1 /fi /ffi /adieresis /uni00DF /afii10065 ] >> >>"
	f.objects[6] = "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"
	var kids []string
	for _, c := range contents {
		content := f.add(streamObject("", c))
		page := f.add(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>", content, more))
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
	}
	f.objects[2] = fmt.Sprintf("<< /Type /Pages /Kids [ %s ] /Count %d /MediaBox [ 0 0 595 842 ] /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R /F4 6 0 R >> >> >>",
		strings.Join(kids, " "), len(kids))
	return f
}

// bytes writes the file with a table of its objects.
func (f *pdfFile) bytes() []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := map[int]int{}
	for n := 1; n <= f.last; n++ {
		if o, ok := f.objects[n]; ok {
			at[n] = out.Len()
			fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", n, o)
		}
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", f.last+1)
	for n := 1; n <= f.last; n++ {
		fmt.Fprintf(&out, "%010d 00000 n \n", at[n])
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", f.last+1, f.trailer, xref)
	return out.Bytes()
}

// packed writes the file as newer programs do: all but streams within a packed stream of objects.
func (f *pdfFile) packed() []byte {
	var head, body, out bytes.Buffer
	n := 0
	out.WriteString("%PDF-2.0\n")
	for i := 1; i <= f.last; i++ {
		o, ok := f.objects[i]
		if !ok {
			continue
		}
		if strings.Contains(o, "stream\n") {
			fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i, o)
			continue
		}
		fmt.Fprintf(&head, "%d %d ", i, body.Len())
		body.WriteString(o + "\n")
		n++
	}
	data := pngUp(head.String()+body.String(), 16)
	fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", f.last+1, streamObject(fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 16 >>", n, head.Len()), deflate(data)))
	fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\nstartxref\n0\n%%%%EOF\n", f.last+2, streamObject("/Type /XRef /Root 1 0 R "+f.trailer, "x"))
	return out.Bytes()
}

// pngUp applies the predictor of PNG that takes the difference to the line above.
func pngUp(s string, columns int) string {
	var out bytes.Buffer
	above := make([]byte, columns)
	for len(s) > 0 {
		line := []byte(s[:min(len(s), columns)])
		s = s[len(line):]
		out.WriteByte(2)
		for i, c := range line {
			out.WriteByte(c - above[i])
		}
		copy(above, line)
	}
	return out.String()
}

func deflate(s string) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return out.String()
}

// at draws text in a font of a size at a place.
func at(x, y float64, font string, size int, text string) string {
	text = strings.NewReplacer("(", `\(`, ")", `\)`).Replace(text)
	return fmt.Sprintf("BT /%s %d Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n", font, size, x, y, text)
}

// lines draws lines of the body one below the other.
func lines(x, y float64, text ...string) string {
	var s strings.Builder
	for _, l := range text {
		s.WriteString(at(x, y, "F1", 11, l))
		y -= 14
	}
	return s.String()
}
