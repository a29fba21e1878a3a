/** Changes of a Protobuf message field by field, so that most of what comes out can still be read. */
import { between, pick, type Draw } from '../simulator/random.js';

interface Field {
  start: number;
  /** Of its value, behind tag and length. */
  value: number;
  end: number;
  wireType: number;
}

/** −1 as int64, 2^64 − 1, 2^63, 2^53 + 1, 2^31, and one that never ends. */
const VARINTS = [
  'ffffffffffffffffff01',
  '80808080808080808001',
  '81808080808080 10',
  '8080808008',
  '00',
  '01',
  '0a',
  'ffffffffffffffffffffff',
].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const TAILS = [
  ...[
    '08',
    '0a',
    '0aff',
    '0affffffff0f',
    '0b',
    '0c',
    '0f',
    '00',
    '0d000000',
    '09',
    '5200',
    '520208',
    '92ff03',
    'fa01020a00',
    '0b0c',
    '0b130c',
  ],
  ...['82807d', 'ffffffff0f', '4a0230ff'],
].map((hex) => Buffer.from(hex, 'hex'));

function varint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let place = at, scale = 1; place < bytes.length && place < at + 10; place++, scale *= 128) {
    const byte = bytes.readUInt8(place);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: place + 1 };
  }
  return undefined;
}

/** The fields of one message, as far as they can be told apart. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    const wireType = (tag?.value ?? 7) & 7;
    const first = tag && (wireType === 0 || wireType === 2) ? varint(bytes, tag.end) : undefined;
    if (!tag || !first) return fields;
    const end = wireType === 0 ? first.end : first.end + first.value;
    if (end > bytes.length) return fields;
    fields.push({ start: at, value: wireType === 0 ? tag.end : first.end, end, wireType });
    at = end;
  }
  return fields;
}

const joined = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts);

/** A copy with one to three changes. */
export function mutateProtobuf(draw: Draw, seed: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  const changes = between(draw, 1, 3);
  for (let done = 0; done < changes; done++) bytes = changed(draw, bytes);
  return bytes;
}

function changed(draw: Draw, bytes: Buffer): Buffer {
  const fields = fieldsOf(bytes);
  if (fields.length === 0 || draw() < 0.1) return joined(bytes, pick(draw, TAILS));
  const field = pick(draw, fields);
  const [before, whole, after] = [
    bytes.subarray(0, field.start),
    bytes.subarray(field.start, field.end),
    bytes.subarray(field.end),
  ];
  const kind = draw();
  if (kind < 0.15) return joined(before, after);
  if (kind < 0.3) return joined(before, whole, whole, after);
  if (kind < 0.4) return joined(after, whole, before);
  if (kind < 0.5) {
    const flipped = Buffer.from(bytes);
    const at = between(draw, field.start, field.end - 1);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << between(draw, 0, 7)), at);
    return flipped;
  }
  if (field.wireType === 0) return joined(bytes.subarray(0, field.value), pick(draw, VARINTS), after);
  return joined(before, withContent(draw, bytes, field), after);
}

/** A field with a length, its content changed and the length made right: a message within, or text. */
function withContent(draw: Draw, bytes: Buffer, field: Field): Buffer {
  const content = bytes.subarray(field.value, field.end);
  const within = draw() < 0.7 && fieldsOf(content).length > 0;
  const changedContent = within ? changed(draw, content) : text(draw, content);
  const tag = varint(bytes, field.start);
  return joined(bytes.subarray(field.start, tag?.end), lengthOf(changedContent.length), changedContent);
}

function text(draw: Draw, content: Buffer): Buffer {
  const kind = draw();
  if (kind < 0.2) return Buffer.alloc(0);
  if (kind < 0.4) return joined(content, Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]));
  if (kind < 0.5) return Buffer.alloc(pick(draw, [64, 255, 256, 257, 5_000]), 0x78);
  if (kind < 0.7) return Buffer.from('\u0000😀\u202e');
  return content.subarray(0, between(draw, 0, content.length));
}

function lengthOf(bytes: number): Buffer {
  const out: number[] = [];
  let rest = bytes;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return Buffer.from([...out, rest]);
}
