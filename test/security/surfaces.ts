import type { Client } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { everythingIn } from './haystack.js';
import { codeOf } from '../../src/model/error-code.js';

/** Every place where people, other programs or a thief of a disk read what barrage writes. */
export interface Surfaces {
  histories: string;
  descriptions: string;
  details: string;
  schedules: string;
  metrics: string;
  health: string;
  mongo: string;
  spool: string;
}

export async function surfacesOf(stack: {
  client: Client;
  config: { store: { uri: string; database: string }; spool: { folder: string } };
  workers: readonly { monitorUrl: string }[];
}): Promise<Surfaces> {
  const { uri, database } = stack.config.store;
  const monitor = async (path: string): Promise<string> => {
    const answers = stack.workers.map(async ({ monitorUrl }) => (await fetch(monitorUrl + path)).text());
    return (await Promise.all(answers)).join('\n');
  };
  return {
    ...(await workflowsOf(stack.client)),
    metrics: await monitor('/metrics'),
    health: await monitor('/healthz'),
    mongo: await documentsOf(uri, database),
    spool: await spoolBytes(stack.config.spool.folder),
  };
}

async function workflowsOf(
  client: Client,
): Promise<Pick<Surfaces, 'histories' | 'descriptions' | 'details' | 'schedules'>> {
  const histories: string[] = [];
  const descriptions: string[] = [];
  const details: string[] = [];
  const schedules: string[] = [];
  for await (const { workflowId, runId, ...listed } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    histories.push(everythingIn(await handle.fetchHistory()));
    descriptions.push(everythingIn([listed, await handle.describe()]));
    // One that failed at once has nothing to be asked; of all others an answer is due.
    if (listed.status.name !== 'FAILED') details.push(everythingIn(await handle.query('__temporal_workflow_metadata')));
  }
  for await (const { scheduleId } of client.schedule.list()) {
    schedules.push(everythingIn(await client.schedule.getHandle(scheduleId).describe()));
  }
  return {
    histories: histories.join('\n'),
    descriptions: descriptions.join('\n'),
    details: details.join('\n'),
    schedules: schedules.join('\n'),
  };
}

async function documentsOf(uri: string, database: string): Promise<string> {
  const client = await MongoClient.connect(uri);
  try {
    const parts: string[] = [];
    for (const { name } of await client.db(database).listCollections().toArray()) {
      parts.push(name);
      for await (const document of client.db(database).collection(name).find()) parts.push(everythingIn(document));
    }
    return parts.join('\n');
  } finally {
    await client.close();
  }
}

/** Every file below the folder, names included, byte for byte. One that is replaced or taken away meanwhile is left out. */
export async function spoolBytes(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    parts.push(entry.name);
    if (entry.isFile()) parts.push(await bytesOf(join(entry.parentPath, entry.name)));
  }
  return parts.join('\n');
}

async function bytesOf(file: string): Promise<string> {
  try {
    return everythingIn(await readFile(file));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
