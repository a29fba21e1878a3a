import { inspect } from 'node:util';

/**
 * Everything in a value that could hold a secret, as one text: strings, bytes (as Latin-1 and, where they are such, UTF-8), what is in getters and
 * error causes, and what a string of Base64 stands for.
 */
export function everythingIn(value: unknown): string {
  const parts: string[] = [];
  const seen = new Set<object>();
  const visit = (one: unknown): void => {
    if (typeof one === 'string') return void parts.push(one, ...fromBase64(one));
    if (one instanceof Uint8Array) return void parts.push(...bytesAsText(one));
    if (typeof one !== 'object' || one === null) return void parts.push(String(one));
    if (seen.has(one)) return;
    seen.add(one);
    if (one instanceof Error) parts.push(one.message, one.stack ?? '');
    parts.push(inspect(one, { depth: 0 }));
    for (const key of Object.getOwnPropertyNames(one)) {
      parts.push(key);
      visit(Object.getOwnPropertyDescriptor(one, key)?.value);
    }
    if (one instanceof Map) visit([...one]);
  };
  visit(value);
  return parts.join('\n');
}

function bytesAsText(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [buffer.toString('latin1'), buffer.toString('utf8')];
}

const fromBase64 = (text: string): string[] =>
  /^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(text) ? bytesAsText(Buffer.from(text, 'base64')) : [];

/** The ways in which a secret could be written: as it is, percent-encoded, in JSON, and within any Base64. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + secret).toString('base64');
    return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor(((secret.length + offset) * 4) / 3) - 2);
  });
  return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...inBase64])];
}

/** The names of the secrets that are found. */
export const leaksIn = (haystack: string, secrets: ReadonlyMap<string, string>): string[] =>
  [...secrets].filter(([secret]) => formsOf(secret).some((form) => haystack.includes(form))).map(([, name]) => name);
