import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const buf = join(root, 'node_modules/.bin/buf');
const protoFolder = join(root, 'src/platforms/bilibili/proto');
const output = mkdtempSync(join(tmpdir(), 'barrage-buf-'));

afterAll(() => rmSync(output, { recursive: true, force: true }));

describe.skipIf(!existsSync(buf))('the generated Protobuf code', () => {
  it('is what `buf generate` makes of the .proto files today', { timeout: 60_000 }, () => {
    const template = readFileSync(join(root, 'buf.gen.yaml'), 'utf8').replace(/out: .*/, `out: ${output}`);
    execFileSync(buf, ['generate', '--template', template], { cwd: root, timeout: 50_000 });
    const generated = readdirSync(output);
    expect(generated).toEqual(readdirSync(protoFolder).filter((name) => name.endsWith('_pb.ts')));
    for (const name of generated) {
      expect(readFileSync(join(protoFolder, name), 'utf8')).toBe(readFileSync(join(output, name), 'utf8'));
    }
  });
});
