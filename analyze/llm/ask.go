package llm

// Asking: one question to a server that speaks chat completions, in the dialect that it understands.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sashabaranov/go-openai"
)

// A dialect is what a server was found to take.
type dialect struct {
	format     int  // of answers: 0 json_schema, 1 json_object, 2 whatever the prompt says
	noHeat     bool // it takes no temperature
	newMaximum bool // max_completion_tokens instead of max_tokens
	changes    int  // from the first dialect
}

// maxDialects bounds the dialects that are tried for one question.
const maxDialects = 5

// An asker asks one endpoint, and learns what it takes.
type asker struct {
	*Reader
	limits Limits
	sends  *sender
	client *openai.Client
	mu     sync.Mutex
	speaks dialect
}

func (r *Reader) asker(l Limits) *asker {
	c := openai.DefaultConfig(r.Key)
	s := r.sender(l)
	c.BaseURL, c.HTTPClient = r.Endpoint, s
	return &asker{Reader: r, limits: l, sends: s, client: openai.NewClientWithConfig(c)}
}

// reply is what came back for one request.
type reply struct {
	raw, finish, served string
	tokens              Usage
}

// once sends messages and gives the answer. Where the server refuses the form of the request it is asked in another one,
// which is kept for the questions to come.
func (a *asker) once(ctx context.Context, job Job, messages []Message) (reply, *Problem) {
	a.mu.Lock()
	d := a.speaks
	a.mu.Unlock()
	for {
		resp, err := a.client.CreateChatCompletion(ctx, a.request(job, messages, d))
		if err == nil {
			a.learn(d)
			return a.reply(messages, &resp)
		}
		next, ok := d.after(err)
		if !ok || next.changes >= maxDialects {
			return reply{}, a.problem(ctx, err)
		}
		d = next
	}
}

// learn keeps a dialect that worked, unless another question found one that asks less of the server.
func (a *asker) learn(d dialect) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d.changes > a.speaks.changes {
		a.speaks = d
	}
}

func (a *asker) request(job Job, messages []Message, d dialect) openai.ChatCompletionRequest {
	req := openai.ChatCompletionRequest{Model: a.Model}
	for _, m := range messages {
		req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	if !d.noHeat {
		req.Temperature = math.SmallestNonzeroFloat32 // zero is not sent
	}
	if d.newMaximum {
		req.MaxCompletionTokens = a.limits.AnswerTokens
	} else {
		req.MaxTokens = a.limits.AnswerTokens //nolint:staticcheck // deprecated by one service; many local servers know no other
	}
	switch d.format {
	case 0:
		req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: string(job), Schema: json.RawMessage(prompts()[job].schema), Strict: true}}
	case 1:
		req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	return req
}

// after is the dialect to try where a server, or the client on its behalf, refused the form of a request.
func (d dialect) after(err error) (dialect, bool) {
	d.changes++
	if errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated) {
		was := d.newMaximum
		d.newMaximum = true
		return d, !was
	}
	if errors.Is(err, openai.ErrReasoningModelLimitationsOther) || errors.Is(err, openai.ErrReasoningSamplingUnsupported) {
		was := d.noHeat
		d.noHeat = true
		return d, !was
	}
	status, message := failure(err)
	if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity && status != http.StatusNotImplemented || unknownModel(err) {
		return d, false
	}
	switch {
	case strings.Contains(message, "max_completion_tokens") && !d.newMaximum, strings.Contains(message, "max_tokens") && !d.newMaximum:
		d.newMaximum = true
	case strings.Contains(message, "temperature") && !d.noHeat:
		d.noHeat = true
	case d.format < 2:
		d.format++
	default:
		return d, false
	}
	return d, true
}

// failure is the HTTP status that an error reports, 0 if none, and what the server said, in lower case.
func failure(err error) (status int, message string) {
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.As(err, &api):
		return api.HTTPStatusCode, strings.ToLower(api.Message)
	case errors.As(err, &request):
		return request.HTTPStatusCode, strings.ToLower(string(request.Body[:min(len(request.Body), 4000)]))
	}
	return 0, ""
}

// unknownModel reports whether the server, or the client, says that there is no such model for chats.
func unknownModel(err error) bool {
	status, message := failure(err)
	var api *openai.APIError
	return errors.Is(err, openai.ErrChatCompletionInvalidModel) || status == http.StatusNotFound ||
		errors.As(err, &api) && fmt.Sprint(api.Code) == "model_not_found" ||
		status >= 400 && status < 500 && strings.Contains(message, "model") && (strings.Contains(message, "not found") || strings.Contains(message, "does not exist"))
}

// reply reads a response. What the server says of tokens is believed where it says something that can be.
func (a *asker) reply(messages []Message, resp *openai.ChatCompletionResponse) (reply, *Problem) {
	if len(resp.Choices) == 0 {
		return reply{}, &Problem{Kind: Broken, Detail: "the answer is no chat completion", Sent: true}
	}
	c := resp.Choices[0]
	x := reply{raw: c.Message.Content, finish: string(c.FinishReason)}
	if x.raw == "" && c.Message.Refusal != "" {
		x.raw, x.finish = c.Message.Refusal, finishRefusal
	}
	asked, said := estimateAll(messages), min(estimate(c.Message.Content), a.limits.AnswerTokens)
	x.tokens = Usage{count(resp.Usage.PromptTokens, asked, 0), count(resp.Usage.CompletionTokens, said, a.limits.AnswerTokens)}
	x.raw = a.scrub(x.raw)
	if len(x.raw) > MaxRaw {
		x.raw, x.finish = clip(x.raw, MaxRaw), finishLong
	}
	x.finish = clip(a.scrub(x.finish), 40)
	if resp.Model != a.Model {
		x.served = clip(a.scrub(resp.Model), 200)
	}
	return x, nil
}

// doubt is how many times more, or less, than was estimated a server can say that something took.
const doubt = 8

// count is what a server says, or what was estimated where that is beyond belief: an account that rests on it is neither passed by an answer that took next
// to nothing nor used up by one. hidden is what an answer may have besides what it shows.
func count(said, estimated, hidden int) int {
	if said <= 0 || said < estimated/doubt || said > doubt*(estimated+hidden) {
		return estimated
	}
	return said
}

// scrub makes words of a server fit to be kept: valid UTF-8, and without the key, which some repeat.
func (a *asker) scrub(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(a.Key) >= 4 {
		s = strings.ReplaceAll(s, a.Key, "…")
	}
	return s
}

// maxDetail bounds the words of a Problem, bytes.
const maxDetail = 200

// problem tells what an error means.
func (a *asker) problem(ctx context.Context, err error) *Problem {
	p := &Problem{Kind: Broken, Detail: err.Error()}
	status, _ := failure(err)
	p.Sent = (status < 400 || status == http.StatusGatewayTimeout) && !notReached(err) && !errors.Is(err, errElsewhere)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		p.After = time.Duration(a.sends.rest.Load())
	}
	if status != 0 {
		p.Detail = fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
		var api *openai.APIError
		if errors.As(err, &api) {
			p.Detail = fmt.Sprintf("HTTP %d: %s", status, api.Message)
		}
	}
	var network net.Error
	switch {
	case ctx.Err() != nil:
		p.Kind, p.Detail = Interrupted, ctx.Err().Error()
	case unknownModel(err):
		p.Kind = UnknownModel
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		p.Kind = Unauthorized
	case status == http.StatusTooManyRequests:
		p.Kind = Busy
	case status >= 400 && status < 500:
		p.Kind = Refused
	case status != 0 || errors.Is(err, errTooLong):
	case errors.Is(err, errElsewhere): // whatever is asked
		p.Kind, p.Detail = Unreachable, errElsewhere.Error()
	case notReached(err):
		p.Kind, p.Detail = Unreachable, inner(err).Error()
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout():
		p.Kind, p.Detail = TimedOut, "no answer within "+a.limits.Timeout.String()
	case errors.Is(err, io.ErrUnexpectedEOF):
		p.Detail = "the connection ended before the answer did"
	case errors.Is(err, io.EOF):
		p.Kind, p.Detail = Unreachable, "the connection ended without an answer"
	case errors.As(err, &network):
		p.Kind, p.Detail = Unreachable, inner(err).Error()
	default:
		p.Detail = "the answer is no chat completion"
	}
	p.Detail = clip(line(a.scrub(p.Detail)), maxDetail)
	return p
}

// notReached reports whether no connection could be made, such as to a machine that is off, which answers nothing at all.
func notReached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// inner is what happened, without the request that it happened to.
func inner(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}
