// A MongoDB-speaking server in one process: FerretDB on SQLite, for where no mongod can be had.
package main

import (
	"context"
	"flag"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// withoutArgs makes no logger for each SQL statement with all of its values, as FerretDB asks for: a TextHandler writes them out at once, whether
// anything will be logged or not, which was a fifth of the work of storing. They are other people's data, too.
type withoutArgs struct{ slog.Handler }

func (h withoutArgs) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, attr := range attrs {
		if attr.Key == "args" {
			return h
		}
	}
	return withoutArgs{h.Handler.WithAttrs(attrs)}
}

func (h withoutArgs) WithGroup(name string) slog.Handler {
	return withoutArgs{h.Handler.WithGroup(name)}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:27017", "address to serve the MongoDB protocol on")
	dir := flag.String("dir", "", "existing folder for the SQLite files, one a database")
	pragmas := flag.String("pragmas", "", "SQLite settings of every connection, such as synchronous(full), separated by semicolons")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Warnings are the answers to every refused command and every closed connection: noise, and other people's data.
	logger := slog.New(withoutArgs{slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})})

	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: *listen},
		Logger:    logger,
		Handler:   "sqlite",
		SQLiteURL: sqliteURL(*dir, *pragmas),
	})
	if err == nil {
		err = server.Run(ctx)
	}
	if err != nil {
		logger.Error("FerretDB ended", "error", err)
		os.Exit(1)
	}
}

// sqliteURL is the address FerretDB opens its files by; it wants the folder with a slash at the end.
func sqliteURL(dir, pragmas string) string {
	query := url.Values{}
	for _, pragma := range strings.Split(pragmas, ";") {
		if pragma != "" {
			query.Add("_pragma", pragma)
		}
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(dir) + "/", OmitHost: true, RawQuery: query.Encode()}
	return address.String()
}
