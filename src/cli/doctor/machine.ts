import { isOwnHost } from '../../platforms/bilibili/hosts.js';
import { isPublishedSchemaCurrent } from '../schema.js';
import type { Settings } from '../settings.js';
import { VERSION } from '../version.js';
import { type Finding, findingsOf } from './check.js';

/** Of `engines` in package.json. */
const LEAST_NODE = [20, 19, 0] as const;
/** Bilibili closes what an address opens beyond about this many. */
const CONNECTIONS_AN_ADDRESS = 150;

const versions = findingsOf('versions');
const budget = findingsOf('address budget');
const schema = findingsOf('schema');

export function checkVersions(): Finding {
  const parts = process.versions.node.split('.').map(Number);
  const message = `barrage ${VERSION} on Node ${process.versions.node}.`;
  for (const [at, least] of LEAST_NODE.entries()) {
    const have = parts[at] ?? 0;
    if (have > least) break;
    if (have < least) return versions.fail(message, `Install Node ${LEAST_NODE.join('.')} or newer.`);
  }
  return versions.ok(message);
}

/** All workers behind one address share what the platform allows it. */
export function checkAddressBudget({ config }: Settings): Finding {
  const { connections } = config.worker;
  const { liveApiUrl } = config.platforms.bilibili;
  const { hostname, host } = new URL(liveApiUrl);
  if (!isOwnHost(hostname)) return budget.ok(`Rooms are those of ${host}, which is not Bilibili itself.`);
  if (connections <= CONNECTIONS_AN_ADDRESS) {
    return budget.ok(`A worker here holds ${connections} connections; Bilibili bears about 150 from one address.`);
  }
  return budget.warn(
    `A worker here holds ${connections} connections, and Bilibili drops an address beyond about 150.`,
    'Set worker.connections so that all workers behind one address stay below 150 together; use more addresses.',
  );
}

export async function checkSchema(): Promise<Finding> {
  if (await isPublishedSchemaCurrent()) return schema.ok('schema/event.schema.json is what this version writes.');
  return schema.warn('schema/event.schema.json is not what this version writes.', 'Run `barrage schema --write`.');
}
