import { existsSync, writeFileSync } from 'node:fs';
import { inject, it } from 'vitest';
import { startTestStack } from './stack.js';
it('scratch', { timeout: 1_500_000 }, async () => {
  const stack = await startTestStack({ simulator: { rooms: 14, rate: 120 }, config: { discovery: { enabled: true, everyMs: 3_600_000, rooms: 8, maxPages: 3 } } });
  writeFileSync('/tmp/ui.json', JSON.stringify({ ui: inject('temporalUiUrl'), temporal: inject('temporalAddress'), ns: stack.namespace, live: stack.liveRooms, sim: stack.simulator.url }));
  const room = stack.liveRooms[12] ?? '';
  for (let i = 0; i < 5 * 1400; i += 1) {
    if (existsSync('/tmp/ui.stop')) break;
    if (existsSync('/tmp/ui.drop')) { stack.simulator.faults.dropRoom(Number(room)); }
    if (existsSync('/tmp/ui.down')) for (let p = 0; p < 5; p += 1) stack.simulator.faults.endpointDown(p, 1000);
    await new Promise((r) => setTimeout(r, 200));
  }
  await stack.stop();
});
