import type { PartOptions } from '../part.js';
import { EvenLoad } from '../system/even-load.js';
import { LoadedSystem, type LoadPlan, type Role } from '../system/loaded-system.js';
import type { Loadable } from '../system/load-rounds.js';

/** A system under an even load, for rounds. */
export interface Contender extends Loadable<Role> {
  readonly loaded: LoadedSystem;
}

/** Starts systems that run side by side, each silent until its turn; whoever gets them ends them with `stopAll`. */
export async function startAll(
  plans: readonly (LoadPlan & { name: string })[],
  options: PartOptions,
): Promise<Contender[]> {
  const all: Contender[] = [];
  try {
    for (const plan of plans) {
      const loaded = await LoadedSystem.start(plan, { ...options, report: () => undefined });
      all.push(contender(plan.name, loaded, options.seed));
      const seconds = await loaded.connect(plan.rooms);
      options.report(`${plan.name}: connected within ${seconds.toFixed(1)} s`);
    }
    return all;
  } catch (error) {
    await stopAll(all);
    throw error;
  }
}

export async function stopAll(all: readonly Contender[]): Promise<void> {
  for (const { loaded } of all) await loaded.stop();
}

function contender(name: string, loaded: LoadedSystem, seed: number): Contender {
  const rooms = loaded.simulator.rooms.filter(({ bar }) => bar === undefined);
  const load = new EvenLoad(loaded.simulator, rooms, seed);
  return {
    name,
    loaded,
    setRate: (perSecond) => (load.rate = perSecond),
    settled: () => loaded.settled(),
    cpuSeconds: async () => {
      const { worker, temporal, mongo, platform } = await loaded.usage();
      const [own, engine] = [worker.cpuSeconds, temporal.cpuSeconds];
      return { worker: own, temporal: engine, mongo: mongo.cpuSeconds, platform: platform.cpuSeconds };
    },
    messages: () => loaded.simulator.ledger.lastN,
  };
}
