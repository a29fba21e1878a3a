/** Whether a variable of the environment holds a secret, or could: ours, and those of Temporal that say who one is. */
export const isSecretVariable = (name: string): boolean =>
  /^(BARRAGE_|MONGODB_URI$|TEMPORAL_(API_KEY|TLS_|GRPC_META_|CODEC_AUTH))/i.test(name);

/** A text that is used and never shown: printing, logging or serialising it gives `[secret]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; only for the place that sends it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  /** What `util.inspect`, and so `console.log`, shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
