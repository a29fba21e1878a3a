package fsql

import (
	"context"
	"errors"
	"time"
)

// As long as a connection of SQLite itself waits, by the setting of ours (busy_timeout).
const writingWithin = 10 * time.Second

var errLocked = errors.New("database is locked: others have been writing to it for ten seconds")

// writing lets one connection at a time write. SQLite does so, too, but whoever finds another one writing there sleeps for up to a tenth of a second at a
// time, and takes its turn by luck.
type writing chan struct{}

func newWriting() writing {
	return make(writing, 1)
}

// begin waits for its turn; end gives it on.
func (w writing) begin(ctx context.Context) error {
	timer := time.NewTimer(writingWithin)
	defer timer.Stop()

	select {
	case w <- struct{}{}:
		return nil
	case <-timer.C:
		return errLocked
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w writing) end() {
	<-w
}
