import { CHAT_TEXTS, MEDALS, NAME_PARTS } from '../catalogue.js';
import { between, pick, type Draw } from '../random.js';
import type { Cast, Expectation } from './message.js';

/** Somebody who watches. */
export interface Viewer {
  /** 0 where the platform hides it. */
  uid: number;
  name: string;
  level: number;
  medal: { name: string; level: number; roomId: number; anchor: string; anchorUid: number } | undefined;
  moderator: boolean;
  /** Paid membership: 0 none, 1 总督, 2 提督, 3 舰长. */
  tier: 0 | 1 | 2 | 3;
  wealth: number;
}

const mask = (name: string): string => `${String.fromCodePoint(name.codePointAt(0) ?? 0x89c2)}***`;

export const nameOf = (draw: Draw): string =>
  pick(draw, NAME_PARTS) + pick(draw, NAME_PARTS) + (draw() < 0.3 ? String(between(draw, 1, 999)) : '');

/** A viewer, as this cast's room shows them. */
export function viewerOf(cast: Cast): Viewer {
  const { draw, room } = cast;
  const uid = between(draw, 1_000, 700_000_000);
  const name = nameOf(draw);
  const level = between(draw, 0, 60);
  const tierDraw = draw();
  const tier = tierDraw < 0.01 ? 1 : tierDraw < 0.03 ? 2 : tierDraw < 0.12 ? 3 : 0;
  const own = draw() < 0.7;
  const medal =
    tier > 0 || draw() < 0.6
      ? {
          name: own ? room.medal : pick(draw, MEDALS),
          level: between(draw, 1, 40),
          roomId: own ? room.roomId : between(draw, 10_000, 30_000_000),
          anchor: own ? room.name : nameOf(draw),
          anchorUid: own ? room.uid : between(draw, 1_000, 700_000_000),
        }
      : undefined;
  const moderator = draw() < 0.02;
  const wealth = between(draw, 1, 60);
  return { uid: cast.masked ? 0 : uid, name: cast.masked ? mask(name) : name, level, medal, moderator, tier, wealth };
}

/** Who sent it, as it must be stored. */
export const expectedUser = (viewer: Pick<Viewer, 'uid' | 'name'>, more: Expectation = {}): Expectation => ({
  id: viewer.uid === 0 ? null : String(viewer.uid),
  name: viewer.name,
  ...(viewer.uid === 0 ? { masked: true } : {}),
  ...more,
});

const FACES = ['cd395d684ff63a33dd0b', 'ffb3e60146853b926a94', 'ba351cfd2b32b0d23d56', '11c2a7e9d0f4b8a35e6c'];
export const faceUrl = (draw: Draw): string =>
  `https://i0.hdslb.com/bfs/face/${pick(draw, FACES)}aeb3656423d37cd615${between(draw, 10, 99)}.jpg`;

/** What is said: from the list, sometimes several in one, sometimes with a number of its own. */
export function textOf(draw: Draw): string {
  const text = pick(draw, CHAT_TEXTS);
  const more = draw();
  if (more < 0.1) return `${text} ${between(draw, 1, 9_999)}`;
  return more < 0.14 ? `${text}，${pick(draw, CHAT_TEXTS)}` : text;
}
