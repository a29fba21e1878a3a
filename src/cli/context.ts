import type { Command } from 'commander';
import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { MongoStore } from '../store/open-store.js';
import type { Output } from './output.js';
import { loadSettings, type FlagValues, type Settings } from './settings.js';
import type { TemporalAccess } from './temporal-access.js';

/** The options every command takes. */
export const GlobalOptions = z.object({
  config: z.string().optional(),
  data: z.string().optional(),
  set: z.array(z.string()).default([]),
  json: z.boolean().default(false),
  verbose: z.boolean().default(false),
  color: z.boolean().default(true),
});
export type GlobalOptions = z.output<typeof GlobalOptions>;

/** The surroundings of one run of the program. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
  out: Output;
  signal: AbortSignal;
}

/** What a command works with. Nothing is read, connected or even loaded before it asks; what it opened is closed when it ends. */
export class CommandContext {
  readonly out: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C or SIGTERM: stop cleanly, and return. */
  readonly signal: AbortSignal;
  readonly global: GlobalOptions;
  readonly #cwd: string;
  readonly #closing: (() => Promise<void>)[] = [];
  #temporal: Promise<TemporalAccess> | undefined;
  #store: Promise<MongoStore> | undefined;
  #settings: Promise<Settings> | undefined;

  constructor({ env, cwd, out, signal }: Surroundings, global: GlobalOptions) {
    this.env = env;
    this.out = out;
    this.signal = signal;
    this.global = global;
    this.#cwd = cwd;
  }

  /** The configuration, from all its sources. A command's own flags count only in its first call. Throws `BAD_CONFIG` in one sentence. */
  settings(flags: FlagValues = {}): Promise<Settings> {
    const { config, data, set } = this.global;
    this.#settings ??= loadSettings({ env: this.env, cwd: this.#cwd, configFile: config, data, set, flags });
    return this.#settings;
  }

  /** A logger that writes JSON lines to stderr, without secrets. */
  async log(): Promise<Logger> {
    const { openLog } = await import('./log.js');
    const { log, close } = openLog(await this.settings(), this.global.verbose);
    this.onEnd(close);
    return log;
  }

  /** A client of Temporal; throws `TEMPORAL_UNAVAILABLE`. */
  temporal(): Promise<TemporalAccess> {
    this.#temporal ??= this.settings().then(async (settings) => {
      const { connectClient } = await import('./temporal-access.js');
      const access = await connectClient(settings.temporal);
      this.onEnd(() => access.connection.close());
      return access;
    });
    return this.#temporal;
  }

  /** The store. Opening asks nothing of the server; reading throws `STORE_UNAVAILABLE`. */
  store(): Promise<MongoStore> {
    this.#store ??= this.settings().then(async ({ config }) => {
      const { openStore } = await import('../store/open-store.js');
      const store = await openStore(config.store);
      this.onEnd(() => store.close());
      return store;
    });
    return this.#store;
  }

  /** Runs when the command has ended, the last one first. */
  onEnd(close: () => Promise<void>): void {
    this.#closing.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close().catch(() => undefined);
  }
}

/** What a command does. A number it gives back is the exit code; nothing means 0. */
export type Work<O> = (context: CommandContext, options: O, args: readonly string[]) => Promise<number | void>;

/** What commands register with. */
export interface CommandHost {
  /**
   * Makes the handler for commander's `.action()`: options are parsed by the schema (a refusal is one sentence and exit code 2), then `work` runs
   * with a context that is closed afterwards.
   */
  action<O>(schema: z.ZodType<O>, work: Work<O>): (...params: unknown[]) => Promise<void>;
}

/** A command adds itself to the program. */
export type RegisterCommand = (program: Command, host: CommandHost) => void;

/** A command's own options as its schema makes them; throws `BAD_USAGE`. */
export function parseOptions<O>(schema: z.ZodType<O>, options: unknown): O {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const flag = String(issue?.path[0] ?? '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const words = (issue?.message ?? 'this value is not possible').replace(/\.$/, '');
  throw new BarrageError('BAD_USAGE', `--${flag}: ${words}.`);
}
