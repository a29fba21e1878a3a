import { Buffer } from 'node:buffer';
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';

/** The Protobuf message in a `pb` field (base64); nothing when there is none, or it is none of this kind. */
export function readPb<Desc extends DescMessage>(schema: Desc, pb: unknown): MessageShape<Desc> | undefined {
  if (typeof pb !== 'string' || pb === '') return undefined;
  try {
    return fromBinary(schema, Buffer.from(pb, 'base64'), { readUnknownFields: false });
  } catch {
    return undefined; // whatever is wrong with it, it holds nothing that can be read
  }
}
