import { homedir } from 'node:os';
import { join } from 'node:path';
import { BarrageError } from '../model/errors.js';
import { isSecretVariable } from '../model/secret.js';

/** One line for a person: what is being looked for, downloaded, built, started. */
export type Report = (line: string) => void;

/** Where an engine came from. `named`: somebody else's, only reached. */
export type EngineOrigin = 'named' | 'path' | 'downloaded' | 'built';

/** How a process of ours ended; both are null until then. */
export interface EngineExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running server. */
export interface Engine {
  /** The program: `Temporal`, `mongod` or `FerretDB`. */
  readonly name: string;
  readonly version: string;
  readonly how: EngineOrigin;
  /** `host:port` for Temporal, a URI for MongoDB. A named URI may hold a password: never show it. */
  readonly address: string;
  /** Absent for a named Temporal, and for MongoDB. */
  readonly uiUrl?: string;
  /** Absent for a named engine. */
  readonly pid?: number;
  readonly logFile?: string;
  /** Resolves when the process is gone, whatever ended it; never for a named engine. */
  readonly exited: Promise<EngineExit>;
  /** Ends it cleanly, by force after ten seconds; a named engine is left alone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, for crash tests: await `exited` before starting it again on the same data. */
  kill(): void;
}

/** Which binaries may be used: all of them in their order, or one kind only. */
export type EngineChoice = 'auto' | 'path' | 'download' | 'build';

export interface EngineSettings {
  /** Folder for what was downloaded or built, shared by all of a user's barrage processes. */
  cacheDir: string;
  choice: EngineChoice;
  /** The PATH to look in, and what the Go build is given: proxies and caches are set there, and no secret of barrage's. */
  env: NodeJS.ProcessEnv;
}

/** Reads `BARRAGE_CACHE`, `XDG_CACHE_HOME` and `BARRAGE_ENGINES` (auto, path, download, build) out of an environment. */
export const engineSettings = (env: NodeJS.ProcessEnv): EngineSettings => ({
  cacheDir: join(env['BARRAGE_CACHE'] || env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'barrage', 'engines'),
  choice: choiceFrom(env['BARRAGE_ENGINES']),
  env: Object.fromEntries(Object.entries(env).filter(([name]) => !isSecretVariable(name))),
});

const choiceFrom = (text: string | undefined): EngineChoice => {
  switch (text) {
    case undefined:
    case '':
    case 'auto':
      return 'auto';
    case 'path':
    case 'download':
    case 'build':
      return text;
    default:
      throw new BarrageError('BAD_CONFIG', `BARRAGE_ENGINES is "${text}"; it can be auto, path, download or build.`);
  }
};

/** What both engines are started with. */
export interface EngineOptions {
  /** Kept between runs. Absent: a temporary folder, gone after `stop`. */
  dataDir?: string;
  /** On 127.0.0.1. Absent or 0: a free one. */
  port?: number;
  settings: EngineSettings;
  report: Report;
  /** Ends the search, the build or the start; a started engine is ended by `stop` only. */
  signal?: AbortSignal;
  /** Absent: beside the data. */
  logFile?: string;
}
