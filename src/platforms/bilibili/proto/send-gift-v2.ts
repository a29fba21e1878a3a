import type { BinaryReader } from '@bufbuild/protobuf/wire';
import { readPb, readWithin } from './read-pb.js';

/** `SendGiftV2` of `send_gift_v2.proto`, with numbers for its 64-bit integers: nothing here comes near to 2^53 that is no id. */
export interface SendGiftV2 {
  uid: string;
  uname: string;
  guardLevel: number;
  medal?: Medal;
  blind?: Blind;
  gifts: GiftV2[];
  sender?: Sender;
}

interface Medal {
  anchorRoomId: string;
  level: number;
  name: string;
}

interface Blind {
  originalName: string;
  originalPrice: number;
}

export interface GiftV2 {
  id: string;
  name: string;
  num: number;
  price: number;
  totalCoin: number;
  coinType: string;
  tid: string;
  /** Seconds since the epoch. */
  timestamp: number;
  batchComboId: string;
}

interface Sender {
  uname?: string;
  medal?: Pick<Medal, 'name' | 'level'>;
}

export const GIFTS_FIELD = 10;

const emptyGift = (): GiftV2 => ({
  id: '0',
  name: '',
  num: 0,
  price: 0,
  totalCoin: 0,
  coinType: '',
  tid: '',
  timestamp: 0,
  batchComboId: '',
});

function take(message: SendGiftV2, field: number, reader: BinaryReader): boolean {
  switch (field) {
    case 1:
      message.uid = String(reader.uint64());
      return true;
    case 2:
      message.uname = reader.string(true);
      return true;
    case 5:
      message.guardLevel = reader.int32();
      return true;
    case 8:
      message.medal = readWithin(reader, message.medal ?? { anchorRoomId: '0', level: 0, name: '' }, takeOfMedal);
      return true;
    case 9:
      message.blind = readWithin(reader, message.blind ?? { originalName: '', originalPrice: 0 }, takeOfBlind);
      return true;
    case GIFTS_FIELD:
      message.gifts.push(readWithin(reader, emptyGift(), takeOfGift));
      return true;
    case 15:
      message.sender = readWithin(reader, message.sender ?? {}, takeOfSender);
      return true;
    default:
      return false;
  }
}

function takeOfMedal(medal: Medal, field: number, reader: BinaryReader): boolean {
  if (field === 4) medal.anchorRoomId = String(reader.uint64());
  else if (field === 5) medal.level = reader.int32();
  else if (field === 6) medal.name = reader.string(true);
  else if (field === 1)
    reader.uint64(); // whose it is
  else return false;
  return true;
}

function takeOfBlind(blind: Blind, field: number, reader: BinaryReader): boolean {
  if (field === 3) blind.originalName = reader.string(true);
  else if (field === 6) blind.originalPrice = Number(reader.int64());
  else return false;
  return true;
}

function takeOfGift(gift: GiftV2, field: number, reader: BinaryReader): boolean {
  switch (field) {
    case 1:
      gift.id = String(reader.uint64());
      return true;
    case 2:
      gift.name = reader.string(true);
      return true;
    case 3:
      gift.num = Number(reader.int64());
      return true;
    case 5:
      gift.price = Number(reader.int64());
      return true;
    case 7:
      gift.totalCoin = Number(reader.int64());
      return true;
    case 8:
      gift.coinType = reader.string(true);
      return true;
    case 9:
      gift.tid = reader.string(true);
      return true;
    case 10:
      gift.timestamp = Number(reader.int64());
      return true;
    case 12:
      gift.batchComboId = reader.string(true);
      return true;
    default:
      return false;
  }
}

function takeOfSender(sender: Sender, field: number, reader: BinaryReader): boolean {
  if (field === 2) readWithin(reader, sender, takeOfBase);
  else if (field === 3) sender.medal = readWithin(reader, sender.medal ?? { name: '', level: 0 }, takeOfSendersMedal);
  else return false;
  return true;
}

function takeOfBase(sender: Sender, field: number, reader: BinaryReader): boolean {
  if (field !== 1) return false;
  sender.uname = reader.string(true);
  return true;
}

function takeOfSendersMedal(medal: Pick<Medal, 'name' | 'level'>, field: number, reader: BinaryReader): boolean {
  if (field === 1) medal.name = reader.string(true);
  else if (field === 2) medal.level = reader.int32();
  else return false;
  return true;
}

/** The message in `data.pb` of `SEND_GIFT_V2`; nothing where there is none. */
export const readSendGiftV2 = (pb: unknown): SendGiftV2 | undefined =>
  readPb(pb, () => ({ uid: '0', uname: '', guardLevel: 0, gifts: [] }), take);
