/** JSON texts that a field hardly ever holds; the first ones are cheap, and what is long is rare. */
import { between, pick, type Draw } from '../simulator/random.js';

const quoted = (text: string): string => JSON.stringify(text);
const list = (count: number, item: string): string => `[${Array.from({ length: count }, () => item).join(',')}]`;
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const NUMBERS = [
  ...[
    '0',
    '-0',
    '-1',
    '1',
    '2',
    '3',
    '4',
    '6',
    '1.5',
    '0.1',
    '-0.5',
    '1e3',
    '1E+2',
    '1e999',
    '-1e999',
    '1e308',
    '5e-324',
  ],
  ...['2147483647', '2147483648', '-2147483649', '4294967295', '4294967296', '16777215', '16777216'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740992', '18446744073709551615', '1e21'],
  // Times around what is taken for one, in seconds, milliseconds and nanoseconds.
  ...['946684799', '946684800', '4102444799', '4102444800', '946684799999', '4102444799999', '4102444800000'],
  ...['1790000000', '1790000000000', '1790000000000000000', '1790000000.9999', '8640000000000001'],
];

const TEXTS = [
  ...[
    '',
    '0',
    '00',
    '-0',
    '-1',
    '1',
    '1e3',
    '0x10',
    '1_000',
    ' 1',
    '1 ',
    '٣',
    'NaN',
    'Infinity',
    '-Infinity',
    'undefined',
  ],
  ...[
    '9007199254740991',
    '9007199254740993',
    '99999999999999999999',
    '9'.repeat(300),
    'true',
    'null',
    '[object Object]',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '$where',
    '$gt',
    'a.b',
    '.',
    '$',
    '*',
    '***',
  ],
  ...[
    '\u0000',
    'a\u0000b',
    '\u001b[2J\u001b]0;x\u0007',
    '\r\n',
    '\u2028\u2029',
    '\ufeff',
    '\ufffd',
    '\uffff',
    '\u202e',
    '\u200d',
  ],
  ...['é', 'e\u0301', '👨‍👩‍👧‍👦', '🇨🇳', '𠮷', 'ﷺ', `a${'\u0301'.repeat(40)}`, '<script>', '`${x}`', '<%x%>', '<%'],
  ...[
    'silver',
    'gold',
    'DANMU_MSG',
    'DANMU_MSG_X',
    'DANMU_MSG_MIRROR',
    'SEND_GIFT',
    'CUT_OFF',
    'STOP_LIVE_ROOM_LIST',
    'DANMU_MSG:4:0:2:2:2:0',
    ':',
    'x:',
    ':x',
  ],
  ...[
    '{"id_str":"x"}',
    '{"id_str":5,"reply_mid":0,"reply_uname":"x"}',
    '{',
    'null',
    ',"id_str":"',
    ',"id_str":"x","reply_mid":0,',
  ],
  ...[32, 64, 96, 97, 110, 128, 160, 161, 200, 256].map((length) => 'x'.repeat(length)),
  // A pair of surrogates where texts are cut.
  ...[31, 63, 127, 255, 511, 4095].map((length) => `${'x'.repeat(length)}😀`),
].map(quoted);

/** As they stand in JSON: what JSON.stringify would never write. */
const HALVES = [
  ...[
    '"\\ud800"',
    '"\\udc00"',
    '"\\udc00\\ud800"',
    '"x\\ud83d"',
    '"\\ud83dx\\ude00"',
    '"\\uD83D\\uDE00"',
    '"\\u0000"',
    '"\\/"',
  ],
  ...[31, 63, 255, 4095].map((length) => `"${'x'.repeat(length)}\\ud83d"`),
];

const OTHERS = [
  ...[
    'null',
    'true',
    'false',
    '{}',
    '[]',
    '[[]]',
    '[null]',
    '[0]',
    '[1]',
    '["1"]',
    '{"a":1}',
    '{"length":9}',
    '{"toString":1}',
  ],
  ...[
    '{"__proto__":{"uid":1,"price":1}}',
    '{"constructor":{"prototype":{}}}',
    '{"toJSON":1}',
    '{"then":1}',
    '{"valueOf":null}',
  ],
  ...['{"_bsontype":"Long","low":1,"high":2}', '{"$oid":"000000000000000000000000"}', '[[0,1,25,-1],"x",[0,"x"]]'],
  ...[
    '{"price":1e999,"num":-1,"uid":1e21}',
    '{"base":{"name":"\\ud800"}}',
    '{"id":0,"name":""}',
    nested(40),
    nested(63),
    nested(64),
  ],
];

/** No JSON at all. */
const BROKEN = [
  '',
  'NaN',
  'undefined',
  "'x'",
  '01',
  '1.',
  '.5',
  '+1',
  '0x1',
  '"',
  '"\n"',
  '"\\x"',
  '"\\u12"',
  '[',
  '}',
  '[1,]',
  '{"a"}',
  '//',
];

const LONG = [
  quoted('x'.repeat(4_096)),
  quoted('x'.repeat(40_000)),
  quoted('弹'.repeat(5_000)),
  quoted('😀'.repeat(20_000)),
  quoted('\u0001'.repeat(6_000)),
  list(1_001, '1'),
  list(1_001, '"12345678901234567890"'),
  list(200, '{"a":[]}'),
];

/** A JSON text to put where another was. */
export function oddValue(draw: Draw): string {
  const kind = draw();
  if (kind < 0.3) return pick(draw, NUMBERS);
  if (kind < 0.6) return pick(draw, TEXTS);
  if (kind < 0.7) return pick(draw, HALVES);
  if (kind < 0.9) return pick(draw, OTHERS);
  if (kind < 0.96) return String(between(draw, -5_000_000_000, 5_000_000_000) * (draw() < 0.5 ? 1 : 1_000));
  if (kind < 0.985) return pick(draw, BROKEN);
  return draw() < 0.85 ? pick(draw, TEXTS) : pick(draw, LONG);
}

/** Names that some decoder looks at, or that mean something to JavaScript or MongoDB. */
export const ODD_NAMES = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'toJSON',
    'length',
    '',
    '$set',
    'a.b',
    'cmd',
    'data',
    'info',
    'msg_id',
    'send_time',
  ],
  ...[
    'p_is_ack',
    'p_msg_type',
    'uid',
    'uname',
    'price',
    'num',
    'pb',
    'id',
    'ids',
    'uids',
    'ts',
    'tid',
    'rnd',
    'msg',
    'live_key',
  ],
];
