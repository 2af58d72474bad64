package llm

// Plans: the questions about a document, before any is asked.

// A Plan is what Read would send.
type Plan struct {
	Questions []Question // those of the first job first, each in text order
	Left      int        // passages and findings beyond the limits, and findings without a passage
	Tokens    Usage      // of the questions that are not in the cache: estimated, with answers as long as they may be
	Cost      float64    // of them, by Price
	Cached    int        // questions that are in the cache
}

// A Question is one request: what is asked about one passage.
type Question struct {
	Job      Job
	Passage  Passage
	Sample   bool   // read: the rules see nothing in the passage
	Finding  string // review: fingerprint
	Check    string // review: ID
	Key      Key
	Messages []Message
	Tokens   Usage // estimated: of the messages, and of the longest answer
	Cached   bool
}

// A Message is one message of a request.
type Message struct {
	Role    string `json:"role"` // system or user
	Content string `json:"content"`
}
