import type { BinaryReader } from '@bufbuild/protobuf/wire';
import { readPb } from './read-pb.js';

/** `InteractWordV2` of `interact_word_v2.proto`. */
interface InteractWordV2 {
  uid: string;
  uname: string;
  msgType: number;
  /** Seconds since the epoch. */
  timestamp: number;
}

const empty = (): InteractWordV2 => ({ uid: '0', uname: '', msgType: 0, timestamp: 0 });

function take(message: InteractWordV2, field: number, reader: BinaryReader): boolean {
  switch (field) {
    case 1:
      message.uid = String(reader.uint64());
      return true;
    case 2:
      message.uname = reader.string(true);
      return true;
    case 5:
      message.msgType = reader.int32();
      return true;
    case 7:
      message.timestamp = Number(reader.int64());
      return true;
    default:
      return false;
  }
}

/** The message in `data.pb` of `INTERACT_WORD_V2`; nothing where there is none. */
export const readInteractWordV2 = (pb: unknown): InteractWordV2 | undefined => readPb(pb, empty, take);
