import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, textWidth } from '../../src/cli/text-width.js';
import { RoomActor } from '../../src/workflows/room-actor.js';
import { plainMarkdown, roomDetails } from '../../src/workflows/room-details.js';
import { RoomOrder } from '../../src/model/room.js';
import { hostileText } from './hostile-text.js';

/** Every letter that means something to Markdown, to HTML, or to those who make links of bare addresses. */
const MEANINGFUL = /[\\`*_{}[\]()+\-.!|<>~:@/"'=]/;

/** What remark-gfm, seen at work, makes a link of after it has read the character references. */
const LINK = /(https?:\/\/|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(\.[-\w]+)+/i;

/** The escaped text without its escapes: what is left must be without meaning. */
const withoutEscapes = (text: string): string => text.replaceAll(/&#\d{1,3};/g, '');
const rendered = (text: string): string =>
  text.replaceAll(/&#(\d{1,3});/g, (_, code) => String.fromCharCode(Number(code)));

describe('plainMarkdown, whatever the title,', () => {
  it('leaves no letter that Markdown, HTML or a finder of links would act on', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const left = withoutEscapes(plainMarkdown(text)).replaceAll(/["'=]/g, '');
        expect(left).not.toMatch(MEANINGFUL);
        expect(left).not.toMatch(/[&#]/);
      }),
      { numRuns: 500 },
    );
  });

  it('holds no address that a renderer would make a link of', () => {
    fc.assert(fc.property(hostileText, (text) => void expect(rendered(plainMarkdown(text))).not.toMatch(LINK)));
    for (const address of ['http://evil.example/x', 'HTTPS://evil.example', 'WWW.evil.example', 'me@evil.example'])
      expect([LINK.test(address), LINK.test(rendered(plainMarkdown(address)))]).toEqual([true, false]);
  });

  it('stays on one line, and turns the direction of nothing that follows', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(plainMarkdown(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('is bounded, well-formed, and reads as the title did', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const plain = plainMarkdown(text);
        expect(plain.isWellFormed()).toBe(true);
        expect(rendered(plain).replaceAll('\u2060', '').length).toBeLessThanOrEqual(200);
      }),
    );
    expect(rendered(plainMarkdown('【歌回】Re:Zero <3 1*2|3'))).toBe('【歌回】Re:Zero <3 1*2|3');
  });
});

describe('roomDetails, with hostile words everywhere,', () => {
  it('is the table it would have been without them: as many lines, as many cells, no HTML and no link', () => {
    const cells = (markdown: string): number[] => markdown.split('\n').map((line) => line.split('|').length);
    const details = (text: string): string => {
      const actor = RoomActor.create(RoomOrder.parse({ room: 'bilibili:1' }), { platform: 'bilibili', roomId: '1' });
      const observation = { state: 'streaming', workerId: 'w1', endpoint: `h:1${text}`, connectedAt: 1 } as const;
      Object.assign(actor.state, { title: text, ownerName: text, lastError: text, pausedBecause: text, observation });
      return roomDetails(actor.state);
    };
    const expected = cells(details('harmless'));
    fc.assert(
      fc.property(hostileText, (text) => {
        const markdown = details(text);
        expect(cells(markdown)).toEqual(expected);
        expect(rendered(markdown.replaceAll(/`[^`]*`/g, ''))).not.toMatch(LINK);
        expect(markdown).not.toMatch(/<|\]\(/);
      }),
    );
  });
});

describe('printable, whatever the text,', () => {
  it('moves no cursor, changes no colour, opens no link, and turns no direction', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(printable(text).isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps to its width', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 80 }), (text, width) => {
        expect(textWidth(printable(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('leaves Chinese letters and composed emoji as they are', () => {
    expect(printable('【歌回】晚安 👩‍👩‍👧')).toBe('【歌回】晚安 👩‍👩‍👧');
  });
});
