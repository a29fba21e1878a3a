import type { RoomActorState } from '../model/room-state.js';

/** Renderers make links of bare addresses after they have read character references, so these have to be broken by a letter nobody sees. */
const LINK_STARTS = /:(?=\/\/)|@|www(?=\.)/gi;
const WORD_JOINER = '\u2060';

/** Makes a platform's text harmless in the UI's Markdown: no markup, no HTML, no link, no line of its own. */
export function plainMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, 200)
    .toWellFormed()
    .replace(LINK_STARTS, `$&${WORD_JOINER}`)
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&:@/]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';

/** The actor in a few lines of Markdown, for the UI's page of its workflow. */
export function roomDetails(state: RoomActorState): string {
  const { observation, session } = state;
  const rows: [string, string | undefined][] = [
    ['State', state.pausedBecause === undefined ? state.phase : `paused: ${plainMarkdown(state.pausedBecause)}`],
    ['Title', state.title === undefined ? undefined : plainMarkdown(state.title)],
    ['Streamer', state.ownerName === undefined ? undefined : plainMarkdown(state.ownerName)],
    ['Popularity', state.popularity?.toLocaleString('en')],
    ['Broadcast since', session === undefined ? undefined : time(session.startedAt)],
    ['Connected since', observation?.connectedAt === undefined ? undefined : time(observation.connectedAt)],
    [
      'Endpoint',
      observation?.endpoint === undefined ? undefined : `\`${observation.endpoint.replace(/[^\w.:[\]-]/g, '')}\``,
    ],
    ['Worker', observation?.workerId],
    ['Events', (state.events + (observation?.events ?? 0)).toLocaleString('en')],
    ['Reconnects', String(Math.max(0, state.connections + (observation?.connectedAt === undefined ? 0 : 1) - 1))],
    ['Circuit opened', state.circuitOpened === 0 ? undefined : `${state.circuitOpened} times`],
    ['Last error', state.lastError === undefined ? undefined : plainMarkdown(state.lastError)],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`]));
  return ['| | |', '|---|---|', ...lines].join('\n');
}
