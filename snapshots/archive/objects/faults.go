package objects

// This file says of what goes wrong with a server what it means, and what to do.

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/minio/minio-go/v7"
)

// errServer is for a server that does not do what S3 promises.
var errServer = errors.New("the server does not keep to S3")

// fault is the error of a request, in words of this package and without credentials. ctx is that of the caller: what ended because it ended says so.
func (s *bucket) fault(ctx context.Context, err error) error {
	if e := ctx.Err(); e != nil {
		return e
	}
	if errors.Is(err, ErrShort) || errors.Is(err, errServer) {
		return err
	}
	if e, ok := errors.AsType[minio.ErrorResponse](err); ok {
		return s.answered(e)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s took too long: try again later", ErrUnreachable, s.access.host)
	}
	return fmt.Errorf("%w: is %s the right server, and does it run? %s", ErrUnreachable, s.access.host, s.access.clean(err.Error()))
}

// answered is the error in an answer of the server.
func (s *bucket) answered(e minio.ErrorResponse) error {
	said := s.access.clean(e.Code + ": " + e.Message)
	switch e.Code {
	case "NoSuchKey", "ObjectParentIsFile", "XMinioParentIsObject":
		return ErrNotFound
	case "NoSuchBucket":
		return fmt.Errorf("%w: %s has no bucket %s: make it, or correct the address", ErrNoStore, s.access.host, s.bucket)
	case "InvalidRange":
		return fmt.Errorf("%w what was asked for", ErrShort)
	case "InvalidAccessKeyId", "XAdminUserNotFound":
		return fmt.Errorf("%w: %s does not know AWS_ACCESS_KEY_ID (%s)", ErrDenied, s.access.host, said)
	case "SignatureDoesNotMatch":
		return fmt.Errorf("%w: AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID (%s)", ErrDenied, said)
	case "ExpiredToken", "InvalidToken":
		return fmt.Errorf("%w: AWS_SESSION_TOKEN is not valid or no longer: get a new one (%s)", ErrDenied, said)
	case "RequestTimeTooSkewed":
		return fmt.Errorf("%w: the clock of this machine is wrong: set it (%s)", ErrDenied, said)
	case "InvalidRegion", "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect":
		return fmt.Errorf("%w: the bucket is in another region: set AWS_REGION (%s)", ErrAddress, said)
	}
	switch c := e.StatusCode; {
	case c == http.StatusForbidden || c == http.StatusUnauthorized:
		return fmt.Errorf("%w: these credentials may not do this in bucket %s: they need to list, read, write and delete (%s)", ErrDenied, s.bucket, said)
	case c >= 300 && c < 400:
		return fmt.Errorf("%w: %s sends us elsewhere, and no redirect is followed: correct AWS_ENDPOINT_URL and AWS_REGION (%s)", ErrAddress, s.access.host, said)
	case c >= 500 || c == http.StatusTooManyRequests || c == http.StatusRequestTimeout:
		return fmt.Errorf("%w: %s says %s: try again later", ErrUnreachable, s.access.host, said)
	}
	return fmt.Errorf("%s refused: %s", s.access.host, said)
}
