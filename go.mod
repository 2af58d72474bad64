module github.com/drittland/drittland

go 1.26.0

require (
	github.com/clipperhouse/uax29/v2 v2.7.0
	github.com/google/go-cmp v0.7.0
	golang.org/x/text v0.43.0
)
