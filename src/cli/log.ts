import { destination, type DestinationStream, pino } from 'pino';
import type { Logger } from '../model/log.js';
import { withoutCredentials } from './secrets.js';
import type { Settings } from './settings.js';

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
  const secrets = secretTexts(config.platforms.bilibili.cookie?.reveal(), config.store.uri, temporal.options.apiKey);
  const log = pino(
    {
      level: isVerbose ? 'debug' : config.log.level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
      hooks: {
        streamWrite: (line) =>
          secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), withoutCredentials(line)),
      },
    },
    sink,
  );
  return { log, close: async () => log.flush() };
}

/** Every part that is a secret by itself, as it would stand in JSON. Short ones would cut up innocent words. */
function secretTexts(cookie: string | undefined, uri: string, apiKey: unknown): string[] {
  const inCookie = (cookie ?? '').split(/[;\n]/).map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
  const inUri = /\/\/[^:/@]*:([^@/]+)@/.exec(uri)?.[1] ?? '';
  const all = [...inCookie, inUri, typeof apiKey === 'string' ? apiKey : ''];
  return all.flatMap((text) => [text, decoded(text)]).filter((text) => text.length >= 6);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
