package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A scriptModel speaks chat completions below /v1. What it says stands in the file model.json of a folder; without it, it says nothing of
// interest. Of facts it gives those whose quote stands in the passage, and a verdict likewise, unless it lies. It adds a line to the file
// asked for each question.
type scriptModel struct {
	dir string
	mu  sync.Mutex
}

// modelFile is what the file says.
type modelFile struct {
	Status  int              // of HTTP, in the place of an answer
	After   int              // questions that are answered before that
	Raw     string           // an answer as it stands
	Lies    bool             // also what does not stand in the passage
	Facts   []map[string]any // with what is not "" or false
	Verdict string           // on findings of Check
	Check   string           // "" for all
	Quote   string           // of the verdict
}

func (f *scriptModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ask struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || json.NewDecoder(r.Body).Decode(&ask) != nil || len(ask.Messages) < 2 {
		http.Error(w, "no chat completion", http.StatusNotFound)
		return
	}
	var say modelFile
	if b, err := os.ReadFile(filepath.Join(f.dir, "model.json")); err == nil {
		if err := json.Unmarshal(b, &say); err != nil {
			panic(fmt.Sprint("model.json: ", err))
		}
	}
	log := filepath.Join(f.dir, "asked")
	before, _ := os.ReadFile(log) // none at first
	if say.Status != 0 && strings.Count(string(before), "\n") >= say.After {
		http.Error(w, "as the file says", say.Status)
		return
	}
	job, data := "read", ask.Messages[1].Content
	if strings.Contains(ask.Messages[0].Content, `"verdict"`) {
		job = "review"
	}
	if err := os.WriteFile(log, fmt.Appendf(before, "%s %s key=%q\n", ask.Model, job, r.Header.Get("Authorization")), 0o644); err != nil {
		panic(err)
	}
	text := say.Raw
	if text == "" {
		text = say.answer(job, data)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": "1", "object": "chat.completion", "model": ask.Model, // to memory of the client
		"choices": []any{map[string]any{"index": 0, "message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}},
		"usage":   map[string]int{"prompt_tokens": 500, "completion_tokens": 40, "total_tokens": 540}})
}

// answer is the answer to one question.
func (m *modelFile) answer(job, data string) string {
	_, mark, _ := strings.Cut(data, "\n<<<DATA ")
	mark, passage, _ := strings.Cut(mark, "\n")
	lacks := func(quote any) bool { s, _ := quote.(string); return !m.Lies && !strings.Contains(passage, s) }
	if job == "review" {
		if m.Verdict == "" || lacks(m.Quote) || !strings.HasPrefix(data, "Finding "+m.Check) {
			return modelSays(mark, m.Check+"?", nil, "unsure", "")
		}
		return modelSays(mark, m.Check+"?", nil, m.Verdict, m.Quote)
	}
	return modelSays(mark, "", slices.DeleteFunc(slices.Clone(m.Facts), func(f map[string]any) bool { return lacks(f["quote"]) }), "", "")
}
