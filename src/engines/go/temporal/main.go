// The Temporal CLI, built from its Go module: barrage runs its `server start-dev`.
package main

import (
	"context"

	"github.com/temporalio/cli/temporalcli"

	_ "modernc.org/sqlite" // named, so that go.mod pins the version the CLI was tested with
	_ "time/tzdata"        // schedules with a time zone work where the system has no zone files
)

func main() {
	temporalcli.Execute(context.Background(), temporalcli.CommandOptions{})
}
