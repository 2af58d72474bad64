package llm

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

// fill sets every field to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("x\u2028<")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// An opinion and its record have one encoding, so that they have one ID, and nothing is lost on either way.
func TestRecordHasTheSameBytes(t *testing.T) {
	var o Opinion
	fill(reflect.ValueOf(&o).Elem())
	o.Cached = false
	rec, err := o.Record()
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := snapshots.Encode(&o)
	got, err2 := snapshots.Encode(&rec)
	if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
		t.Errorf("%s\n%s\n%v %v", want, got, err1, err2)
	}
	back, err := Recorded(&rec)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(o, back); d != "" {
		t.Error(d)
	}
	var all snapshots.Opinion
	fill(reflect.ValueOf(&all).Elem())
	if o, err = Recorded(&all); err != nil {
		t.Fatal(err)
	}
	if again, err := o.Record(); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("a field of the record is lost: %s", cmp.Diff(all, again))
	}
	if MaxRaw != snapshots.MaxRawAnswer || MaxFacts != snapshots.MaxOpinionFacts {
		t.Error("the record is bounded otherwise than the opinion")
	}
}

func TestReplayHoldsTheText(t *testing.T) {
	const words = "We store data in Norland."
	f := &analyze.Facts{Document: &snapshots.Document{Language: "en", Text: words}}
	span := snapshots.Span{Start: 0, End: 8}
	good := Opinion{ID: "a", Job: ReviewJob, Document: snapshots.HashOf([]byte(words)), Finding: "f", Verdict: Disagree, Quote: words[:8], Span: &span}
	fact := Opinion{ID: "b", Job: ReadJob, Document: good.Document, Facts: []Fact{{Kind: "destination", Country: "NO", Quote: words[:8], Span: span}}}
	other, moved, far, none := good, good, fact, good
	other.Document = snapshots.HashOf(nil)
	moved.Span = &snapshots.Span{Start: 1, End: 9}
	far.Facts = []Fact{{Kind: "vague", Quote: words[:8], Span: snapshots.Span{Start: 0, End: 800}}}
	none.Span = nil
	r := Replay(f, []Opinion{good, other, fact, moved, far, none})
	if len(r.Doubted) != 1 || r.Doubted[0].Opinion != "a" || len(r.Added) != 1 || r.Added[0].Opinion != "b" || len(r.Opinions) != 2 || r.Counts.Cached != 2 {
		t.Errorf("%+v", r)
	}
	if r = Replay(nil, []Opinion{good}); len(r.Opinions) > 0 {
		t.Errorf("%+v", r)
	}
}
