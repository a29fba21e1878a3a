import type { Db, Document } from 'mongodb';
import { z } from 'zod';
import { DUPLICATE_KEY, isStateCode } from './failure.js';
import { abortable } from '../model/abortable.js';
import { BarrageError } from '../model/errors.js';

/** What differs between the servers that speak MongoDB's protocol, as far as barrage minds. */
export interface ServerTraits {
  /** FerretDB 1 reads, changes and writes back in three steps: of two updates at once, one is lost. */
  updatesAreAtomic: boolean;
  /** FerretDB 1 asks by `_id` or for everything, but for the one that is built here; events of many rooms want a real MongoDB in any case. */
  usesIndexes: boolean;
  /** FerretDB 1 holds one of its 100 SQLite connections for each update of a command until the command ends, and hangs when they are used up. */
  maxUpdatesPerCommand: number;
}

const MONGODB: ServerTraits = { updatesAreAtomic: true, usesIndexes: true, maxUpdatesPerCommand: 500 };
const FERRETDB_1: ServerTraits = { updatesAreAtomic: false, usesIndexes: false, maxUpdatesPerCommand: 16 };

const BuildInfo = z.object({ ferretdbVersion: z.string().optional() });

const WriteErrors = z.array(z.object({ index: z.int().min(0), code: z.int(), errmsg: z.string().default('') }));
const Reply = z.object({
  n: z.number().default(0),
  writeErrors: WriteErrors.default([]),
  writeConcernError: z.object({ code: z.int(), errmsg: z.string().default('') }).optional(),
});

/** What a server said to one write command. `refused` and `duplicates` are places in what was sent. */
export interface WriteReply {
  duplicates: number[];
  refused: { index: number; reason: string }[];
}

/** One database on a server, with the raw commands that the writes consist of. */
export class Server {
  #traits: Promise<ServerTraits> | undefined;

  constructor(readonly db: Db) {}

  /** Asked once, and again only if the asking failed or did not end in time: one asks for all, so nobody waits for longer than the own signal lets it. */
  async traits(signal: AbortSignal): Promise<ServerTraits> {
    this.#traits ??= this.#askTraits(signal);
    try {
      return await abortable(this.#traits, signal);
    } catch (error) {
      this.#traits = undefined;
      throw error;
    }
  }

  async #askTraits(signal: AbortSignal): Promise<ServerTraits> {
    const info = BuildInfo.parse(await this.db.command({ buildInfo: 1 }, { signal }));
    return info.ferretdbVersion === undefined ? MONGODB : FERRETDB_1;
  }

  /**
   * Sends one unordered insert or update, acknowledged when a majority has it in its journal. The command is built here because the driver's `insertMany`
   * and `bulkWrite` measure each document before they serialise it, which is a third of what a write costs this process.
   */
  async write(command: Document, timeoutMs: number, signal: AbortSignal): Promise<WriteReply> {
    const full = { ...command, ordered: false, writeConcern: { w: 'majority', j: true }, maxTimeMS: timeoutMs };
    const reply = Reply.parse(await this.db.command(full, { signal, ignoreUndefined: true }));
    const duplicates: number[] = [];
    const refused: WriteReply['refused'] = [];
    for (const { index, code, errmsg } of reply.writeErrors) {
      if (code === DUPLICATE_KEY) duplicates.push(index);
      else if (isStateCode(code)) throw notStored(errmsg, code);
      else refused.push({ index, reason: errmsg });
    }
    if (reply.writeConcernError) throw notStored(reply.writeConcernError.errmsg, reply.writeConcernError.code);
    return { duplicates, refused };
  }
}

const notStored = (words: string, code: number): BarrageError =>
  new BarrageError('STORE_UNAVAILABLE', `MongoDB did not store a write for good: ${words.slice(0, 200)}.`, { code });
