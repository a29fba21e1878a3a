import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { eventJsonSchema } from '../../src/model/event-schema.js';
import { eventDocument } from '../../src/store/documents.js';
import { chat, NOON } from '../store/entries.js';

const ajv = new Ajv2020({ strict: true, allErrors: true });
formats.default(ajv);
const validate = ajv.compile(eventJsonSchema());

const stored = (...args: Parameters<typeof chat>): unknown =>
  JSON.parse(JSON.stringify(eventDocument(chat(...args), 1, new Date(NOON))));

describe('the published schema of an event', () => {
  it('is the one in the repository', async () => {
    const committed = await readFile(new URL('../../schema/event.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed), 'write it again with `barrage schema --write`').toEqual(eventJsonSchema());
  });

  it('takes events as they are stored, whatever their text', () => {
    const texts = ['', '\u0000', '👩‍👩‍👧‍👦'.repeat(100), '$where', '\ud800', 'ล็้้้้้'.repeat(200), '{"a":1}'];
    const full = {
      live: { key: 'k', startedAt: NOON, rebroadcast: true },
      membership: { tier: 3, count: 1, price: 19_800, currency: 'CNY', startsAt: NOON, endsAt: NOON + 1 },
      gift: { id: '1', name: '辣条', count: -1, price: 0, total: 0, currency: 'bilibili:silver' },
    } as const;
    const list = [stored(1), stored(2, full), ...texts.map((text, i) => stored(i, { text, raw: text }))];
    for (const event of list) expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
  });

  it('refuses what is no event', () => {
    const wrong = [
      { color: -1 },
      { text: 'x'.repeat(4_097) },
      JSON.parse('{"kind":"other"}'),
      JSON.parse('{"extra":1}'),
    ];
    for (const more of wrong) expect(validate(stored(1, more))).toBe(false);
    const { at: _, ...withoutTime } = JSON.parse(JSON.stringify(stored(1)));
    expect(validate(withoutTime)).toBe(false);
    expect(validate({ ...withoutTime, at: 'yesterday' })).toBe(false);
  });
});
