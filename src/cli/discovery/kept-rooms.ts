import { DiscoverySettings } from '../../model/discovery.js';
import { BarrageError } from '../../model/errors.js';
import { connectClient } from '../temporal-access.js';
import { askSchedule } from './schedule.js';

/** How many rooms the Schedule of a platform's discovery keeps; undefined where there is none, it says nothing of it, or Temporal does not answer. */
export async function keptRooms(
  temporal: Parameters<typeof connectClient>[0],
  platform: string,
): Promise<number | undefined> {
  try {
    const access = await connectClient(temporal);
    try {
      const { action } = await askSchedule(access, platform, (schedule) => schedule.describe());
      return DiscoverySettings.safeParse(action.args?.[0]).data?.rooms;
    } finally {
      await access.connection.close();
    }
  } catch (error) {
    if (error instanceof BarrageError) return undefined;
    throw error;
  }
}
