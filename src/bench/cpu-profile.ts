import { z } from 'zod';

/** A profile as V8 writes it; times are in microseconds. */
export const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  samples: z.array(z.int()).default([]),
  timeDeltas: z.array(z.number()).default([]),
});
export type CpuProfile = z.output<typeof CpuProfile>;

/** `name file:line`, the file with the folder it is in. */
export function frameName({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  return `${name} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
}

/** Time in which nothing was done. */
const IDLE = new Set(['(idle)', '(program)']);

/** The functions in which most time was spent, without what they called; shares are of the time in which something was done. */
export function topFrames(profile: CpuProfile, count: number): { name: string; ms: number; share: number }[] {
  const nameOf = new Map(profile.nodes.map((node) => [node.id, frameName(node.callFrame)]));
  const selfUs = new Map<string, number>();
  profile.samples.forEach((id, at) => {
    const name = nameOf.get(id) ?? '(unknown)';
    if (!IDLE.has(name)) selfUs.set(name, (selfUs.get(name) ?? 0) + Math.max(0, profile.timeDeltas[at] ?? 0));
  });
  const busyUs = busyTimeUs(profile);
  return [...selfUs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, us]) => ({ name, ms: us / 1_000, share: us / Math.max(busyUs, 1) }));
}

/** How long the process did something. */
export function busyTimeUs({ nodes, samples, timeDeltas }: CpuProfile): number {
  const idle = new Set(nodes.filter(({ callFrame }) => IDLE.has(callFrame.functionName)).map(({ id }) => id));
  return samples.reduce((sum, id, at) => sum + (idle.has(id) ? 0 : Math.max(0, timeDeltas[at] ?? 0)), 0);
}
