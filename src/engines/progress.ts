import type { Report } from './engine.js';

const LINE_EVERY_MS = 15_000;

/** Says that long work began, every quarter of a minute that it goes on, and how long it took. `detail` may tell how far it is. */
export async function withProgress<T>(
  report: Report,
  title: string,
  work: (detail: (text: string) => void) => Promise<T>,
): Promise<T> {
  const startedAt = Date.now();
  let detail = '';
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
  report(`${title} …`);
  const timer = setInterval(() => report(`${title} … ${seconds()} s${detail}`), LINE_EVERY_MS);
  try {
    const result = await work((text) => (detail = `, ${text}`));
    report(`${title}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
