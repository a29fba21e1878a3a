import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';

/** What is said of each refusal. */
export const REFUSAL = 'as the test wants it';

/** Temporal behind somebody who answers some calls, such as `AddSearchAttributes`, with a status of gRPC other than OK, and passes on the others. */
export class RefusingTemporal {
  readonly #server = createServer();
  readonly #upstream: ClientHttp2Session;
  readonly #sessions = new Set<{ destroy(): void }>();

  private constructor(address: string, refused: Readonly<Record<string, number>>) {
    this.#upstream = connect(`http://${address}`);
    this.#server.on('session', (session) => this.#sessions.add(session));
    this.#server.on('stream', (stream, headers) => {
      const status = refused[headers[':path']?.split('/').at(-1) ?? ''];
      if (status === undefined) return this.#pass(stream, headers);
      const head = { ':status': 200, 'content-type': 'application/grpc' };
      stream.respond({ ...head, 'grpc-status': String(status), 'grpc-message': REFUSAL }, { endStream: true });
    });
  }

  /** `refused`: the status for each call that is not passed on to the server at `address`. */
  static async listen(address: string, refused: Readonly<Record<string, number>>): Promise<RefusingTemporal> {
    const temporal = new RefusingTemporal(address, refused);
    temporal.#server.listen(0, '127.0.0.1');
    await once(temporal.#server, 'listening');
    return temporal;
  }

  get address(): string {
    const bound = this.#server.address();
    return `127.0.0.1:${typeof bound === 'object' ? bound?.port : bound}`;
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
    this.#upstream.destroy();
  }

  #pass(stream: ServerHttp2Stream, { ':authority': _, ...headers }: IncomingHttpHeaders): void {
    const call = this.#upstream.request(headers);
    let trailers = {};
    call.on('response', ({ ...answer }, flags) => {
      const isOver = (flags & 1) !== 0; // END_STREAM: the answer is all in the head, as that of a failed call
      stream.respond(answer, isOver ? { endStream: true } : { waitForTrailers: true });
    });
    call.on('trailers', (late) => (trailers = late));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    for (const end of [stream, call]) end.on('error', () => undefined);
    stream.on('close', () => call.close());
    stream.pipe(call).pipe(stream);
  }
}
