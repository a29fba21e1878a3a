import type { PlacedDraft } from '../../platform.js';
import { cutText, readId, readList, readName, readObject } from '../wire.js';
import type { Decode, Incoming } from './draft.js';
import { userOf } from './user.js';

const MAX_TARGETS = 1000;

/** What each command does, in our words. */
const ACTION_OF: Readonly<Record<string, string>> = {
  SUPER_CHAT_MESSAGE_DELETE: 'superchat_delete',
  RECALL_DANMU_MSG: 'recall',
  ROOM_BLOCK_MSG: 'block',
  ROOM_SILENT_ON: 'silence',
  ROOM_SILENT_OFF: 'unsilence',
  ROOM_ADMINS: 'moderators',
  WARNING: 'warning',
  CUT_OFF: 'cut_off',
  CUT_OFF_V2: 'cut_off',
  ROOM_LOCK: 'lock',
};

export const MODERATION_COMMANDS = Object.keys(ACTION_OF);

/** Commands that end the broadcast as well; a `PREPARING` may follow or not. */
const ENDS_BROADCAST = new Set(['CUT_OFF', 'CUT_OFF_V2', 'ROOM_LOCK']);

type Moderation = 'ids' | 'uids' | 'target_id' | 'uid' | 'uname' | 'operator' | 'msg';

/** Ids of the messages or users it is about. */
function targetsOf(data: { readonly [K in Moderation]?: unknown }): string[] {
  const named = [
    ...readList(data.ids).slice(0, MAX_TARGETS),
    ...readList(data.uids).slice(0, MAX_TARGETS),
    data.target_id,
    data.uid,
  ];
  const ids = named.map((target) => readId(target, 64)).filter((id) => id !== undefined);
  return ids.slice(0, MAX_TARGETS);
}

function operatorOf(value: unknown): string | undefined {
  return readName(value, 256) ?? readId(value, 64);
}

/** Everything a platform's or a streamer's authority does. Text and data stand at the top level in some, in `data` in others. */
export const moderation: Decode = ({ message, cmd, place, ownerId }: Incoming) => {
  const data = readObject<Moderation>(message.data) ?? {};
  const action = { action: ACTION_OF[cmd] ?? cutText(cmd, 64) };
  const draft: PlacedDraft = { kind: 'moderation', place, type: cmd, moderation: action };
  const targets = targetsOf(data);
  if (targets.length > 0) draft.moderation = { ...action, targets };
  const operator = operatorOf(data.operator);
  if (operator !== undefined && draft.moderation) draft.moderation.operator = operator;
  const text = readName(message.msg, 4096) ?? readName(data.msg, 4096);
  if (text !== undefined) draft.text = text;
  const user = userOf(data.uid, data.uname, ownerId);
  if (user !== undefined) draft.user = user;
  return ENDS_BROADCAST.has(cmd) ? [draft, { kind: 'live_end', place, type: cmd }] : draft;
};
