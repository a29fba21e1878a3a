/** What barrage needs of a logger; pino's is one. The object holds the facts, the message is one short sentence; no secrets in either. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Says nothing, for where nobody listens. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };
