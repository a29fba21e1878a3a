import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaintAbout } from '../../../src/fuzz/check-frame.js';
import { decodeFrame, type DecodedFrame } from '../../../src/platforms/bilibili/decode-frame.js';

// Each *.bin is one socket message, named by what it shows; beside it, in words, what has to come out.
const FOLDER = join(import.meta.dirname, '../../corpus/bilibili');
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.bin'))
  .map((name) => name.slice(0, -'.bin'.length));

const SHOWN = 4;

const cut = (text: string): string =>
  text.length <= 400 ? text : `${text.slice(0, 380)}… (${text.length} characters)`;
const some = <T>(items: readonly T[], line: (item: T) => string): string[] => [
  ...items.slice(0, SHOWN).map((item) => cut(line(item))),
  ...(items.length > SHOWN ? [`  … and ${items.length - SHOWN} more`] : []),
];

/** The outcome as people read it. */
function inWords(decoded: DecodedFrame): string {
  const { bytes, events, audience, audienceMessages, undecodable, hints } = decoded;
  const lines = [
    `${bytes} bytes: ${events.length} events, ${undecodable.length} dead letters, ${audienceMessages} numbers, ${hints} hints`,
    ...some(events, ({ place, kind, ...rest }) => `event ${place}: ${kind} ${JSON.stringify(rest)}`),
    ...some(undecodable, ({ place, reason, bytes: long }) => `dead letter ${place}: ${reason} (${long} bytes)`),
    ...(audienceMessages > 0 ? [`audience: ${JSON.stringify(audience)}`] : []),
    ...(decoded.authentication ? [`authentication: ${JSON.stringify(decoded.authentication)}`] : []),
    ...(decoded.heartbeatReply ? [`answer to a heartbeat: ${JSON.stringify(decoded.heartbeatReply)}`] : []),
    ...(decoded.framingLost ? ['packet boundaries are lost'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

describe('every frame of the corpus', () => {
  it.each(names)('decodes as it is written beside it: %s', async (name) => {
    const bytes = readFileSync(join(FOLDER, `${name}.bin`));
    const before = process.cpuUsage();
    const decoded = decodeFrame(bytes, { ownerId: '7' });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(3); // seconds; some took seven before there was a bound
    expect(complaintAbout({ origin: name, bytes }, decoded)).toBeUndefined();
    await expect(inWords(decoded)).toMatchFileSnapshot(join(FOLDER, `${name}.expected.txt`));
  });

  it('has an outcome for each, and each outcome its frame', () => {
    const outcomes = readdirSync(FOLDER).filter((name) => name.endsWith('.expected.txt'));
    expect(outcomes.map((name) => name.replace('.expected.txt', ''))).toEqual(names);
  });
});
