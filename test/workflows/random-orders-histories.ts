import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { z } from 'zod';
import { ERRORS } from '../../src/model/errors.js';
import { ClosingSession, StreamRequest } from '../../src/model/stream.js';

type History = temporal.api.history.v1.IHistory;
export type Event = temporal.api.history.v1.IHistoryEvent;

/**
 * Causes of `WorkflowTaskFailed` that are no fault of the workflow's, by their numbers in Temporal's API: a signal that came while it was ending
 * (UNHANDLED_COMMAND), a termination during the task (FORCE_CLOSE_COMMAND), a reset (RESET_WORKFLOW).
 */
const NO_FAULT = new Set<unknown>([1, 17, 20]);

export interface Run {
  workflowId: string;
  runId: string;
  type: string;
  status: string;
  history: History;
}

/** Every run there has been in the client's namespace, with its history. */
export async function allRuns(client: Client): Promise<Run[]> {
  const infos: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list()) infos.push(info);
  const runs: Run[] = [];
  while (infos.length > 0) {
    const some = infos.splice(0, 20).map(async ({ workflowId, runId, type, status: { name } }) => ({
      workflowId,
      runId,
      type,
      status: name,
      history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
    }));
    runs.push(...(await Promise.all(some)));
  }
  return runs;
}

const Carried = z.object({ carried: z.object({ session: z.object({ id: z.string() }).optional() }) });

const argumentOf = (input: temporal.api.common.v1.IPayloads | null | undefined): unknown => {
  const [payload] = input?.payloads ?? [];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
};

/** What a history says that it should not. */
export function faultsOf(run: Run): string[] {
  const events = run.history.events ?? [];
  const faults = [
    ...failedTasks(events),
    ...commandsWithinUpdates(events),
    ...(run.type === 'room' ? [...twoStreams(events), ...sessions(run, events)] : []),
  ];
  if (run.status === 'FAILED' && run.type !== 'persistBatch') faults.push(...badEnd(events));
  return faults.map((fault) => `${run.type} ${run.workflowId} (${run.runId.slice(0, 8)}, ${run.status}): ${fault}`);
}

/** What is lost with its worker is begun anew after this long: the heartbeat timeout, or where there is none the time for the whole. In ms. */
export function longestLoss({ history }: Run, activity: string): number {
  const all = (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    if (scheduled?.activityType?.name !== activity) return [];
    const heartbeat = optionalTsToMs(scheduled.heartbeatTimeout) ?? 0;
    return [heartbeat > 0 ? heartbeat : (optionalTsToMs(scheduled.startToCloseTimeout) ?? Infinity)];
  });
  return Math.max(0, ...all);
}

const failedTasks = (events: readonly Event[]): string[] =>
  events.flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && !NO_FAULT.has(failed.cause) ? [`a workflow task failed: ${failed.failure?.message ?? failed.cause}`] : [],
  );

/**
 * A command between an update's acceptance and its completion depends on what else the workflow task brought, and on its order, which is not the same
 * at replay: there updates come after all signals.
 */
function commandsWithinUpdates(events: readonly Event[]): string[] {
  const faults: string[] = [];
  let underWay = 0;
  for (const event of events) {
    if (event.workflowExecutionUpdateAcceptedEventAttributes) underWay += 1;
    else if (event.workflowExecutionUpdateCompletedEventAttributes) underWay -= 1;
    else if (underWay > 0) faults.push(`event ${String(event.eventId)} stands within an update`);
  }
  return faults;
}

/** A run fails only with what the platform's refusals are, in one sentence. */
function badEnd(events: readonly Event[]): string[] {
  const failure = events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  const type = failure?.applicationFailureInfo?.type ?? '';
  const isRefusal = Object.entries(ERRORS).some(([code, { retry }]) => code === type && retry === 'never');
  return isRefusal ? [] : [`it failed with ${failure?.message ?? 'nothing'} (${failure?.cause?.message ?? ''})`];
}

function twoStreams(events: readonly Event[]): string[] {
  const faults: string[] = [];
  let open: string | undefined;
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType?.name === 'streamRoom') {
      if (open !== undefined) faults.push(`streamRoom ${String(event.eventId)} began while ${open} was open`);
      open = String(event.eventId);
    }
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    if (ended && String(ended.scheduledEventId) === open) open = undefined;
  }
  return faults;
}

/** Each session that a run had must be written by its end, and as one thing only. */
function sessions({ status }: Run, events: readonly Event[]): string[] {
  const begun = new Set<string>();
  const written = new Map<string, string>();
  const faults: string[] = [];
  const carried = Carried.safeParse(argumentOf(events[0]?.workflowExecutionStartedEventAttributes?.input));
  if (carried.success && carried.data.carried.session !== undefined) begun.add(carried.data.carried.session.id);
  for (const { activityTaskScheduledEventAttributes: scheduled } of events) {
    const input = argumentOf(scheduled?.input);
    if (scheduled?.activityType?.name === 'streamRoom') begun.add(StreamRequest.parse(input).session.id);
    if (scheduled?.activityType?.name !== 'closeSession') continue;
    const { closing } = z.object({ closing: ClosingSession }).parse(input);
    const before = written.get(closing.session.id);
    const now = JSON.stringify(closing);
    if (before !== undefined && before !== now) faults.push(`a session was written twice: ${before} and ${now}`);
    written.set(closing.session.id, now);
  }
  if (!['COMPLETED', 'CANCELLED', 'FAILED'].includes(status)) return faults;
  const left = [...begun].filter((id) => !written.has(id));
  return [...faults, ...left.map((id) => `the session ${id} was never closed`)];
}

/** Replays every history; gives back what went wrong. */
export async function replayFaults(runs: readonly Run[], workflowBundle: { code: string }): Promise<string[]> {
  const faults: string[] = [];
  const histories = runs.map(({ workflowId, history }) => ({ workflowId, history }));
  for await (const { workflowId, runId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error !== undefined) faults.push(`replay of ${workflowId} (${runId}): ${error.message}`);
  }
  return faults;
}
