import { vi } from 'vitest';
import { mixinKey } from '../../src/platforms/bilibili/wbi.js';

/**
 * Listens in on what this process asks by HTTP, and keeps every secret that passes: signatures, room tokens, and the keys that sign.
 * Nothing is changed on the way.
 */
export class SecretsOnTheWire {
  /** Secret → what it is. */
  readonly found = new Map<string, string>();
  readonly #spy;

  constructor() {
    const real = globalThis.fetch;
    this.#spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const signature = url.searchParams.get('w_rid');
      if (signature !== null) this.found.set(signature, 'signature');
      const response = await real(input, init);
      if (/getDanmuInfo|\/nav$/.test(url.pathname)) this.#note(await response.clone().text());
      return response;
    });
  }

  count(what: string): number {
    return [...this.found.values()].filter((name) => name === what).length;
  }

  stop(): void {
    this.#spy.mockRestore();
  }

  #note(body: string): void {
    const token = /"token":"([^"]+)"/.exec(body)?.[1];
    if (token !== undefined) this.found.set(token, 'room token');
    const [image, sub] = [/"img_url":"([^"]+)"/.exec(body)?.[1], /"sub_url":"([^"]+)"/.exec(body)?.[1]];
    const mixin = image !== undefined && sub !== undefined ? mixinKey(image, sub) : undefined;
    if (mixin !== undefined) this.found.set(mixin, 'mixin key');
  }
}
