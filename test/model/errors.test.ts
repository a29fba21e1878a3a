import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/model/errors.js';

const ROOT = join(import.meta.dirname, '../..');
const codes = Object.keys(ERRORS);

/** The page, as it should be. */
function page(): string {
  const rows = Object.entries(ERRORS).map(([code, { retry, help }]) => `| \`${code}\` | ${retry} | ${help} |`);
  const head = [
    '# Failures',
    '',
    'Every way barrage fails: the code is the type of the failure in Temporal and the `code` of the CLI’s `--json`. *never*: the same again fails again (exit code 2);',
    '*soon*: it is repeated by itself (3); *after*: the other side said how long to wait (4). A code is never reused.',
    '',
    '<!-- Generated from src/model/errors.ts; `npx vitest run test/model/errors.test.ts -u` writes it anew. -->',
    '',
    '| code | repeated | what to do |',
    '|---|---|---|',
  ];
  return [...head, ...rows, ''].join('\n');
}

describe('the codes of failures', () => {
  it('are on their page, each once', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/errors.md');
  });

  it('are each used somewhere', async () => {
    const files = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
    const texts = await Promise.all(
      files
        .filter((name) => !name.endsWith('model/errors.ts'))
        .map((name) => readFile(join(ROOT, 'src', name), 'utf8')),
    );
    const unused = codes.filter((code) => !texts.some((text) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });
});
