import type { Sinks } from '@temporalio/workflow';

/** What an actor tells the worker that runs it, for its metrics; never on a replay. */
export interface RoomSinks extends Sinks {
  circuit: {
    opened(platform: string): void;
  };
}
