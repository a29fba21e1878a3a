import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLog } from '../../src/cli/log.js';
import { withoutCredentials } from '../../src/cli/secrets.js';
import { loadSettings } from '../../src/cli/settings.js';

const CANARY = 'canaryOfAnOption';

describe('what looks like a credential is cut out of any text:', () => {
  it.each([
    'mongodb://me:canaryOfAnOption@h/',
    'mongodb://me:p@canaryOfAnOption@h/',
    'mongodb://h/?tls=true&tlsCertificateKeyFilePassword=canaryOfAnOption&x=1',
    'mongodb://h/?proxyHost=p&proxyUsername=me&proxyPassword=canaryOfAnOption',
    'mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:canaryOfAnOption',
    'authorization: Bearer canaryOfAnOption',
    'Authorization=Bearer canaryOfAnOption',
    'cookie: SESSDATA=canaryOfAnOption; bili_jct=canaryOfAnOption',
    '{"token":"canaryOfAnOption"}',
    '{"password": "canaryOfAnOption", "x": 1}',
    'TEMPORAL_API_KEY=canaryOfAnOption',
    'buvid3=canaryOfAnOption',
    '-----BEGIN PRIVATE KEY-----\ncanaryOfAnOption\n-----END PRIVATE KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----\\ncanaryOfAnOption\\n-----END RSA PRIVATE KEY-----',
  ])('%s', (text) => {
    expect(withoutCredentials(text)).not.toContain(CANARY);
  });

  it('and the rest of it stays, a line of JSON with whatever in it stays JSON', () => {
    expect(withoutCredentials('asked http://127.0.0.1:9/x?id=1, then me@b.example')).toBe(
      'asked http://127.0.0.1:9/x?id=1, then me@b.example',
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.string(),
        fc.constantFrom('//', '@', 'token=', '"', '\\', 'password', '":"', 'PRIVATE KEY-----', '-----BEGIN '),
        (a, b, c) => {
          expect(() => JSON.parse(withoutCredentials(JSON.stringify([a, b + c, c + b, { [c]: b }])))).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the log knows the very texts of', () => {
  it.each([
    [
      'a password with letters that JSON escapes',
      { MONGODB_URI: 'mongodb://me:cana%22ry%5CofAn%0AOption@h/' },
      'cana"ry\\ofAn\nOption',
    ],
    ['a header for Temporal', { TEMPORAL_GRPC_META_X_SECRET: CANARY }, CANARY],
    [
      'a client key for Temporal',
      { TEMPORAL_TLS_CLIENT_KEY_DATA: `${CANARY}${CANARY}`, TEMPORAL_TLS_CLIENT_CERT_DATA: 'cert' },
      `${CANARY}${CANARY}`,
    ],
  ])('%s', async (_, env, secret) => {
    const settings = await loadSettings({ env: { TEMPORAL_CONFIG_FILE: '/no-such-file', ...env }, cwd: '/' });
    let written = '';
    const { log } = openLog(settings, true, { write: (line) => void (written += line) });
    log.info({ text: `x ${secret} y` }, secret);
    expect(written).toContain('[secret]');
    expect(written).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(JSON.parse(written)).toMatchObject({ msg: '[secret]' });
  });
});
