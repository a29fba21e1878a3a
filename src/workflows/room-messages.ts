import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { RoomChange } from './room-actor.js';
import type { Observation } from '../model/stream.js';
import type { RoomActorState } from '../model/room-state.js';

/** Closes the connection and rests until `resume`; the reason is shown in the UI. */
export const pause = defineSignal<[reason?: string]>('pause');
/** Ends a pause, and cuts a cool-down short. */
export const resume = defineSignal('resume');
/** Changes how the room is collected, from the next connection on. */
export const configure = defineSignal<[change: RoomChange]>('configure');
/** From discovery: the room is no longer wanted. A room that a person started stays. */
export const retire = defineSignal<[reason: string]>('retire');
/** From the stream under way: how it is doing. */
export const observed = defineSignal<[observation: Observation]>('observed');
/** Hangs up and connects again at once. Refused where there is no connection. */
export const reconnect = defineUpdate<void, [reason: string]>('reconnect');
/** The actor's whole state. */
export const status = defineQuery<RoomActorState>('status');
