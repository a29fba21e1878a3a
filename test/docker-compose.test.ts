import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OTHER_VARIABLES } from '../src/cli/settings-sources.js';
import { SETTINGS } from '../src/cli/settings-tree.js';
import { NODE_FLAGS, WORKER_ENVIRONMENT } from '../src/cli/worker-child.js';
import { SEARCH_ATTRIBUTES } from '../src/model/search-attributes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true });
const services: [string, any][] = Object.entries(compose.services); // eslint-disable-line @typescript-eslint/no-explicit-any

/** The compose specification's own schema, as the linter `dclint` ships it. */
const schema = JSON.parse(
  readFileSync(
    join(dirname(fileURLToPath(import.meta.resolve('dclint/package.json'))), 'schemas', 'compose.schema.json'),
    'utf8',
  ),
);
delete schema.$schema; // names draft-07 with https, which ajv knows with http only

describe('docker-compose.yml', () => {
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

  it('is valid by the compose specification', () => {
    expect([validate(compose), validate.errors]).toEqual([true, null]);
  });

  it('would not be valid with an unknown key, so the schema does look', () => {
    expect(validate({ services: { worker: { image: 'barrage', imgae: 'barrage' } } })).toBe(false);
  });

  it('publishes every port on the loopback address only', () => {
    const published = services.flatMap(([, service]) => service.ports ?? []);
    expect(published.length).toBeGreaterThan(3);
    expect(published.filter((port: unknown) => !/^127\.0\.0\.1:\d+:\d+$/.test(String(port)))).toEqual([]);
  });

  it('has no password in it, and no default for one', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries<string>(environment).filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN|URI$/.test(name)),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    for (const [name, value] of secrets)
      expect([name, value]).toEqual([name, expect.stringMatching(/\$\{[A-Z_]+:\?[^}]+\}/)]);
    expect(text).not.toMatch(/\$\{[A-Z_]*PASSWORD(:?-|\})/);
  });

  it('asks for exactly the variables that docker/env.example names', () => {
    const example = readFileSync(join(root, 'docker', 'env.example'), 'utf8');
    const named = [...example.matchAll(/^([A-Z_]+)=$/gm)].map(([, name]) => name);
    const asked = [...text.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(([, name]) => name);
    expect(new Set(asked)).toEqual(new Set(named));
  });

  it('pins every image, and watches the health of every service that stays', () => {
    for (const [name, service] of services) {
      if (!service.build) expect([name, service.image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+/)]);
      if (name !== 'temporal-prepare') expect([name, service.healthcheck]).toEqual([name, expect.anything()]);
    }
  });

  it('lets workers be scaled: no name and no port that only one could have', () => {
    const { worker } = compose.services;
    expect(worker).not.toHaveProperty('container_name');
    expect(worker).not.toHaveProperty('hostname');
    expect(worker).not.toHaveProperty('ports');
  });

  it('mounts only volumes, networks and configs that it declares', () => {
    for (const [, service] of services) {
      for (const volume of service.volumes ?? []) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
      for (const config of service.configs ?? []) expect(Object.keys(compose.configs)).toContain(config.source);
    }
  });

  it('sets only settings that barrage knows, which it would otherwise refuse to start with', () => {
    const known = [...SETTINGS.map(({ variable }) => variable), ...OTHER_VARIABLES];
    const set = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const ours = set.filter((name) => name.startsWith('BARRAGE_'));
    expect(ours.length).toBeGreaterThan(2);
    expect(ours.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('keeps the spools in a volume, and shows /metrics to Prometheus', () => {
    const { environment, volumes } = compose.services.worker;
    expect(volumes).toContain(`spool:${environment.BARRAGE_SPOOL_FOLDER}`);
    const [job] = parse(compose.configs.prometheus.content).scrape_configs;
    expect(job.dns_sd_configs).toMatchObject([{ names: ['worker'], port: Number(environment.BARRAGE_MONITOR_PORT) }]);
  });

  it('registers the search attributes of rooms', () => {
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) expect(text).toContain(`${name}:${type}`);
  });
});

describe('docker/alerts.yaml', () => {
  const rules: { alert: string; expr: string; annotations?: { summary?: string } }[] = parse(
    readFileSync(join(root, compose.configs['prometheus-alerts'].file), 'utf8'),
  ).groups.flatMap(({ rules }: { rules: unknown[] }) => rules);

  it('asks only for figures that docs/metrics.md promises', () => {
    const promised = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
    const asked = rules.flatMap(({ expr }) => expr.match(/barrage_[a-z_]+/g) ?? []);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !promised.includes(`\`${name.replace(/_(bucket|sum|count)$/, '')}\``))).toEqual([]);
  });

  it('says in words what each alert means', () => {
    for (const { alert, annotations } of rules)
      expect([alert, annotations?.summary]).toEqual([alert, expect.any(String)]);
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(['CircuitOpened', 'SpoolIsOld', 'RoomsNotConnected']),
    );
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

  it('runs a worker as a user that is not root, and asks it for its health', () => {
    expect(dockerfile.match(/^USER (.+)$/m)?.[1]).toBe('node');
    expect(dockerfile).toMatch(/^CMD \["node", "dist\/cli\/main\.js", "worker"\]$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK [^]*127\.0\.0\.1:9464\/healthz/m);
  });

  it('starts it as `up` does', () => {
    const environment = dockerfile.match(/^ENV NODE_ENV=production (.+)$/m)?.[1]?.split(' ');
    const variables = Object.entries(WORKER_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
    expect(environment).toEqual([`NODE_OPTIONS=${NODE_FLAGS.join(' ')}`, ...variables]);
  });

  it('copies only what .dockerignore lets in', () => {
    const allowed = [...readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm)].map(
      ([, path]) => path,
    );
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(copied.filter((path) => !allowed.includes(path))).toEqual([]);
  });
});
