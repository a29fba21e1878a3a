import { frameEntries } from '../../activities/frame-entries.js';
import { emptyCounts } from '../../model/connection.js';
import { EventDocument } from '../../model/event.js';
import { decodeFrame } from '../../platforms/bilibili/decode-frame.js';
import { differences } from '../../simulator/document-check.js';
import type { Ledger } from '../../simulator/ledger.js';
import { eventDocument } from '../../store/documents.js';
import { connectionSince, NOON } from '../sample-events.js';
import type { Corpus } from './corpus.js';

/** Throws where barrage makes of a corpus anything but the events that its messages tell, in their order, field by field, each under an id of its own. */
export function checkDecoded({ frames, body, messagesAFrame }: Corpus, ledger: Ledger): void {
  const context = { record: connectionSince(NOON), counts: emptyCounts(), exclude: [], fill: 0 };
  const documents = frames
    .flatMap(
      ({ bytes }, at) => frameEntries({ ...decodeFrame(bytes), index: at + 1, receivedAt: NOON }, context).entries,
    )
    .flatMap((entry, at): EventDocument[] =>
      entry.type === 'event' ? [EventDocument.parse(eventDocument(entry.event, at + 1, new Date(NOON)))] : [],
    );
  const expected = Array.from({ length: ledger.lastN }, (_, index) => ledger.expected(index + 1)).flat();
  const where = `of the corpus with body ${body} and ${messagesAFrame} a frame`;
  if (documents.length !== expected.length) {
    throw new Error(`${documents.length} events ${where} were read, ${expected.length} were sent`);
  }
  expected.forEach((event, at) => {
    const document = documents[at];
    const found = document && differences(document, event);
    if (found?.length !== 0) throw new Error(`event ${at + 1} ${where} is wrong: ${JSON.stringify(found)}`);
  });
  const ids = new Set(documents.map(({ _id }) => _id));
  if (ids.size !== documents.length) throw new Error(`${documents.length} events ${where} have ${ids.size} ids`);
}
