import type { PlacedDraft } from '../../platform.js';
import { cutText } from '../wire.js';
import type { Incoming } from './draft.js';

const MAX_RAW = 32_768;

/** A message whose meaning we do not know, or need not: its name and its own text. */
export const notice = ({ cmd, text, place }: Incoming): PlacedDraft => ({
  kind: 'notice',
  place,
  type: cutText(cmd, 96),
  raw: cutText(text, MAX_RAW),
});
