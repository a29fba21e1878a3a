import { destination, type DestinationStream, pino } from 'pino';
import type { Logger } from '../model/log.js';
import { readCookieFile } from '../platforms/bilibili/cookie.js';
import { harmlessJson } from './control-letters.js';
import { withoutCredentials } from './secrets.js';
import type { Settings } from './settings.js';
import type { TemporalTarget } from './temporal-target.js';

/** Names under which a secret could stand in what is logged; none should. */
const SECRET_NAMES = [
  'cookie',
  'token',
  'taskToken',
  'authorization',
  'apiKey',
  'w_rid',
  'sessdata',
  'uri',
  'password',
];

export interface OpenLog {
  log: Logger;
  close: () => Promise<void>;
}

/** One line of JSON on stderr for each occurrence. Secrets are cut out three times: by their type, by their name, and by their own text. */
export function openLog(
  { config, temporal }: Pick<Settings, 'config' | 'temporal'>,
  isVerbose: boolean,
  sink: DestinationStream = destination({ fd: 2, sync: true }),
): OpenLog {
  const secrets = secretTexts(cookieOf(config), config.store.uri, temporal.options);
  const log = pino(
    {
      level: isVerbose ? 'debug' : config.log.level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
      hooks: {
        streamWrite: (line) =>
          harmlessJson(secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), withoutCredentials(line))),
      },
    },
    sink,
  );
  return { log, close: async () => log.flush() };
}

/** Of the configuration or the file that it names; one that cannot be read is refused where it is used. */
function cookieOf({ platforms: { bilibili } }: Settings['config']): string {
  if (bilibili.cookieFile === undefined) return bilibili.cookie?.reveal() ?? '';
  try {
    return readCookieFile(bilibili.cookieFile).header.reveal();
  } catch {
    return '';
  }
}

/** Every part that is a secret by itself, as it would stand in JSON. Short ones would cut up innocent words. */
function secretTexts(cookie: string, uri: string, { apiKey, metadata, tls }: TemporalTarget['options']): string[] {
  const inCookie = cookie.split(/[;\n]/).map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
  const inUri = /\/\/[^:/@]*:([^@/]+)@/.exec(uri)?.[1] ?? '';
  const key = typeof tls === 'object' && tls !== null ? tls.clientCertPair?.key : undefined;
  const ofTemporal = [apiKey, key && Buffer.from(key).toString(), ...Object.values(metadata ?? {}).map(String)];
  return [...inCookie, inUri, ...ofTemporal]
    .flatMap((text) => (typeof text === 'string' ? [text, decoded(text)] : []))
    .map((text) => JSON.stringify(text).slice(1, -1))
    .filter((text) => text.length >= 6)
    .sort((a, b) => b.length - a.length); // one that holds another goes first
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
