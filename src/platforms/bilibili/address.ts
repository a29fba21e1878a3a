/** The room id in `live.bilibili.com/<id>` and its mobile and embedded forms, short ids included. */
export function roomOf(url: URL): string | undefined {
  if (url.hostname !== 'live.bilibili.com') return undefined;
  return /^\/(?:h5\/|blanc\/|blackboard\/live\/)?(\d{1,15})\/?$/.exec(url.pathname)?.[1];
}

/** What is wrong with a room id, in a sentence; undefined where nothing is. */
export function complaint(roomId: string): string | undefined {
  return /^[1-9]\d{0,14}$/.test(roomId) ? undefined : `A bilibili room is a number, not ${JSON.stringify(roomId)}.`;
}
